"""MathML from the part of LaTeX that lessons use: browsers typeset it without a network or a script."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from dynamics.checks import Refusal

__all__ = ["mathml"]

_GREEK = (
    "alpha α,beta β,gamma γ,delta δ,epsilon ε,varepsilon ε,eta η,theta θ,kappa κ,lambda λ,mu μ,nu ν,xi ξ,pi π,rho ρ,"
    "sigma σ,tau τ,phi φ,omega ω,zeta ζ,Delta Δ,Gamma Γ,Sigma Σ,Lambda Λ,Theta Θ,Omega Ω,Pi Π,Phi Φ,infty ∞,ell ℓ"
)
_SIGNS = (
    "cdot ⋅,times ×,le ≤,leq ≤,ge ≥,geq ≥,ne ≠,neq ≠,approx ≈,to →,mapsto ↦,gets ←,leftarrow ←,in ∈,"
    "iff ⟺,Rightarrow ⟹,Longrightarrow ⟹,pm ±,mp ∓,nabla ∇,partial ∂,sum ∑,int ∫,prod ∏,ll ≪,gg ≫,top ⊤,"
    "mid ∣,forall ∀,exists ∃,sim ∼,equiv ≡,subset ⊂,cap ∩,cup ∪,ldots …,dots …,cdots ⋯,langle ⟨,rangle ⟩,"
    "| ‖,lVert ‖,rVert ‖"
)
_LETTERS, _OPERATORS = (dict(pair.split() for pair in table.split(",")) for table in (_GREEK, _SIGNS))
_NAMES = ("max", "min", "log", "ln", "exp", "sin", "cos", "det", "lim", "arg", "Re")
_SPACES = {",": "0.17em", ":": "0.22em", ";": "0.28em", "quad": "1em", "qquad": "2em", " ": "0.25em"}
_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "dot": "˙"}
_SIZES = {"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "displaystyle", "tfrac", "limits", "!"}
_DOUBLE = {"E": "𝔼", "R": "ℝ", "N": "ℕ"}
_TOKEN = re.compile(r"\[\[\w+\]\]|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S|\s+")


def mathml(latex: str, *, block: bool = False) -> str:
    r"""A formula in LaTeX as MathML.

    Parameters
    ----------
    latex : str
        Fractions, roots, indices, Greek, the usual signs, ``\text``, accents, and matrices.
    block : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For a command that isn't known.

    Examples
    --------
    >>> mathml(r"\beta^2")
    '<math><msup><mi>β</mi><mn>2</mn></msup></math>'
    """
    reader = _Reader(latex)
    body = "".join(reader.until(None))
    return f'<math display="block">{body}</math>' if block else f"<math>{body}</math>"


class _Reader:
    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = _TOKEN.findall(latex)
        self.place = 0

    def peek(self) -> str | None:
        while self.place < len(self.tokens) and self.tokens[self.place].isspace():
            self.place += 1
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self) -> str:
        token = self.peek()
        if token is None:
            raise Refusal(f"the formula {self.latex!r} ends in the middle; close its braces.")
        self.place += 1
        return token

    def until(self, *ends: str | None) -> Iterator[str]:
        """Elements up to one of the ends, which is left where it is."""
        while (token := self.peek()) not in ends:
            if token is None or token == "}":
                raise Refusal(f"the braces of the formula {self.latex!r} do not match.")
            element = self.element()
            if element:
                yield self.indexed(element)

    def indexed(self, base: str) -> str:
        below = above = ""
        while (token := self.peek()) in ("_", "^", "'"):
            self.take()
            if token == "_":
                below = self.argument()
            else:
                above += "<mo>′</mo>" if token == "'" else self.argument()
        if below and above:
            return f"<msubsup>{base}{below}{_row(above)}</msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}{_row(above)}</msup>" if above else base

    def argument(self) -> str:
        """A group in braces, or one element."""
        if self.peek() == "{":
            self.take()
            body = list(self.until("}"))
            self.take()
            return body[0] if len(body) == 1 else f"<mrow>{''.join(body)}</mrow>"
        token = self.peek()
        if token is not None and token.isdigit():  # without braces an argument is a single digit, as in \frac12
            self.tokens[self.place : self.place + 1] = list(token)
        return self.element()

    def words(self) -> str:
        """The text of a group, as it was typed."""
        self.take()
        text = ""
        while self.tokens[self.place] != "}":
            text += self.tokens[self.place]
            self.place += 1
        self.place += 1
        return text

    def element(self) -> str:
        token = self.take()
        if token == "{":
            self.place -= 1
            return self.argument()
        if token == "|":
            return '<mo stretchy="false">|</mo>'
        if token.startswith("[["):  # a number that the page fills in
            return f"<mn>{token}</mn>"
        if not token.startswith("\\"):
            if token[0].isdigit():
                return f"<mn>{token}</mn>"
            if token.isalpha():
                return f"<mi>{token}</mi>"
            sign = "−" if token == "-" else html.escape(token)
            return f'<mo stretchy="false">{sign}</mo>' if token in "()[]" else f"<mo>{sign}</mo>"
        return self.command(token[1:])

    def command(self, name: str) -> str:
        if name in ("frac", "tfrac", "dfrac"):
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _NAMES:
            return f'<mi>{name}</mi><mspace width="0.17em"/>' if self.peek() not in ("_", "^") else f"<mi>{name}</mi>"
        if name in _OPERATORS:
            return f'<mo stretchy="false">{_OPERATORS[name]}</mo>'
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"/>'
        if name in _ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo>{_ACCENTS[name]}</mo></mover>'
        if name in ("text", "mathrm", "operatorname"):
            return f"<mtext>{html.escape(self.words())}</mtext>"
        if name == "mathbb":
            letter = self.words() if self.peek() == "{" else self.take()
            return f"<mi>{_DOUBLE.get(letter, letter)}</mi>"
        if name in ("mathbf", "mathcal"):
            return self.argument()
        if name == "begin":
            return self.matrix(self.words())
        if name in ("{", "}"):
            return f'<mo stretchy="false">{name}</mo>'
        if name in _SIZES:
            return ""
        raise Refusal(f"the formula {self.latex!r} has \\{name}, which lessons do not typeset.")

    def matrix(self, kind: str) -> str:
        rows, cells = [], [""]
        while True:
            cells[-1] += "".join(self.until("&", "\\\\", "\\end"))
            end = self.take()
            if end == "&":
                cells.append("")
                continue
            rows.append("<mtr>" + "".join(f"<mtd>{cell}</mtd>" for cell in cells) + "</mtr>")
            cells = [""]
            if end == "\\end":
                self.words()
                break
        table = f"<mtable>{''.join(rows)}</mtable>"
        left, right = {"cases": ("{", ""), "bmatrix": ("[", "]")}.get(kind, ("(", ")"))
        return f"<mrow><mo>{left}</mo>{table}{f'<mo>{right}</mo>' if right else ''}</mrow>"


def _row(elements: str) -> str:
    """Several elements as one; a single one as it is."""
    single = elements.count("<mo>′</mo>") <= 1 and "<mo>′</mo><" not in elements
    return elements if single else f"<mrow>{elements}</mrow>"
