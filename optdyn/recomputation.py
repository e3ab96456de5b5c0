"""A figure's file held against what its parameters give now."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dynamics.checks import Refusal
from optdyn.comparison import ROUNDING, departures, largest_ulps
from optdyn.provenance import compute_hash, data_hash, processor, versions
from optdyn.records_in_files import BROKEN, read_record
from optdyn.refusals import BadInput, reading
from plots.registry import entry

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["Recomputed", "read_dataset", "recompute"]

EQUAL, EQUAL_UP_TO_ROUNDING = "equal", "equal up to rounding"
AMPLIFIED, DIFFERENT = "differs, and this figure amplifies rounding", "differs"


class Recomputed(NamedTuple):
    """What came out: the verdict, in what it departs, and what has changed since the file was written."""

    figure: str
    verdict: str  # one of EQUAL, EQUAL_UP_TO_ROUNDING, AMPLIFIED, DIFFERENT
    departures: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the file is what its parameters give, rounding aside."""
        return self.verdict.startswith(EQUAL)


def recompute(path: Path) -> Recomputed:
    """Compute a figure again from the parameters in one of its files, and compare.

    Parameters
    ----------
    path : Path
        A picture, a film, a sidecar or a data file that `optdyn figure` wrote.

    Returns
    -------
    Recomputed
        Numbers are equal where all agree to the last bit, and equal up to rounding where none is further off than
        `optdyn.comparison.ROUNDING` units in the last place of its array's largest number. A data file is compared
        itself; for the others it is said where numbers depart if the NetCDF file lies beside them. A picture is drawn
        again too.

    Raises
    ------
    ValueError
        If the file carries no record, or a parameter in it exists no more.
    OSError
        If it cannot be read.
    """
    import plots

    record = read_record(path)
    require_known(path, record)
    made = plots.compute(record["figure"], **record["parameters"])
    numbers = _of_numbers(path, record, made)
    found = numbers or _of_file(path, record, made)
    verdict = _verdict(path, record, made, numbers) if found else EQUAL
    return Recomputed(record["figure"], verdict, tuple(found), tuple(_changes(record)))


def require_known(path: Path, record: Mapping[str, Any]) -> None:
    """Refuse a figure of a module that no paper announces, unless it has been named: no file says what is imported."""
    reference = record.get("reference", "")
    try:
        entry(record["figure"])
    except Refusal:
        if not reference:
            raise
        raise BadInput(
            f"{path} was made by {reference}, which no paper announces: if you trust it, name it too, as in "
            f"optdyn figure {reference} --verify {path}."
        ) from None


def _verdict(path: Path, record: Mapping[str, Any], made: "Dataset", numbers: list[str]) -> str:
    """What departures amount to."""
    import plots

    data = path if path.suffix.lower() == ".nc" else path.with_suffix(".nc")
    if not numbers or not data.is_file():
        return DIFFERENT
    stored = read_dataset(data)
    if data_hash(stored) != record["data_hash"]:
        return DIFFERENT  # altered by hand
    ulps = largest_ulps(stored, made)
    if ulps <= ROUNDING:
        return f"{EQUAL_UP_TO_ROUNDING} ({ulps:.3g} ulp)"
    return AMPLIFIED if plots.amplifies_rounding(record["figure"]) else DIFFERENT


def read_dataset(path: Path) -> "Dataset":
    """A figure's NetCDF file as `plots.compute` returned it, without the record that was written with it."""
    import xarray

    try:
        with reading(path):
            dataset = xarray.load_dataset(path, engine="scipy")
    except BROKEN as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{path} is damaged: it can't be read as NetCDF; remove it, or give another file.") from error
    dataset.attrs.pop("record", None)
    return dataset


def _of_numbers(path: Path, record: Mapping[str, Any], made: "Dataset") -> list[str]:
    """Departures of the numbers that the file stands for."""
    data = path if path.suffix.lower() == ".nc" else path.with_suffix(".nc")
    if path == data:
        stored = read_dataset(path)
        altered = data_hash(stored) != record["data_hash"]
        note = ["the file's numbers are not those that its own record speaks of: it was altered"] if altered else []
        return note + departures(stored, made)
    if data_hash(made) == record["data_hash"]:
        return []
    if data.is_file():
        stored = read_dataset(data)
        if data_hash(stored) == record["data_hash"]:
            return departures(stored, made)
    return [f"the numbers differ; {data.name}, which would say where, is not beside the file"]


def _of_file(path: Path, record: Mapping[str, Any], made: "Dataset") -> list[str]:
    """Departures of a table or a picture whose record has the right numbers."""
    from optdyn.films import FILMS
    from optdyn.writing import FORMATS, render, to_csv

    kind = path.suffix.lower().lstrip(".")
    with reading(path):
        content = path.read_bytes()
    if kind == "csv":
        return _of_lines(content.decode(errors="replace").splitlines(), to_csv(made).splitlines())
    if kind not in FORMATS or kind in FILMS:
        return []
    own = {name: value for name, value in record.items() if name not in ("files", "request")}
    if render(made, [kind], size=record["size"], made=own)[kind] == content:
        return []
    return ["the numbers are equal, but the picture is drawn differently now"]


def _of_lines(stored: list[str], made: list[str]) -> list[str]:
    if len(stored) != len(made):
        return [f"{len(stored)} lines on file, {len(made)} now"]
    unequal = [number for number, pair in enumerate(zip(stored, made, strict=True)) if pair[0] != pair[1]]
    if not unequal:
        return []
    first = unequal[0]
    cells = zip(stored[0].split(","), stored[first].split(","), made[first].split(","), strict=False)
    column, one, other = next((cell for cell in cells if cell[1] != cell[2]), ("?", stored[first], made[first]))
    return [f"{column}: {len(unequal)} lines differ, first line {first + 1}: {one} on file, {other} now"]


def _changes(record: Mapping[str, Any]) -> list[str]:
    """What is not as it was when the file was written, and may be why numbers differ."""
    changes = []
    if record.get("compute_hash") != compute_hash(record["figure"]):
        changes.append("the sources of the figure's numbers")
    before, now = record.get("versions", {}), versions()
    changes += [
        f"{name} {before.get(name, 'unknown')}, now {now[name]}" for name in now if before.get(name) != now[name]
    ]
    if "processor" in record and record["processor"] != processor():
        changes.append(f"processor {record['processor']}, now {processor()}")
    return changes
