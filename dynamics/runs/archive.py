"""Arrays and a JSON header in one file, of which a reader believes nothing: sizes and types are checked before use."""

import ast
import json
import math
import os
import re
import secrets
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from dynamics.checks import FileRefusal, Refusal

_MAGIC = re.compile(rb"\x93NUMPY[\x01\x02]\x00")


class DamagedError(Exception):
    """An archive that can't be read to its end, or holds what no archive of ours would."""


def write(path: Path, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write an archive under a temporary name, then rename it, so that no half of it is ever found.

    Raises
    ------
    FileRefusal
        If it can't be written; nothing is left behind then.
    """
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    # Not tempfile: its files are for their owner alone. By chance: the leftover of a killed process is in no one's way.
    temporary = path.parent / f".{secrets.token_hex(8)}.partial"
    try:
        with open(temporary, "xb") as file:
            np.savez(file, header=text, **arrays)  # type: ignore[arg-type]
        os.replace(temporary, path)
    except OSError as error:
        raise FileRefusal(f"cannot write {path}: {error.strerror or error}; give another file.") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays of an archive.

    Raises
    ------
    DamagedError
        If it is damaged. A file that can't be opened raises what `open` raises.
    """
    with open(path, "rb") as file:
        try:
            arrays = _arrays(file)
            header = json.loads(arrays.pop("header").tobytes())
        except _BROKEN as error:
            raise DamagedError(f"it is no archive that can be read: {type(error).__name__}") from error
    if not isinstance(header, dict):
        raise DamagedError("its header is no table")
    return header, arrays


# What zip files, headers and texts of any content make of the libraries that read them.
_BROKEN: tuple[type[Exception], ...] = (
    OSError,
    ValueError,
    LookupError,
    EOFError,
    ArithmeticError,
    AttributeError,
    TypeError,
    RuntimeError,
    SyntaxError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)


def _arrays(file: IO[bytes]) -> dict[str, np.ndarray]:
    size = os.fstat(file.fileno()).st_size
    found: dict[str, np.ndarray] = {}
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            # Ours are not compressed, so a small file holds no large arrays.
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > size:
                raise Refusal("packed")
            found[entry.filename.removesuffix(".npy")] = _array(archive.read(entry))
    return found


def _array(data: bytes) -> np.ndarray:
    """The array in the bytes of an .npy file, of numbers, exactly as long as its header says."""
    if not _MAGIC.match(data):
        raise Refusal("magic")
    begin, length = (10, data[8:10]) if data[6] == 1 else (12, data[8:12])
    end = begin + int.from_bytes(length, "little")
    if end - begin > 10_000:
        raise Refusal("header")
    told = ast.literal_eval(data[begin:end].decode("latin1"))
    dtype, shape = np.dtype(str(told["descr"])), tuple(told["shape"])
    if dtype.kind not in "fiub" or not all(type(length) is int and length >= 0 for length in shape):
        raise Refusal("type")
    if math.prod(shape) * dtype.itemsize != len(data) - end:
        raise Refusal("size")
    flat = np.frombuffer(data, dtype, offset=end)
    return flat.reshape(shape, order="F" if told["fortran_order"] else "C").copy()


def packed(value: Any, arrays: dict[str, np.ndarray], name: str, public: Callable[[type], str]) -> Any:
    """`value` as JSON; arrays go to `arrays` under their path, NamedTuple classes are named by `public`."""
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    if hasattr(type(value), "_fields"):
        kind: Any = type(value)
        parts = zip(kind._fields, value, strict=True)
        fields = {key: packed(part, arrays, f"{name}.{key}", public) for key, part in parts}
        return {"class": public(kind), "fields": fields}
    if isinstance(value, list | tuple):
        entries = [packed(part, arrays, f"{name}.{i}", public) for i, part in enumerate(value)]
        return {"tuple" if isinstance(value, tuple) else "list": entries}
    if isinstance(value, dict):
        return {"dict": {key: packed(part, arrays, f"{name}.{key}", public) for key, part in value.items()}}
    if isinstance(value, np.generic):
        return value.item()
    return value if value is None or isinstance(value, str | bool | int | float) else float(value)


def unpacked(value: Any, arrays: dict[str, np.ndarray], known: Callable[[str], Any]) -> Any:
    """What `packed` made JSON of; `known` finds the classes, whose own code is not run."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    form, *others = value
    content = value[form]
    if form == "array" and not others:
        return arrays[content]
    if form == "list" and not others:
        return [unpacked(part, arrays, known) for part in content]
    if form == "tuple" and not others:
        return tuple(unpacked(part, arrays, known) for part in content)
    if form == "dict" and not others:
        return {key: unpacked(part, arrays, known) for key, part in content.items()}
    if form == "class" and others == ["fields"]:
        kind = known(content)
        if tuple(value["fields"]) != kind._fields:
            raise DamagedError(f"the fields of {content} are ({', '.join(kind._fields)}), and it has others")
        return tuple.__new__(kind, (unpacked(part, arrays, known) for part in value["fields"].values()))
    raise DamagedError(f"it holds a {form}")
