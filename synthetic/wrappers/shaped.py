"""A problem whose vector of parameters is read as matrices, for methods that act on them."""

from dataclasses import replace
from math import prod
from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    batch_summands,
    blocks,
    draw,
    gradient,
    hessian,
    hessian_product,
    implements,
    initial_point,
    mean_curved_gradient,
    new_sample,
    resize,
    sampled_gradient,
    sampled_value,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.checks import Refusal
from dynamics.kernels.declarations import wraps
from dynamics.protocol.canonical import canonical
from dynamics.protocol.oracle import gauss_newton_product, sampled_hessian_product
from dynamics.protocol.sampling_variance import sampling_variance
from synthetic.parts.information import info


class Shaped(NamedTuple):
    """A problem and the shapes of the matrices in its x, by rows and one after the other.

    Examples
    --------
    >>> from synthetic import as_matrices, quadratic
    >>> as_matrices(quadratic(eigenvalues=[1.0] * 6), (2, 3)).shapes
    array([[2., 3.]])
    """

    problem: Any
    shapes: np.ndarray  # rows and columns of each, shape (matrices, 2)


wraps(
    Shaped,
    hands_on=(
        value,
        gradient,
        value_and_gradient,
        hessian,
        hessian_product,
        gauss_newton_product,
        mean_curved_gradient,
        draw,
        new_sample,
        sampled_value,
        sampled_gradient,
        sampled_value_and_gradient,
        sampled_hessian_product,
        summands,
        batch_summands,
        sampling_variance,
        resize,
        initial_point,
    ),
)


@implements(blocks, Shaped)
def _(problem):
    return tuple((int(rows), int(columns)) for rows, columns in problem.shapes)


@implements(info, Shaped)
def _(problem):
    known = info(problem.problem)
    told = ", ".join(f"{rows} × {columns}" for rows, columns in blocks(problem))
    return replace(known, notes=(*known.notes, f"x is read as matrices: {told}"))


def as_matrices(problem: Any, *shapes: tuple[int, int]) -> Shaped:
    r"""The same problem, whose x is read as matrices by methods such as Muon or Shampoo.

    Parameters
    ----------
    problem : NamedTuple
        Of any kind. Least squares (``quadratic(..., noise="samples")``) becomes matrix sensing: its rows are the
        matrices with which the unknown one is measured.
    *shapes : (int, int)
        Rows and columns of each matrix; they lie in x one after the other, by rows.

    Returns
    -------
    Shaped

    Raises
    ------
    ValueError
        If the shapes are none, or do not fill the problem's x.

    Examples
    --------
    >>> from dynamics import blocks
    >>> from synthetic import as_matrices, gradient, quadratic
    >>> problem = as_matrices(quadratic(eigenvalues=[1.0, 2.0, 3.0, 4.0]), (2, 2))
    >>> blocks(problem), gradient(problem, [1.0, 1.0, 1.0, 1.0])
    (((2, 2),), array([1., 2., 3., 4.]))
    """
    if not shapes or any(len(shape) != 2 or min(shape) < 1 or any(n != int(n) for n in shape) for shape in shapes):
        raise Refusal(f"shapes = {shapes!r} must be pairs of rows and columns, such as (2, 3).")
    dimension, filled = info(problem).dimension, sum(map(prod, shapes))
    if dimension is not None and filled != dimension:
        raise Refusal(f"shapes = {shapes!r} hold {filled} numbers, and x has {dimension}: let them fill it.")
    return canonical(Shaped(problem, np.array(shapes, dtype=float)))
