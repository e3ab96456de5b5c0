"""The numbers of figure trust_region.4: Algorithm 1 with B = 0, followed by hand."""

import numpy as np
import pytest

import plots

SMALL = {"starts": 5, "budget": 12, "tuned_at": 8, "rng": 1}
CURVATURES = np.array([1.0, 50.0])


@pytest.fixture(scope="module")
def small():
    return plots.compute("trust_region.4", **SMALL)


@pytest.mark.parametrize(("name", "ellipsoid"), [("trust region, sphere", False), ("trust region, ellipsoid", True)])
def test_the_region_follows_algorithm_1(small, name, ellipsoid):
    cell = small.sel({"method": name})
    words = str(cell["setting_words"].values[int(cell["tuned_setting"])])
    x, sums = cell["iterates"].values[0], np.zeros(2)
    radius = None
    accepted = 0
    for k in range(cell.sizes["iteration"] - 1):
        gradient = CURVATURES * x
        sums += gradient**2
        metric = np.sqrt(sums + 1e-10) if ellipsoid else np.ones(2)
        stated = float(cell["radius"][k])
        moved = bool(np.any(cell["iterates"].values[k + 1] != x))
        assert moved == np.isfinite(stated)
        radius = float(words.rpartition(" ")[2]) if radius is None else radius
        dual = np.sqrt(np.sum(gradient**2 / metric))
        step = -radius * gradient / metric / dual
        ratio = 0.5 * np.sum(CURVATURES * (x**2 - (x + step) ** 2)) / (radius * dual)
        assert moved == (ratio >= 0.01)
        if moved:
            # The words give the first radius to three digits.
            assert stated == pytest.approx(radius, rel=5e-3)
            np.testing.assert_allclose(cell["iterates"].values[k + 1], x + step, rtol=0.02, atol=2e-2)
            x, radius = cell["iterates"].values[k + 1], stated
            accepted += 1
        radius *= 1.1 if ratio >= 0.95 else 1.0 if ratio >= 0.01 else 1 / 1.5
    assert accepted >= 3


def test_losses_begin_at_one_and_never_rise_where_steps_are_judged(small):
    assert np.all(small["loss"].isel(cost=0) == 1)
    for name in ("trust region, sphere", "trust region, ellipsoid"):
        assert np.all(np.diff(small["loss"].sel({"method": name}).values, axis=-1) <= 0)


def test_in_the_ellipsoid_the_region_falls_behind_adagrad(small):
    final = small["loss"].isel(cost=-1).median("start")
    assert float(final.sel({"method": "trust region, ellipsoid"})) > 10 * float(
        final.sel({"method": "Adagrad, diagonal"})
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"condition_number": 0.5}, "condition_number is 0.5"),
        ({"budget": 8, "tuned_at": 9}, "tuned_at is 9; it must lie from 5 to budget = 8"),
        ({"starts": 4}, "starts is 4"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("trust_region.4", **parameters)
