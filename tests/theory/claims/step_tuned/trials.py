"""For each hypothesis of the paper's claims: a trial that meets it, and one that does not."""

TRIALS = {
    "<H d, d> > 0": ({"curvature": 1.0}, {"curvature": 0.0}),
    "every eigenvalue of the Hessian is positive": ({"eigenvalues": (1, 2)}, {"eigenvalues": (-1, 2)}),
    "the last step was not zero": ({"displacement": (0, 1)}, {"displacement": (0, 0)}),
    "1 <= b <= N": ({"batch_size": 3, "samples": 3}, {"batch_size": 4, "samples": 3}),
    "N >= 2": ({"samples": 2}, {"samples": 1}),
    "the Hessian is symmetric": ({"hessian": [[1, 2], [2, 3]]}, {"hessian": [[0, -1], [1, 0]]}),
    "the Hessian is Lipschitz": ({"hessian_lipschitz": 2.0}, {"hessian_lipschitz": float("inf")}),
    "0 < delta < 1/2": ({"delta": 0.001}, {"delta": 0.5}),
    "L and C_1 bound the gradients' Lipschitz constants and squares": (
        {"lipschitz": 2.0, "steepest": 1.0, "L": 2.0, "C1": 1.0},
        {"lipschitz": 2.0, "steepest": 1.0, "L": 2.0, "C1": 0.9},
    ),
    "m <= 1 <= M": ({"m": 0.5, "M": 2.0}, {"m": 1.5, "M": 2.0}),
    "the sum of u_k is infinite": ({"partial_sums": [1.0, 2e3]}, {"partial_sums": [1.0, 1.9]}),
    "0 < m <= M": ({"m": 0.5, "M": 2.0}, {"m": 2.0, "M": 0.5}),
    "⟨∇J, d⟩ < 0": ({"slope": -1.0}, {"slope": 0.0}),
    "⟨Hd, d⟩ ≤ 0": ({"curvature": 0.0}, {"curvature": 0.1}),
}
