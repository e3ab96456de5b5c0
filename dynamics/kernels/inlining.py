"""Helpers that numba takes into a function before it infers types: each analysed once, and copied quickly.

numba analyses a helper anew at each call of it, and copies it twice, with all its variables for each of its blocks.
"""

from copy import copy
from typing import Any

from numba.core import ir
from numba.core.inline_closurecall import InlineWorker

_analysed = InlineWorker.run_untyped_passes


class Analyses:
    """What numba made of each helper's byte code, remembered while one kernel is compiled."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def run_untyped_passes(self, worker: Any, function: Any, enable_ssa: bool = False) -> Any:
        """numba's answer, under a name that is new each time: variables are named by it."""
        flags = worker.flags
        question = (function, enable_ssa, flags.no_rewrites, flags.auto_parallel.enabled)
        found = self._known.get(question)
        if found is None:
            found = self._known[question] = _analysed(worker, function, enable_ssa)
            return found
        twin = copy(found)
        twin.func_id = found.func_id.derive()
        return twin


def block_copied(block: ir.Block, memo: Any) -> ir.Block:
    """A copy of a block that may be rewritten: its own statements, and a scope to which variables may be added."""
    scope = ir.Scope(block.scope.parent, block.scope.loc)
    scope.localvars._con.update(block.scope.localvars._con)
    scope.redefined.update(block.scope.redefined)
    scope.var_redefinitions.update({name: set(names) for name, names in block.scope.var_redefinitions.items()})
    twin = ir.Block(scope, block.loc)
    twin.body = [_copied(statement) for statement in block.body]
    return twin


def _copied(value: Any) -> Any:
    """Expressions and what holds them are copied; variables, constants and places stay what they are."""
    kind = type(value)
    if kind is ir.Var:
        return value
    if kind is tuple or kind is list:
        return kind(map(_copied, value))
    if kind is dict:
        return {key: _copied(part) for key, part in value.items()}
    if isinstance(value, ir.AbstractRHS):  # statements, too
        twin = kind.__new__(kind)
        twin.__dict__.update({name: _copied(part) for name, part in value.__dict__.items()})
        return twin
    return value
