"""The numbers of figure trust_region.6: formulas, simulations and streams."""

import math

import numpy as np
import pytest

import plots

SMALL = {"dimensions": (2, 5, 10), "samples": (1, 4, 40), "simulations": 30, "trials": 60}


@pytest.fixture(scope="module")
def small():
    return plots.compute("trust_region.6", **SMALL)


def test_formulas(small):
    for d in (2, 5, 10):
        for n in (1, 4, 40):
            cell = small.sel(dimension=d, samples=n)
            ratio = 2 * math.gamma((n + 1) / 2) / (math.sqrt(math.pi) * n * math.gamma(n / 2))
            assert float(cell["exact"]) == pytest.approx(1 / (1 + (d - 1) * ratio), rel=1e-12)
            root = math.sqrt(n)
            assert float(cell["limit"]) == pytest.approx(root / (root + (d - 1) * math.sqrt(2 / math.pi)), rel=1e-12)


def test_simulations_agree_with_the_exact_law(small):
    # 30 independent simulations, 9 cells, each two-sided at 1e-5 by Student's t with 29 degrees of freedom
    # (quantile 5.335): 1e-4 in all. The quotient of means D/A is biased by (D/A Var A - Cov(D, A))/A² over the
    # trials, which is largest at d = 2, n = 1: 0.0404 by 40,000 Hessians.
    share = small["share_of_expectation"]
    error = (share.mean("simulation") - small["exact"]).values
    spread = share.std("simulation", ddof=1).values / np.sqrt(share.sizes["simulation"])
    assert np.all(np.abs(error) <= 5.335 * spread + 0.0404 / SMALL["trials"])


def test_simulations_tell_the_limit_from_the_exact_law(small):
    cell = small.sel(dimension=10, samples=1)
    assert float(cell["limit"]) < float(cell["share_of_expectation"].min())


def test_expected_share_is_another_number(small):
    # At d = 5, n = 1 the mean share of single matrices is larger: paired over 30 simulations, by 5 errors.
    cell = small.sel(dimension=5, samples=1)
    gap = (cell["expected_share"] - cell["share_of_expectation"]).values
    assert gap.mean() > 5 * gap.std(ddof=1) / np.sqrt(gap.size)


def test_a_simulation_depends_on_its_own_coordinates_alone(small):
    other = plots.compute("trust_region.6", **{**SMALL, "dimensions": (3, 4, 5), "simulations": 5})
    np.testing.assert_array_equal(
        other["expected_share"].sel(dimension=5), small["expected_share"].sel(dimension=5)[:5]
    )
    assert not np.array_equal(small["expected_share"][0], small["expected_share"][1])


def test_seed_changes_the_simulations(small):
    other = plots.compute("trust_region.6", **SMALL, rng=1)
    assert not np.any(other["expected_share"].values == small["expected_share"].values)
    np.testing.assert_array_equal(other["exact"], small["exact"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dimensions": (2, 1, 3)}, "dimensions is"),
        ({"samples": (0, 1, 2)}, "samples is"),
        ({"samples": (1.5, 2, 3)}, "samples = 1.5 must be a whole number"),
        ({"simulations": 4}, "simulations = 4 must be at least 5"),
        ({"trials": 1}, "trials = 1"),
        ({"rng": None}, "rng = None"),
        ({"rng": -1}, "rng = -1"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("trust_region.6", **parameters)
