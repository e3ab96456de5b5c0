"""Smoothing against quadrature and against means over drawn shifts.

Each statistical test rejects the truth with probability 10⁻⁶ a number, by the normal quantile 4.9 of a mean of 10⁵
terms or more.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.integrate import dblquad, quad

import synthetic
from dynamics import (
    SGD,
    batch_summands,
    draw,
    gradient,
    hessian_product,
    implements,
    initial_point,
    new_sample,
    sampled_gradient,
    sampled_value_and_gradient,
    simulate,
    summands,
    value,
    value_and_gradient,
)
from dynamics.protocol.canonical import identity
from synthetic import carmon, info, quadratic
from synthetic.landscapes.classics import himmelblau
from synthetic.landscapes.cosines import QuadraticCosine, quadratic_cosine, rastrigin
from synthetic.landscapes.drop_waves import drop_wave
from synthetic.smoothing.smoothing import smoothed
from synthetic.wrappers.averaged import Averaged
from synthetic.wrappers.raised import Raised

QUANTILE = 4.9
EIGENVALUES = [-0.5, 1.0, 4.0]
CLOSED: dict[str, Any] = {
    "diagonal": quadratic(eigenvalues=EIGENVALUES, minimiser=[0.3, -0.2, 0.5]),
    "dense": quadratic(eigenvalues=EIGENVALUES, minimiser=[0.3, -0.2, 0.5], rotation="haar", rng=0),
    "noisy": quadratic(eigenvalues=EIGENVALUES, noise=0.3, rng=1),
    "least squares": quadratic(eigenvalues=[0.1, 1.0, 4.0], noise="samples", samples=7, batch_size=2, rng=2),
    "rastrigin": rastrigin(3),
    "quadratic cosine": quadratic_cosine(0.3, -0.8, 1.7, dimension=3),
}


def mean_on_a_line(problem, x, delta, noise):
    """E f(x − δu) and E f'(x − δu) by quadrature."""
    density = (lambda u: 0.5) if noise == "ball" else (lambda u: np.exp(-u * u / 2) / np.sqrt(2 * np.pi))
    reach = 1.0 if noise == "ball" else 9.0
    out = np.empty(1)

    def both(u):
        return value_and_gradient(problem, np.array([x - delta * u]), out), out[0]

    options: dict[str, Any] = {"limit": 500, "epsabs": 1e-11, "epsrel": 1e-11}
    return [quad(lambda u, k=k: both(u)[k] * density(u), -reach, reach, **options)[0] for k in (0, 1)]


@pytest.mark.parametrize("noise", ["ball", "gaussian"])
@pytest.mark.parametrize("delta", [0.13, -0.6])
@pytest.mark.parametrize("problem", [rastrigin(), quadratic_cosine(0.3, -0.8, 1.7), quadratic(eigenvalues=[3.0])])
def test_closed_forms_on_a_line_are_the_integral(problem, delta, noise):
    exact = smoothed(problem, delta, noise)
    for x in (0.0, 0.37, -1.9):
        expected = mean_on_a_line(problem, x, delta, noise)
        found = synthetic.value(exact, [x]), synthetic.gradient(exact, [x])[0]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_closed_form_on_the_disc_is_the_integral():
    problem, delta, (x, y) = rastrigin(2), 0.4, (0.3, -0.8)

    def integrand(angle, radius):
        point = np.array([x - delta * radius * np.cos(angle), y - delta * radius * np.sin(angle)])
        return np.sum(point**2 - 10 * np.cos(2 * np.pi * point) + 10) * radius / np.pi

    expected, _ = dblquad(integrand, 0, 1, 0, 2 * np.pi, epsabs=1e-9, epsrel=1e-9)
    assert synthetic.value(smoothed(problem, delta), [x, y]) == pytest.approx(expected, rel=1e-8)


def draws_of_the_law(noise, count, dimension, rng):
    """Draws of u by rejection from the cube, or normal."""
    if noise == "gaussian":
        return rng.standard_normal((count, dimension))
    u = rng.uniform(-1, 1, (4 * count, dimension))
    return u[(u**2).sum(axis=1) <= 1][:count]


@pytest.mark.parametrize("noise", ["ball", "gaussian"])
@pytest.mark.parametrize("name", [name for name in CLOSED if name != "noisy"])
def test_closed_forms_are_the_mean_over_drawn_shifts(name, noise):
    problem, delta, x = CLOSED[name], 0.3, np.array([0.2, -0.7, 1.1])
    u = draws_of_the_law(noise, 100_000, 3, np.random.default_rng(5))
    assert len(u) == 100_000
    exact = smoothed(problem, delta, noise)
    values, gradients = synthetic.value(problem, x - delta * u), synthetic.gradient(problem, x - delta * u)
    error = abs(values.mean() - synthetic.value(exact, x))
    assert error < QUANTILE * values.std() / np.sqrt(len(u))
    errors = np.abs(gradients.mean(axis=0) - synthetic.gradient(exact, x))
    assert (errors <= QUANTILE * gradients.std(axis=0) / np.sqrt(len(u))).all()


@pytest.mark.parametrize("noise", ["ball", "gaussian"])
def test_shifts_follow_the_law(noise):
    shifts = smoothed(himmelblau(), -2.0, noise, directions=200_000, rng=6).shifts / 2.0
    np.testing.assert_array_equal(shifts[:100_000], -shifts[100_000:])
    squares = (shifts[:100_000] ** 2).sum(axis=1)
    # In the disc the squared radius is uniform: mean 1/2, variance 1/12. Under the Gaussian it is χ² with 2 degrees.
    mean, variance = (0.5, 1 / 12) if noise == "ball" else (2.0, 4.0)
    assert abs(squares.mean() - mean) < QUANTILE * np.sqrt(variance / 100_000)
    assert squares.max() <= (1 + 1e-12 if noise == "ball" else 40)
    anisotropy = shifts[:100_000, 0] ** 2 - shifts[:100_000, 1] ** 2
    assert abs(anisotropy.mean()) < QUANTILE * anisotropy.std() / np.sqrt(100_000)


AVERAGED = {
    "drop wave": drop_wave(),
    "himmelblau": himmelblau(),
    "carmon": carmon(samples=6, dimension=3, batch_size=2, rng=3),
}
CLOSE: dict[str, Any] = {"rtol": 1e-11, "atol": 1e-11}


def slope(problem, x):
    out = np.empty_like(x)
    gradient(problem, x, out)
    return out


def product(problem, x, v):
    out = np.empty_like(x)
    hessian_product(problem, x, v, out)
    return out


@pytest.mark.parametrize("name", list(AVERAGED))
def test_averages_are_the_mean_over_the_shifts(name):
    problem = AVERAGED[name]
    mean = smoothed(problem, 0.2, directions=6, rng=7)
    assert isinstance(mean, Averaged)
    x, v = np.random.default_rng(8).standard_normal((2, mean.shifts.shape[1]))
    points = x - mean.shifts
    average = np.mean([value(problem, point) for point in points])
    assert value(mean, x) == pytest.approx(average, rel=1e-12)
    expected = np.mean([slope(problem, point) for point in points], axis=0)
    np.testing.assert_allclose(slope(mean, x), expected, **CLOSE)
    out = np.empty_like(x)
    assert value_and_gradient(mean, x, out) == pytest.approx(average, rel=1e-12)
    np.testing.assert_allclose(out, expected, **CLOSE)
    expected = np.mean([product(problem, point, v) for point in points], axis=0)
    np.testing.assert_allclose(product(mean, x, v), expected, **CLOSE)
    differences = (slope(mean, x + 1e-6 * v) - slope(mean, x - 1e-6 * v)) / 2e-6
    np.testing.assert_allclose(expected, differences, rtol=1e-5, atol=1e-6 * np.abs(expected).max())
    np.testing.assert_array_equal(initial_point(mean), initial_point(problem))


def test_compiled_averages_agree_with_plain_python():
    mean = smoothed(drop_wave(), 0.2, directions=6, rng=7)
    x, v = np.array([0.3]), np.array([-1.2])
    assert synthetic.value(mean, x) == pytest.approx(value(mean, x), rel=1e-12)
    np.testing.assert_allclose(synthetic.gradient(mean, x), slope(mean, x), **CLOSE)
    np.testing.assert_allclose(synthetic.hessian_product(mean, x, v), product(mean, x, v), **CLOSE)
    np.testing.assert_allclose(synthetic.hessian(mean, x) @ v, product(mean, x, v), **CLOSE)


def test_shifts_converge_to_the_integral():
    # On common shifts, so the error is that of one mean: 20,000 pairs.
    mean = smoothed(drop_wave(), 0.1, directions=40_000, rng=9)
    for x in (0.0, 0.13):
        expected = mean_on_a_line(drop_wave(), x, 0.1, "ball")
        pairs = [
            f(drop_wave(), x - mean.shifts).reshape(2, -1).mean(axis=0) for f in (synthetic.value, synthetic.gradient)
        ]
        found = synthetic.value(mean, [x]), synthetic.gradient(mean, [x])[0]
        for estimate, exact, terms in zip(found, expected, pairs, strict=True):
            assert abs(estimate - exact) <= QUANTILE * terms.std() / np.sqrt(20_000) + 1e-10


def test_pairs_leave_quadratic_gradients_exact():
    problem = CLOSED["dense"]
    x = np.array([0.2, -0.7, 1.1])
    mean = smoothed(problem, 0.9, "gaussian", directions=2, rng=10)
    np.testing.assert_allclose(synthetic.gradient(mean, x), synthetic.gradient(problem, x), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(("directions", "kind"), [(None, Raised), (4, Averaged)])
def test_mini_batches_are_smoothed_too(directions, kind):
    problem = CLOSED["least squares"]
    mean = smoothed(problem, 0.5, directions=directions, rng=11)
    assert type(mean) is kind
    shifts = mean.shifts if directions else np.zeros((1, 3))
    assert summands(mean) == len(shifts) * summands(problem)
    assert batch_summands(mean, new_sample(mean)) == len(shifts) * batch_summands(problem, new_sample(problem))
    sample, x, out, term = new_sample(mean), np.array([0.2, -0.7, 1.1]), np.empty(3), np.empty(3)
    draw(mean, np.random.default_rng(12), sample)
    values, slopes = [], []
    for shift in shifts:
        values.append(sampled_value_and_gradient(problem, x - shift, sample, term))
        slopes.append(term.copy())
    height = 0.0 if directions else 0.5 * 0.25 * 5.1 / 5
    assert sampled_value_and_gradient(mean, x, sample, out) == pytest.approx(np.mean(values) + height, rel=1e-13)
    np.testing.assert_allclose(out, np.mean(slopes, axis=0), rtol=1e-13)
    sampled_gradient(mean, x, sample, term)
    np.testing.assert_allclose(term, out, rtol=1e-13)


def test_runs_on_smoothed_mini_batches_count_every_shift():
    run = simulate(SGD(0.05), smoothed(CLOSED["least squares"], 0.5, directions=4, rng=13), steps=20, rng=14)
    np.testing.assert_array_equal(run.state.calls, [0, 20 * 4 * 2, 0])
    assert run.gradients[-1] == pytest.approx(20 * 2 / 7)  # in full batches


def test_noise_stays_outside():
    for directions, kind in ((None, Raised), (4, Averaged)):
        noisy = smoothed(CLOSED["noisy"], 0.5, directions=directions, rng=15)
        assert type(noisy) is type(CLOSED["noisy"])
        assert type(noisy.problem) is kind
        inner = smoothed(CLOSED["noisy"].problem, 0.5, directions=directions, rng=15)
        assert identity(noisy) == identity(CLOSED["noisy"]._replace(problem=inner))


def test_what_is_known():
    ball = info(smoothed(rastrigin(4), 0.5))
    amplitude = smoothed(rastrigin(4), 0.5).amplitude
    assert isinstance(smoothed(rastrigin(4), 0.5), QuadraticCosine)
    assert ball.lipschitz_constant == pytest.approx(2 + abs(amplitude) * 4 * np.pi**2)
    assert 0 < amplitude < 10
    raised = info(smoothed(quadratic(eigenvalues=[1.0, 3.0]), 2.0, "gaussian"))
    assert (raised.minimum, raised.lipschitz_constant) == (8.0, 3.0)
    assert info(smoothed(carmon(rng=0), 1.0, rng=0)).lipschitz_constant == info(carmon(rng=0)).lipschitz_constant
    assert info(smoothed(himmelblau(), 1.0, rng=0)).dimension == 2


def test_no_smoothing():
    for problem in (CLOSED["dense"], CLOSED["rastrigin"]):
        x = np.array([0.2, -0.7, 1.1])
        assert synthetic.value(smoothed(problem, 0.0), x) == pytest.approx(synthetic.value(problem, x), rel=1e-14)
    assert synthetic.value(smoothed(drop_wave(), 0.0, rng=0), [0.1]) == pytest.approx(
        synthetic.value(drop_wave(), [0.1]), rel=1e-13
    )


def test_the_same_rng_draws_the_same_shifts():
    first, again, other = (smoothed(drop_wave(), 0.3, rng=seed).shifts for seed in (0, 0, 1))
    assert first.shape == (64, 1)
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


class Startless(NamedTuple):
    """A user's problem of any dimension."""

    a: float = 1.0


@implements(value_and_gradient, Startless)
def _(problem, x, out):
    return 0.0


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: smoothed(drop_wave(), np.nan), "delta = nan must be a real number"),
        (lambda: smoothed(drop_wave(), 0.1, "box"), "unknown noise 'box'"),
        (lambda: smoothed(drop_wave(), 0.1, directions=5), r"directions = 5 must be even.*try 6\."),
        (lambda: smoothed(drop_wave(), 0.1, directions=0), "directions = 0"),
        (lambda: smoothed(Startless(), 0.1), "Startless has no initial_point"),
        (
            lambda: synthetic.value(Averaged(drop_wave(), np.zeros((2, 3)), smoothed(drop_wave(), 1.0).work), [0.0]),
            "shifts has shape",
        ),
    ],
)
def test_domain_errors(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
