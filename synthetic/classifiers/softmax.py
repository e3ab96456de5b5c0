r"""The cross-entropy of a softmax, :math:`\ell(z)=\log\sum_ke^{z_k}-z_y`, with its first and second derivative."""

import numpy as np

from dynamics import kernel


@kernel
def to_probabilities(z):
    """Replace the scores z by their softmax and return log Σ exp z."""
    highest = z[0]
    for k in range(1, len(z)):
        highest = max(highest, z[k])
    total = 0.0
    for k in range(len(z)):
        z[k] = np.exp(z[k] - highest)
        total += z[k]
    for k in range(len(z)):
        z[k] /= total
    return highest + np.log(total)


@kernel
def to_loss_tangent(p, dz):
    """Replace the tangent dz of the scores by that of the loss's slope, (diag p − ppᵀ) dz."""
    mean = 0.0
    for k in range(len(p)):
        mean += p[k] * dz[k]
    for k in range(len(p)):
        dz[k] = p[k] * (dz[k] - mean)
