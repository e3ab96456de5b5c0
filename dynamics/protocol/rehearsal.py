"""A user's kernels called once as plain Python, where a mistake has a short name; machine code checks no index."""

import dis
import random
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.generic import Generic, implements
from dynamics.kernels.origins import OURS, is_users
from dynamics.kernels.policy import as_python
from dynamics.protocol import oracle
from dynamics.protocol.method import Point, update
from dynamics.protocol.trees import arrays_in, with_arrays

_LARGEST_HESSIAN = 200  # a dimension; beyond it a rehearsal of `hessian` would cost more than it is worth

_rehearsed: set[Any] = set()


class KernelError(TypeError):
    """A kernel that can't be compiled, or does what no kernel may."""


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
        _try(oracle.draw, kind, lambda: oracle.draw(problem, np.random.default_rng(0), sample))
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
    result = _try(function, kind, lambda: function(problem, *copies, *outs))
    for name, value, copy in zip(function.arguments[1:], given, copies, strict=False):
        if isinstance(value, np.ndarray) and not np.array_equal(value, copy, equal_nan=True):
            raise KernelError(
                f"{function.name} of {kind.__name__} changes `{name}`, which belongs to the run{_at(function, kind)}: "
                f"work on a copy, or on scratch in a field `work`."
            )
    if returns and not isinstance(result, float | int | np.floating | np.integer):
        raise KernelError(
            f"{function.name} of {kind.__name__} fails at the initial point: TypeError: it returns {result!r}, and "
            f"must return the value as a number{_at(function, kind)}."
        )
    for out in outs:
        if np.isnan(out).all() and np.isfinite(given[0]).all() and _untouched(function, problem, given, out):
            raise KernelError(
                f"{function.name} of {kind.__name__} leaves `out` as it was{_at(function, kind)}: write the result "
                f"into it, out[j] = ..., instead of returning it or binding the name anew."
            )


def _untouched(function, problem, given, out):
    """Whether a kernel that seems to have written NaN everywhere has written nothing."""
    out.fill(0.0)
    with np.errstate(all="ignore"), as_python():
        function(problem, *(value.copy() if isinstance(value, np.ndarray) else value for value in given), out)
    return not out.any()  # NaN counts as something


def _try(function, kind, call):
    try:
        with np.errstate(all="ignore"), as_python():
            return call()
    except Exception as error:
        ours = str(Path(__file__).parents[1])
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(ours)]
        where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
        raise KernelError(
            f"{function.name} of {kind.__name__} fails at the initial point: {type(error).__name__}: {error}{where}."
        ) from error


def _at(function, kind):
    code = function.implementation(kind).__code__
    return f" ({code.co_filename}, line {code.co_firstlineno})"


class _Bowl(NamedTuple):
    """Half the squared norm, on which a user's update is tried."""


def _bowl_value(problem, x):
    return 0.5 * float(x @ x)


def _bowl_gradient(problem, x, out):
    out[:] = x


def _bowl_both(problem, x, out):
    out[:] = x
    return 0.5 * float(x @ x)


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
    implements(_function, _Bowl)(_body)


def rehearse_update(method: Any, point: Point, memory: Any) -> None:
    """Take one step of a user's method on a small bowl, with copies of a run's first point and memory.

    Raises
    ------
    KernelError
        With what went wrong and the line: an index out of bounds, a name that isn't there.
    """
    kind = type(method)
    body = update.table.get(kind)
    key = (kind, getattr(body, "__code__", None), point.x.shape)
    if kind.__module__.partition(".")[0] in OURS or key in _rehearsed:
        return
    refuse_global_randomness(kind)
    method, point, memory = _copied(method), _copied(point), _copied(memory)
    point.loss[0] = _bowl_both(None, point.x, point.gradient)
    bowl = oracle.Full(_Bowl(), np.zeros(3, dtype=np.int64), 1)
    _try(update, kind, lambda: update(method, bowl, point, memory, 0))
    _rehearsed.add(key)


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
        for line, file, name in _global_draws(body, set()) if isinstance(body, FunctionType) else ():
            raise KernelError(
                f"{function.name} of {kind.__name__} calls {name} ({file}, line {line}), whose numbers no seed of a "
                f"run decides: draw in `draw(problem, rng, sample)`, from its `rng`."
            )


def _global_draws(function: FunctionType, seen: set[int]) -> Iterator[tuple[int, str, str]]:
    """Where a function, or a helper of a user that it calls, asks a global generator."""
    if id(function) in seen:
        return
    seen.add(id(function))
    before: Any = None  # what the last instruction has put on the stack, where it is known
    line = function.__code__.co_firstlineno
    for step in dis.get_instructions(function.__code__):
        line = step.positions.lineno if step.positions and step.positions.lineno else line
        found = None
        if step.opname == "LOAD_GLOBAL":
            found = function.__globals__.get(step.argval)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(before, ModuleType):
            found = getattr(before, step.argval, None)
        if _is_global_draw(found):
            yield (
                line,
                function.__code__.co_filename,
                f"{getattr(found, '__name__', step.argval)} of a global generator",
            )
        helper = getattr(found, "py_func", found)
        if isinstance(helper, FunctionType) and is_users(helper.__module__):
            yield from _global_draws(helper, seen)
        before = found


def _is_global_draw(value: Any) -> bool:
    owner = getattr(value, "__self__", None)
    return isinstance(owner, random.Random | np.random.RandomState)
