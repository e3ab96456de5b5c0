"""The blocks of a problem's parameters: which stretch of x is which matrix."""

from math import prod
from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import Refusal
from dynamics.kernels.generic import generic


@generic(default=None)
def blocks(problem):
    """Return the shapes of the arrays that x holds by rows, one after the other; None where x is one vector.

    In Python, once a run: ``((10, 6), (6, 6))`` are two matrices. A method reads them by `memory_of_blocks`.

    Examples
    --------
    >>> from synthetic import quadratic
    >>> blocks(quadratic(eigenvalues=[1.0, 2.0])) is None
    True
    """


class Block(NamedTuple):
    """One array among the parameters.

    Attributes
    ----------
    begin
        The place of its first entry in x.
    rows, columns
        Its shape as a matrix: a vector is a column, and of more axes than two all but the first are one.
    shape
        Its shape.

    Examples
    --------
    >>> from dynamics import blocks_of
    >>> from synthetic import quadratic
    >>> blocks_of(quadratic(eigenvalues=[1.0, 2.0]), 2)
    (Block(begin=0, rows=2, columns=1, shape=(2,)),)
    """

    begin: int
    rows: int
    columns: int
    shape: tuple[int, ...]


def blocks_of(problem: Any, dimension: int) -> tuple[Block, ...]:
    """The blocks of a problem's parameters.

    Parameters
    ----------
    problem : NamedTuple
    dimension : int
        d, the length of x.

    Raises
    ------
    ValueError
        If the shapes that the problem declares are none, or do not fill x.

    Examples
    --------
    >>> from synthetic import linear_net, quadratic
    >>> blocks_of(linear_net(matrix=[[1.0, 2.0]], maker="given", rng=0), 6)
    (Block(begin=0, rows=1, columns=2, shape=(1, 2)), Block(begin=2, rows=2, columns=2, shape=(2, 2)))
    >>> blocks_of(quadratic(eigenvalues=[1.0, 2.0, 3.0]), 3)
    (Block(begin=0, rows=3, columns=1, shape=(3,)),)
    """
    declared = blocks(problem)
    shapes = ((dimension,),) if declared is None else tuple(tuple(map(int, shape)) for shape in declared)
    if any(not shape or min(shape) < 1 for shape in shapes) or sum(map(prod, shapes)) != dimension:
        raise Refusal(
            f"blocks of {type(problem).__name__} are {shapes}, with {sum(map(prod, shapes))} numbers, and x has "
            f"{dimension}: let them say the shapes of all arrays in x, in their order."
        )
    begins = np.cumsum([0, *map(prod, shapes)])
    return tuple(
        Block(int(begin), shape[0], prod(shape[1:]), shape) for begin, shape in zip(begins[:-1], shapes, strict=True)
    )


def block_table(of: tuple[Block, ...]) -> np.ndarray:
    """Blocks as kernels read them: a row (begin, rows, columns) each, shape (blocks, 3), of integers.

    In a kernel ``matrix_at(x, begin, rows, columns)`` is the view of such a stretch of x as a matrix.

    Examples
    --------
    >>> block_table((Block(0, 2, 3, (2, 3)), Block(6, 3, 1, (3,))))
    array([[0, 2, 3],
           [6, 3, 1]])
    """
    return np.array([(block.begin, block.rows, block.columns) for block in of], dtype=np.int64)
