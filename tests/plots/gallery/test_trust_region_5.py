"""The numbers of figure trust_region.5 against optimality conditions and a search over the disc."""

import numpy as np
import pytest

import plots


@pytest.fixture(scope="module")
def small():
    return plots.compute("trust_region.5", radii=12)


def himmelblau(x):
    return (x[..., 0] ** 2 + x[..., 1] - 11) ** 2 + (x[..., 0] + x[..., 1] ** 2 - 7) ** 2


def test_one_model_is_convex_and_the_other_has_a_saddle(small):
    least = np.linalg.eigvalsh(small["curvature"].values)[:, 0]
    assert least[0] > 0 > least[1]


def test_no_point_of_the_disc_is_lower(small):
    turns, shares = np.meshgrid(np.linspace(0, 2 * np.pi, 721), np.linspace(0, 1, 101))
    disc = shares[..., None] * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    for name in ("convex", "saddle"):
        part = small.sel({"model": name})
        g, B = part["slope"].values, part["curvature"].values

        def model(s, g=g, B=B):
            return s @ g + 0.5 * np.einsum("...i,ij,...j->...", s, B, s)

        for radius, step, cauchy in zip(part["radius"].values, part["step"].values, part["cauchy"].values, strict=True):
            assert np.linalg.norm(step) <= radius * (1 + 1e-9)
            assert model(step) <= model(radius * disc).min() + 1e-9
            assert model(step) <= model(cauchy) + 1e-12
            assert abs(np.linalg.det([cauchy, g])) < 1e-9 * np.linalg.norm(g)
        fall = himmelblau(part["point"].values) - himmelblau(part["point"].values + part["step"].values)
        np.testing.assert_allclose(part["ratio"], fall / -model(part["step"].values), rtol=1e-9)


def test_refuses():
    with pytest.raises(ValueError, match="radii = 9"):
        plots.compute("trust_region.5", radii=9)
