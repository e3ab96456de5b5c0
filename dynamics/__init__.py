"""Optimizer dynamics: the oracle protocol, the methods, the one driver, and sweeps.

Examples
--------
>>> from dynamics import RSG, simulate
>>> from synthetic import quadratic
>>> run = simulate(RSG(step_size=0.5, beta=0.9), quadratic(eigenvalues=[1.0, 0.1]), steps=200, x0=[1.0, 1.0])
>>> run.status.name
'MAX_ITERATIONS'
"""

from typing import TYPE_CHECKING, Any

from dynamics.lazy_names import load, modules_of

if TYPE_CHECKING:
    from dynamics.public import *  # noqa: F403

__all__ = sorted(modules_of(__name__))


def __getattr__(name: str) -> Any:
    """A public name, whose module is imported once it is asked for."""
    globals()[name] = thing = load(__name__, name)
    return thing


def __dir__() -> list[str]:
    """The public names, and the rooms."""
    return sorted({*globals(), *__all__})
