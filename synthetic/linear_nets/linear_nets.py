"""The factory of two-layer linear nets, with the makers of the matrix that they learn."""

from typing import Any, Literal

import numpy as np

from dynamics.checks import (
    Refusal,
    real_array,
    require_at_least,
    require_memory,
    require_whole,
    require_word,
)
from dynamics.protocol.canonical import canonical
from dynamics.vectors.panels import as_panels
from dynamics.vectors.shapes import shape_of
from dynamics.words import words
from synthetic.linear_nets.layers import as_vector, new_work
from synthetic.linear_nets.reduced import LinearNet
from synthetic.linear_nets.samples import SampledLinearNet
from synthetic.parts.requirements import require_batch
from synthetic.parts.rotations import haar_frame
from synthetic.parts.sampling import SAMPLING, Sampling
from synthetic.parts.streams import streams

ROWS, COLUMNS = 10, 6
Maker = Literal["recht", "svd", "given"]
Reduction = Literal["sum", "mean"]
Form = Literal["reduced", "samples"]


def recht_matrix(condition_number: float, rng: np.random.Generator) -> np.ndarray:
    """Rows uniform on [0, 1) times linspace(1, 1/condition_number, 10), as in the notebook.

    Its condition number is nowhere near the one that it is named for: nine of the ten rows keep their size.

    References
    ----------
    Rahimi and Recht, notebook TwoLayerLinearNets of the repository shallow-linear-net.
    """
    return np.linspace(1.0, 1.0 / condition_number, ROWS)[:, None] * rng.random((ROWS, COLUMNS))


def svd_matrix(condition_number: float, rng: np.random.Generator) -> np.ndarray:
    """Haar-random singular vectors and singular values in equal ratios from 1 to 1/condition_number."""
    left, right = haar_frame(ROWS, COLUMNS, rng), haar_frame(COLUMNS, COLUMNS, rng)
    return left * np.geomspace(1.0, 1.0 / condition_number, COLUMNS) @ right.T


def linear_net(
    *,
    condition_number: float = 1e10,
    maker: Maker = "recht",
    samples: int = 1000,
    reduction: Reduction = "sum",
    form: Form = "reduced",
    matrix: Any = None,
    batch_size: int | None = None,
    sampling: Sampling | None = None,
    data_rng: Any = None,
    rng: Any,
) -> LinearNet | SampledLinearNet:
    r"""Draw Rahimi and Recht's two-layer linear net, which learns a matrix A from samples.

    .. math:: \mathcal L(W_1,W_2)=\sum_{i=1}^n\|W_1W_2x_i-y_i\|^2,\qquad y_i=Ax_i,\quad x_i\sim\mathcal N(0,I_6)

    A is 10 × 6, W1 10 × 6 and W2 6 × 6; the 96 parameters are W1 and then W2, both by rows. Runs start at standard
    normal weights, which are drawn with the problem. A, the samples and the start come from streams of their own: with
    the same `rng`, problems of another maker, reduction or form share all else.

    Parameters
    ----------
    condition_number : float
        Of A, at least 1, as "svd" has it; for "recht" the reciprocal of the smallest row's scale, which is not the
        condition number of the matrix that comes out (see `info`).
    maker : {"recht", "svd", "given"}
        "recht": the notebook's. "svd": singular values in equal ratios from 1 to 1/condition_number. "given": `matrix`.
    samples : int
        n, at least 1.
    reduction : {"sum", "mean"}
        "sum", as in the notebook, or "mean" over the samples.
    form : {"reduced", "samples"}
        "reduced": exact, by the second moments of the samples, at a cost that does not grow with n. "samples": over the
        samples one by one, which is what mini-batches need. The trajectories are the same up to rounding.
    matrix : array_like, optional
        A for maker "given", shape (m, k); W1 is then m × k and W2 k × k.
    batch_size : int, optional
        For form "samples": the samples in a mini-batch; n unless given, which makes gradients exact.
    sampling : {"subset", "replacement", "epoch"}, optional
        For form "samples": the law of mini-batches, "subset" unless given; see `carmon`.
    data_rng : int, SeedSequence, Generator or None
        Where the samples come from instead of `rng`: a number kept while `rng` changes keeps the samples and changes A
        and the start.
    rng : int, SeedSequence, Generator or None
        An int, a SeedSequence, a Generator or None.

    Returns
    -------
    LinearNet or SampledLinearNet
        By form.

    Raises
    ------
    ValueError
        For unknown words, a condition number below 1, a batch larger than the data, and arguments that the chosen maker
        or form would ignore.

    References
    ----------
    Rahimi and Recht, notebook TwoLayerLinearNets of the repository shallow-linear-net.
    Rolínek and Martius, "L4: practical loss-based stepsize adaptation" (2018), section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import info, linear_net, value
    >>> net = linear_net(rng=0)
    >>> net.start.shape, value(net, info(net).minimiser)
    ((96,), 0.0)
    >>> bool(np.linalg.cond(net.A) < 100), f"{np.linalg.cond(linear_net(maker='svd', rng=0).A):.2g}"
    (True, '1e+10')
    """
    samples = require_whole("samples", samples, 1)
    require_at_least(
        "condition_number", condition_number, 1, "it is the ratio of the largest singular value to the least"
    )
    require_word("maker", maker, words(Maker))
    require_word("reduction", reduction, words(Reduction))
    require_word("form", form, words(Form))
    _refuse_ignored(form, maker, batch_size, sampling, matrix)
    given = None if maker != "given" else _given(matrix)
    size = samples if batch_size is None else require_batch(batch_size, samples)
    law = SAMPLING.index(require_word("sampling", "subset" if sampling is None else sampling, SAMPLING))
    making, inputs, weights = streams(rng, 3)
    if data_rng is not None:
        (inputs,) = streams(data_rng, 1)
    A = _made(maker, given, float(condition_number), making)
    rows, columns = A.shape
    require_memory(f"samples = {samples}", 4.0 * samples * (rows + columns), "try fewer")
    require_memory(f"a matrix of {rows} by {columns}", 8.0 * columns * (rows + columns), "try a smaller one")
    X = inputs.standard_normal((samples, columns))
    start = as_vector(weights.standard_normal((rows, columns)), weights.standard_normal((columns, columns)))
    weight = 1.0 if reduction == "sum" else 1.0 / samples
    work = new_work(A)
    if form == "reduced":
        return canonical(LinearNet(A, shape_of(A), X.T @ X, start, weight, samples, work))
    Y = X @ A.T
    panels = as_panels(X), as_panels(Y)
    return canonical(SampledLinearNet(A, shape_of(A), X, Y, *panels, start, weight, size, law, work))  # type: ignore[arg-type]


def _made(maker, given, condition_number, rng):
    if maker == "recht":
        return recht_matrix(condition_number, rng)
    if maker == "svd":
        return svd_matrix(condition_number, rng)
    return given


def _given(matrix):
    if matrix is None:
        raise Refusal("maker = 'given' needs matrix, shape (m, k); or take maker 'recht' or 'svd'.")
    return real_array("matrix", matrix, 2)


def _refuse_ignored(form, maker, batch_size, sampling, matrix):
    if matrix is not None and maker != "given":
        raise Refusal(f"matrix would be ignored with maker = '{maker}'; try maker = 'given'.")
    for name, value in (("batch_size", batch_size), ("sampling", sampling)):
        if value is not None and form == "reduced":
            raise Refusal(
                f"{name} = {value!r} would be ignored: the reduced form has no mini-batches; try form = 'samples'."
            )
