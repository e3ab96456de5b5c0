"""RSG over strongly convex functions: the library's own method on the same function, and false variants."""

from fractions import Fraction

import numpy as np
import pytest

from plots.claims import pictures
from theory.arsg import convergence_rate, optimal_parameters
from theory.claims import Verdict
from theory.claims.routes import performance_estimation as estimation
from theory.claims.worst_case import methods, strongly_convex

solver = pytest.mark.skipif(not estimation.available(), reason="the extra sdp is not installed")


def kinked(x):
    return np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24))


def test_the_parameters_are_the_fastest_on_quadratics():
    step_size, beta, mu, rate = optimal_parameters(25.0)
    assert (step_size / 25, beta, mu, rate) == pytest.approx((1 / 5, 4 / 9, 0, 2 / 3), rel=1e-14)


def test_the_counterexample_can_be_computed_again(quick):
    found = quick("worst_case.rsg_quadratic_rate").counterexample
    step_size, beta = (float(Fraction(found[name])) for name in ("alpha", "beta"))
    method = methods.remote_gradient(step_size, beta, found["mu"], 3000)
    start = np.array([float(Fraction(found["x_0"]))])
    end = float(method(start, kinked)[0])
    assert min(abs(end - float(Fraction(point))) for point in found["goes round among"]) < 1e-9
    slopes = np.diff(kinked(np.linspace(-4, 4, 8001))) / 1e-3
    assert slopes.min() == pytest.approx(1)
    assert slopes.max() == pytest.approx(25)
    # the same parameters on the parabolas at both ends of the class
    for curvature in (1.0, 25.0):
        assert abs(method(start, lambda x, curvature=curvature: curvature * x)[0]) < 1e-100


def test_other_parameters_on_the_same_function_converge():
    # mu = 1 - beta makes it Nesterov's method
    beta = 2 / 3
    end = methods.remote_gradient(1 / 25 / (1 - beta), beta, 1 - beta, 400)(np.array([3.3]), kinked)
    assert abs(float(end[0])) < 1e-12


def test_a_point_off_the_cycle_leaves_it():
    first, last = strongly_convex.CYCLE[0], strongly_convex.CYCLE[-1]
    average = (last - first) / strongly_convex.STEP_SIZE
    assert strongly_convex.trajectory(first, average, 3)[-1] == first
    assert strongly_convex.trajectory(first, -average, 3)[-1] != first


def test_worst_curvature_of_the_grid_falls_at_the_rate_of_the_closed_form():
    step_size, beta, mu = 2.0, 0.5, 0.2
    rate = float(convergence_rate(step_size=step_size, beta=beta, mu=mu, lambda_min=0.1, lambda_max=1.0))
    ends = [
        strongly_convex.on_quadratics(methods.remote_gradient(step_size, beta, mu, steps), 0.1) for steps in (200, 300)
    ]
    assert (ends[1] / ends[0]) ** (1 / 200) == pytest.approx(rate, rel=1e-3)


@solver
def test_the_class_is_worse_than_its_quadratics(quick):
    data = quick("worst_case.rsg_quadratic_rate").data
    for entry in data.values():
        worse = np.array(entry["all functions"]) / entry["quadratics"]
        assert worse[0] == pytest.approx(1, rel=1e-4)  # one step sees one gradient: a quadratic is as bad
        assert worse[-1] > 3
    name = "worst_case.rsg_quadratic_rate"
    figure = pictures()[name].draw(quick(name).to_json()["data"])
    assert figure.axes[0].get_yscale() == "log"


@solver
def test_nesterovs_rate_without_its_mu_is_refuted():
    kappa, steps = 100.0, 12
    beta = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
    bound = (1 + 1 / kappa) / 2 * (1 - 1 / np.sqrt(kappa)) ** steps
    for mu, verdict in ((1 - beta, Verdict.SUPPORTED), (0.0, Verdict.REFUTED)):
        method = methods.remote_gradient(1 / (1 - beta), beta, mu, steps - 1, last_step=1.0)
        value = estimation.worst_case(method, strong_convexity=1 / kappa).value
        assert methods.within([value / bound - 1], gap=0.0, cases=[{"mu": mu}], said="Solved").verdict is verdict
