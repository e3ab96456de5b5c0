"""Problems as functions of arrays, compiled: value, gradient, Hessian products and Hessian."""

from typing import Any

import numpy as np

from dynamics.checks import Refusal, real_array
from dynamics.kernels.cache import compiled
from dynamics.protocol import oracle
from dynamics.protocol.canonical import canonical
from dynamics.protocol.scratch import own_work


def value(problem: Any, x: Any) -> Any:
    """The full-batch value of a problem.

    Parameters
    ----------
    problem : NamedTuple
        A problem of this package, or any NamedTuple with kernels of the oracle protocol.
    x : array_like
        One point, shape (d,), or many, shape (..., d).

    Returns
    -------
    float or numpy.ndarray
        Shape (...).

    Raises
    ------
    ValueError
        If the last axis is not the problem's dimension, or for NaN and infinity.
    MissingImplementation
        If the problem lacks the kernel.

    Examples
    --------
    >>> from synthetic import quadratic, value
    >>> value(quadratic(eigenvalues=[1.0, 3.0]), [1.0, 1.0])
    2.0
    """
    problem, (points,) = _ready(problem, oracle.value, oracle.value_and_gradient, x=x)
    out = np.empty(points.shape[:-1])
    _run(_values, problem, points.reshape(-1, points.shape[-1]), out.reshape(-1))
    return out if out.ndim else float(out)


def gradient(problem: Any, x: Any) -> np.ndarray:
    """The full-batch gradient of a problem.

    Parameters
    ----------
    problem : NamedTuple
        A problem of this package, or any NamedTuple with kernels of the oracle protocol.
    x : array_like
        One point, shape (d,), or many, shape (..., d).

    Returns
    -------
    numpy.ndarray
        Shape (..., d).

    Raises
    ------
    ValueError
        If the last axis is not the problem's dimension, or for NaN and infinity.
    MissingImplementation
        If the problem lacks the kernel.

    Examples
    --------
    >>> from synthetic import gradient, quadratic
    >>> gradient(quadratic(eigenvalues=[1.0, 3.0]), [[1.0, 1.0], [0.0, 2.0]])
    array([[1., 3.],
           [0., 6.]])
    """
    problem, (points,) = _ready(problem, oracle.gradient, oracle.value_and_gradient, x=x)
    out = np.empty(points.shape)
    _run(_gradients, problem, _rows(points), _rows(out))
    return out


def hessian_product(problem: Any, x: Any, v: Any) -> np.ndarray:
    """The product of the Hessian at x with v.

    Parameters
    ----------
    problem : NamedTuple
        A problem of this package, or any NamedTuple with kernels of the oracle protocol.
    x, v : array_like
        Points and vectors, shapes (..., d), broadcast against each other.

    Returns
    -------
    numpy.ndarray
        Shape (..., d).

    Raises
    ------
    ValueError
        If the last axes are not the problem's dimension, or for NaN and infinity.
    MissingImplementation
        If the problem lacks the kernel.

    Examples
    --------
    >>> from synthetic import hessian_product, quadratic
    >>> hessian_product(quadratic(eigenvalues=[1.0, 3.0]), [0.0, 0.0], [1.0, 1.0])
    array([1., 3.])
    """
    problem, (points, vectors) = _ready(problem, oracle.hessian_product, x=x, v=v)
    out = np.empty(points.shape)
    _run(_products, problem, _rows(points), _rows(vectors), _rows(out))
    return out


def hessian(problem: Any, x: Any) -> np.ndarray:
    """The Hessian of a problem.

    Parameters
    ----------
    problem : NamedTuple
        A problem of this package, or any NamedTuple with kernels of the oracle protocol.
    x : array_like
        One point, shape (d,), or many, shape (..., d).

    Returns
    -------
    numpy.ndarray
        Shape (..., d, d).

    Raises
    ------
    ValueError
        If the last axis is not the problem's dimension, or for NaN and infinity.
    MissingImplementation
        If the problem lacks the kernel.

    Examples
    --------
    >>> from synthetic import hessian, quadratic
    >>> hessian(quadratic(eigenvalues=[1.0, 3.0]), [0.0, 0.0])
    array([[1., 0.],
           [0., 3.]])
    """
    problem, (points,) = _ready(problem, oracle.hessian, oracle.hessian_product, x=x)
    d = points.shape[-1]
    out = np.empty((*points.shape, d))
    _run(_hessians, problem, _rows(points), out.reshape(-1, d, d))
    return out


def _values(problem, points, out):
    for i in range(len(points)):
        out[i] = oracle.value(problem, points[i])


def _gradients(problem, points, out):
    for i in range(len(points)):
        oracle.gradient(problem, points[i], out[i])


def _products(problem, points, vectors, out):
    for i in range(len(points)):
        oracle.hessian_product(problem, points[i], vectors[i], out[i])


def _hessians(problem, points, out):
    for i in range(len(points)):
        oracle.hessian(problem, points[i], out[i])


def _run(template, *arguments):
    compiled(template, arguments)(*arguments)


def _rows(array):
    return array.reshape(-1, array.shape[-1])


def _ready(problem, function, basis=None, **arrays):
    """The problem as kernels see it, with scratch of its own, and its arguments, broadcast and contiguous.

    `basis` is what the fallback of `function` needs.
    """
    problem = canonical(problem)
    kind = type(problem)
    (function if basis is None or function.has(kind) else basis).implementation(kind)
    start = oracle.initial_point(problem)
    dimension = None if start is None else start.size
    points = [_points(name, array, kind, dimension) for name, array in arrays.items()]
    try:
        together = np.broadcast_arrays(*points)
    except ValueError:
        shapes = " and ".join(f"{name} {point.shape}" for name, point in zip(arrays, points, strict=True))
        raise Refusal(f"{shapes} don't go together: their shapes must broadcast.") from None
    return own_work(problem), [np.array(point, order="C") for point in together]


def _points(name, array, kind, dimension):
    points = real_array(name, array, None, empty=True)
    if points.ndim == 0 or points.shape[-1] != (dimension or points.shape[-1]) or not points.shape[-1]:
        wanted = "d, at least 1" if dimension is None else f"{dimension}"
        raise Refusal(f"{name} has shape {points.shape}: {kind.__name__} needs a last axis of length {wanted}.")
    return points
