"""Products of small matrices, a block of a row at a time (`dynamics.vectors.blocks`).

Matrices are arrays by rows, of one run or on lanes. One that is written is padded: its rows are whole registers
(`padded_width`), so that each register is stored and read back as a whole.
"""

from dynamics.kernels.policy import kernel
from dynamics.vectors.blocks import load_block, store_block
from dynamics.vectors.vector import REGISTER


@kernel
def padded_width(columns):
    """The columns of a padded matrix.

    Examples
    --------
    >>> padded_width(6), padded_width(8), padded_width(9)
    (8, 8, 16)
    """
    return -(-columns // REGISTER) * REGISTER


@kernel
def row_block(matrix, i, j, columns, beside):
    """Entries j, j + 1, ... of row i of a matrix of so many columns, to go with blocks of the array `beside`."""
    return load_block(matrix, i * matrix.shape[1] + j, columns - j, beside)


@kernel
def product_block(left, right, i, j, inner, columns):
    """Entries j, j + 1, ... of row i of left · right, a product over `inner` terms; `columns` are those of right."""
    entries = left[i, 0] * row_block(right, 0, j, columns, left)
    for k in range(1, inner):
        entries = entries + left[i, k] * row_block(right, k, j, columns, left)
    return entries


@kernel
def transposed_product_block(left, right, i, j, inner, columns):
    """Entries j, j + 1, ... of row i of leftᵀ · right, a product over `inner` terms; `columns` are those of right."""
    entries = left[0, i] * row_block(right, 0, j, columns, left)
    for k in range(1, inner):
        entries = entries + left[k, i] * row_block(right, k, j, columns, left)
    return entries


@kernel
def put_row_block(entries, matrix, i, j):
    """Write entries j, j + 1, ... of row i into a padded matrix."""
    store_block(matrix, i * matrix.shape[1] + j, REGISTER, entries)


@kernel
def transpose(matrix, rows, columns, out):
    """Write matrixᵀ into the padded `out`."""
    for i in range(rows):
        for j in range(columns):
            out[j, i] = matrix[i, j]


@kernel
def put_block(entries, i, j, columns, out):
    """Write entries j, j + 1, ... of row i into `out`, a vector that holds a matrix by rows."""
    store_block(out, i * columns + j, columns - j, entries)


@kernel
def add_block(entries, i, j, columns, out):
    """The same, added to what is there."""
    there = load_block(out, i * columns + j, columns - j, out)
    store_block(out, i * columns + j, columns - j, there + entries)
