"""Diagonal shares against enumeration, quadrature and long arithmetic; the simulation against the closed forms."""

from fractions import Fraction
from itertools import product
from math import comb

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erfcx
from scipy.stats import binomtest, chi, norm

from theory.diagonal_share import diagonal_share, ols_share, simulate_share, wigner_share


def ratio_of(share, dimension):
    """Return E|off-diagonal| / E|diagonal| from a share."""
    return (1 / share - 1) / (dimension - 1)


def test_share_of_given_matrices():
    assert diagonal_share([[2.0, -1.0], [3.0, -4.0]]) == pytest.approx(0.6)
    assert diagonal_share(np.eye(7)) == 1
    assert diagonal_share(np.ones((5, 5)) - np.eye(5)) == 0
    assert np.ndim(diagonal_share([[-3]])) == 0
    stack = np.random.default_rng(0).standard_normal((2, 3, 4, 4))
    assert diagonal_share(stack).shape == (2, 3)
    single = stack[1, 2]
    assert diagonal_share(stack)[1, 2] == pytest.approx(sum(abs(np.diag(single))) / np.abs(single).sum())
    assert np.isnan(diagonal_share(np.zeros((2, 2))))


@pytest.mark.parametrize("matrix", [1.0, [1.0, 2.0], np.ones((3, 2))])
def test_refuses_what_is_not_square(matrix):
    with pytest.raises(ValueError, match=r"only square matrices, shape \(\.\.\., d, d\)"):
        diagonal_share(matrix)


@given(st.integers(1, 1000), st.floats(0, 1e3))
def test_wigner_share_is_the_share_of_the_expected_absolute_matrix(dimension, ratio):
    expected_matrix = np.full((min(dimension, 60),) * 2, ratio)
    np.fill_diagonal(expected_matrix, 1)
    assert wigner_share(len(expected_matrix), ratio=ratio) == pytest.approx(diagonal_share(expected_matrix), rel=1e-12)
    assert wigner_share(dimension) == pytest.approx(1 / dimension)


@pytest.mark.parametrize("samples", [1, 2, 3, 4, 5, 8, 9])
def test_rademacher_by_enumeration(samples):
    """Every pattern of the products of two rows of signs: they are independent signs themselves."""
    total = sum(abs(sum(products)) for products in product((-1, 1), repeat=samples))
    ratio = Fraction(total, samples * 2**samples)
    assert ratio_of(ols_share(3, samples, data="rademacher"), 3) == pytest.approx(float(ratio), rel=1e-14)


@pytest.mark.parametrize("samples", [1, 2, 10, 31, 100, 1001])
def test_rademacher_by_the_binomial_law(samples):
    mean = Fraction(sum(abs(samples - 2 * k) * comb(samples, k) for k in range(samples + 1)), 2**samples)
    ratio = ratio_of(ols_share(2, samples, data="rademacher"), 2)
    assert ratio == pytest.approx(float(mean / samples), rel=1e-11)


@pytest.mark.parametrize("samples", [1, 2, 3, 10, 400])
def test_gaussian_by_quadrature(samples):
    """Given the first row of X, the off-diagonal sum is Gaussian with the row's norm as standard deviation."""
    half_normal = 2 * quad(lambda z: z * norm.pdf(z), 0, np.inf)[0]
    law = chi(samples)
    norm_mean = quad(lambda r: r * law.pdf(r), 0, np.sqrt(samples) + 12)[0]
    ratio = ratio_of(ols_share(2, samples, data="gaussian"), 2)
    assert ratio == pytest.approx(half_normal * norm_mean / samples, rel=1e-8)


@pytest.mark.parametrize("samples", [1, 2, 99, 10**4, 10**6, 10**9])
def test_gaussian_keeps_its_digits_at_any_number_of_samples(samples):
    with mpmath.workdps(40):
        n = mpmath.mpf(samples)
        ratio = 2 * mpmath.gamma((n + 1) / 2) / (mpmath.sqrt(mpmath.pi) * n * mpmath.gamma(n / 2))
        expected = float(1 / (1 + 9 * ratio))
    assert ols_share(10, samples, data="gaussian") == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(
    ("data", "first", "slope"),
    [("gaussian", 100, -1), ("gaussian", 101, -1), ("rademacher", 100, -1), ("rademacher", 101, 1)],
)
def test_gap_to_the_limit(data, first, slope):
    """The exact ratios leave √(2/(πn)) by a relative -1/(4n), or +1/(4n) for an odd number of signs."""
    samples = first + np.array([0, 1000, 10000])
    gap = ratio_of(ols_share(2, samples, data=data), 2) / ratio_of(ols_share(2, samples), 2) - 1
    assert (np.abs(4 * samples * gap - slope) < 2 / samples).all()


def test_berry_esseen_bound_covers_the_gap():
    samples = np.arange(1, 300)
    third_moments = {"gaussian": 2 * np.sqrt(2 / np.pi), "rademacher": 1.0}
    limit = ratio_of(ols_share(2, samples), 2)
    for data, third_moment in third_moments.items():
        gap = np.abs(ratio_of(ols_share(2, samples, data=data), 2) / limit - 1)
        assert (gap <= np.sqrt(np.pi / 2) * third_moment**2 / np.sqrt(samples)).all()


def test_proposition_2_reads_as_printed():
    d, n = np.arange(1, 50)[:, None], np.array([1, 10, 1000])
    printed = np.sqrt(n) / (np.sqrt(n) + (d - 1) * np.sqrt(2 / np.pi))
    np.testing.assert_allclose(ols_share(d, n), printed, rtol=1e-14)
    assert ols_share(10, 1e12) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wigner_share(0), "dimension = 0 is a count: whole numbers from 1 on"),
        (lambda: wigner_share([3, 2.5]), "dimension = 2.5 is a count"),
        (lambda: wigner_share(3, ratio=-1), "ratio = -1 is a quotient of mean absolute values"),
        (lambda: ols_share(3, 0), "samples = 0 is a count"),
        (lambda: ols_share(3, 5, data="cauchy"), "Allowed: gaussian, limit, rademacher"),
        (lambda: simulate_share("goe", dimension=3, trials=9, rng=0), "Allowed: ols, wigner"),
        (lambda: simulate_share("ols", dimension=3, trials=9, rng=0), "needs samples"),
        (lambda: simulate_share("wigner", dimension=3, samples=4, trials=9, rng=0), "leave them out"),
        (lambda: simulate_share("ols", dimension=3, samples=4, ratio=2, trials=9, rng=0), "leave it out"),
        (
            lambda: simulate_share("ols", dimension=3, samples=4, data="limit", trials=9, rng=0),
            "Allowed: gaussian, rademacher, uniform",
        ),
        (lambda: simulate_share("wigner", dimension=3, trials=1, rng=0), "must be at least 2"),
        (lambda: simulate_share("wigner", dimension=3, trials=9, level=1.0, rng=0), "is not a confidence level"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


SETTINGS = [
    ({"kind": "wigner", "dimension": 6}, wigner_share(6)),
    ({"kind": "wigner", "dimension": 6, "ratio": 2**-0.5}, wigner_share(6, ratio=2**-0.5)),
    ({"kind": "ols", "dimension": 4, "samples": 3}, ols_share(4, 3, data="gaussian")),
    ({"kind": "ols", "dimension": 4, "samples": 2, "data": "rademacher"}, ols_share(4, 2, data="rademacher")),
]


@pytest.mark.parametrize(("setting", "expected"), SETTINGS)
def test_simulation_meets_the_closed_form(setting, expected):
    """40,000 matrices; the interval has level 1 - 1e-6, and its width tells the shares of other settings apart."""
    estimate = simulate_share(**setting, trials=40_000, rng=11, level=1 - 1e-6)
    low, high = estimate.share_of_expectation_interval
    assert low < expected < high
    assert high - low < 0.02
    assert (estimate.trials, estimate.level) == (40_000, 1 - 1e-6)


def test_uniform_data_with_one_sample():
    """With n = 1 the entries are products of two uniforms: E|x y| = 3/4 against E x² = 1."""
    estimate = simulate_share("ols", dimension=2, samples=1, data="uniform", trials=40_000, rng=4, level=1 - 1e-6)
    low, high = estimate.share_of_expectation_interval
    assert low < 1 / (1 + 0.75) < high


def test_uniform_data_with_many_samples():
    """The products' excess kurtosis 6/25 leaves the limit by a relative 0.01/n, far below the interval's width."""
    estimate = simulate_share("ols", dimension=2, samples=200, data="uniform", trials=40_000, rng=6, level=1 - 1e-6)
    low, high = estimate.share_of_expectation_interval
    assert low < ols_share(2, 200) < high
    assert high - low < 0.003


def test_the_two_shares_differ():
    """For d = 2 the share of the expectation is 1/2, and the mean share is an integral over three half-normals.

    With D = |z1| + |z2| and T = D + 2|z3|, D/T is the integral of D exp(-tT) over t > 0.
    """

    def integrand(t):
        laplace = erfcx(t / np.sqrt(2))  # E exp(-t|z|)
        weighted = np.sqrt(2 / np.pi) - t * laplace  # E |z| exp(-t|z|)
        return 2 * weighted * laplace * erfcx(np.sqrt(2) * t)

    expected = quad(integrand, 0, 200)[0]
    estimate = simulate_share("wigner", dimension=2, trials=200_000, rng=8, level=1 - 1e-6)
    low, high = estimate.expected_share_interval
    assert 0.5 < low < expected < high
    low, high = estimate.share_of_expectation_interval
    assert low < 0.5 < high


def test_intervals_cover_at_their_level():
    """1,000 repetitions of 60 matrices at level 0.9; the coverage is tested at error level 1e-3, both sides."""
    expected = ols_share(3, 4, data="gaussian")
    rng = np.random.default_rng(21)
    estimates = [simulate_share("ols", dimension=3, samples=4, trials=60, rng=rng, level=0.9) for _ in range(1000)]
    long_run = simulate_share("ols", dimension=3, samples=4, trials=200_000, rng=22).expected_share
    for name, value in (("share_of_expectation_interval", expected), ("expected_share_interval", long_run)):
        covered = sum(low < value < high for low, high in (getattr(estimate, name) for estimate in estimates))
        assert binomtest(covered, 1000, 0.9).pvalue > 1e-3


def test_results_depend_on_the_seed_alone(monkeypatch):
    settings = {"kind": "ols", "dimension": 5, "samples": 7, "data": "rademacher", "trials": 50}
    first = simulate_share(**settings, rng=3)
    assert first == simulate_share(**settings, rng=np.random.default_rng(3))
    assert first == simulate_share(**settings, rng=np.random.SeedSequence(3))
    assert first != simulate_share(**settings, rng=4)
    monkeypatch.setattr("theory.diagonal_share.simulation.BLOCK_ENTRIES", 100)
    blockwise = simulate_share(**settings, rng=3)
    assert blockwise.expected_share == pytest.approx(first.expected_share, rel=1e-13)
