"""The value and the gradient of the reduced form for several runs at once.

On lanes a factor of six rows or columns is held in registers while the rows of the other are multiplied by it. The
compiler can't know that what is written meanwhile lies elsewhere, and would load it anew for each of them.
"""

from dynamics.kernels.policy import kernel
from dynamics.vectors.matrices import transposed_product_block
from dynamics.vectors.shapes import column_count, row_count
from synthetic.linear_nets.layers import layers, scratch

HELD = 6  # entries


@kernel
def held(matrix, line, count, down):
    """The first entries of a column, or of a row unless `down`; the last one again where there are fewer."""
    b, c, d, e, f = min(1, count - 1), min(2, count - 1), min(3, count - 1), min(4, count - 1), min(5, count - 1)
    if down:
        return matrix[0, line], matrix[b, line], matrix[c, line], matrix[d, line], matrix[e, line], matrix[f, line]
    return matrix[line, 0], matrix[line, b], matrix[line, c], matrix[line, d], matrix[line, e], matrix[line, f]


@kernel
def inner_product(left, i, first, matrix, line, count, down):
    """The inner product of row i of left with a column or row of a matrix, of which `first` are the first entries."""
    entry = left[i, 0] * first[0]
    if count > 1:
        entry = entry + left[i, 1] * first[1]
    if count > 2:
        entry = entry + left[i, 2] * first[2]
    if count > 3:
        entry = entry + left[i, 3] * first[3]
    if count > 4:
        entry = entry + left[i, 4] * first[4]
    if count > 5:
        entry = entry + left[i, 5] * first[5]
    for k in range(HELD, count):
        entry = entry + left[i, k] * (matrix[k, line] if down else matrix[line, k])
    return entry


@kernel
def two_products(left, right, i, j, count):
    """Entries (i, j) and (i + 1, j) of leftᵀ · right, which read the same column of right."""
    entry = right[0, j]
    one, other = left[0, i] * entry, left[0, i + 1] * entry
    for k in range(1, count):
        entry = right[k, j]
        one = one + left[k, i] * entry
        other = other + left[k, i + 1] * entry
    return one, other


def value_and_gradient_in_lanes(x, problem, out):
    """Write the gradients at the points of the lanes into `out` and return the values."""
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    W1, W2 = layers(x, problem.shape)
    by_W1, by_W2 = layers(out, problem.shape)
    E, G = scratch(problem, 0), scratch(problem, 1)
    for j in range(columns):
        first = held(W2, j, columns, True)
        for i in range(rows):
            E[i, j] = inner_product(W1, i, first, W2, j, columns, True) - problem.A[i, j]
    scale, summed = 2.0 * problem.weight, 0.0
    for j in range(columns):
        weights = held(problem.S, j, columns, True)
        for i in range(rows):
            slope = scale * inner_product(E, i, weights, problem.S, j, columns, True)
            G[i, j] = slope
            summed = summed + slope * E[i, j]
    for j in range(columns):
        for i in range(0, columns - 1, 2):
            by_W2[i, j], by_W2[i + 1, j] = two_products(W1, G, i, j, rows)
        if columns % 2 == 1:
            by_W2[columns - 1, j] = transposed_product_block(W1, G, columns - 1, j, rows, G.shape[1])
        first = held(W2, j, columns, False)
        for i in range(rows):
            by_W1[i, j] = inner_product(G, i, first, W2, j, columns, False)
    return 0.5 * summed
