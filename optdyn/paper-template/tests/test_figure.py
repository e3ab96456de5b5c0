"""The figure's numbers agree with each other, and it is drawn at each size."""

import numpy as np
import pytest

from mypaper.figures import rates


def test_runs_agree_with_the_closed_form():
    dataset = rates.compute(points=3)
    np.testing.assert_allclose(dataset["measured"], dataset["alternating"], rtol=1e-9)
    assert (dataset["alternating"] < dataset["gradient_descent"]).all()
    assert dataset.attrs["figure"] == "mypaper.rates"


@pytest.mark.parametrize("size", ["column", "page", "slide"])
def test_drawn(size):
    picture = rates.draw(rates.compute(points=3), size=size)
    assert len(picture.axes[0].get_lines()) == 3
