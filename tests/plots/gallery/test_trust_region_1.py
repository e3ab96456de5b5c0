"""The numbers of figure trust_region.1: each next iterate is the linear model's minimiser over the region drawn."""

import numpy as np
import pytest

import plots
from theory.trust_region import ellipsoid_step

SMALL = {"starts": 5, "iterations": 8, "tuned_at": 5, "rng": 2}


@pytest.fixture(scope="module")
def small():
    return plots.compute("trust_region.1", **SMALL)


def test_the_next_iterate_minimises_the_linear_model_over_the_region(small):
    for problem in small["problem"].values:
        hessian = small["hessian"].sel({"problem": problem}).values
        for method in small["method"].values:
            cell = small.sel({"problem": problem, "method": method})
            for k in range(5):
                x, following = cell["iterates"].values[k : k + 2]
                step = ellipsoid_step(cell["metric"].values[k], hessian @ x, float(cell["radius"][k]))
                np.testing.assert_allclose(following, x + step, rtol=1e-6, atol=1e-9)


def test_turning_changes_the_diagonal_method_alone(small):
    straight, turned = (small["loss"].sel({"problem": name}) for name in ("along the axes", "rotated"))
    for method in ("gradient descent", "Adagrad, full"):
        one, other = straight.sel({"method": method}), turned.sel({"method": method})
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-12)
    name = {"method": "Adagrad, diagonal"}
    assert float(turned.sel(name)[:, -1].median()) > 10 * float(straight.sel(name)[:, -1].median())


def test_gradient_descent_by_hand(small):
    step = float(small["step_size"].sel({"problem": "along the axes", "method": "gradient descent"}))
    path = small["iterates"].sel({"problem": "along the axes", "method": "gradient descent"}).values
    factors = 1 - step * np.array([1.0, 50.0])
    np.testing.assert_allclose(path, path[0] * factors ** np.arange(9)[:, None], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"condition_number": 1.0}, "condition_number is 1.0"),
        ({"tuned_at": 4}, "tuned_at is 4; it must lie from 5 to iterations"),
        ({"starts": 4}, "starts is 4"),
        ({"rng": -1}, "rng = -1 must be at least 0"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("trust_region.1", **parameters)
