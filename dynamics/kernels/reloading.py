"""What `importlib.reload` and IPython's `%autoreload` put in place of a class or of a compiled helper.

A reload gives a module another `__spec__`. What was made under an older one, and stands no longer in its module, has
been replaced by what stands there under its name.
"""

import sys
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from numba.core.dispatcher import Dispatcher

from dynamics.checks import KindRefusal

_made_under: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def note_origin(thing: Any, module: str) -> None:
    """Keep under which import of its module a class or a helper was made."""
    _made_under.setdefault(thing, getattr(sys.modules.get(module), "__spec__", None))


def current(kind: type) -> type:
    """The class that a reload put in place of `kind`; `kind` itself where there was none.

    Raises
    ------
    TypeError
        If the new class has other fields: nobody knows what the object at hand would be in it.
    """
    module = sys.modules.get(kind.__module__)
    if module is None or vars(module).get(kind.__qualname__, kind) is kind:
        return kind
    new = vars(module)[kind.__qualname__]
    if not isinstance(new, type) or not _reloaded(kind, module):
        return kind
    fields = getattr(new, "_fields", None)
    if fields != getattr(kind, "_fields", None):
        raise KindRefusal(
            f"this {kind.__name__} was made before {kind.__module__} was reloaded, where {kind.__name__} now has the "
            f"fields {fields}: make it anew."
        )
    return new


def adopt_reloaded(helper: Dispatcher) -> None:
    """Give a compiled helper the code of the one that a reload of its module put in its place.

    A module that has imported the helper by name holds the old object, which numba would go on compiling.

    Raises
    ------
    TypeError
        If it can't be done in place.
    """
    function = helper.py_func
    note_origin(helper, function.__module__)
    module = sys.modules.get(function.__module__)
    new = vars(module).get(function.__name__) if module is not None else None
    if not isinstance(new, Dispatcher) or new is helper or not _reloaded(helper, module):
        return
    if _options(new) != _options(helper) or len(new.py_func.__code__.co_freevars) != len(function.__code__.co_freevars):
        raise KindRefusal(
            f"{function.__module__} was reloaded, and {function.__name__} has other options now: reload the modules "
            f"that import it, too."
        )
    function.__code__, function.__defaults__ = new.py_func.__code__, new.py_func.__defaults__
    function.__kwdefaults__ = new.py_func.__kwdefaults__


def _options(helper: Dispatcher) -> Any:
    return {name: repr(option) for name, option in helper.targetoptions.items()}


def _reloaded(thing: Any, module: ModuleType | None) -> bool:
    """Whether a module was executed again since `thing` was made, and does not hold it under any name."""
    if thing not in _made_under or _made_under[thing] is getattr(module, "__spec__", None):
        return False
    return all(value is not thing for value in vars(module).values())
