"""The loss of the golden trajectories, and runs of torch.optim and optax on it; needs these libraries."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

STEPS = 40
LOSS = "mean of t^2/(1+t^2), t = rows @ x - targets, from x = 0"


def data() -> tuple[np.ndarray, np.ndarray]:
    """Rows, shape (8, 3), and targets, shape (8,), of a small non-convex regression."""
    rng = np.random.default_rng(20)
    return rng.standard_normal((8, 3)), 2 * rng.standard_normal(8)


def torch_run(
    make: Callable[[list[Any]], Any], after_step: Callable[[int, Any], None] = lambda k, x: None
) -> list[Any]:
    """The iterates of a torch optimizer; `after_step(k, x)` may change x once step k (from 1) is taken."""
    import torch

    torch.set_default_dtype(torch.float64)  # some optimizers keep scalars in this type, whatever x has
    rows, targets = (torch.from_numpy(array) for array in data())
    x = torch.zeros(3, requires_grad=True)
    optimizer = make([x])
    iterates = [x.detach().tolist()]
    for k in range(1, STEPS + 1):
        optimizer.zero_grad()
        t = rows @ x - targets
        torch.mean(t**2 / (1 + t**2)).backward()
        optimizer.step()
        with torch.no_grad():
            after_step(k, x)
        iterates.append(x.detach().tolist())
    return iterates


def optax_run(optimizer: Any, slow: bool = False) -> list[Any]:
    """The iterates of an optax transformation; with `slow`, of the fast weights of a lookahead."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    rows, targets = data()
    optimizer = optax.with_extra_args_support(optimizer)

    def loss(x):
        t = rows @ x - targets
        return jax.numpy.mean(t**2 / (1 + t**2))

    x = jax.numpy.zeros(3, dtype=jax.numpy.float64)
    parameters = optax.LookaheadParams.init_synced(x) if slow else x
    state, iterates = optimizer.init(parameters), [x.tolist()]
    for _ in range(STEPS):
        value, gradient = jax.value_and_grad(loss)(x)
        move, state = optimizer.update(gradient, state, parameters, value=value)
        parameters = optax.apply_updates(parameters, move)
        x = parameters.fast if slow else parameters
        iterates.append(x.tolist())
    return iterates


def write(name: str, libraries: list[str], contents: dict[str, Any]) -> None:
    """Write a golden file with the versions that made it."""
    versions = {library: __import__(library).__version__ for library in [*libraries, "numpy"]}
    golden = {"versions": {**versions, "python": sys.version.split()[0]}, **contents}
    Path(__file__).with_name(name).write_text(json.dumps(golden) + "\n")


def write_runs(name: str, libraries: list[str], runs: dict[str, Any]) -> None:
    """Write trajectories on the regression."""
    rows, targets = data()
    write(name, libraries, {"loss": LOSS, "rows": rows.tolist(), "targets": targets.tolist(), "runs": runs})
