"""A sweep on disk: zarr, a chunk a block, and for each block an entry of the manifest that says what it holds."""

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from dynamics.checks import Refusal
from dynamics.sweeps.description import digest, listed_from
from dynamics.sweeps.extras import needs
from dynamics.sweeps.forms import Form
from dynamics.sweeps.layout import Layout, content, layout_from

FORMAT = "optdyn sweep 1"
MANIFEST = "manifest"


@dataclass(frozen=True)
class Store:
    """A store that is open: where it is, what it says of itself, and its layout."""

    path: Path
    told: Mapping[str, Any]
    layout: Layout

    def forms(self) -> dict[str, Form]:
        """The arrays along its runs, in the order in which they are hashed."""
        return {
            name: Form(form["dtype"], tuple(form["shape"]), form["attributes"])
            for name, form in sorted(self.told["arrays"].items())
        }

    @property
    def seeds(self) -> int | None:
        """How many seeds each setting has where quantiles are kept in their place."""
        told = self.told["sweep"].get("seeds")
        return None if told is None else len(listed_from(told))

    @property
    def runs(self) -> int:
        """How many runs the store has room for."""
        return self.layout.runs * (self.seeds or 1)

    def key(self, block: int) -> str:
        """A hash of what makes a block: the sweep, by what it is made, and the values and seeds of its runs."""
        made = digest([self.told["sweep"], self.told["made_with"]])
        return hashlib.sha256(made + content(self.layout, self.layout.places(block))).hexdigest()

    def entry(self, block: int) -> dict[str, Any] | None:
        """What the manifest says of a block; None where it is not done."""
        try:
            entry = json.loads(self._entry(block).read_text(encoding="utf-8"))
            return dict(entry) if entry["block"] == block and len(entry["hash"]) == 64 else None
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            return None

    def entries(self) -> dict[int, dict[str, Any]]:
        """The manifest: of the blocks that are done what it says."""
        found = {block: self.entry(block) for block in range(self.layout.blocks)}
        return {block: entry for block, entry in found.items() if entry is not None}

    def write(
        self, block: int, columns: Mapping[str, np.ndarray], errors: Mapping[int, str], told: Mapping[str, Any]
    ) -> None:
        """Write a block's chunks whole, and then its entry: without one, it counts as not done."""
        zarr = needs("zarr", "store")
        size, begin = self.layout.block, block * self.layout.block
        for name, form in self.forms().items():
            whole = np.full((size, *form.shape), form.fill, dtype=form.dtype)
            whole[: len(columns[name])] = columns[name]
            array_of(zarr, self.path, name)[begin : begin + size] = whole
        by_words: dict[str, list[int]] = {}
        for place, words in sorted(errors.items()):
            by_words.setdefault(words, []).append(int(place))
        entry = {
            "block": block,
            "key": self.key(block),
            "rows": len(self.layout.places(block)),
            **told,
            "errors": by_words,
        } | _hashes({name: np.asarray(columns[name], form.dtype) for name, form in self.forms().items()})
        _write_json(self._entry(block), entry)

    def read(self, block: int) -> dict[str, np.ndarray]:
        """The columns of a block that is done, checked against its entry.

        Raises
        ------
        ValueError
            Where a chunk is not what its entry says, naming it.
        """
        zarr = needs("zarr", "store")
        entry, begin = self.entry(block) or {}, block * self.layout.block
        columns = {}
        for name, form in self.forms().items():
            try:
                whole = array_of(zarr, self.path, name)[begin : begin + entry["rows"]]
                columns[name] = np.asarray(whole, form.dtype)
            except Exception as error:
                raise Damaged(self._damage(block, name, f"can't be read ({type(error).__name__})")) from error
        found = _hashes(columns)
        for name, told in entry["columns"].items():
            if found["columns"].get(name) != told:
                raise Damaged(self._damage(block, name, "holds other numbers than were written"))
        return columns

    def damaged(self) -> dict[int, str]:
        """Of the blocks that are done those that can't be read or hold other numbers, each with a sentence."""
        found = {}
        for block in self.entries():
            try:
                self.read(block)
            except Damaged as error:
                found[block] = str(error)
        return found

    def forget(self, block: int) -> None:
        """Count a block as not done."""
        self._entry(block).unlink(missing_ok=True)

    def hash(self) -> str:
        """A hash of what the blocks that are done hold, whoever made them and when."""
        blocks = [[block, entry["key"], entry["hash"]] for block, entry in sorted(self.entries().items())]
        return digest([self.told["sweep"], self.told["made_with"], self.layout.told(), blocks]).hex()

    def pending(self) -> list[int]:
        """The blocks that are not done, or not with this code."""
        done = self.entries()
        return [b for b in range(self.layout.blocks) if b not in done or done[b]["key"] != self.key(b)]

    def tidy(self) -> None:
        """Remove what writers that were killed have left half-written."""
        for name in self.forms():
            for leftover in (self.path / name).rglob("*.partial"):
                leftover.unlink(missing_ok=True)
        for leftover in [*(self.path / MANIFEST).glob(".*.partial"), *(self.path / MANIFEST).glob("*.claim")]:
            leftover.unlink(missing_ok=True)
        for leftover in self.path.parent.glob(f".{self.path.name}.*.partial"):
            shutil.rmtree(leftover, ignore_errors=True)

    def _entry(self, block: int) -> Path:
        return self.path / MANIFEST / f"{block:06d}.json"

    def _damage(self, block: int, name: str, what: str) -> str:
        form = self.forms()[name]
        chunk = self.path.joinpath(name, "c", str(block), *("0" for _ in form.shape))
        return (
            f"{chunk} {what}: block {block} must be computed anew; dynamics.mend_sweep({str(self.path)!r}) counts it "
            f"as not done, and the call that made the sweep makes it again (optdyn sweep --mend does both)."
        )


class Damaged(Refusal):
    """A chunk of a store is not what was written."""

    __module__ = "dynamics"


def opened(path: Path) -> Store:
    """The store at a path.

    Raises
    ------
    ValueError
        If there is none, or something else.
    """
    try:
        attributes = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
        if attributes.get("format") != FORMAT:
            raise Refusal(f"{path} is no sweep that optdyn has written: give another out.")
        return Store(path, attributes, layout_from(attributes["layout"]))
    except FileNotFoundError:
        raise Refusal(f"{path} is no store of a sweep: there is no zarr.json in it; give another out.") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        if isinstance(error, Refusal):
            raise
        raise Refusal(f"{path}/zarr.json is damaged ({type(error).__name__}): give another out.") from error


def array_of(zarr: ModuleType, path: Path, name: str) -> Any:
    return zarr.open_array(path / name, mode="r+", zarr_format=3, config={"write_empty_chunks": True})


def _hashes(columns: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Hashes of columns, and one of all."""
    each = {}
    for name, column in sorted(columns.items()):
        head = f"{name} {column.dtype.str} {column.shape}\n".encode()
        each[name] = hashlib.sha256(head + np.ascontiguousarray(column).tobytes()).hexdigest()
    return {"hash": digest(each).hex(), "columns": each}


def _write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write a file under a temporary name, and rename it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
    try:
        temporary.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
