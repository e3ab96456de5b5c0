"""Figure beyond.sgd_limit: its runs against SGD written out, its curves against the moments, and what it says."""

import numpy as np
import pytest

import plots
from dynamics import draw, new_sample
from synthetic import spectrum, streamed_squares
from tests.plots.quick import quick


def test_curves_are_those_of_the_moments():
    dataset = quick("beyond.sgd_limit")
    part = dataset.isel(dimension=0)
    values = spectrum("linear", dimension=30, condition_number=20.0)
    values /= values.sum()
    p, every = np.ones(30), 6
    np.testing.assert_allclose(part["passes"], every * np.arange(26) / 30)
    for record in range(26):
        assert float(part["expected"][record]) == pytest.approx((values @ p + 0.04) / 2, rel=1e-12)
        for _ in range(every):
            p = p * (1 - 1.6 * values + 1.28 * values**2) + 0.64 * values * (values @ p + 0.04)


def test_the_wider_the_closer():
    dataset = quick("beyond.sgd_limit")
    spread = (dataset["risk"] / dataset["expected"] - 1).std("seed").mean("record").values
    assert (np.diff(np.log(spread)) < -0.3).all()  # a third of the dimension leaves √3 times the spread
    gap = abs(dataset["limit"] / dataset["expected"] - 1).max("record").values * dataset["dimension"].values
    assert gap == pytest.approx(gap[0], rel=0.15)


def test_a_step_is_one_row():
    problem = streamed_squares(eigenvalues=[0.25, 0.75], residual=0.2)
    sample, rng = new_sample(problem), np.random.default_rng(0)
    draw(problem, rng, sample)
    assert sample.rows.shape == (1, 2)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dimensions": [5]}, "a limit needs room"),
        ({"dimensions": [10, 20, 30, 40]}, "one to three panels"),
        ({"step_size": 0.0}, "step_size"),
        ({"residual": -1.0}, "residual"),
        ({"seeds": 4}, "band"),
        ({"rng": -1}, "rng = -1 must be at least 0"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("beyond.sgd_limit", **parameters)
