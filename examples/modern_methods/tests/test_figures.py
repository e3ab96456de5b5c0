"""Figures: what they show, what they refuse, and the landscapes on which they are made."""

import numpy as np
import pytest
from modern_methods.landscapes import LANDSCAPES, landscape

import plots
from dynamics import check_problem
from synthetic import gradient, value

TWO = ("gradient descent", "sign descent")


@pytest.mark.parametrize("name", LANDSCAPES)
def test_gradients_of_landscapes_are_differences(name):
    """In NumPy, from the formulas, by central differences."""
    problem, rng = landscape(name, rng=3), np.random.default_rng(0)
    x, v = rng.standard_normal(32), rng.standard_normal(32)

    def formula(x):
        if name == "two layers":
            return np.sum((x[:16].reshape(4, 4) @ x[16:].reshape(4, 4) - problem.target) ** 2) / 2
        y = problem.matrix @ x - problem.offset
        return problem.weights @ (np.abs(y) if name == "kinks" else y**2 / 2)

    assert value(problem, x) == pytest.approx(formula(x), rel=1e-13)
    slope = (formula(x + 1e-6 * v) - formula(x - 1e-6 * v)) / 2e-6
    assert gradient(problem, x) @ v == pytest.approx(slope, rel=1e-7)
    twice = problem._replace(scale=2.0)
    assert value(twice, x) == pytest.approx(2 * formula(x), rel=1e-13)
    np.testing.assert_allclose(gradient(twice, x), 2 * gradient(problem, x), rtol=1e-13)


def test_nothing_is_wrong_with_a_landscape():
    report = check_problem(landscape("two layers"), rng=0)
    assert report, str(report)


def test_descent_turns_with_the_axes_and_signs_do_not():
    dataset = plots.compute("modern_methods.invariances", methods=TWO, steps=4)
    holds = dataset["deviation"].values < 1e-6
    #                          permutation, matrices, rotation, coordinates, loss
    np.testing.assert_array_equal(holds, [[True, True, True, False, False], [True, False, False, False, True]])
    plots.draw(dataset)


def test_step_sizes_are_tuned_on_other_starts_and_the_loss_is_that_within_the_budget():
    dataset = plots.compute("modern_methods.equal_cost", methods=TWO, budget=10)
    assert dataset["loss"].shape == (2, 4, 5)
    assert (dataset["loss"].sel({"method": "gradient descent"}) < 1).all()
    # On a valley of curvature 1 the best step of the grid is the largest below 2.
    assert float(dataset["step_size"].sel({"method": "gradient descent", "landscape": "turned valley"})) == 1.0
    assert "seeds 0 to 4" in dataset.attrs["caption"]
    plots.draw(dataset)


@pytest.mark.parametrize(
    ("figure", "parameters", "message"),
    [
        ("equal_cost", {"methods": ("Adam",)}, "takes two or more"),
        ("equal_cost", {"methods": ("Adam", "Eve")}, "unknown method 'Eve'"),
        ("equal_cost", {"budget": 1}, "fewer say little"),
        ("equal_cost", {"starts": 2}, "fewer say little"),
        ("invariances", {"steps": 1}, "has to move"),
        ("learning_rate_free", {"points": 2}, "a curve needs points"),
        ("learning_rate_free", {"rng": -1}, "rng = -1 must be at least 0"),
    ],
)
def test_refuses(figure, parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute(f"modern_methods.{figure}", **parameters)
