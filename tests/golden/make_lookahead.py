"""Make lookahead.json: lookahead around optimizers of torch, written by hand, and of optax, its own.

    python -m tests.golden.make_lookahead

in an environment with torch 2.13.0, jax 0.10.2 and optax 0.2.8; the tests don't need them. Both keep the state of the
fast optimizer at a meeting, and the iterates are the fast weights.
"""

from tests.golden.small_regression import optax_run, torch_run, write_runs

PERIOD, SLOW = 6, 0.5
RADAM = {"lr": 0.1, "betas": (0.9, 0.95), "eps": 1e-3}


def main() -> None:
    """Run every setting and write the iterates."""
    import optax
    import torch

    slow = torch.zeros(3, dtype=torch.float64)

    def meet(k, x):
        if k % PERIOD == 0:
            slow.add_(SLOW * (x - slow))
            x.copy_(slow)

    fast = {
        "optax_sgd": ("sgd, learning_rate 0.8", optax.sgd(0.8)),
        "optax_adam": ("adam, learning_rate 0.1, b1 0.9, b2 0.99, eps 1e-6", optax.adam(0.1, 0.9, 0.99, 1e-6)),
        "optax_radam": ("radam, learning_rate 0.1, b1 0.9, b2 0.95, eps 0", optax.radam(0.1, 0.9, 0.95, 0.0)),
    }
    meetings = {"sync_period": PERIOD, "slow_step_size": SLOW}
    runs = {
        "torch_radam": {
            "setting": {"optimizer": "RAdam", **RADAM, **meetings},
            "iterates": torch_run(lambda parameters: torch.optim.RAdam(parameters, **RADAM), meet),
        }
    }
    for name, (words, optimizer) in fast.items():
        iterates = optax_run(optax.lookahead(optimizer, PERIOD, SLOW), slow=True)
        runs[name] = {"setting": {"optimizer": words, **meetings}, "iterates": iterates}
    write_runs("lookahead.json", ["torch", "jax", "optax"], runs)


if __name__ == "__main__":
    main()
