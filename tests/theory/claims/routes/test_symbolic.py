"""Symbolic identities, inequalities and certificates, with false ones that must not pass."""

import pytest
import sympy as sp

from theory.claims import Verdict
from theory.claims.routes import symbolic

x, y, z = sp.symbols("x y z")


def test_identity_is_decided_without_expansion_by_hand():
    assert symbolic.vanishes((x + y) ** 3 / (x + y) - x**2 - 2 * x * y - y**2)
    assert not symbolic.vanishes((x + y) ** 3 / (x + y) - x**2 - y**2)


def test_irrational_expressions_are_refused():
    with pytest.raises(ValueError, match="rational"):
        symbolic.vanishes(sp.sqrt(x**2) - x)


def test_false_identity_is_refuted_at_a_point_where_it_fails():
    evidence = symbolic.identity({"sound": x - x, "false": (x - 1) * (y - 1)}, text="both vanish")
    assert evidence.verdict is Verdict.REFUTED
    point = evidence.counterexample
    assert point["identity"] == "false"
    assert (sp.Rational(point["x"]) - 1) * (sp.Rational(point["y"]) - 1) == sp.Rational(point["value"]) != 0


def test_positive_coefficients_prove_and_mixed_ones_do_not():
    assert symbolic.positive_on_orthant((x + y) / (1 + x))
    assert symbolic.positive_on_orthant((x - 1) / (y - 1) * (1 - y) / (1 - x))
    assert not symbolic.positive_on_orthant(x**2 - x * y + y**2)  # true, but not by this argument
    assert not symbolic.positive_on_orthant(-x)


def test_closed_orthant_needs_constant_terms():
    assert symbolic.positive_on_orthant(x + 1, closed=True)
    assert symbolic.positive_on_orthant(x + y)
    assert not symbolic.positive_on_orthant(x + y, closed=True)
    assert not symbolic.positive_on_orthant(1 / x, closed=True)


def test_inequality_has_three_outcomes():
    assert symbolic.inequality({"sum": x + y}, text="positive").verdict is Verdict.PROVED
    assert symbolic.inequality({"square": x**2 - x * y + y**2}, text="positive").verdict is Verdict.UNDECIDED
    false = symbolic.inequality({"difference": x - y}, text="positive")
    assert false.verdict is Verdict.REFUTED
    assert sp.Rational(false.counterexample["x"]) < sp.Rational(false.counterexample["y"])


def test_certificate_needs_both_the_sum_and_the_signs():
    premises = [(sp.Integer(1), y - x), (sp.Integer(1), z - y)]
    assert symbolic.certifies(z - x, premises)
    assert not symbolic.certifies(z - 2 * x, premises)
    assert not symbolic.certifies(x - z, [(sp.Integer(-1), y - x), (sp.Integer(-1), z - y)])
    assert not symbolic.certifies(x - z, [(-x, (z - x) / x)])


def test_substitution_covers_the_interval():
    assert symbolic.on_orthant(x, y, z).subs(z, 0) == x
    assert sp.limit(symbolic.on_orthant(sp.Integer(2), sp.Integer(5), z), z, sp.oo) == 5


def test_a_route_lists_its_steps_and_what_else_the_proof_needs():
    differences = {"square": (x + y) ** 2 - x**2 - 2 * x * y - y**2, "cube": (x + 1) ** 3 - x**3 - 3 * x**2 - 3 * x - 1}
    listed = symbolic.identity(differences, text="both", arguments=["for higher powers by induction"])
    assert [(step.kind, step.text) for step in listed.steps] == [
        ("machine", "identity: square"),
        ("machine", "identity: cube"),
        ("argument", "for higher powers by induction"),
    ]
    before = symbolic.identity(differences, text="both").steps
    assert [step.kind for step in before] == ["machine", "machine"]
    assert symbolic.identity({"pair": (x * (x + 1), x**2 + x)}, text="it too", before=before).steps[:2] == before
    assert symbolic.identity({"pair": (x * (x + 1), x**2 - x)}, text="not so").verdict == "refuted"
    machine = symbolic.inequality({"sum": x + y}, text="positive", arguments=())
    assert [(step.kind, step.text) for step in machine.steps] == [("machine", "positive coefficients: sum")]


def test_an_identity_with_roots_that_fails_is_refuted_and_one_that_is_undefined_is_left_open():
    found = symbolic.identity({"a root": x ** sp.Rational(3, 2) - x}, text="equal")
    assert (found.verdict, found.counterexample["x"]) == (Verdict.REFUTED, "2")
    for undefined in (sp.zoo, sp.nan, x / sp.Integer(0)):
        assert symbolic.identity({"divided by 0": undefined}, text="equal").verdict is Verdict.UNDECIDED
        assert symbolic.inequality({"divided by 0": undefined}, text="positive").verdict is Verdict.UNDECIDED
    assert symbolic.inequality({"a root": sp.sqrt(x) + 1}, text="positive").verdict is Verdict.UNDECIDED


def test_a_point_is_found_where_two_of_many_symbols_have_to_differ():
    many = sp.symbols("a:8")
    assert symbolic.point_where((many[0] - many[1]) * sum(many)) is not None
