"""What numba has compiled along with a kernel, and keeps in the process by types alone: forgotten once it is old."""

import inspect
from typing import Any
from weakref import WeakSet

from dynamics.kernels.extensions import forget_overloads
from dynamics.kernels.generic import Generic, is_constant
from dynamics.kernels.policy import counts_references
from dynamics.kernels.reach import Reach
from dynamics.kernels.watch import Watch


class Renewal:
    """Watches over what went into numba's memory of overloads and helpers since it was last emptied."""

    def __init__(self) -> None:
        self._helpers: WeakSet[Any] = WeakSet()
        self._watches: dict[int, Watch] = {}

    def look(self, reached: Reach) -> None:
        """Keep the helpers that a kernel reaches."""
        self._helpers.update(reached.helpers)

    def before_compiling(self, watch: Watch) -> None:
        """Empty numba's memory if something in it was made of other code than there is now."""
        if Generic.outdated or not all(watch.holds() for watch in self._watches.values()):
            self.forget()
        self._watches[id(watch)] = watch

    def forget(self) -> None:
        """Empty it."""
        forget_overloads()
        is_constant.cache_clear()
        counts_references.cache_clear()
        for helper in self._helpers:
            helper._reset_overloads()
            helper._compiler._failed_cache.clear()
            helper._compiler.pysig = inspect.signature(helper.py_func)  # where numba keeps the defaults
        Generic.outdated = False
        self._watches.clear()
