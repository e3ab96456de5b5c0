"""Optimizer dynamics: the oracle protocol, the methods, the one driver, and sweeps.

Examples
--------
>>> from dynamics import RSG, simulate
>>> from synthetic import quadratic
>>> run = simulate(RSG(step_size=0.5, beta=0.9), quadratic(eigenvalues=[1.0, 0.1]), steps=200, x0=[1.0, 1.0])
>>> run.status.name
'MAX_ITERATIONS'
"""

from typing import TYPE_CHECKING

from dynamics.lazy_names import loaded_when_asked_for

if TYPE_CHECKING:
    from dynamics.public import *  # noqa: F403

__getattr__, __dir__, __all__ = loaded_when_asked_for(__name__, globals())
