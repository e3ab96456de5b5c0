"""The numbers of figure arsg.transient: powers, their maxima, and Kreiss' theorem."""

import numpy as np
import pytest

import plots
from plots.gallery.arsg_transient import kreiss_constant
from theory.linear import RSG


@pytest.fixture(scope="module")
def dataset():
    return plots.compute("arsg.transient", mu=(0.0, 0.1), powers=60, points=9)


def test_norms_of_powers(dataset):
    for mu in (0.0, 0.1):
        matrix, row = RSG(beta=0.99, mu=mu).A(1.0), dataset.sel(mu=mu)
        for k in (0, 1, 17, 60):
            norm = np.linalg.svd(np.linalg.matrix_power(matrix, k), compute_uv=False)[0]
            assert float(row["norm"].sel(power=k)) == pytest.approx(norm, rel=1e-10)
        radius = np.abs(np.linalg.eigvals(matrix)).max()
        assert float(row["radius"][-1]) == pytest.approx(radius**60, rel=1e-9)


def test_growth_is_the_largest_norm(dataset):
    row = dataset.sel(mu=0.1)
    for place, tau in enumerate(dataset["tau"].values[:5]):
        matrix, power, largest = RSG(beta=0.99, mu=0.1).A(tau), np.eye(2), 1.0
        for _ in range(3000):
            power = matrix @ power
            largest = max(largest, np.linalg.norm(power, ord=2))
        assert float(row["growth"][place]) == pytest.approx(largest, rel=1e-10)


def test_growth_ends_where_convergence_ends(dataset):
    outside = dataset["tau"].values >= 2 * 1.99 / (0.01 + 2 * 0.99 * 0.1)
    np.testing.assert_array_equal(np.isnan(dataset["growth"].sel(mu=0.1)), outside)
    assert outside.any()


def test_kreiss_theorem(dataset):
    inside = np.isfinite(dataset["growth"].values)
    growth, kreiss = dataset["growth"].values[inside], dataset["kreiss"].values[inside]
    assert np.all(growth <= 2 * np.e * kreiss)
    assert np.all(kreiss <= growth * (1 + 1e-12))


def test_kreiss_constant_against_singular_values():
    matrix = RSG(beta=0.9, mu=0.1).A(0.5)
    best = 0.0
    for excess in np.geomspace(1e-6, 1e3, 61):
        for angle in np.linspace(0, np.pi, 61):
            shifted = (1 + excess) * np.exp(1j * angle) * np.eye(2) - matrix
            best = max(best, excess / np.linalg.svd(shifted, compute_uv=False)[-1])
    assert kreiss_constant(matrix[np.newaxis], angles=61, distances=61)[0] == pytest.approx(best, rel=1e-9)


def test_a_normal_matrix_does_not_grow():
    rotation = 0.9 * np.array([[0.6, 0.8], [-0.8, 0.6]])
    assert 0.99 < kreiss_constant(rotation[np.newaxis])[0] <= 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"beta": 1.0}, "beta is 1.0"),
        ({"mu": ()}, "one to 4"),
        ({"mu": (1.0,)}, "mu"),
        ({"tau": 0.0}, "tau is 0.0"),
        ({"powers": 9}, "powers = 9"),
        ({"points": 4}, "points = 4"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("arsg.transient", **parameters)
