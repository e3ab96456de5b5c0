"""What ends a run: tolerances of every kind, numbers whose squares overflow or vanish, and saddles."""

from typing import NamedTuple

import numpy as np
import pytest

from dynamics import (
    SGD,
    GaussNewton,
    GradientDescent,
    Status,
    Stop,
    Trajectory,
    TrustRegion,
    ensemble,
    gauss_newton_product,
    implements,
    simulate,
    value_and_gradient,
)
from dynamics.runs.driver import Records
from dynamics.runs.endings import ending
from synthetic import Raised, beale, carmon, quadratic, rastrigin, saddle

BOWL = quadratic(eigenvalues=[1.0, 0.5], minimiser=[3.0, 4.0])
START = [2.0, 1.0]


class Scaled(NamedTuple):
    curvature: float


@implements(value_and_gradient, Scaled)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        out[j] = problem.curvature * x[j]
        total += 0.5 * out[j] * x[j]
    return total


class Fading(NamedTuple):
    """The residual exp(-ax), squared: it falls for ever, and a step of Gauss and Newton is 1/a long."""

    scale: float


@implements(value_and_gradient, Fading)
def _(problem, x, out):
    root = np.exp(-problem.scale * x[0])
    out[0] = -2.0 * problem.scale * root * root
    return root * root


@implements(gauss_newton_product, Fading)
def _(problem, x, v, out):
    root = problem.scale * np.exp(-problem.scale * x[0])
    out[0] = 2.0 * root * root * v[0]


def test_a_gradient_whose_square_overflows_is_finite():
    run = simulate(GradientDescent(0.5), Scaled(1e200), steps=1, x0=[3e-170, 4e-170])
    assert run.gradient_norm[0] == pytest.approx(5e30, rel=1e-15)
    for size in (1e160, 1e200, 1e290):
        run = simulate(GradientDescent(1e-300), Scaled(size), steps=2, x0=[3.0, 4.0], stop=Stop(loss_bound=np.inf))
        assert run.status.name == "MAX_ITERATIONS"
        np.testing.assert_allclose(run.gradient_norm, 5.0 * size, rtol=1e-9)


def test_a_gradient_whose_square_vanishes_is_not_0():
    run = simulate(GradientDescent(0.5), Scaled(1.0), steps=2, x0=[3e-170, 4e-170], stop=Stop(gradient_norm=0.0))
    assert run.status.name == "MAX_ITERATIONS"
    np.testing.assert_allclose(run.gradient_norm, [5e-170, 2.5e-170, 1.25e-170], rtol=1e-14)
    stop = Stop(gradient_norm=3e-170)
    assert simulate(GradientDescent(0.5), Scaled(1.0), steps=9, x0=[3e-170, 4e-170], stop=stop).stopped_at == 1


@pytest.mark.parametrize(("curvature", "size"), [(1.0, 1e-150), (1e160, 1.0)])
def test_sweeps_agree_with_runs_where_squares_vanish_or_overflow(curvature, size):
    methods = [GradientDescent(step / curvature) for step in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)]
    bowl, start = quadratic(eigenvalues=[curvature, 0.5 * curvature]), [3.0 * size, 4.0 * size]
    stop = Stop(gradient_norm=1e-10 * curvature * size, loss_bound=np.inf)
    sweep = ensemble(methods, bowl, steps=60, seeds=1, x0=start, stop=stop)
    assert {Status(status).name for status in sweep.status.flat} == {"MAX_ITERATIONS", "CONVERGED"}
    for i, method in enumerate(methods):
        run = simulate(method, bowl, steps=60, x0=start, stop=stop)
        assert (sweep.status[i, 0], sweep.stopped_at[i, 0]) == (run.status, run.stopped_at)
        assert sweep.gradient_norm[i, 0, : len(run.gradient_norm)].tobytes() == run.gradient_norm.tobytes()
    np.testing.assert_allclose(run.gradient_norm[0], curvature * size * np.sqrt(13), rtol=1e-14)


def tolerances_met(run, stop):
    """Which rows meet a tolerance, from the records and iterates alone."""
    norms, losses, x = run.gradient_norm, run.loss, run.iterates
    changes = np.abs(np.diff(x, axis=0)).max(axis=1)
    met = norms <= max(stop.gradient_norm, stop.relative_gradient_norm * norms[0])
    met[1:] |= (np.abs(np.diff(losses)) <= stop.loss_change * np.abs(losses[1:])) & (changes > 0)
    met[1:] |= (changes <= stop.iterate_change * np.abs(x[1:]).max(axis=1)) & (changes > 0)
    return met


@pytest.mark.parametrize(
    "stop",
    [
        Stop(gradient_norm=1e-3),
        Stop(relative_gradient_norm=1e-3),
        Stop(iterate_change=1e-3),
        Stop(loss_change=0.05),
        Stop(iterate_change=1e-5, loss_change=1e-2),
    ],
)
def test_tolerances_stop_a_run_where_they_are_first_met_and_change_no_step(stop):
    problem = Raised(BOWL, 0.01)
    whole = simulate(GradientDescent(0.9), problem, steps=99, x0=START, record_iterates=True)
    run = simulate(GradientDescent(0.9), problem, steps=99, x0=START, record_iterates=True, stop=stop)
    assert run.status.name == "CONVERGED"
    assert run.stopped_at == int(tolerances_met(whole, stop).argmax()) > 0
    assert run.iterates.tobytes() == whole.iterates[: run.stopped_at + 1].tobytes()
    for first in (1, run.stopped_at - 1):
        begun = simulate(GradientDescent(0.9), problem, steps=first, x0=START, record_iterates=True, stop=stop)
        rest = simulate(GradientDescent(0.9), problem, steps=99, resume=begun, stop=stop)
        assert (rest.status, rest.stopped_at) == (run.status, run.stopped_at)
    sweep = ensemble([GradientDescent(0.9)] * 8, problem, steps=99, seeds=1, x0=START, stop=stop)
    assert set(sweep.stopped_at.ravel()) == {run.stopped_at}


def test_a_rejected_trial_is_no_small_change():
    stop = Stop(loss_change=1e-12, iterate_change=1e-12)
    method = TrustRegion(radius=10.0, increase=2.0, decrease=2.0)
    run = simulate(method, beale(), steps=200, x0=[4.0, 1.0], stop=stop, record_iterates=True)
    still = (np.diff(run.iterates, axis=0) == 0.0).all(axis=1)
    assert still.any()
    assert run.status.name == "CONVERGED"
    np.testing.assert_allclose(run.x, [3.0, 0.5], atol=1e-6)


def test_mini_batches_are_compared_where_they_are_recorded():
    problem = carmon(samples=100, dimension=3, batch_size=10, rng=0)
    whole = simulate(SGD(0.5), problem, steps=200, rng=1, record_iterates=True)
    for stop in (Stop(relative_gradient_norm=0.5), Stop(loss_change=1e-2), Stop(iterate_change=0.05)):
        run = simulate(SGD(0.5), problem, steps=200, rng=1, stop=stop)
        assert run.stopped_at == whole.iteration[tolerances_met(whole, stop).argmax()] > 10


def test_a_comparison_survives_any_cut_and_a_file(tmp_path):
    problem = carmon(samples=100, dimension=3, batch_size=10, rng=0)
    stop = Stop(iterate_change=0.05)
    whole = simulate(SGD(0.5), problem, steps=200, rng=1, stop=stop)
    assert whole.status.name == "CONVERGED"
    for cut in (whole.stopped_at - 1, whole.stopped_at - 7, whole.stopped_at - 10):
        simulate(SGD(0.5), problem, steps=cut, rng=1, stop=stop).save(tmp_path / "run.npz")
        begun = Trajectory.load(tmp_path / "run.npz")
        rest = simulate(SGD(0.5), problem, steps=200 - cut, resume=begun, stop=stop)
        assert (rest.status, rest.stopped_at, rest.x.tobytes()) == (whole.status, whole.stopped_at, whole.x.tobytes())


def test_tolerances_that_are_off_are_not_met_by_zeros():
    bowl = quadratic(eigenvalues=[1.0, 1.0])
    for stop in (Stop(relative_gradient_norm=0.5), Stop(loss_change=0.5), Stop(iterate_change=0.5)):
        run = simulate(GradientDescent(1.0), bowl, steps=3, x0=[3.0, 4.0], stop=stop)
        assert run.stopped_at == (1 if stop.relative_gradient_norm >= 0 else 3)
    still = simulate(GradientDescent(1.0), bowl, steps=3, x0=[0.0, 0.0], stop=Stop(loss_change=0.5))
    assert (still.status.name, still.stopped_at) == ("MAX_ITERATIONS", 3)


def test_a_loss_that_fades_away_at_infinity_has_no_minimum():
    stop = Stop(gradient_norm=1e-8, iterate_bound=1e6)
    run = simulate(GaussNewton(), Fading(1e-7), steps=1000, x0=[0.0], stop=stop)
    assert (run.status.name, run.x[0] > 1e6) == ("DIVERGED", True)
    assert run.gradient_norm[-1] <= 1e-8
    near = simulate(GaussNewton(), Fading(1.0), steps=1000, x0=[0.0], stop=stop)
    assert near.status.name == "CONVERGED"


@pytest.mark.parametrize(
    ("x", "bound", "inside"),
    [
        ([3.0, -3.0, 3.0], 3.0, True),  # longer than the bound, and no coordinate larger
        ([3.0, -3.0, 3.0], 2.9, False),
        ([-1.1], 1.0, False),
        ([0.5, -0.5], 1.0, True),
        ([1e250], 1e200, False),  # squares that overflow
        ([1e250], 1e300, True),
        ([0.0, np.inf], 1e300, False),
        ([0.0, np.nan], np.inf, False),
    ],
)
def test_a_bound_of_iterates_is_one_of_the_largest_coordinate(x, bound, inside):
    records = Records(np.array([0, 1]), *np.ones((3, 2)), np.zeros((2, 3), dtype=np.int64), np.empty(0))
    ended = ending(Status.CONVERGED, BOWL, np.array(x), records, bound)
    assert ended == (Status.CONVERGED if inside else Status.DIVERGED)


@pytest.mark.parametrize("stop", [None, Stop(gradient_norm=1e-8)])
def test_a_start_at_a_saddle_is_called_one(stop):
    for method in (GradientDescent(0.1), TrustRegion(), TrustRegion(solver="gltr")):
        assert simulate(method, saddle(), steps=3, x0=[0.0, 0.0], stop=stop).status.name == "SADDLE"
    left = simulate(TrustRegion(solver="exact"), saddle(), steps=3, x0=[0.0, 0.0])
    assert left.status.name == "MAX_ITERATIONS"
    wide = quadratic(eigenvalues=np.append(np.ones(199), -1e-3))
    assert simulate(GradientDescent(0.1), wide, steps=3, x0=np.zeros(200), stop=stop).status.name == "SADDLE"
    begun = simulate(GradientDescent(0.1), saddle(), steps=1, x0=[0.0, 0.0], stop=stop)
    assert simulate(GradientDescent(0.1), saddle(), steps=2, resume=begun, stop=stop).status.name == "SADDLE"
    sweep = ensemble([GradientDescent(0.1)] * 3, wide, steps=3, seeds=1, x0=np.zeros(200), stop=stop)
    assert (sweep.status == Status.SADDLE).all()


def test_minima_and_problems_without_products_are_not_called_saddles():
    stop = Stop(gradient_norm=1e-8)
    flat = quadratic(eigenvalues=[1.0, 1e-12])
    for problem, x0 in ((beale(), [3, 0.5]), (rastrigin(5), np.zeros(5)), (Scaled(-1.0), [0, 0]), (flat, [0, 0])):
        assert simulate(GradientDescent(0.1), problem, steps=3, x0=x0, stop=stop).status.name == "CONVERGED"


@pytest.mark.parametrize("field", Stop._fields)
@pytest.mark.parametrize("wrong", [np.nan, 1j, "abc", None, True, [1.0]])
def test_bad_tolerances_are_refused(field, wrong):
    with pytest.raises(ValueError, match=field):
        simulate(GradientDescent(0.1), BOWL, steps=1, stop=Stop(**{field: wrong}))


def test_runs_that_nothing_will_move_end():
    for solver in ("steihaug", "gltr"):
        tiny = quadratic(eigenvalues=[1e-170, 2e-170])
        run = simulate(TrustRegion(solver=solver), tiny, steps=9, x0=[1.0, 1.0], stop=Stop(gradient_norm=1e-180))
        assert (run.status.name, run.stopped_at) == ("LINE_SEARCH_FAILED", 0)
    run = simulate(GaussNewton(), Fading(1e200), steps=9, x0=[0.0])
    assert (run.status.name, run.stopped_at, run.gradient_norm[0]) == ("NOT_FINITE", 0, 2e200)
