"""Where and why runs of exact methods end on the classical test functions; all in plain Python."""

import numba
import numpy as np
import pytest

from dynamics import (
    Armijo,
    CubicNewton,
    FirstOrderTrustRegion,
    GaussNewton,
    LevenbergMarquardt,
    SaddleFreeNewton,
    Stop,
    TrustRegion,
    simulate,
)
from dynamics.kernels.policy import as_python
from tests.dynamics.classics import FORMULAS, classic, derivatives

TOLERANCE = 1e-8
WIDE = {"radius": 1.0, "max_radius": 1e8, "increase": 2.0, "decrease": 4.0}
SAFE = {
    "steihaug": TrustRegion(**WIDE),
    "gltr": TrustRegion(solver="gltr", **WIDE),
    "exact": TrustRegion(solver="exact", **WIDE),
    "adagrad": TrustRegion("adagrad", **WIDE),
    "levenberg": LevenbergMarquardt(),
    "levenberg_hessian": LevenbergMarquardt("hessian"),
    "cubic": CubicNewton(),
    "cubic_krylov": CubicNewton(solver="krylov"),
}
BOLD = {"gauss_newton": GaussNewton(), "saddle_free": SaddleFreeNewton()}
FIRST_ORDER = {"armijo": Armijo(1.0), "first_order": FirstOrderTrustRegion(**WIDE)}
QUICK = ("rosenbrock", "freudenstein_roth", "jennrich_sampson", "brown_dennis", "mccormick", "raised_cosines")
SHORT = ("jennrich_sampson", "mccormick", "raised_cosines")  # for first-order methods
UNFINISHED = {  # these go on for more than 600 steps; Gauss and Newton's get shorter than rounding
    ("gauss_newton", "biggs"),
    ("steihaug", "meyer"),
    ("gltr", "meyer"),
    ("exact", "meyer"),
    ("adagrad", "meyer"),
    ("levenberg", "meyer"),
    ("levenberg_hessian", "meyer"),
    ("exact", "biggs"),
}


def run_of(method, name, **stop):
    with pytest.MonkeyPatch.context() as patch, as_python():
        patch.setattr(numba.config, "DISABLE_JIT", 1)
        stop = Stop(gradient_norm=TOLERANCE, **stop)
        return simulate(method, classic(name), steps=600, x0=FORMULAS[name].start, stop=stop, record_iterates=True)


def pairs(methods, names):
    return [
        pytest.param(methods[m], name, id=f"{m}-{name}", marks=() if name in QUICK else pytest.mark.slow)
        for m in methods
        for name in names
        if (m, name) not in UNFINISHED and (m not in ("levenberg", "gauss_newton") or FORMULAS[name].squares)
    ]


def at_a_minimum(run, name):
    value, _, hessian, _ = derivatives(classic(name), run.x)
    least, largest = np.linalg.eigvalsh(hessian)[[0, -1]]
    near = min(abs(value - minimum) for minimum in FORMULAS[name].minima) <= 1e-6 * max(1.0, abs(value))
    return near and least >= -1e-6 * largest


@pytest.mark.parametrize(("method", "name"), pairs(SAFE, FORMULAS))
def test_safeguarded_methods_end_at_a_minimum(method, name):
    run = run_of(method, name)
    assert run.status.name in ("CONVERGED", "LINE_SEARCH_FAILED")
    assert at_a_minimum(run, name)
    _, gradient, hessian, _ = derivatives(classic(name), run.x)
    # Where the search failed, falls of the loss are below its rounding.
    hidden = np.sqrt(2 * 2.2e-15 * abs(run.loss[-1]) * np.linalg.eigvalsh(hessian)[-1])
    assert np.linalg.norm(gradient) <= (1.01 * TOLERANCE if run.status.name == "CONVERGED" else hidden + 1e-5)


@pytest.mark.parametrize(("method", "name"), pairs(BOLD, FORMULAS) + pairs(FIRST_ORDER, SHORT))
def test_what_other_methods_say_of_their_end_is_so(method, name):
    run = run_of(method, name, iterate_bound=1e8)
    assert np.isfinite(run.loss).all()
    assert np.isfinite(run.x).all()
    if run.status.name == "CONVERGED":
        assert np.linalg.norm(derivatives(classic(name), run.x)[1]) <= 1.01 * TOLERANCE
    else:
        assert run.gradient_norm[-1] > TOLERANCE
    if run.status.name == "MAX_ITERATIONS":
        assert (np.diff(run.iterates[-20:], axis=0) != 0.0).any()


def test_a_minimum_at_infinity_is_one_only_within_the_bound_of_iterates():
    """Jennrich and Sampson: Gauss and Newton's steps lead from (0.3, 0.4) to x₂ = −212, where exponentials vanish."""
    assert run_of(GaussNewton(), "jennrich_sampson").status.name == "CONVERGED"
    assert run_of(GaussNewton(), "jennrich_sampson", iterate_bound=100.0).status.name == "DIVERGED"


def test_a_flat_direction_ends_a_method_that_has_no_step_along_it():
    """McCormick: from 0 Newton's step leads to (1/2, −1/2), where the Hessian has no curvature along the gradient."""
    run = run_of(SaddleFreeNewton(), "mccormick")
    assert (run.status.name, run.stopped_at) == ("LINE_SEARCH_FAILED", 1)


@pytest.mark.parametrize("name", FORMULAS)
def test_derivatives_are_those_of_the_formulas(name):
    problem, x = classic(name), np.array(FORMULAS[name].start) * 1.01 + 0.003
    _, gradient, hessian, _ = derivatives(problem, x)
    for j in range(len(x)):
        h = 1e-5 * max(1e-2, abs(x[j]))
        (up, gu, _, _), (down, gd, _, _) = (derivatives(problem, x + s * h * np.eye(len(x))[j]) for s in (1, -1))
        np.testing.assert_allclose((up - down) / (2 * h), gradient[j], rtol=1e-4, atol=1e-4 * np.abs(gradient).max())
        np.testing.assert_allclose((gu - gd) / (2 * h), hessian[j], rtol=1e-4, atol=1e-4 * np.abs(hessian).max())
