"""Each claim has a table of its symbols: every letter of its formula is explained."""

import re

import pytest
from matplotlib._mathtext_data import tex2uni

from theory.claims import claim, claims
from theory.claims.symbols import known_to, letters

NO_LETTERS = {"arsg.operation_count", "arsg.cost_beside_amsgrad"}


@pytest.mark.parametrize("entry", claims(), ids=lambda entry: entry.id)
def test_every_letter_of_a_formula_is_explained(entry):
    known = known_to(entry.id)
    found = letters(entry.statement_latex)
    assert [letter + index for letter, index in found if not {letter, letter + index} & set(known)] == []
    assert bool(entry.symbols) == bool(found) == (entry.id not in NO_LETTERS)
    assert all(entry.symbols.values())


def test_words_and_operators_are_no_letters():
    latex = r"\mathrm{median}\log\frac{L_k}{c}\le\text{a word}\ \forall\,\bar r_1\in\mathbb R,\ l_{\mathrm{Var}}"
    assert letters(latex) == [("L", "_k"), ("c", ""), (r"\bar r", "_1"), ("R", ""), ("l", "_{Var}")]


def test_a_letter_with_an_index_of_its_own_is_told_apart():
    found = claim("arsg.variance_limit_printed").symbols
    assert found["r̄"] == "complex conjugate of r"
    assert found["l_Var"].startswith("error variance limit")
    assert set(claim("sigma_nice.smoothing_distance").symbols) >= {"L_f", "δ", "f̂"}


STRUCTURE = re.compile(
    "t?frac|sqrt|binom|overline|text|math(rm|bb|cal)|operatorname|[bB]ig|left|right|[lg]e|iff|qquad|log|(arc)?cos|arg|"
    "min|max|inf|sup|lim|det"
)


def test_no_command_runs_into_a_letter():
    commands = {entry.id: set(re.findall(r"\\([A-Za-z]+)", entry.statement_latex)) for entry in claims()}
    unknown = {
        claim_id: {name for name in found if name not in tex2uni and not STRUCTURE.fullmatch(name)}
        for claim_id, found in commands.items()
    }
    assert {claim_id: found for claim_id, found in unknown.items() if found} == {}


def test_a_card_shows_the_symbols():
    assert "gain factor: the larger modulus" in claim("arsg.touching_point")._repr_html_()
