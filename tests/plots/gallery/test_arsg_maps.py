"""The maps and curves of gain factor and variance limit against matrices of the linear methods."""

import numpy as np
import pytest
from matplotlib.collections import QuadMesh

import plots
from theory.linear import RSG

SMALL = {"betas": [0.9, 0.99], "points": 13}


@pytest.fixture(scope="module", params=["arsg.gain_map", "arsg.variance_map"])
def dataset(request):
    return plots.compute(request.param, **SMALL)


def test_map_is_that_of_the_matrix(dataset):
    tau = dataset["tau"].values
    for beta in dataset["beta"].values:
        for mu in dataset["mu"].values:
            method, row = RSG(beta=float(beta), mu=float(mu)), dataset.sel(beta=beta, mu=mu)
            if "gain_factor" in dataset:
                np.testing.assert_allclose(row["gain_factor"], method.spectral_radius(tau), rtol=1e-6)
            else:
                expected = method.stationary_covariance(tau)[:, 1, 1]
                np.testing.assert_allclose(row["variance_limit"], expected, rtol=1e-6, equal_nan=True)


def test_lines_stand_where_the_eigenvalues_change(dataset):
    beta, mu = 0.99, float(dataset["mu"][6])
    row, method = dataset.sel(beta=beta, mu=mu), RSG(beta=beta, mu=mu)

    def eigenvalues(tau):
        return np.linalg.eigvals(method.A(tau))

    below, above = 1 - 1e-6, 1 + 1e-6
    for name, is_complex_above in (("tau_cb1", True), ("tau_cb2", False)):
        line = float(row[name])
        assert np.iscomplexobj(eigenvalues(above * line)) == is_complex_above
        assert np.iscomplexobj(eigenvalues(below * line)) != is_complex_above
    assert abs(eigenvalues(float(row["tau_sym"])).sum()) < 1e-12
    assert method.spectral_radius(below * float(row["tau_rb"])) < 1 < method.spectral_radius(above * row["tau_rb"])


def test_the_least_gain_factor_of_a_row_is_on_tau_cb2():
    dataset = plots.compute("arsg.gain_map", betas=[0.99], points=201)
    least = dataset["gain_factor"].isel(beta=0).idxmin("tau")
    step = dataset["tau"].values[1] / dataset["tau"].values[0]
    ratio = least.values / dataset["tau_cb2"].isel(beta=0).values
    np.testing.assert_array_less(np.abs(np.log(ratio)), np.log(step))


def test_one_panel_for_each_momentum_coefficient(dataset):
    picture = plots.draw(dataset)
    meshes = [mesh for axes in picture.axes for mesh in axes.collections if isinstance(mesh, QuadMesh)]
    titled = [axes for axes in picture.axes if r"\beta" in axes.get_title("left")]
    assert len(titled) == 2
    assert len(meshes) >= 2


def test_curves_for_three_momentum_coefficients():
    dataset = plots.compute("arsg.1_betas", points=21)
    one = plots.compute("arsg.1", beta=0.99, mu=[0.05], points=5)
    wide = one.sel(range="wide").isel(curve=0)
    tau = float(wide["tau"][2])
    again = plots.compute("arsg.1_betas", betas=[0.99], mu=[0.05], points=4001)
    near = again.sel(tau=tau, method="nearest").isel(beta=0, mu=0)
    assert float(near["gain_factor"]) == pytest.approx(float(wide["gain_factor"][2]), rel=2e-3)
    for beta in dataset["beta"].values:
        for mu in dataset["mu"].values:
            row, method = dataset.sel(beta=beta, mu=mu), RSG(beta=float(beta), mu=float(mu))
            np.testing.assert_allclose(row["gain_factor"], method.spectral_radius(row["tau"].values), rtol=1e-6)
            expected = method.stationary_covariance(row["tau"].values)[:, 1, 1]
            np.testing.assert_allclose(row["variance_limit"], expected, rtol=1e-6, equal_nan=True)
    tau = dataset["tau"].values
    np.testing.assert_allclose(dataset["sgd_gain_factor"], np.abs(1 - tau), rtol=1e-12, atol=1e-15)


def test_recommended_observation_factors_help_at_every_momentum():
    """The paper: μ from 0.05 to 0.2 lowers gain factor and variance; here at τ = 1, against heavy ball."""
    dataset = plots.compute("arsg.1_betas", points=601).sel(tau=1.0, method="nearest")
    heavy_ball = dataset.sel(mu=0.0)
    for mu in (0.05, 0.1, 0.2):
        assert (dataset["gain_factor"].sel(mu=mu) < heavy_ball["gain_factor"]).all()
        assert (dataset["variance_limit"].sel(mu=mu) < heavy_ball["variance_limit"]).all()


@pytest.mark.parametrize(
    ("id", "parameters", "message"),
    [
        ("arsg.gain_map", {"betas": [0.0]}, r"betas is \[0.0\]; .*in \(0, 1\)"),
        ("arsg.gain_map", {"betas": [0.9, 0.5]}, "increasing"),
        ("arsg.variance_map", {"points": 10}, "points = 10"),
        ("arsg.1_betas", {"betas": [0.9, 1.0]}, r"betas is \[0.9, 1.0\]"),
        ("arsg.1_betas", {"mu": [0.2, 0.1]}, "must increase"),
        ("arsg.1_betas", {"points": 1}, "points = 1"),
    ],
)
def test_refuses(id, parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute(id, **parameters)
