"""Two linear layers: how a vector holds them, and what the chain rule makes of the derivative of their product.

A vector of parameters is W1, shape (m, k), and after it W2, shape (k, k), both by rows.
"""

from typing import Any, NamedTuple

import numpy as np

from dynamics import kernel
from dynamics.checks import Refusal
from dynamics.kernels.policy import as_python
from dynamics.vectors.blocks import matrix_at
from dynamics.vectors.lanes import entries_at_once
from dynamics.vectors.matrices import (
    add_block,
    padded_width,
    product_block,
    put_block,
    put_row_block,
    transpose,
    transposed_product_block,
)
from dynamics.vectors.panels import new_column_sums
from dynamics.vectors.shapes import column_count, row_count, shape_of
from synthetic.parts.information import Information
from synthetic.parts.requirements import require_scratch


class NetWork(NamedTuple):
    """Scratch of one run."""

    matrices: np.ndarray  # five, as long as the longer side of A, padded
    sums: np.ndarray  # column sums over samples for each row of A


@kernel
def layers(x, shape):
    """The views (W1, W2) of a vector, for a product W1·W2 of this shape."""
    rows, columns = row_count(shape), column_count(shape)
    return matrix_at(x, 0, rows, columns), matrix_at(x, rows * columns, columns, columns)


@kernel
def scratch_matrix(problem, i, rows):
    """The first rows of the i-th scratch matrix; they are padded."""
    width = padded_width(column_count(problem.shape))
    longer = max(row_count(problem.shape), column_count(problem.shape))
    return matrix_at(problem.work.matrices, i * longer * width, rows, width)


@kernel
def scratch(problem, i):
    """The i-th of four scratch matrices with the rows of A, padded."""
    return scratch_matrix(problem, i, row_count(problem.shape))


@kernel
def square_scratch(problem):
    """A scratch matrix with the rows of W2, padded."""
    return scratch_matrix(problem, 4, column_count(problem.shape))


@kernel
def product(problem, x, out):
    """Write W1·W2 into the padded `out`."""
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    W1, W2 = layers(x, problem.shape)
    for j in range(0, columns, entries_at_once(x)):
        for i in range(rows):
            put_row_block(product_block(W1, W2, i, j, columns, columns), out, i, j)


@kernel
def tangent(problem, x, v, out):
    """Write the derivative of W1·W2 along v, V1·W2 + W1·V2, into the padded `out`."""
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    W1, W2 = layers(x, problem.shape)
    V1, V2 = layers(v, problem.shape)
    for j in range(0, columns, entries_at_once(x)):
        for i in range(rows):
            first = product_block(V1, W2, i, j, columns, columns)
            put_row_block(first + product_block(W1, V2, i, j, columns, columns), out, i, j)


@kernel
def gradient_from_product(problem, G, x, out):
    """Write the gradient with respect to the parameters, G·W2ᵀ and W1ᵀ·G; G is the one with respect to W1·W2."""
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    W1, W2 = layers(x, problem.shape)
    turned, width = square_scratch(problem), padded_width(columns)
    transpose(W2, columns, columns, turned)
    for j in range(0, columns, entries_at_once(x)):
        for i in range(columns):
            put_block(transposed_product_block(W1, G, i, j, rows, width), rows + i, j, columns, out)
        for i in range(rows):
            put_block(product_block(G, turned, i, j, columns, width), i, j, columns, out)


@kernel
def hessian_product_from_product(problem, G, D, x, v, out):
    """Write the Hessian's product with v: G is the gradient with respect to W1·W2 and D its derivative along v."""
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    V1, V2 = layers(v, problem.shape)
    gradient_from_product(problem, D, x, out)
    turned = square_scratch(problem)
    transpose(V2, columns, columns, turned)
    for j in range(0, columns, entries_at_once(x)):
        for i in range(rows):
            add_block(product_block(G, turned, i, j, columns, columns), i, j, columns, out)
        for i in range(columns):
            add_block(transposed_product_block(V1, G, i, j, rows, columns), rows + i, j, columns, out)


def as_vector(W1: np.ndarray, W2: np.ndarray) -> np.ndarray:
    """The vector of parameters of two layers.

    Examples
    --------
    >>> as_vector(np.array([[1.0, 2.0]]), np.eye(2))
    array([1., 2., 1., 0., 0., 1.])
    """
    return np.concatenate([W1.ravel(), W2.ravel()])


def shapes_of_layers(A: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """The shapes of W1 and W2.

    Examples
    --------
    >>> shapes_of_layers(np.ones((10, 6)))
    ((10, 6), (6, 6))
    """
    rows, columns = A.shape
    return (rows, columns), (columns, columns)


def new_work(A: np.ndarray) -> NetWork:
    """Room for a net that learns A."""
    rows, columns = A.shape
    return NetWork(np.zeros(_room(A)), np.zeros((rows, new_column_sums(columns).size)))


def _room(A: np.ndarray) -> tuple[int, int, int]:
    """The shape of the scratch matrices of a net that learns A."""
    with as_python():  # a helper that Python calls would be compiled for it, in each process
        return 5, max(A.shape), padded_width(A.shape[-1])


def require_layers(A: np.ndarray, shape: Any, start: np.ndarray, work: NetWork) -> None:
    """Refuse a start or scratch matrices that don't fit A.

    Examples
    --------
    >>> A = np.ones((3, 2))
    >>> require_layers(A, shape_of(A), np.ones(9), new_work(A))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: A has shape (3, 2), so start needs shape (10,) and work (5, 3, 8); they have (9,) ...
    """
    if A.ndim != 2:
        raise Refusal(f"A has shape {A.shape}: a matrix is needed, shape (rows, columns).")
    size = (A.size + A.shape[-1] ** 2,)
    room = _room(A)
    if A.ndim != 2 or start.shape != size or work.matrices.shape != room:
        raise Refusal(
            f"A has shape {A.shape}, so start needs shape {size} and work {room}; they have {start.shape} and "
            f"{work.matrices.shape}."
        )
    require_scratch(work, room, (len(A), new_column_sums(A.shape[1]).size))
    if type(shape) is not type(shape_of(A)):
        raise Refusal(f"shape is {type(shape).__name__}, and A has shape {A.shape}: use linear_net(matrix=A, ...).")


def facts(A: np.ndarray, samples: int) -> Information:
    """What is known of a two-layer linear net that learns A."""
    return Information(
        dimension=A.size + A.shape[1] ** 2,
        samples=samples,
        minimiser=as_vector(A, np.eye(A.shape[1])),
        minimum=0.0,
        notes=(
            f"the condition number of A is {np.linalg.cond(A):.6g}",
            "quartic: the gradient has no global Lipschitz constant",
            "the minimisers are no isolated points: W1·M and M⁻¹·W2 have the loss of W1 and W2",
            "gradient flow conserves W1ᵀ·W1 − W2·W2ᵀ",
        ),
    )
