"""Where a figure comes from: command, parameters, seeds, versions, hashes of source and data."""

import ast
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optdyn.shells import joined

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = [
    "PACKAGES",
    "as_line",
    "command_line",
    "compute_hash",
    "data_hash",
    "package_of",
    "processor",
    "record",
    "source_hash",
    "users_package",
    "versions",
]

PACKAGES = ("dynamics", "synthetic", "theory", "plots", "optdyn")
LIBRARIES = ("numpy", "scipy", "sympy", "matplotlib", "numba", "xarray", "python-flint", "optdyn")
SOURCES = {".py", ".mplstyle", ".json"}


def record(dataset: "Dataset", *, command: str | None = None, size: str = "page") -> dict[str, Any]:
    """Everything that is needed to make a figure again, ready for JSON.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `plots.compute` returned.
    command : str, optional
        The command that was typed; by default the one that states every parameter.
    size : str
        Size in which the figure was drawn.

    Returns
    -------
    dict
        figure, title, paper, message, caption, command, parameters, seeds, size, versions, platform, processor,
        source_hash, compute_hash and data_hash. Nothing in it depends on the clock, the user or the folder.

    Examples
    --------
    >>> import plots
    >>> made = record(plots.compute("sigma_nice.5"))
    >>> made["figure"], made["seeds"], made["parameters"]["radius"]
    ('sigma_nice.5', [], 0.1)
    """
    from plots.registry import entry

    parameters = json.loads(dataset.attrs["parameters"])
    figure = dataset.attrs["figure"]
    reference = entry(figure).reference
    return {
        **{name: dataset.attrs[name] for name in ("figure", "title", "paper")},
        "message": dataset.attrs.get("message", ""),  # that of an older file stands in its caption alone
        "caption": dataset.attrs["caption"],
        "command": command or command_line(reference or figure, parameters, size=size),
        **({"reference": reference} if reference else {}),
        "parameters": parameters,
        "seeds": json.loads(dataset.attrs["seeds"]),
        "size": size,
        "versions": versions(),
        "platform": platform.platform(),
        "processor": processor(),
        "source_hash": source_hash(package_of(figure)),
        "compute_hash": compute_hash(figure),
        "data_hash": data_hash(dataset),
    }


def as_line(made: Mapping[str, Any]) -> str:
    """A record in ASCII on one line, as files carry it inside.

    Examples
    --------
    >>> as_line({"title": "μ"})
    '{"title": "\\\\u03bc"}'
    """
    return json.dumps(made)


def command_line(figure: str, parameters: Mapping[str, Any], *, size: str = "page") -> str:
    """The command that makes a figure with these parameters, whatever the defaults become.

    Examples
    --------
    >>> command_line("arsg.1", {"beta": 0.9, "mu": [0.0, 0.1]})
    'optdyn figure arsg.1 --size page --set beta=0.9 --set "mu=[0.0, 0.1]"'
    """
    words = ["optdyn", "figure", figure, "--size", size]
    for name, value in parameters.items():
        words += ["--set", f"{name}={json.dumps(value)}"]
    return joined(words)


def processor() -> str:
    """The processor, and which of its vector instructions NumPy uses: both decide about the last bits of numbers."""
    import numpy
    from llvmlite.binding import get_host_cpu_name

    features = numpy.show_config(mode="dicts").get("SIMD Extensions", {})
    return f"{get_host_cpu_name()} ({' '.join(features.get('found', [])) or 'baseline'})"


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that the numbers and the picture depend on.

    Examples
    --------
    >>> sorted(versions())
    ['matplotlib', 'numba', 'numpy', 'optdyn', 'python', 'python-flint', 'scipy', 'sympy', 'xarray']
    """
    return {"python": platform.python_version(), **{library: _version(library) for library in LIBRARIES}}


@functools.cache
def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"  # optdyn itself, when it runs from a clone


@functools.cache
def source_hash(package: str = "") -> str:
    """SHA-256 over names and contents of all source files of the five packages, and of a user's own, in a fixed order.

    Parameters
    ----------
    package : str
        The user's package, or module that is one file, with those beside it that it imports; "" for none.

    Examples
    --------
    >>> source_hash()[:7], len(source_hash())
    ('sha256:', 71)
    """
    ours = hash_sources({package: _folder(package) for package in PACKAGES})
    if not package or package in PACKAGES:
        return ours
    places = _places(package)
    if places[package].is_dir():
        theirs = hash_sources({package: places[package]})
    else:
        theirs = _hash_of_modules(_reached(package, places), places, b"")
    return f"sha256:{hashlib.sha256(f'{ours} {theirs}'.encode()).hexdigest()}"


@functools.cache
def compute_hash(figure: str) -> str:
    """SHA-256 over the sources that a figure's numbers can depend on: other figures and this package are left out.

    These are the packages below `plots`, and of `plots` and of a user's own package the figure's module with all that
    it imports there.

    Examples
    --------
    >>> compute_hash("arsg.1") == compute_hash("l4.2")
    False
    """
    from plots.registry import entry

    module = entry(figure).module
    places = {**_places(module.partition(".")[0]), "plots": _folder("plots")}
    below = _hash_below(tuple(_folder(package) for package in PACKAGES[:3]))
    return _hash_of_modules(_reached(module, places), places, below.encode())


@functools.cache
def _hash_below(folders: tuple[Path, ...]) -> str:
    """SHA-256 over the sources of the packages in these folders, which all figures depend on."""
    return hash_sources(dict(zip(PACKAGES, folders, strict=False)))


def package_of(figure: str) -> str:
    """The user's package or module that makes a figure; "" where optdyn does.

    Examples
    --------
    >>> package_of("arsg.1")
    ''
    """
    from plots.registry import entry

    return users_package(entry(figure).module)


def users_package(module: str) -> str:
    """The first part of a module's name; "" where it is one of optdyn's own.

    Examples
    --------
    >>> users_package("mypaper.figures.decay"), users_package("plots.gallery.arsg_1")
    ('mypaper', '')
    """
    package = module.partition(".")[0]
    return "" if package in PACKAGES else package


def _hash_of_modules(names: Iterable[str], places: Mapping[str, Path], seed: bytes) -> str:
    digest = hashlib.sha256(seed)
    for name in sorted(names):
        _add(digest, name.encode())
        _add(digest, _file(name, places).read_bytes())
    return f"sha256:{digest.hexdigest()}"


def _places(package: str) -> dict[str, Path]:
    """A package's folder; of a module that is one file, that file and what lies beside it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.origin:
        return {package: _folder(package)}
    if spec.submodule_search_locations:
        return {package: Path(next(iter(spec.submodule_search_locations)))}
    beside = Path(spec.origin).parent
    found = {path.stem: path for path in beside.glob("*.py")}
    found |= {path.parent.name: path.parent for path in beside.glob("*/__init__.py")}
    return {name: path for name, path in found.items() if name not in PACKAGES}


def _reached(module: str, places: Mapping[str, Path]) -> set[str]:
    """The modules in these places that one of them imports, and those imported by these, itself among them."""
    found: set[str] = set()
    waiting = {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        file = _file(name, places)
        around = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for imported in _imports(file.read_bytes(), around):
            waiting |= {other for other in imported if _file(other, places).is_file()} - found
    return found


@functools.cache
def _imports(source: bytes, around: str) -> tuple[frozenset[str], ...]:
    """What each import in a source may name; `around` is the package that relative ones begin in."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.append(frozenset(alias.name for alias in node.names))
        elif isinstance(node, ast.ImportFrom):
            outer = around.split(".")[: len(around.split(".")) - node.level + 1] if node.level else []
            home = ".".join([*outer, *([node.module] if node.module else [])])
            found.append(frozenset({home, *(f"{home}.{alias.name}" for alias in node.names)}))
    return tuple(found)


def _file(module: str, places: Mapping[str, Path]) -> Path:
    """Where a module would be; nowhere, if in none of these places."""
    package, _, rest = module.partition(".")
    place = places.get(package)
    if place is None or (rest and not place.is_dir()):
        return Path()
    if not place.is_dir():
        return place
    file = place.joinpath(*rest.split(".")).with_suffix(".py") if rest else place / "__init__.py"
    return file if file.is_file() or not rest else place.joinpath(*rest.split("."), "__init__.py")


def hash_sources(folders: Mapping[str, Path]) -> str:
    """SHA-256 over the source files below folders; the name given to each folder enters, not its path."""
    digest = hashlib.sha256()
    for package, folder in folders.items():
        files = (path for path in folder.rglob("*") if path.suffix in SOURCES and path.is_file())
        for path in sorted(files, key=lambda path: path.relative_to(folder).as_posix()):
            _add(digest, f"{package}/{path.relative_to(folder).as_posix()}".encode())
            _add(digest, path.read_bytes())
    return f"sha256:{digest.hexdigest()}"


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"package {package!r} is part of optdyn but cannot be found; install optdyn again.")
    return Path(next(iter(spec.submodule_search_locations)))


def data_hash(dataset: "Dataset") -> str:
    """SHA-256 over names, dimensions, types and values of all arrays; text about them does not enter.

    A dataset that was written as NetCDF and read back has the same hash.

    Examples
    --------
    >>> import xarray
    >>> one, other = xarray.Dataset({"a": ("x", [1.0])}), xarray.Dataset({"a": ("x", [1.5])})
    >>> data_hash(one) == data_hash(one.copy(deep=True)), data_hash(one) == data_hash(other)
    (True, False)
    """
    digest = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        array = dataset.variables[name]
        values = np.ascontiguousarray(array.values)
        if values.dtype.kind in "OSU":
            kind, content = "text", json.dumps(values.astype(str).tolist()).encode()
        else:
            values = values.astype(values.dtype.newbyteorder("<"))
            kind, content = values.dtype.str, values.tobytes()
        _add(digest, json.dumps([name, list(map(str, array.dims)), list(array.shape), kind]).encode())
        _add(digest, content)
    return f"sha256:{digest.hexdigest()}"


def _add(digest: "hashlib._Hash", content: bytes) -> None:
    # The length goes first, so that no two sequences of parts run together to the same bytes.
    digest.update(len(content).to_bytes(8, "little"))
    digest.update(content)
