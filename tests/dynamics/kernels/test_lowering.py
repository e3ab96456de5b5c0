"""What LLVM is given for functions that count no references: values, no structures that nobody reads."""

from typing import NamedTuple

import numba
import numpy as np
import pytest
from llvmlite import ir
from numba.core import cpu
from numba.core import ir as numba_ir
from numba.core.compiler import run_frontend
from numba.core.typed_passes import AnnotateTypes

from dynamics.kernels import pipeline, policy
from dynamics.kernels.cache import compiled
from dynamics.kernels.forwarding import forward
from dynamics.kernels.generic import generic, implements
from dynamics.kernels.lowering import Folding, drop_unused, values

PAIR = ir.LiteralStructType([ir.DoubleType(), ir.ArrayType(ir.DoubleType(), 2)])


def test_what_is_assigned_once_before_each_use_is_a_value():
    def body(x, sometimes):
        once = x + 1.0
        changed = x
        while changed < 10.0:
            if sometimes:
                late = changed
            before = changed
            changed = once + changed
            before = before + 1.0
        return late + changed + once

    found = values(run_frontend(body).blocks)
    assert {"once", "x", "sometimes"} <= found
    assert found.isdisjoint({"changed", "late", "before"})


def test_what_an_earlier_turn_of_a_loop_left_is_no_value():
    place = numba_ir.Loc("", 1)
    scope = numba_ir.Scope(None, place)
    n, last, total = (scope.define(name, place) for name in ("n", "last", "total"))
    start, loop, end = (numba_ir.Block(scope, place) for _ in range(3))
    start.body = [numba_ir.Assign(numba_ir.Const(1, place), n, place), numba_ir.Jump(10, place)]
    loop.body = [numba_ir.Assign(last, total, place), numba_ir.Assign(n, last, place)]
    loop.body.append(numba_ir.Branch(n, 10, 20, place))
    end.body = [numba_ir.Return(total, place)]
    assert values({0: start, 10: loop, 20: end}) == {"n", "total"}


@pytest.fixture
def builder():
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(ir.DoubleType(), [PAIR, ir.DoubleType()]), "f")
    return Folding(function.append_basic_block())


def test_what_was_put_into_a_structure_is_not_taken_out_of_it(builder):
    whole, number = builder.function.args
    inner = builder.insert_value(PAIR.elements[1](ir.Undefined), number, 1)
    put = builder.insert_value(builder.insert_value(whole, inner, 1), ir.DoubleType()(2.0), 0)
    assert builder.extract_value(put, [1, 1]) is number
    assert builder.extract_value(put, 1) is inner
    assert builder.extract_value(put, 0).constant == 2.0
    elsewhere = builder.extract_value(builder.insert_value(whole, number, 0), [1, 0])
    assert (elsewhere.aggregate, elsewhere.indices) == (whole, [1, 0])
    in_part = builder.extract_value(builder.insert_value(whole, number, [1, 0]), 1)
    assert in_part.aggregate.indices == [1, 0]


def test_what_nobody_reads_is_left_out(builder):
    whole, number = builder.function.args
    place = builder.alloca(PAIR)
    builder.store(whole, place)
    unread = builder.insert_value(builder.load(place), number, 0)
    read = builder.extract_value(builder.load(builder.gep(place, [ir.IntType(32)(0)])), 0)
    builder.extract_value(unread, 1)
    after = builder.append_basic_block()
    builder.branch(after)
    builder.position_at_end(after)
    met = builder.phi(ir.DoubleType())
    met.add_incoming(read, builder.function.entry_basic_block)
    builder.ret(met)
    drop_unused(builder.module)
    kept = [step.opname for block in builder.function.blocks for step in block.instructions]
    assert kept == ["alloca", "store", "getelementptr", "load", "extractvalue", "br", "phi", "ret"]


class Data(NamedTuple):
    rows: np.ndarray
    scale: float


class Held(NamedTuple):
    count: int
    data: Data


class Outer(NamedTuple):
    inside: Held


@generic()
def weighed(thing, x):
    """Return the scaled sum of rows and x."""


@generic()
def put(data, x):
    """Write to x."""


@generic()
def summed(data, x):
    """Return the scaled sum."""


@implements(summed, Data)
def _(data, x):
    total = 0.0
    for j in range(len(x)):
        if x[j] > 0.0:
            total += data.rows[j]
        total += x[j]
    return data.scale * total


@implements(put, Data)
def _(data, x):
    x[0] = data.scale


@implements(put, Held)
def _(data, x):
    put(data.data, x)


@implements(weighed, Held)
def _(thing, x):
    return summed(thing.data, x)


@implements(weighed, Outer)
def _(thing, x):
    return weighed(thing.inside, x)


def weigh(thing, x, times):
    """A kernel that Python calls."""
    put(thing.inside, x)
    total = 0.0
    for _ in range(times):
        total = weighed(thing, x) - 0.25 * total
    return total


def test_implementations_that_do_more_than_hand_on_are_seen():
    assert forward(weighed.table[Held]).arguments == ((0, ("data",)), (1, ()))
    assert not forward(put.table[Held]).returns
    for body in (lambda x: weighed(x, 1.0), lambda x: x, lambda x: put(put(x)), lambda x: put(x) if x else None):
        assert forward(body) is None
    assert forward(lambda x: -put(x)) is None

    def twice(x):
        put(x)
        return put(x)

    assert forward(twice) is None
    bound = 2.0
    assert forward(lambda x: put(x, bound)) is None


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_llvm_gets_a_function_for_each_that_does_something_and_keeps_no_structure_in_memory(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    modules, registrations, needless = [], [], []
    registers = cpu.CPUContext.load_additional_registries

    def adding(adds):
        def add(self, module):
            adds(self, module)
            modules.append(module)
            written = str(module)
            drop_unused(module)
            assert str(module) == written

        return add

    def registering(self):
        registrations.append(self)
        registers(self)

    def step_of(self, state):
        needless.append(self)
        return False

    for step in (AnnotateTypes, *pipeline._FOR_REFERENCES):
        monkeypatch.setattr(step, "run_pass", step_of)
    monkeypatch.setattr(policy, "_OWN", (*policy._OWN, "tests"))  # what is a user's counts references
    for code in (pipeline._Code, pipeline._InlinedCode):
        monkeypatch.setattr(code, "add_ir_module", adding(code.add_ir_module))
    monkeypatch.setattr(cpu.CPUContext, "load_additional_registries", registering)
    thing, x = Outer(Held(4, Data(np.array([1.0, 2.0]), 3.0))), np.array([9.0, -1.0])
    expected = weigh(thing, x.copy(), 3)
    assert compiled(weigh, (thing, x, 3))(thing, x, 3) == expected == 9.0 - 0.25 * (9.0 - 0.25 * 9.0)
    assert x[0] == 3.0
    made = [[function for function in module.functions if not function.is_declaration] for module in modules]
    names = [function.name for functions in made for function in functions]
    assert len(names) == 4  # `put` of Data, `summed`, the kernel, and what Python calls
    assert [{"optnone", "noinline"} <= function.attributes for functions in made for function in functions] == [
        False,
        False,
        False,
        True,
    ]
    assert "alloca {{" not in "".join(map(str, modules[:-1]))  # what holds a problem
    assert len(registrations) <= 3
    assert needless == []
