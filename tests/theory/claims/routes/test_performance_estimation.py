"""Worst cases against PEPit, against functions that attain them, and against known values."""

import json
from pathlib import Path

import numpy as np
import pytest

from theory.claims import Verdict
from theory.claims.routes import performance_estimation as estimation
from theory.claims.routes.performance_estimation import needs_solver, trace, worst_case
from theory.claims.worst_case import methods

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "pepit.json").read_text())["cases"]

solver = pytest.mark.skipif(not estimation.available(), reason="the extra sdp is not installed")


def one_step(x, gradient):
    return x - gradient(x)


def method_of(case):
    return getattr(methods, case["method"])(*case["parameters"], case["steps"])


@solver
@pytest.mark.parametrize("name", sorted({case["method"] for case in GOLDEN}))
def test_values_agree_with_pepit(name):
    cases = [case for case in GOLDEN if case["method"] == name]
    assert len(cases) >= 4
    for case in cases:
        found = worst_case(method_of(case), strong_convexity=case["strong_convexity"], measure=case["measure"])
        assert found.value == pytest.approx(case["worst"], rel=2e-6, abs=1e-8)
        assert abs(found.gap) < 1e-6


@solver
def test_a_case_solved_by_pepit_now():
    pepit = pytest.importorskip("PEPit")
    functions = pytest.importorskip("PEPit.functions")
    problem = pepit.PEP()
    function = problem.declare_function(functions.SmoothStronglyConvexFunction, mu=0.2, L=2.0)
    minimiser, start = function.stationary_point(), problem.set_initial_point()
    problem.set_initial_condition((start - minimiser) ** 2 <= 1)
    problem.set_performance_metric((start - 0.6 * function.gradient(start) - minimiser) ** 2)
    expected = problem.solve(verbose=0)
    found = worst_case(
        lambda x, gradient: x - 0.6 * gradient(x), smoothness=2.0, strong_convexity=0.2, measure="distance"
    )
    assert found.value == pytest.approx(expected, rel=1e-5)
    assert found.value == pytest.approx(max(1 - 0.6 * 0.2, 0.6 * 2.0 - 1) ** 2, rel=1e-5)


@solver
def test_the_worst_function_is_one_of_the_class():
    convexity, steps = 0.1, 3
    method = methods.remote_gradient(2.0, 0.5, 0.0, steps)
    found = worst_case(method, strong_convexity=convexity)
    roots, vectors = np.linalg.eigh(found.gram)
    assert roots.min() > -1e-9
    columns = (vectors * np.sqrt(np.maximum(roots, 0))).T  # start and gradients, as vectors
    start, gradients = columns[:, 0], columns[:, 1:]
    answers = iter(gradients.T)
    points = []

    def gradient(x):
        points.append(x)
        return next(answers)

    end = method(start, gradient)
    points.append(end)
    assert start @ start == pytest.approx(1, abs=1e-6)
    slopes = gradients.T
    for (x, g, f), (y, h, e) in (
        (first, second)
        for first in zip(points, slopes, found.values, strict=True)
        for second in zip(points, slopes, found.values, strict=True)
    ):
        # the inequalities that every smooth strongly convex function meets, written in their classical forms
        assert f >= e + h @ (x - y) + convexity / 2 * (x - y) @ (x - y) - 1e-6
        assert f >= e + h @ (x - y) + (g - h) @ (g - h) / 2 - 1e-6
    assert found.values[-1] == pytest.approx(found.value, abs=1e-6)


def test_the_program_has_a_matrix_in_its_upper_triangle():
    rng = np.random.default_rng(0)
    matrix, gram = (half + half.T for half in rng.normal(size=(2, 4, 4)))
    upper = np.triu_indices(4)
    assert estimation._in_program(matrix)[4:] @ gram[upper] == pytest.approx((matrix * gram).sum())
    traced = trace(methods.gradient_descent(1.0, 2))
    unknowns = np.concatenate([rng.normal(size=4), gram[upper]])
    rows = estimation._constraints(traced, 1.0, 0.2) @ unknowns
    assert rows[:2].tolist() == [unknowns[3], gram[0, 0]]
    for row, (i, j) in zip(rows[2:14], ((i, j) for i in range(4) for j in range(4) if i != j), strict=True):
        least = (estimation.interpolation(traced, i, j, smoothness=1.0, strong_convexity=0.2) * gram).sum()
        assert row == pytest.approx(least - unknowns[i] + unknowns[j])
    found = np.zeros((4, 4))
    found.T[np.tril_indices(4)] = -rows[14:]  # column by column of the upper triangle
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(gram))
    assert np.diag(found) == pytest.approx(np.diag(gram))


@solver
def test_random_functions_stay_below_the_worst_case():
    rng = np.random.default_rng(0)
    method = methods.accelerated(4)
    worst = worst_case(method).value
    shares = []
    for _ in range(50):
        matrix, _ = np.linalg.qr(rng.normal(size=(5, 5)))
        hessian = matrix * rng.random(5) @ matrix.T
        start = rng.normal(size=5)
        end = method(start, lambda x, hessian=hessian: hessian @ x)
        shares.append(end @ hessian @ end / 2 / (start @ start) / worst)
    assert 0 < max(shares) <= 1


@solver
def test_smoothness_scales_as_it_must():
    plain = worst_case(one_step, measure="gradient").value
    scaled = worst_case(lambda x, gradient: x - gradient(x) / 3, smoothness=3.0, measure="gradient").value
    assert scaled == pytest.approx(9 * plain, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"strong_convexity": 1.0}, "0 <= mu < L"),
        ({"strong_convexity": -0.1}, "0 <= mu < L"),
        ({"measure": "loss"}, "none of value, distance, gradient"),
    ],
)
def test_what_is_no_class_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        worst_case(one_step, **arguments)


def test_an_adaptive_method_is_refused():
    def normalised(x, gradient):
        slope = gradient(x)
        return x - slope / np.linalg.norm(slope)

    def barzilai_borwein(x, gradient):
        before = gradient(x)
        then = x - before
        turned = gradient(then) - before
        return then - (then - x) @ (then - x) / ((then - x) @ turned) * gradient(then)

    for method in (normalised, barzilai_borwein):
        with pytest.raises(ValueError, match="not linear"):
            worst_case(method)


def test_without_the_extra_the_sentence_names_it_and_a_check_is_undecided(monkeypatch):
    monkeypatch.setattr(estimation, "available", lambda: False)
    with pytest.raises(ImportError, match=r"optdyn\[sdp\]"):
        worst_case(one_step)

    @needs_solver
    def check(level, rng):
        raise AssertionError

    evidence = check("quick", np.random.default_rng(0))
    assert evidence.verdict is Verdict.UNDECIDED
    assert "optdyn[sdp]" in evidence.text


def test_the_trace_runs_the_method():
    traced = trace(methods.remote_gradient(2.0, 0.5, 0.25, 3))
    rng = np.random.default_rng(1)
    start, hessian = rng.normal(size=2), np.diag([1.0, 0.3])
    columns = [start]

    def gradient(x):
        columns.append(hessian @ x)
        return columns[-1]

    end = methods.remote_gradient(2.0, 0.5, 0.25, 3)(start, gradient)
    gradient(end)
    np.testing.assert_allclose(traced.end @ np.array(columns), end, rtol=1e-13)
