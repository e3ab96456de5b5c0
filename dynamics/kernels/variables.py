"""The variables that numba's statements name: found quickly, and looked at once for each block."""

from collections.abc import Callable
from typing import Any

from numba.core import ir

_NOT_VARIABLES = frozenset({str, int, ir.Loc, type(None), bool, float})
Blocks = dict[int, ir.Block]


def variables_in(self: Any, value: Any) -> list[ir.Var]:
    """The variables that a part of a statement names, in order."""
    found: list[ir.Var] = []
    _add_variables(value, found)
    return found


def _add_variables(value: Any, found: list[ir.Var]) -> None:
    kind = type(value)
    if kind in _NOT_VARIABLES:
        return
    if kind is ir.Var:
        found.append(value)
    elif kind is dict:
        for part in value.values():
            _add_variables(part, found)
    elif kind is list or kind is tuple:
        for part in value:
            _add_variables(part, found)
    elif isinstance(value, ir.Inst):
        found += value.list_vars()


def blocks_with_it(rewrites: Callable[..., Any]) -> Callable[..., Any]:
    """numba's rewriting of all blocks for one variable after the other, each time of those that name it."""
    named: dict[int, tuple[ir.Block, set[str]]] = {}  # the new names are of variables that are done with

    def run_block_rewrite(blocks: Blocks, states: dict[str, Any], handler: Any) -> Blocks:
        rewritten = dict(blocks)
        for label, block in blocks.items():
            if id(block) not in named:
                named[id(block)] = block, {variable.name for step in block.body for variable in step.list_vars()}
            names = named[id(block)][1]
            if states["varname"] in names:
                rewritten |= rewrites({label: block}, states, handler)
                named[id(rewritten[label])] = rewritten[label], names
        return rewritten

    return run_block_rewrite
