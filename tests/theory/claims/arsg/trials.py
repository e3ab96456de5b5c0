"""For each hypothesis of the paper's claims: a trial that meets it, and one that does not."""

TRIALS = {
    "d = 1": ({"dimension": 1}, {"dimension": 2}),
    "exact gradients": ({"noise": 0.0}, {"noise": 0.1}),
    "beta_t does not depend on t": ({"betas": (0.9, 0.9)}, {"betas": (0.9, 0.8)}),
    "0 < beta < 1": ({"beta": 0.5}, {"beta": 0.0}),
    "0 <= beta < 1": ({"beta": 0.0}, {"beta": 1.0}),
    "0 <= mu < 1": ({"mu": 0.0}, {"mu": 1.0}),
    "0 < mu < 1": ({"mu": 0.1}, {"mu": 0.0}),
    "0 < mu < 1/2": ({"mu": 0.05}, {"mu": 0.5}),
    "tau < 0": ({"tau": -1e-4}, {"tau": 0.0}),
    "0 < tau < 2 (1 + beta) / (1 - beta + 2 beta mu)": (
        {"tau": 1.9, "beta": 0.0, "mu": 0.0},
        {"tau": 2.0, "beta": 0.0, "mu": 0.0},
    ),
    "kappa >= 1 and 0 < xi <= sqrt(kappa)": (
        {"long_step": 4.0, "advantage": 2.0},
        {"long_step": 4.0, "advantage": 2.5},
    ),
    "kappa >= 1e5 and all constants of order 1": (
        {"kappa": 1e5, "c_beta": 1.0, "c_mu": 1.0},
        {"kappa": 1e5, "c_beta": 1.0, "c_mu": 0.01},
    ),
    "A is diagonalisable: its two eigenvalues differ": (
        {"tau": 0.1, "beta": 0.5, "mu": 0.5},
        {"tau": 1.0, "beta": 0.0, "mu": 0.5},
    ),
    "0 < c_beta <= sqrt(kappa), 0 < c_mu < sqrt(kappa), 0 < c_alpha <= 2/(c_beta + c_mu)": (
        {"c_alpha": 1.0, "c_beta": 1.0, "c_mu": 1.0, "kappa": 4.0},
        {"c_alpha": 1.1, "c_beta": 1.0, "c_mu": 1.0, "kappa": 4.0},
    ),
    "the noise is normal and independent over time": ({"noise_law": "normal"}, {"noise_law": "uniform"}),
    "f is L-smooth": (
        {"curvatures": (-1.0, 2.0), "smoothness": 2.0},
        {"curvatures": (-3.0, 2.0), "smoothness": 2.0},
    ),
    "no gradient exceeds G_2, noisy or not, anywhere": (
        {"gradient_norms": (0.5, 1.0), "gradient_bound": 1.0},
        {"gradient_norms": (0.5, 1.1), "gradient_bound": 1.0},
    ),
    "G_2 >= sqrt(eps)": ({"gradient_bound": 0.1, "eps": 0.01}, {"gradient_bound": 1e-6, "eps": 1e-3}),
    "every loss is lambda-strongly convex": (
        {"curvatures": (1.0, 3.0), "modulus": 1.0},
        {"curvatures": (0.5, 3.0), "modulus": 1.0},
    ),
    "beta_1 < sqrt(beta_2)": ({"beta1": 0.9, "beta2": 0.99}, {"beta1": 0.999, "beta2": 0.99}),
    "1 - beta_1 <= mu < 1": ({"beta1": 0.9, "mu": 0.1}, {"beta1": 0.9, "mu": 0.0}),
    "alpha >= max (t v_t^(1/2) - (t - 1) v_(t-1)^(1/2)) / ((1 - beta_1 (1 - mu)) lambda) along the run": (
        {"step_size": 2.0, "least_step_size": 2.0},
        {"step_size": 1.9, "least_step_size": 2.0},
    ),
    "0 ≤ u ≤ 1": ({"u": 1.0}, {"u": -0.1}),
    "κ ≥ 1": ({"kappa": 1.0}, {"kappa": 0.5}),
    "0 < c_β ≤ 4√κ/5 and 0 < c_α ≤ 2/c_β": (
        {"c_alpha": 2.0, "c_beta": 1.0, "kappa": 4.0},
        {"c_alpha": 2.0, "c_beta": 1.0, "kappa": 1.0},
    ),
    "0 < 4c_α < c_β": ({"c_alpha": 0.2, "c_beta": 1.0}, {"c_alpha": 0.25, "c_beta": 1.0}),
    "0 < 1 − β < μ < 1": ({"beta": 0.9, "mu": 0.2}, {"beta": 0.9, "mu": 0.05}),
    "9/10 ≤ β₁ < 1, 0 < μ < 1, 0 ≤ γ < 1 and 0 < ε < 1": (
        {"beta1": 0.9, "mu": 0.1, "gamma": 0.0, "eps": 0.5},
        {"beta1": 0.8, "mu": 0.1, "gamma": 0.0, "eps": 0.5},
    ),
}
