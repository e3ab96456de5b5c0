"""Several steps at a time: the bytes of single steps, few of which are left, and the same ends."""

import numba
import numpy as np
import pytest

import dynamics.runs.driver as driver
from dynamics import RSG, SGD, HeavyBall, Status, Stop, inverse_power, runs_as_python, simulate, table
from dynamics.protocol.trees import arrays_in
from dynamics.vectors.random_vectors import normals
from synthetic import AxisNoise, quadratic

METHODS = {
    "rsg": RSG(0.3, beta=0.9, mu=0.2),
    "heavy ball": HeavyBall(0.3),
    "sgd": SGD(0.2),
}
NEAR, FAR = (1, 2, 9, 300), (513,)  # a block of normal numbers is for several steps, or for one
STEPS = 50
SLOW_AS_PYTHON = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="takes long as plain Python")


def noisy(dimension, largest=2.0):
    rng = np.random.default_rng(dimension)
    spectrum = np.append(rng.uniform(0.1, 1.0, dimension - 1), largest)
    return quadratic(eigenvalues=spectrum, minimiser=rng.standard_normal(dimension), noise="hessian")


def state(run):
    """All that a run would go on with, as bytes."""
    return [array.tobytes() for array in arrays_in(run.state)]


def by_single_steps(method):
    """The same method and the same machine code; but of a table of step sizes nobody asks whether they differ."""
    return method._replace(step_size=table([method.step_size]))


def require_same_bytes(method, problem, **others):
    """A stride or a step at a time, one piece or two: the same run."""
    for every in (9, 1000):
        arguments = {"record_every": every, "rng": 5, **others}
        run = simulate(method, problem, steps=STEPS, **arguments)
        single = simulate(by_single_steps(method), problem, steps=STEPS, **arguments)
        assert state(run) == state(single)
        assert (run.status, run.stopped_at) == (single.status, single.stopped_at)
        for column in ("iteration", "loss", "gradient_norm", "gradients", "step_size"):
            np.testing.assert_array_equal(getattr(run, column), getattr(single, column))
    if single.status is Status.MAX_ITERATIONS:
        first = simulate(method, problem, steps=21, **arguments)
        assert state(simulate(method, problem, steps=STEPS - 21, resume=first)) == state(single)
    return single


@pytest.mark.parametrize("dimension", NEAR + FAR)
def test_strides_have_the_bytes_of_single_steps(dimension):
    run = require_same_bytes(METHODS["rsg"], noisy(dimension))
    assert run.status is Status.MAX_ITERATIONS
    assert np.isfinite(run.loss).all()


@pytest.mark.parametrize("name", METHODS)
def test_strides_of_each_method_have_the_bytes_of_single_steps(name):
    with runs_as_python():
        run = require_same_bytes(METHODS[name], noisy(3))
    assert run.status is Status.MAX_ITERATIONS


@pytest.mark.parametrize("dimension", [2, pytest.param(513, marks=SLOW_AS_PYTHON)])
def test_a_run_that_overflows_ends_where_single_steps_end(dimension):
    # The largest coordinate grows by eight digits a step.
    others = {"x0": np.ones(dimension), "stop": Stop(loss_bound=np.inf)}
    run = require_same_bytes(METHODS["rsg"], noisy(dimension, largest=1e9), **others)
    assert run.status is Status.NOT_FINITE
    assert run.stopped_at > 30


def by_numpy(method, problem, dimension, numbers):
    """RSG with a given normal number for each coordinate and step."""
    x, m = problem.problem.minimiser + 1.0, np.zeros(dimension)
    for normal in numbers:
        g = problem.problem.eigenvalues * (x - problem.problem.minimiser) + problem.noise.deviation * normal
        m = method.beta * m + (1 - method.beta) * g
        x = x - method.step_size * ((1 - method.mu) * m + method.mu * g)
    return x


@pytest.mark.parametrize("dimension", [2, 513])
def test_strides_take_the_steps_of_the_formula(dimension):
    problem, method = noisy(dimension), METHODS["rsg"]
    run = simulate(method, problem, steps=STEPS, record_every=1000, rng=5)
    key, size = np.random.default_rng(5).random(), run.state.sample.stream.numbers.size
    pairs = [normals(key, block * size + i, block * size + i + size // 2)
             for block in range(-(-STEPS // (size // dimension))) for i in range(0, size // 2, 8)]  # fmt: skip
    halves = np.array(pairs).reshape(-1, size // 16, 2, 8).transpose(0, 2, 1, 3).reshape(-1, size)
    numbers = halves[:, : size // dimension * dimension].reshape(-1, dimension)[:STEPS]
    np.testing.assert_allclose(run.x, by_numpy(method, problem, dimension, numbers), rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("dimension", "largest", "method", "every", "own"),
    [
        (2, 2.0, METHODS["rsg"], 50, 4),  # two rows, the last step, and the look at the end
        (513, 2.0, METHODS["rsg"], 50, 4),
        (2, 2.0, METHODS["rsg"], 1, 101),
        (2, 2.0, RSG(inverse_power(0.3, power=0.5)), 50, 101),
        (2, 1e9, METHODS["rsg"], 100, 23),  # of 38 to the end; from half of the way on the gradient is too large
    ],
)
def test_the_driver_takes_few_steps_itself(monkeypatch, dimension, largest, method, every, own):
    counted, evaluate = [], driver.evaluate
    monkeypatch.setattr(driver, "evaluate", lambda *arguments: counted.append(0) or evaluate(*arguments))
    stop = Stop(loss_bound=np.inf)
    with runs_as_python():
        simulate(method, noisy(dimension, largest), steps=100, record_every=every, rng=5, stop=stop)
    assert len(counted) == own


def test_a_coordinate_is_rounded_alike_wherever_it_stands():
    silent = noisy(23)._replace(noise=AxisNoise(np.zeros(23)))
    even = silent._replace(problem=silent.problem._replace(eigenvalues=np.full(23, 0.7), minimiser=np.zeros(23)))
    run = simulate(METHODS["rsg"], even, steps=STEPS, record_every=9, x0=np.full(23, 1.234567), rng=5)
    assert len(set(run.x.tolist())) == 1
