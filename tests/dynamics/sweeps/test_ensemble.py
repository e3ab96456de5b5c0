"""Sweeps: the same numbers as single runs, whatever the threads."""

import os
import signal

import numpy as np
import pytest

from dynamics import (
    RSG,
    SGD,
    Adagrad,
    Adam,
    AMSGrad,
    GradientDescent,
    HeavyBall,
    Lookahead,
    NAdam,
    RMSprop,
    Status,
    Stop,
    TrustRegion,
    ensemble,
    inverse_power,
    runs_in_lanes,
    simulate,
)
from dynamics.protocol.canonical import canonical, identity
from dynamics.protocol.trees import arrays_in
from dynamics.runs.setup import begun
from dynamics.sweeps.content import floats, stream
from dynamics.sweeps.families import float_columns
from synthetic import linear_net, quadratic
from tests.dynamics.problems import Bowl, NoisyBowl

NOISY = NoisyBowl(np.array([1.0, 0.1]), 0.1)
GRID = [RSG(a, beta=0.9, mu=0.2) for a in (0.05, 0.1, 0.2)]
START = np.array([1.0, -2.0])


def test_one_and_two_threads_give_the_same_bytes():
    one, two = (ensemble(GRID, NOISY, steps=200, seeds=4, x0=START, threads=threads) for threads in (1, 2))
    for name in ("loss", "gradient_norm", "x", "step_size", "gradients"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


def test_each_run_is_the_single_run_of_its_coordinates():
    sweep = ensemble(GRID, NOISY, steps=50, seeds=[3, 8], x0=START)
    for i, method in enumerate(GRID):
        for j, seed in enumerate((3, 8)):
            single = simulate(method, NOISY, steps=50, x0=START, rng=stream(seed, canonical(method)))
            assert sweep.loss[i, j].tobytes() == single.loss.tobytes()
            assert sweep.x[i, j].tobytes() == single.x.tobytes()


QUADRATIC = quadratic(eigenvalues=[1.0, 0.3, 0.1], noise=0.1, rng=0)


@pytest.mark.parametrize("noise", ["own", "common"])
@pytest.mark.parametrize("grid", [GRID * 4, [SGD(inverse_power(a, power=0.5)) for a in (0.1, 0.2)]], ids=["RSG", "SGD"])
def test_runs_that_share_kernels_are_the_single_runs_to_rounding(noise, grid):
    sweep = ensemble(grid, QUADRATIC, steps=300, seeds=[3, 8], noise=noise, record_every=7)
    for i, method in enumerate(grid):
        for j, seed in enumerate((3, 8)):
            rng = stream(seed, *([canonical(method)] if noise == "own" else []))
            single = simulate(method, QUADRATIC, steps=300, record_every=7, rng=rng)
            np.testing.assert_allclose(sweep.loss[i, j], single.loss, rtol=1e-12)
            np.testing.assert_allclose(sweep.x[i, j], single.x, rtol=1e-12, atol=1e-14)
            np.testing.assert_array_equal(sweep.step_size[i, j], single.step_size)
            np.testing.assert_array_equal(sweep.gradients[i, j], single.gradients)


def test_runs_that_share_kernels_part_where_one_of_them_ends():
    grid = [GradientDescent(a) for a in (0.5, 3.0, 0.9, 100.0)]
    problem = quadratic(eigenvalues=[1.0, 0.3])
    stop = Stop(gradient_norm=1e-9, loss_bound=1e30)
    sweep = ensemble(grid, problem, steps=500, seeds=1, stop=stop)
    for i, method in enumerate(grid):
        single = simulate(method, problem, steps=500, stop=stop)
        assert sweep.status[i, 0] == single.status
        assert sweep.stopped_at[i, 0] == single.stopped_at
        kept = np.isfinite(sweep.loss[i, 0])
        np.testing.assert_allclose(sweep.loss[i, 0][kept], single.loss, rtol=1e-11)


ADAPTIVE = {
    "Adam": [Adam(a, beta1=b, beta2=0.99, eps=e) for a, b, e in ((0.1, 0.9, 1e-8), (0.2, 0.5, 1e-2), (0.05, 0.0, 0.0))],
    "AMSGrad": [AMSGrad(a, beta2=b, bias_correction=True) for a, b in ((0.1, 0.9), (0.2, 0.5), (0.05, 0.999))],
    "NAdam": [NAdam(a, momentum_decay=b) for a, b in ((0.1, 0.004), (0.2, 0.01), (0.05, 0.0))],
    "RMSprop": [RMSprop(a, beta=b, eps_placement="inside") for a, b in ((0.1, 0.9), (0.2, 0.5), (0.05, 0.99))],
    "Adagrad": [Adagrad(a, eps=b) for a, b in ((0.1, 1e-10), (0.2, 1e-2), (0.05, 0.0))],
}


@pytest.mark.parametrize("name", ADAPTIVE)
def test_scaled_gradients_on_lanes_are_the_single_runs_to_rounding(name):
    grid = ADAPTIVE[name]
    assert runs_in_lanes(canonical(grid[0]))
    sweep = ensemble(grid, QUADRATIC, steps=100, seeds=[3], record_every=7)
    for i, method in enumerate(grid):
        single = simulate(method, QUADRATIC, steps=100, record_every=7, rng=stream(3, canonical(method)))
        np.testing.assert_allclose(sweep.loss[i, 0], single.loss, rtol=1e-11)
        np.testing.assert_allclose(sweep.x[i, 0], single.x, rtol=1e-12, atol=1e-14)


OTHERS = [
    (RSG(0.1, beta=0.9), RSG(np.float64(0.2), beta=0.5)),
    (RSG(inverse_power(0.1, power=0.5)), RSG(inverse_power(0.2, power=0.5))),
    (RSG(inverse_power(0.1, power=0.5)), RSG(0.2)),
    (RSG([0.1, 0.2]), RSG(0.3)),
    (Adagrad(0.1, initial_sum=0.1), Adagrad(0.1, initial_sum=0.7)),
    (TrustRegion(radius=1.0), TrustRegion(radius=2.0)),
    (Lookahead(SGD(0.1)), Lookahead(SGD(0.2))),
]


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_a_setting_is_read_beside_another_one_as_it_is_alone(one, other):
    rest = {"x0": None, "rng": 0, "record_every": 3, "record_iterates": False, "stop": None}
    first, alone = (begun(method, QUADRATIC, **rest) for method in (one, other))
    beside = begun(other, QUADRATIC, **rest, like=first)
    assert identity(beside.method) == identity(alone.method)
    assert list(floats(beside.method)) == list(floats(alone.method))
    for made, wanted in zip(arrays_in(beside.state), arrays_in(alone.state), strict=True):
        np.testing.assert_array_equal(made, wanted)
    assert beside.given.method is other
    assert np.array(float_columns([first.method, beside.method])).T.tolist() == [
        list(floats(setup.method)) for setup in (first, beside)
    ]


@pytest.mark.parametrize("bad", [RSG(-0.1), RSG(np.nan), RSG(0.1, beta=1.0), RSG(0.1, mu=np.nan), RSG(0.1, beta="x")])
def test_a_setting_beside_another_one_is_refused_as_it_is_alone(bad):
    rest = {"x0": None, "rng": 0, "record_every": 3, "record_iterates": False, "stop": None}
    first, words = begun(RSG(0.1), QUADRATIC, **rest), []
    for like in (None, first):
        with pytest.raises((ValueError, TypeError)) as caught:
            begun(bad, QUADRATIC, **rest, like=like)
        words.append((type(caught.value), str(caught.value)))
    assert words[0] == words[1]


def test_full_matrices_take_eigenvalues_and_no_lanes():
    assert not any(runs_in_lanes(canonical(kind(0.1, matrix="full"))) for kind in (Adagrad, RMSprop))


NET = linear_net(maker="svd", condition_number=10.0, reduction="mean", rng=0)


def same_runs(sweep, grid, steps, stop=None):
    """Whether the runs of a sweep on NET are the single runs: the same ends, and numbers that differ by rounding."""
    for i, method in enumerate(grid):
        single = simulate(method, NET, steps=steps, stop=stop)
        assert (sweep.status[i, 0], sweep.stopped_at[i, 0]) == (single.status, single.stopped_at)
        rows = len(single.loss)
        np.testing.assert_allclose(sweep.loss[i, 0, :rows], single.loss, rtol=1e-11)
        np.testing.assert_allclose(sweep.gradient_norm[i, 0, :rows], single.gradient_norm, rtol=1e-11)
        np.testing.assert_allclose(sweep.x[i, 0], single.x, rtol=1e-10, atol=1e-12)
        np.testing.assert_array_equal(sweep.step_size[i, 0, :rows], single.step_size)
        np.testing.assert_array_equal(sweep.gradients[i, 0, :rows], single.gradients)
        assert np.isnan(sweep.loss[i, 0, rows:]).all()
    return True


@pytest.mark.parametrize("noise", ["own", "common"])
def test_64_runs_of_adam_on_a_linear_net_are_the_single_runs_to_rounding(noise):
    grid = [Adam(float(a)) for a in np.geomspace(1e-3, 1e-2, 64)]
    sweeps = [ensemble(grid, NET, steps=60, seeds=1, noise=noise, threads=threads) for threads in (1, 2)]
    assert same_runs(sweeps[0], grid, 60)
    for name in ("loss", "gradient_norm", "x"):
        assert getattr(sweeps[0], name).tobytes() == getattr(sweeps[1], name).tobytes()


def test_every_number_of_adam_may_differ_between_lanes():
    numbers = zip(np.linspace(0.5, 0.9, 10), np.linspace(0.9, 0.999, 10), np.geomspace(1e-8, 1e-3, 10), strict=True)
    grid = [Adam(1e-3, beta1=float(b), beta2=float(c), eps=float(e)) for b, c, e in numbers]
    assert same_runs(ensemble(grid, NET, steps=60, seeds=1), grid, 60)


def test_runs_on_a_linear_net_part_where_one_diverges():
    grid = [Adam(a) for a in (1e-3, 1e-2, 1e3, 2e-3)]
    stop = Stop(loss_bound=1e6)
    sweep = ensemble(grid, NET, steps=60, seeds=1, stop=stop)
    assert len(set(sweep.status[:, 0])) == 2
    assert same_runs(sweep, grid, 60, stop)


def test_common_noise_is_the_same_for_all_settings_and_own_noise_is_not():
    grid = [HeavyBall(0.1, beta=0.5), HeavyBall(0.1, beta=0.5 + 1e-15)]  # a difference that takes long to show
    common = ensemble(grid, NOISY, steps=50, seeds=2, x0=START, noise="common")
    own = ensemble(grid, NOISY, steps=50, seeds=2, x0=START)
    np.testing.assert_allclose(common.x[0], common.x[1], rtol=1e-11)
    assert not np.any(np.isclose(own.x[0], own.x[1], rtol=1e-3))
    assert not np.any(common.x[:, 0] == common.x[:, 1])


def test_runs_that_end_early_have_nan_after_their_end():
    sweep = ensemble(
        [GradientDescent(a) for a in (0.5, 10.0)],
        Bowl(np.array([1.0, 0.1])),
        steps=100,
        seeds=1,
        x0=START,
        stop=Stop(loss_bound=1e6),
    )
    assert np.isfinite(sweep.loss[0, 0]).all()
    end = sweep.stopped_at[1, 0]
    assert end < 100
    assert np.isfinite(sweep.loss[1, 0, : end + 1]).all()
    assert np.isnan(sweep.loss[1, 0, end + 1 :]).all()


def test_ctrl_c_leaves_the_runs_that_are_done(request):
    def press(done):
        if done == 1:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent process ignores
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    grid, bowl = [GradientDescent(a) for a in (0.5, 0.25)], Bowl(np.array([1.0, 0.1]))
    whole = ensemble(grid, bowl, steps=9, seeds=1, x0=START)
    with pytest.warns(RuntimeWarning, match="1 of 2 runs are done, and the others have NaN and the status RUNNING"):
        part = ensemble(grid, bowl, steps=9, seeds=1, x0=START, threads=1, progress=press)
    assert part.status.tolist() == [[Status.MAX_ITERATIONS], [Status.RUNNING]]
    assert part.loss[0].tobytes() == whole.loss[0].tobytes()
    assert np.isnan(part.loss[1]).all()


def test_each_seed_may_have_a_start_of_its_own():
    starts = np.array([[1.0, 0.0], [0.0, 1.0]])
    sweep = ensemble([GradientDescent(0.5)], Bowl(np.array([1.0, 0.1])), steps=0, seeds=2, x0=starts)
    np.testing.assert_array_equal(sweep.x[0], starts)


@pytest.mark.parametrize(
    ("grid", "arguments", "sentence"),
    [
        ([], {}, "the grid has no settings"),
        ([RSG(0.1), HeavyBall(0.1)], {}, "the grid mixes HeavyBall, RSG"),
        (GRID, {"seeds": 0}, "seeds = 0 must be at least 1"),
        (GRID, {"seeds": [1, 1]}, "distinct non-negative ints"),
        (GRID, {"noise": "comon"}, "did you mean 'common'"),
        (GRID, {"steps": -3}, "steps = -3 must be at least 0"),
        (GRID, {"x0": np.ones((3, 2))}, "x0 has 3 rows for 2 seeds"),
        ([RSG(0.1), RSG(-0.1)], {}, "step_size = -0.1 must be positive"),
    ],
)
def test_bad_sweeps_are_refused_in_one_sentence(grid, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        ensemble(grid, NOISY, **{"steps": 3, "seeds": 2, "x0": START, **arguments})


def test_sweeps_on_lanes_refuse_what_single_runs_refuse():
    with pytest.raises(ValueError, match="steps = -3 must be at least 0"):
        ensemble(GRID, QUADRATIC, steps=-3, seeds=2)


def test_the_dataset_has_settings_and_seeds_as_dimensions():
    dataset = ensemble(GRID, NOISY, steps=5, seeds=2, x0=START).to_dataset()
    assert dataset.sizes == {"setting": 3, "seed": 2, "record": 6}
