"""Claims and evidence in a notebook: what the cards say, escaped, and well-formed."""

from html.parser import HTMLParser

import pytest

from theory.claims import Claim, Evidence, Hypothesis, Verdict, claims, recorded_verdicts
from theory.claims.evidence import argument, machine


class Card(HTMLParser):
    """The text of a card, with a line a piece; fails on tags that are not closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(source)
        assert not self.tags

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "br":
            self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.tags.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


CLAIM = Claim(
    id="primer.sum",
    paper="A & B",
    number="page 1",
    title="Less < more",
    statement_latex=r"2<3",
    statement_words="Two is less than three.",
    hypotheses=(Hypothesis("x < y", lambda **_: True),),
    decide=lambda level, rng: Evidence(verdict=Verdict.PROVED, text="Counted."),
)


def test_a_claim_shows_its_statement_and_how_to_check_it() -> None:
    card = CLAIM._repr_html_()
    words = Card(card).words
    for said in ("Less < more", "unchecked", "A & B, page 1", "Two is less than three.", "x < y"):
        assert said in words, said
    assert "claim('primer.sum').check()" in words
    assert "<svg" in card
    assert "<style" not in card
    assert "#1a1a1a" not in card  # so that the formula can be read on dark ground


def test_a_formula_that_can_not_be_typeset_is_left_to_the_notebook() -> None:
    texts = {**vars(CLAIM), "statement_latex": r"\unheard{of}"}
    assert r"$$\unheard{of}$$" in Card(Claim(**texts)._repr_html_()).words


def test_evidence_shows_what_it_rests_on() -> None:
    found = Evidence(
        verdict=Verdict.CONDITIONAL,
        margin=-1 / 3,
        trials=7,
        counterexample={"beta": 0.5, "<b>": [1, 2]},
        hypothesis="β < ½",
        text="It fails at 0 < β.",
    )
    words = Card(found._repr_html_()).words
    for said in ("conditional", "It fails at 0 < β.", "-0.333333", "7", "β < ½", "counterexample: β", "0.5"):
        assert said in words, said
    assert "counterexample: <b>" in words


def test_a_proof_shows_which_of_its_steps_are_argued() -> None:
    steps = (*machine("the sides agree"), *argument("induction", "a limit"))
    words = Card(Evidence(verdict=Verdict.PROVED, text="Seen.", steps=steps)._repr_html_()).words
    assert "proved, with 2 argued steps" in words
    at = words.index("argued steps")
    assert words[at + 1 : at + 3] == ["induction", "a limit"]


@pytest.mark.parametrize("number", [0, 40, 80, 120, 160])
def test_claims_of_the_ledger_show_the_verdict_on_file(number: int) -> None:
    claim = claims()[number]
    assert recorded_verdicts()[claim.id] in Card(claim._repr_html_()).words


def test_a_counterexample_keeps_all_its_digits():
    gains = {"gain at mu = 0.05": 1.0000920040206664, "gain at mu = 0.1": 1.0000923953656464}
    card = Evidence(verdict=Verdict.REFUTED, counterexample=gains, data={"other": 1 / 3}, text="no")._repr_html_()
    assert all(repr(value) in card for value in gains.values())
