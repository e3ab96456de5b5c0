"""Generic functions: one name, one implementation for each type of the first argument, in Python and in kernels.

In plain Python a table picks the implementation; inside compiled code numba picks it from the same table while it
compiles. Problems and methods are `NamedTuple` classes, so the type of the first argument says all there is to know.
"""

import dis
import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numba import typeof, types
from numba.extending import lower_builtin, overload, type_callable

from dynamics.checks import KindRefusal
from dynamics.kernels.forwarding import Forward, forward, kind_at, value_at
from dynamics.kernels.policy import CALLED, COUNTING_GENERIC_OPTIONS, GENERIC_OPTIONS, counts_references
from dynamics.kernels.reloading import note_origin
from dynamics.presentation import readable

Implementation = Callable[..., Any]


class MissingImplementation(TypeError):
    """A generic function was asked about a type for which nobody wrote it down.

    Examples
    --------
    >>> from dynamics import hessian_product
    >>> from typing import NamedTuple
    >>> class Bare(NamedTuple):
    ...     scale: float
    >>> try:
    ...     hessian_product(Bare(1.0), None, None, None)
    ... except MissingImplementation as missing:
    ...     print(str(missing).split(":")[0])
    Bare has no hessian_product
    """


class HandedOn(NamedTuple):
    """A call that stands for another one."""

    function: "Generic"
    kinds: tuple[Any, ...]  # numba types of the arguments
    route: Forward


class Generic:
    """A function that picks its implementation by the type of its first argument.

    Attributes
    ----------
    name
        The function's name.
    arguments
        The names of its arguments, which every implementation repeats.
    table
        The implementations, by class.
    fallback
        The implementation for every other class, or None where there is none.
    former
        Names that arguments once had, and that implementations may still use, with those they have now.
    called
        Whether long implementations are called, and long functions that ask for this one, instead of inlined.
    """

    everyone: ClassVar[list["Generic"]] = []
    registered: ClassVar[int] = 0  # implementations so far: who has compiled before the last one looks again
    outdated: ClassVar[bool] = False  # whether numba has compiled for a class before it got the implementation it has

    def __init__(
        self,
        declaration: Implementation,
        fallback: Implementation | None,
        former: dict[str, str] | None = None,
        called: bool = False,
    ) -> None:
        self.__name__ = self.__qualname__ = self.name = declaration.__name__
        self.__module__ = declaration.__module__
        self.__doc__ = declaration.__doc__
        self.__signature__ = inspect.signature(declaration)
        self.arguments = tuple(self.__signature__.parameters)
        self.fallback = fallback
        self.former = former or {}
        self.called = called
        self.table: dict[type, Implementation] = {}
        self.compiled_for: set[type] = set()
        for options, choice in ((GENERIC_OPTIONS, self._borrowing), (COUNTING_GENERIC_OPTIONS, self._counting)):
            overload(self, jit_options={**options, **CALLED} if called else options, strict=False)(choice)
        type_callable(self)(self._typer_in_place)
        lower_builtin(self, types.VarArg(types.Any))(self._in_place)
        Generic.everyone.append(self)

    def __call__(self, *arguments: Any) -> Any:
        if len(arguments) != len(self.arguments):
            raise KindRefusal(self._miscalled(arguments))
        found = self.table.get(type(arguments[0]), self.fallback) or self.implementation(type(arguments[0]))
        return found(*arguments)

    def __get__(self, instance: Any, owner: type | None = None) -> "Generic":
        """Itself: what has this method counts as a routine, so that `help` shows name, arguments and docstring."""
        return self

    def __repr__(self) -> str:
        return f"<generic {self.name}({', '.join(self.arguments)})>"

    def implementation(self, kind: type) -> Implementation:
        """What runs for first arguments of the class `kind`."""
        found = self.table.get(kind, self.fallback)
        if found is None:
            raise MissingImplementation(
                f"{kind.__name__} has no {self.name}: write it with @implements({self.name}, {kind.__name__}) "
                f"and the arguments ({', '.join(self.arguments)})."
            )
        return found

    def _miscalled(self, given: tuple[Any, ...]) -> str:
        """A sentence for a call with too few or too many arguments, with the function that was perhaps meant."""
        call = f"{self.name}({', '.join(self.arguments)})"
        if given and self.arguments[-1] == "out" and len(given) == len(self.arguments) - 1:
            array = self.name in _RETURNING
            meant = f"synthetic.{self.name}({', '.join(self.arguments[:-1])}) returns one" if array else "give one"
            return f"{call} is called in kernels and writes into an array `out`, which is missing: {meant}."
        return f"{call} takes {len(self.arguments)} arguments, and {len(given)} are given."

    def has(self, kind: type) -> bool:
        """Whether the class `kind` has an implementation of its own, the fallback not counted."""
        return kind in self.table

    # What numba asks of a generic function, each for the implementations that it is about.

    def _borrowing(self, *arguments: Any) -> Implementation | None:
        body = self._compiled(arguments[0])
        return None if body is None or self._is_in_place(body, arguments) or counts_references(body) else body

    def _counting(self, *arguments: Any) -> Implementation | None:
        body = self._compiled(arguments[0])
        return None if body is None or self._is_in_place(body, arguments) or not counts_references(body) else body

    def _is_in_place(self, body: Implementation, kinds: tuple[Any, ...]) -> bool:
        return is_constant(body) or self._handed_on(body, kinds) is not None

    def _handed_on(self, body: Implementation, kinds: tuple[Any, ...]) -> HandedOn | None:
        """What an implementation hands on to, and with what, if that is all it does."""
        route = None if counts_references(body) else forward(body)
        function = None if route is None else body.__globals__.get(route.name)
        if route is None or not isinstance(function, Generic):
            return None
        given = tuple(kind_at(kinds, argument) for argument in route.arguments)
        return None if None in given else HandedOn(function, given, route)

    def _typer_in_place(self, context: Any) -> Any:
        def typer(*arguments: Any) -> types.Type | None:
            body = self._compiled(arguments[0])
            if body is None:
                return None
            if is_constant(body):
                return typeof(constant(body))
            handed = self._handed_on(body, arguments)
            if handed is None:
                return None
            found = context.resolve_value_type(handed.function).get_call_type(context, handed.kinds, {})
            return found.return_type if handed.route.returns else types.none

        typer.pysig = self.__signature__  # type: ignore[attr-defined]
        return typer

    def _in_place(self, context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        body = self._compiled(signature.args[0])
        assert body is not None
        if is_constant(body):
            return context.get_constant_generic(builder, signature.return_type, constant(body))
        handed = self._handed_on(body, signature.args)
        assert handed is not None
        function = context.typing_context.resolve_value_type(handed.function)
        call = function.get_call_type(context.typing_context, handed.kinds, {})
        values = [value_at(builder, signature.args, arguments, argument) for argument in handed.route.arguments]
        cast = [context.cast(builder, *each) for each in zip(values, handed.kinds, call.args, strict=True)]
        result = context.get_function(function, call)(builder, cast)
        return result if handed.route.returns else context.get_dummy_value()

    def _compiled(self, first: Any) -> Implementation | None:
        kind = getattr(first, "instance_class", object)
        self.compiled_for.add(kind)
        return self.table.get(kind, self.fallback)


# Kernels' functions that have a namesake in `synthetic` for use outside of kernels, which returns an array.
_RETURNING = {"gradient", "hessian", "hessian_product"}

_CONSTANT_CODE = {
    "COPY_FREE_VARS",
    "LOAD_CONST",
    "LOAD_DEREF",
    "LOAD_SMALL_INT",
    "RESUME",
    "RETURN_CONST",
    "RETURN_VALUE",
}
_CONSTANTS = (bool, int, float, type(None))


@cache
def is_constant(body: Implementation) -> bool:
    """Whether a function does nothing but return one number, or nothing: such a call needs no machine code."""
    cells = body.__closure__ or ()
    return all(type(cell.cell_contents) in _CONSTANTS for cell in cells) and all(
        step.opname in _CONSTANT_CODE for step in dis.get_instructions(body)
    )


def constant(body: Implementation) -> Any:
    """What a constant function returns."""
    return body(*inspect.signature(body).parameters)


def returning(answer: Any, declaration: Any, module: str) -> Implementation:
    """An implementation of `declaration`, as if written in `module`, that always returns the same."""

    def body(*arguments: Any) -> Any:
        return answer

    body.__signature__ = inspect.signature(declaration)  # type: ignore[attr-defined]
    body.__module__ = module
    return body


_REFUSED: Any = object()


def generic(
    fallback: Implementation | None = None,
    *,
    default: Any = _REFUSED,
    former: dict[str, str] | None = None,
    called: bool = False,
) -> Callable[[Implementation], Generic]:
    """Make a generic function out of a signature with a docstring.

    Parameters
    ----------
    fallback : function, optional
        The implementation for types that have none of their own; without one, such types are refused.
    default : object, optional
        Instead of a fallback: what the function returns for such types.
    former : dict of str to str, optional
        Names that arguments once had, with those they have now: implementations may use either.
    called : bool
        Whether long implementations are called, and so are long functions that ask for this one. All others are
        inlined into the loop over steps.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> @generic()
    ... def area(shape):
    ...     '''The area of a shape.'''
    >>> class Square(NamedTuple):
    ...     side: float
    >>> @implements(area, Square)
    ... def _(shape):
    ...     return shape.side**2
    >>> area(Square(3.0))
    9.0
    """

    def make(declaration: Implementation) -> Generic:
        otherwise = fallback if default is _REFUSED else returning(default, declaration, declaration.__module__)
        return Generic(declaration, otherwise, former, called)

    return make


def implements(function: Generic, kind: type) -> Callable[[Implementation], Implementation]:
    """Register the decorated function as what `function` does for first arguments of the class `kind`.

    What was registered before for the class is replaced, from the next run on.
    The class then shows itself in a line or three, shapes for arrays, unless it has a `__repr__` of its own.

    Raises
    ------
    TypeError
        If `kind` is not a NamedTuple class, or if the arguments are not the ones that `function` declares, by name and
        in order.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> from dynamics import value
    >>> class Square(NamedTuple):
    ...     scale: float
    >>> @implements(value, Square)
    ... def _(problem, x):
    ...     return problem.scale * x[0] ** 2
    >>> value(Square(2.0), [3.0])
    18.0
    """
    if not hasattr(kind, "_fields") and not issubclass(kind, np.ndarray):
        raise KindRefusal(f"{kind.__name__} must be a typing.NamedTuple class: kernels read its fields by type.")

    def register(body: Implementation) -> Implementation:
        given = tuple(inspect.signature(body).parameters)
        if tuple(function.former.get(name, name) for name in given) != function.arguments:
            raise KindRefusal(
                f"{function.name}({', '.join(given)}) for {kind.__name__}: the arguments must be named "
                f"({', '.join(function.arguments)}), in this order."
            )
        function.table[kind] = body
        note_origin(kind, kind.__module__)
        Generic.registered += 1
        Generic.outdated |= kind in function.compiled_for
        readable(kind)
        return body

    return register
