"""The command line in a process of its own: what it imports, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HEAVY = ("sympy", "matplotlib", "xarray", "pandas", "flint", "scipy.stats", "scipy.optimize", "theory")


def _python(code: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_a_run_imports_nothing_heavy() -> None:
    code = (
        "import json, sys\n"
        "from optdyn.cli import app\n"
        "app(['run', 'quadratic', 'rsg', '--steps', '10'], standalone_mode=False)\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    ended = _python(code)
    assert ended.returncode == 0, ended.stderr
    assert "MAX_ITERATIONS" in ended.stdout
    assert json.loads(ended.stdout.splitlines()[-1]) == []


def test_help_needs_no_numerics() -> None:
    code = (
        "import json, sys\n"
        "from optdyn.cli import app\n"
        "app(['run', '--help'], standalone_mode=False)\n"
        "print(json.dumps([name for name in ('numpy', 'numba', 'dynamics') if name in sys.modules]))"
    )
    assert json.loads(_python(code).stdout.splitlines()[-1]) == []


def test_no_garbage_is_looked_for_at_the_end() -> None:
    code = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "from optdyn.cli import main\n"
        "sys.argv[1:] = ['--version']\n"
        "print(gc.get_freeze_count() > 0)\n"
        "main()"
    )
    assert _python(code).stdout.splitlines()[::2] == ["False", "True"]


def test_python_dash_m() -> None:
    command = [sys.executable, "-m", "optdyn", "run", "quadratic", "rsgg"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("optdyn: unknown method 'rsgg'; did you mean 'rsg'?")
    assert ended.stderr.count("\n") == 1


def test_an_interrupted_reproduction_goes_on_where_it_stopped(fake: Any, tmp_path: Path) -> None:
    report = tmp_path / "report"
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored where tests run in the background
        f"sys.path.insert(0, {str(Path(fake.__file__).parent)!r})\n"
        "import optdyn.durations, optdyn.parts, optdyn_fake_parts as fake, pathlib\n"
        f"optdyn.durations._record = lambda: pathlib.Path({str(tmp_path / 'seconds.json')!r})\n"
        "parts = (fake.figure('one'), fake.claim('two', fake.wait), fake.claim('three'))\n"
        "optdyn.parts.every_part = lambda patterns, quick: parts\n"
        "from optdyn.cli import main\n"
        "main()"
    )
    command = [sys.executable, "-c", code, "reproduce", "--jobs", "1", "--out", str(report)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        _until_logged(report, "two")
        os.kill(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=60)
    assert process.returncode == 130, complained
    assert f"To go on: optdyn reproduce --out {report}" in said
    assert "Traceback" not in complained
    page = (report / "index.html").read_text()
    assert "2 of 3 parts are still to be done" in page

    (report / "gate").touch()
    ended = _python(code, "reproduce", "--jobs", "1", "--out", str(report))
    assert ended.returncode == 0, ended.stderr
    assert "1 of 3 parts are finished already and reused" in ended.stdout
    assert (report / "log.txt").read_text().split() == ["one", "two", "two", "two", "three"]
    assert "still to be done" not in (report / "index.html").read_text()


def _until_logged(folder: Path, id: str) -> None:
    end = time.monotonic() + 60
    log = folder / "log.txt"
    while not (log.exists() and id in log.read_text().split()):
        assert time.monotonic() < end, "waited for a minute"
        time.sleep(0.02)
