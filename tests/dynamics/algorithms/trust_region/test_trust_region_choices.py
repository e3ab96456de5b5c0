"""Full-matrix ellipsoids, the stop rule of the model, and derivatives on mini-batches."""

import numpy as np
import pytest

from dynamics import MissingImplementation, draw, new_sample, simulate
from dynamics.algorithms.trust_region.first_order import FirstOrderTrustRegion
from dynamics.algorithms.trust_region.full_norm import new_norm
from dynamics.algorithms.trust_region.norm import (
    from_ball,
    gradient_in_ball,
    hessian_in_ball,
    is_round,
    precondition,
    renew,
    scale,
)
from dynamics.algorithms.trust_region.second_order import TrustRegion
from dynamics.protocol.canonical import canonical
from synthetic import carmon
from tests.dynamics.algorithms.curved import Form, Formulas, Valley, carmon_formulas, diagonal_norm, valley_formulas
from tests.dynamics.algorithms.regression import carmon_like
from tests.dynamics.algorithms.trust_region.trust_region_twin import trust_region

START = np.tile([-1.2, 1.0], 3)
STEPS = 15


def run_of(method, problem, x0=START, steps=STEPS, **kwargs):
    return simulate(method, problem, steps=steps, x0=x0, record_every=1, record_iterates=True, **kwargs)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_full_norm_says_is_what_its_matrix_says(seed):
    """Against M as a matrix, from SciPy's root of the sums."""
    from scipy.linalg import sqrtm

    rng = np.random.default_rng(seed)
    norm, gradients = (
        new_norm(canonical(TrustRegion("rmsprop", matrix="full", eps=0.3)), 4),
        rng.standard_normal((6, 4)),
    )
    sums = np.zeros((4, 4))
    for g in gradients:
        renew(norm, g, 0.7, 0.3)
        sums = 0.7 * sums + 0.3 * np.outer(g, g)
    M = np.real(sqrtm(sums + 0.3 * np.eye(4)))
    v, out = rng.standard_normal(4), np.empty(4)
    inner = precondition(norm, v, out)
    np.testing.assert_allclose(out, np.linalg.solve(M, v), rtol=1e-10)
    np.testing.assert_allclose(inner, v @ np.linalg.solve(M, v), rtol=1e-10)
    R = np.empty((4, 4))
    for j in range(4):
        from_ball(norm, np.eye(4)[j], out)
        R[:, j] = out
    np.testing.assert_allclose(R.T @ M @ R, np.eye(4), atol=1e-10)
    gradient_in_ball(norm, v, out)
    np.testing.assert_allclose(out, R.T @ v, rtol=1e-10)
    B = rng.standard_normal((4, 4))
    scaled = np.empty((4, 4))
    hessian_in_ball(norm, B, scaled)
    np.testing.assert_allclose(scaled, R.T @ (B + B.T) @ R / 2, atol=1e-10)
    assert (scaled == scaled.T).all()


def test_a_sphere_says_what_a_diagonal_of_ones_says():
    sphere, ones = new_norm(canonical(TrustRegion(matrix="full")), 4), diagonal_norm(np.ones(4))
    rng = np.random.default_rng(3)
    v, B = rng.standard_normal(4), rng.standard_normal((4, 4))

    def said(norm):
        out, scaled = np.empty((3, 4)), np.empty((4, 4))
        squared = precondition(norm, v, out[0])
        gradient_in_ball(norm, v, out[1])
        from_ball(norm, v, out[2])
        hessian_in_ball(norm, B, scaled)
        return squared, scale(norm) * squared, *out, scaled

    for one, other in zip(said(sphere), said(ones), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    assert is_round(sphere)
    assert not is_round(ones)
    assert sum(array.size for array in sphere) < 4


@pytest.mark.parametrize(
    "method",
    [
        TrustRegion("adagrad", radius=8.0, matrix="full", eps=0.5, increase=3.0),
        TrustRegion("rmsprop", radius=9.0, matrix="full", eps=2.0, eps_mode="initial", accumulate="successful"),
        TrustRegion("adagrad", "exact", radius=8.0, matrix="full", eps=0.5, increase=3.0),
        FirstOrderTrustRegion("rmsprop", radius=9.0, matrix="full", eps=3.0),
    ],
)
def test_twin_of_full_ellipsoids(method):
    first = isinstance(method, FirstOrderTrustRegion)
    run = run_of(method, Valley())
    twin = trust_region(valley_formulas(), START, STEPS, method, first_order=first)
    assert True in twin.accepted
    assert False in twin.accepted
    np.testing.assert_allclose(run.iterates, twin.iterates, rtol=0, atol=1e-8)


@pytest.mark.parametrize("solver", ["gltr", "exact"])
def test_full_ellipsoids_turn_with_the_coordinates_and_diagonal_ones_do_not(solver):
    rng = np.random.default_rng(3)
    Q = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    B, b = np.diag([30.0, 10.0, 3.0, 1.0]), np.array([3.0, -1.0, 0.2, 5.0])
    turned = Form(Q @ B @ Q.T, Q @ b)
    distance = {}
    for matrix in ("full", "diagonal"):
        method = TrustRegion("adagrad", solver, radius=0.3, matrix=matrix, eps=0.1, kappa=1e-3)
        there = run_of(method, turned, x0=Q @ np.ones(4), steps=8).iterates
        here = run_of(method, Form(B, b), x0=np.ones(4), steps=8).iterates
        distance[matrix] = np.abs(there - here @ Q.T).max()
    assert distance["full"] < 1e-9
    assert distance["diagonal"] > 1e-3


def test_the_rule_of_the_model_stops_where_little_is_gained():
    methods = [TrustRegion(radius=2.0, kappa=kappa, stop="model") for kappa in (0.5, 0.1, 1e-3)]
    products = []
    for method in methods:
        run, twin = run_of(method, Valley()), trust_region(valley_formulas(), START, STEPS, method)
        np.testing.assert_allclose(run.iterates, twin.iterates, rtol=0, atol=1e-10)
        assert np.array_equal(run.hessian_products, np.append(0, np.cumsum(twin.products)))
        products.append(max(twin.products))
    assert products[0] < products[2]


def batch_formulas(problem, indices) -> Formulas:
    """The mean over a mini-batch."""

    class Part:
        A, b = problem.A[indices], problem.b[indices]

    return carmon_formulas(Part)


@pytest.mark.parametrize(("solver", "values"), [("steihaug", "full"), ("gltr", "sampled"), ("exact", "full")])
def test_twin_on_mini_batches(solver, values):
    """The batches are drawn once more from the same seed; each iteration is one of the twin's on its batch."""
    problem = carmon(samples=40, dimension=6, rng=4, batch_size=10)
    method = TrustRegion("adagrad", solver, radius=1.0, derivatives="sampled", values=values)
    run = run_of(method, problem, x0=np.zeros(6), rng=5)
    rng, sample, taken = np.random.default_rng(5), new_sample(problem), []
    x, radius, rejected = np.zeros(6), 1.0, 0
    for k in range(STEPS):
        draw(problem, rng, sample)
        part = batch_formulas(problem, sample.indices[: sample.size[0]])
        taken.append(part.gradient(x))
        judge = part if values == "sampled" else carmon_formulas(problem)
        mixed = Formulas(judge.loss, part.gradient, part.hessian)
        one = trust_region(mixed, x, 1, method._replace(radius=radius), taken=taken[:-1])
        x, radius, rejected = one.iterates[1], one.radii[1], rejected + (not one.accepted[0])
        np.testing.assert_allclose(run.iterates[k + 1], x, rtol=0, atol=1e-8)
    assert 0 < rejected < STEPS
    assert run.gradients[-1] == STEPS * 10 / 40
    evaluated = 2 * STEPS * 10 / 40 if values == "sampled" else 1 + STEPS
    assert run.values[-1] == evaluated
    if solver == "exact":
        assert run.hessian_products[-1] == 6 * STEPS * 10 / 40


@pytest.mark.parametrize(("solver", "values"), [("steihaug", "full"), ("gltr", "sampled")])
def test_a_batch_of_all_samples_takes_the_steps_of_the_full_batch(solver, values):
    problem = carmon(samples=40, dimension=6, rng=4, batch_size=40)
    whole = run_of(TrustRegion("adagrad", solver, radius=1.0), problem, x0=np.zeros(6))
    sampled = TrustRegion("adagrad", solver, radius=1.0, derivatives="sampled", values=values)
    np.testing.assert_allclose(run_of(sampled, problem, x0=np.zeros(6), rng=0).iterates, whole.iterates, atol=1e-9)


def test_first_order_steps_on_mini_batches():
    problem = carmon(samples=40, dimension=6, rng=4, batch_size=10)
    method = FirstOrderTrustRegion("adagrad", radius=1.0, derivatives="sampled", values="sampled")
    run = run_of(method, problem, x0=np.zeros(6), rng=5)
    rng, sample, taken = np.random.default_rng(5), new_sample(problem), []
    x, radius = np.zeros(6), 1.0
    for k in range(STEPS):
        draw(problem, rng, sample)
        part = batch_formulas(problem, sample.indices[: sample.size[0]])
        taken.append(part.gradient(x))
        one = trust_region(part, x, 1, method._replace(radius=radius), first_order=True, taken=taken[:-1])
        x, radius = one.iterates[1], one.radii[1]
        np.testing.assert_allclose(run.iterates[k + 1], x, rtol=0, atol=1e-9)
    assert run.values[-1] == 2 * STEPS * 10 / 40


def test_sampled_derivatives_can_be_resumed():
    problem = carmon(samples=40, dimension=6, rng=4, batch_size=10)
    method = TrustRegion(radius=1.0, derivatives="sampled")
    whole, half = (run_of(method, problem, x0=np.zeros(6), steps=steps, rng=5) for steps in (12, 5))
    both = simulate(method, problem, steps=7, resume=half)
    assert np.array_equal(both.iterates, whole.iterates)
    assert np.array_equal(both.values, whole.values)


def test_what_can_not_be_is_refused():
    with pytest.raises(ValueError, match="values = 'sampled' with derivatives = 'full'"):
        canonical(TrustRegion(values="sampled"))
    with pytest.raises(ValueError, match="values = 'sampled' with derivatives = 'full'"):
        canonical(FirstOrderTrustRegion(values="sampled"))
    method = TrustRegion(derivatives="sampled")
    for problem, x0 in ((carmon_like(batch=5), None), (Valley(), START)):
        with pytest.raises(
            MissingImplementation, match=r"TrustRegion needs (hessian_product, )?sampled_hessian_product"
        ):
            simulate(method, problem, steps=1, x0=x0)
