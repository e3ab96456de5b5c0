"""The numbers of figure trust_region.7: damped steps are the minimisers over the spheres of their own lengths."""

import numpy as np
import pytest

import plots
from theory.trust_region import model_minimiser


def test_each_damping_is_the_multiplier_of_a_radius():
    dataset = plots.compute("trust_region.7", points=10)
    for name in ("convex", "saddle"):
        part = dataset.sel({"model": name})
        for step, length in zip(part["step"].values, part["length"].values, strict=True):
            found = model_minimiser(np.eye(2), dataset["slope"].values, part["curvature"].values, float(length))
            np.testing.assert_allclose(found, step, rtol=1e-5, atol=1e-9 * length)


def test_newton_and_saddle_free_steps():
    dataset = plots.compute("trust_region.7", points=10)
    convex, saddle = (dataset.sel({"model": name}) for name in ("convex", "saddle"))
    np.testing.assert_allclose(convex["newton"], convex["saddle_free"], rtol=1e-12)
    np.testing.assert_allclose(saddle["curvature"].values @ saddle["newton"].values, -dataset["slope"], rtol=1e-12)
    rise = dataset["slope"].values @ saddle["saddle_free"].values
    assert rise < 0
    # Newton's and the saddle-free step are mirror images across the line of the positive eigenvector.
    values, vectors = np.linalg.eigh(saddle["curvature"].values)
    signs = vectors.T @ saddle["newton"].values / (vectors.T @ saddle["saddle_free"].values)
    np.testing.assert_allclose(signs, np.sign(values), rtol=1e-9)


def test_refuses():
    with pytest.raises(ValueError, match="points = 9"):
        plots.compute("trust_region.7", points=9)
