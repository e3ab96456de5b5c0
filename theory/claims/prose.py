"""Mathematics in sentences as people write it: Greek letters, roots, powers and indices in Unicode."""

from __future__ import annotations

import re

__all__ = ["plain_mathematics", "typeset"]

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_UP = dict(
    zip("0123456789.+-−()/abcdefghijklmnoprstuvwxyzTβγδ", "⁰¹²³⁴⁵⁶⁷⁸⁹·⁺⁻⁻⁽⁾⁄ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵝᵞᵟ", strict=True)
)
_DOWN = dict(zip("0123456789+-−aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))

# What is code or a name keeps its letters: `backticks`, ids of claims, modules and files.
_NAMES = re.compile(r"`[^`]*`|\b[A-Za-z]\w*(?:\.[A-Za-z_]\w*)+|\b[A-Za-z]\w*(?==['\"])|\b\w+\[\w+\]")
_LETTERS = re.compile(rf"(?<![A-Za-z])({'|'.join(_GREEK)})(?![A-Za-z])")
_LETTER = r"[A-Za-zΑ-Ωα-ω]"
_SIGNS = (
    (r"√\(eps\)", "√ε"),
    (r"\beps\b(?!=)", "ε"),
    (r"<=", "≤"),
    (r">=", "≥"),
    (r"!=", "≠"),
    (r"(?<=\s)->(?=\s)", "→"),
    (r"<(?=\S)([^<>]*?,[^<>]*?)(?<=\S)>", r"⟨\1⟩"),
    (rf"\bgrad (?={_LETTER})", "∇"),
    (rf"\bHess (?={_LETTER})", "∇²"),
    (r"(?<=[\w)\]]) \* (?=[\w(√])", " · "),
    (rf"(?<={_LETTER})''(?!')", "″"),
    (r"(?<=[\s(\[])-(?=[\d.√(Α-Ωα-ω])", "−"),
    (r"(?<=\S) - (?=\S)", " − "),
)


def typeset(text: str) -> str:
    """Write the mathematics of a sentence in Unicode; names of code and of claims stay as they are.

    Parameters
    ----------
    text : str
        With `alpha`, `sqrt(kappa)`, `x^2`, `x^(-3/2)`, `beta_1`, `<=`, `1e-3`.

    Returns
    -------
    str

    Examples
    --------
    >>> typeset("of sigma_nice.threshold_sharp: 1 - c_beta/(2 sqrt(kappa)) + O(kappa^(-3/2)) for beta_1 <= 1e-3")
    'of sigma_nice.threshold_sharp: 1 − c_β/(2 √κ) + O(κ⁻³⁄²) for β₁ ≤ 10⁻³'
    >>> typeset("sqrt(beta (1 - mu)), lambda_max, |x_(t+1)|^2, <g, v> > 0")
    '√(β (1 − μ)), λₘₐₓ, |xₜ₊₁|², ⟨g, v⟩ > 0'
    >>> typeset("grows like T^1.00, not like T^2.")
    'grows like T¹·⁰⁰, not like T².'
    """
    parts: list[str] = []
    end = 0
    for name in _NAMES.finditer(text):
        parts += [_mathematics(text[end : name.start()]), name[0]]
        end = name.end()
    return "".join([*parts, _mathematics(text[end:])])


def _mathematics(text: str) -> str:
    text = _LETTERS.sub(lambda found: _GREEK[found[1]], _roots(text))
    for pattern, sign in _SIGNS:
        text = re.sub(pattern, sign, text)
    text = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d+)(?!\w)", _power_of_ten, text)
    text = re.sub(
        rf"(?<![A-Za-z_.\\])({_LETTER})_(?:\(([^()\s]+)\)|\{{([^{{}}\s]+)\}}|(\d+|max|min|[aehijklmnoprstuvx])(?!\w))",
        _lowered,
        text,
    )
    return re.sub(r"\^(?:\(([^()\s]+)\)|\{([^{}\s]+)\}|(-?\d+(?:\.\d+)?|[a-zT])(?!\w))", _raised, text)


def _roots(text: str) -> str:
    """Every `sqrt(...)` as √…, in brackets unless it is one letter or number."""
    while (start := text.find("sqrt(")) >= 0:
        depth, at = 1, start + 5
        while at < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        inside = text[start + 5 : at - (not depth)]
        simple = re.fullmatch(rf"\d+|({'|'.join(_GREEK)}|{_LETTER})(_\d+)?", inside)
        text = text[:start] + "√" + (inside if simple else f"({inside})") + text[at:]
    return text


def _power_of_ten(found: re.Match[str]) -> str:
    raised = "10" + "".join(_UP[sign] for sign in str(int(found[2])))
    return raised if found[1] == "1" else f"{found[1]}·{raised}"


def _raised(found: re.Match[str]) -> str:
    inside = found[1] or found[2] or found[3]
    return "".join(_UP[sign] for sign in inside) if set(inside) <= set(_UP) else found[0]


def _lowered(found: re.Match[str]) -> str:
    inside = found[2] or found[3] or found[4]
    return found[1] + "".join(_DOWN[sign] for sign in inside) if set(inside) <= set(_DOWN) else found[0]


def plain_mathematics(text: str) -> list[str]:
    """Return what a sentence still spells out, or prints as code prints it, for lack of a sign.

    Examples
    --------
    >>> plain_mathematics("np.float64(0.5) <= sqrt(2)"), plain_mathematics("β ≤ √2, as arsg.boost says")
    (['np.float64', '<=', 'sqrt('], [])
    """
    kept = r"`[^`]*`|\b(?!np\b)[A-Za-z]\w*(?:\.[A-Za-z_]\w*)+"
    spelt = rf"np\.\w+|[<>!]=|sqrt\(|\^\(?-?\d|(?<![A-Za-z])(?:{'|'.join(_GREEK)})(?![A-Za-z])"
    return re.findall(spelt, re.sub(kept, "", text))
