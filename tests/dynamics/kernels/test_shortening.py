"""What numba infers types of and lowers has one name for each value, and computes what it computed."""

import numba
import numpy as np
import pytest
from numba.core import ir
from numba.core.compiler import run_frontend
from numba.core.errors import TypingError
from numba.core.lowering import BaseLower
from numba.core.ssa import _run_block_rewrite, reconstruct_ssa

from dynamics.kernels.cache import compiled
from dynamics.kernels.extremes import larger, smaller
from dynamics.kernels.policy import kernel
from dynamics.kernels.shortening import shorten
from dynamics.kernels.variables import blocks_with_it

SCALE = 3.0


def shortened(body, ours=True):
    code = reconstruct_ssa(run_frontend(body))
    shorten(code.blocks, ours)
    return [statement for block in code.blocks.values() for statement in block.body]


def right_sides(statements, kind):
    return [each.value for each in statements if isinstance(each, ir.Assign) and isinstance(each.value, kind)]


def test_a_value_has_one_name_and_a_constant_too():
    def body(x):
        again = x
        scaled = SCALE * abs(again)
        both = (SCALE, scaled)
        same = both
        left, right = same
        _unread = (left, right)
        return left * abs(right)

    found = shortened(body)
    expressions = right_sides(found, ir.Expr)
    assert [each.op for each in expressions] == ["call", "binop", "call", "binop", "cast"]
    inner, scaled, outer, product, _ = expressions
    assert inner.args[0].name == "x"
    assert inner.func is outer.func
    assert scaled.lhs is product.lhs
    assert outer.args[0].name == "scaled"
    assert right_sides(found, ir.Var) == []
    assert [each.value for each in right_sides(found, ir.Global)] in ([SCALE, abs], [abs, SCALE])


def test_what_is_assigned_twice_keeps_its_name():
    def body(x):
        again = -x
        if x > 0.0:
            again = x
        return again

    code = run_frontend(body)
    shorten(code.blocks, True)
    last = code.blocks[max(code.blocks)].body
    assert [each.value.value.name for each in last if isinstance(each, ir.Assign)] == ["again"]


def test_a_tuple_of_another_length_is_left_to_numba():
    def body(x):
        both = (x, x)
        left, _middle, _right = both
        return left

    assert [each.op for each in right_sides(shortened(body), ir.Expr)][:2] == ["build_tuple", "exhaust_iter"]


@pytest.mark.parametrize("ours", [True, False])
def test_branches_of_ours_are_by_conditions(ours):
    def body(x):
        kept = bool(x)
        if x > 0.0:
            return x
        return SCALE if kept else x

    found = shortened(body, ours)
    calls = [each for each in right_sides(found, ir.Expr) if each.op == "call"]
    assert len(calls) == (1 if ours else 3)
    conditions = [each.cond.name for each in found if isinstance(each, ir.Branch)]
    assert ("kept" in conditions) == ours


@kernel
def moved(here, there, step):
    ahead = here + step * there
    return ahead, there - step * here, here


def turned(x, turns):
    here, there, before, last, k = x[0], 1.0, 0.0, 0, 0
    first, second, up, down = 0.0, 1.0, 3.0, 4.0
    while k < turns:  # one block, at the end of which each variable is what it will be in the next turn
        last, was = k, down
        first, second = second, first
        up, down = up + 0.5 * down, down - 0.5 * up
        here, there, before = moved(here, there, 0.5)
        x[2] += was * (last + 1)
        k += 1
    x[0], x[1] = here, there
    return before, last, first - second, k, up, down


def both_positive(x, y):
    """A user's, with a condition that is no number."""
    if x > y:
        return 1.0
    return 0.0


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
@pytest.mark.parametrize("turns", [0, 1, 2, 7])
def test_what_changes_in_a_loop_keeps_a_name_of_its_own(turns, monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    lowered, lowers = [], BaseLower.lower

    def lowering(self):
        lowered.extend(statement for block in self.blocks.values() for statement in block.body)
        lowers(self)

    monkeypatch.setattr(BaseLower, "lower", lowering)
    x, y = np.array([2.0, 0.0, 0.0]), np.array([2.0, 0.0, 0.0])
    assert compiled(turned, (x, turns))(x, turns) == turned(y, turns)
    assert np.array_equal(x, y)
    assert "exhaust_iter" not in [each.op for each in right_sides(lowered, ir.Expr)]


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_a_users_condition_has_to_have_a_truth_value(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    x = np.ones(2)
    with pytest.raises(TypingError, match="bool"):
        compiled(both_positive, (x, x))


def test_blocks_that_do_not_name_a_variable_stay_as_they_are():
    def body(x, n):
        total = x
        for _ in range(n):
            if total > 1.0:
                total = total - 1.0
        return x

    seen = []

    class Handler:
        def on_assign(self, states, statement):
            seen.append(statement)
            return statement

        on_other = on_assign

    blocks = run_frontend(body).blocks
    rewritten = blocks_with_it(_run_block_rewrite)(blocks, {"varname": "total"}, Handler())
    naming = [label for label, block in blocks.items() if any("total" in str(each) for each in block.body)]
    assert [label for label in blocks if rewritten[label] is not blocks[label]] == naming
    assert len(seen) == sum(len(blocks[label].body) for label in naming)
    assert 0 < len(naming) < len(blocks)


NUMBERS = [-2.0, -0.0, 0.0, 1.5, np.inf, np.nan]


def test_two_numbers_are_compared_in_place_as_python_does():
    def body(one, other, whole):
        return max(one, other), min(one, other), max(0, whole), min(other, whole)

    assert [each.value for each in right_sides(shortened(body), ir.Global) if callable(each.value)] == [larger, smaller]
    assert [each.value for each in right_sides(shortened(body, ours=False), ir.Global)][-2:] == [max, min]
    function = numba.njit(
        lambda one, other, whole: (larger(one, other), smaller(one, other), larger(0, whole), smaller(other, whole))
    )
    for one in NUMBERS:
        for other in NUMBERS:
            np.testing.assert_array_equal(function(one, other, -3), body(one, other, -3))
            assert np.signbit(function(one, other, -3)).tolist() == np.signbit(body(one, other, -3)).tolist()
    assert type(function(1.0, 2.0, 5)[2]) is int
