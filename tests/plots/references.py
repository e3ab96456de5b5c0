"""Stored references of the figures' numbers: a thinned copy of each array, and how it is compared.

`python -m tests.plots.references [ID]...` stores what the quick versions give now and says what changed;
`--pictures` stores pictures as well, and a figure without one gets none by itself. `--check` stores nothing. Another
processor is imitated by `NUMBA_CPU_NAME=generic NUMBA_CACHE_DIR=... python -m tests.plots.references --check`: what it
finds is the rounding that `tolerances.py` has to allow.
"""

import argparse
import io
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

import plots
from tests.plots.quick import drawn, quick
from tests.plots.tolerances import Tolerance, tolerance

__all__ = ["FOLDER", "compare", "picture", "read", "summary"]

FOLDER = Path(__file__).with_name("reference_data")
POINTS = 128  # values kept of each array, evenly spread
DPI = 60
ROUNDING = Tolerance()
DECILES = np.linspace(0.1, 0.9, 9)


class Difference(NamedTuple):
    """Where an array departs from its reference."""

    variable: str
    text: str


def summary(dataset: xr.Dataset) -> dict[str, NDArray]:
    """What is stored of a dataset: of each array its shape, evenly spread values, and how many are finite.

    The mean magnitude and the deciles of all finite values go in too: the one for what lies between the values that
    are kept, the others for arrays whose single values another processor changes.
    """
    kept: dict[str, NDArray] = {}
    for name in sorted(map(str, dataset.variables)):
        values = np.asarray(dataset.variables[name].values)
        flat = values.ravel()
        kept[f"{name}:shape"] = np.array(values.shape, dtype=np.int64)
        kept[f"{name}:values"] = flat[np.unique(np.linspace(0, max(flat.size - 1, 0), POINTS).astype(int))[: flat.size]]
        if values.dtype.kind in "fiu":
            finite = flat[np.isfinite(flat)].astype(float)
            kept[f"{name}:finite"] = np.array(finite.size)
            kept[f"{name}:magnitude"] = np.array(np.abs(finite).mean() if finite.size else 0.0)
            kept[f"{name}:deciles"] = np.quantile(finite, DECILES) if finite.size else np.full(DECILES.size, np.nan)
    return kept


def compare(stored: dict[str, NDArray], made: dict[str, NDArray], allowed: Tolerance = ROUNDING) -> list[Difference]:
    """Where a summary departs from the stored one by more than the tolerance."""
    names = {key.rpartition(":")[0] for key in stored}, {key.rpartition(":")[0] for key in made}
    differences = [Difference(name, "is gone") for name in sorted(names[0] - names[1])]
    differences += [Difference(name, "is new") for name in sorted(names[1] - names[0])]
    for name in sorted(names[0] & names[1]):
        for part in _parts(name, allowed):
            key = f"{name}:{part}"
            if key in stored or key in made:
                text = _departure(stored.get(key), made.get(key), _limit(part, allowed))
                if text:
                    differences.append(Difference(name, f"{part}: {text}"))
                    break
    return differences


def _parts(name: str, allowed: Tolerance) -> tuple[str, ...]:
    if name in allowed.choices:
        return ("shape",)
    return ("shape", "deciles") if name in allowed.chaotic else ("shape", "finite", "values", "magnitude")


def _limit(part: str, allowed: Tolerance) -> Tolerance:
    return {"shape": Tolerance(0, 0), "deciles": Tolerance(0, allowed.deciles)}.get(part, allowed)


def _departure(stored: NDArray | None, made: NDArray | None, allowed: Tolerance) -> str:
    if stored is None or made is None or stored.shape != made.shape:
        return f"was {_short(stored)}, is {_short(made)}"
    if stored.dtype.kind not in "fiu" or made.dtype.kind not in "fiu":
        unequal = np.flatnonzero(stored.astype(str) != made.astype(str))
        return f"was '{stored[unequal[0]]}', is '{made[unequal[0]]}'" if unequal.size else ""
    a, b = np.atleast_1d(stored).astype(float), np.atleast_1d(made).astype(float)
    finite = np.isfinite(a)
    scale = np.abs(a[finite]).max(initial=0.0)
    with np.errstate(invalid="ignore"):
        close = np.abs(a - b) <= allowed.relative * np.abs(a) + allowed.of_largest * scale
    same = np.where(finite, close, (a == b) | (np.isnan(a) & np.isnan(b)))
    if same.all():
        return ""
    worst = np.flatnonzero(~same)[0]
    return f"{np.count_nonzero(~same)} of {a.size} depart, first {a[worst]:.9g} that is now {b[worst]:.9g}"


def _short(array: NDArray | None) -> str:
    return "nothing" if array is None else str(array.tolist())[:60]


def read(id: str) -> dict[str, NDArray]:
    """The stored summary of a figure."""
    path = FOLDER / f"{id}.npz"
    if not path.exists():
        raise FileNotFoundError(
            f"no reference for {id}: run python -m tests.plots.references {id} and commit the file."
        )
    with np.load(path, allow_pickle=False) as stored:
        return dict(stored)


def picture(id: str) -> NDArray:
    """The quick version's picture at page size in grey levels from 0 to 255, at a low resolution."""
    made = drawn(id, "page").picture
    before = made.dpi
    made.set_dpi(DPI)
    canvas = FigureCanvasAgg(made)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3].astype(float) @ (0.299, 0.587, 0.114)
    made.set_dpi(before)
    return pixels


def store(id: str, *, with_picture: bool, only_check: bool) -> str:
    """Write a figure's reference if it departs from the stored one, unless this is only a check; what was found."""
    from PIL import Image

    began = time.perf_counter()
    made = summary(quick(id))
    seconds = time.perf_counter() - began
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{id}.npz"
    differences = compare(read(id), made, tolerance(id)) if path.exists() else [Difference("everything", "is new")]
    if differences and not only_check:
        content = io.BytesIO()
        np.savez_compressed(content, **made)  # type: ignore[arg-type]  # its stub takes a keyword for an array's name
        path.write_bytes(content.getvalue())
    image = FOLDER / f"{id}.png"
    if not only_check and (with_picture or (image.exists() and differences)):
        Image.fromarray(picture(id).round().astype(np.uint8)).save(image, optimize=True)
    changes = "".join(f"\n  {difference.variable} {difference.text}" for difference in differences)
    return f"{id} ({seconds:.1f} s): " + (
        f"{'differs' if only_check else 'stored'}{changes}" if differences else "unchanged"
    )


def main() -> None:
    """Store the references of the figures named on the command line, or of all."""
    parser = argparse.ArgumentParser(description="Store references for the numbers behind figures.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="figures; all unless given")
    parser.add_argument("--pictures", action="store_true", help="store their pictures too")
    parser.add_argument("--check", action="store_true", help="store nothing")
    given = parser.parse_args()
    for id in given.ids or plots.figures():
        print(store(id, with_picture=given.pictures, only_check=given.check), flush=True)


if __name__ == "__main__":
    main()
