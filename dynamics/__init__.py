"""Optimizer dynamics: the oracle protocol, the methods, the one driver, and sweeps.

Examples
--------
>>> from dynamics import RSG, simulate
>>> from synthetic import quadratic
>>> run = simulate(RSG(step_size=0.5, beta=0.9), quadratic(eigenvalues=[1.0, 0.1]), steps=200, x0=[1.0, 1.0])
>>> run.status.name
'MAX_ITERATIONS'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynamics.public import *  # noqa: F403


def __getattr__(name: str) -> Any:
    """A public name; the first one brings numba and all kernels, which the theory's formulas do without."""
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module 'dynamics' has no attribute {name!r}")
    try:
        public = import_module("dynamics.public")
    except ModuleNotFoundError as error:
        if error.name not in ("numba", "llvmlite"):
            raise
        from dynamics.checks import MissingLibrary

        raise MissingLibrary(
            f"dynamics compiles its kernels with numba, but {error.name} is not installed: "
            "python -m pip install numba; the closed forms of theory work without it."
        ) from None
    globals().update({known: getattr(public, known) for known in public.__all__}, __all__=public.__all__)
    try:
        return globals()[name]
    except KeyError:
        raise AttributeError(f"module 'dynamics' has no attribute {name!r}") from None


def __dir__() -> list[str]:
    """The public names, and the rooms."""
    return sorted({*globals(), *__getattr__("__all__")})
