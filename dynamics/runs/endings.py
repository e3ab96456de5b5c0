"""What the driver can't see of a run's end: a tolerance met far out, a saddle on which the run stands still."""

from typing import Any

import numpy as np

from dynamics.kernels.cache import compiled
from dynamics.protocol.compatibility import lacks
from dynamics.protocol.oracle import hessian_product
from dynamics.protocol.scratch import own_work
from dynamics.protocol.status import SOUND, Status
from dynamics.runs.driver import Records

VECTORS = 50  # of the Krylov space on which the least curvature is looked for
NUMBERS = 2**23  # that its vectors may have together
ROUNDING = 1e-10  # share of the largest curvature below which one counts as 0


def ending(status: Status, problem: Any, x: np.ndarray, records: Records, iterate_bound: float) -> Status:
    """The status of a run that ended at x with these records from its beginning on, as the driver left it or worse."""
    if status == Status.CONVERGED and not _within(x, iterate_bound):
        return Status.DIVERGED
    if status in SOUND and _never_moved(status, records) and curves_down(problem, x):
        return Status.SADDLE
    return status


def curves_down(problem: Any, x: np.ndarray) -> bool:
    """Whether the Hessian at x has a negative eigenvalue, as far as a Krylov space shows; False without products.

    Examples
    --------
    >>> from synthetic import beale, saddle
    >>> curves_down(saddle(), np.zeros(2)), curves_down(beale(), np.array([3.0, 0.5]))
    (True, False)
    """
    if lacks(hessian_product, problem):
        return False
    matrix = _projected_hessian(own_work(problem), x)
    if not np.isfinite(matrix).all():
        return False
    eigenvalues = np.linalg.eigvalsh(0.5 * (matrix + matrix.T))
    return bool(eigenvalues[0] < -ROUNDING * np.abs(eigenvalues).max())


def _within(x, bound):
    """Whether no coordinate is larger than a bound, which is sooner seen of a vector that is much shorter.

    `x @ x` would warn of squares that overflow.
    """
    return np.vdot(x, x) < 0.5 * bound * bound or np.abs(x).max() <= bound


def _never_moved(status, records):
    """Whether a run still is where it began, and the gradient there is 0, or small enough to end it at once."""
    if not len(records.iteration) or records.iteration[0] > 0:
        return False
    if status == Status.CONVERGED and records.iteration[-1] == 0:
        return True
    return bool(records.gradient_norm[0] == records.gradient_norm[-1] == 0.0 and records.loss[0] == records.loss[-1])


def _projected_hessian(problem, x):
    """The Hessian on the Krylov space of an arbitrary vector."""
    out = np.empty_like(x)
    product = compiled(_product, (problem, x, x, out))
    basis, images = np.zeros((0, len(x))), np.zeros((0, len(x)))
    vector = np.random.default_rng(0).normal(size=len(x))
    for _ in range(max(1, min(len(x), VECTORS, NUMBERS // len(x)))):
        for _ in range(2):
            vector = vector - basis.T @ (basis @ vector)
        if not np.linalg.norm(vector) > 0.0:
            break
        basis = np.vstack([basis, vector / np.linalg.norm(vector)])
        product(problem, x, basis[-1], out)
        images = np.vstack([images, out])
        vector = out.copy()
    return basis @ images.T


def _product(problem, x, v, out):
    hessian_product(problem, x, v, out)
