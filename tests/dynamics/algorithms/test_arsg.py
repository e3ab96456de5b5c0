"""ARSG and its generalised form: against the twins, in the limits that are other methods, and within sets."""

from functools import partial

import numpy as np
import pytest

from dynamics import Adam, simulate
from dynamics.algorithms.amsgrad import AMSGrad
from dynamics.algorithms.arsg import ARSG, GeneralizedARSG
from dynamics.algorithms.parts.projection import Ball, Box, Everywhere, box, project
from dynamics.algorithms.radam import RAdam
from tests.dynamics.algorithms import adaptive_twins as twins
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like

STEPS = 60
X0 = np.zeros(6)
NUMBERS = [
    {"beta1": 0.999, "beta2": 0.99, "mu": 0.1, "eps": 1e-8},
    {"beta1": 0.9, "beta2": 0.7, "mu": 0.4, "eps": 1e-3},
    {"beta1": 0.5, "beta2": 0.9, "mu": 0.0, "eps": 0.1},
]
CENTER = np.array([0.1, -0.2, 0.3, 0.0, 0.5, -0.4])
LOWER, UPPER = CENTER - 0.1, CENTER + np.arange(1, 7) / 50
CONSTRAINTS = {
    "everywhere": (Everywhere(), lambda z, weights: z),
    "box of numbers": (box(-0.1, 0.05), partial(twins.onto_box, lower=-0.1, upper=0.05)),
    "box of arrays": (box(LOWER, UPPER), partial(twins.onto_box, lower=LOWER, upper=UPPER)),
    "half-space": (box(-np.inf, UPPER), partial(twins.onto_box, lower=-np.inf, upper=UPPER)),
    "ball": (Ball(0.2), partial(twins.onto_ball, radius=0.2, center=0.0)),
    "ball around a point": (Ball(0.3, CENTER), partial(twins.onto_ball, radius=0.3, center=CENTER)),
}


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_twin(constraint, numbers, batch):
    problem, (where, onto) = carmon_like(batch=batch), CONSTRAINTS[constraint]
    gradient = formulas_of(problem, STEPS).gradient
    twin = twins.arsg(gradient, X0, np.full(STEPS, 0.05), **numbers, project=onto)
    assert_same_run(run_of(ARSG(0.05, **numbers, constraint=where), problem, STEPS), twin)
    if constraint != "everywhere":
        free = twins.arsg(gradient, X0, np.full(STEPS, 0.05), **numbers)
        assert np.abs(twin[0] - free[0]).max() > 0.1


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("accumulator", ["adam", "amsgrad", "radam"])
def test_twin_of_the_generalised_form(accumulator, numbers, batch):
    problem = carmon_like(batch=batch)
    direction = twins.generalized_arsg(**numbers, accumulator=accumulator)
    twin = twins.along(direction, formulas_of(problem, STEPS).gradient, X0, np.full(STEPS, 0.05))
    assert_same_run(run_of(GeneralizedARSG(0.05, **numbers, accumulator=accumulator), problem, STEPS), twin)


@pytest.mark.parametrize("batch", [0, 5])
def test_without_mu_it_is_amsgrad_where_eps_does_not_enter(batch):
    problem = carmon_like(batch=batch)
    ours = run_of(ARSG(0.05, beta1=0.9, beta2=0.99, mu=0.0, eps=1e-300), problem, STEPS)
    theirs = run_of(AMSGrad(0.05, beta1=0.9, beta2=0.99, eps=0.0), problem, STEPS)
    np.testing.assert_allclose(ours.iterates, theirs.iterates, rtol=0, atol=1e-13)


def test_eps_enters_arsg_under_the_maximum_and_amsgrad_beside_the_root():
    """The first move is α(1 − β₁)g over max(√ε, s) in the one and s + ε in the other, with s = |g|√(1 − β₂)."""
    problem, eps = carmon_like(), 0.3
    g = formulas_of(problem, 1).gradient(0, X0)
    s = 0.5 * np.abs(g)
    assert (s < np.sqrt(eps)).any()
    for method, scale in (
        (ARSG(1.0, beta1=0.5, beta2=0.75, mu=0.0, eps=eps), np.maximum(np.sqrt(eps), s)),
        (AMSGrad(1.0, beta1=0.5, beta2=0.75, eps=eps), s + eps),
    ):
        np.testing.assert_allclose(run_of(method, problem, 1).iterates[1], -0.5 * g / scale, rtol=1e-13)


@pytest.mark.parametrize(
    ("accumulator", "method"),
    [("adam", Adam), ("amsgrad", AMSGrad), ("radam", RAdam)],
    ids=["adam", "amsgrad", "radam"],
)
def test_the_generalised_form_without_mu_is_the_method_of_the_scale(accumulator, method):
    problem, numbers = carmon_like(batch=5), {"beta1": 0.9, "beta2": 0.95, "eps": 1e-3}
    ours = run_of(GeneralizedARSG(0.05, mu=0.0, accumulator=accumulator, **numbers), problem, STEPS)
    theirs = run_of(method(0.05, **numbers), problem, STEPS)
    np.testing.assert_allclose(ours.iterates, theirs.iterates, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_projection_on_a_ball_is_the_nearest_point_in_its_metric(seed):
    """The inequality that characterises it: Σ s (z − y)(w − y) ≤ 0 for every w in the ball."""
    rng = np.random.default_rng(seed)
    center, radius = rng.standard_normal(5), 10.0 ** rng.uniform(-2, 2)
    z, weights = center + 10 * radius * rng.standard_normal(5), 10.0 ** rng.uniform(-4, 3, 5)
    y = z.copy()
    project(Ball(radius, center), y, weights**2)
    assert np.linalg.norm(y - center) == pytest.approx(radius, rel=1e-13)
    others = rng.standard_normal((1000, 5))
    others *= radius / np.linalg.norm(others, axis=1, keepdims=True)
    products = (center + others - y) @ (weights * (z - y))
    assert products.max() <= 1e-12 * radius * np.linalg.norm(weights * (z - y))
    rescaled = center + radius * (z - center) / np.linalg.norm(z - center)
    assert np.linalg.norm(rescaled - y) > 1e-3 * radius


def test_the_projection_leaves_points_within_and_rescales_under_equal_weights():
    inside, outside = np.array([0.3, -0.4]), np.array([3.0, -4.0])
    project(Ball(0.5), inside, np.array([9.0, 1e-8]))
    project(Ball(0.5), outside, np.array([9.0, 9.0]))
    assert inside.tolist() == [0.3, -0.4]
    np.testing.assert_allclose(outside, [0.3, -0.4], rtol=1e-15)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (ARSG(-1.0), "step_size = -1.0 must be positive"),
        (ARSG(0.1, beta1=1.0), r"beta1 = 1.0 must lie in \[0, 1\)"),
        (ARSG(0.1, beta2=1.0), r"beta2 = 1.0 must lie in \[0, 1\)"),
        (ARSG(0.1, mu=1.0), r"mu = 1.0 must lie in \[0, 1\)"),
        (ARSG(0.1, eps=0.0), "eps = 0.0 must be positive"),
        (ARSG(0.1, constraint=3.0), r"constraint = 3.0 has no projection; give Everywhere\(\)"),
        (ARSG(0.1, constraint=box(1.0, 0.0)), "hold no point between them"),
        (ARSG(0.1, constraint=box(np.zeros(2), np.ones(3))), "bounds of one shape"),
        (
            ARSG(0.1, constraint=Box(0.0, 1.0)),
            r"Box.lower = 0.0 must be an array: try \[0.0\], or let the factory make it",
        ),
        (ARSG(0.1, constraint=box(np.zeros(5), 1.0)), r"Box.lower has shape \(5,\), and the iterate has 6 coordinates"),
        (ARSG(0.1, constraint=Ball(0.0)), "radius = 0.0 must be positive"),
        (ARSG(0.1, constraint=Ball(1.0, 0.5)), r"Ball.center = 0.5 must be an array.*try \[0.5\]"),
        (ARSG(0.1, constraint=Ball(1.0, np.zeros(7))), r"Ball.center has shape \(7,\)"),
        (GeneralizedARSG(0.1, beta1=1.0), r"beta1 = 1.0 must lie in \[0, 1\)"),
        (GeneralizedARSG(0.1, beta2=1.0), r"beta2 = 1.0 must lie in \[0, 1\)"),
        (GeneralizedARSG(0.1, mu=-0.1), r"mu = -0.1 must lie in \[0, 1\)"),
        (GeneralizedARSG(0.1, eps=-1.0), "eps = -1.0 must be at least 0"),
        (GeneralizedARSG(0.1, accumulator="adamw"), "unknown GeneralizedARSG.accumulator 'adamw'; did you mean 'adam'"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
