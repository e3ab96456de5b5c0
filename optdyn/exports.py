"""Single files that commands write: findings as JSON or JUnit, runs as archives or tables."""

import json
import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from optdyn.findings import CRASHED, Finding
from optdyn.refusals import BadFile, BadInput, reading
from optdyn.writing import check_folder, write_files

if TYPE_CHECKING:
    from dynamics import Trajectory

PICTURE_ENDINGS = (".png", ".pdf", ".svg")
LONGEST_NAME = 255  # bytes

__all__ = [
    "PICTURE_ENDINGS",
    "RUN_ENDINGS",
    "check_file",
    "findings_to_json",
    "findings_to_junit",
    "write_file",
    "write_run",
]


def check_file(path: Path, endings: Sequence[str] = ()) -> None:
    """Refuse a file that cannot be written or has none of the endings, before any work is done for it.

    Examples
    --------
    >>> check_file(Path("run.txt"), (".npz", ".nc"))
    Traceback (most recent call last):
    optdyn.refusals.BadInput: run.txt: the ending says what is written, and '.txt' is none of .npz, .nc; try run.npz.
    """
    if not path.name or path.name == "..":
        raise BadFile(f"cannot write to {path}: it is a folder; give a file name.")
    if endings and path.suffix.lower() not in endings:
        raise BadInput(
            f"{path}: the ending says what is written, and {path.suffix!r} is none of {', '.join(endings)}; "
            f"try {path.with_suffix(endings[0])}."
        )
    if len(os.fsencode(path.name)) > LONGEST_NAME:
        raise BadInput(
            f"{path.name[:40]}…: the name has {len(os.fsencode(path.name))} bytes, and file systems take "
            f"{LONGEST_NAME}; give a shorter one."
        )
    check_folder(path.parent)
    if path.is_symlink() and not path.exists():
        raise BadInput(f"{path} is a link to {os.readlink(path)}, which is not there; remove it or give another file.")
    if path.exists() and not path.is_dir() and not path.is_file():
        raise BadInput(f"{path} is no ordinary file (a pipe or a device), and would be replaced; give another file.")
    if path.is_dir():
        raise BadFile(f"cannot write to {path}: it is a folder; give a file name.")


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, making its folder where there is none."""
    write_files(path.parent, {path.name: content})


def findings_to_json(findings: Sequence[Finding], *, level: str, seed: int, complete: bool = True) -> bytes:
    """The findings of `optdyn verify`, where they come from, and whether they are all that were asked for."""
    from optdyn.provenance import source_hash, versions

    content = {
        "level": level,
        "seed": seed,
        "complete": complete,
        "source_hash": source_hash(),
        "versions": versions(),
        "findings": [finding._asdict() for finding in findings],
    }
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def findings_to_junit(findings: Sequence[Finding]) -> bytes:
    """The findings in the form that build servers read: a crash is an error, a contradiction a failure.

    Examples
    --------
    >>> made = Finding("l4.angle", "proved", "proved", False, {"text": "a sum of squares"}, 0.5)
    >>> b'failures="0"' in findings_to_junit([made])
    True
    """
    from optdyn.story import as_text, story  # only now: a run needs no theory

    suite = ElementTree.Element(
        "testsuite",
        name="optdyn verify",
        tests=str(len(findings)),
        failures=str(sum(finding.contradicts for finding in findings)),
        errors=str(sum(finding.verdict == CRASHED for finding in findings)),
        time=f"{sum(finding.seconds for finding in findings):.3f}",
    )
    for finding in findings:
        paper, _, name = finding.id.partition(".")
        case = ElementTree.SubElement(suite, "testcase", classname=paper, name=name, time=f"{finding.seconds:.3f}")
        told = {label: _printable(as_text(value)) for label, value in story(finding)}
        properties = ElementTree.SubElement(case, "properties")
        for label, value in told.items():
            ElementTree.SubElement(properties, "property", name=_printable(label), value=value)
        text = "\n".join(f"{label}: {value}" for label, value in told.items())
        if finding.verdict == CRASHED:
            last = finding.traceback.strip().splitlines()[-1]
            ElementTree.SubElement(case, "error", message=_printable(last)).text = text
        elif finding.contradicts:
            message = f"{finding.verdict}, but {finding.recorded} is on file"
            ElementTree.SubElement(case, "failure", message=message).text = text
        else:
            ElementTree.SubElement(case, "system-out").text = text
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _printable(text: str) -> str:
    """Without the control characters that XML cannot carry."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "?", text)


def write_run(run: "Trajectory", path: Path) -> None:
    """Write a run in the form that the file's ending names, one of `RUN_ENDINGS`."""
    with reading(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    RUN_ENDINGS[path.suffix.lower()](run, path)


def _to_archive(run: "Trajectory", path: Path) -> None:
    run.save(path)


def _to_netcdf(run: "Trajectory", path: Path) -> None:
    write_file(path, bytes(run.to_dataset().to_netcdf(engine="scipy")))


def _to_csv(run: "Trajectory", path: Path) -> None:
    from optdyn.writing import to_csv

    write_file(path, to_csv(run.to_dataset()).encode())


RUN_ENDINGS: Mapping[str, Callable[["Trajectory", Path], None]] = {
    ".npz": _to_archive,
    ".nc": _to_netcdf,
    ".csv": _to_csv,
}
