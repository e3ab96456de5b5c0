"""Synthetic problems: data as NamedTuples, kernels that answer the oracle protocol of `dynamics`.

Examples
--------
>>> from synthetic import carmon, gradient, value
>>> problem = carmon(rng=0)
>>> x = [0.0] * 30
>>> 0 < value(problem, x) < 1, gradient(problem, x).shape
(True, (30,))
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import dynamics

# A script's own dynamics.py, beside it on the path, would be imported in place of the package.
if Path(dynamics.__file__ or ".").resolve().parent.parent != Path(__file__).resolve().parent.parent:
    raise ImportError(
        f"synthetic needs optdyn's own package dynamics, but {dynamics.__file__} was imported in its place: "
        f"give that file or folder another name."
    )

from dynamics.lazy_names import load, modules_of

if TYPE_CHECKING:
    from synthetic.public import *  # noqa: F403

__all__ = sorted(modules_of(__name__))


def __getattr__(name: str) -> Any:
    """A public name, whose module is imported once it is asked for."""
    globals()[name] = thing = load(__name__, name)
    return thing


def __dir__() -> list[str]:
    """The public names, and the rooms."""
    return sorted({*globals(), *__all__})
