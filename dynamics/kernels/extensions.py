"""What was registered with numba by others than numba: overloads, intrinsics and lowerings, found by what they extend.

numba has no public question for this, nor one that makes it compile an overload anew; both are asked here alone.
"""

from collections.abc import Iterator
from typing import Any

from numba.core.imputils import builtin_registry as lowerings
from numba.core.typing.templates import builtin_registry as typings

from dynamics.kernels.origins import is_versioned

_templates: dict[int, list[Any]] = {}
_lowered: dict[int, list[Any]] = {}
_counted = [0, 0]  # how many entries of the registries, which only grow, have been sorted


def _sort() -> None:
    for value, kind in typings.globals[_counted[0] :]:
        _templates.setdefault(id(value), []).extend(getattr(kind, "templates", ()))
    for implementation, function, kinds in lowerings.functions[_counted[1] :]:
        _lowered.setdefault(id(function), []).append((implementation, kinds))
    _counted[:] = len(typings.globals), len(lowerings.functions)


def registered_for(function: Any) -> Iterator[tuple[str, Any]]:
    """The Python functions that decide what `function` means in compiled code, each with how it was registered."""
    _sort()
    for template in _templates.get(id(function), ()):
        for name in ("_overload_func", "_definition_func"):
            if hasattr(template, name):
                yield f"{name} {_options(template)}", getattr(template, name)
        # A typer stands in the closure of a function of numba's.
        for cell in getattr(getattr(template, "generic", None), "__closure__", None) or ():
            if callable(cell.cell_contents):
                yield "typer", cell.cell_contents
    for implementation, kinds in _lowered.get(id(function), ()):
        yield f"lowering {kinds}", getattr(implementation, "__wrapped__", implementation)


def attributes_by(packages: set[str]) -> Iterator[tuple[str, Any]]:
    """The methods and attributes that modules of these packages have added to types."""
    for template in typings.attributes:
        function = getattr(template, "_overload_func", None)
        if function is not None and function.__module__.partition(".")[0] in packages:
            yield f"{template.key} {template._attr} {_options(template)}", function


def forget_overloads() -> None:
    """Let numba ask again which implementation an overload that isn't its own has for given types."""
    _sort()
    everyone = [template for templates in _templates.values() for template in templates]
    for template in everyone + typings.attributes:
        function = getattr(template, "_overload_func", None)
        if function is not None and not is_versioned(function.__module__):
            for memo in ("_impl_cache", "_compiled_overloads", "_inline_overloads"):
                getattr(template, memo, {}).clear()


def _options(template: Any) -> str:
    return plain(getattr(template, "_jit_options", {}))


def plain(options: dict[str, Any]) -> str:
    """Options of a compiled function as text that is the same in each process."""
    return repr([(name, sorted(v) if isinstance(v, set) else v) for name, v in sorted(options.items())])
