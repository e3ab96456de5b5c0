"""For each hypothesis of the graduated-optimisation claims: a trial that meets it, and one that does not."""

TRIALS = {
    "f is L_f-Lipschitz": ({"slope": -2.0, "lipschitz": 2.0}, {"slope": -2.1, "lipschitz": 2.0}),
    "grad f is L_g-Lipschitz": ({"curvature": -2.0, "smoothness": 2.0}, {"curvature": -2.1, "smoothness": 2.0}),
    "sigma > 0": ({"sigma": 0.1}, {"sigma": 0.0}),
    "a_m > 1": ({"enlargement": 1.1}, {"enlargement": 1.0}),
    "0 < eta < min(1/sigma, 2/L_g)": (
        {"step_size": 0.4, "sigma": 2.0, "smoothness": 4.0},
        {"step_size": 0.5, "sigma": 2.0, "smoothness": 4.0},
    ),
    "0 < eta < 2/L_g": ({"step_size": 0.4, "smoothness": 4.0}, {"step_size": 0.5, "smoothness": 4.0}),
    "0 < gamma_m < 1": ({"decay_rate": 0.5}, {"decay_rate": 1.0}),
    "the samples of a mini-batch are independent": ({"replacement": True}, {"replacement": False}),
    "E omega_t = 0": ({"noise": (1, -2, 1)}, {"noise": (1, -2, 2)}),
    "|g_t| <= K": ({"steps": (1.0, -2.0), "bound": 2.0}, {"steps": (1.0, -2.1), "bound": 2.0}),
    "x lies outside the ball": ({"distance": 1.1, "radius": 1.0}, {"distance": 1.0, "radius": 1.0}),
    "0 < p <= 1": ({"power": 1.0}, {"power": 1.1}),
    "0 < epsilon < 1": ({"accuracy": 0.5}, {"accuracy": 1.0}),
    "eta > 0 and b >= 1": ({"step_size": 0.1, "batch_size": 1}, {"step_size": 0.1, "batch_size": 0.5}),
    "r > 0": ({"radius": 0.1}, {"radius": 0.0}),
    "the noise level never rises": ({"levels": (1.0, 0.5, 0.5)}, {"levels": (1.0, 0.5, 0.6)}),
    "|δ_{m+1}| > r": ({"level": 1.0, "radius": 0.5}, {"level": 1.0, "radius": 1.0}),
    "f is sigma-nice": ({"falls_then_rises": True}, {"falls_then_rises": False}),
    "f is not symmetric and has local minima": ({"skewed": True, "minima": 2}, {"skewed": False, "minima": 2}),
}
