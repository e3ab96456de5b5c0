"""One run: records, counts, status, chunks, resumption and refusals."""

import signal
import sys
from contextlib import contextmanager

import numpy as np
import pytest

import dynamics.runs.chunks
from dynamics import RSG, GradientDescent, HeavyBall, KernelError, MissingImplementation, Status, Stop, simulate
from tests.dynamics.every_pair import CARMON, made
from tests.dynamics.problems import Bowl, NoisyBowl

BOWL = Bowl(np.array([1.0, 0.1]))
NOISY = NoisyBowl(np.array([1.0, 0.1]), 0.1)
START = np.array([1.0, -2.0])
COLUMNS = ("iteration", "loss", "gradient_norm", "step_size", "values", "gradients", "hessian_products")


def same_bytes(a, b):
    return a.x.tobytes() == b.x.tobytes() and all(
        getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in COLUMNS
    )


def test_records_are_the_full_batch_quantities_at_the_iterates():
    run = simulate(GradientDescent(0.5), BOWL, steps=10, x0=START, record_iterates=True)
    x = START.copy()
    for k in range(11):
        gradient = BOWL.weights * x
        np.testing.assert_allclose(run.iterates[k], x, rtol=1e-14)
        np.testing.assert_allclose(run.loss[k], 0.5 * x @ gradient, rtol=1e-14)
        np.testing.assert_allclose(run.gradient_norm[k], np.linalg.norm(gradient), rtol=1e-14)
        x = x - 0.5 * gradient
    assert run.iteration.tolist() == list(range(11))
    assert run.step_size[:10].tolist() == [0.5] * 10
    assert np.isnan(run.step_size[10])
    assert run.gradients.tolist() == list(range(11))
    assert run.values.tolist() == [0.0] * 11
    assert run.status is Status.MAX_ITERATIONS
    assert run.stopped_at == 10


def test_the_end_is_recorded_off_the_cadence_too():
    run = simulate(GradientDescent(0.5), BOWL, steps=10, x0=START, record_every=4)
    assert run.iteration.tolist() == [0, 4, 8, 10]
    assert run.gradients.tolist() == [0, 4, 8, 10]


def test_noise_does_not_enter_the_records():
    run = simulate(RSG(0.1, beta=0.5), NOISY, steps=20, x0=START, rng=3, record_iterates=True)
    expected = 0.5 * (run.iterates**2) @ NOISY.weights
    np.testing.assert_allclose(run.loss, expected, rtol=1e-14)


@pytest.mark.parametrize("problem", [BOWL, NOISY], ids=["exact", "sampled"])
@pytest.mark.parametrize("cut", [0, 1, 7, 10, 19])
def test_a_run_cut_anywhere_and_resumed_gives_the_same_bytes(problem, cut):
    method = RSG(0.1, beta=0.9, mu=0.2)
    whole = simulate(method, problem, steps=20, x0=START, rng=5, record_every=3)
    first = simulate(method, problem, steps=cut, x0=START, rng=5, record_every=3)
    second = simulate(method, problem, steps=20 - cut, resume=first)
    assert same_bytes(whole, second)
    assert whole.rng_state == second.rng_state


@pytest.mark.parametrize("problem", [BOWL, NOISY], ids=["exact", "sampled"])
def test_chunks_do_not_change_a_byte(problem, monkeypatch):
    method = RSG(0.1, beta=0.9, mu=0.2)
    whole = simulate(method, problem, steps=50, x0=START, rng=5, record_every=7)
    monkeypatch.setattr(dynamics.runs.chunks, "FIRST_CHUNK", 3)
    monkeypatch.setattr(dynamics.runs.chunks, "CHUNK_SECONDS", 0.0)
    chunked = simulate(method, problem, steps=50, x0=START, rng=5, record_every=7)
    assert same_bytes(whole, chunked)


@pytest.mark.parametrize("problem", [BOWL, NOISY], ids=["exact", "sampled"])
def test_a_run_that_converged_goes_on_with_the_same_bytes(problem):
    method = RSG(0.5, beta=0.5, mu=0.2)
    whole = simulate(method, problem, steps=60, x0=START, rng=5)
    tolerance = whole.gradient_norm[30] * (1 + 1e-12)
    first = simulate(method, problem, steps=60, x0=START, rng=5, stop=Stop(gradient_norm=tolerance))
    assert first.status is Status.CONVERGED
    second = simulate(method, problem, steps=60 - first.stopped_at, resume=first)
    assert 0 < first.stopped_at <= 30
    assert same_bytes(whole, second)


def test_control_c_ends_a_run_between_chunks_and_it_resumes_to_the_same_bytes(monkeypatch):
    @contextmanager
    def pressing(shown, total, label):
        yield lambda done: signal.raise_signal(signal.SIGINT) if done == 768 else None

    monkeypatch.setattr(dynamics.runs.chunks, "CHUNK_SECONDS", 0.0)  # chunks of 256 steps
    monkeypatch.setattr(sys.modules["dynamics.runs.simulate"], "bar", pressing)
    method = HeavyBall(0.01)
    first = simulate(method, BOWL, steps=2000, x0=START, record_every=100)
    monkeypatch.undo()
    assert first.status is Status.INTERRUPTED
    assert first.stopped_at == 768
    second = simulate(method, BOWL, steps=2000 - 768, resume=first)
    assert same_bytes(second, simulate(method, BOWL, steps=2000, x0=START, record_every=100))


def test_a_loss_beyond_the_bound_ends_the_run_as_diverged():
    run = simulate(GradientDescent(10.0), BOWL, steps=1000, x0=START, stop=Stop(loss_bound=1e6))
    assert run.status is Status.DIVERGED
    assert run.loss[-1] > 1e6 >= run.loss[-2]
    assert run.iteration[-1] == run.stopped_at < 1000
    assert np.isfinite(run.loss).all()


@pytest.mark.parametrize("problem", [BOWL, NOISY], ids=["exact", "sampled"])
def test_infinity_ends_the_run_with_the_finite_part(problem):
    stop = Stop(loss_bound=np.finfo(float).max)
    run = simulate(GradientDescent(1e30) if problem is BOWL else RSG(1e30), problem, steps=1000, x0=START, stop=stop)
    assert run.status is Status.NOT_FINITE
    assert 0 < run.stopped_at < 1000
    assert np.isfinite(run.loss).all()
    assert np.isfinite(run.gradient_norm).all()


def test_nan_never_passes_for_success():
    stop = Stop(gradient_norm=1e300, loss_bound=np.finfo(float).max)
    run = simulate(GradientDescent(0.1), BOWL, steps=5, x0=np.array([1e308, 1e308]), stop=stop)
    assert run.status is Status.NOT_FINITE
    assert run.loss.size == 0


def test_convergence_is_tested_at_every_step_and_recorded():
    run = simulate(GradientDescent(0.5), BOWL, steps=1000, x0=START, record_every=100, stop=Stop(gradient_norm=1e-3))
    assert run.status is Status.CONVERGED
    assert run.gradient_norm[-1] <= 1e-3
    assert run.iteration[-1] == run.stopped_at
    assert run.stopped_at % 100 != 0


def test_saved_and_loaded_trajectories_resume_to_the_same_bytes(tmp_path):
    method = RSG(0.1, beta=0.9, mu=0.2)
    whole = simulate(method, NOISY, steps=20, x0=START, rng=5)
    first = simulate(method, NOISY, steps=11, x0=START, rng=5)
    first.save(tmp_path / "run.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]
    loaded = type(first).load(tmp_path / "run.npz")
    assert same_bytes(first, loaded)
    assert same_bytes(whole, simulate(method, NOISY, steps=9, resume=loaded))


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"no archive at all"])
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path, damage):
    path = tmp_path / "run.npz"
    run = simulate(GradientDescent(0.1), BOWL, steps=3, x0=START)
    run.save(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"damaged or no trajectory of optdyn .*start the run again"):
        type(run).load(path)


def test_resume_refuses_another_problem_method_and_arguments_of_its_own():
    run = simulate(GradientDescent(0.1), BOWL, steps=3, x0=START)
    with pytest.raises(ValueError, match="another method"):
        simulate(GradientDescent(0.2), BOWL, steps=3, resume=run)
    with pytest.raises(ValueError, match="another problem"):
        simulate(GradientDescent(0.1), Bowl(np.array([1.0, 0.2])), steps=3, resume=run)
    with pytest.raises(ValueError, match="rng can't be given with resume"):
        simulate(GradientDescent(0.1), BOWL, steps=3, resume=run, rng=1)


def test_a_run_that_blew_up_cannot_be_resumed():
    run = simulate(GradientDescent(10.0), BOWL, steps=1000, x0=START)
    with pytest.raises(ValueError, match="ended as DIVERGED at iterate"):
        simulate(GradientDescent(10.0), BOWL, steps=3, resume=run)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"steps": -1}, "steps = -1 must be at least 0"),
        ({"x0": None}, "Bowl has no initial point of its own: give x0"),
        ({"x0": np.ones((2, 2))}, r"x0 has shape \(2, 2\)"),
        ({"x0": np.array([1.0, np.nan])}, "x0 has NaN or infinity in it, the first at index 1"),
        ({"record_every": 0}, "record_every = 0 must be at least 1"),
        ({"rng": "seed"}, "rng = 'seed': give a non-negative int"),
        ({"stop": Stop(loss_bound=-1.0)}, "loss_bound = -1.0: it must be positive"),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(GradientDescent(0.1), BOWL, **{"steps": 3, "x0": START, **arguments})


def test_nan_in_a_problems_data_is_refused():
    with pytest.raises(ValueError, match=r"Bowl.weights has NaN or infinity in it, the first at index 1"):
        simulate(GradientDescent(0.1), Bowl(np.array([1.0, np.nan])), steps=3, x0=START)


def test_a_start_of_the_wrong_dimension_is_one_sentence_not_a_crash():
    with pytest.raises(KernelError, match="value_and_gradient of Bowl fails at the initial point: IndexError"):
        simulate(GradientDescent(0.1), BOWL, steps=3, x0=np.ones(5))


def test_a_thing_that_is_no_method_is_refused():
    with pytest.raises(MissingImplementation, match="Bowl has no update"):
        simulate(BOWL, BOWL, steps=3, x0=START)
    with pytest.raises(TypeError, match="NamedTuple"):
        simulate(0.1, BOWL, steps=3, x0=START)


def test_the_dataset_carries_the_records():
    run = simulate(GradientDescent(0.1), BOWL, steps=3, x0=START, record_iterates=True)
    dataset = run.to_dataset()
    assert dataset.sizes == {"record": 4, "parameter": 2}
    np.testing.assert_array_equal(dataset["loss"], run.loss)
    assert dataset.attrs["status"] == "MAX_ITERATIONS"


@pytest.mark.parametrize("name", ["cubic-newton", "l4-adam", "trust-region"])
def test_the_bytes_do_not_depend_on_where_arrays_lie(name):
    """Compiled loops compare addresses; arrays that lie close together must not be taken for overlapping ones."""
    sizes, kept, seen = np.random.default_rng(0).integers(1, 300, size=(40, 5)), [], set()
    for row in sizes:
        kept += [np.empty(size) for size in row]
        seen.add(simulate(made(name), CARMON, steps=20, rng=11, record_every=3).x.tobytes())
    assert len(seen) == 1
