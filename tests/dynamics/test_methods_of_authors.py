"""What a method may ask for beyond its gradient: other points, random numbers, matrices; each against a slow twin."""

from typing import NamedTuple

import numba
import numpy as np
import pytest
from scipy.stats import chi2

from dynamics import (
    Echo,
    GradientDescent,
    KernelError,
    Lookahead,
    Stop,
    Trajectory,
    blocks,
    blocks_of,
    check_method,
    implements,
    initial_point,
    replay,
    simulate,
    sweep,
    update,
    uses_gradient,
    uses_loss,
    value_and_gradient,
)
from dynamics.kernels.policy import as_python
from dynamics.protocol import always, new_memory
from synthetic import Raised, gradient, linear_net, value
from tests.dynamics.methods_of_authors import Averaged, Extragradient, Langevin, Muon, ScheduleFree
from tests.dynamics.problems import Bowl, NoisyBowl
from tests.dynamics.runs.test_simulate import same_bytes

WEIGHTS, START = np.array([1.0, 0.1]), np.array([1.0, -2.0])
BOWL, NOISY = Bowl(WEIGHTS), NoisyBowl(WEIGHTS, 0.1)


@pytest.fixture
def plainly(monkeypatch):
    """Kernels run as plain Python."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    with as_python():
        yield


def noisy_gradient(seed):
    rng = np.random.default_rng(seed)
    return lambda x: WEIGHTS * x + 0.1 * rng.standard_normal(2)


def schedule_free(g, x, *, step, beta, steps):
    z, iterates = x, [x]
    for t in range(steps):
        y = (1 - beta) * z + beta * x
        z = z - step * g(y)
        c = 1 / (t + 1)
        x = (1 - c) * x + c * z
        iterates.append(x)
    return np.array(iterates)


def averaged(g, x, *, step, steps):
    w = [x]
    for _ in range(steps):
        w.append(w[-1] - step * g(w[-1]))
    return np.array([x] + [np.mean(w[1 : t + 1], axis=0) for t in range(1, steps + 1)])


def extragradient(g, x, *, step, steps):
    iterates = [x]
    for _ in range(steps):
        x = x - step * g(x - step * g(x))
        iterates.append(x)
    return np.array(iterates)


def test_schedule_free_gradients_are_those_at_y_and_its_loss_that_at_x():
    run = simulate(ScheduleFree(0.1, beta=0.8), NOISY, steps=40, x0=START, rng=3, record_iterates=True, record_every=1)
    expected = schedule_free(noisy_gradient(3), START, step=0.1, beta=0.8, steps=40)
    np.testing.assert_allclose(run.iterates, expected, rtol=1e-11)
    np.testing.assert_allclose(run.loss, 0.5 * expected**2 @ WEIGHTS, rtol=1e-11)
    np.testing.assert_allclose(run.gradient_norm, np.linalg.norm(WEIGHTS * expected, axis=1), rtol=1e-11)
    assert run.gradients.tolist() == list(range(41))
    assert not run.values.any()
    assert run.x.tobytes() == run.iterates[-1].tobytes()


@pytest.mark.usefixtures("plainly")
@pytest.mark.parametrize("every", [1, 7])
def test_polyak_ruppert_averages_are_reported(every):
    run = simulate(Averaged(0.3), NOISY, steps=21, x0=START, rng=4, record_iterates=True, record_every=every)
    expected = averaged(noisy_gradient(4), START, step=0.3, steps=21)[::every]
    np.testing.assert_allclose(run.iterates, expected, rtol=1e-11)
    np.testing.assert_allclose(run.loss, 0.5 * expected**2 @ WEIGHTS, rtol=1e-11)
    assert run.gradients.tolist() == list(range(0, 22, every))


@pytest.mark.usefixtures("plainly")
def test_extragradient_is_charged_for_both_gradients():
    run = simulate(Extragradient(0.3), BOWL, steps=15, x0=START, record_iterates=True)
    np.testing.assert_allclose(
        run.iterates, extragradient(lambda x: WEIGHTS * x, START, step=0.3, steps=15), rtol=1e-12
    )
    assert run.gradients.tolist() == list(range(0, 31, 2))
    assert not run.values.any()


@pytest.mark.usefixtures("plainly")
@pytest.mark.parametrize("problem", [BOWL, NOISY], ids=["exact", "sampled"])
@pytest.mark.parametrize(
    "method", [ScheduleFree(0.1), Averaged(0.1), Langevin(0.1, 0.5)], ids=lambda m: type(m).__name__
)
@pytest.mark.parametrize("cut", [0, 1, 7, 10])
def test_a_run_cut_anywhere_and_resumed_gives_the_same_bytes(problem, method, cut, tmp_path):
    whole = simulate(method, problem, steps=20, x0=START, rng=5, record_every=3)
    simulate(method, problem, steps=cut, x0=START, rng=5, record_every=3).save(tmp_path / "run.npz")
    second = simulate(method, problem, steps=20 - cut, resume=Trajectory.load(tmp_path / "run.npz"))
    assert same_bytes(whole, second)
    assert whole.rng_state == second.rng_state


@pytest.mark.usefixtures("plainly")
def test_a_run_ends_by_the_loss_that_it_reports():
    """Where the method evaluates elsewhere, the iterates that are recorded are tested, and no others."""
    run = simulate(ScheduleFree(1.0), BOWL, steps=10_000, x0=START, record_every=10, stop=Stop(gradient_norm=1e-2))
    assert run.status.name == "CONVERGED"
    assert run.stopped_at % 10 == 0
    assert run.gradient_norm[-1] <= 1e-2 < run.gradient_norm[-2]
    assert run.gradient_norm[-1] == np.linalg.norm(WEIGHTS * run.x)
    assert run.gradients[-1] == run.stopped_at


@pytest.mark.usefixtures("plainly")
def test_a_method_around_another_one_hands_on_what_it_says():
    assert not uses_gradient(Lookahead(ScheduleFree(0.1)))
    run = simulate(Lookahead(Langevin(0.1, 0.5)), BOWL, steps=3, x0=START, rng=0)
    assert run.gradients[-1] == 3


def test_stationary_variances_of_langevin_noise_are_those_of_theory():
    """x ← (1 − ηλ) x + √(2ηT) ξ has the variance T/(λ(1 − ηλ/2)), tested at level 1e-3, both sides, for each λ."""
    eta, temperature = 0.2, 0.7
    weights = np.repeat([1.0, 0.3], 15_000)
    run = simulate(Langevin(eta, temperature), Bowl(weights), steps=80, x0=np.zeros(30_000), rng=11, record_every=80)
    for curvature in (1.0, 0.3):
        variance = temperature / (curvature * (1 - eta * curvature / 2))
        total = np.sum(run.x[weights == curvature] ** 2) / variance
        assert chi2.ppf(5e-4, 15_000) < total < chi2.ppf(1 - 5e-4, 15_000)
    again = simulate(Langevin(eta, temperature), Bowl(weights), steps=80, x0=np.zeros(30_000), rng=11, record_every=80)
    assert same_bytes(run, again)


def test_a_sweep_of_a_method_that_draws_has_the_same_bytes_in_any_company():
    grid = {"step_size": [0.1, 0.2], "temperature": [0.1, 0.5, 1.0]}
    all_runs = sweep(Langevin, BOWL, over=grid, seeds=3, steps=20, x0=START, reduce="last")  # by the compiled loop
    assert len(np.unique(all_runs.loss.values)) == 18
    few = sweep(
        Langevin, BOWL, over={"step_size": [0.2], "temperature": [0.5]}, seeds=[1], steps=20, x0=START, reduce="last"
    )
    alone = replay(all_runs, step_size=0.2, temperature=0.5, seed=1)
    here = all_runs.loss.sel(step_size=0.2, temperature=0.5, seed=1).values
    assert here.tobytes() == few.loss.values.reshape(()).tobytes() == np.float64(alone.loss[-1]).tobytes()
    common = sweep(Langevin, BOWL, over=grid, seeds=2, steps=20, x0=START, reduce="last", noise="common")
    drawn = [replay(common, step_size=0.1, temperature=t, seed=1).rng_state for t in (0.1, 1.0)]
    assert drawn[0] == drawn[1]


def orthogonal_twin(M):
    """The quintic of Newton and Schulz on the singular values, which is what it does to the matrix."""
    U, s, Vt = np.linalg.svd(M, full_matrices=False)
    s = s / (np.linalg.norm(s) + 1e-7)
    for _ in range(5):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return (U * s) @ Vt


def muon_twin(problem, x, *, step, beta, steps):
    (m, k), momentum, iterates = problem.A.shape, np.zeros_like(x), [x]
    for _ in range(steps):
        momentum = beta * momentum + gradient(problem, x)
        first, second = momentum[: m * k].reshape(m, k), momentum[m * k :].reshape(k, k)
        x = x - step * np.concatenate([orthogonal_twin(first).ravel(), orthogonal_twin(second).ravel()])
        iterates.append(x)
    return np.array(iterates)


@pytest.mark.parametrize("mode", ["python", pytest.param("machine code", marks=pytest.mark.slow)])
def test_muon_knows_the_matrices_of_a_linear_net(mode, request):
    if mode == "python":
        request.getfixturevalue("plainly")
    net = linear_net(condition_number=10.0, samples=20, reduction="mean", rng=0)
    run = simulate(Muon(0.02), net, steps=10, record_iterates=True)
    twin = muon_twin(net, initial_point(net), step=0.02, beta=0.95, steps=10)
    np.testing.assert_allclose(run.iterates, twin, rtol=1e-8, atol=1e-10)
    assert run.loss[-1] < run.loss[0]


@pytest.mark.usefixtures("plainly")
def test_muon_knows_them_inside_another_method_too():
    net = linear_net(condition_number=10.0, samples=20, reduction="mean", rng=0)
    alone, echoed, ahead = (
        simulate(method, net, steps=4).x
        for method in (Muon(0.02), Echo(Muon(0.02), 1), Lookahead(Muon(0.02), sync_period=4, slow_step_size=0.25))
    )
    np.testing.assert_array_equal(echoed, alone)
    start = initial_point(net)
    np.testing.assert_allclose(ahead - start, 0.25 * (alone - start), rtol=1e-10)


@pytest.mark.usefixtures("plainly")
def test_a_linear_net_is_the_product_of_its_blocks():
    net = linear_net(condition_number=10.0, rng=0)
    x = np.random.default_rng(0).standard_normal(96)
    first, second = (x[b.begin : b.begin + b.rows * b.columns].reshape(b.shape) for b in blocks_of(net, 96))
    error = first @ second - net.A
    np.testing.assert_allclose(value(net, x), np.trace(error @ net.S @ error.T), rtol=1e-12)
    assert blocks(net) == blocks(linear_net(condition_number=10.0, form="samples", rng=0)) == blocks(Raised(net, 1.0))


@pytest.mark.usefixtures("plainly")
def test_nets_on_the_digits_have_matrices_with_biases():
    pytest.importorskip("sklearn")
    from synthetic import digits_logistic, digits_mlp

    net, logistic = digits_mlp(hidden=3, rng=0), digits_logistic(rng=0)
    first, second = blocks_of(net, initial_point(net).size)
    assert (first.shape, second.shape) == ((3, net.data.inputs.shape[1]), (10, 4))
    assert [block.rows for block in blocks_of(logistic, initial_point(logistic).size)] == [10]


class Pair(NamedTuple):
    """A bowl in two matrices, as a user declares them."""

    shapes: tuple


@implements(value_and_gradient, Pair)
def _(problem, x, out):
    out[:] = x
    return 0.5 * np.sum(x**2)


@implements(blocks, Pair)
def _(problem):
    return problem.shapes


@pytest.mark.usefixtures("plainly")
def test_a_problem_of_a_user_declares_its_own():
    run = simulate(Muon(0.1, beta=0.0), Pair(((2, 1), (2, 2, 2))), steps=1, x0=np.arange(1.0, 11.0))
    made = np.arange(1.0, 11.0) - run.x
    np.testing.assert_allclose(made[:2].reshape(2, 1), 0.1 * orthogonal_twin(np.array([[1.0], [2.0]])), rtol=1e-10)
    np.testing.assert_allclose(
        made[2:].reshape(2, 4), 0.1 * orthogonal_twin(np.arange(3.0, 11.0).reshape(2, 4)), rtol=1e-8
    )


@pytest.mark.usefixtures("plainly")
def test_blocks_that_do_not_fill_x_are_refused():
    with pytest.raises(ValueError, match=r"blocks of Pair are \(\(2, 2\),\), with 4 numbers, and x has 5"):
        simulate(Muon(0.1), Pair(((2, 2),)), steps=1, x0=np.ones(5))


class Careless(NamedTuple):
    step_size: float


class Silent(NamedTuple):
    step_size: float


class Contrary(NamedTuple):
    step_size: float


@implements(update, Careless)
def _(method, oracle, point, memory, k):
    point.x += np.random.default_rng(0).normal()


@implements(update, Silent)
def _(method, oracle, point, memory, k):
    point.x += oracle.rng.random()


@implements(update, Contrary)
def _(method, oracle, point, memory, k):
    point.x -= point.loss[0]


always(uses_loss, Contrary)
always(uses_gradient, Contrary, answer=False)


@pytest.mark.parametrize(
    ("method", "kind", "words"),
    [
        (
            Careless(0.1),
            KernelError,
            r"calls default_rng, a generator of its own.*always\(uses_rng, Careless",
        ),
        (Silent(0.1), KernelError, r"a method that draws from oracle.rng says so: always\(uses_rng"),
        (Contrary(0.1), ValueError, "Contrary says that update reads point.loss and not point.gradient"),
    ],
    ids=["default_rng", "unsaid", "loss without gradient"],
)
def test_what_a_method_may_not_do_is_refused_before_the_run(method, kind, words):
    with pytest.raises(kind, match=words):
        simulate(method, BOWL, steps=1, x0=START)


def test_methods_that_say_nothing_are_as_they_were():
    assert uses_gradient(GradientDescent(0.1))
    assert type(new_memory(GradientDescent(0.1), 2)).__name__ == "NoMemory"


@pytest.mark.parametrize(
    "method", [ScheduleFree(0.1), Averaged(0.1), Extragradient(0.1), Langevin(0.1, 0.5), Muon(0.02)], ids=repr
)
def test_an_examination_finds_nothing_wrong(method):
    report = check_method(method, machine=False)
    assert report, str(report)
    assert "calls that are charged against calls that are made" in str(report)
