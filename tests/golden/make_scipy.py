"""Make scipy.json: where SciPy's trust-region minimisers end, on two functions.

    python -m tests.golden.make_scipy        (with scipy 1.17.1)

Their rules for the radius are not those of `TrustRegion`, so that iterates differ; the end points are compared.
"""

import numpy as np
from scipy.optimize import minimize, rosen, rosen_der, rosen_hess

from tests.golden.small_regression import data, write

TOLERANCE = 1e-8


ROWS, TARGETS = data()


def regression(x):
    """The mean of t²/(1 + t²), t = rows @ x - targets."""
    t = ROWS @ x - TARGETS
    return np.mean(t**2 / (1 + t**2))


def regression_gradient(x):
    """Its gradient."""
    t = ROWS @ x - TARGETS
    return ROWS.T @ (2 * t / (1 + t**2) ** 2) / len(t)


def regression_hessian(x):
    """Its Hessian."""
    t = ROWS @ x - TARGETS
    return ROWS.T @ np.diag((2 - 6 * t**2) / (1 + t**2) ** 3) @ ROWS / len(t)


FUNCTIONS = {
    "rosenbrock": (rosen, rosen_der, rosen_hess, np.array([1.3, 0.7, 0.8, 1.9, 1.2])),
    "regression": (regression, regression_gradient, regression_hessian, np.zeros(3)),
}


def main() -> None:
    """Run both minimisers on both functions and write where they end."""
    ends = {}
    for name, (function, gradient, hessian, start) in FUNCTIONS.items():
        for method in ("trust-ncg", "trust-exact"):
            found = minimize(function, start, method=method, jac=gradient, hess=hessian, options={"gtol": TOLERANCE})
            ends[f"{name} {method}"] = {
                "function": name,
                "method": method,
                "start": start.tolist(),
                "x": found.x.tolist(),
                "value": float(found.fun),
                "iterations": int(found.nit),
                "success": bool(found.success),
            }
    write(
        "scipy.json", ["scipy"], {"gtol": TOLERANCE, "rows": ROWS.tolist(), "targets": TARGETS.tolist(), "ends": ends}
    )


if __name__ == "__main__":
    main()
