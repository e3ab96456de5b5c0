"""Worker processes."""

import importlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from optdyn.workers import LAST, THREADS, Lost, _next, cores, work_off

WORK = """
import atexit, os, signal, time
from pathlib import Path
from dynamics.kernels.policy import threads_at_hand

def leave_to_the_end(folder):
    atexit.register(Path(folder, "end").touch)

def threads_of_runs(_):
    return threads_at_hand()

def square(number):
    return number * number

def die_on_two(number):
    if number == 2:
        os._exit(7)
    return number

def threads(names):
    return [os.environ.get(name) for name in names]

def blocked(_):
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])

def wait_for_ever(folder):
    started = Path(folder, f"{os.getpid()}")
    try:
        started.touch()
        time.sleep(600)
    finally:
        started.with_suffix(".cleaned").touch()
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module that worker processes can import."""
    (tmp_path / "optdyn_crew_work.py").write_text(textwrap.dedent(WORK))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "optdyn_crew_work", raising=False)
    return importlib.import_module("optdyn_crew_work")


def test_every_task_comes_back_once(work: ModuleType) -> None:
    begun: list[int] = []
    with closing(work_off(work.square, [3, 4, 5], workers=2, started=begun.append)) as results:
        assert sorted(results) == [(0, 9), (1, 16), (2, 25)]
    assert sorted(begun) == [0, 1, 2]


def test_a_process_goes_on_with_the_families_that_it_knows(work: ModuleType) -> None:
    begun: list[int] = []
    families = [LAST, "a", "b", None, "a", "b"]
    with closing(work_off(work.square, range(6), workers=1, families=families, started=begun.append)) as results:
        assert sorted(results) == [(number, number**2) for number in range(6)]
    assert begun == [1, 4, 2, 5, 3, 0]


def test_what_another_process_works_at_is_left_to_it_while_there_is_anything_else() -> None:
    families = ["a", "b", None, LAST]
    assert _next([0, 1, 2, 3], families, set(), {"a"}) == 1
    assert _next([0, 2, 3], families, set(), {"a", "b"}) == 2
    assert _next([0, 3], families, set(), {"a", "b"}) == 0  # rather than to wait
    assert _next([0, 1, 3], families, {"b"}, {"a"}) == 1
    assert _next([3], families, set(), {"a"}) == 3


def test_a_task_that_kills_its_process_takes_no_other_with_it(work: ModuleType) -> None:
    with closing(work_off(work.die_on_two, [1, 2, 3, 4], workers=1)) as results:
        assert list(results) == [(0, 1), (1, Lost(7)), (2, 3), (3, 4)]


def test_workers_compute_in_one_thread_whatever_the_caller_does(
    work: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with closing(work_off(work.threads, [THREADS], workers=1)) as results:
        assert list(results) == [(0, ["1"] * len(THREADS))]
    assert os.environ["OMP_NUM_THREADS"] == "5"
    assert "OPENBLAS_NUM_THREADS" not in os.environ


@pytest.mark.parametrize(
    ("there", "workers", "tasks", "share"), [(8, 1, 3, 8), (8, 3, 3, 2), (8, 3, 1, 8), (1, 2, 2, 1)]
)
def test_runs_of_a_worker_get_its_share_of_the_cores(
    there: int, workers: int, tasks: int, share: int, work: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optdyn.workers.cores", lambda: there)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "5")
    with closing(work_off(work.threads_of_runs, range(tasks), workers=workers)) as results:
        assert next(results)[1] == share
    assert os.environ["NUMBA_NUM_THREADS"] == "5"


def test_what_a_task_leaves_to_the_end_of_its_process_is_done(work: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "marks"
    folder.mkdir()
    with closing(work_off(work.leave_to_the_end, [str(folder)], workers=1)) as results:
        assert list(results) == [(0, None)]
    assert [path.name for path in folder.iterdir()] == ["end"]


def test_ctrl_c_does_not_reach_the_workers(work: ModuleType) -> None:
    # A terminal sends it to every process; a run inside a figure would take it for its own end.
    with closing(work_off(work.blocked, [None], workers=1)) as results:
        assert list(results) == [(0, True)]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_an_early_end_stops_the_workers_and_lets_them_clean_up(work: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "marks"
    folder.mkdir()
    begun: list[int] = []

    def stop_once_it_waits(index: int) -> None:
        begun.append(index)
        _until(lambda: bool(list(folder.iterdir())))
        raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        closing(work_off(work.wait_for_ever, [str(folder)], workers=1, started=stop_once_it_waits)) as results,
    ):
        list(results)
    (cleaned,) = folder.glob("*.cleaned")
    assert begun == [0]
    with pytest.raises(ProcessLookupError):
        os.kill(int(cleaned.stem), 0)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited for 30 seconds"
        time.sleep(0.02)


def test_cores_are_counted() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_workers_die_with_a_parent_that_is_killed(work: ModuleType, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(Path(str(work.__file__)).parent)!r})\n"
        f"import {work.__name__} as work\n"
        "from optdyn.workers import work_off\n"
        "if __name__ == '__main__':\n"
        f"    list(work_off(work.wait_for_ever, [{str(tmp_path / 'marks')!r}], workers=1))\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    folder = tmp_path / "marks"
    folder.mkdir()
    with subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": os.getcwd()}) as parent:
        _until(lambda: any(path.name.isdigit() for path in folder.iterdir()))
        parent.kill()
    (worker,) = (int(path.name) for path in folder.iterdir() if path.name.isdigit())
    _until(lambda: not _runs(worker))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
