"""Large data: sums in parts, which threads share without changing a byte."""

import threading
from typing import NamedTuple

import numpy as np
import pytest

import dynamics.protocol.large_data
from dynamics import (
    SGD,
    Armijo,
    ExpectedGV,
    GradientDescent,
    LevenbergMarquardt,
    Status,
    TrustRegion,
    implements,
    initial_point,
    replay,
    runs_as_python,
    simulate,
    summands,
    sweep,
    value_and_gradient,
)
from dynamics.protocol.large_data import parts
from dynamics.protocol.oracle import (
    gauss_newton_product,
    gradient,
    hessian_product,
    mean_curved_gradient,
    prepare_products,
    prepared_product,
    value,
)
from dynamics.runs.large import shared
from synthetic import carmon, linear_net, quadratic
from tests.synthetic.classifiers.test_classifiers import logistic, net

REGRESSION = carmon(samples=300, dimension=5, batch_size=20, rng=0)
PROBLEMS = {
    "carmon": REGRESSION,
    "least squares": quadratic(
        eigenvalues=[1.0, 0.5, 0.3], noise="samples", samples=200, residual=0.5, batch_size=3, rng=2
    ),
    "linear net": linear_net(
        maker="given", matrix=[[1.0, 0.2], [0.1, 0.5]], samples=150, reduction="mean", form="samples", rng=1
    ),
    "linear net, sum": linear_net(
        maker="given", matrix=[[1.0, 0.2], [0.1, 0.5]], samples=150, reduction="sum", form="samples", rng=1
    ),
    "logistic": logistic(),
    "net": net(),
}


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of 64 summands, however little data there are."""
    monkeypatch.setattr(dynamics.protocol.large_data, "LARGE", 1)
    monkeypatch.setattr(dynamics.protocol.large_data, "PART", 1)


def undivided(monkeypatch):
    monkeypatch.setattr(dynamics.protocol.large_data, "LARGE", 10**12)


def same_bytes(a, b):
    columns = ("iteration", "loss", "gradient_norm", "step_size", "values", "gradients", "hessian_products", "x")
    return all(getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in columns)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_is_the_mean_of_its_parts(monkeypatch, name):
    problem = PROBLEMS[name]
    monkeypatch.setattr(dynamics.protocol.large_data, "LARGE", 1)
    monkeypatch.setattr(dynamics.protocol.large_data, "PART", 1)
    monkeypatch.setattr(dynamics.protocol.large_data, "MULTIPLE", 64 if summands(problem) > 64 else 4)
    pieces = parts(problem)
    assert len(pieces) > 1
    assert sum(map(summands, pieces)) == summands(problem)
    assert len({summands(piece) for piece in pieces}) == 2  # the last one is shorter
    rng = np.random.default_rng(0)
    size = len(initial_point(problem))
    x, v = rng.standard_normal((2, size))
    asked = (
        lambda seen, out: value_and_gradient(seen, x, out),
        lambda seen, out: value(seen, x),
        lambda seen, out: gradient(seen, x, out),
        lambda seen, out: hessian_product(seen, x, v, out),
        lambda seen, out: prepare_products(seen, x) or prepared_product(seen, x, v, out),
        lambda seen, out: gauss_newton_product(seen, x, v, out),
        lambda seen, out: mean_curved_gradient(seen, x, out),
    )
    with runs_as_python(), shared(problem, pieces, size, threads=2) as stand_in:
        for ask in asked:
            whole, mean = np.zeros((2, size))
            numbers = ask(problem, whole), ask(stand_in, mean)
            np.testing.assert_allclose(mean, whole, rtol=1e-11, atol=1e-13)
            assert numbers == (None, None) or numbers == pytest.approx(numbers[:1] * 2, rel=1e-12)


@pytest.mark.parametrize(
    "method",
    [
        GradientDescent(0.3),
        SGD(0.3),
        Armijo(0.5),
        TrustRegion(),
        TrustRegion(solver="gltr"),
        LevenbergMarquardt(),
        ExpectedGV(0.1),
    ],
    ids=lambda method: type(method).__name__,
)
def test_methods_see_the_same_problem_through_its_parts(monkeypatch, small_parts, method):
    with runs_as_python():
        inside = simulate(method, REGRESSION, steps=6, rng=3, threads=2)
        undivided(monkeypatch)
        whole = simulate(method, REGRESSION, steps=6, rng=3)
    assert inside.values.tolist() == whole.values.tolist()
    assert inside.hessian_products.tolist() == whole.hessian_products.tolist()
    np.testing.assert_allclose(inside.loss, whole.loss, rtol=1e-12)
    np.testing.assert_allclose(inside.x, whole.x, rtol=1e-10)
    assert inside.x.any()


def test_threads_change_no_byte_in_a_run_or_a_sweep(monkeypatch, small_parts):
    first, *others = (simulate(Armijo(0.5), REGRESSION, steps=20, threads=threads) for threads in (1, 2, 3))
    assert all(same_bytes(first, other) for other in others)
    made = sweep(Armijo, REGRESSION, over={"step_size": np.linspace(0.1, 0.9, 9)}, steps=20, seeds=1, threads=2)
    run = replay(made, step_size=0.5)
    assert same_bytes(run, first)
    assert made.loss.sel(step_size=0.5).values.ravel().tobytes() == first.loss.tobytes()
    cut = simulate(Armijo(0.5), REGRESSION, steps=7)
    assert same_bytes(simulate(Armijo(0.5), REGRESSION, steps=13, resume=cut), first)


class Halves(NamedTuple):
    """A user's problem that comes in two parts."""

    scale: float
    terms: int


meeting = threading.Barrier(2, timeout=20)


@implements(parts, Halves)
def _(problem):
    return (problem._replace(terms=1), Halves(2 * problem.scale, 1))


@implements(summands, Halves)
def _(problem):
    return problem.terms


@implements(value_and_gradient, Halves)
def _(problem, x, out):
    if problem.scale < 0:
        raise FloatingPointError("no scale is negative")
    if problem.terms == 1:
        meeting.wait()  # until the other part is under way too
    out[0] = problem.scale * x[0]
    return 0.5 * problem.scale * x[0] ** 2


def test_parts_are_taken_at_the_same_time():
    with runs_as_python():
        run = simulate(GradientDescent(1.0), Halves(0.2, 2), steps=1, x0=[2.0], threads=2)
    np.testing.assert_allclose(run.loss, [0.6, 0.6 * 0.7**2])  # of the mean scale, 0.3
    assert run.status is Status.MAX_ITERATIONS


def test_what_a_part_raises_is_raised_by_the_run(monkeypatch):
    with runs_as_python(), pytest.raises(FloatingPointError, match="no scale is negative"):
        simulate(GradientDescent(1.0), Halves(-0.2, 2), steps=1, x0=[2.0], threads=2)
    with pytest.raises(ValueError, match="threads = 0"):
        simulate(GradientDescent(1.0), REGRESSION, steps=1, threads=0)
