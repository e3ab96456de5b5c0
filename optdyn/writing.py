"""Files of a figure: pictures, data and sidecar, all of them or none."""

import contextlib
import csv
import errno
import hashlib
import io
import itertools
import json
import os
import secrets
import tempfile
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import plots
from dynamics.checks import unknown
from optdyn.films import FILMS, check_films, render_film
from optdyn.provenance import as_line, record
from optdyn.refusals import BadFile, BadInput, reading

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

__all__ = ["FORMATS", "TABLES", "check_folder", "to_csv", "to_netcdf", "write_figure", "write_files"]

FORMATS = ("png", "pdf", "svg", *FILMS)
TABLES = ("nc", "csv")


def write_figure(
    dataset: "Dataset",
    folder: str | os.PathLike[str],
    *,
    formats: Iterable[str] = ("png",),
    tables: Iterable[str] = TABLES,
    size: str = "page",
    command: str | None = None,
    stem: str | None = None,
    request: Mapping[str, Any] | None = None,
) -> tuple[Path, ...]:
    """Draw a figure's dataset and write pictures, data (NetCDF and CSV) and a JSON sidecar.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `plots.compute` returned.
    folder : path
        Made if it does not exist.
    formats : iterable of {"png", "pdf", "svg", "gif", "mp4"}
        Pictures to write, and films of figures that have one; each carries the record in its own metadata.
    tables : iterable of {"nc", "csv"}
        Data files to write; NetCDF carries the record too.
    size : {"column", "page", "slide"}
        What the picture is drawn for.
    command : str, optional
        The command that was typed, for the sidecar.
    stem : str, optional
        File name without ending; by default the figure's id.
    request : mapping, optional
        The parameters that were asked for, the others being defaults; kept in the sidecar, so that the same request
        is recognised later.

    Returns
    -------
    tuple of Path
        The files, the sidecar last.

    Raises
    ------
    ValueError
        If there is no such format or size.
    OSError
        If the folder cannot be written; nothing is left behind then.

    Notes
    -----
    The sidecar is the record and, beside it, the SHA-256 of each file.
    """
    chosen = _known("picture format", formats, FORMATS)
    data = _known("data format", tables, TABLES)
    check_films(chosen)
    check_folder(folder)
    made = record(dataset, command=command, size=size)
    stem = stem or made["figure"]
    files = {f"{stem}.{name}": content for name, content in render(dataset, chosen, size=size, made=made).items()}
    if "nc" in data:
        files[f"{stem}.nc"] = to_netcdf(dataset, made)
    if "csv" in data:
        files[f"{stem}.csv"] = to_csv(dataset).encode()
    sidecar = made | {"files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}}
    if request is not None:
        sidecar["request"] = dict(request)
    files[f"{stem}.json"] = (json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n").encode()
    return write_files(folder, files)


def _known(kind: str, given: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(given))
    for name in chosen:
        if name not in known:
            raise BadInput(unknown(kind, name, known))
    return chosen


def render(dataset: "Dataset", formats: Iterable[str], *, size: str, made: Mapping[str, Any]) -> dict[str, bytes]:
    """The contents of the picture files by format; the same input gives the same bytes, with or without others.

    All show one drawing, laid out once: that takes most of the time.
    """
    from plots.printing import printed, printing
    from plots.style import for_print, laid_out, style

    text, title = as_line(made), made["title"]
    metadata: dict[str, dict[str, str | None]] = {
        "png": {"Title": title, "Description": text},
        "pdf": {"Title": title, "Subject": text, "CreationDate": None},
        "svg": {"Title": title, "Description": text, "Date": None},
    }
    chosen = tuple(formats)
    contents = {name: render_film(dataset, name, size=size, made=made) for name in chosen if name in FILMS}
    stills = [name for name in chosen if name not in FILMS]
    if stills:
        with style(size), printing(), for_print():
            picture = laid_out(plots.draw(dataset, size=size))
            contents |= {name: printed(picture, name, metadata[name]) for name in stills}
    return {name: contents[name] for name in chosen}


def to_netcdf(dataset: "Dataset", made: Mapping[str, Any]) -> bytes:
    """The dataset as a NetCDF 3 file, with the record as its attribute `record`."""
    return bytes(dataset.assign_attrs(record=as_line(made)).to_netcdf(engine="scipy"))


def to_csv(dataset: "Dataset") -> str:
    """All arrays of a dataset as one table.

    One row per cell of the arrays with the most dimensions; arrays over fewer of the same dimensions are
    repeated beside them. Arrays over other dimensions follow below, with the columns that they lack left
    empty. Numbers are written with all their digits.

    Examples
    --------
    >>> import xarray
    >>> print(to_csv(xarray.Dataset({"a": ("x", [0.1, 0.2]), "total": 0.3, "b": ("y", [7])}, {"x": [1, 2]})))
    x,a,total,y,b
    1,0.1,0.3,,
    2,0.2,0.3,,
    ,,,0,7
    <BLANKLINE>
    """
    blocks = [_block(dataset, names) for names in _groups(dataset)]
    columns = dict.fromkeys(column for block in blocks for column in block)
    buffer = io.StringIO()
    table = csv.writer(buffer, lineterminator="\n")
    table.writerow(columns)
    empty: Any = itertools.repeat("")  # a column that a block lacks
    for block in blocks:
        table.writerows(zip(*(block.get(column, empty) for column in columns), strict=False))
    return buffer.getvalue()


def _groups(dataset: "Dataset") -> list[list[str]]:
    """Names of the arrays that share rows, the one with all the dimensions of its group first."""
    groups: list[list[str]] = []
    for name in sorted(map(str, dataset.data_vars), key=lambda name: -dataset[name].ndim):
        for group in groups:
            if set(dataset[name].dims) <= set(dataset[group[0]].dims):
                group.append(name)
                break
        else:
            groups.append([name])
    return groups


def _block(dataset: "Dataset", names: list[str]) -> dict[str, list[str]]:
    """Columns of one group: its dimensions, then its arrays, each as long as the group has cells."""
    whole = dataset[names[0]]
    arrays = {str(dimension): dataset[dimension] for dimension in whole.dims} | {name: dataset[name] for name in names}
    return {name: _cells(array, whole.sizes) for name, array in arrays.items()}


def _cells(array: "DataArray", sizes: Mapping[Hashable, int]) -> list[str]:
    """An array as text, repeated along the dimensions that it lacks: to write a number down takes longest."""
    from xarray import Variable

    texts = ["" if cell is None else str(cell) for cell in array.values.ravel().tolist()]
    written = Variable(array.dims, np.array(texts, dtype=object).reshape(array.shape))
    return list(written.set_dims(dict(sizes)).values.ravel().tolist())


def check_folder(folder: str | os.PathLike[str]) -> None:
    """Refuse a folder that cannot be written, before any work is done for it.

    Raises
    ------
    OSError
        With one sentence that says why.
    """
    path = Path(folder)
    with reading(path):  # a name may be too long to be looked for
        nearest = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    if not nearest.is_dir():
        raise BadFile(f"cannot write to {path}: {nearest} is a file; choose another folder.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise BadFile(f"cannot write to {path}: no permission in {nearest}; choose another folder.")
    try:  # some folders, such as those in /proc, take no files, whoever asks
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:
        raise BadFile(
            f"cannot write to {path}: {nearest} takes no files ({error.strerror or error}); choose another folder."
        ) from error


def write_files(folder: str | os.PathLike[str], files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write files so that each appears whole, and none if one of them cannot be written.

    Parameters
    ----------
    folder : path
        Made if it does not exist, and removed again if nothing could be written.
    files : mapping of str to bytes
        Contents by file name.

    Returns
    -------
    tuple of Path
        The files in the order given; existing ones are replaced.

    Raises
    ------
    OSError
        With one sentence that says why.
    """
    check_folder(folder)
    path = Path(folder)
    new_folders = [parent for parent in (path, *path.absolute().parents) if not parent.exists()]
    partial = {name: path / f".{secrets.token_hex(8)}.partial" for name in files}
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name in files:
            if (path / name).is_dir():
                raise IsADirectoryError(errno.EISDIR, f"{name} is a folder there")
        for name, content in files.items():
            partial[name].write_bytes(content)
        for name in files:
            partial[name].replace(path / name)
    except OSError as error:
        raise BadFile(f"cannot write to {path}: {error.strerror or error}; choose another folder.") from error
    finally:
        for leftover in partial.values():
            with contextlib.suppress(OSError):
                leftover.unlink()
        for empty in new_folders:
            with contextlib.suppress(OSError):
                empty.rmdir()  # refused where something was written
    return tuple(path / name for name in files)
