"""No collection of garbage while very many objects are made that all stay: modules, types, compiled kernels."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]

_put_off: set[str] = set()


@contextmanager
def uncollected(occasion: str) -> Iterator[None]:
    """Collect no garbage within it. The first time, Python looks at what it made once it looks through everything.

    Otherwise it would do so at once, and several times meanwhile: an eighth of the time that importing numba and
    optdyn takes, and a twentieth of that to a first result.

    Parameters
    ----------
    occasion
        What is done, of which there is a first time.

    Examples
    --------
    >>> import gc
    >>> with uncollected("example"):
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            if occasion not in _put_off and not gc.get_freeze_count():  # what somebody froze stays frozen
                gc.freeze()
                gc.unfreeze()
            _put_off.add(occasion)
            gc.enable()
