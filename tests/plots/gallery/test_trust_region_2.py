"""The numbers of figure trust_region.2: a Hessian by differences, the shares of its blocks, formulas in their bands."""

import numpy as np
import pytest

import plots
from plots.gallery.trust_region_2 import least_squares_share

pytest.importorskip("sklearn")
from dynamics import RMSprop, simulate
from synthetic import digits_mlp, gradient

SMALL = {"hidden": 1, "test_fraction": 0.95, "epochs": 2, "records": 2, "trials": 30, "rng": 4}


@pytest.fixture(scope="module")
def small():
    return plots.compute("trust_region.2", **SMALL)


def test_network_shares_by_differences_of_gradients(small):
    stream = np.random.SeedSequence(4).spawn(5)[1]
    net = digits_mlp(1, regularisation=0.0, test_fraction=0.95, batch_size=32, rng=stream)
    run = simulate(RMSprop(0.005, beta=0.9), net, steps=4, rng=1, record_every=2)
    assert float(small["training_loss"].sel(run=1, epoch=2)) == run.loss[-1]
    shifts = 1e-5 * np.eye(run.x.size)
    absolute = np.abs((gradient(net, run.x + shifts) - gradient(net, run.x - shifts)) / 2e-5)
    for layer, block in (("whole", slice(None)), ("first layer", slice(65)), ("second layer", slice(65, None))):
        part = absolute[block, block]
        share = float(small["network"].sel(run=1, epoch=2, layer=layer))
        assert share == pytest.approx(np.trace(part) / part.sum(), rel=1e-5)


def test_formulas(small):
    d = small["dimension"].values
    np.testing.assert_allclose(small["wigner_formula"], 1 / d, rtol=1e-12)
    root = np.sqrt(32)
    expected = root / (root + (d - 1) * np.sqrt(2 / np.pi))
    np.testing.assert_allclose(small["ols_formula"].sel(samples=32), expected, rtol=1e-12)


def test_simulations_agree_with_the_wigner_formula(small):
    # Five independent simulations, six cells with d > 2, two-sided at 1e-4 each by Student's t with 4 degrees of
    # freedom (quantile 13.03). The quotient's bias over 30 matrices is below 0.3 % of the share from d = 4 on.
    cell = small["wigner"].sel(dimension=small["dimension"] > 2)
    spread = cell.std("run", ddof=1) / np.sqrt(5)
    share = small["wigner_formula"].sel(dimension=cell["dimension"])
    assert np.all(np.abs(cell.mean("run") - share) <= 13.03 * spread + 0.003 * share)


def test_least_squares_share_by_loops():
    data = np.random.default_rng(0).standard_normal((7, 3))
    entries = [[abs(sum(row[i] * row[j] for row in data)) for j in range(3)] for i in range(3)]
    assert least_squares_share(data) == pytest.approx(sum(entries[i][i] for i in range(3)) / sum(map(sum, entries)))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"runs": 4}, "runs = 4 must be at least 5"),
        ({"records": 1}, "records is 1; it must lie from 2"),
        ({"trials": 1}, "trials = 1"),
        ({"hidden": 0}, "hidden = 0"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("trust_region.2", **parameters)
