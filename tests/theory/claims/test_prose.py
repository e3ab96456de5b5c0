"""Mathematics in sentences is typeset: Greek letters, roots, powers, and no number as NumPy prints it."""

import re

import pytest

from theory.claims import Evidence, Hypothesis, Verdict, claims
from theory.claims.prose import plain_mathematics, typeset


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("kappa^(-3/2) and T^(1/2)", "κ⁻³⁄² and T¹⁄²"),
        ("sqrt(2 (1 + sqrt(beta)))", "√(2 (1 + √β))"),
        ("sqrt(beta_2) sqrt(ab", "√β₂ √(ab)"),
        ("x_(t+1), x_{m+1}, tau_cb2, L_f, d_m", "xₜ₊₁, xₘ₊₁, τ_cb2, L_f, dₘ"),
        ("<g, v> >= 0, 0 < a, b > 0", "⟨g, v⟩ ≥ 0, 0 < a, b > 0"),
        ("phi''(t) = -1/2, from -tau to 1 - mu", "φ″(t) = −1/2, from −τ to 1 − μ"),
        ("1e-10, 2.5e+08, v1e3", "10⁻¹⁰, 2.5·10⁸, v1e3"),
        ("v_t^(1/2), x^2. K^(1/2+delta)", "vₜ¹⁄², x². K¹⁄²⁺ᵟ"),
        ("G_2 >= sqrt(eps), eps = 1, eps_mode, eps=1", "G₂ ≥ √ε, ε = 1, eps_mode, eps=1"),
        ("grad f, Hess L, 2 * x", "∇f, ∇²L, 2 · x"),
        ("alphabet, sigmas, the mutant, beta-carotene", "alphabet, sigmas, the mutant, β-carotene"),
    ],
)
def test_what_is_spelt_out_is_typeset(given, expected):
    assert typeset(given) == expected
    assert typeset(expected) == expected


@pytest.mark.parametrize("name", ["arsg.theta_1", "sigma_nice.threshold_sharp", "`x_1 <= beta`", "optdyn[sdp]", "a.py"])
def test_names_keep_their_letters(name):
    assert typeset(f"see {name}, beta") == f"see {name}, β"


def test_what_is_made_of_text_is_typeset():
    evidence = Evidence(
        verdict=Verdict.CONDITIONAL, counterexample={"beta_1": 0.5}, hypothesis="mu <= 1", text="at sqrt(kappa)"
    )
    assert (evidence.text, evidence.hypothesis) == ("at √κ", "μ ≤ 1")
    assert evidence.counterexample == {"beta_1": 0.5}  # read by its names in code
    assert evidence.to_json()["counterexample"] == {"β₁": 0.5}
    assert Hypothesis("0 <= beta", lambda **_: True).name == "0 ≤ β"


def listed(text):
    """The most numbers that follow one another, with hardly a word between them; rows of matrices are none."""
    longest = run = 0
    for piece in re.split(r"[,;]\s|\. ", re.sub(r"\[\[.*?\]\]", "", text)):
        run = run + 1 if len(piece) <= 32 and re.search(r"\d", piece) else 0
        longest = max(longest, run)
    return longest


def test_numbers_in_a_row_are_counted():
    assert listed("Medians at 0.1: 1, 2, 3; on svd 4, 5, 6, and that is all, at last.") == 6
    assert listed("The share is 0.5 and the bound that the theorem gives for it is 3. It holds.") == 0


@pytest.mark.parametrize("entry", claims(), ids=lambda entry: entry.id)
def test_a_claim_is_one_sentence_to_take_away(entry):
    assert entry.statement_words.endswith(".")
    assert ". " not in entry.statement_words
    assert len(entry.statement_words) <= 250
    assert len(entry.title) <= 90


@pytest.mark.parametrize("entry", claims(), ids=lambda entry: entry.id)
def test_every_sentence_of_a_claim_is_typeset(entry, quick):
    evidence = quick(entry.id).to_json()
    about = [entry.title, entry.statement_words, *(each.name for each in entry.hypotheses)]
    about += [*entry.also_true.values(), *entry.not_told_apart.values()]
    about += [evidence[name] for name in ("text", "hypothesis", "power") if evidence[name]]
    about += [step["text"] for step in evidence["steps"]]
    about += [*(evidence["counterexample"] or {}), *evidence["data"]]
    assert {sentence: found for sentence in about if (found := plain_mathematics(sentence))} == {}
    assert "np.float64" not in str(evidence)
    assert listed(evidence["text"]) < 8, "numbers in a row belong in the data, which pages show as tables"
