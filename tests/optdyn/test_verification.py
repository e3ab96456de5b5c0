"""Claims checked in worker processes."""

import importlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console

from optdyn.checkpoint import checkpoint_beside
from optdyn.findings import Finding, command_for
from optdyn.verification import Task, verify_claims

CHECKS = """
import os
import time
from pathlib import Path

from optdyn import verification
from optdyn.findings import Finding

LOG = Path(__file__).with_suffix(".log")

def checked(task):
    with LOG.open("a") as lines:
        lines.write(task.id + "\\n")
    return Finding(task.id, "proved", None, False, {"verdict": "proved", "text": "done"}, 0.25)

def one_dies(task):
    return os._exit(9) if task.id == "l4.polyak" else checked(task)

def one_waits(task):
    found = checked(task)
    while task.id == "l4.polyak":
        time.sleep(0.02)
    return found
"""
IDS = ("l4.core_invariance", "l4.polyak", "l4.angle")


def _quiet() -> Console:
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def checks(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of fake checks that worker processes can import."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "optdyn_fake_checks.py").write_text(CHECKS)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "optdyn_fake_checks", raising=False)
    return importlib.import_module("optdyn_fake_checks")


def _timeless(findings: list[Finding]) -> list[Finding]:
    return [finding._replace(seconds=0.0) for finding in findings]


def test_findings_do_not_depend_on_the_number_of_workers() -> None:
    ids = ["problems.carmon_curvature", "l4.angle", "problems.condition_number"]
    (one, stopped), (two, _) = (
        verify_claims(ids, level="quick", seed=1, jobs=jobs, console=_quiet()) for jobs in (1, 2)
    )
    assert not stopped
    assert [finding.id for finding in one] == ids
    assert _timeless(one) == _timeless(two)


def test_a_lost_worker_is_a_crashed_finding(checks: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    printed = io.StringIO()
    console = Console(file=printed, width=200)
    found, _ = verify_claims(IDS, level="quick", seed=0, jobs=1, console=console, perform=checks.one_dies)
    assert [finding.verdict for finding in found] == ["proved", "crashed", "proved"]
    assert "exit code 9" in found[1].traceback
    assert found[1].is_wrong
    assert found[1].recorded == "proved"
    assert "l4.polyak: crashed: The worker process died" in printed.getvalue()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "1 of 3: l4.core_invariance proved, 0.2 s"
    assert lines[1].startswith("2 of 3: l4.polyak crashed")


def test_long_checks_start_first_once_their_times_are_known(checks: ModuleType, no_times_on_record: Path) -> None:
    def begun() -> list[str]:
        verify_claims(IDS, level="quick", seed=0, jobs=1, console=_quiet(), perform=checks.checked)
        ids = checks.LOG.read_text().split()
        checks.LOG.unlink()
        return ids

    assert begun() == list(IDS)
    times = json.loads(no_times_on_record.read_text())
    assert times == dict.fromkeys((command_for(id, level="quick") for id in IDS), 0.25)
    times[command_for(IDS[1], level="quick")] = 3.0
    times[command_for(IDS[2], level="quick")] = 9.0
    no_times_on_record.write_text(json.dumps(times))
    assert begun() == list(IDS[::-1])


@pytest.mark.parametrize("damage", ["[1, 2]", "{", '{"a": null}'])
def test_a_damaged_record_of_times_is_no_matter(damage: str, checks: ModuleType, no_times_on_record: Path) -> None:
    no_times_on_record.write_text(damage)
    found, _ = verify_claims(IDS[:1], level="quick", seed=0, jobs=1, console=_quiet(), perform=checks.checked)
    assert [finding.verdict for finding in found] == ["proved"]
    assert len(json.loads(no_times_on_record.read_text())) == 1


def test_ctrl_c_prints_what_was_found(checks: ModuleType, no_times_on_record: Path) -> None:
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored where tests run in the background
        f"sys.path.insert(0, {str(checks.LOG.parent)!r})\n"
        "import pathlib, functools, optdyn.durations, optdyn.verification as verification, optdyn_fake_checks as fake\n"
        f"optdyn.durations._record = lambda: pathlib.Path({str(no_times_on_record)!r})\n"
        "verification.verify_claims = functools.partial(verification.verify_claims, perform=fake.one_waits)\n"
        "from optdyn.cli import main\n"
        "main()"
    )
    command = [sys.executable, "-c", code, "verify", "l4", "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 60
        while not (checks.LOG.exists() and "l4.polyak" in checks.LOG.read_text().split()):
            assert time.monotonic() < end, "waited for a minute"
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=60)
    assert process.returncode == 130, complained
    done = len(checks.LOG.read_text().split()) - 1
    assert f"Interrupted after {done} of " in said
    assert any(line.split()[:2] == ["l4.core_invariance", "proved"] for line in said.splitlines())
    assert "l4.polyak" not in said
    assert "Traceback" not in complained


def test_a_task_names_its_claim() -> None:
    found, _ = verify_claims(["l4.angle"], level="quick", seed=7, jobs=4, console=_quiet())
    assert found[0].command == "optdyn verify l4.angle --level quick --seed 7 --explain"
    assert found[0].about["number"]
    assert Task("l4.angle", "quick", 7).seed == 7


def verified(checks, checkpoint, perform):
    found, _ = verify_claims(
        IDS, level="quick", seed=0, jobs=1, console=_quiet(), checkpoint=checkpoint, perform=getattr(checks, perform)
    )
    return found


def test_the_same_command_goes_on_where_it_was_killed(checks, tmp_path, capsys):
    """A cut line, an edited verdict, another level and a crash are checked again; all else is not."""
    checkpoint = checkpoint_beside(tmp_path / "found.json", level="quick", seed=0)
    assert [found.verdict for found in verified(checks, checkpoint, "one_dies")] == ["proved", "crashed", "proved"]
    assert sorted(checkpoint.findings(IDS)) == ["l4.angle", "l4.core_invariance"]
    lines = [line for line in checkpoint.path.read_text().splitlines() if line]
    assert len(lines) == 2
    edited = lines[1].replace('"proved"', '"refuted"')
    checkpoint.path.write_text(f"{lines[0]}\n{edited}\n{lines[1][:40]}")
    first = json.loads(lines[0])["finding"]["id"]
    assert list(checkpoint.findings(IDS)) == [first]
    assert checkpoint_beside(tmp_path / "found.json", level="full", seed=0).findings(IDS) == {}
    checks.LOG.unlink()
    assert [found.verdict for found in verified(checks, checkpoint, "checked")] == ["proved"] * 3
    assert sorted(checks.LOG.read_text().split()) == sorted(set(IDS) - {first})
    assert "1 of 3 claims were checked before" in capsys.readouterr().err
    checkpoint.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_is_finished_leaves_no_checkpoint(optdyn, folder):
    assert optdyn("verify", "l4.angle", "--jobs", 1, "--json", "found.json").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["found.json"]
