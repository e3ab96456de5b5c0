"""The public names of a package, each loaded with its own module once it is asked for."""

import ast
import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from dynamics.collection import uncollected
from dynamics.needless import without_the_needless

__all__ = ["load", "loaded_when_asked_for", "modules_of"]


@cache
def modules_of(package: str) -> dict[str, str]:
    """The module of each public name, as the imports of the package's `public.py` give it; nothing is imported.

    Examples
    --------
    >>> modules_of("dynamics")["RSG"]
    'dynamics.algorithms.momentum'
    """
    source = pkgutil.get_data(package, "public.py") or b""
    imports = (line for line in ast.parse(source).body if isinstance(line, ast.ImportFrom))
    return {name.name: str(line.module) for line in imports for name in line.names}


def load(package: str, name: str) -> Any:
    """The thing of a public name, and its module with it.

    Raises
    ------
    AttributeError
        If the package offers nothing of that name.
    MissingLibrary
        If numba is not installed, without which no kernel is compiled.

    Examples
    --------
    >>> load("dynamics", "RSG").__name__
    'RSG'
    """
    try:
        module = modules_of(package)[name]
    except KeyError:
        raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
    try:
        with uncollected("importing"), without_the_needless():
            return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name not in ("numba", "llvmlite"):
            raise
        from dynamics.checks import MissingLibrary

        raise MissingLibrary(
            f"{package} compiles its kernels with numba, but {error.name} is not installed: "
            "python -m pip install numba; the closed forms of theory work without it."
        ) from None


def loaded_when_asked_for(
    package: str, space: dict[str, Any]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """A package's `__getattr__`, `__dir__` and `__all__`; a name that was asked for once stays in its `space`.

    Examples
    --------
    >>> space = {"__name__": "dynamics"}
    >>> get, names, _ = loaded_when_asked_for("dynamics", space)
    >>> get("RSG") is space["RSG"], "Adam" in names(), "Adam" in space
    (True, True, False)
    """
    public = sorted(modules_of(package))

    def get(name: str) -> Any:
        space[name] = thing = load(package, name)
        return thing

    def names() -> list[str]:
        return sorted({*space, *public})

    return get, names, public
