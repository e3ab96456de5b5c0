"""What is said of two planted reports, and with which exit status."""

import copy
import json
from pathlib import Path

import pytest

from benchmarks import command, comparison
from benchmarks.machine import commit

MACHINE = {"processor": "P", "cores": 2, "load": 0.1, "compiler": "cc 1", "versions": {"numpy": "2.0"}}


def spread(median, half=0.02):
    return {"low": median * (1 - half), "median": median, "high": median * (1 + half)}


def row(case, time, over_c, half=0.02, peer="optdyn"):
    ratio = None if over_c is None else spread(over_c, half)
    return {"workload": "W1", "case": case, "peer": peer, "time": spread(time, half), "over_c": ratio}


def report(*rows, **others):
    return {"commit": "a", "date": "2026-01-01", "machine": copy.deepcopy(MACHINE), "times": list(rows)} | others


OLD = report(row("single", 100.0, 1.0), row("sweep", 50.0, 0.8), row("wide", 10.0, 1.0, half=0.4))


def verdicts(old, new):
    return {change.what: change.verdict for change in comparison.compared(old, new).changes}


def test_slower_and_faster_are_said_beyond_the_scatter_of_the_rounds():
    new = report(row("single", 100.0, 1.1), row("sweep", 50.0, 0.7), row("wide", 10.0, 1.3, half=0.4))
    assert verdicts(OLD, new) == {"W1 single": "slower", "W1 sweep": "faster", "W1 wide": "same"}


def test_a_little_is_nothing_however_little_the_rounds_scatter():
    old, new = (report(row("single", 1.0, ratio, half=1e-4)) for ratio in (1.0, 1.02))
    assert verdicts(old, new) == {"W1 single": "same"}
    assert verdicts(old, report(row("single", 1.0, 1.04, half=1e-4))) == {"W1 single": "slower"}


def test_the_ratio_to_c_counts_and_not_the_time_of_a_machine_that_is_busy():
    assert verdicts(OLD, report(row("single", 170.0, 1.0))) == {"W1 single": "same"}


def test_without_c_times_are_compared_on_one_kind_of_machine_alone():
    new = report(row("single", 170.0, None))
    assert verdicts(OLD, new) == {"W1 single": "slower"}
    new["machine"]["processor"] = "Q"
    found = comparison.compared(OLD, new)
    assert not found.changes
    assert "before on P, 2 cores, wall clock; now on Q, 2 cores, wall clock" in found.differing[0]


def test_other_peers_may_do_as_they_like_and_other_versions_are_named():
    new = report(row("single", 100.0, 1.0), row("single", 900.0, 9.0, peer="jax"))
    new["machine"]["versions"] = {"numpy": "3.0"}
    found = comparison.compared(report(row("single", 100.0, 1.0), row("single", 1.0, 1.0, peer="jax")), new)
    assert [(change.what, change.verdict) for change in found.changes] == [("W1 single", "same")]
    assert found.differing == ["other versions: numpy 2.0 → 3.0."]


def test_each_section_has_rows_that_are_compared():
    sections = {
        "sizes": [{"what": "W1, dimension", "size": 3, **row("", 1.0, 1.0)}],
        "bandwidth": [{"what": "W1", "peer": "optdyn", "threads": 2, "over_read": spread(1.1)}],
        "calls": [{"method": "Adam", "problem": "carmon", "time": spread(0.1)}],
        "updates": [{"method": "adam", "parameters": 1000, "over_sgd": spread(1.5)}],
        "latency": [{"peer": "optdyn", "cold": spread(1.9), "warm": spread(0.6)}],
    }
    made = verdicts(report(**sections), report(**sections))
    assert made == dict.fromkeys(
        ("sizes W1, dimension 3", "bandwidth W1 2", "calls Adam carmon", "updates adam 1000", "latency cold",
         "latency warm"), "same",
    )  # fmt: skip


@pytest.fixture
def files(tmp_path):
    def write(**reports):
        for name, made in reports.items():
            command.written(made, tmp_path / f"{name}.json")
        return [str(tmp_path / f"{name}.json") for name in reports]

    return write


def test_the_exit_status_says_whether_something_is_slower(files, capsys):
    paths = files(old=OLD, slow=report(row("single", 1.0, 1.2)), fast=report(row("sweep", 1.0, 0.7)))
    assert command.main(["--compare", paths[0], paths[1]]) == 1
    out = capsys.readouterr().out
    [line] = [line for line in out.splitlines() if line.strip().startswith("W1 single")]
    assert line.split()[-2:] == ["1.20", "slower"]
    assert "Not measured now: W1 sweep, W1 wide." in out
    assert command.main(["--compare", paths[0], paths[2]]) == 0


def test_what_can_not_be_compared_is_a_sentence_before_anything_is_measured(files, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "run", lambda *_: pytest.fail("measured"))
    (tmp_path / "other.json").write_text('{"a": 1}')
    for path, said in ((tmp_path / "none.json", "can't be read (No such file"), (tmp_path / "other.json", "no report")):
        assert command.main(["--compare", str(path)]) == 2
        assert said in capsys.readouterr().err
    paths = files(old=OLD, apart=report(row("of another case", 1.0, 1.0)))
    assert command.main(["--compare", *paths]) == 2
    assert "nothing in common" in capsys.readouterr().err


def test_the_command_refuses_what_makes_no_sense(capsys):
    for given, said in (
        (["--compare", "a", "b", "c"], "an old and a new one"),
        (["--add"], "give both"),
        (["--sections", "tides"], "there is no section tides"),
    ):
        with pytest.raises(SystemExit, match="2"):
            command.main(given)
        assert said in capsys.readouterr().err


def test_pieces_of_a_report_are_added_to_one_another(files):
    new = report(row("single", 90.0, 0.9), calls=[{"method": "Adam", "problem": "carmon", "time": spread(0.1)}])
    made = comparison.joined(OLD, new)
    assert [(r["case"], r["time"]["median"]) for r in made["times"]] == [("single", 90.0), ("sweep", 50), ("wide", 10)]
    assert made["calls"] == new["calls"]
    [path] = files(joined=made)
    assert json.loads(Path(path).read_text()) == made
    for other in (new | {"commit": "b"}, new | {"clock": "processor"}, new | {"machine": MACHINE | {"cores": 4}}):
        with pytest.raises(ValueError, match="the report to add to is of another"):
            comparison.joined(OLD, other)


def test_sizes_are_drawn_where_there_are_any(tmp_path, capsys, monkeypatch):
    sized = [{"what": "W1, dimension", "size": size, **row("", 1.0, over_c)} for size, over_c in ((10, 1.2), (3, 1.6))]
    monkeypatch.setattr(command, "run", lambda *_: report(sizes=sized))
    figure = tmp_path / "curves.svg"
    assert command.main(["--figure", str(figure)]) == 0
    assert "<svg" in figure.read_text()
    monkeypatch.setattr(command, "run", lambda *_: OLD)
    assert command.main(["--figure", str(tmp_path / "none.svg")]) == 2
    assert "no sizes to draw" in capsys.readouterr().err
    assert not (tmp_path / "none.svg").exists()


def test_reports_of_the_history_are_read_and_name_their_commit():
    kept = sorted((Path(command.__file__).parent / "history").glob("*.json"))
    assert kept
    for path in kept:
        made = comparison.read(path)
        assert {"commit", "date", "machine"} <= made.keys()
        assert comparison.compared(made, made).changes
        assert not comparison.compared(made, made).slower
    assert commit() is None or len(commit().rstrip("+")) == 40
