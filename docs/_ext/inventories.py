"""Names of other projects that our docstrings speak of, by `inventories/*.txt`, so that a build needs no network.

A file has the address of a project's pages in its first line, and then lines as an inventory of Sphinx has them.
"""

import zlib
from pathlib import Path
from tempfile import mkdtemp

TYPES = {
    "ndarray": "~numpy.ndarray", "numpy.ndarray": "~numpy.ndarray", "Generator": "~numpy.random.Generator",
    "SeedSequence": "~numpy.random.SeedSequence", "Dataset": "~xarray.Dataset", "xarray.Dataset": "~xarray.Dataset",
    "DataArray": "~xarray.DataArray", "Figure": "~matplotlib.figure.Figure", "Axes": "~matplotlib.axes.Axes",
    "NamedTuple": "~typing.NamedTuple",
}  # fmt: skip
TERMS = ("array_like", "callable", "iterable", "mapping", "sequence")


def aliases() -> dict[str, str]:
    """What napoleon makes of the words of a docstring's types."""
    return TYPES | {word: f":term:`{word}`" for word in TERMS}


def packed(text: str) -> tuple[str, bytes]:
    """The address of a project, and its inventory as Sphinx reads it."""
    first, _, lines = text.partition("\n")
    head = b"# Sphinx inventory version 2\n# Project: other\n# Version: any\n# The rest is compressed by zlib.\n"
    return first.removeprefix("# "), head + zlib.compress(lines.encode())


def mapping(folder: Path) -> dict[str, tuple[str, str]]:
    """`intersphinx_mapping` of a folder of such files."""
    out, found = Path(mkdtemp()), {}
    for path in sorted(folder.glob("*.txt")):
        address, inventory = packed(path.read_text(encoding="utf-8"))
        (out / f"{path.stem}.inv").write_bytes(inventory)
        found[path.stem] = (address, str(out / f"{path.stem}.inv"))
    return found
