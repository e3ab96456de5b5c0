"""The numbers of figure arsg.1 against eigenvalues and the Lyapunov equation, and what the paper says of it."""

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

import plots
from plots.marks import DIVERGED


def _system(tau, beta, mu):
    keep = beta * (1 - mu)
    matrix = np.array([[beta, (1 - beta) * tau], [-keep, 1 - (1 - keep) * tau]])
    return matrix, tau * np.array([1 - beta, -(1 - keep)])


@pytest.mark.parametrize("beta", [0.999, 0.99, 0.9])
def test_panels_against_the_matrix(beta):
    dataset = plots.compute("arsg.1", beta=beta, points=15)  # none of them within rounding of τ = 0
    for name in ("near", "wide"):
        for curve in range(dataset.sizes["curve"]):
            part = dataset.sel(range=name).isel(curve=curve)
            for tau, gain, variance in zip(
                part["tau"].values, part["gain_factor"].values, part["variance_limit"].values, strict=True
            ):
                matrix, noise = _system(tau, float(part["beta"]), float(part["mu"]))
                radius = np.abs(np.linalg.eigvals(matrix)).max()
                assert gain == pytest.approx(radius, rel=1e-9)
                if radius < 1 - 1e-9:
                    covariance = solve_discrete_lyapunov(matrix, np.outer(noise, noise))
                    assert variance == pytest.approx(covariance[1, 1], rel=1e-7)
                else:
                    assert np.isnan(variance)


def test_ranges_and_curves_of_the_paper():
    dataset = plots.compute("arsg.1")
    np.testing.assert_allclose(dataset["tau"].values[:, [0, -1]], [[-0.003, 0.01], [-1, 20]], rtol=1e-15)
    np.testing.assert_allclose(dataset["mu"].values, [0, 0.001, 0.05, 0.1, 0.2, 0.4, 0])
    assert dataset["beta"].values.tolist() == [0.999] * 6 + [0.0]


def test_nesterov_is_one_minus_beta():
    labels = plots.compute("arsg.1", beta=0.9)["curve"].values.tolist()
    assert labels == ["μ = 0 (heavy ball)", "μ = 0.05", "μ = 0.1 (Nesterov)", "μ = 0.2", "μ = 0.4", "SGD (β = 0)"]


def test_crosses_stand_where_the_variance_ends():
    dataset = plots.compute("arsg.1")
    panel = plots.draw(dataset).axes[3]
    crosses = sorted(line.get_xdata()[0] for line in panel.get_lines() if line.get_marker() == DIVERGED)
    # 2(1 + β)/(1 - β + 2βμ) for μ = 0.4, 0.2, 0.1, and 2 for SGD; the others end beyond τ = 20.
    expected = [2.0, *(3.998 / (0.001 + 1.998 * mu) for mu in (0.4, 0.2, 0.1))]
    np.testing.assert_allclose(crosses, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"beta": 1.0}, r"beta is 1.0; .*\[0, 1\)"),
        ({"beta": float("nan")}, "beta = nan must be a real number"),
        ({"mu": [0.1, 1.0]}, r"mu is \[0.1, 1.0\]"),
        ({"mu": []}, r"mu is \[\]"),
        ({"points": 1}, "points = 1"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("arsg.1", **parameters)
