"""Long functions that are called: what is called, with which arguments, and that nothing is lost on the way."""

import ctypes
from typing import NamedTuple

import numba
import pytest
from llvmlite import binding
from numba.core.registry import cpu_target

from dynamics.kernels import objects, pieces, pipeline, policy
from dynamics.kernels.cache import compiled
from dynamics.kernels.generic import Generic, generic, implements
from dynamics.kernels.pieces import LONG, piece
from dynamics.protocol.oracle import (
    gauss_newton_product,
    hessian,
    hessian_product,
    prepare_products,
    prepared_product,
    sampled_hessian_product,
)
from synthetic.classifiers.penalised_means import add_sample, add_sample_gauss_newton, add_sample_product

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")


def powers(lines):
    """A function of LLVM's that writes y of the power `lines`; two of its arguments are not used."""
    steps = "\n".join(f"  %y{i + 1} = fmul double %y{i}, %y.10" for i in range(1, lines))
    return f"""
        @unit = private constant double 1.0
        define noundef i32 @NAME(ptr writeonly captures(none) %place, double %y.1, double %y.10, ptr %unread) #0 {{
          %unit = load double, ptr @unit
          %y1 = fmul double %unit, %y.10
          {steps}
          store double %y{lines}, ptr %place
          ret i32 7
        }}
        attributes #0 = {{ alwaysinline nounwind "of"="{lines}" }}
        !numba_args_may_always_need_nrt = !{{!0}}
        !0 = !{{ptr @NAME}}
    """  # the last two as numba wrote them before 0.66


def test_a_long_function_is_called_with_what_it_uses_and_does_what_it_did(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    cpu_target.target_context.codegen()  # makes LLVM ready
    assert piece(binding.parse_assembly(powers(LONG - 4))) is None
    made = piece(binding.parse_assembly(powers(LONG)))
    (function,) = made.code.functions
    (declared,) = (each for each in made.call.functions if each.is_declaration)
    for each in (function, declared):
        assert next(iter(each.attributes)) == b'noinline nounwind "of"="%d"' % LONG
        assert [list(argument.attributes) for argument in each.arguments] == [[b"writeonly", b"captures(none)"], []]
    assert [str(argument) for argument in function.arguments] == ["ptr %place", "double %y.10"]
    unasked = binding.parse_assembly("")
    unasked.link_in(made.code, preserve=True)
    assert [each.name for each in unasked.functions] == ["called.NAME"]
    made.call.link_in(made.code)
    kinds = (ctypes.POINTER(ctypes.c_double), ctypes.c_double, ctypes.c_double, ctypes.c_void_p)
    text = str(made.call).replace("linkonce_odr ", "")
    run, place = ctypes.CFUNCTYPE(ctypes.c_int, *kinds)(objects.address_of(text)), ctypes.c_double()
    assert run(place, 3.0, 2.0 ** (1 / 64), None) == 7
    assert place.value == pytest.approx(2.0 ** (LONG / 64), rel=1e-13)


def test_no_first_order_method_asks_for_what_is_called_but_for_a_sample_of_a_classifier():
    of_curvature = {hessian, hessian_product, prepare_products, prepared_product, gauss_newton_product}
    called = {function for function in Generic.everyone if function.called and function.__module__ != __name__}
    of_samples = {add_sample, add_sample_product, add_sample_gauss_newton}
    assert called == of_curvature | {sampled_hessian_product} | of_samples


class Spring(NamedTuple):
    stiffness: float
    length: int


@generic(called=True)
def bend(thing, x):
    """Return a sum, long in LLVM's code."""


@generic()
def pull(thing, x):
    """Return a sum, long in LLVM's code."""


@generic()
def swing(thing, x):
    """Ask for both."""


@generic(called=True)
def rest(thing, x):
    """Return a number, short in LLVM's code."""


@implements(bend, Spring)
@implements(pull, Spring)
def _(thing, x):
    total = 0.0
    for i in range(thing.length):
        total = 0.5 * total + thing.stiffness * x / (1 + i)
        if total > 100.0:
            raise ValueError("too far")
    return total


@implements(rest, Spring)
def _(thing, x):
    return thing.stiffness * x


@implements(swing, Spring)
def _(thing, x):
    total = 0.0
    for i in range(thing.length):
        total -= bend(thing, x + i) + pull(thing, x) * rest(thing, total)
    return total


def swings(thing, x):
    """A kernel that Python calls."""
    return swing(thing, x) + pull(thing, x)


@pytest.fixture
def called(monkeypatch, tmp_path):
    """The functions that a driver calls, by the names of what they implement."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(policy, "_OWN", (*policy._OWN, "tests"))  # what is a user's counts references
    monkeypatch.setattr(pieces, "LONG", 12)
    found, adds = [], pipeline._add_called

    def adding(module, library):
        before = {function.name for function in module.functions if not function.is_declaration}
        adds(module, library)
        found.append(
            ({f.name for f in module.functions if not f.is_declaration} - before, [f.name for f in module.functions])
        )

    monkeypatch.setattr(pipeline, "_add_called", adding)
    return found


def test_marked_functions_and_those_that_ask_for_them_are_called_where_they_are_long(called):
    thing = Spring(1.5, 4)
    expected = swings(thing, 1.0)
    run = compiled(swings, (thing, 1.0))
    assert run(thing, 1.0) == pytest.approx(expected, rel=1e-14)
    ((added, everything),) = called
    assert sorted(added) == sorted(name for name in everything if name.startswith("called."))
    assert len(added) == 2  # `bend` and `swing`
    with pytest.raises(ValueError, match="too far"):  # by what is called
        run(thing, 200.0)


def test_numbas_own_functions_get_what_is_called_with_the_call(called):
    thing = Spring(1.5, 4)
    run = numba.njit(swings)
    assert run(thing, 1.0) == pytest.approx(swings(thing, 1.0), rel=1e-14)
    assert called
