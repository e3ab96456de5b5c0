"""For each hypothesis of the paper's claims: a trial that meets it, and one that does not."""

TRIALS = {
    "<g, v> > 0": ({"product": 1e-9}, {"product": 0.0}),
    "a > 0": ({"scale": 2.0}, {"scale": -2.0}),
    "f(x*) >= f(x) + <g, x* - x>": ({"gap": 1.0, "inner": 1.5}, {"gap": 1.0, "inner": 0.5}),
    "|g|^2 <= 2 L (f - f*)": (
        {"square": 2.0, "lipschitz": 1.0, "gap": 1.0},
        {"square": 2.1, "lipschitz": 1.0, "gap": 1.0},
    ),
    "L >= 0": ({"loss": 0.0}, {"loss": -1.0}),
    "0 < alpha < 2": ({"alpha": 0.15}, {"alpha": 2.0}),
    "E[x x'] = I": ({"second_moment": [[1.0, 0.0], [0.0, 1.0]]}, {"second_moment": [[1.0, 0.5], [0.5, 1.0]]}),
    "0 ≤ γ < 1": ({"gamma": 0.9}, {"gamma": 1.0}),
}
