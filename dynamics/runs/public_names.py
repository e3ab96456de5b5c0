"""Classes by the names that users know: files name ``dynamics.RSG``, wherever its module is."""

import importlib
import sys
from functools import cache
from typing import Any

from dynamics.checks import Refusal

# All whose names are in `__all__` are known. Those of parts, which only factories make, are named where they live.
PACKAGES = ("dynamics", "synthetic")
PARTS = {
    "dynamics.vectors.rows": ("Rows8", "Rows16", "Rows24", "Rows32", "Rows40", "Rows48", "Rows56", "Rows64", "Rows128",
                              "Rows256", "WideRows"),
    "synthetic.classifiers.penalised_means": ("Labelled",),
    "synthetic.classifiers.softmax_regression": ("SoftmaxWork",),
    "synthetic.classifiers.tanh_net": ("TanhWork",),
    "synthetic.linear_nets.layers": ("NetWork",),
    "synthetic.ridge_sums.ridge_data": ("RidgeData", "RidgeWork"),
    "synthetic.smoothing.graduated": ("Level",),
    "synthetic.smoothing.levels": ("CosineLevels", "MeanLevels", "RaisedLevels"),
    "synthetic.wrappers.averaged": ("AveragedWork",),
}  # fmt: skip
SHAPES = "dynamics.vectors.shapes"  # makes a class for each shape of a small matrix


def public_name(kind: type) -> str:
    """The name of a class in a file.

    Examples
    --------
    >>> from dynamics import RSG
    >>> public_name(RSG)
    'dynamics.RSG'
    """
    return _names().get(kind) or f"{kind.__module__}:{kind.__qualname__}"


def class_named(name: str) -> Any:
    """The NamedTuple class of a name; nothing is imported for it but optdyn's own packages.

    Raises
    ------
    ValueError
        If it is none of optdyn's and has not been imported, or is no NamedTuple class.
    """
    for kind, known in _names().items():
        if known == name:
            return kind
    module, _, qualified = name.partition(":")
    found: Any = sys.modules.get(module)
    if module == SHAPES and qualified.removeprefix("Shape").replace("x", "", 1).isdecimal() and len(qualified) < 20:
        found = getattr(importlib.import_module(SHAPES), qualified)
    else:
        for part in qualified.split("."):
            # Not getattr, which may run code of the module.
            found = vars(found).get(part) if hasattr(found, "__dict__") else None
    if not (isinstance(found, type) and issubclass(found, tuple) and hasattr(found, "_fields")):
        raise Refusal(
            f"it names {name}, which is no NamedTuple class that is known here: import or define it first, if you "
            f"trust whom the file is from; nothing is imported for a file"
        )
    return found


@cache
def _names() -> dict[type, str]:
    found: dict[type, str] = {}
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in module.__all__:
            kind = getattr(module, name)
            if isinstance(kind, type) and hasattr(kind, "_fields"):
                found[kind] = f"{package}.{name}"
    for place, names in PARTS.items():
        module = importlib.import_module(place)
        found |= {getattr(module, name): f"{place.partition('.')[0]}.{name}" for name in names}
    return found
