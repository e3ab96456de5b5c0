"""Prescribed spectra against their definitions; rotations exact, and the Haar law by Archimedes' theorem."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

from dynamics.words import words
from synthetic import spectrum
from synthetic.parts.rotations import haar_frame, rotation_matrix
from synthetic.quadratics.spectra import Spectrum, marchenko_pastur_quantiles

LEVEL = 1e-6


@pytest.mark.parametrize("kind", words(Spectrum))
@pytest.mark.parametrize("condition_number", [1.0, 7.0, 1e10])
@pytest.mark.parametrize("largest", [1.0, 0.3])
def test_the_ends_are_attained(kind, condition_number, largest):
    values = spectrum(kind, dimension=5, condition_number=condition_number, largest=largest)
    assert values.shape == (5,)
    assert (np.diff(values) >= 0).all()
    assert values[-1] == largest
    assert values[0] == largest / condition_number


def test_spacing():
    np.testing.assert_allclose(np.diff(spectrum("linear", dimension=5, condition_number=9)), 2 / 9, rtol=1e-13)
    logarithmic = spectrum("logarithmic", dimension=6, condition_number=1e5)
    np.testing.assert_allclose(logarithmic[1:] / logarithmic[:-1], 10, rtol=1e-13)
    assert spectrum("two_point", dimension=5, condition_number=2).tolist() == [0.5, 0.5, 1, 1, 1]


@pytest.mark.parametrize(("least", "largest"), [(0.5, 2.0), (1e-4, 1.0), (0.9, 1.0)])
def test_marchenko_pastur_quantiles_invert_the_integrated_density(least, largest):
    def mass(angle):
        # x = c - r cos(angle) takes the square roots out of the density's ends
        c, r = (largest + least) / 2, (largest - least) / 2
        return quad(lambda s: (r * np.sin(s)) ** 2 / (c - r * np.cos(s)), 0, angle, epsabs=1e-13, limit=200)[0]

    levels = np.array([0.0, 0.05, 0.3, 0.5, 0.9, 0.999, 1.0])
    found = marchenko_pastur_quantiles(levels, least, largest)
    angles = np.arccos(np.clip(((largest + least) / 2 - found) / ((largest - least) / 2), -1, 1))
    np.testing.assert_allclose([mass(angle) / mass(np.pi) for angle in angles], levels, atol=1e-9)


def test_marchenko_pastur_quantiles_are_those_of_sample_covariances():
    # 30 draws of 120 × 480: the pooled empirical distribution is within O(1/120) of the limit
    rng = np.random.default_rng(0)
    pooled = np.sort(
        np.concatenate([np.linalg.eigvalsh(X @ X.T / 480) for X in rng.standard_normal((30, 120, 480))]),
    )
    q = 120 / 480
    quantiles = marchenko_pastur_quantiles(np.linspace(0, 1, 101), (1 - q**0.5) ** 2, (1 + q**0.5) ** 2)
    share_below = np.searchsorted(pooled, quantiles) / pooled.size
    np.testing.assert_allclose(share_below, np.linspace(0, 1, 101), atol=0.005)


def test_an_angle_turns_the_plane():
    angle = 0.7
    expected = np.cos(angle) * np.eye(2) + np.sin(angle) * np.array([[0, -1], [1, 0]])
    np.testing.assert_allclose(rotation_matrix(angle, 2, np.random.default_rng(0)), expected, rtol=1e-15)


def test_haar_frames_are_orthonormal():
    for seed in range(20):
        frame = haar_frame(7, 4, np.random.default_rng(seed))
        np.testing.assert_allclose(frame.T @ frame, np.eye(4), atol=1e-14)


@pytest.mark.parametrize("entry", [(0, 0), (1, 0), (2, 2), (0, 2)])
def test_entries_of_haar_matrices_in_three_dimensions_are_uniform(entry):
    # A coordinate of a uniform point on the sphere is uniform on [-1, 1]; without the signs of R, (0, 0) has one sign.
    drawn = [haar_frame(3, 3, np.random.default_rng(seed))[entry] for seed in range(1000)]
    assert kstest(drawn, "uniform", args=(-1, 2)).pvalue > LEVEL


def test_both_orientations_are_equally_likely():
    positive = sum(np.linalg.det(haar_frame(3, 3, np.random.default_rng(seed))) > 0 for seed in range(1000))
    assert abs(positive - 500) < 4.9 * np.sqrt(250)  # 1e-6 by the normal approximation
