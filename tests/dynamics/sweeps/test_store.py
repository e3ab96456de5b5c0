"""A sweep in a store: the same bytes as in memory, grown without computing twice, and refused where it is another."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray

from dynamics import RSG, GradientDescent, HeavyBall, mend_sweep, open_sweep, replay, sweep
from dynamics.sweeps import filling, made_with, preparation
from dynamics.sweeps.store import opened
from synthetic import quadratic
from tests.dynamics.sweeps.stores import OVER, REST, chunks, same_bytes, swept

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished store, and its Dataset."""
    path = tmp_path_factory.mktemp("whole") / "runs.zarr"
    return path, swept(path)


@pytest.fixture
def copy(whole, tmp_path):
    """A copy of the finished store, to be spoilt."""
    shutil.copytree(whole[0], tmp_path / "runs.zarr")
    return tmp_path / "runs.zarr"


@pytest.fixture
def computed(monkeypatch):
    """The runs that are computed from now on."""
    counted = []
    inner = filling.keep

    def counting(store, number, places, piece):
        counted.append(len(places))
        inner(store, number, places, piece)

    monkeypatch.setattr(filling, "keep", counting)
    return counted


def test_a_store_holds_what_memory_holds(whole):
    path, made = whole
    assert same_bytes(made, swept())
    assert same_bytes(open_sweep(path), made)
    assert made.attrs["failed"] == 400
    assert made.attrs["state"] == "finished"
    assert [len(chunks(path).keys() & {f"loss/c/{i}/0"}) for i in range(4)] == [1, 1, 1, 0]


def test_a_store_of_runs_that_differ_in_the_method_alone(tmp_path):
    over, fixed = {"step_size": OVER["step_size"]}, REST["fixed"] | {"noise": 0.1}
    in_memory = swept(over=over, fixed=fixed)
    assert same_bytes(swept(tmp_path / "runs.zarr", over=over, fixed=fixed), in_memory)


def test_a_store_is_read_lazily_and_by_other_readers(whole):
    path, made = whole
    lazy = open_sweep(path, lazy=True)
    assert lazy.loss.chunks is not None
    assert same_bytes(lazy.load(), made)
    flat = xarray.open_zarr(path, consolidated=False).load()
    one = flat.isel(run=(flat.step_size == 0.2) & (flat.noise == 0.1) & (flat.seed == 7))
    np.testing.assert_array_equal(one.loss[0], made.loss.sel(step_size=0.2, noise=0.1, seed=7))


def test_the_same_call_computes_nothing_and_a_larger_one_what_is_new(copy, computed):
    before = chunks(copy)
    swept(copy)
    assert computed == []
    wider = OVER | {"step_size": [0.05, *OVER["step_size"]]}
    made = swept(copy, over=wider, seeds=210)
    assert sum(computed) == 4 * 2 * 210 - 3 * 2 * 200
    assert same_bytes(made, swept(over=wider, seeds=210))
    kept = {name: content for name, content in before.items() if not name.endswith("zarr.json")}
    assert kept == {name: content for name, content in chunks(copy).items() if name in kept}
    computed.clear()
    assert same_bytes(swept(copy), swept())
    assert same_bytes(swept(copy, over=wider | {"noise": [0.1]}, seeds=[209, 3]), made.sel(noise=[0.1], seed=[209, 3]))
    assert computed == []
    assert dict(open_sweep(copy).sizes) == {"step_size": 4, "noise": 2, "seed": 210, "record": 6}


def test_what_is_not_done_is_missing_and_said(copy):
    (copy / "manifest" / "000001.json").unlink()
    part = open_sweep(copy)
    assert part.attrs["state"] == "2 of 3 blocks are done"
    assert int((part.status == 0).sum()) == int(np.isnan(part.loss.isel(record=0)).sum()) == 512
    assert same_bytes(open_sweep(copy, lazy=True).load(), part)


def test_ctrl_c_keeps_the_blocks_that_are_done(tmp_path, monkeypatch):
    inner = filling.keep

    def pressed(store, number, places, piece):
        inner(store, number, places, piece)
        if number == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(filling, "keep", pressed)
        with pytest.raises(KeyboardInterrupt):
            swept(tmp_path / "runs.zarr")
    assert opened(tmp_path / "runs.zarr").pending() == [2]
    swept(tmp_path / "runs.zarr")


DAMAGES = {
    "cut": (lambda content: content[: len(content) // 2], "can't be read"),
    "gone": (None, "holds other numbers"),
    "replaced": (lambda content: content, "holds other numbers"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_chunk_is_named_and_computed_anew_on_request(kind, copy, whole, computed):
    damage, words = DAMAGES[kind]
    chunk = copy / "loss" / "c" / "1" / "0"
    if damage is None:
        chunk.unlink()
    else:
        source = copy / "loss" / "c" / "0" / "0" if kind == "replaced" else chunk
        chunk.write_bytes(damage(source.read_bytes()))
    with pytest.raises(ValueError, match=words) as caught:
        open_sweep(copy)
    assert str(chunk) in str(caught.value)
    with pytest.raises(ValueError, match="block 1"):
        swept(copy)
    assert computed == []
    assert [str(chunk) in sentence for sentence in mend_sweep(copy)] == [True]
    assert same_bytes(swept(copy), whole[1])
    assert computed == [512]
    assert opened(copy).hash() == opened(whole[0]).hash()
    assert chunks(copy) == chunks(whole[0])


OTHERS = [
    ({"steps": 30}, "holds a sweep with steps = 25, and 30 is asked for"),
    ({"noise": "common"}, "noise = 'own', and 'common' is asked for"),
    ({"record_every": 1}, "record_every = 5, and 1 is asked for"),
    ({"x0": [1.0, 1.0]}, "x0"),
    ({"reduce": "last"}, "reduce = None, and 'last' is asked for"),
    ({"fixed": REST["fixed"] | {"beta": 0.5}}, r"method.beta = 0.9, and 0.5 is asked for"),
    ({"fixed": REST["fixed"] | {"mu": 0.2}}, r"method.mu = None, and 0.2 is asked for"),
    ({"over": {"step_size": [0.1]}}, "holds a sweep over step_size, noise, and one over step_size is asked for"),
]


@pytest.mark.parametrize(("changes", "sentence"), OTHERS)
def test_another_sweeps_store_is_refused(changes, sentence, whole, computed):
    with pytest.raises(ValueError, match=sentence):
        swept(whole[0], **changes)
    assert computed == []


def test_another_method_or_problem_is_refused(whole):
    rest = {"over": OVER, "out": whole[0], **REST}
    with pytest.raises(ValueError, match="method = 'RSG', and 'HeavyBall' is asked for"):
        sweep(HeavyBall, quadratic, **rest)


@pytest.mark.parametrize(("name", "words"), [("numpy", "numpy was .*, and is 1.0 now"), ("optdyn's code", "changed")])
def test_other_code_and_versions_are_refused(name, words, whole, monkeypatch):
    monkeypatch.setattr(preparation, "made_with", lambda plan: made_with.made_with(plan) | {name: "1.0"})
    with pytest.raises(ValueError, match=words):
        swept(whole[0])


def test_a_users_code_is_told_apart_by_what_it_does():
    def maker(body, words="Words."):
        space = {"__name__": "some_users_module", "quadratic": quadratic}
        exec(f"def made(noise):\n    '{words}'\n    return quadratic(eigenvalues={body}, noise=noise)", space)
        return space["made"]

    one, same, other = (made_with._users_code(maker(body)) for body in ("[1.0, 0.1]", "[1.0,  0.1]", "[1.0, 0.2]"))
    assert one == same != other
    assert one == made_with._users_code(maker("[1.0, 0.1]", "Others."))


EDITS = [
    ("# how it is", "# how it was", True),
    ('"Steps."', '"Steps downhill."', True),
    ('"A rule."', '"A rule of mine."', True),
    ("0.5 * g", "0.6 * g", False),
    ('word="own"', 'word="common"', False),
]


@pytest.mark.parametrize(("before", "after", "same"), EDITS)
def test_optdyns_code_is_another_one_after_an_edit_of_what_computes(before, after, same, tmp_path, monkeypatch):
    source = """"A module."
class Rule:
    "A rule."

    def update(self, g, word="own"):
        "Steps."
        return [word for _ in "ab"], 0.5 * g  # how it is
"""
    for package in ("dynamics", "synthetic"):
        (tmp_path / package).mkdir()
    monkeypatch.setattr(made_with, "_HERE", tmp_path)
    found = []
    for text in (source, source.replace(before, after)):
        (tmp_path / "dynamics" / "rule.py").write_text(text)
        found.append(made_with._own_code.__wrapped__())
    assert before in source
    assert (found[0] == found[1]) == same


PLACES = [
    ("", "out = '' names no folder"),
    (3, "out = 3 names no folder"),
    ("file", "is a file, and a sweep is stored in a folder"),
    ("full", "has other things in it"),
    ("file/runs.zarr", "can't be written"),
]


@pytest.mark.parametrize(("out", "sentence"), PLACES)
def test_a_place_that_will_not_do_is_refused(out, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").touch()
    with pytest.raises(ValueError, match=sentence):
        swept(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "full"]


def test_a_disk_that_is_too_small_and_a_missing_library_are_told(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(preparation.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 5, 1000))
        with pytest.raises(ValueError, match=r"takes up to .* GB, and 1e-06 GB are free there"):
            swept(tmp_path / "runs.zarr")
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ValueError, match=r'needs zarr, .* pip install "optdyn\[store\]"'):
        swept(tmp_path / "runs.zarr")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("reduce", [{"iteration": [0, 10, 25]}, {"gradients": [3.0, 10.0]}, {"below": 0.3}])
def test_what_is_kept_is_of_the_whole_records(reduce, whole, tmp_path):
    kept = swept(reduce=reduce)
    assert same_bytes(swept(tmp_path / "runs.zarr", reduce=reduce), kept)
    records = whole[1]
    loss, calls = records.loss.values, records.gradients.values
    if "iteration" in reduce:
        np.testing.assert_array_equal(kept.loss, loss[..., [0, 2, 5]])
        return
    for at in np.ndindex(loss.shape[:-1]):
        rows = range(loss.shape[-1])
        if "below" in reduce:
            row = next((i for i in rows if loss[at][i] <= 0.3), None)
            found = [np.nan, np.nan] if row is None else [loss[at][row], 5.0 * row]
            np.testing.assert_array_equal([kept.loss.values[at], kept.iteration.values[at]], found)
            continue
        failed = records.status.values[at] != 1
        for place, cost in enumerate(reduce["gradients"]):
            within = [i for i in rows if calls[at][i] <= cost]
            ended = failed and not any(calls[at][i] > cost for i in rows)
            np.testing.assert_array_equal(kept.loss.values[at][place], np.nan if ended else loss[at][within[-1]])


KEPT = [
    ({"iteraton": [1]}, "did you mean 'iteration'"),
    ({"iteration": []}, "must be a list, of one at least"),
    ({"iteration": [26]}, "must be at most 25"),
    ({"iteration": [3]}, "record_every = 5"),
    ({"iteration": [10, 5]}, "must increase"),
    ({"below": "low"}, "must be a real number"),
    ({"below": 1.0, "values": [1.0]}, "a dict with one key"),
]


@pytest.mark.parametrize(("reduce", "sentence"), KEPT)
def test_what_can_not_be_kept_is_refused(reduce, sentence):
    with pytest.raises(ValueError, match=sentence):
        swept(reduce=reduce)


def test_a_run_is_replayed_in_another_process(whole, tmp_path):
    path, made = whole
    made.to_netcdf(tmp_path / "runs.nc", engine="scipy")
    code = (
        "import sys, xarray; from dynamics import open_sweep, replay\n"
        "for made in (open_sweep(sys.argv[1]), xarray.open_dataset(sys.argv[2], engine='scipy')):\n"
        "    run = replay(made, step_size=0.2, noise=0.1, seed=7)\n"
        "    print(run.loss.tobytes().hex(), run.status.name)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, path, tmp_path / "runs.nc"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert ended.returncode == 0, ended.stderr
    there = made.loss.sel(step_size=0.2, noise=0.1, seed=7).values.tobytes().hex()
    assert ended.stdout.splitlines() == [f"{there} MAX_ITERATIONS"] * 2


def test_a_replay_of_what_has_no_name_is_refused(tmp_path):
    def users(noise):
        return quadratic(eigenvalues=[1.0, 0.1], noise=noise)

    made = sweep(RSG, users, over={"noise": [0.0]}, fixed={"step_size": 0.1}, steps=2, x0=[1.0, 1.0])
    assert replay(made).loss.size == 3
    with pytest.raises(ValueError, match="not known in this process: import tests"):
        replay(made.assign_attrs(sweep=""))
    with pytest.raises(TypeError, match=r"fixed.rng|rng = Generator"):
        sweep(
            GradientDescent, quadratic, over={"step_size": [0.1]}, fixed={"rng": np.random.default_rng(0)}, steps=2,
            out=tmp_path / "runs.zarr",
        )  # fmt: skip


def test_ready_methods_and_problems_go_into_stores(tmp_path):
    problems = [quadratic(eigenvalues=[1.0, 0.1]), quadratic(eigenvalues=[1.0, 0.3])]
    methods = [GradientDescent(0.1), HeavyBall(0.1, beta=0.5)]
    rest = {"over": {}, "steps": 5, "x0": [1.0, 1.0]}
    made = sweep(methods, problems, out=tmp_path / "runs.zarr", **rest)
    assert same_bytes(made, sweep(methods, problems, **rest))
    assert same_bytes(open_sweep(tmp_path / "runs.zarr"), made)
    run = replay(open_sweep(tmp_path / "runs.zarr"), method=made.method.values[1], problem=made.problem.values[0])
    assert run.loss.tobytes() == made.loss[1, 0, 0].values.tobytes()


def test_runs_that_raise_leave_their_words_and_the_others_go_on(tmp_path, monkeypatch):
    from dynamics.sweeps import execution, families

    inner = execution.run_together
    monkeypatch.setattr(families, "lane_shape", lambda setup: None)

    def raising(setup, steps, **how):
        if setup.method.mu == 0.3:
            raise ArithmeticError("on purpose")
        return inner([setup], steps, common_noise=False, interrupted=lambda: False)[0]

    monkeypatch.setattr(execution, "FEW", 10**9)
    monkeypatch.setattr(execution, "run", raising)
    over = {"step_size": [0.1, 0.2], "mu": [0.1, 0.3], "noise": [0.1]}
    made = swept(tmp_path / "runs.zarr", over=over, seeds=2)
    assert made.attrs["errors"] == "ArithmeticError: on purpose"
    assert made.status.values[:, 1].tolist() == [[[9, 9]], [[9, 9]]]
    assert made.attrs["failed"] == 4
    entry = json.loads((tmp_path / "runs.zarr" / "manifest" / "000000.json").read_text())
    assert entry["errors"] == {"ArithmeticError: on purpose": [2, 3, 6, 7]}
