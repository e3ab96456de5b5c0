"""Make optax.json: trajectories of optax in float64, where make_torch_adaptive.py has none.

    python -m tests.golden.make_optax        (with jax 0.10.2 and optax 0.2.8; the tests don't need them)

Conventions. Optax's momentum is a velocity, b ← βb + g: the run of a moving average with lr = α(1 − β). Its Adagrad has
eps under the root, where it is the same as one in the initial sum. Its AMSGrad takes the largest of corrected averages,
a choice here (maximum); told not to correct, it is the paper's. Its RAdam adds eps after the correction of the average,
PyTorch before it; without eps both are one. Momo without averages, on losses of a known bound, is Polyak's step with a
largest step; the normalised gradient is a first-order trust region on a sphere whose radius is held.
"""

from tests.golden.small_regression import optax_run, write_runs

STEP_SIZE, BETA = 0.8, 0.9


def main() -> None:
    """Run every setting and write the iterates."""
    import optax
    import optax.contrib

    velocity = STEP_SIZE * (1 - BETA)
    amsgrad = {"b1": 0.9, "b2": 0.95, "eps": 1e-6, "bias_correction_mu": False, "bias_correction_nu": False}
    settings = {
        "sgd": (optax.sgd, {"learning_rate": STEP_SIZE}),
        "momentum": (optax.sgd, {"learning_rate": velocity, "momentum": BETA}),
        "nesterov": (optax.sgd, {"learning_rate": velocity, "momentum": BETA, "nesterov": True}),
        "adam": (optax.adam, {"learning_rate": 0.1, "b1": 0.9, "b2": 0.99, "eps": 1e-6}),
        "adagrad": (optax.adagrad, {"learning_rate": 0.3, "initial_accumulator_value": 0.1, "eps": 1e-2}),
        "amsgrad_corrected": (optax.amsgrad, {"learning_rate": 0.1, "b1": 0.9, "b2": 0.95, "eps": 1e-6}),
        "radam": (optax.radam, {"learning_rate": 0.1, "b1": 0.9, "b2": 0.95, "eps": 0.0}),
        "contrib_momo": (
            optax.contrib.momo,
            {"learning_rate": 0.5, "beta": 0.0, "lower_bound": 0.1, "adapt_lower_bound": False},
        ),
    }
    runs = {
        name: {"setting": {"optimizer": make.__name__, **options}, "iterates": optax_run(make(**options))}
        for name, (make, options) in settings.items()
    }
    runs["amsgrad"] = {
        "setting": {"optimizer": "scale_by_amsgrad, scale(-0.1)", **amsgrad},
        "iterates": optax_run(optax.chain(optax.scale_by_amsgrad(**amsgrad), optax.scale(-0.1))),
    }
    runs["contrib_normalize"] = {
        "setting": {"optimizer": "contrib.normalize, sgd", "learning_rate": 0.03},
        "iterates": optax_run(optax.chain(optax.contrib.normalize(), optax.sgd(0.03))),
    }
    write_runs("optax.json", ["jax", "optax"], runs)


if __name__ == "__main__":
    main()
