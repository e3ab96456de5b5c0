"""A user's kernels called once as plain Python, where a mistake has a short name; machine code checks no index."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FunctionType
from typing import Any, NamedTuple

import numba
import numpy as np

from dynamics.checks import shown
from dynamics.kernels.generic import Generic, MissingImplementation, implements
from dynamics.kernels.origins import OURS
from dynamics.kernels.policy import as_python
from dynamics.protocol import oracle
from dynamics.protocol.apart import seen_by
from dynamics.protocol.compatibility import lacks
from dynamics.protocol.faults import UNMEANT, KernelError, at, in_words, place_of, retold
from dynamics.protocol.full_and_sampled import Full, Sampled
from dynamics.protocol.method import Point, before_draw, new_memory, update
from dynamics.protocol.source import asks, bound_anew, reads, uncompiled_helpers
from dynamics.protocol.trees import arrays_in, with_arrays

__all__ = [
    "Bowl",
    "KernelError",
    "at_the_users_line",
    "is_global_draw",
    "own_start",
    "played",
    "refuse_global_randomness",
    "rehearse",
    "rehearse_update",
]

_LARGEST_HESSIAN = 200  # a dimension; beyond it a rehearsal of `hessian` would cost more than it is worth

IDLE = np.random.default_rng(0)  # from which a method that draws does so when it is tried

_rehearsed: set[Any] = set()


def rehearse(problem: Any, x0: np.ndarray, sampled: bool) -> None:
    """Call a user's kernels on copies at the start: once for a class, its kernels and its data's shapes.

    optdyn's own problems are tested and skip this.

    Raises
    ------
    KernelError
        With the kernel, the class, what went wrong and the line: an index out of bounds, an argument that is changed,
        a result that isn't written, or a global generator of random numbers.
    """
    kind = type(problem)
    if kind.__module__.partition(".")[0] in OURS:
        return
    bodies = tuple(getattr(function.table.get(kind), "__code__", None) for function in oracle.PROTOCOL)
    key = (kind, bodies, x0.shape, sampled, tuple(array.shape for array in arrays_in(problem)))
    if key in _rehearsed:
        return
    refuse_global_randomness(kind)
    _refuse_uncompiled(kind)
    problem, d = _copied(problem), x0.size  # kernels may write to a problem's own arrays, to count their calls
    v = np.linspace(0.5, 1.0, d)
    _play(oracle.value_and_gradient, problem, (x0,), np.empty(d), returns=True)
    if oracle.value.has(kind):
        _play(oracle.value, problem, (x0,), returns=True)
    if oracle.gradient.has(kind):
        _play(oracle.gradient, problem, (x0,), np.empty(d))
    if oracle.prepare_products.has(kind):
        _play(oracle.prepare_products, problem, (x0,))
    for function in (oracle.hessian_product, oracle.prepared_product, oracle.gauss_newton_product):
        if function.has(kind):
            _play(function, problem, (x0, v), np.empty(d))
    if oracle.hessian.has(kind) and d <= _LARGEST_HESSIAN:
        _play(oracle.hessian, problem, (x0,), np.empty((d, d)))
    if sampled:
        sample = oracle.new_sample(problem)
        played(oracle.draw, problem, np.random.default_rng(0), sample)
        for function, returns in ((oracle.sampled_value_and_gradient, True), (oracle.sampled_gradient, False)):
            if function.has(kind):
                _play(function, problem, (x0, sample), np.empty(d), returns=returns)
        if oracle.sampled_value.has(kind):
            _play(oracle.sampled_value, problem, (x0, sample), returns=True)
        if oracle.sampled_hessian_product.has(kind):
            _play(oracle.sampled_hessian_product, problem, (x0, v, sample), np.empty(d))
    _rehearsed.add(key)


def _copied(value: Any) -> Any:
    return with_arrays(value, iter([array.copy() for array in arrays_in(value)]))


def _play(function: Generic, problem: Any, given: tuple[Any, ...], *outs: np.ndarray, returns: bool = False) -> None:
    kind = type(problem)
    copies = tuple(value.copy() if isinstance(value, np.ndarray) else value for value in given)
    for out in outs:
        out.fill(np.nan)
    result = played(function, problem, *copies, *outs)
    for name, value, copy in zip(function.arguments[1:], given, copies, strict=False):
        if isinstance(value, np.ndarray) and not np.array_equal(value, copy, equal_nan=True):
            raise KernelError(
                f"{function.name} of {kind.__name__} changes `{name}`, which belongs to the run"
                f"{_where_written(function, problem, given, outs)}: work on a copy, or on scratch in a field `work`."
            )
    if returns and not isinstance(result, float | int | np.floating | np.integer):
        raise KernelError(
            f"{function.name} of {kind.__name__} fails at the initial point: TypeError: it returns "
            f"{' '.join(repr(result).split())[:80]}, and must return the value as a number{_at(function, kind)}."
        )
    for out in outs:
        unknown = np.isnan(out)
        if not unknown.any() or not np.isfinite(given[0]).all():
            continue
        from_zero = _on_zeros(function, problem, given, out)  # a NaN there is the kernel's own
        if unknown.all() and not from_zero.any():
            spot = next(bound_anew(function.implementation(kind), frozenset({"out"})), None)
            raise KernelError(
                f"{function.name} of {kind.__name__} leaves `out` as it was"
                f"{at(spot.file, spot.line) if spot else _at(function, kind)}: write the result "
                f"into it, out[j] = value, instead of returning it or binding the name anew."
            )
        if (unknown & np.isfinite(from_zero)).any():
            entry = ", ".join(map(str, np.argwhere(unknown & np.isfinite(from_zero))[0]))
            raise KernelError(
                f"{function.name} of {kind.__name__} leaves in out[{entry}] what stood there before, or adds to it"
                f"{_at(function, kind)}: write each entry, out[j] = value, or begin with out[:] = 0.0."
            )


def _where_written(function, problem, given, outs):
    """The line on which a kernel writes to what belongs to the run."""
    kept = tuple(value.copy() if isinstance(value, np.ndarray) else value for value in given)
    for value in kept:
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    try:
        with np.errstate(all="ignore"), as_python():
            function(problem, *kept, *outs)
    except ValueError as error:
        return at(*place_of(error))
    return _at(function, type(problem))


def _on_zeros(function, problem, given, out):
    """What a kernel leaves in `out` where there were zeros before."""
    out.fill(0.0)
    with np.errstate(all="ignore"), as_python():
        function(problem, *(value.copy() if isinstance(value, np.ndarray) else value for value in given), out)
    return out


def played(function: Generic, *arguments: Any, when: str = "at the initial point") -> Any:
    """What a kernel returns as plain Python.

    Raises
    ------
    KernelError
        With the kernel, the line and the nearest fix, where it fails.
    """
    try:
        with np.errstate(all="ignore"), as_python():
            return function(*arguments)
    except Exception as error:
        raise KernelError(
            f"{function.name} of {type(arguments[0]).__name__} fails {when}: {type(error).__name__}: "
            f"{in_words(error, arguments)}{at(*place_of(error))}."
        ) from error


def own_start(problem: Any) -> np.ndarray | None:
    """Where a user's problem says that runs start, shape (d,), or None.

    Raises
    ------
    KernelError
        Where its `initial_point` fails, or gives no vector.
    """
    given = played(oracle.initial_point, problem, when="when a run asks for it")
    if given is None:
        return None
    with suppress(TypeError, ValueError):
        start = np.array(given, dtype=np.float64)
        if start.ndim == 1 and start.size:
            return start
    raise KernelError(
        f"initial_point of {type(problem).__name__} returns {shown(given)}, and must return a vector, "
        f"shape (d,) with d at least 1{_at(oracle.initial_point, type(problem))}: try np.ones(d)."
    )


@contextmanager
def at_the_users_line(method: Any, problem: Any) -> Iterator[None]:
    """Within it a mistake in what users write to begin a run, a memory or a sample, is told of at their line.

    What they refuse themselves, by a ValueError or another exception of their own, stays as it is.
    """
    try:
        yield
    except UNMEANT as error:
        what = f"{type(method).__name__} on {type(problem).__name__} can't begin"
        told = retold(what, error, (method, problem))
        if told is None:
            raise
        raise told from error


def _at(function, kind):
    code = function.implementation(kind).__code__
    return at(code.co_filename, code.co_firstlineno)


class Bowl(NamedTuple):
    """Half the squared norm, on which a user's update is tried."""


def _bowl_value(problem, x):
    total = 0.0
    for j in range(len(x)):  # of one run or of several in lanes
        total += 0.5 * x[j] * x[j]
    return total


def _bowl_gradient(problem, x, out):
    out[:] = x


def _bowl_both(problem, x, out):
    out[:] = x
    return _bowl_value(problem, x)


def _bowl_product(problem, x, v, out):
    out[:] = v


for _function, _body in (
    (oracle.value, _bowl_value),
    (oracle.gradient, _bowl_gradient),
    (oracle.value_and_gradient, _bowl_both),
    (oracle.hessian_product, _bowl_product),
    (oracle.gauss_newton_product, _bowl_product),
    (oracle.mean_curved_gradient, _bowl_gradient),
):
    implements(_function, Bowl)(_body)


def rehearse_update(method: Any, point: Point, memory: Any, problem: Any = None, sample: Any = None) -> None:
    """Take one step of a user's method on a small bowl, with copies of a run's first point and memory.

    A method that asks for what a bowl has not takes its step on the problem itself.

    Raises
    ------
    KernelError
        With what went wrong and the line: an index out of bounds, a name that isn't there, an iterate that stays.
    """
    kind = type(method)
    body = update.table.get(kind)
    key = (kind, getattr(body, "__code__", None), type(problem), point.x.shape)
    if kind.__module__.partition(".")[0] in OURS or key in _rehearsed:
        return
    _refuse_memory(kind, memory)
    refuse_global_randomness(kind)
    _refuse_uncompiled(kind)
    if problem is not None and sample is None:
        _refuse_unanswered(kind, problem)
    calls = np.zeros(3, dtype=np.int64)
    try:
        moved = _stepped(method, seen_by(method, Full(Bowl(), calls, 1), IDLE), point, memory)
    except KernelError as error:
        if problem is None or not isinstance(error.__cause__, MissingImplementation | AttributeError):
            raise
        if sample is None:
            seen = Full(_copied(problem), calls, 1)
            moved = _stepped(method, seen_by(method, seen, IDLE), point, memory)
        else:
            problem, sample = _copied(problem), _copied(sample)
            played(oracle.draw, problem, np.random.default_rng(0), sample)
            sampled = Sampled(problem, calls, 1, sample)
            moved = _stepped(method, seen_by(method, sampled, IDLE), point, memory)
    spot = None if moved else next(bound_anew(body, frozenset({"point.x"})), None)
    if spot is not None:
        raise KernelError(
            f"update of {kind.__name__} leaves point.x as it was: `{spot.name} = ...` names another array"
            f"{at(spot.file, spot.line)}; write into the iterate, {spot.name}[:] = values or {spot.name}[:] -= values"
        )
    _rehearsed.add(key)


def _stepped(method: Any, seen: Any, point: Point, memory: Any) -> bool:
    """Take a step with copies; whether the iterate moved, or had no reason to."""
    method, point, memory = _copied(method), _copied(point), _copied(memory)
    point.loss[0] = played(oracle.value_and_gradient, seen, point.x, point.gradient)
    seen.calls[:] = 0
    before, still = point.x.copy(), not point.gradient.any()
    played(update, method, seen, point, memory, 0)
    return still or bool(point.status[0]) or not np.array_equal(before, point.x)


def _refuse_unanswered(kind: type, problem: Any) -> None:
    """Refuse an update that asks a problem for what it has not got, and did not say so by `requires`."""
    for spot in asks(update.implementation(kind)):
        if spot.value in oracle.PROTOCOL and lacks(spot.value, problem):
            raise MissingImplementation(
                f"update of {kind.__name__} calls {spot.name} ({spot}), which {type(problem).__name__} has not got: "
                f"write @implements({spot.name}, {type(problem).__name__}) with the arguments "
                f"({', '.join(spot.value.arguments)}), and let requires of {kind.__name__} name it."
            )


def _refuse_memory(kind: type, memory: Any) -> None:
    """Refuse what no kernel could hold as a method's memory."""
    if isinstance(memory, np.ndarray) or hasattr(type(memory), "_fields"):
        return
    raise KernelError(
        f"new_memory of {kind.__name__} returns a {type(memory).__name__}, which machine code can't hold"
        f"{_at(new_memory, kind)}: return a NamedTuple of arrays."
    )


def _refuse_uncompiled(kind: type) -> None:
    """Refuse kernels of a user's class that call a function which nobody decorated."""
    if numba.config.DISABLE_JIT:
        return
    for function in (*oracle.PROTOCOL, update, before_draw):
        body = function.table.get(kind)
        for spot in uncompiled_helpers(body) if isinstance(body, FunctionType) else ():
            raise KernelError(
                f"{function.name} of {kind.__name__} calls {spot.name} ({spot}), a plain function, which machine code "
                f"can't call: write @kernel above its `def`."
            )


def refuse_global_randomness(kind: type) -> None:
    """Refuse kernels of a user's class that ask a global generator: no seed of a run would reach it.

    Raises
    ------
    KernelError
        With the kernel and its line.
    """
    if kind.__module__.partition(".")[0] in OURS:
        return
    for function in Generic.everyone:
        body = function.table.get(kind)
        for spot in reads(body) if isinstance(body, FunctionType) else ():
            if not is_global_draw(spot.value):
                continue
            whose = " of a global generator" if hasattr(spot.value, "__self__") else ", a generator of its own,"
            cure = "draw in `draw(problem, rng, sample)`, from its `rng`"
            if function is update:
                cure = f"draw from `oracle.rng`, and say so by always(uses_rng, {kind.__name__})"
            raise KernelError(
                f"{function.name} of {kind.__name__} calls {spot.name}{whose} ({spot}), whose numbers no seed of a "
                f"run decides: {cure}."
            )


def is_global_draw(value: Any) -> bool:
    """Whether a function draws from a global generator."""
    owner = getattr(value, "__self__", None)
    makers = (np.random.default_rng, np.random.Generator, np.random.RandomState, random.Random)
    return isinstance(owner, random.Random | np.random.RandomState) or any(value is maker for maker in makers)
