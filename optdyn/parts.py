"""The parts of a reproduction: figures and claims, each made on its own, recorded, and reused while nothing changed."""

import functools
import hashlib
import json
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from optdyn.provenance import source_hash, users_package, versions
from optdyn.shells import joined
from optdyn.writing import write_files

if TYPE_CHECKING:
    from theory.claims.known import Found

__all__ = [
    "Part",
    "Product",
    "Result",
    "every_part",
    "finished",
    "formula_file",
    "found_so_far",
    "keep",
    "perform",
    "picture_file",
]

RECORDS = "parts"  # folder of the records, below that of the report
PICTURES = "pictures"  # folder of the claims' pictures
FORMULAS = "formulas"  # folder of the pictures of their statements
SEED = 0


class Product(NamedTuple):
    """What a part's work hands over: numbers and words for the report, and the files that it wrote."""

    content: Mapping[str, Any]
    files: tuple[str, ...] = ()  # relative to the report's folder
    verdict: str = ""
    is_wrong: bool = False  # whether the exit status has to tell


class Part(NamedTuple):
    """A figure or a claim to be worked out. `work(id, request, folder)` runs in a process of its own."""

    kind: str
    id: str
    request: Mapping[str, Any]
    about: Mapping[str, Any]
    command: str
    work: Callable[[str, Mapping[str, Any], Path], Product]
    reference: str = ""  # the module or file of what no paper announces
    package: str = ""  # whose sources count too
    is_last: bool = False  # whether it uses what others have found
    family: str = ""  # of those that share work in a process

    @property
    def key(self) -> str:
        """The part's name among all parts."""
        return f"{self.kind}-{self.id}"


class Result(NamedTuple):
    """How a part ended."""

    outcome: str  # done, failed or pending
    content: Mapping[str, Any] = {}
    files: Mapping[str, str] = {}  # SHA-256 by name
    verdict: str = ""
    is_wrong: bool = False
    seconds: float = 0.0
    traceback: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the part is done and has nothing to report to the exit status."""
        return self.outcome == "done" and not self.is_wrong


def every_part(patterns: Sequence[str] = (), *, quick: bool) -> tuple[Part, ...]:
    """All figures and all claims, or those that patterns fit: papers, ids, modules, files.

    Raises
    ------
    ValueError
        If a pattern fits neither a figure nor a claim.

    Examples
    --------
    >>> parts = every_part(quick=True)
    >>> sorted({part.kind for part in parts}), parts[0].id in parts[0].command
    (['claim', 'figure'], True)
    >>> {part.id.split(".")[0] for part in every_part(["l4"], quick=True)}
    {'l4'}
    """
    from optdyn.chosen import chosen_parts

    figures, claims = chosen_parts(patterns)
    return (
        *(_of_figure(id, reference, quick) for id, reference in figures.items()),
        *(_of_claim(id, reference, "quick" if quick else "full") for id, reference in claims.items()),
    )


def _of_figure(id: str, reference: str, quick: bool) -> Part:
    from dynamics.papers import owner, papers
    from plots.registry import entry

    line = entry(id)
    return Part(
        "figure",
        id,
        {"parameters": dict(line.quick) if quick else {}},
        {
            "title": line.title,
            "paper": line.paper,
            "of": papers()[owner(id)].source if owner(id) else line.paper,
            "claims": list(line.claims),
        },
        joined(["optdyn", "figure", reference or id, *(["--quick"] if quick else [])]),
        make_figure,
        reference,
        users_package(line.module),
        line.checks,
    )


def _of_claim(id: str, reference: str, level: str) -> Part:
    from optdyn.findings import about, command_for
    from theory.claims import claim

    entry = claim(id)
    return Part(
        "claim",
        id,
        {"level": level, "seed": SEED},
        about(entry),
        command_for(reference or id, level=level, seed=SEED),
        check_claim,
        reference,
        users_package(entry.decide.__module__),
        family=entry.decide.__module__,
    )


def make_figure(id: str, request: Mapping[str, Any], folder: Path) -> Product:
    """Compute, draw and write a figure, with its film if it has one."""
    import plots
    from optdyn.writing import write_figure
    from plots.registry import entry
    from theory.claims.known import known_from

    with known_from(functools.partial(found_so_far, folder)):
        dataset = plots.compute(id, **request["parameters"])
    paths = write_figure(dataset, folder / "figures", formats=("png", "pdf", *["gif"] * entry(id).moves))
    sidecar = json.loads(paths[-1].read_text())
    return Product(sidecar, tuple(path.relative_to(folder).as_posix() for path in paths))


def found_so_far(folder: Path, id: str, level: str, seed: int) -> "Found | None":
    """What the same reproduction has found of a claim, if it has come to it."""
    from theory.claims.known import Found

    part = _of_claim(id, "", level)
    result = finished(part, folder) if seed == SEED else None
    if result is None:
        return None
    evidence = result.content["evidence"]
    tightness = evidence["tightness"]
    if isinstance(tightness, str):  # an infinity
        return None
    return Found(evidence["verdict"], tightness, evidence["trials"])


def check_claim(id: str, request: Mapping[str, Any], folder: Path) -> Product:
    """Check a claim against its verdict on file, set its statement, and draw the picture that it may have."""
    from optdyn.findings import CRASHED, examine
    from optdyn.picture import claim_picture
    from plots.claims import drawable
    from theory.claims import claim
    from theory.claims.formulas import svg

    entry = claim(id)
    found = examine(entry, level=request["level"], seed=request["seed"])
    if found.verdict == CRASHED:
        raise CheckCrashed(found.traceback)
    files: tuple[str, ...] = ()
    content = found._asdict()
    formula = svg(entry.statement_latex)
    if formula is not None:
        files += (formula_file(id),)
        write_files(folder / FORMULAS, {f"{id}.svg": formula})
    picture = drawable(entry, found.evidence["data"])
    if picture is not None and not found.is_wrong:  # other numbers may be there where the verdict is another
        files += (picture_file(id),)
        write_files(folder / PICTURES, {f"{id}.svg": claim_picture(picture.draw, found.evidence["data"])})
        content["caption"] = picture.caption
    return Product(content, files, verdict=found.verdict, is_wrong=found.is_wrong)


def picture_file(id: str) -> str:
    """Where a claim's picture lies in the folder of the report.

    Examples
    --------
    >>> picture_file("l4.floor")
    'pictures/l4.floor.svg'
    """
    return f"{PICTURES}/{id}.svg"


def formula_file(id: str) -> str:
    """Where the picture of a claim's statement lies in the folder of the report.

    Examples
    --------
    >>> formula_file("l4.floor")
    'formulas/l4.floor.svg'
    """
    return f"{FORMULAS}/{id}.svg"


class CheckCrashed(Exception):
    """A claim's check raised; the text is its traceback."""


def perform(task: tuple[Part, Path]) -> Result:
    """Work a part out; whatever goes wrong ends up in the result."""
    part, folder = task
    began = time.perf_counter()
    try:
        if part.reference:
            adopt(part.kind, part.reference)
        made = part.work(part.id, part.request, folder)
        files = {name: _digest(folder / name) for name in made.files}
    except CheckCrashed as error:
        return Result("failed", seconds=time.perf_counter() - began, traceback=str(error))
    except Exception:
        return Result("failed", seconds=time.perf_counter() - began, traceback=traceback.format_exc())
    seconds = time.perf_counter() - began
    return Result("done", made.content, files, made.verdict, made.is_wrong, seconds)


def adopt(kind: str, reference: str) -> None:
    """Make what a module or file has known in this process."""
    from plots.registry import adopt_figures
    from theory.claims.collection import adopt_claims

    (adopt_figures if kind == "figure" else adopt_claims)(reference)


def keep(part: Part, result: Result, folder: Path) -> None:
    """Write down a result that is done, so that a later reproduction finds it."""
    if result.outcome == "done":
        record = {**_wanted(part), **result._asdict()}
        text = json.dumps({**record, "seal": _seal(record)}, indent=1, ensure_ascii=False)
        write_files(folder / RECORDS, {f"{part.key}.json": text.encode()})


def finished(part: Part, folder: Path) -> Result | None:
    """The result on disk, if it was made by the same sources from the same request and its files are as they were."""
    try:
        record = _record(part, folder)
        wanted = _wanted(part)
        seal = record.pop("seal")
        if seal != _seal(record) or {name: record[name] for name in wanted} != wanted:
            return None
        result = Result(**{name: record[name] for name in Result._fields})
        unchanged = all(_digest(folder / name) == digest for name, digest in result.files.items())
        return result if unchanged else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # missing, damaged or from another version
        return None


def _record(part: Part, folder: Path) -> Any:
    return json.loads((folder / RECORDS / f"{part.key}.json").read_text())


def _seal(record: Mapping[str, Any]) -> str:
    """What shows that a record was edited by hand, such as a verdict in it."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _wanted(part: Part) -> dict[str, Any]:
    request = json.loads(json.dumps(dict(part.request)))  # as it will be read back: lists for tuples
    libraries = versions()
    return {"part": part.key, "request": request, "source_hash": source_hash(part.package), "versions": libraries}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
