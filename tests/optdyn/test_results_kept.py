"""A result outlives the terminal: it is saved before anything is printed, and at any signal that ends a run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dynamics import Trajectory
from optdyn.exports import check_file

RUN = ["run", "quadratic", "gradient-descent", "--out", "r.npz"]
OPTDYN = [sys.executable, "-m", "optdyn", *RUN]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def nine_steps(folder, out, **environment):
    return subprocess.run(
        [*OPTDYN, "--steps", "9"], stdout=out, stderr=subprocess.PIPE, cwd=folder, env=ENVIRONMENT | environment
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_device(tmp_path):
    with open("/dev/full", "w") as full:
        ended = nine_steps(tmp_path, full)
    assert ended.returncode != 0
    assert ended.stderr.startswith(b"optdyn: cannot write to standard output: no space left on device")
    assert Trajectory.load(tmp_path / "r.npz").stopped_at == 9


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_help_on_a_full_device():
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "optdyn", "--help"], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"optdyn: cannot write to standard output")
    assert b"Traceback" not in ended.stderr


def test_leftovers_of_a_killed_process_are_in_no_ones_way(tmp_path):
    from dynamics import GradientDescent, simulate
    from synthetic import himmelblau

    run = simulate(GradientDescent(0.01), himmelblau(), steps=1)
    names = [f".r.npz.{os.getpid()}", ".r.npz.1"]
    for name in names:
        (tmp_path / name).write_text("half of something")
    run.save(tmp_path / "r.npz")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["r.npz", *names])
    with pytest.raises(OSError, match="cannot write"):
        run.save(tmp_path / "nowhere" / "r.npz")
    with pytest.raises(ValueError, match="cannot write"):
        run.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["r.npz", *names])


def test_a_pipe_that_nobody_reads(tmp_path):
    read, write = os.pipe()
    os.close(read)
    ended = nine_steps(tmp_path, write)
    os.close(write)
    assert b"Traceback" not in ended.stderr
    assert Trajectory.load(tmp_path / "r.npz").stopped_at == 9


def test_a_terminal_of_ascii(tmp_path):
    ended = nine_steps(tmp_path, subprocess.PIPE, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert ended.returncode == 0, ended.stderr
    assert b"MAX_ITERATIONS" in ended.stdout
    assert Trajectory.load(tmp_path / "r.npz").stopped_at == 9


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_run_and_saves_it(tmp_path, name):
    words = ["optdyn", *RUN, "--steps", "4000000000", "--record-every", "1000000"]
    # Ctrl-C is ignored where tests run in the background, and hanging up where nohup began them.
    code = (
        f"import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); sys.argv = {words}\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "from optdyn.cli import main; main()"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=tmp_path, env=ENVIRONMENT)
    try:
        wait_until_caught(child, signal.SIGTERM)
        child.send_signal(getattr(signal, name))
        child.communicate(timeout=60)
    finally:
        child.kill()
    assert child.returncode == (130 if name == "SIGINT" else -getattr(signal, name))
    assert Trajectory.load(tmp_path / "r.npz").status.name == "INTERRUPTED"
    assert [path.name for path in tmp_path.iterdir()] == ["r.npz"]


def wait_until_caught(child, number):
    """Until the run has taken the signal over; before, it ends the process."""
    for _ in range(600):
        time.sleep(0.1)
        caught = Path(f"/proc/{child.pid}/status").read_text().split("SigCgt:")[1].split()[0]
        if int(caught, 16) >> (number - 1) & 1:
            return
    raise TimeoutError


def test_bad_targets_are_refused_before_the_work(tmp_path):
    (tmp_path / "link.npz").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.npz")
    for name, why in ((f"{'a' * 250}.é.npz", "bytes"), ("link.npz", "is a link"), ("pipe.npz", "no ordinary file")):
        with pytest.raises(ValueError, match=why):
            check_file(tmp_path / name)
    assert check_file(tmp_path / f"{'a' * 200}.npz") is None
