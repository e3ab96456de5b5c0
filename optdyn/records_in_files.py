"""The record inside a figure's file, whatever kind of file it is."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

from optdyn.refusals import BadFile, BadInput, reading

__all__ = ["BROKEN", "read_record"]

# What files of any content make of the libraries that read them.
BROKEN = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    SyntaxError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    AssertionError,
)


def read_record(path: Path) -> dict[str, Any]:
    """The record that a picture, a sidecar or a data file carries; a CSV's is in the sidecar beside it.

    Parameters
    ----------
    path : Path
        Ending in .json, .nc, .csv, .png, .pdf, .svg or .gif; of an MP4 the sidecar is read.

    Returns
    -------
    dict
        What `optdyn.provenance.record` made.

    Raises
    ------
    ValueError
        If the file is of another kind, or carries no record.
    OSError
        If it cannot be read.
    """
    readers: dict[str, Callable[[Path], str]] = {
        ".json": lambda path: path.read_text(encoding="utf-8"),
        ".nc": _from_netcdf,
        ".csv": _from_sidecar,
        ".png": _from_png,
        ".pdf": _from_pdf,
        ".svg": _from_svg,
        ".gif": _from_gif,
        ".mp4": _from_sidecar,
    }
    if path.suffix.lower() not in readers:
        raise BadInput(f"{path}: the ending {path.suffix!r} is none of a figure's files: " + ", ".join(readers) + ".")
    with reading(path):
        there = path.is_file()
    if not there:
        raise BadFile(f"{path}: no such file; give another path.")
    try:
        with reading(path):
            text = readers[path.suffix.lower()](path)
        record = json.loads(text)
        kinds = {"figure": str, "parameters": dict, "data_hash": str, "size": str}
        if kinds.keys() <= record.keys():
            if not all(isinstance(record[name], kind) for name, kind in kinds.items()):
                raise ValueError("parts of the record are of another kind")
            if not isinstance(record.get("versions", {}), dict):
                raise ValueError("the versions are no names and numbers")
            return dict(record)
    except BadInput:
        raise
    except BROKEN as error:
        raise BadInput(f"{path} is damaged or was not written by optdyn: it carries no record.") from error
    raise BadInput(f"{path} is no figure's file: its record names no figure; give what optdyn figure wrote.")


def _from_sidecar(path: Path) -> str:
    sidecar = path.with_suffix(".json")
    if not sidecar.is_file():
        raise BadFile(f"{path} carries no record itself, and {sidecar.name} is not beside it.")
    return sidecar.read_text(encoding="utf-8")


def _from_netcdf(path: Path) -> str:
    import xarray

    with xarray.open_dataset(path, engine="scipy") as dataset:
        return str(dataset.attrs["record"])


def _from_png(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as picture:
        return str(picture.info["Description"])


def _from_gif(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as picture:
        return bytes(picture.info["comment"]).decode()


def _from_svg(path: Path) -> str:
    found = ElementTree.parse(path).find(".//{http://purl.org/dc/elements/1.1/}description")
    if found is None or found.text is None:
        raise ValueError("the metadata have no description")
    return found.text


def _from_pdf(path: Path) -> str:
    found = re.search(rb"/Subject \(((?:[^\\()]|\\.)*)\)", path.read_bytes(), re.DOTALL)
    if found is None:
        raise ValueError("the document has no subject")
    escapes = {b"n": b"\n", b"r": b"\r"}
    return re.sub(rb"\\(.)", lambda escape: escapes.get(escape[1], escape[1]), found[1], flags=re.DOTALL).decode()
