"""`optdyn sweep`: axes from words, stores that go on, status, estimates and pictures."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from dynamics import GradientDescent, HeavyBall, open_sweep, sweep
from dynamics.sweeps import filling
from optdyn import sweeps
from plots.sweep_picture import View, _on_one_scale, draw_sweep
from plots.sweep_scores import described_scores, scored
from synthetic import himmelblau, quadratic

SWEEP = ("sweep", "quadratic", "gradient-descent", "--set", "eigenvalues=[1, 0.1]", "--steps", 30)
AXES = ("--over", "step_size=geom:0.1:50:5", "--over", "minimiser=[[0, 0], [2, 3]]")

TWO = ("sweep", "quadratic", "sgd,adam", "--over")

REFUSED: list[tuple[tuple[Any, ...], tuple[str, ...]]] = [
    (("sweep", "quadratc", "rsg"), ("unknown problem 'quadratc'", "did you mean 'quadratic'?")),
    (("sweep", "quadratic"), ("quadratic is the problem, and no method is named",)),
    (("sweep",), ("no problem and method are named",)),
    ((*SWEEP,), ("method gradient-descent needs step_size: give --set step_size=… or --over step_size=…",)),
    ((*SWEEP, "--over", "step_sise=0.1"), ("unknown parameter 'step_sise'", "did you mean 'step_size'?")),
    ((*SWEEP, "--over", "step_size"), ("--over step_size is no axis", "write key=VALUES")),
    ((*SWEEP, "--over", "step_size="), ("--over step_size=: an axis has one value at least",)),
    ((*SWEEP, "--over", "step_size=0.1,,1"), ("a value is missing",)),
    ((*SWEEP, "--over", "step_size=0.1,high"), ("step_size[1] = 'high' is not a number",)),
    ((*SWEEP, "--over", "step_size=0.1,-1"), ("at step_size[1] = -1: step_size = -1.0 must be positive",)),
    ((*SWEEP, "--over", "step_size=0.1,0.1"), ("step_size[1] = 0.1 repeats place 0",)),
    ((*SWEEP, "--over", "step_size=0.1:1:5"), ("say how the values are spaced", "lin:0.1:1:5 or geom:0.1:1:5")),
    ((*SWEEP, "--over", "step_size=log:0.1:1:5"), ("say how the values are spaced", "lin:0.1:1:5 or geom:0.1:1:5")),
    ((*SWEEP, "--over", "step_size=abc"), ("'abc' is not a number or a list such as [1, 0.1], which step_size takes",)),
    ((*SWEEP, "--over", "step_size=geom:1:2"), ("write geom:LOW:HIGH:N",)),
    ((*SWEEP, "--over", "step_size=geom:0:1:3"), ("ratios need ends of one sign", "lin:0:1:3")),
    ((*SWEEP, "--over", "step_size=lin:0.1:1:2.5"), ("N must be a whole number",)),
    ((*SWEEP, "--over", "step_size=lin:1:1:2"), ("both ends are 1",)),
    ((*SWEEP, "--over", "step_size=1", "--over", "step_size=2"), ("--over gives step_size twice",)),
    ((*SWEEP, "--over", "step_size=0.1", "--set", "step_size=1"), ("step_size is both in over and in fixed",)),
    ((*SWEEP, "--over", "step_size+noise=0.1,0.2:0"), ("place 0 has 1 values for 2 names",)),
    ((*SWEEP, *AXES, "--x0", "1,high"), ("--x0 1,high is no vector", "such as --x0 1,2")),
    ((*SWEEP, *AXES, "--x0", "1,2,3"), ("x0 has shape (3,)",)),
    ((*SWEEP, *AXES, "--seeds", "many"), ("--seeds many is neither a number nor a list",)),
    ((*SWEEP, *AXES, "--seeds", 0), ("seeds = 0 must be at least 1",)),
    ((*SWEEP, *AXES, "--keep", "lats"), ("unknown kind of record 'lats'", "did you mean 'last'?")),
    ((*SWEEP, *AXES, "--keep", "iteration=31"), ("must be at most 30",)),
    ((*SWEEP, *AXES, "--noise", "comon"), ("did you mean 'common'",)),
    ((*SWEEP, *AXES, "--out", ""), ("--out '' names no folder",)),
    ((*SWEEP, *AXES, "--out", "taken"), ("taken is a file",)),
    ((*SWEEP, *AXES, "--out", "a.zarr", "--work", "a.zarr"), ("--out and --work name a folder each",)),
    ((*SWEEP, *AXES, "--dask", "tcp://a:1", "--processes", 2), ("two places to compute: give one",)),
    ((*SWEEP, *AXES, "--dask", "nowhere"), ("backend = 'nowhere' must be",)),
    ((*SWEEP, *AXES, "--plot", "heat.gif"), ("heat.gif", ".png, .pdf, .svg")),
    (
        ("sweep", "quadratic", "sgd,adam", "--over", "sgd.step_size=1"),
        ("adam needs step_size: give --set adam.step_size=",),
    ),
    (
        ("sweep", "quadratic", "sgd,adam", "--over", "beta1=0.9"),
        ("not all of sgd, adam have beta1; write adam.beta1=0.9",),
    ),
    (("sweep", "quadratic", "sgd,Sgd", "--over", "step_size=1"), ("names one method twice",)),
    (("sweep", "--status"), ("--status tells how far a stored sweep is",)),
    (("sweep", "--status", "--out", "nowhere.zarr"), ("nowhere.zarr is no store of a sweep",)),
    (("sweep", "--work", "nowhere.zarr"), ("nowhere.zarr is no store of a sweep",)),
    (("sweep", "--over", "step_size=1"), ("an axis or a setting is given, and no problem and method",)),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=lambda value: " ".join(map(str, value))[-40:])
def test_refused_in_one_sentence(
    arguments: tuple[Any, ...], words: tuple[str, ...], optdyn: Callable[..., Any], folder: Path
) -> None:
    (folder / "taken").write_text("a file")
    result = optdyn(*arguments)
    said = result.output.strip()
    assert result.exit_code == 2, said
    assert said.startswith("optdyn: ")
    assert "\n" not in said
    for word in words:
        assert word in said
    assert [path.name for path in folder.iterdir()] == ["taken"]


def test_a_sweep_is_stored_looked_at_and_gone_on_with(
    optdyn: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = filling.keep

    def pressed(*arguments: Any) -> None:
        inner(*arguments)
        raise KeyboardInterrupt

    command = (*SWEEP, *AXES, "--seeds", 100, "--out", "runs.zarr")
    with monkeypatch.context() as patched:
        patched.setattr(filling, "keep", pressed)
        result = optdyn(*command)
    assert result.exit_code == 130
    assert "1 of 2 blocks are done. The same command goes on." in result.output
    status = optdyn("sweep", "--out", "runs.zarr", "--status").output
    assert "512 of 1000 runs, 1 of 2 blocks" in status
    assert "runs a second" in status
    assert "last block" in status
    result = optdyn(*command, "--plot", "heat.png")
    assert result.exit_code == 0, result.output
    assert "1000 done of 10 settings × 100 seeds, 400 failed" in result.output
    assert "400 DIVERGED" in result.output
    assert (folder / "heat.png").read_bytes().startswith(b"\x89PNG")
    assert open_sweep("runs.zarr").attrs["hash"] in result.output
    assert "time left  none" in optdyn("sweep", "--out", "runs.zarr", "--status").output
    # Without its names the sweep says itself what is to be done.
    (folder / "runs.zarr" / "manifest" / "000000.json").unlink()
    again = optdyn("sweep", "--work", "runs.zarr")
    assert again.exit_code == 0, again.output
    assert open_sweep("runs.zarr").attrs["hash"] in result.output
    chunk = folder / "runs.zarr" / "loss" / "c" / "1"
    chunk.write_bytes(chunk.read_bytes()[:-20])
    assert "can't be read" in optdyn("sweep", "--out", "runs.zarr").output
    assert optdyn("sweep", "--out", "runs.zarr", "--mend").exit_code == 0
    assert open_sweep("runs.zarr").attrs["hash"] in result.output


def test_an_interrupted_sweep_goes_on_where_it_stopped(optdyn: Callable[..., Any], folder: Path) -> None:
    seeds = 100 if numba.config.DISABLE_JIT else 1_000
    code = (
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nfrom optdyn.cli import main\nmain()"
    )
    words = ["sweep", "quadratic", "rsg", "--over", "step_size=geom:0.01:0.2:40", "--set", "noise=0.1"]
    words += ["--set", "eigenvalues=[1, 0.1]", "--steps", "25", "--seeds", str(seeds), "--out", "runs.zarr"]
    command = [sys.executable, "-c", code, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        end = time.monotonic() + 100
        while not list(folder.glob("runs.zarr/manifest/0*.json")) and time.monotonic() < end:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=60)
    assert process.returncode == 130, complained
    assert "blocks are done. The same command goes on." in " ".join(said.split())
    assert "Traceback" not in complained
    before = {file: file.stat().st_mtime_ns for file in folder.glob("runs.zarr/manifest/0*.json")}
    result = optdyn(*command[3:])
    assert result.exit_code == 0, result.output
    assert f"{40 * seeds} done of 40 settings" in result.output
    after = {file: file.stat().st_mtime_ns for file in folder.glob("runs.zarr/manifest/0*.json")}
    assert 0 < len(before) < len(after)
    assert all(after[file] == time for file, time in before.items())


@pytest.mark.slow
def test_a_dask_cluster_computes_what_the_command_computes_here(optdyn: Callable[..., Any], folder: Path) -> None:
    distributed = pytest.importorskip("distributed")
    command = (*SWEEP, *AXES, "--seeds", 100, "--out")
    here = optdyn(*command, "here.zarr")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        there = optdyn(*command, "there.zarr", "--dask", cluster.scheduler_address)
    assert (here.exit_code, there.exit_code) == (0, 0), there.output
    assert "1000 done of 10 settings" in there.output
    assert open_sweep("there.zarr").attrs["hash"] == open_sweep("here.zarr").attrs["hash"]


def test_a_dry_run_says_how_much_and_writes_nothing(optdyn: Callable[..., Any], folder: Path) -> None:
    result = optdyn(*SWEEP, *AXES, "--seeds", 100, "--out", "runs.zarr", "--dry-run")
    assert "1000: 10 settings, 100 seeds" in result.output
    assert f"up to {1000 * (8 * 8 + 8 + 4 + 8) / 1000:g} kB" in result.output
    assert list(folder.iterdir()) == []


def test_the_command_sweeps_what_the_function_sweeps(optdyn: Callable[..., Any], folder: Path) -> None:
    result = optdyn(*SWEEP, "--over", "step_size=0.1,0.5,1.5", "--keep", "below=0.01", "--out", "runs.zarr")
    assert result.exit_code == 0, result.output
    made = sweep(
        GradientDescent, quadratic, over={"step_size": [0.1, 0.5, 1.5]}, fixed={"eigenvalues": [1, 0.1]}, steps=30,
        reduce={"below": 0.01},
    )  # fmt: skip
    stored = open_sweep("runs.zarr")
    np.testing.assert_array_equal(stored.iteration, made.iteration)
    best = int(np.argmin(np.where(np.isnan(made.iteration), np.inf, made.iteration)[:, 0]))
    assert f"step_size = {made.step_size.values[best]:.4g}" in result.output


def test_axes_that_go_together_and_shared_names() -> None:
    request = sweeps.requested(
        "quadratic", "heavy-ball", ["step_size+beta=0.1:0.9,0.5:0"], ["noise=0.1"], seeds=2, steps=3, noise="own",
        reduce="last", record_every=None,
    )  # fmt: skip
    made = request.run()
    assert made.beta.values.tolist() == [0.9, 0.0]
    assert request.plan().fixed == {"method": {}, "problem": {"noise": 0.1}}


def test_several_methods_have_axes_of_their_own() -> None:
    request = sweeps.requested(
        "quadratic", "heavy-ball,Gradient_Descent", ["heavy-ball.step_size=0.1,0.2", "gradient-descent.step_size=0.5"],
        ["noise=0.1", "heavy_ball.beta=0.5"], seeds=2, steps=3, noise="own", reduce="last", record_every=None,
    )  # fmt: skip
    made = request.run()
    assert made.method.values.tolist() == ["HeavyBall", "HeavyBall", "GradientDescent"]
    np.testing.assert_array_equal(made.step_size, [0.1, 0.2, 0.5])
    np.testing.assert_array_equal(made.beta, [0.5, 0.5, np.nan])


def test_failed_settings_are_neither_best_nor_close_and_are_marked() -> None:
    made = sweep(
        GradientDescent, quadratic, over={"step_size": [0.1, 1.0, 2.5, 3.0], "noise": [0.0]},
        fixed={"eigenvalues": [1.0, 0.1]}, seeds=5, steps=100, x0=[1.0, 1.0], reduce="last",
    )  # fmt: skip
    found = scored(made)
    assert (np.flatnonzero(found.best).tolist(), found.failed, found.waiting) == ([1], 10, 0)
    assert found.close is not None
    assert not found.close[2:].any()
    axes = draw_sweep(made, found, title="").axes[0]
    stars = [line for line in axes.lines if line.get_marker() == "*"]
    assert stars[0].get_xdata().tolist() == [1]
    crosses = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "x" and len(line.get_xdata())]
    assert crosses == [2, 3]
    shares = draw_sweep(made, found, title="").axes[1]
    assert shares.lines[0].get_ydata().tolist() == [0, 0, 1, 1]


def test_the_best_setting_is_that_of_each_problem_and_other_axes_of_the_method_are_at_their_best() -> None:
    made = sweep(
        GradientDescent, quadratic, over={"step_size": [0.1, 1.0, 1.9, 3.0], "eigenvalues": [[1.0, 0.5], [0.5, 0.1]]},
        steps=30, x0=[1.0, 1.0], reduce="last",
    )  # fmt: skip
    found = scored(made)
    assert np.argwhere(found.best.reshape(4, 2)).tolist() == [[1, 0], [3, 1]]
    words = [said for key, said in described_scores(made, found) if key in ("problem", "best")]
    assert words == [
        "eigenvalues = [1.0, 0.5]", "step_size = 1",
        "eigenvalues = [0.5, 0.1]", "step_size = 3; at the edge of step_size",
    ]  # fmt: skip
    axes = draw_sweep(made, found, title="").axes[0]
    stars = [np.column_stack(line.get_data()).tolist() for line in axes.lines if line.get_marker() == "*"]
    assert stars == [[[0.0, 1.0], [1.0, 3.0]]]
    made = sweep(
        HeavyBall, quadratic, over={"step_size": [0.1, 0.5], "noise": [0.0, 0.1], "beta": [0.0, 0.9]},
        fixed={"eigenvalues": [1.0, 0.1]}, steps=5, x0=[1.0, 1.0], reduce="last",
    )  # fmt: skip
    axes, scale = draw_sweep(made, scored(made), title="t").axes
    losses = made.loss.isel(seed=0).min("beta")
    np.testing.assert_array_equal(axes.images[0].get_array(), losses / losses.min("step_size"))
    assert scale.get_ylabel() == "last loss, over the best on its problem", "colours compare no problems"
    assert axes.get_title(loc="left") + axes.get_title() == "t, 1 seed\nbest: lowest; at the best beta"


def test_each_of_several_methods_has_its_best_and_is_at_the_edge_of_its_own_numbers() -> None:
    over: dict[Any, Any] = {"step_size": [0.2, 0.3, 0.1], HeavyBall: {"beta": [0.1, 0.5]}}
    made = sweep([GradientDescent, HeavyBall], quadratic, over=over, steps=3)
    words = dict(described_scores(made, scored(made)))
    assert words["best"] == "method = GradientDescent, step_size = 0.3; at the edge of step_size"
    setting, _, loss = words["best of HeavyBall"].rpartition(": ")
    assert setting == "beta = 0.1, step_size = 0.3; at the edge of beta and step_size"
    assert float(loss) == pytest.approx(float(made.loss.isel(setting=1, step_size=1, record=-1)[0]), rel=1e-5)
    apart: dict[Any, Any] = {HeavyBall: {"step_size": [0.01, 0.02]}, GradientDescent: {"step_size": [0.1, 0.3]}}
    made = sweep(list(apart), quadratic, over=apart, steps=3)
    words = dict(described_scores(made, scored(made)))
    assert words["best of HeavyBall"].startswith("step_size = 0.02; at the edge of step_size: ")
    middle = sweep([GradientDescent, HeavyBall], quadratic, over={"step_size": [0.2, 50.0, 0.1]}, steps=3)
    assert dict(described_scores(middle, scored(middle)))["best"] == "method = GradientDescent, step_size = 0.2", (
        "a method is no number, and 0.2 lies between the others, wherever it stands in the list"
    )


def test_colours_of_problems_whose_losses_go_below_zero_are_differences() -> None:
    made = sweep(GradientDescent, quadratic, over={"step_size": [0.1, 0.5], "noise": [0.0, 0.1]}, steps=3)
    losses = np.array([[1.0, 4.0], [-2.0, 3.0]])
    view = View((0, 1), np.arange(4).reshape(2, 2), losses, losses < 0, losses < 0, ())
    shown, word = _on_one_scale(view, scored(made))
    assert shown.tolist() == [[3.0, 1.0], [0.0, 0.0]]
    assert word == "last loss, above the best on its problem"


@pytest.mark.parametrize("several", [False, True])
def test_no_line_joins_one_method_to_another(several: bool) -> None:
    own: dict[Any, Any] = {HeavyBall: {"step_size": [0.1, 0.5]}, GradientDescent: {"step_size": [0.1, 0.5]}}
    methods = list(own) if several else HeavyBall
    made = sweep(methods, quadratic, over=own if several else own[HeavyBall], fixed={"noise": 0.1}, seeds=6, steps=3)
    (axes,) = draw_sweep(made, scored(made), title="").axes
    (curve,) = (line for line in axes.lines if str(line.get_label()).startswith("last loss"))
    assert (curve.get_linestyle(), curve.get_marker()) == (("None", "s") if several else ("-", "None"))


def test_all_runs_start_where_they_are_told_to(optdyn: Callable[..., Any], folder: Path) -> None:
    result = optdyn("sweep", "himmelblau", "gd", "--over", "step_size=0.001,0.002", "--x0", "1,-2", "--steps", 5,
                    "--out", "runs.zarr")  # fmt: skip
    assert result.exit_code == 0, result.output
    expected = sweep(GradientDescent, himmelblau(), over={"step_size": [0.001, 0.002]}, x0=[1.0, -2.0], steps=5,
                     reduce="last")  # fmt: skip
    np.testing.assert_array_equal(open_sweep("runs.zarr").loss, expected.loss)
    elsewhere = sweep(GradientDescent, himmelblau(), over={"step_size": [0.001]}, steps=5, reduce="last")
    assert expected.loss[0, 0] != elsewhere.loss[0, 0]


def test_quantiles_are_kept_and_drawn(optdyn: Callable[..., Any], folder: Path) -> None:
    command = (*SWEEP, "--over", "step_size=0.1,0.5,50", "--seeds", 20, "--keep", "quantiles=0.1,0.5,0.9")
    result = optdyn(*command, "--out", "runs.zarr", "--plot", "heat.png")
    assert result.exit_code == 0, result.output
    assert "60 done of 3 settings × 20 seeds, 20 failed" in result.output
    assert "median last loss" in result.output
    assert "60 of 60 runs" in optdyn("sweep", "--out", "runs.zarr", "--status").output


@pytest.mark.parametrize("best", [(0, 1), (2, 0)])
def test_a_heat_map_marks_the_best_and_the_not_worse_settings(best: tuple[int, int]) -> None:
    made = sweep(
        HeavyBall, quadratic, over={"step_size": [0.1, 0.2, 0.3], "beta": [0.0, 0.1]},
        fixed={"eigenvalues": [1.0, 0.1]}, seeds=5, steps=1, x0=[1.0, 1.0], reduce="last",
    )  # fmt: skip
    loss = np.tile(np.array([[3.0, 4.0], [5.0, 6.0], [7.0, np.nan]])[..., np.newaxis], 5)
    loss[best] = 1.0 + np.arange(5) / 100
    loss[1, 1] = 1.0 + np.arange(5) / 100
    made.loss.values[...] = loss
    made.status.values[2, 1] = 3
    axes = draw_sweep(made, scored(made), title="").axes[0]
    marks = {line.get_marker(): np.column_stack(line.get_data()).tolist() for line in axes.lines}
    chosen = min(best, (1, 1))
    other = max(best, (1, 1))
    assert marks["*"] == [[chosen[1], chosen[0]]]
    assert marks["o"] == [[other[1], other[0]]]
    assert len(axes.patches) == 1


@pytest.mark.parametrize(
    ("fixed", "title"),
    [("method.beta = 0.5; problem.noise = 0.1", "RSG on quadratic, beta = 0.5, noise = 0.1, 9 steps"),
     ("", "RSG on quadratic, 9 steps")],
)  # fmt: skip
def test_the_title_says_what_all_runs_have_in_common(fixed: str, title: str) -> None:
    from xarray import Dataset

    from optdyn.commands.sweep import _title

    attributes = {"method": "RSG", "problem": "quadratic", "fixed": fixed, "steps": 9}
    assert _title(Dataset(attrs=attributes)) == title
