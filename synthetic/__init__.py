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
from typing import TYPE_CHECKING

import dynamics

# A script's own dynamics.py, beside it on the path, would be imported in place of the package.
if Path(dynamics.__file__ or ".").resolve().parent.parent != Path(__file__).resolve().parent.parent:
    raise ImportError(
        f"synthetic needs optdyn's own package dynamics, but {dynamics.__file__} was imported in its place: "
        f"give that file or folder another name."
    )

from dynamics.lazy_names import loaded_when_asked_for

if TYPE_CHECKING:
    from synthetic.public import *  # noqa: F403

__getattr__, __dir__, __all__ = loaded_when_asked_for(__name__, globals())
