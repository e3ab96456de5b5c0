"""What a second kernel is asked: true statements have no counterexample, false ones have one."""

import pytest

from theory.claims.certificates import solvers

UP, DOWN, SQUARE = ["+", "x", 1], ["+", "x", -1], ["^", "y", 2]
RISES = [["+", "y", ["*", -1, "x"]], ["+", "z", ["*", -1, "y"]]]  # y - x and z - y


def identity(left, right):
    return {"kind": "identity", "left": left, "right": right}


def positive(numerator, denominator=1, *, closed=False):
    parts = {"numerator": numerator, "denominator": denominator}
    return {"kind": "positive", "expression": ["/", numerator, denominator], **parts, "closed": closed}


def multipliers(target, weight):
    return {"kind": "multipliers", "target": target, "terms": [{"multiplier": weight, "premise": p} for p in RISES]}


def root_of_two_less_one(*bound):
    return {"kind": "enclosure", "expression": ["+", ["sqrt", 2], -1], "box": {}, "bound": list(bound)}


TRUE = [
    identity(["+", ["^", "x", 2], -1], ["*", UP, DOWN]),
    identity(["/", ["+", ["^", "x", 2], -1], UP], DOWN),
    identity(["^", ["sqrt", UP], 2], UP),
    identity(["+", ["^", "x", -1], ["^", "y", -2]], ["/", ["+", SQUARE, "x"], ["*", "x", SQUARE]]),
    positive(["+", "x", SQUARE], UP),
    positive(UP, closed=True),
    multipliers(["+", "z", ["*", -1, "x"]], 1),
    root_of_two_less_one(2, 5),
]
FALSE = [
    identity(["+", ["^", "x", 2], 1], ["*", UP, DOWN]),
    identity(["/", 1, UP], ["/", 1, DOWN]),
    identity(["sqrt", UP], UP),
    positive(DOWN),
    positive("x", closed=True),
    multipliers(["+", "x", ["*", -1, "z"]], -1),
    root_of_two_less_one(1, 2),
]


def entry(*parts):
    return {"steps": [{"kind": "machine", "text": "a step", "certificate": list(parts)}]}


def test_problems_are_written_without_a_solver():
    (ways,) = [list(solvers.questions(part)) for part in TRUE[:1]]
    (problem,) = ways[0]
    assert problem.count("declare-const") == 1
    assert "(assert (distinct (+ (* v0 v0) (- 1.0)) (* (+ v0 1.0) (+ v0 (- 1.0)))))" in problem
    assert list(solvers.questions({"kind": "worst_case"})) == []


@pytest.mark.parametrize("number", range(len(TRUE)))
def test_what_is_true_is_confirmed(number):
    pytest.importorskip("z3")
    assert solvers.confirms(entry(TRUE[number]))


@pytest.mark.parametrize("number", range(len(FALSE)))
def test_what_is_false_is_not(number):
    pytest.importorskip("z3")
    assert not solvers.confirms(entry(TRUE[0], FALSE[number]), seconds=2)


def test_what_is_not_told_is_not_confirmed():
    pytest.importorskip("z3")
    assert not solvers.confirms(entry())
    assert not solvers.confirms(entry(TRUE[0], {"kind": "worst_case"}))
    assert not solvers.confirms(entry(TRUE[0]), seconds=0)


def test_certificates_of_the_ledger_are_confirmed(certificates):
    pytest.importorskip("z3")
    for claim_id in ("arsg.system_matrix", "sigma_nice.inner_loop", "trust_region.cauchy_decrease", "l4.polyak"):
        assert solvers.confirms(certificates(claim_id))
        assert not solvers.confirms(falsified(certificates(claim_id)), seconds=2)


def falsified(whole):
    """The same file with 1 added to the left side of an identity, or taken from what is to be positive."""
    part = next(part for step in whole["steps"] for part in step.get("certificate", []))
    name, by = {"identity": ("left", 1), "positive": ("expression", -1000), "multipliers": ("target", -1000)}[
        part["kind"]
    ]
    return entry({**part, name: ["+", part[name], by]})
