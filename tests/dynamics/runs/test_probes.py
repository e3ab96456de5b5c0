"""Probes: what they measure is right, and the run is the same with them and without."""

import random

import numba
import numpy as np
import pytest

from dynamics import (
    RSG,
    Adagrad,
    Adam,
    Alignment,
    AMSGrad,
    Distance,
    GradientDescent,
    KernelError,
    MissingImplementation,
    NAdam,
    PreconditionedEigenvalue,
    Probe,
    RMSprop,
    TopEigenvalue,
    Trajectory,
    measure_sweep,
    replay,
    simulate,
    sweep,
)
from dynamics.algorithms.rmsprop import MeanSquare
from dynamics.kernels.policy import as_python, runs_as_python
from dynamics.protocol import Full, new_memory, preconditioner, update
from dynamics.protocol.canonical import canonical
from dynamics.runs import lanczos, probes
from dynamics.runs.lanczos import largest_eigenpair
from dynamics.runs.probes import Seen
from dynamics.runs.state import first_state
from synthetic import quadratic
from tests.dynamics.problems import Bowl, NoisyBowl
from tests.dynamics.runs.test_simulate import same_bytes

WEIGHTS = np.array([1.0, 0.1])
BOWL, NOISY, START = Bowl(WEIGHTS), NoisyBowl(WEIGHTS, 0.1), np.array([1.0, -2.0])
METHOD = RSG(0.1, beta=0.9, mu=0.2)


def length(x, step, memory, k):
    """Writes to all that it can reach; not at the beginning, where it is played and would be refused."""
    found = np.sqrt(np.sum(step**2))
    if k > 0:
        x[0] = 5.0
        step[0] = 5.0
        memory.m[0] = 5.0
    return found


PROBES = {
    "length": Probe(length, every=3),
    "distance": Distance([0.0, 0.0], every=5),
    "late": Probe(lambda k: 1.0 * k, every=40),
}


@pytest.mark.parametrize("problem", [BOWL, NOISY], ids=["exact", "sampled"])
def test_a_run_has_the_same_bytes_with_probes_and_without(problem):
    plain = simulate(METHOD, problem, steps=50, x0=START, rng=5, record_every=7)
    probed = simulate(METHOD, problem, steps=50, x0=START, rng=5, record_every=7, probes=PROBES)
    assert same_bytes(plain, probed)
    assert plain.rng_state == probed.rng_state
    assert not plain.probes


def test_each_probe_has_its_own_pace():
    run = simulate(METHOD, BOWL, steps=50, x0=START, record_every=7, record_iterates=True, probes=PROBES)
    every = simulate(METHOD, BOWL, steps=50, x0=START, record_every=1, record_iterates=True)
    assert run.probes["length"].iteration.tolist() == list(range(0, 51, 3))
    assert run.probes["distance"].iteration.tolist() == list(range(0, 51, 5))
    assert run.probes["late"].values.tolist() == [0.0, 40.0]
    steps = np.linalg.norm(np.diff(every.iterates, axis=0), axis=1)
    assert np.isnan(run.probes["length"][0])
    np.testing.assert_allclose(run.probes["length"][1:], steps[2::3], rtol=1e-14)
    np.testing.assert_allclose(run.probes["distance"], np.linalg.norm(every.iterates[::5], axis=1), rtol=1e-14)


@pytest.mark.parametrize("cut", [0, 8, 9, 40, 50])
def test_a_run_cut_anywhere_measures_the_same(cut):
    whole = simulate(METHOD, BOWL, steps=50, x0=START, probes=PROBES)
    first = simulate(METHOD, BOWL, steps=cut, x0=START, probes=PROBES)
    second = simulate(METHOD, BOWL, steps=50 - cut, resume=first, probes=PROBES)
    assert same_bytes(whole, second)
    for name in PROBES:
        assert whole.probes[name].iteration.tolist() == second.probes[name].iteration.tolist()
        np.testing.assert_array_equal(whole.probes[name], second.probes[name])


def test_a_probe_that_is_not_given_again_ends_and_a_new_one_begins():
    first = simulate(METHOD, BOWL, steps=10, x0=START, probes={"distance": PROBES["distance"]})
    second = simulate(METHOD, BOWL, steps=10, resume=first, probes={"length": PROBES["length"]})
    assert second.probes["distance"].iteration.tolist() == [0, 5, 10]
    assert second.probes["length"].iteration.tolist() == [12, 15, 18]


def test_the_eigenvalue_and_the_alignment_are_those_of_the_matrix():
    indefinite = Bowl(np.array([-7.0, 3.0, 2.0, 1.0]))
    probes = {"top": TopEigenvalue(every=2), "alignment": Alignment(every=3)}
    run = simulate(METHOD, indefinite, steps=6, x0=[1.0, 2.0, 3.0, 4.0], probes=probes, record_iterates=True)
    np.testing.assert_allclose(run.probes["top"].values, 3.0, rtol=1e-10)
    assert run.probes["top"].products.tolist() == [4] * 4
    steps = np.diff(run.iterates, axis=0)
    expected = np.abs(steps[:, 1]) / np.linalg.norm(steps, axis=1)
    np.testing.assert_allclose(run.probes["alignment"][1:], expected[2::3], rtol=1e-6)
    assert run.hessian_products[-1] == 0


METHODS = [
    Adam(0.1, beta1=0.5, beta2=0.75),
    AMSGrad(0.1, beta1=0.0, beta2=0.75),
    AMSGrad(0.1, beta1=0.5, beta2=0.75, bias_correction=True),
    AMSGrad(0.1, beta1=0.5, beta2=0.75, bias_correction=True, maximum="corrected"),
    Adagrad(0.1, eps=0.1),
    RMSprop(0.1, beta=0.75, eps=0.1),
    RMSprop(0.1, beta=0.75, eps=0.1, eps_placement="inside"),
    NAdam(0.1, beta1=0.0, beta2=0.75, eps=0.1),
]


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_step_is_the_average_of_gradients_over_the_diagonal(method):
    method = canonical(method)
    point = first_state(method, START.copy(), None).point
    memory, oracle = new_memory(method, 2), Full(BOWL, np.zeros(3, dtype=np.int64), 1)
    for k in range(3):
        before = point.x.copy()
        point.gradient[:] = WEIGHTS * point.x
        with as_python():
            update(method, oracle, point, memory, k)
            diagonal = preconditioner(method, memory, k + 1)
        beta1 = getattr(method, "beta1", 0.0)
        average = memory.mean if beta1 > 0.0 else point.gradient
        np.testing.assert_allclose((before - point.x) * diagonal, 0.1 * average, rtol=1e-12)


def test_the_preconditioned_eigenvalue_is_that_of_the_matrix():
    memory, x = MeanSquare(np.array([9.0, 0.04])), START.copy()
    method = canonical(RMSprop(0.1, beta=0.75, eps=0.1))
    value, products = PreconditionedEigenvalue().measure(Seen(method, BOWL, x, x, memory, 3))
    np.testing.assert_allclose(value, (WEIGHTS / np.array([3.1, 0.3])).max(), rtol=1e-12)
    assert products == 2
    value, products = PreconditionedEigenvalue().measure(Seen(method, BOWL, x, x, memory, 0))
    assert np.isnan(value)
    assert products == 0


def matrices():
    rng = np.random.default_rng(1)
    made = {"one": np.array([[-2.0]]), "zero": np.zeros((5, 5)), "identity": 3.0 * np.eye(7), "negative": -np.eye(3)}
    for name, eigenvalues in {
        "double": [1.0, 2.0, 2.0, -8.0],
        "clustered": np.concatenate([1.0 - np.geomspace(1e-4, 1, 60), -2.0 * rng.random(60)]),
        "indefinite": np.linspace(-5.0, 1.0, 200),
        "tiny": 1e-150 * np.arange(40.0),
    }.items():
        Q = np.linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))[0]
        made[name] = (Q * eigenvalues) @ Q.T
    return made


@pytest.mark.parametrize("matrix", matrices().values(), ids=matrices())
@pytest.mark.parametrize("tolerance", [1e-3, 1e-9])
def test_lanczos_meets_its_tolerance(matrix, tolerance):
    counted = []

    def product(v):
        counted.append(1)
        return matrix @ v

    pair = largest_eigenpair(product, len(matrix), tolerance=tolerance, most=5000)
    norm, top = np.abs(np.linalg.eigvalsh(matrix)).max(), np.linalg.eigvalsh(matrix)[-1]
    residual = np.linalg.norm(matrix @ pair.vector - pair.value * pair.vector)
    assert residual <= (tolerance + 1e-13) * norm * 1.01
    assert -3e-14 * norm <= top - pair.value <= tolerance * norm + 3e-14 * norm
    np.testing.assert_allclose(np.linalg.norm(pair.vector), 1.0, rtol=1e-12)
    assert pair.products == len(counted)


def test_lanczos_begins_anew_where_its_vectors_are_many(monkeypatch):
    monkeypatch.setattr(lanczos, "NUMBERS", 1)
    monkeypatch.setattr(lanczos, "FEWEST", 10)
    matrix = matrices()["indefinite"]
    pair = largest_eigenpair(lambda v: matrix @ v, len(matrix), tolerance=1e-4, most=5000)
    assert pair.products > 10
    assert abs(pair.value - 1.0) <= 5e-4


def test_lanczos_says_where_it_could_not():
    matrix = matrices()["clustered"]
    pair = largest_eigenpair(lambda v: matrix @ v, len(matrix), tolerance=1e-12, most=33)
    assert np.isnan(pair.value)
    assert pair.products == 33
    pair = largest_eigenpair(lambda v: v + np.nan, 4, tolerance=1e-12, most=100)
    assert np.isnan(pair.value)
    assert pair.products == 1


def test_a_run_that_is_not_finite_has_nan(tmp_path):
    probes = {"top": TopEigenvalue(every=200), "distance": Distance([0.0, 0.0], every=100)}
    run = simulate(RSG(1e3), BOWL, steps=1000, x0=START, probes=probes)
    assert run.status.name in ("DIVERGED", "NOT_FINITE")
    assert run.probes["distance"].iteration.tolist() == list(range(0, run.stopped_at + 1, 100))


def test_files_and_datasets_keep_probes(tmp_path):
    probes = {"top": TopEigenvalue(every=4), **PROBES}
    run = simulate(METHOD, BOWL, steps=10, x0=START, probes=probes)
    run.save(tmp_path / "run.npz")
    again = Trajectory.load(tmp_path / "run.npz")
    dataset = again.to_dataset()
    for name in probes:
        assert again.probes[name].iteration.tobytes() == run.probes[name].iteration.tobytes()
        assert again.probes[name].values.tobytes() == run.probes[name].values.tobytes()
        np.testing.assert_array_equal(dataset[name], run.probes[name])
        assert dataset[f"{name}_iteration"].values.tolist() == run.probes[name].iteration.tolist()
    assert dataset.top.attrs["long_name"] == "largest eigenvalue of the Hessian"
    assert dataset.top_products.values.tolist() == [2, 2, 2]
    assert "length_products" not in dataset


def test_a_file_with_probes_out_of_order_is_refused(tmp_path):
    run = simulate(METHOD, BOWL, steps=10, x0=START, probes={"distance": PROBES["distance"]})
    run.probes["distance"].iteration[:] = [5, 0, 10]
    run.save(tmp_path / "run.npz")
    with pytest.raises(ValueError, match="iterations of the probe distance are out of order"):
        Trajectory.load(tmp_path / "run.npz")


def drawing(x):
    return random.random()


REFUSED = [
    ([TopEigenvalue()], ValueError, "must be a table of names and probes"),
    ({"a b": TopEigenvalue()}, ValueError, "must be one of letters, digits and underscores"),
    ({"loss": TopEigenvalue()}, ValueError, "a run has a loss already"),
    ({"top": TopEigenvalue}, ValueError, "must be one, such as"),
    ({"largest": max}, ValueError, r"must be one, such as Probe\(max\)"),
    ({"top": TopEigenvalue(every=0)}, ValueError, "top's every = 0"),
    ({"top": TopEigenvalue(tolerance=0.0)}, ValueError, "top's tolerance = 0.0 must be positive"),
    ({"top": PreconditionedEigenvalue()}, MissingImplementation, r"@implements\(preconditioner, GradientDescent\)"),
    ({"far": Distance([1.0, 2.0, 3.0])}, ValueError, r"to of shape \(3,\)"),
    ({"mine": Probe(lambda y: 1.0)}, ValueError, "mine's argument"),
    ({"mine": Probe(3)}, ValueError, "kernel = 3"),
    ({"mine": Probe(lambda x: x)}, KernelError, "must return a number"),
    ({"mine": Probe(lambda x: x[7])}, KernelError, r"IndexError.*test_probes.py, line"),
    ({"mine": Probe(drawing)}, KernelError, "random of a global generator.*no seed decides"),
]  # fmt: skip


@pytest.mark.parametrize(("probes", "kind", "words"), REFUSED, ids=range(len(REFUSED)))
def test_probes_that_cannot_be_are_refused_before_the_run(probes, kind, words):
    with pytest.raises(kind, match=words):
        simulate(GradientDescent(0.1), BOWL, steps=1, x0=START, probes=probes)


def test_a_kernel_that_writes_to_the_problem_is_refused():
    def writing(problem, x):
        problem.weights[0] = 2.0
        return 1.0

    with pytest.raises(KernelError, match=r"the probe mine changes `problem`.*line"):
        simulate(GradientDescent(0.1), BOWL, steps=1, x0=START, probes={"mine": Probe(writing)})


def test_the_top_eigenvalue_needs_products():
    with pytest.raises(MissingImplementation, match="the probe top needs hessian_product of NoisyBowl"):
        simulate(METHOD, NOISY, steps=1, x0=START, rng=0, probes={"top": TopEigenvalue()})


@pytest.fixture
def plainly(monkeypatch):
    """Kernels run as plain Python."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    with as_python():
        yield


@pytest.mark.usefixtures("plainly")
@pytest.mark.parametrize("noise", ["own", "common"])
def test_probes_of_a_sweep_are_those_of_its_runs(noise):
    problem = quadratic(eigenvalues=WEIGHTS, noise=0.1)  # its runs share lanes
    grid = {"step_size": [0.1, 0.5], "beta": [0.5, 0.9]}
    probes = {"distance": Distance([0.0, 0.0], every=4), "length": Probe(length, every=3)}
    plain = sweep(RSG, problem, over=grid, seeds=2, steps=9, x0=START, noise=noise)
    made = sweep(RSG, problem, over=grid, seeds=2, steps=9, x0=START, noise=noise, probes=probes)
    last = sweep(RSG, problem, over=grid, seeds=2, steps=9, x0=START, noise=noise, probes=probes, reduce="last")
    assert made.loss.values.tobytes() == plain.loss.values.tobytes()
    assert made.distance.dims == ("step_size", "beta", "seed", "distance_iteration")
    assert made.distance_iteration.values.tolist() == [0, 4, 8]
    for step_size, beta, seed in ((0.1, 0.9, 1), (0.5, 0.5, 0)):
        where = {"step_size": step_size, "beta": beta, "seed": seed}
        run = replay(plain, **where)
        probed = replay(plain, probes=probes, **where)
        assert same_bytes(run, probed)
        np.testing.assert_array_equal(made.distance.sel(where), probed.probes["distance"])
        np.testing.assert_array_equal(made.length.sel(where), probed.probes["length"])
        assert last.length.sel(where) == probed.probes["length"][-1]
        # 0.5 x W x is the loss, and W is at least 0.1 and at most 1.
        squares = 0.5 * made.distance.sel(where).values ** 2
        losses = made.loss.sel(where).values[::4]
        assert (0.1 * squares <= losses * (1 + 1e-12)).all()
        assert (losses <= squares * (1 + 1e-12)).all()


def test_probes_of_a_sweep_are_refused_before_it_begins(tmp_path):
    calls = {"over": {"step_size": [0.1]}, "steps": 3, "x0": START}
    with pytest.raises(MissingImplementation, match="the probe top needs hessian_product of NoisyBowl"):
        sweep(RSG, NOISY, probes={"top": TopEigenvalue()}, **calls)
    with pytest.raises(ValueError, match="probes are neither stored nor reduced to quantiles"):
        sweep(RSG, NOISY, probes=PROBES, out=tmp_path / "runs.zarr", **calls)
    assert not (tmp_path / "runs.zarr").exists()
    with pytest.raises(ValueError, match="no dimension seed"):
        measure_sweep(simulate(METHOD, BOWL, steps=1, x0=START).to_dataset(), PROBES)


def test_a_picture_of_a_run_has_its_probes():
    from plots.pictures import draw_run

    figure = draw_run(simulate(METHOD, BOWL, steps=10, x0=START, probes=PROBES, record_iterates=True))
    assert [panel.get_ylabel() for panel in figure.axes][2:] == ["length", "distance", "late"]
    drawn = figure.axes[3].lines[0].get_xydata()
    assert drawn[:, 0].tolist() == [0.0, 5.0, 10.0]


def test_as_plain_python_a_probe_has_nothing_compiled(monkeypatch):
    monkeypatch.setattr(probes, "_template", None)
    with runs_as_python():
        run = simulate(METHOD, BOWL, steps=2, x0=START, probes={"half": Probe(lambda x: 0.5 * x[0])})
    assert run.probes["half"].values[0] == 0.5 * START[0]
