"""For each hypothesis of the adaptive-norms claims: a trial that meets it, and one that does not."""

import numpy as np

TRIALS = {
    "A is positive definite": ({"eigenvalues": (1, 2)}, {"eigenvalues": (0, 2)}),
    "g != 0": ({"gradient": (0.0, 1.0)}, {"gradient": (0.0, 0.0)}),
    "|g_t|^2 <= L_H^2 at every t": (
        {"gradients": [[0.6, 0.8], [0, 1]], "bound": 1.0},
        {"gradients": [[0.6, 0.8], [0, 1.1]], "bound": 1.0},
    ),
    "the entries have mean zero": ({"mean": 0.0}, {"mean": 0.5}),
    "0 < E|A_11| < infinity": ({"mean_absolute": 0.8}, {"mean_absolute": 0.0}),
    "the entries have a finite second moment": ({"variance": 3.0}, {"variance": np.inf}),
    "u'Bu <= nu lambda_min(B) |u|^2 < 0 and g'u <= 0": (
        {"curvature": -1.0, "lowest": -1.5, "nu": 0.5, "slope": 0.0},
        {"curvature": -1.0, "lowest": -1.5, "nu": 0.5, "slope": 0.1},
    ),
    "1/zeta <= lambda(A_t) <= zeta": (
        {"spectrum": (0.5, 2.0), "zeta": 2.0},
        {"spectrum": (0.4, 2.0), "zeta": 2.0},
    ),
    "|g_t - grad L| <= delta_g and |(B_t - Hess L) s| <= delta_H |s|": (
        {"gradient_error": 0.1, "delta_g": 0.1, "hessian_error": 0.2, "delta_H": 0.2},
        {"gradient_error": 0.1, "delta_g": 0.1, "hessian_error": 0.3, "delta_H": 0.2},
    ),
    "B is positive definite": ({"lowest": 0.1}, {"lowest": 0.0}),
    "f″ > 0 between x and x*": ({"curvature": 1.0}, {"curvature": 0.0}),
    "the change of variables is invertible": ({"determinant": -2.0}, {"determinant": 0.0}),
    "all entries are positive": (
        {"matrices": [np.array([[1.0, 2.0], [2.0, 1.0]])]},
        {"matrices": [np.array([[1.0, -2.0], [-2.0, 1.0]])]},
    ),
    "no eigenvalue of the Hessian around the minimiser is below λ > 0": (
        {"lowest": 1.0, "modulus": 1.0},
        {"lowest": 0.5, "modulus": 1.0},
    ),
    "the Hessian is Lipschitz with constant L_H": ({"steepness": 1, "L_H": 1}, {"steepness": 2, "L_H": 1}),
    "gradient and Hessian are exact": ({"gradient_error": 0}, {"gradient_error": 0.1}),
    "each step minimises the model in the region": ({"share": 1}, {"share": 0.5}),
}
