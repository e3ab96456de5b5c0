"""Orthogonal matrices: Haar-random, by an angle, or given."""

from typing import Any

import numpy as np

from dynamics.checks import Refusal, is_number, real_array, require_memory, require_real, unknown


def haar_frame(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Draw orthonormal columns from the rotation-invariant law: QR of a Gaussian matrix with R's diagonal positive.

    Without the signs, the law would be that of the QR routine, which is not invariant.

    Parameters
    ----------
    rows, columns : int
        At least as many rows as columns.

    References
    ----------
    Mezzadri, "How to generate random matrices from the classical compact groups" (2007), section 5.

    Examples
    --------
    >>> Q = haar_frame(4, 2, np.random.default_rng(0))
    >>> bool(np.allclose(Q.T @ Q, np.eye(2)))
    True
    """
    Q, R = np.linalg.qr(rng.standard_normal((rows, columns)))
    return Q * np.where(np.diagonal(R) < 0.0, -1.0, 1.0)


def rotation_matrix(rotation: Any, dimension: int, rng: np.random.Generator) -> np.ndarray:
    """The orthogonal matrix, shape (d, d), that a rotation means: "haar", an angle in radians (d = 2), or a matrix.

    Raises
    ------
    ValueError
        For another word, an angle outside the plane, and a matrix that is not orthogonal.

    Examples
    --------
    >>> rotation_matrix(np.pi / 2, 2, np.random.default_rng(0)).round(12) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    if isinstance(rotation, str):
        if rotation != "haar":
            raise Refusal(f"{unknown('rotation', rotation, ['haar'])} An angle or an orthogonal matrix will do, too.")
        require_memory(f"a rotation in dimension {dimension}", 5.0 * dimension**2, "try an axis-aligned problem")
        return haar_frame(dimension, dimension, rng)
    if is_number(rotation):
        return _plane_rotation(rotation, dimension)
    matrix = real_array("rotation", rotation, 2)
    if matrix.shape != (dimension, dimension):
        raise Refusal(f"rotation has shape {matrix.shape}: {dimension} eigenvalues need ({dimension}, {dimension}).")
    defect = float(np.abs(matrix.T @ matrix - np.eye(dimension)).max())
    if defect > 1e-10:
        raise Refusal(
            f"rotation is not orthogonal: RᵀR differs from the identity by {defect:.1g}, so the eigenvalues would not "
            f"be the given ones; try numpy.linalg.qr(rotation)[0]."
        )
    return matrix


def _plane_rotation(angle: Any, dimension: int) -> np.ndarray:
    angle = require_real("rotation", angle, "'haar', an angle or an orthogonal matrix will do")
    if dimension != 2:
        raise Refusal(
            f"rotation = {angle} is an angle, which turns the plane, but the dimension is {dimension}; try 'haar'."
        )
    if not np.isfinite(angle):
        raise Refusal(f"rotation = {angle} must be a finite angle in radians; try 0.0.")
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])
