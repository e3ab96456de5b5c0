"""The C references, NumPy's loops and optdyn do the same work: they leave the same trajectories."""

from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest
from scipy import stats

from benchmarks import updates, workloads
from benchmarks.bandwidth import STRETCH
from benchmarks.peers import load, numpy_loops, optdyn_runs
from benchmarks.reference.build import Unavailable
from benchmarks.workloads import Case, grid
from dynamics import RSG, SGD, Adam, BarzilaiBorwein, methods, new_memory, runs_as_python, update
from dynamics.protocol.canonical import canonical
from dynamics.protocol.method import Point
from synthetic import carmon, linear_net, quadratic
from theory.arsg import variance_limit

RUNS = 11  # a group of eight lanes, and three runs one by one
SIGMAS = 5.0  # a test at five standard deviations fails by chance once in 1.7 million


@pytest.fixture(scope="module")
def c():
    try:
        return load("c")
    except Unavailable as reason:
        pytest.skip(str(reason))


def case(kind, problem, methods, *, every=1, noise="own"):
    return Case(kind[:2].upper(), "test", kind, problem, methods, 1, every, noise=noise, threads=2)


def carmon_cases():
    # Whole steps of Barzilai and Borwein, and curvatures that nearly vanish as in small problems, blow rounding errors
    # up: a tenth of a step, and no small problem.
    for samples, dimension, runs in ((500, 30, 1), (500, 20, RUNS), (640, 41, 2)):
        problem = carmon(samples=samples, dimension=dimension, rng=1)
        yield case("w1", problem, grid(BarzilaiBorwein, 0.03, 0.1, runs, negative="absolute"))
    for samples, dimension, runs in ((500, 30, 1), (70, 5, RUNS), (64, 41, 2)):
        problem = carmon(samples=samples, dimension=dimension, batch_size=samples, rng=1)
        yield case("w2", problem, grid(SGD, 0.02, 0.2, runs), every=5)


def net_cases():
    for form, runs in (("reduced", 1), ("reduced", RUNS), ("samples", 1)):
        net = linear_net(samples=101, form=form, reduction="mean", maker="svd", condition_number=10.0, rng=1)
        yield case(f"w3_{form}", net, grid(Adam, 1e-3, 1e-2, runs))


def quadratic_cases():
    for eigenvalues, runs in (([1.0, 0.1], 1), ([1.0, 0.1], RUNS), (np.geomspace(1.0, 0.01, 7), RUNS)):
        minimiser = np.linspace(-1.0, 2.0, len(eigenvalues))
        methods = grid(RSG, 0.1, 1.0, runs, beta=0.9, mu=0.2)
        exact = quadratic(eigenvalues=eigenvalues, minimiser=minimiser)
        yield case("w4", exact, methods, every=5)
        yield case("w4", exact, methods, every=5, noise="common")


# A curvature is a difference of gradients and loses digits.
TOLERANCE = {"w1": 1e-9}


@pytest.mark.parametrize("each", [*carmon_cases(), *net_cases(), *quadratic_cases()], ids=lambda each: each.kind)
def test_without_noise_all_three_leave_the_same_records(c, each):
    expected = optdyn_runs.RUNNERS[each.kind](each)(10)
    for module in (c, numpy_loops):
        for made, wanted in zip(module.RUNNERS[each.kind](each)(10), expected, strict=True):
            np.testing.assert_allclose(made, wanted, rtol=TOLERANCE.get(each.kind, 1e-11))


@pytest.mark.parametrize("each", list(workloads.plain_cases()), ids=lambda each: each.name)
def test_a_users_problems_have_twins_in_c(c, each):
    each = replace(each, record_every=1)
    with runs_as_python():
        expected = optdyn_runs.RUNNERS[each.kind](each)(3)
    for made, wanted in zip(c.RUNNERS[each.kind](each)(3), expected, strict=True):
        np.testing.assert_allclose(made, wanted, rtol=1e-11)


def test_a_last_iterate_between_two_records_is_recorded(c):
    each = next(quadratic_cases())
    for module in (c, optdyn_runs, numpy_loops):
        loss, _ = module.RUNNERS["w4"](each)(12)
        assert loss.shape == (1, 4)
        assert loss[0, 3] == pytest.approx(module.RUNNERS["w4"](replace(each, record_every=12))(12)[0][0, 1])


@pytest.mark.parametrize("dimension", [5, 30, 41])
def test_numpy_follows_c_on_the_mini_batches_that_c_draws(c, dimension):
    problem = carmon(samples=90, dimension=dimension, batch_size=13, rng=2)
    each = case("w2", problem, grid(SGD, 0.02, 0.2, 1), every=5)
    drawn = c.batches(90, 13, seed=0, count=60)
    fed = numpy_loops.mini_batches(each, draws=lambda _: cycle(drawn))
    for made, wanted in zip(c.mini_batches(each)(50), fed(50), strict=True):
        np.testing.assert_allclose(made, wanted, rtol=1e-11)


@pytest.mark.parametrize("dimension", [2, 5, 700])
def test_numpy_follows_c_on_the_normals_that_c_draws(c, dimension):
    problem = quadratic(dimension=dimension, condition_number=10.0, noise=0.3)
    each = case("w4", problem, grid(RSG, 0.1, 0.5, 1, beta=0.9, mu=0.2), every=5)
    steps = 600
    drawn = c.normals(seed=0, count=-(-(steps + 1) * dimension // 512) * 512)
    vectors = drawn[: (steps + 1) * dimension].reshape(steps + 1, dimension)
    fed = numpy_loops.noisy_quadratic(each, draws=lambda _, deviation, d: iter(deviation * vectors))
    for made, wanted in zip(c.noisy_quadratic(each)(steps), fed(steps), strict=True):
        np.testing.assert_allclose(made, wanted, rtol=1e-9)


def test_the_mini_batches_of_c_are_uniform_subsets(c):
    samples, size, count = 20, 6, 20_000
    drawn = c.batches(samples, size, seed=3, count=count)
    assert all(len(set(batch)) == size for batch in drawn.tolist())
    together = np.zeros((samples, samples))
    np.add.at(together, (drawn[:, :, None], drawn[:, None, :]), 1)
    share = np.where(np.eye(samples, dtype=bool), size / samples, size * (size - 1) / (samples * (samples - 1)))
    z = (together - count * share) / np.sqrt(count * share * (1 - share))
    assert np.abs(z).max() < SIGMAS  # 210 sums: a false alarm once in 8000


def test_the_normals_of_c_are_standard_and_independent(c):
    drawn = c.normals(seed=4, count=512 * 400)
    assert stats.kstest(drawn, "norm").pvalue > 1e-6
    for lag in (1, 2, 7, 8, 255, 256, 512):
        assert abs(np.mean(drawn[lag:] * drawn[:-lag])) * np.sqrt(drawn.size - lag) < SIGMAS
    assert abs(np.mean(drawn[256:] ** 2 * drawn[:-256] ** 2) - 1.0) * np.sqrt(drawn.size) < 8 * SIGMAS


@pytest.mark.parametrize("noise", ["own", "common"])
def test_the_noise_of_c_has_the_stationary_loss_that_theory_gives(c, noise):
    eigenvalues, deviation = np.array([1.0, 0.5]), 0.3
    method = RSG(step_size=0.5, beta=0.9, mu=0.1)
    each = case("w4", quadratic(eigenvalues=eigenvalues, noise=deviation), (method,) * 64, every=1000, noise=noise)
    loss, _ = c.noisy_quadratic(each)(200_000)
    if noise == "common":
        assert (loss == loss[0]).all()
        loss = loss[:1]
    limits = variance_limit(0.5 * eigenvalues, beta=0.9, mu=0.1)
    expected = 0.5 * np.sum(eigenvalues * (deviation / eigenvalues) ** 2 * limits)
    settled = loss[:, 1:]  # a thousand steps apart: the slowest mode forgets in about forty
    error = settled.std() / np.sqrt(settled.size)
    assert abs(settled.mean() - expected) < SIGMAS * error
    assert error < 0.1 * expected


def test_runs_with_noise_of_their_own_differ_and_do_not_depend_on_their_neighbours(c):
    methods = grid(RSG, 0.1, 0.5, 16)
    each = case("w4", quadratic(dimension=2, noise=0.1), methods, every=100)
    loss, _ = c.noisy_quadratic(each)(500)
    first, _ = c.noisy_quadratic(replace(each, methods=methods[:8]))(500)
    np.testing.assert_array_equal(loss[:8], first)
    alike, _ = c.noisy_quadratic(replace(each, methods=methods[:1] * 16))(500)
    assert len(np.unique(alike[:, -1])) == 16


@pytest.mark.parametrize("noise", ["own", "common"])
def test_c_ends_the_runs_that_optdyn_ends(c, noise):
    methods = tuple(RSG(step_size=size, beta=0.5) for size in [0.5] * 6 + [40.0, 1e30] + [0.5, 40.0])
    each = case("w4", quadratic(eigenvalues=[1.0, 0.1]), methods, noise=noise)
    made, expected = c.noisy_quadratic(each)(60)[0], optdyn_runs.trajectories(each)(60)[0]
    ended = np.isnan(expected).any(axis=1)
    np.testing.assert_array_equal(ended, [False] * 6 + [True, True, False, True])
    np.testing.assert_array_equal(np.isnan(made), np.isnan(expected))


@pytest.mark.parametrize("noise", ["own", "common"])
def test_c_ends_a_run_between_two_records_where_its_gradient_overflows(c, noise):
    methods = tuple(RSG(step_size=size, beta=0.5) for size in [0.5] * 7 + [1e155] + [0.5, 1e155])
    each = case("w4", quadratic(eigenvalues=[1.0, 0.1], noise=0.1), methods, every=2, noise=noise)
    made, expected = c.noisy_quadratic(each)(6)[0], optdyn_runs.trajectories(each)(6)[0]
    assert np.isnan(expected[[7, 9], 1:]).all()
    np.testing.assert_array_equal(np.isnan(made), np.isnan(expected))


def test_c_ends_runs_whose_loss_is_no_longer_finite(c):
    net = linear_net(reduction="mean", maker="svd", condition_number=10.0, rng=1)
    methods = tuple(Adam(step_size=size) for size in [1e-3] * 7 + [1e200] + [1e-3, 1e200])
    made, _ = c.net_reduced(case("w3_reduced", net, methods))(5)
    finite = np.isfinite(made)
    np.testing.assert_array_equal(finite.all(axis=1), [True] * 7 + [False, True, False])
    assert finite[:, 0].all()
    assert not finite[[7, 9], 1:].any()


def test_the_ends_of_short_runs_are_the_same_without_noise_and_alike_with_it(c):
    for deviation, tolerance in ((1e-300, 1e-10), (0.1, 0.2)):
        each = workloads.short_case("small", settings=4, seeds=200)
        each = replace(each, problem=quadratic(eigenvalues=[1.0, 0.3], noise=deviation))
        expected = optdyn_runs.short_runs(each)(100)
        for module in (c, numpy_loops):
            for made, wanted in zip(module.RUNNERS["w7"](each)(100), expected, strict=True):
                means = [column[:, -1].reshape(4, 200).mean(axis=1) for column in (made, wanted)]
                np.testing.assert_allclose(*means, rtol=tolerance)


def test_the_surfaces_are_the_same(c):
    each = replace(workloads.surface_case("small", points=40), kind="w5")
    expected = optdyn_runs.surfaces(each)(40)
    assert np.isnan(expected[1]).any()
    for module in (c, numpy_loops, load("scipy")):
        gain, limit = module.RUNNERS["w5"](each)(40)
        np.testing.assert_allclose(gain, expected[0], rtol=1e-7)
        inside = expected[0] < 1 - 1e-9  # at the boundary itself rounding decides who sees a limit
        np.testing.assert_allclose(limit[inside], expected[1][inside], rtol=1e-7)


def test_newton_runs_end_alike(c):
    """C and optdyn take the same steps until rounding parts them; SciPy, with radii of its own, ends as low."""
    carmon_run, rosenbrock_run = (case for case in workloads.cases(["W6"]) if case.runs == 1)
    for each, rows in ((carmon_run, 60), (rosenbrock_run, 40)):
        ours, theirs = optdyn_runs.newton(each), c.RUNNERS[each.kind](each)
        loss, norm = ours(each.steps)
        expected, expected_norm = theirs(each.steps)
        np.testing.assert_allclose(loss[0, :rows], expected[0, :rows], rtol=1e-6)
        assert loss.shape[1] > 90
        assert norm[0, -1] <= workloads.GRADIENT_NORM < norm[0, -2]
        assert expected_norm[0, -1] <= workloads.GRADIENT_NORM < expected_norm[0, -2]
        np.testing.assert_allclose(loss[0, -1], expected[0, -1], rtol=1e-9, atol=1e-12)
        assert ours.products == pytest.approx(theirs.products, rel=0.1)
    _, end = load("scipy").RUNNERS["w6_rosenbrock"](rosenbrock_run)(rosenbrock_run.steps)
    assert end <= workloads.GRADIENT_NORM


@pytest.mark.parametrize("runs", [1, 3])
def test_products_are_those_of_the_last_call(c, runs):
    each = workloads.newton_case("few steps", workloads.carmon(samples=60, dimension=5, rng=0), runs=runs)
    for module in (optdyn_runs, c):
        runner = module.RUNNERS[each.kind](each)
        assert runner.products == 0
        counts = []
        for steps in (1, 6, 1):
            runner(steps)
            counts.append(runner.products)
        assert runs <= counts[0] == counts[2] < counts[1]


def test_what_measures_the_memory_goes_through_all_of_it(c):
    numbers, factors, out = c.aligned(np.arange(3.0 * STRETCH)), c.aligned(np.ones(3 * STRETCH)), np.empty(1)
    c.call("read_all", numbers, numbers.size, 2, out)
    assert out[0] == numbers.sum()
    made = c.aligned(np.zeros(3 * STRETCH))
    c.call("triad", made, numbers, factors, 0.5, made.size, 2)
    np.testing.assert_array_equal(made, numbers + 0.5)


@pytest.mark.parametrize("name", [name for name in updates.IN_C if name != "barzilai-borwein"])
def test_the_updates_of_c_are_those_of_the_methods(c, name):
    rng, d = np.random.default_rng(0), 37
    method = canonical(methods()[name](step_size=0.1))
    x, g = rng.standard_normal((2, d))
    point = Point(x.copy(), g, np.zeros(1), np.zeros(1), np.zeros(1, np.int64), np.zeros(1, np.int64))
    memory = new_memory(method, d)
    with runs_as_python():
        for k in range(3):
            update(method, None, point, memory, k)
    mine, others = c.aligned(x), [c.aligned(np.zeros(d)) for _ in range(3)]
    c.call(f"update_{name}", mine, c.aligned(g), *others, 0.1, d, 3)
    np.testing.assert_allclose(mine, point.x, rtol=1e-12)


def test_loading_the_references_keeps_denormal_numbers(c):
    c.normals(seed=0, count=512)
    least = np.nextafter(0.0, 1.0)
    assert np.multiply(least, np.ones(1))[0] == least


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_other_peers_follow_numpy(name):
    module = pytest.importorskip(name) and load(name)
    for each in [*carmon_cases(), *net_cases(), *quadratic_cases()]:
        runner = module.RUNNERS[each.kind](each)
        if runner is None:
            continue
        wanted = numpy_loops.RUNNERS[each.kind](each)(10)
        for made, expected in zip(runner(10), wanted, strict=True):
            np.testing.assert_allclose(made, expected, rtol=TOLERANCE.get(each.kind, 1e-10))
