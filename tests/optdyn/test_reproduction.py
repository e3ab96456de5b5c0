"""Parts worked out, reused, and gone on with."""

import dataclasses
import io
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

import plots
import theory.claims
from optdyn.parts import Part, Result, every_part, finished, found_so_far, keep, perform
from optdyn.reproduction import reproduce
from optdyn.workers import LAST
from theory.claims import Evidence, Verdict
from theory.claims.known import found_by


def _quiet() -> Console:
    return Console(file=io.StringIO(), width=200)


def _log(folder: Path) -> list[str]:
    return (folder / "log.txt").read_text().split()


def test_one_broken_part_does_not_stop_the_others(fake: Any, tmp_path: Path) -> None:
    output = io.StringIO()
    parts = [fake.figure("one"), fake.figure("two", fake.crash), fake.claim("three")]
    results, interrupted = reproduce(parts, tmp_path, jobs=1, console=Console(file=output, width=200))
    assert not interrupted
    assert [results[part.key].outcome for part in parts] == ["done", "failed", "done"]
    assert "RuntimeError: the pencil <broke>" in results["figure-two"].traceback
    printed = output.getvalue()
    assert "contradicts" not in printed
    assert "failed  figure two: RuntimeError: the pencil <broke>" in printed
    assert "done    claim three: proved" in printed


def test_finished_parts_are_reused_and_failed_ones_tried_again(fake: Any, tmp_path: Path) -> None:
    parts = [fake.figure("one", size=1), fake.figure("two", fake.crash), fake.claim("three")]
    first, _ = reproduce(parts, tmp_path, jobs=1, console=_quiet())
    second, _ = reproduce(parts, tmp_path, jobs=1, console=_quiet())
    assert _log(tmp_path) == ["one", "two", "three", "two"]
    assert second["figure-one"] == first["figure-one"]
    assert second["claim-three"] == first["claim-three"]


def test_other_parameters_make_a_part_anew(fake: Any, tmp_path: Path) -> None:
    for size in (1, 2, 2):
        reproduce([fake.figure("one", size=size)], tmp_path, jobs=1, console=_quiet())
    assert _log(tmp_path) == ["one", "one"]


@pytest.mark.parametrize("name", ["source_hash", "versions"])
def test_other_sources_or_versions_make_a_part_anew(
    name: str, fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = fake.claim("one")
    keep(part, perform((part, tmp_path)), tmp_path)
    assert finished(part, tmp_path) is not None
    changed: Any = "sha256:0" if name == "source_hash" else {"python": "2.7"}
    monkeypatch.setattr(f"optdyn.parts.{name}", lambda: changed)
    assert finished(part, tmp_path) is None


@pytest.mark.parametrize("damage", ["cut", "other", "picture changed", "picture gone"])
def test_a_record_that_does_not_fit_its_files_is_not_used(damage: str, fake: Any, tmp_path: Path) -> None:
    part = fake.figure("one")
    keep(part, perform((part, tmp_path)), tmp_path)
    record = tmp_path / "parts" / "figure-one.json"
    text = record.read_text()
    if damage == "cut":
        record.write_text(text[: len(text) // 2])
    elif damage == "other":
        record.write_text(json.dumps({"part": "figure-one"}))
    elif damage == "picture changed":
        (tmp_path / "square.svg").write_text("<svg/>")
    else:
        (tmp_path / "square.svg").unlink()
    assert finished(part, tmp_path) is None


def test_a_result_reads_back_as_it_was(fake: Any, tmp_path: Path) -> None:
    part = fake.claim("one", level="quick", sizes=[1, 2])
    made = perform((part, tmp_path))
    keep(part, made, tmp_path)
    assert made.verdict == "proved"
    assert finished(part, tmp_path) == made


def test_a_dead_worker_is_one_failed_part(fake: Any, tmp_path: Path) -> None:
    parts = [fake.figure("one", fake.die), fake.figure("two")]
    results, _ = reproduce(parts, tmp_path, jobs=1, console=_quiet())
    assert [results[part.key].outcome for part in parts] == ["failed", "done"]
    assert "exit code 9" in results["figure-one"].traceback


def test_numbers_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    wanted = {"figure-trust_region.6", "claim-l4.angle", "claim-problems.condition_number"}
    parts = [part for part in every_part(quick=True) if part.key in wanted]
    assert len(parts) == 3
    small = {"dimensions": [2, 5, 8], "samples": [1, 5, 10], "simulations": 5, "trials": 3}
    parts[0] = parts[0]._replace(request={"parameters": small})

    def without_time(jobs: int) -> list[Result]:
        results, _ = reproduce(parts, tmp_path / str(jobs), jobs=jobs, console=_quiet())
        return [_timeless(results[part.key]) for part in parts]

    one, two = without_time(1), without_time(2)
    assert [result.outcome for result in one] == ["done"] * 3
    assert one == two


def test_checks_of_one_file_are_given_to_one_process_and_what_uses_them_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def nothing(function: Any, tasks: Any, **options: Any) -> Any:
        given.update(zip((part.id for part, _ in tasks), options["families"], strict=True))
        yield from ()

    monkeypatch.setattr("optdyn.progress.work_off", nothing)
    parts = [
        part for part in every_part(quick=True) if part.id in ("l4.angle", "l4.floor", "arsg.1", "beyond.tightness")
    ]
    reproduce(parts, tmp_path, jobs=2, console=_quiet())
    assert given["beyond.tightness"] is LAST
    assert given["arsg.1"] is None
    assert given["l4.angle"] == given["l4.floor"] == "theory.claims.l4.stability"


def _timeless(result: Result) -> Result:
    content = {name: value for name, value in result.content.items() if name != "seconds"}
    return result._replace(seconds=0.0, content=content)


def test_every_figure_and_every_claim_is_a_part() -> None:
    parts = every_part(quick=False)
    assert [part.id for part in parts if part.kind == "figure"] == list(plots.figures())
    assert [part.id for part in parts if part.kind == "claim"] == [claim.id for claim in theory.claims.claims()]
    assert all(part.request == {"parameters": {}} for part in parts if part.kind == "figure")
    assert all(part.request["level"] == "full" for part in parts if part.kind == "claim")


def test_a_contradiction_counts_but_is_kept(fake: Any, tmp_path: Path) -> None:
    part: Part = fake.claim("one", fake.contradict)
    printed = io.StringIO()
    results, _ = reproduce([part], tmp_path, jobs=1, console=Console(file=printed, width=200))
    assert "claim one: proved  contradicts the verdict on file" in printed.getvalue()
    assert results[part.key].outcome == "done"
    assert not results[part.key].is_good
    assert finished(part, tmp_path) == results[part.key]


def test_the_check_of_a_claim_that_crashes_fails_its_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*arguments: Any) -> Any:
        raise ZeroDivisionError("no such number")

    changed = dataclasses.replace(theory.claims.claim("l4.angle"), decide=crash)
    monkeypatch.setattr(theory.claims, "claim", lambda _: changed)
    (part,) = (part for part in every_part(quick=True) if part.id == "l4.angle")
    result = perform((part, tmp_path))
    assert result.outcome == "failed"
    assert result.traceback.strip().endswith("ZeroDivisionError: no such number")


def test_the_picture_of_a_claim_is_drawn_from_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(data: Any) -> Figure:
        figure = Figure(figsize=(2, 2))
        figure.subplots().plot(data["steps"], [1.0, 2.0, 3.0])
        return figure

    def decide(level: str, rng: np.random.Generator) -> Evidence:
        return Evidence(verdict=Verdict.PROVED, text="counted", data={"steps": np.array([1, 2, 4])})

    changed = dataclasses.replace(theory.claims.claim("l4.angle"), decide=decide, picture=draw)
    monkeypatch.setattr(theory.claims, "claim", lambda _: changed)
    (part,) = (part for part in every_part(quick=True) if part.id == "l4.angle")
    result = perform((part, tmp_path))
    assert list(result.files) == ["formulas/l4.angle.svg", "pictures/l4.angle.svg"]
    first = (tmp_path / "pictures" / "l4.angle.svg").read_bytes()
    assert ElementTree.fromstring(first).tag.endswith("svg")
    assert perform((part, tmp_path)).files == result.files
    assert result.content["about"]["hypotheses"] == [entry.name for entry in changed.hypotheses]


def test_parts_that_took_long_before_start_first(fake: Any, tmp_path: Path, no_times_on_record: Path) -> None:
    parts = [fake.figure(id) for id in ("one", "two", "three")]
    before = dict(zip([part.command for part in parts], (1.0, 5.0, 3.0), strict=True))
    no_times_on_record.write_text(json.dumps(before))
    reproduce(parts, tmp_path / "report", jobs=1, console=_quiet())
    assert _log(tmp_path / "report") == ["two", "three", "one"]
    took = json.loads(no_times_on_record.read_text())
    assert took.keys() == before.keys()
    assert max(took.values()) < 1.0  # these draw nothing


def test_a_figure_that_uses_findings_comes_last_however_long_it_took(
    fake: Any, tmp_path: Path, no_times_on_record: Path
) -> None:
    parts = [fake.figure("one")._replace(is_last=True), fake.figure("two"), fake.figure("three")]
    no_times_on_record.write_text(json.dumps(dict(zip([part.command for part in parts], (9.0, 5.0, 3.0), strict=True))))
    reproduce(parts, tmp_path / "report", jobs=1, console=_quiet())
    assert _log(tmp_path / "report") == ["two", "three", "one"]
    assert [part.id for part in every_part(quick=True) if part.is_last] == ["beyond.tightness"]


def test_what_a_reproduction_has_found_of_a_claim_is_what_its_check_finds(tmp_path: Path) -> None:
    id = "problems.carmon_curvature"
    (part,) = (part for part in every_part(quick=True) if part.id == id)
    assert found_so_far(tmp_path, id, "quick", 0) is None
    result = perform((part, tmp_path))
    keep(part, result, tmp_path)
    found = found_so_far(tmp_path, id, "quick", 0)
    assert found == found_by(theory.claims.claim(id), "quick", 0)
    assert found is not None
    assert found.tightness is not None
    assert found_so_far(tmp_path, id, "quick", 1) is found_so_far(tmp_path, id, "full", 0) is None
    (tmp_path / "parts" / f"{part.key}.json").write_text("damaged")
    assert found_so_far(tmp_path, id, "quick", 0) is None


@pytest.mark.parametrize("edited", [{"verdict": "refuted"}, {"outcome": "<b>done</b>"}, {"seal": None}])
def test_an_edited_record_is_not_reused(fake: Any, tmp_path: Path, edited: dict[str, Any]) -> None:
    part = fake.claim("three")
    keep(part, perform((part, tmp_path)), tmp_path)
    assert finished(part, tmp_path) is not None
    path = tmp_path / "parts" / f"{part.key}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | edited))
    assert finished(part, tmp_path) is None
