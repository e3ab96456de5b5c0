"""Files from somebody else: they are read, refused in a sentence, or go on as they say; nothing in them is executed."""

import io
import json
import sys
import zipfile
from typing import Any, NamedTuple

import numpy as np
import pytest

from dynamics import RSG, StepTunedSGD, Trajectory, TrustRegion, cosine, implements, simulate, value_and_gradient
from dynamics.protocol.trees import arrays_in
from dynamics.runs.generators import KINDS, restored
from synthetic import Raised, carmon, linear_net, quadratic, smoothed

RUNS = {
    "mini-batches": lambda: simulate(RSG(cosine(0.1, horizon=9)), small_carmon(), steps=7, rng=0),
    "twice": lambda: simulate(StepTunedSGD([0.1, 0.05]), small_carmon(), steps=7, rng=0, record_iterates=True),
    "noise": lambda: simulate(RSG(0.1), Raised(noisy_bowl(), 1.0), steps=7, rng=0, x0=[1.0, 2.0]),
    "region": lambda: simulate(TrustRegion(norm="adagrad"), small_carmon(), steps=3, rng=0),
    "net": lambda: simulate(RSG(1e-4), linear_net(form="samples", samples=20, batch_size=4, rng=0), steps=4, rng=0),
    "shifts": lambda: simulate(RSG(0.1), smoothed(small_carmon(), 0.1, rng=0), steps=3, rng=0),
}  # fmt: skip


def small_carmon() -> Any:
    return carmon(samples=12, dimension=3, batch_size=4, rng=0)


def noisy_bowl() -> Any:
    return quadratic(eigenvalues=[1.0, 0.5], noise=0.1)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The bytes of a file of each run."""
    folder = tmp_path_factory.mktemp("saved")
    for name, made in RUNS.items():
        made().save(folder / f"{name}.npz")
    return {name: (folder / f"{name}.npz").read_bytes() for name in RUNS}


def opened(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    archive = np.load(io.BytesIO(data))
    arrays = {name: archive[name] for name in archive.files}
    return json.loads(arrays.pop("header").tobytes()), arrays


def closed(header: Any, arrays: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez(file, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def loaded(data: bytes, folder: Any) -> Trajectory:
    (folder / "file.npz").write_bytes(data)
    return Trajectory.load(folder / "file.npz")


def refused_or_sound(data: bytes, folder: Any) -> str:
    """Read a file as a user would, and go on from it; an index out of bounds is an IndexError in plain Python."""
    try:
        run = loaded(data, folder)
    except ValueError as error:
        return "refused" if "is damaged or no trajectory of optdyn (" in str(error) else str(error)
    try:
        simulate(run.method, run.problem, steps=3, resume=run)
    except ValueError as error:
        return "read" if "can't go on" in str(error) or "steps = 3" in str(error) else str(error)
    return "read"


@pytest.mark.parametrize("name", RUNS)
def test_what_is_saved_comes_back_as_it_was_given_and_goes_on_bit_for_bit(name, tmp_path):
    run = RUNS[name]()
    run.save(tmp_path / "run.npz")
    back = Trajectory.load(tmp_path / "run.npz")
    assert repr(back) == repr(run)
    assert repr(back.problem) == repr(run.problem)
    assert [a.tobytes() for a in arrays_in(back.state)] == [a.tobytes() for a in arrays_in(run.state)]
    assert np.array_equal(back.gradients, run.gradients)
    first, second = (simulate(r.method, r.problem, steps=5, resume=r) for r in (run, back))
    assert first.x.tobytes() == second.x.tobytes()
    assert first.loss.tobytes() == second.loss.tobytes()
    assert first.rng_state == second.rng_state or name == "region"


def test_files_hold_public_names(saved):
    for data in saved.values():
        header, _ = opened(data)
        assert header["format"] == "optdyn trajectory 2"
        text = json.dumps(header)
        assert '"dynamics.RSG"' in text or '"dynamics.StepTunedSGD"' in text or '"dynamics.TrustRegion"' in text
        # Only classes that stand for the shape of a matrix are made when they are asked for.
        assert text.replace("dynamics.vectors.shapes:Shape", "").count(":Shape") == 0
        assert "algorithms" not in text
        assert "synthetic.quadratics" not in text


def test_the_former_format_is_refused_with_its_reason(saved, tmp_path):
    header, arrays = opened(saved["noise"])
    header["format"] = "optdyn trajectory 1"
    with pytest.raises(ValueError, match="an earlier version wrote it, with the names of modules that have moved"):
        loaded(closed(header, arrays), tmp_path)


NAMES = ("antigravity:fly", "this:d", "os:system", "idlelib.__main__:x", "subprocess:Popen", "builtins:eval",
         "sys:version_info", "dynamics.RSG.check", "dynamics.nothing", "", ":", "collections:OrderedDict")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_class_that_is_not_known_is_refused_and_nothing_is_imported(name, saved, tmp_path):
    header, arrays = opened(saved["noise"])
    for part in ("method", "problem"):
        changed = {**header, part: {**header[part], "class": name}}
        before = set(sys.modules)
        with pytest.raises(ValueError, match=r"damaged or no trajectory of optdyn \(it names|the fields of"):
            loaded(closed(changed, arrays), tmp_path)
        assert set(sys.modules) == before


class Bowl(NamedTuple):
    """A problem of a user, whose class counts what it is asked."""

    scale: float
    made: Any = 0


@implements(value_and_gradient, Bowl)
def _(problem, x, out):
    out[0] = problem.scale * x[0]
    return 0.5 * problem.scale * x[0] ** 2


def test_a_class_that_the_user_has_imported_is_known(tmp_path):
    run = simulate(RSG(0.1), Bowl(2.0), steps=3, x0=[1.0])
    run.save(tmp_path / "run.npz")
    back = Trajectory.load(tmp_path / "run.npz")
    assert back.problem == Bowl(2.0)
    assert back.method == run.method == RSG(0.1)


@pytest.mark.parametrize("name", RUNS)
def test_arrays_of_other_shapes_and_types_never_reach_a_kernel(name, saved, tmp_path):
    header, arrays = opened(saved[name])
    for key, array in arrays.items():
        others = [
            np.append(array, array.ravel()[:1]),
            array.ravel()[:-1],
            array[None],
            np.zeros(array.shape, np.int8),
            array.astype(">f8"),
        ]
        for other in others:
            if other.shape == array.shape and other.dtype == array.dtype:
                continue  # an empty array has nothing to lose
            if key.startswith(("method", "problem")) and other.size == array.size:
                continue  # the same numbers in another type mean the same
            outcome = refused_or_sound(closed(header, {**arrays, key: other}), tmp_path)
            # A start, or a table of steps, may be of any length.
            free = key.endswith(("start", "step_size.table"))
            assert outcome == "refused" or free, (key, other.shape, other.dtype)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("number", [-1, -(10**9), 10**9, 2**62, -(2**63)])
def test_whole_numbers_outside_their_range_never_reach_a_kernel(name, number, saved, tmp_path):
    header, arrays = opened(saved[name])
    for key, array in arrays.items():
        if array.dtype.kind == "i":
            outcome = refused_or_sound(closed(header, {**arrays, key: np.full_like(array, number)}), tmp_path)
            assert outcome in ("refused", "read")
            if key.startswith("state") and array.size > 1 and key != f"state.{count_of_calls(arrays)}":
                with pytest.raises(ValueError, match="no places"):
                    loaded(closed(header, {**arrays, key: np.full_like(array, number)}), tmp_path)


def count_of_calls(arrays):
    """The last array of the state but one."""
    return max(int(key.split(".")[1]) for key in arrays if key.startswith("state.")) - 1


def test_records_are_checked(saved, tmp_path):
    header, arrays = opened(saved["noise"])
    wrong = {"stopped_at": (-1, 2.5, 2**70, 3, None), "record_every": (0, "1"), "status": ("SOLVED",)}
    for key, value in ((key, value) for key, values in wrong.items() for value in values):
        with pytest.raises(ValueError, match="is damaged or no trajectory"):
            loaded(closed({**header, key: value}, arrays), tmp_path)
    with pytest.raises(ValueError, match="out of order"):
        loaded(closed(header, {**arrays, "iteration": arrays["iteration"][::-1].copy()}), tmp_path)


@pytest.mark.parametrize("name", ["default_rng", "seed", "RandomState", "BitGenerator", "os", None, 3])
def test_only_bit_generators_of_numpy_are_made(name, saved, tmp_path):
    header, arrays = opened(saved["noise"])
    header["rng_state"]["dict"]["bit_generator"] = name
    with pytest.raises(ValueError, match="random generator"):
        loaded(closed(header, arrays), tmp_path)


@pytest.mark.parametrize("name", KINDS)
def test_generators_are_restored_only_with_places_in_their_buffers(name):
    state = KINDS[name](5).state
    expected = np.random.Generator(KINDS[name](5)).random(3)
    assert restored(state).random(3).tolist() == expected.tolist()
    places = {"MT19937": ("state", "pos"), "Philox": (None, "buffer_pos")}
    if name in places:
        outer, key = places[name]
        for wrong in (-1, 10**6, 2**70, 1.5):
            broken = {**state, outer: {**state[outer], key: wrong}} if outer else {**state, key: wrong}
            with pytest.raises(ValueError, match="random generator"):
                restored(broken)


def test_a_small_file_can_claim_no_large_arrays(saved, tmp_path):
    _, arrays = opened(saved["noise"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", bytes(10**7))
    huge = io.BytesIO()
    np.lib.format.write_array_header_1_0(huge, {"descr": "<f8", "fortran_order": False, "shape": (10**13,)})
    claims = io.BytesIO()
    with zipfile.ZipFile(claims, "w") as archive:
        archive.writestr("header.npy", huge.getvalue())
    objects = io.BytesIO()
    np.savez(objects, header=np.array([print], dtype=object))
    deep = closed([], {})
    for data in (packed.getvalue(), claims.getvalue(), objects.getvalue(), deep):
        with pytest.raises(ValueError, match="is damaged or no trajectory"):
            loaded(data, tmp_path)
    text = np.frombuffer(b"[" * 10**5, dtype=np.uint8)
    file = io.BytesIO()
    np.savez(file, header=text, **arrays)
    with pytest.raises(ValueError, match="is damaged or no trajectory"):
        loaded(file.getvalue(), tmp_path)


def damages(data: bytes, count: int, seed: int):
    """Cuts, flipped bits, overwritten and repeated stretches, as disks and transfers make them."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        at, length = int(rng.integers(len(data))), int(rng.integers(1, 40))
        kind = i % 4
        if kind == 0:
            yield data[:at]
        elif kind == 1:
            yield data[:at] + bytes([data[at] ^ (1 << int(rng.integers(8)))]) + data[at + 1 :]
        elif kind == 2:
            yield data[:at] + rng.bytes(length) + data[at + length :]
        else:
            yield data[:at] + data[at : at + length] + data[at:]


def edits(data: bytes, count: int, seed: int):
    """A number, word or entry of the header, or an array, changed by somebody who knows the format."""
    rng = np.random.default_rng(seed)
    values = [None, True, -1, 0, 1, 3, 10**9, 2**64, 1e308, float("nan"), float("inf"), "", "x", [], {}, {"dict": {}},
              {"array": "header"}, {"array": "state.0"}, {"tuple": []}, {"class": "os:x"}]  # fmt: skip
    for i in range(count):
        header, arrays = opened(data)
        if i % 2:
            spot = header
            while True:
                keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
                key = keys[int(rng.integers(len(keys)))]
                deeper = isinstance(spot[key], dict | list) and len(spot[key])
                if not deeper or rng.random() < 0.2:
                    break
                spot = spot[key]
            spot[key] = values[int(rng.integers(len(values)))]
        else:
            key = list(arrays)[int(rng.integers(len(arrays)))]
            array, numbers = arrays[key], [np.nan, np.inf, -1.0, 0.0, 1e300, 7.0, -3e9]
            changed = array.astype(np.float64).ravel()
            changed[int(rng.integers(max(array.size, 1))) % max(array.size, 1) :] = numbers[int(rng.integers(7))]
            with np.errstate(invalid="ignore"):
                arrays[key] = changed.reshape(array.shape).astype(array.dtype)
        yield closed(header, arrays)


def test_653_damages(saved, tmp_path):
    data = saved["mini-batches"]
    found = [refused_or_sound(damaged, tmp_path) for damaged in damages(data, 653, seed=0)]
    assert len(found) == 653
    assert set(found) <= {"refused", "read"}
    assert found.count("refused") > 600  # the rest hit bytes that mean nothing, such as times


@pytest.mark.parametrize("name", RUNS)
def test_edited_files_are_refused_or_sound(name, saved, tmp_path):
    found = [refused_or_sound(data, tmp_path) for data in edits(saved[name], 40, seed=1)]
    assert {"refused"} <= set(found) <= {"refused", "read"}


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("seed", range(5))
def test_many_edited_and_damaged_files_are_refused_or_sound(name, seed, saved, tmp_path):
    for made in (edits, damages):
        found = [refused_or_sound(data, tmp_path) for data in made(saved[name], 1000, seed=10 + seed)]
        assert found.count("refused") > 200
        assert set(found) <= {"refused", "read"}
