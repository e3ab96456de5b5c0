"""What numba is given to do for a kernel: each helper analysed once, and machine code of nothing that nobody calls."""

import re
from types import SimpleNamespace
from typing import NamedTuple

import numba
import numpy as np
import pytest
from llvmlite import binding
from numba.core.codegen import JITCPUCodegen
from numba.core.inline_closurecall import InlineWorker
from numba.core.registry import cpu_target

from dynamics.kernels.cache import compiled
from dynamics.kernels.generic import generic, implements
from dynamics.kernels.inlining import analysed_once
from dynamics.kernels.pipeline import DriverPipeline, _InlinedCode
from dynamics.kernels.policy import KERNEL_OPTIONS, kernel
from dynamics.vectors.blocks import block_of

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")


class Spring(NamedTuple):
    stiffness: float


@generic()
def force(thing, x):
    """Return what pulls at x."""


@kernel
def tripled(t):
    shifted = t + t
    if shifted > 100.0:
        shifted = 100.0
    return shifted + t


@implements(force, Spring)
def _(thing, x):
    if x < 0.0:
        raise ValueError("below 0", x)
    return tripled(thing.stiffness) - tripled(tripled(x))


def twice(thing, x):
    """A kernel that Python calls."""
    return force(thing, x) + force(thing, x)


def analysing(function, flags):
    """Whether numba analyses a helper in each of two kernels, the second time in the same one included."""
    analysed = []

    def analyses(self, func, enable_ssa):
        analysed.append(func)
        return SimpleNamespace(func_id=SimpleNamespace(derive=lambda: None))

    for _ in range(2):
        ask = analysed_once(analyses)
        for _ in range(2):
            ask(SimpleNamespace(flags=flags), function)
    return len(analysed)


def test_a_helper_of_ours_is_analysed_once_in_a_process_and_a_users_for_each_kernel():
    parallel = SimpleNamespace(enabled=False)
    flags = SimpleNamespace(no_rewrites="a flag of its own", auto_parallel=parallel)
    assert analysing(block_of.py_func, flags) == 1
    assert analysing(tripled.py_func, flags) == 2


def test_helpers_are_analysed_once_and_only_the_driver_becomes_machine_code(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    analysed, rewritten, machine_code = [], [], []
    analyses, adds = InlineWorker.run_untyped_passes, JITCPUCodegen._add_module
    emits = binding.TargetMachine.emit_object

    def analysing(self, function, enable_ssa=False):
        analysed.append(function.__name__)
        return analyses(self, function, enable_ssa)

    def emitting(self, module):
        rewritten.extend(function.name for function in module.functions if not function.is_declaration)
        return emits(self, module)

    def adding(self, module):
        machine_code.extend(function.name for function in module.functions if not function.is_declaration)
        return adds(self, module)

    monkeypatch.setattr(InlineWorker, "run_untyped_passes", analysing)
    monkeypatch.setattr(binding.TargetMachine, "emit_object", emitting)
    monkeypatch.setattr(JITCPUCodegen, "_add_module", adding)
    arguments = (Spring(2.0), 1.5)
    run = compiled(twice, arguments)
    assert analysed == ["tripled"]
    assert sum("test_pipeline1_" in name for name in rewritten) == 1  # the implementation of `force`
    ours = [name for name in machine_code if "test_pipeline" in name]
    assert len(ours) == 2  # itself, and what Python calls
    assert all("test_pipeline5twice" in name for name in ours)
    # Several copies of one helper in one function have variables of their own.
    assert run(*arguments) == 2 * (6.0 - 13.5)
    # What is inlined may raise: numba makes the arguments in an environment of the function's own.
    with pytest.raises(ValueError, match="below 0") as raised:
        run(Spring(2.0), -1.5)
    assert raised.value.args == ("below 0", -1.5)


# The sum of every third of n numbers, in which LLVM gives the address a variable of its own.
LOOP = """
target datalayout = "{layout}"
define linkonce_odr double @total(ptr %x, i64 %n) {{
start:
  br label %loop
loop:
  %i = phi i64 [ 0, %start ], [ %next, %loop ]
  %sum = phi double [ 0.0, %start ], [ %more, %loop ]
  %place = getelementptr inbounds double, ptr %x, i64 %i
  %number = load double, ptr %place
  %more = fadd double %sum, %number
  %next = add nuw nsw i64 %i, 3
  %ends = icmp ult i64 %next, %n
  br i1 %ends, label %loop, label %end
end:
  ret double %more
}}
"""


def test_inlined_code_is_what_it_would_be_once_it_were_machine_code():
    codegen = cpu_target.target_context.codegen()
    code = LOOP.format(layout=codegen._data_layout)
    compiled_too, inlined = binding.parse_assembly(code), _InlinedCode(codegen, "total")
    inlined._final_module = binding.parse_assembly(code)
    untouched, objects = str(compiled_too), []
    machine_code = codegen._tm.emit_object(compiled_too)
    emits = SimpleNamespace(emit_object=lambda module: objects.append(codegen._tm.emit_object(module)))
    inlined._codegen = SimpleNamespace(_tm=emits)
    inlined._prepare()
    assert str(inlined._final_module) == str(compiled_too) != untouched
    assert [b"total" in code for code in (machine_code, *objects)] == [True, False]


def squared_length(x):
    total = 0.0
    for j in range(len(x)):
        total += x[j] * x[j]
    return total


def test_plain_loops_may_take_their_sums_in_another_order_and_go_by_vectors():
    function = numba.njit(**KERNEL_OPTIONS, pipeline_class=DriverPipeline)(squared_length)
    assert function(np.ones(64)) == 64.0
    code = function.inspect_llvm(function.signatures[0])
    assert re.search(r"fadd [a-z ]*reassoc [a-z ]*<\d+ x double>", code)
