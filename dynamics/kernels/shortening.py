"""Less for numba to infer and to lower: one name for each value, and nothing that nobody reads.

Once helpers are taken into a function, a third of its statements hand on values: to a helper's arguments, back from it,
through a tuple where it returns several, and each constant is named anew wherever it is used.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from numba.core import ir
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import build_definitions

from dynamics.kernels.extremes import IN_PLACE
from dynamics.kernels.origins import is_users

Blocks = Mapping[int, ir.Block]
Values = Mapping[str, Any]  # by the names of variables that are assigned in one place
_NAMING = (ir.Const, ir.FreeVar, ir.Global, ir.Var)
_PLAIN = (int, float, bool, ModuleType)


def shorten(blocks: Blocks, ours: bool) -> None:
    """Shorten a function that is in SSA form; `ours` branch on numbers and truth values alone, and compare two."""
    if ours:
        _compare_in_place(blocks)
    values = _values(blocks)
    names = {name: origin for name, value in values.items() if (origin := _origin(value, values)) is not None}
    shared = _shared(blocks, values)
    names = {name: shared.get(origin.name, origin) for name, origin in names.items()} | shared
    idle = set(names) | {name for name, value in values.items() if _only_names(value, values)}
    if ours:
        idle |= _branch_by_conditions(blocks, values)
    for block in blocks.values():
        for statement in block.body:
            _rename(statement, names)
    _drop(blocks, idle)


def _compare_in_place(blocks: Blocks) -> None:
    """Let `min` and `max` be functions that need no machine code of their own."""
    for statement in _assigned(blocks):
        named = statement.value
        if isinstance(named, ir.Global) and (named.value is min or named.value is max):
            statement.value = ir.Global(named.name, IN_PLACE[named.value], named.loc)


def _assigned(blocks: Blocks) -> Iterator[ir.Assign]:
    for block in blocks.values():
        for statement in block.body:
            if isinstance(statement, ir.Assign):
                yield statement


def _values(blocks: Blocks) -> Values:
    """What is assigned to variables; not to those that a phi function stands for, which change in a loop."""
    times = Counter(statement.target.name for statement in _assigned(blocks))
    return {
        statement.target.name: statement.value
        for statement in _assigned(blocks)
        if times[statement.target.name] == 1 and not _is(statement.value, "phi")
    }


def _origin(value: Any, values: Values) -> ir.Var | None:
    """The variable that has had a value before."""
    found = None
    while (handed := _handed_on(value, values)) is not None and handed.name in values:
        found, value = handed, values[handed.name]
    return found


def _handed_on(value: Any, values: Values) -> ir.Var | None:
    """The variable that is only given another name, or was put into a tuple to be taken out again."""
    if isinstance(value, ir.Var):
        return value
    if _is(value, "static_getitem"):
        parts = _parts(values.get(value.value.name), values)
        return parts[value.index] if parts else None
    return None


def _parts(value: Any, values: Values) -> list[ir.Var]:
    """What a tuple was made of that is taken to pieces; nothing where that is not known."""
    if not _is(value, "exhaust_iter"):
        return []
    made: Any = values.get(value.value.name)
    while isinstance(made, ir.Var):
        made = values.get(made.name)
    return made.items if _is(made, "build_tuple") and len(made.items) == value.count else []


def _shared(blocks: Blocks, values: Values) -> dict[str, ir.Var]:
    """One name for a constant that has several; it is assigned where the function begins, before all that read it."""
    first: dict[Any, ir.Assign] = {}
    shared: dict[str, ir.Var] = {}
    early: dict[int, ir.Assign] = {}
    for statement in _assigned(blocks):
        value, name = statement.value, statement.target.name
        if name not in values or not isinstance(value, ir.Const | ir.Global):
            continue
        if callable(value.value) or type(value.value) in _PLAIN:
            one = first.setdefault((type(value), id(value.value)), statement)
            if one is not statement:
                shared[name] = one.target
                early[id(one)] = one
    for block in blocks.values():
        block.body = [statement for statement in block.body if id(statement) not in early]
    blocks[min(blocks)].body[:0] = early.values()
    return shared


def _branch_by_conditions(blocks: Blocks, values: Values) -> set[str]:
    """Let branches be by a condition itself, not by its truth value, which lowering takes; the names of these."""
    truths = set()
    for block in blocks.values():
        branch = block.terminator
        if isinstance(branch, ir.Branch):
            truth: Any = values.get(branch.cond.name)
            if _is(truth, "call") and getattr(values.get(truth.func.name), "value", None) is bool:
                truths.add(branch.cond.name)
                branch.cond = truth.args[0]
    return truths


def _is(value: Any, operation: str) -> bool:
    return isinstance(value, ir.Expr) and value.op == operation


def _rename(part: Any, names: Mapping[str, ir.Var]) -> None:
    """Write other variables into what a statement reads.

    A phi function keeps its own: numba assigns to it as soon as these have their value.
    """
    if isinstance(part, ir.Assign):
        if isinstance(part.value, ir.Var):
            part.value = names.get(part.value.name, part.value)
        part = part.value
    if not isinstance(part, ir.Inst) or _is(part, "phi"):
        return
    fields = part._kws if isinstance(part, ir.Expr) else part.__dict__
    for field, value in fields.items():
        if type(value) is ir.Var:
            fields[field] = names.get(value.name, value)
        elif type(value) is list or type(value) is tuple:
            fields[field] = type(value)(names.get(each.name, each) if type(each) is ir.Var else each for each in value)


def _only_names(value: Any, values: Values) -> bool:
    """Whether an expression does nothing but name something, or make or take to pieces a tuple of known parts."""
    return isinstance(value, _NAMING) or _is(value, "build_tuple") or bool(_parts(value, values))


def _drop(blocks: Blocks, idle: set[str]) -> None:
    """Take out those of some assignments whose variables nobody reads."""
    waiting: list[Any] = []
    values: dict[str, Any] = {}
    for block in blocks.values():
        for statement in block.body:
            if isinstance(statement, ir.Assign) and statement.target.name in idle:
                values[statement.target.name] = statement.value
            else:
                waiting.append(statement.value if isinstance(statement, ir.Assign) else statement)
    read: set[str] = set()
    while waiting:
        part = waiting.pop()
        for variable in [part] if isinstance(part, ir.Var) else part.list_vars() if isinstance(part, ir.Inst) else []:
            if variable.name in values and variable.name not in read:
                read.add(variable.name)
                waiting.append(values[variable.name])
    unread = values.keys() - read
    for block in blocks.values():
        block.body = [step for step in block.body if not (isinstance(step, ir.Assign) and step.target.name in unread)]


@register_pass(mutates_CFG=False, analysis_only=False)
class Shorten(FunctionPass):
    """The pass that does it, before types are inferred."""

    _name = "optdyn_shorten"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        """Shorten the function at hand; of a generator, which keeps variables between its calls, nothing."""
        code = state.func_ir
        if code.is_generator:
            return False
        shorten(code.blocks, not is_users(code.func_id.func.__module__))
        code._definitions = build_definitions(code.blocks)
        return True
