"""Quadratics: spectra, starts and noise laws. Each statistical test rejects the truth with probability 10⁻⁶."""

import numpy as np
import pytest
from scipy.stats import chi2

import synthetic
from dynamics import SGD, GradientDescent, draw, initial_point, new_sample, sampled_gradient, simulate
from synthetic import (
    AxisNoise,
    DenseNoise,
    DiagonalQuadratic,
    LeastSquares,
    Noisy,
    Quadratic,
    info,
    quadratic,
    spectrum,
)

LEVEL = 1e-6
EIGENVALUES = np.array([0.2, 1.0, 5.0])


def test_types():
    assert type(quadratic(eigenvalues=EIGENVALUES)) is DiagonalQuadratic
    assert type(quadratic(eigenvalues=EIGENVALUES, rotation="haar", rng=0)) is Quadratic
    assert type(quadratic(eigenvalues=EIGENVALUES, noise="samples", rng=0)) is LeastSquares
    noisy = quadratic(eigenvalues=EIGENVALUES, noise=0.1)
    assert (type(noisy), type(noisy.problem), type(noisy.noise)) == (Noisy, DiagonalQuadratic, AxisNoise)
    assert type(quadratic(eigenvalues=EIGENVALUES, noise="hessian").noise) is AxisNoise
    assert type(quadratic(eigenvalues=EIGENVALUES, noise="hessian", rotation="haar", rng=0).noise) is DenseNoise


def test_default_spectrum():
    np.testing.assert_array_equal(quadratic().eigenvalues, spectrum("logarithmic", dimension=2, condition_number=10))
    wide = quadratic(dimension=4, condition_number=1e3)
    np.testing.assert_array_equal(wide.eigenvalues, spectrum("logarithmic", dimension=4, condition_number=1e3))


@pytest.mark.parametrize("rotation", ["haar", np.linalg.qr(np.arange(9.0).reshape(3, 3) ** 2 + np.eye(3))[0]])
@pytest.mark.parametrize("noise", [0.0, "samples"])
def test_turned_hessians_have_the_eigenvalues(rotation, noise):
    for seed in range(5):
        problem = quadratic(eigenvalues=EIGENVALUES, rotation=rotation, noise=noise, rng=seed)
        found = synthetic.hessian(problem, np.zeros(3))
        np.testing.assert_allclose(np.linalg.eigvalsh(found), EIGENVALUES, rtol=1e-13)


def test_a_given_rotation_has_the_eigenvectors_as_columns():
    R = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    problem = quadratic(eigenvalues=EIGENVALUES, rotation=R)
    np.testing.assert_allclose(problem.matrix @ R, R * EIGENVALUES, atol=1e-14)
    np.testing.assert_array_equal(problem.matrix, problem.matrix.T)


@pytest.mark.parametrize("noise", [0.0, 0.3, "samples"])
@pytest.mark.parametrize("rotation", [None, np.pi / 4])
def test_the_start_is_one_along_each_eigenvector(rotation, noise):
    minimiser = np.array([0.3, -2.0])
    problem = quadratic(eigenvalues=[1.0, 3.0], minimiser=minimiser, rotation=rotation, noise=noise, rng=0)
    turn = 0.0 if rotation is None else rotation
    R = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    np.testing.assert_allclose(R.T @ (initial_point(problem) - minimiser), [1, 1], rtol=1e-14)


def test_rotation_does_not_change_the_losses_of_gradient_descent():
    straight = simulate(GradientDescent(0.1), quadratic(eigenvalues=EIGENVALUES), steps=30)
    turned = simulate(GradientDescent(0.1), quadratic(eigenvalues=EIGENVALUES, rotation="haar", rng=0), steps=30)
    np.testing.assert_allclose(turned.loss, straight.loss, rtol=1e-12)
    np.testing.assert_allclose(straight.x, (1 - 0.1 * EIGENVALUES) ** 30, rtol=1e-13)


def noise_draws(problem, count, seed):
    sample, rng, drawn = new_sample(problem), np.random.default_rng(seed), []
    x = initial_point(problem)
    exact, out = synthetic.gradient(problem, x), np.empty_like(x)
    for _ in range(count):
        draw(problem, rng, sample)
        sampled_gradient(problem, x, sample, out)
        drawn.append(out - exact)
    return np.array(drawn)


def covariance_pvalues(noise, covariance):
    """Two-sided p-values for the squared length along random directions, each χ² if the covariance is right."""
    directions = np.random.default_rng(11).standard_normal((6, len(covariance)))
    totals = [np.sum((noise @ u) ** 2) / (u @ covariance @ u) for u in directions]
    return [2 * min(chi2.sf(t, len(noise)), chi2.cdf(t, len(noise))) for t in totals]


COVARIANCE = np.array([[2.0, 0.6, 0.0], [0.6, 1.0, -0.4], [0.0, -0.4, 0.5]])
R = np.linalg.qr(np.random.default_rng(5).standard_normal((3, 3)))[0]


@pytest.mark.parametrize(
    ("arguments", "covariance"),
    [
        ({"noise": 0.3}, 0.09 * np.eye(3)),
        ({"noise": "hessian", "noise_scale": 2.0}, 4 * np.diag(EIGENVALUES)),
        ({"noise": "hessian", "rotation": R}, (R * EIGENVALUES) @ R.T),
        ({"noise": COVARIANCE}, COVARIANCE),
    ],
)
def test_noise_has_the_covariance(arguments, covariance):
    problem = quadratic(eigenvalues=EIGENVALUES, **arguments)
    noise = np.concatenate([noise_draws(problem, 100, seed) for seed in range(20)])
    assert min(covariance_pvalues(noise, covariance)) > LEVEL / 6
    means = noise.mean(axis=0) / np.sqrt(np.diag(covariance) / len(noise))
    assert np.abs(means).max() < 5.1  # 1e-6 over three coordinates


def test_sgd_settles_at_the_stationary_variance():
    # x ← (1 − αλ)x − αe has the variance α²σ²/(1 − (1 − αλ)²), each coordinate on its own.
    step, sigma, eigenvalues = 0.5, 0.1, np.array([0.5, 1.0])
    problem = quadratic(eigenvalues=eigenvalues, noise=sigma)
    ends = np.array([simulate(SGD(step), problem, steps=60, rng=seed, record_every=60).x for seed in range(300)])
    variance = step**2 * sigma**2 / (1 - (1 - step * eigenvalues) ** 2)
    for total in (ends**2).sum(axis=0) / variance:
        assert LEVEL / 4 < chi2.cdf(total, 300) < 1 - LEVEL / 4


@pytest.mark.parametrize("residual", [None, 0.7])
def test_least_squares_has_the_minimiser_and_the_minimum(residual):
    minimiser = np.array([1.0, -2.0, 0.5])
    problem = quadratic(
        eigenvalues=EIGENVALUES,
        noise="samples",
        samples=40,
        batch_size=8,
        residual=residual,
        minimiser=minimiser,
        rng=3,
    )
    known = info(problem)
    np.testing.assert_array_equal(known.minimiser, minimiser)
    np.testing.assert_allclose(synthetic.gradient(problem, minimiser), 0, atol=1e-14)
    assert known.minimum == (residual or 0) ** 2 / 2
    assert synthetic.value(problem, minimiser) == pytest.approx(known.minimum, rel=1e-13, abs=1e-30)
    noise = noise_draws(problem._replace(start=minimiser), 50, 0)
    assert (np.abs(noise).max() < 1e-13) == (residual is None)


def test_info_of_a_convex_quadratic():
    known = info(quadratic(eigenvalues=EIGENVALUES[::-1], minimiser=[1, 2, 3], noise=0.1))
    assert (known.dimension, known.samples, known.minimum) == (3, None, 0.0)
    assert (known.lipschitz_constant, known.lipschitz_is_exact) == (5.0, True)
    assert (known.strong_convexity, known.condition_number) == (0.2, 25.0)
    assert known.spectrum.tolist() == [0.2, 1.0, 5.0]
    assert known.minimiser.tolist() == [1, 2, 3]
    assert known.notes == ("gradients carry additive Gaussian noise",)


def test_info_of_other_quadratics():
    saddle = info(quadratic(eigenvalues=[-7.0, 1.0]))
    assert (saddle.minimum, saddle.minimiser, saddle.strong_convexity, saddle.condition_number) == (
        -np.inf,
        *[None] * 3,
    )
    assert saddle.lipschitz_constant == 7.0
    assert saddle.notes == ("indefinite: a saddle, unbounded below",)
    assert info(quadratic(eigenvalues=[-7.0, -1.0])).notes == ("nowhere convex: no minimum, unbounded below",)
    flat = info(quadratic(eigenvalues=[0.0, 1.0]))
    assert (flat.strong_convexity, flat.condition_number, flat.minimum) == (0.0, np.inf, 0.0)
    assert info(quadratic(eigenvalues=[1.0, 2.0], noise="samples", samples=30, batch_size=5, rng=0)).samples == 30
