"""Several methods and problems in one sweep, each with axes of its own."""

import numpy as np
import pytest

from dynamics import RSG, GradientDescent, HeavyBall, open_sweep, replay, sweep
from synthetic import quadratic
from tests.dynamics.sweeps.stores import same_bytes

PROBLEM = quadratic(eigenvalues=[1.0, 0.1], noise=0.1)
OWN = {RSG: {"step_size": [0.1, 0.3], "mu": [0.1, 0.4]}, HeavyBall: {("step_size", "beta"): [(0.1, 0.9), (0.1, 0.5)]}}
REST = {"fixed": {RSG: {"beta": 0.9}}, "seeds": 2, "steps": 25, "x0": [1.0, -1.0], "record_every": 5}
LIST = [RSG, HeavyBall, GradientDescent(0.2)]


def test_each_method_has_its_own_axes_and_its_runs_are_those_of_a_sweep_of_its_own():
    made = sweep(LIST, PROBLEM, over=OWN, **REST)
    assert made.loss.dims == ("setting", "seed", "record")
    assert made.method.values.tolist() == ["RSG"] * 4 + ["HeavyBall"] * 2 + ["GradientDescent(step_size=0.2)"]
    nan = np.nan
    np.testing.assert_array_equal(made.step_size, [0.1, 0.1, 0.3, 0.3, 0.1, 0.1, nan])
    np.testing.assert_array_equal(made.mu, [0.1, 0.4, 0.1, 0.4, nan, nan, nan])
    np.testing.assert_array_equal(made.beta, [0.9] * 4 + [0.9, 0.5, nan])
    alone = sweep(RSG, PROBLEM, over=OWN[RSG], **REST | {"fixed": {"beta": 0.9}})
    own = made.isel(setting=made.method == "RSG").set_index(setting=["step_size", "mu"]).unstack("setting")
    same = own.loss.transpose("step_size", "mu", "seed", "record")
    assert np.ascontiguousarray(same.values).tobytes() == alone.loss.values.tobytes()
    run = replay(made, method="HeavyBall", beta=0.5, seed=1)
    assert run.method == HeavyBall(0.1, beta=0.5)
    assert run.loss[-1] == made.loss[5, 1, -1]
    with pytest.raises(ValueError, match=r"mu = 0\.3 is not in the sweep: the nearest is 0\.4"):
        replay(made, method="RSG", mu=0.3)


def test_an_axis_of_all_crosses_the_methods_and_problems_have_their_own_too():
    problems = {quadratic: {"condition_number": [1.0, 10.0, 100.0]}}
    made = sweep(
        [RSG, HeavyBall], [quadratic, PROBLEM], over={"step_size": [0.1, 0.2], **problems},
        fixed={quadratic: {"dimension": 2}}, steps=5, x0=[1.0, 1.0],
    )  # fmt: skip
    assert dict(made.loss.sizes) == {"method": 2, "instance": 4, "step_size": 2, "seed": 1, "record": 6}
    np.testing.assert_array_equal(made.condition_number, [1.0, 10.0, 100.0, np.nan])
    assert made.method.values.tolist() == ["RSG", "HeavyBall"]


def test_a_store_has_the_same_and_one_methods_axis_grows(tmp_path):
    path = tmp_path / "runs.zarr"
    made = sweep([RSG, HeavyBall], PROBLEM, over=OWN, out=path, **REST)
    assert same_bytes(made, sweep([RSG, HeavyBall], PROBLEM, over=OWN, **REST))
    assert same_bytes(open_sweep(path), made)
    assert made.attrs["method"] == "RSG, HeavyBall"
    wider = OWN | {RSG: {"step_size": [0.1, 0.2, 0.3], "mu": [0.1, 0.4]}}
    grown = sweep([RSG, HeavyBall], PROBLEM, over=wider, out=path, **REST)
    assert same_bytes(grown, sweep([RSG, HeavyBall], PROBLEM, over=wider, **REST))
    assert replay(open_sweep(path), method="HeavyBall", beta=0.5, seed=0).method == HeavyBall(0.1, beta=0.5)


BAD = [
    ({RSG: {"step_sise": [0.1]}}, r"unknown over\[RSG\]: parameter 'step_sise'; did you mean 'step_size'"),
    (
        {RSG: {"step_size": [0.1, -1.0]}},
        r"at method\[0\] = RSG, step_size\[1\] = -1.0, beta\[0\] = 0.9: step_size = -1.0 must be",
    ),
    (
        {"step_size": [0.1], RSG: {"mu": [0.1, "x"]}},
        r"at method\[0\] = RSG, mu\[1\] = 'x', beta\[0\] = 0.9, step_size\[0\] = 0.1",
    ),
    ({RSG: {"step_size": []}}, r"over\[RSG\]\['step_size'\] is empty"),
    ({RSG: [0.1]}, r"over\[RSG\] = \[0.1\] must map names of its parameters to values"),
    ({"mu": [0.1]}, "over names 'mu', which HeavyBall lacks: give it to RSG alone"),
    ({"step_size": [0.1], RSG: {"step_size": [0.1]}}, "over names the method's step_size twice"),
    (
        {GradientDescent: {"step_size": [0.1]}},
        r"key GradientDescent, which is not among .* add it to \[RSG, HeavyBall\]",
    ),
    ({RSG: {"beta": [0.9]}}, "beta of RSG is given twice, in over or in fixed"),
    ({RSG: {"step_size": [0.1]}}, r"at method\[1\] = HeavyBall: 'HeavyBall' needs step_size too"),
]


@pytest.mark.parametrize(("over", "sentence"), BAD)
def test_bad_axes_are_refused(over, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        sweep([RSG, HeavyBall], PROBLEM, over=over, **REST)


def test_a_list_with_twins_or_with_something_else_is_refused():
    with pytest.raises(ValueError, match=r"method\[0\] = RSG repeats place 0"):
        sweep([RSG, RSG], PROBLEM, over={"step_size": [0.1]}, steps=1)
    with pytest.raises(TypeError, match=r"method\[1\] = 'sgd' must be a class, a factory or a ready method"):
        sweep([RSG, "sgd"], PROBLEM, over={}, steps=1)
    with pytest.raises(ValueError, match="not among several methods or problems: list several methods"):
        sweep(RSG, PROBLEM, over={RSG: {"step_size": [0.1]}}, steps=1)


def test_problems_and_values_that_print_alike_are_told_apart():
    spectra = [np.linspace(0.1, 1.0, 40), np.linspace(0.2, 1.0, 40)]
    ready = sweep(GradientDescent(0.5), [quadratic(eigenvalues=values) for values in spectra], over={}, steps=3)
    listed = [values.tolist() for values in spectra]
    made = [sweep(GradientDescent(0.5), quadratic, over={"eigenvalues": v}, steps=3) for v in (spectra, listed)]
    for one, name in ((ready, "problem"), (made[0], "eigenvalues"), (made[1], "eigenvalues")):
        np.testing.assert_array_equal(one.loss, ready.loss)
        for place, word in enumerate(one[name].values.tolist()):
            assert replay(one, **{name: word}).loss[-1] == ready.loss.values[place, 0, -1]
    with pytest.raises(ValueError, match=r"eigenvalues\[1\] = an array of shape \(40,\) #\w{6} repeats place 0"):
        sweep(GradientDescent(0.5), quadratic, over={"eigenvalues": [spectra[0], spectra[0].copy()]}, steps=3)
