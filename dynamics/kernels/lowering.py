"""LLVM's code of functions that count no references: variables are values there, and not places in memory.

numba gives a variable that more than one block uses a place in memory. Before each store it reads what stood there,
and after the last use it clears the place, both for counts of references. A variable of ours may hold a problem, with
all its arrays in one structure, and LLVM takes each such load and store to pieces before it finds that nobody needs it.
"""

from collections.abc import Mapping
from typing import Any

from llvmlite.ir import IRBuilder, Module
from llvmlite.ir.instructions import CastInstr, ExtractValue, GEPInstr, InsertValue, LoadInstr
from numba.core import cgutils, ir
from numba.core.analysis import compute_cfg_from_blocks, must_use_alloca
from numba.core.lowering import Lower


class ValueLower(Lower):
    """numba's, where references are counted. Else what is assigned once is a value, and nothing is ever cleared."""

    @property
    def _counts(self) -> bool:
        return bool(self.context.enable_nrt) or self.generator_info is not None

    def _find_singly_assigned_variable(self) -> None:
        if self._counts or self._disable_sroa_like_opt:
            super()._find_singly_assigned_variable()
            return
        self._singly_assigned_vars = values(self.blocks)
        self._blk_local_varmap: dict[str, Any] = {}

    def alloca_lltype(self, name: str, lltype: Any, datamodel: Any = None) -> Any:
        """A place in memory; who debugs is told how large it is, for which LLVM has to be asked."""
        if self.context.enable_debuginfo:
            return super().alloca_lltype(name, lltype, datamodel)
        return cgutils.alloca_once(self.builder, lltype, name=name, zfill=False)

    def storevar(self, value: Any, name: str, argidx: int | None = None) -> None:
        """Let a variable have a value from here on."""
        if self._counts or self._disable_sroa_like_opt:
            super().storevar(value, name, argidx)
        elif name in self._singly_assigned_vars:
            self._blk_local_varmap[name] = value
        else:
            self.builder.store(value, self.getvar(name))

    def delvar(self, name: str) -> None:
        """Nothing, where no reference is dropped."""
        if self._counts or self._disable_sroa_like_opt:
            super().delvar(name)


def values(blocks: Mapping[int, ir.Block]) -> set[str]:
    """The variables that are assigned in one place which comes before each use, in the code and whenever it runs."""
    places: dict[str, list[tuple[int, int]]] = {}
    uses: dict[str, list[tuple[int, int]]] = {}
    for label, block in blocks.items():
        for line, statement in enumerate(block.body):
            read = statement
            if isinstance(statement, ir.Assign):
                places.setdefault(statement.target.name, []).append((label, line))
                read = statement.value
            if isinstance(read, ir.Var):
                uses.setdefault(read.name, []).append((label, line))
            elif isinstance(read, ir.Inst):
                for variable in read.list_vars():
                    uses.setdefault(variable.name, []).append((label, line))
    before = compute_cfg_from_blocks(blocks).dominators()
    return {
        name
        for name, (first, *others) in places.items()
        if not others and all(first < use and first[0] in before[use[0]] for use in uses.get(name, ()))
    } - must_use_alloca(blocks)


class Folding(IRBuilder):
    """Knows what was put into a structure just before, and doesn't ask LLVM to take it out again."""

    def extract_value(self, agg: Any, idx: Any, name: str = "") -> Any:
        """A part of a structure."""
        path = list(idx) if isinstance(idx, list | tuple) else [idx]
        whole = agg
        while isinstance(whole, InsertValue):
            put = list(whole.indices)
            shared = min(len(put), len(path))
            if put[:shared] != path[:shared]:
                whole = whole.aggregate
            elif shared == len(path) < len(put):  # a part of what is asked for
                break
            else:
                whole, path = whole.value, path[shared:]
                if not path:
                    return whole
        return super().extract_value(whole, path, name)


_WITHOUT_EFFECT = (CastInstr, ExtractValue, GEPInstr, InsertValue, LoadInstr)


def drop_unused(module: Module) -> None:
    """Take out of a module the structures and what is read from memory that nobody asks for."""
    for function in module.functions:
        everything = [step for block in function.blocks for step in block.instructions]
        waiting = [step for step in everything if not isinstance(step, _WITHOUT_EFFECT)]
        used: set[int] = set()
        while waiting:
            step = waiting.pop()
            for value in (*step.operands, *(value for value, _ in getattr(step, "incomings", ()))):
                if isinstance(value, _WITHOUT_EFFECT) and id(value) not in used:
                    used.add(id(value))
                    waiting.append(value)
        for block in function.blocks:
            kept = [step for step in block.instructions if not isinstance(step, _WITHOUT_EFFECT) or id(step) in used]
            block.instructions[:] = kept
