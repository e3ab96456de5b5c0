"""Make torch_adaptive.json: trajectories of torch.optim and optax in float64, to compare adaptive methods with.

    python tests/golden/make_torch_adaptive.py

in an environment with torch 2.13.0, jax 0.10.2 and optax 0.2.8; the tests don't need them.

Conventions. PyTorch adds eps after the root everywhere; it corrects AMSGrad's averages for their start at zero, the
maximum taken of the uncorrected one; its RAdam adds eps before that correction. Optax's RMSprop adds eps under the
root, and its NAdam has constant momentum. Each is a parameter here: bias_correction, eps_placement, warmup. Optax's
Adagrad, AMSGrad and RAdam place eps or the correction otherwise; make_optax.py has them in settings that agree.
"""

import json
import sys
from pathlib import Path

import numpy as np

STEPS = 40
TORCH = {
    "rmsprop": {"optimizer": "RMSprop", "lr": 0.02, "alpha": 0.9, "eps": 1e-6},
    "adagrad": {"optimizer": "Adagrad", "lr": 0.3, "eps": 1e-6, "initial_accumulator_value": 0.1},
    "amsgrad": {"optimizer": "Adam", "lr": 0.1, "betas": [0.9, 0.95], "eps": 1e-6, "amsgrad": True},
    "nadam": {"optimizer": "NAdam", "lr": 0.05, "betas": [0.9, 0.99], "eps": 1e-6, "momentum_decay": 0.02},
    "radam": {"optimizer": "RAdam", "lr": 0.1, "betas": [0.9, 0.95], "eps": 1e-3},
}
OPTAX = {
    "optax_rmsprop": {"optimizer": "rmsprop", "learning_rate": 0.02, "decay": 0.9, "eps": 1e-3},
    "optax_nadam": {"optimizer": "nadam", "learning_rate": 0.05, "b1": 0.9, "b2": 0.99, "eps": 1e-6},
    "optax_polyak": {"optimizer": "polyak_sgd", "max_learning_rate": 0.5, "f_min": 0.1, "eps": 0.0},
}


def main() -> None:
    """Run every setting on one small non-convex regression and write the iterates."""
    import jax
    import optax
    import torch

    torch.set_default_dtype(torch.float64)  # NAdam keeps its product of momenta in this type, whatever x has
    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(20)
    rows, targets = rng.standard_normal((8, 3)), 2 * rng.standard_normal(8)

    def torch_run(setting):
        options = dict(setting)
        x = torch.zeros(3, dtype=torch.float64, requires_grad=True)
        optimizer = getattr(torch.optim, options.pop("optimizer"))([x], **options)
        iterates = [x.detach().tolist()]
        for _ in range(STEPS):
            optimizer.zero_grad()
            t = torch.from_numpy(rows) @ x - torch.from_numpy(targets)
            torch.mean(t**2 / (1 + t**2)).backward()
            optimizer.step()
            iterates.append(x.detach().tolist())
        return {"setting": setting, "iterates": iterates}

    def optax_run(setting):
        options = dict(setting)
        optimizer = optax.with_extra_args_support(getattr(optax, options.pop("optimizer"))(**options))

        def loss(x):
            t = rows @ x - targets
            return jax.numpy.mean(t**2 / (1 + t**2))

        x = jax.numpy.zeros(3, dtype=jax.numpy.float64)
        state, iterates = optimizer.init(x), [x.tolist()]
        for _ in range(STEPS):
            value, gradient = jax.value_and_grad(loss)(x)
            move, state = optimizer.update(gradient, state, x, value=value)
            x = optax.apply_updates(x, move)
            iterates.append(x.tolist())
        return {"setting": setting, "iterates": iterates}

    golden = {
        "versions": {
            "torch": torch.__version__,
            "jax": jax.__version__,
            "optax": optax.__version__,
            "numpy": np.__version__,
            "python": sys.version.split()[0],
        },
        "loss": "mean of t^2/(1+t^2), t = rows @ x - targets, from x = 0",
        "rows": rows.tolist(),
        "targets": targets.tolist(),
        "runs": {
            **{name: torch_run(setting) for name, setting in TORCH.items()},
            **{name: optax_run(setting) for name, setting in OPTAX.items()},
        },
    }
    Path(__file__).with_name("torch_adaptive.json").write_text(json.dumps(golden, indent=None) + "\n")


if __name__ == "__main__":
    main()
