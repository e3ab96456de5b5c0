"""What numba does for those who watch it compile, in short where nobody does.

Each pass is an event that says in words with which types it runs, and so is each call of LLVM; around each statement
stands a generator that would add to an error where it happened; and lowering writes each statement down as text.
"""

from collections.abc import Iterator
from typing import Any

from llvmlite.binding import newpassmanagers
from numba.core import config, event, lowering, typeinfer
from numba.core import errors as _errors
from numba.core.compiler_machinery import PassManager, _pass_registry, pass_timings
from numba.core.postproc import PostProcessor
from numba.core.transforms import canonicalize_cfg

Replacement = tuple[Any, str, Any]

errors: Any = _errors
_UNTIMED = pass_timings(0.0, 0.0, 0.0)
_whole_context = errors.new_error_context
_whole_pass = PassManager._runPass


class _Context:
    """numba's `new_error_context`, made only once there is an error."""

    __slots__ = ("_given", "_named")

    def __init__(self, *given: Any, **named: Any) -> None:
        self._given, self._named = given, named

    def __enter__(self) -> None:
        place = self._named.get("loc")
        if place is not None and not place.filename.startswith(errors._numba_path):
            errors.loc_info.update(self._named)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, errors.NumbaError):
            with _whole_context(*self._given, **self._named):
                raise error


def _pass_alone(manager: Any, index: int, step: Any, state: Any) -> None:
    """numba's `_runPass` but for its event, its clock and its looks at what a pass of its own may have done wrong."""
    if manager._print_before or manager._print_after or manager._print_wrap:
        _whole_pass(manager, index, step, state)
        return
    step.analysis = manager._analysis
    with _Context("Pass {name}", name=step.name()):
        mutated = [act(state) for act in (step.run_initialization, step.run_pass, step.run_finalizer)]
    if manager._ENFORCING and _pass_registry.get(type(step)).mutates_CFG:
        if any(mutated):
            PostProcessor(state.func_ir).run()
        else:
            state.func_ir.blocks = canonicalize_cfg(state.func_ir.blocks)
    manager.exec_times[f"{index}_{step.name()}"] = _UNTIMED


def _silent(kind: str, data: Any = None, exc_details: Any = None) -> None:
    """No event."""


class _LikeText(type):
    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, str)


class _Unsaid(metaclass=_LikeText):
    """Stands for `str`: no text of a statement, which would be printed where DEBUG_JIT is set."""

    def __new__(cls, statement: Any) -> Any:
        """Nothing to say."""
        return ""


def _uncounted() -> int:
    """Not how many counts of references LLVM has taken out so far: to ask it is to wait for the second thread."""
    return 0


def replacements() -> Iterator[Replacement]:
    """What to put in place of what."""
    for module in (errors, lowering, typeinfer):
        yield module, "new_error_context", _Context
    yield newpassmanagers, "dump_refprune_stats", _uncounted
    if not config.DEBUG_JIT:
        yield lowering, "str", _Unsaid
    if not any(event._registered.values()):
        yield PassManager, "_runPass", _pass_alone
        yield event, "start_event", _silent
        yield event, "end_event", _silent
