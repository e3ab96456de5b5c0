"""Helpers that numba takes into a function before it infers types: each analysed once, and copied quickly.

numba analyses a helper anew at each call of it, and copies it twice, with all its variables for each of its blocks.
"""

from collections.abc import Callable
from copy import copy
from typing import Any

from numba.core import ir

from dynamics.kernels.origins import is_users

_of_ours: dict[Any, Any] = {}  # which stays as it is in a process


def analysed_once(analyses: Callable[..., Any]) -> Callable[..., Any]:
    """What numba makes of a helper's byte code, remembered; a user's, for the kernel at hand."""
    of_users: dict[Any, Any] = {}

    def run_untyped_passes(self: Any, func: Any, enable_ssa: bool = False) -> Any:
        known = of_users if is_users(func.__module__) else _of_ours
        question = (func, enable_ssa, self.flags.no_rewrites, self.flags.auto_parallel.enabled)
        if question not in known:
            known[question] = analyses(self, func, enable_ssa)
            return known[question]
        twin = copy(known[question])
        twin.func_id = twin.func_id.derive()  # variables are named by it, and each has a name of its own
        return twin

    return run_untyped_passes


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
    kind: Any = type(value)
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
