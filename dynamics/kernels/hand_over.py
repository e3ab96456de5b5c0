"""How a driver gets its arguments from Python: each array and number is taken as it comes.

numba's own hand-over tests each argument and has a way out after each, which for forty arrays takes as long to compile
as the driver. Here the types are known before, by `dynamics.kernels.cache` or by numba's dispatcher, and arrays are
read where NumPy's and Python's headers say that they keep things.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.callwrapper import PyCallWrapper
from numba.extending import NativeValue, unbox
from numba.np.numpy_support import as_dtype

WORD = ir.IntType(64)
# In words: where an array keeps the address of its numbers, before dimensions, shape, strides; a tuple its entries.
DATA = object.__basicsize__ // 8
ENTRIES = tuple.__basicsize__ // 8

Taking = Callable[["Hand", Any, Any], Any]
_takings: dict[type, Taking] = {}


class Hand(NamedTuple):
    """Emits the code that takes arguments."""

    context: Any
    builder: Any
    api: Any  # Python's, to compiled code

    def take(self, kind: Any, thing: Any) -> Any:
        """The value of an argument of a numba type, from the address of the Python object."""
        taking = _taking(kind)
        assert taking is not None
        return taking(self, kind, thing)

    def words(self, address: Any, first: int, count: int) -> list[Any]:
        """So many words of memory."""
        table = self.builder.bitcast(address, WORD.as_pointer())
        return [self.builder.load(self.builder.gep(table, [WORD(first + i)])) for i in range(count)]

    def attribute(self, thing: Any, name: str) -> Any:
        """An attribute of an object, which keeps it."""
        found = self.api.object_getattr_string(thing, name)
        self.api.decref(found)
        return found

    def call(self, name: str, result: Any, arguments: list[Any]) -> Any:
        """A call of a function of Python's."""
        function = ir.FunctionType(result, [argument.type for argument in arguments])
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, function, name), arguments)


def takes(kind: type) -> Callable[[Taking], Taking]:
    """Register how an argument of a class of numba types is taken, whoever hands it over."""

    def register(taking: Taking) -> Taking:
        _takings[kind] = taking
        return taking

    return register


def unboxes(kind: type) -> Callable[[Taking], Taking]:
    """The same for a class of our own, which numba is told of, too."""

    def register(taking: Taking) -> Taking:
        @unbox(kind)
        def _(its: Any, thing: Any, c: Any) -> Any:
            value = taking(Hand(c.context, c.builder, c.pyapi), its, thing)
            return NativeValue(value, is_error=c.pyapi.c_api_error())

        return takes(kind)(taking)

    return register


class HandOver(PyCallWrapper):
    """The function that Python calls: it takes the arguments, calls the kernel, and hands back what it returns."""

    def build_wrapper(self, api: Any, builder: Any, closure: Any, args: Any, kws: Any) -> None:
        """Emit its body; numba's own where an argument is of another kind."""
        kinds = self.fndesc.argtypes
        if not all(map(_can_be_taken, kinds)):
            super().build_wrapper(api, builder, closure, args, kws)
            return
        places = [api.alloca_obj() for _ in kinds]
        counted = api.unpack_tuple(args, self.fndesc.qualname, len(kinds), len(kinds), *places)
        with cgutils.if_unlikely(builder, cgutils.is_null(builder, counted)):
            builder.ret(api.get_null_object())
        hand = Hand(self.context, builder, api)
        values = [hand.take(kind, builder.load(place)) for kind, place in zip(kinds, places, strict=True)]
        with cgutils.if_unlikely(builder, api.c_api_error()):
            builder.ret(api.get_null_object())
        thread = api.save_thread() if self.release_gil else None
        status, returned = self.context.call_conv.call_function(
            builder, self.func, self.fndesc.restype, kinds, values, attrs=("noinline",)
        )
        if thread is not None:
            api.restore_thread(thread)
        with builder.if_then(status.is_ok, likely=True):
            with builder.if_then(status.is_none):
                api.return_none()
            builder.ret(api.from_native_return(self._simplified_return_type(), returned, self.get_env(api, builder)))
        self.context.call_conv.raise_error(builder, api, status)
        builder.ret(api.get_null_object())


def _taking(kind: Any) -> Taking | None:
    return next((_takings[base] for base in type(kind).__mro__ if base in _takings), None)


def _can_be_taken(kind: Any) -> bool:
    if isinstance(kind, types.BaseTuple):
        return all(map(_can_be_taken, kind))
    if isinstance(kind, types.Integer | types.Float):
        return kind in (types.int64, types.float64)
    return _taking(kind) is not None


@takes(types.BaseTuple)
def _(hand: Hand, kind: Any, thing: Any) -> Any:
    things = [hand.builder.inttoptr(place, thing.type) for place in hand.words(thing, ENTRIES, len(kind))]
    return hand.context.make_tuple(hand.builder, kind, list(map(hand.take, kind, things)))


@takes(types.Array)
def _(hand: Hand, kind: Any, thing: Any) -> Any:
    builder = hand.builder
    data, _, *rows = hand.words(thing, DATA, 4)
    shape, strides = (hand.words(builder.inttoptr(row, WORD.as_pointer()), 0, kind.ndim) for row in rows)
    count = reduce(builder.mul, shape, WORD(1))
    fields = hand.context.get_value_type(kind)
    nobody = ir.Constant(fields.elements[0], None)  # numba's mark for what somebody else keeps alive
    size = WORD(as_dtype(kind.dtype).itemsize)
    first = builder.inttoptr(data, fields.elements[4])
    array = ir.Constant(fields, ir.Undefined)
    rows_packed = (cgutils.pack_array(builder, row, WORD) for row in (shape, strides))
    for place, value in enumerate((nobody, thing, count, size, first, *rows_packed)):
        array = builder.insert_value(array, value, place)
    return array


@takes(types.Float)
def _(hand: Hand, kind: Any, thing: Any) -> Any:
    return hand.api.float_as_double(thing)


@takes(types.Integer)
def _(hand: Hand, kind: Any, thing: Any) -> Any:
    return hand.api.long_as_longlong(thing)


@takes(types.Boolean)
def _(hand: Hand, kind: Any, thing: Any) -> Any:
    return hand.builder.icmp_signed("==", hand.api.object_istrue(thing), ir.IntType(32)(1))


@takes(types.NoneType)
def _(hand: Hand, kind: Any, thing: Any) -> Any:
    return hand.context.get_dummy_value()
