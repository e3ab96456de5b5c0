"""Trajectories of torch.optim and optax and ends of SciPy's minimisers, kept in tests/golden with their conventions."""

import numpy as np
import pytest

from tests.golden.cases import ENDS, RUNS, TRAJECTORIES, deviation, end_deviations, golden


@pytest.mark.parametrize(("file", "name"), TRAJECTORIES)
def test_the_same_iterates(file, name):
    assert deviation(file, name) < 1e-12
    assert np.abs(golden(file)["runs"][name]["iterates"]).max() > 0.5


@pytest.mark.parametrize("name", golden("scipy")["ends"])
def test_the_same_end(name):
    """Where the gradient norm is below the tolerance of both, x is known to that over the least curvature."""
    apart, values_apart = end_deviations(name)
    assert apart < 1e-6
    assert values_apart < 1e-14
    assert golden("scipy")["ends"][name]["success"]


@pytest.mark.parametrize("file", RUNS)
def test_every_golden_run_is_compared(file):
    assert set(golden(file)["runs"]) == set(RUNS[file])


def test_every_golden_end_is_compared():
    assert {end["method"] for end in golden("scipy")["ends"].values()} == set(ENDS)
