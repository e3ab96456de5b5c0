"""The classes and factories of a sweep that are not optdyn's."""

from collections.abc import Iterator
from typing import Any

from dynamics.kernels.origins import is_users
from dynamics.protocol.trees import is_named
from dynamics.sweeps.plan import Plan


def users_things(plan: Plan) -> Iterator[Any]:
    """The user's own classes and factories, each once."""
    seen = set()
    parts = (part for axis in plan.axes for row in axis.values for part in row)
    fixed = (value for values in plan.fixed.values() for value in values.values())
    for thing in (*plan.made_by.values(), *parts, *fixed):
        for one in thing if isinstance(thing, list) else [thing]:
            named = type(one) if is_named(one) else one
            if callable(named) and named not in seen and is_users(getattr(named, "__module__", "numpy")):
                seen.add(named)
                yield named
