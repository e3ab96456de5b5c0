"""The ledger's types, its recorded verdicts, and what every claim owes its reader."""

import json
import re
import runpy
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from theory import claims as ledger
from theory.claims import (
    NOT_RUN,
    Claim,
    Evidence,
    Hypothesis,
    Step,
    Verdict,
    claim,
    claims,
    contradicts,
    recorded_verdicts,
    statement,
    unmet,
)
from theory.claims.prose import typeset

# For each hypothesis in use: a trial that meets it, and one that does not. Those of one paper alone are in the
# `trials.py` of its folder.
SHARED_TRIALS = {
    "every slope of the gradient lies in [0, L]": (
        {"slopes": (0.0, 2.0), "smoothness": 2.0},
        {"slopes": (-0.1, 2.0), "smoothness": 2.0},
    ),
    "every slope of the gradient lies in [mu, L]": (
        {"slopes": (1.0, 25.0), "strong_convexity": 1.0, "smoothness": 25.0},
        {"slopes": (0.5, 25.0), "strong_convexity": 1.0, "smoothness": 25.0},
    ),
    "t is real": ({"t": 1.0}, {"t": 1j}),
    "rows are Gaussian and drawn anew": ({"fresh": True}, {"fresh": False}),
    "no eigenvalue is above 4/d of the trace": ({"shares": [0.5, 0.5]}, {"shares": [0.9] + 9 * [0.01]}),
}
PAPERS = [runpy.run_path(str(file))["TRIALS"] for file in sorted(Path(__file__).parent.glob("*/trials.py"))]
TRIALS = {typeset(name): pair for trials in (SHARED_TRIALS, *PAPERS) for name, pair in trials.items()}


@pytest.mark.parametrize("entry", claims(), ids=lambda entry: entry.id)
def test_quick_check_reaches_the_recorded_verdict(entry, quick):
    evidence = quick(entry.id)
    assert evidence.verdict == recorded_verdicts()[entry.id]
    assert evidence.power or evidence.verdict is not Verdict.SUPPORTED, "how far is the nearest false variant?"
    assert json.loads(json.dumps(evidence.to_json(), allow_nan=False))["verdict"] == str(evidence.verdict)


def test_every_claim_is_recorded_once_and_stated_twice():
    ids = [entry.id for entry in claims()]
    assert sorted(recorded_verdicts()) == sorted(ids)
    assert len(set(ids)) == len(ids)
    for entry in claims():
        assert entry.statement_latex
        assert entry.statement_words.endswith(".")
        assert entry.number
        assert entry.title


def test_the_ledger_uses_every_verdict_and_every_paper():
    assert set(recorded_verdicts().values()) >= set(Verdict) - {Verdict.UNDECIDED}
    papers = [entry.id.split(".")[0] for entry in claims()]
    assert all(papers.count(paper) >= 2 for paper in set(papers))
    assert len(set(papers)) == 8


def test_hypotheses_tell_trials_apart():
    hypotheses = {hypothesis for entry in claims() for hypothesis in entry.hypotheses}
    assert {hypothesis.name for hypothesis in hypotheses} == set(TRIALS)
    for hypothesis in hypotheses:
        met, broken = TRIALS[hypothesis.name]
        assert unmet((hypothesis,), **met) == []
        assert unmet((hypothesis,), **broken) == [hypothesis.name]


def test_a_hypothesis_has_its_trials_in_one_place():
    assert len(TRIALS) == len(SHARED_TRIALS) + sum(map(len, PAPERS))


def test_a_verdict_is_on_file_in_one_place():
    files = Path(ledger.__file__).parent.rglob("verdicts.json")
    on_file = [claim_id for file in files for claim_id in json.loads(file.read_text())]
    assert sorted(on_file) == sorted(recorded_verdicts())


def test_import_is_light():
    script = (
        "import sys, theory.claims; print([m for m in ('sympy', 'flint', 'scipy', 'matplotlib') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_unknown_claim_names_the_closest():
    with pytest.raises(ValueError, match=r"did you mean 'arsg.variance_limit'"):
        claim("arsg.variance_limt")
    with pytest.raises(ValueError, match="The nearest of"):
        claim("")


def test_unknown_level_is_refused_before_any_work():
    with pytest.raises(ValueError, match="'quick' or 'full'"):
        claim("l4.angle").check(level="fast")


def test_same_seed_gives_the_same_evidence():
    entry = claim("trust_region.uniform_equivalence")
    first, again = entry.check(rng=3), entry.check(rng=np.random.default_rng(3))
    assert first == again
    assert first.void_trials != entry.check(rng=4).void_trials


def test_evidence_must_rest_on_something():
    with pytest.raises(ValueError, match="counterexample"):
        Evidence(verdict=Verdict.REFUTED, text="it fails")
    with pytest.raises(ValueError, match="hypothesis"):
        Evidence(verdict=Verdict.CONDITIONAL, counterexample={"x": 1}, text="it fails at times")
    with pytest.raises(ValueError, match="trial"):
        Evidence(verdict=Verdict.SUPPORTED, void_trials=50, text="all trials were void")
    with pytest.raises(ValueError, match="no text"):
        Evidence(verdict=Verdict.PROVED, text=" ")


def test_json_carries_what_python_does_not_share_with_it():
    evidence = Evidence(
        verdict=Verdict.UNDECIDED,
        margin=np.float64("-inf"),
        counterexample={"x": Fraction(1, 3), "v": np.array([1.0, np.nan]), "n": np.int64(2), "ok": np.True_},
        text="everything at once",
    )
    plain = evidence.to_json()
    assert plain["margin"] == "-inf"
    assert plain["counterexample"] == {"x": "1/3", "v": [1.0, "nan"], "n": 2, "ok": True}
    json.dumps(plain, allow_nan=False)
    with pytest.raises(TypeError, match="set"):
        Evidence(verdict=Verdict.UNDECIDED, data={"s": {1}}, text="a set").to_json()


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [("proved", False), ("supported", True), ("undecided", True), ("refuted", True), ("conditional", True)],
)
def test_every_change_contradicts_a_weaker_one_too(verdict, expected):
    evidence = Evidence(
        verdict=Verdict(verdict), trials=1, counterexample={"x": 0}, hypothesis="x != 0", text="an example"
    )
    assert recorded_verdicts()["arsg.fast_form"] is Verdict.PROVED
    assert contradicts("arsg.fast_form", evidence) is expected
    assert contradicts("no.such_claim", evidence) is False
    missing = Evidence(verdict=Verdict.UNDECIDED, data={NOT_RUN: "an extra"}, text="nothing was tried")
    assert contradicts("arsg.fast_form", missing) is False


def test_levels_may_have_verdicts_of_their_own():
    quick, full = recorded_verdicts(), recorded_verdicts("full")
    assert set(quick) == set(full)
    differ = {claim_id for claim_id, verdict in quick.items() if full[claim_id] is not verdict}
    assert "l4.beats_adam_at_the_condition_number" in differ
    undecided = Evidence(verdict=Verdict.UNDECIDED, text="too short a run")
    assert contradicts("l4.beats_adam_at_the_condition_number", undecided) is False
    assert contradicts("l4.beats_adam_at_the_condition_number", undecided, "full") is True
    with pytest.raises(ValueError, match="level"):
        recorded_verdicts("fast")


def test_a_statement_makes_a_claim_of_the_check_below_it():
    @statement(
        id="tests.order",
        paper="tests",
        number="-",
        title="Two  words",
        statement_latex=r"1<2",
        statement_words="""
            One is
            less than two.
        """,
        hypotheses=(Hypothesis("x > 0", lambda *, x: x > 0),),
    )
    def order(level, rng):
        return Evidence(verdict=Verdict.PROVED, margin=float(rng.integers(10)), text=f"at level {level}")

    assert isinstance(order, Claim)
    assert (order.id, order.title, order.statement_words) == ("tests.order", "Two words", "One is less than two.")
    assert [hypothesis.name for hypothesis in order.hypotheses] == ["x > 0"]
    found = order.check("full", 5)
    assert found.text == "at level full"
    assert found.margin == np.random.default_rng(5).integers(10)


def test_evidence_folds_what_is_read():
    evidence = Evidence(
        verdict=Verdict.CONDITIONAL,
        counterexample={"x": "two  spaces"},
        text="""
            Line breaks
            and\tindentation go.
        """,
        hypothesis="""
            x is
            not 0
        """,
    )
    assert evidence.text == "Line breaks and indentation go."
    assert evidence.hypothesis == "x is not 0"
    assert evidence.counterexample == {"x": "two  spaces"}


def test_steps_are_machine_or_argument_and_not_argued_throughout():
    with pytest.raises(ValueError, match="'machine' or rests on an 'argument'"):
        Step("prose", "so it is")
    with pytest.raises(ValueError, match="what was computed"):
        Evidence(verdict=Verdict.PROVED, text="argued throughout", steps=(Step("argument", "so it is"),))
    steps = (Step("machine", "two sides\n agree"), Step("argument", "by induction"))
    evidence = Evidence(verdict=Verdict.PROVED, text="an example", steps=steps)
    assert evidence.to_json()["steps"] == [
        {"kind": "machine", "text": "two sides agree"},
        {"kind": "argument", "text": "by induction"},
    ]
    assert Evidence(verdict=Verdict.PROVED, text="not listed yet").to_json()["steps"] == []


def test_every_proof_lists_its_steps(quick):
    proved = [entry for entry, verdict in recorded_verdicts().items() if verdict == "proved"]
    assert [entry for entry in proved if not quick(entry).steps] == []


def test_claims_stand_in_the_order_of_their_files():
    for module in {sys.modules[entry.decide.__module__] for entry in claims()}:
        source = Path(module.__file__).read_text()
        stated = [entry.id for entry in claims() if entry.decide.__module__ == module.__name__]
        assert sorted(stated, key=lambda claim_id: source.index(f'id="{claim_id}"')) == stated


def test_every_route_is_used_by_a_claim():
    folder = Path(ledger.__file__).parent
    papers = "".join(file.read_text() for file in folder.rglob("*.py") if file.parent.name != "routes")
    routes = [file.stem for file in (folder / "routes").glob("*.py") if file.stem != "__init__"]
    assert [route for route in routes if not re.search(rf"import .*\b{route}\b|routes\.{route} import", papers)] == []


def test_a_trial_names_all_it_breaks():
    both = (Hypothesis("x > 0", lambda *, x, **_: x > 0), Hypothesis("y > 0", lambda *, y, **_: y > 0))
    assert unmet(both, x=-1, y=-1) == ["x > 0", "y > 0"]
