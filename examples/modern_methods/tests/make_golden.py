"""Trajectories of public implementations, written to golden.json: `python tests/make_golden.py` anywhere.

Each package that is installed writes its own (torch, optax, schedulefree, prodigyopt, dadaptation, pytorch_optimizer),
the others' stay. Nothing but the numbers that packages return is kept.
"""

import importlib
import importlib.metadata
import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("golden.json")
STEPS = 12
ROOT = np.cos(np.arange(1.0, 65.0) ** 2).reshape(8, 8)
CURVATURE = ROOT.T @ ROOT / 8 + np.diag(np.arange(1.0, 9.0)) / 4
CENTRE = np.array([0.3, -0.2, 0.5, 0.1, 0.4, -0.6, 0.2, -0.1])
START = np.array([1.1, -0.7, 0.4, 0.9, -1.3, 0.2, 0.8, -0.5])


def gradient(x):
    return CURVATURE @ (x - CENTRE) + np.tanh(x)


def loss(x):
    return 0.5 * (x - CENTRE) @ CURVATURE @ (x - CENTRE) + np.log(np.cosh(x)).sum()


def by_torch(make, *, split=False, schedule=None, evaluates=False):
    """The iterates of an optimiser of PyTorch's kind; what `evaluates` says are those that it is evaluated at."""
    torch = importlib.import_module("torch")
    torch.set_default_dtype(torch.float64)
    if split:
        parts = [torch.nn.Parameter(torch.tensor(START[:6].reshape(2, 3))), torch.nn.Parameter(torch.tensor(START[6:]))]
    else:
        parts = [torch.nn.Parameter(torch.tensor(START))]
    optimiser, iterates = make(parts), [START.tolist()]

    def here():
        return np.concatenate([part.detach().numpy().ravel() for part in parts])

    for k in range(STEPS):
        if schedule is not None:
            for group in optimiser.param_groups:
                group["lr"] = schedule[k]
        if evaluates:
            optimiser.train()
        g = gradient(here())
        for part, piece in zip(parts, np.split(g, [6]) if split else [g], strict=True):
            part.grad = torch.tensor(piece.reshape(part.shape))
        optimiser.step((lambda: torch.tensor(loss(here()))) if isinstance(optimiser, torch.optim.LBFGS) else None)
        if evaluates:
            optimiser.eval()
        iterates.append(here().tolist())
    return iterates


def by_optax(transform, matrix=False):
    jax, optax = importlib.import_module("jax"), importlib.import_module("optax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    x = jnp.array(START.reshape(2, 4) if matrix else START)
    state, iterates = transform.init(x), [START.tolist()]
    for _ in range(STEPS):
        flat = np.asarray(x).ravel()
        g = jnp.array(gradient(flat).reshape(x.shape))
        updates, state = transform.update(g, state, x, value=jnp.array(loss(flat)))
        x = optax.apply_updates(x, updates)
        iterates.append(np.asarray(x).ravel().tolist())
    return iterates


def of_torch():
    optim = importlib.import_module("torch").optim
    return {
        "adamw": by_torch(lambda p: optim.AdamW(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3)),
        "nadam": by_torch(lambda p: optim.NAdam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3, momentum_decay=0.1)),
        "amsgrad": by_torch(lambda p: optim.Adam(p, lr=0.3, betas=(0.8, 0.5), eps=1e-3, amsgrad=True)),
        "momentum": by_torch(lambda p: optim.SGD(p, lr=0.1, momentum=0.8), schedule=[0.1] * 6 + [0.01] * 6),
        "lbfgs": by_torch(lambda p: optim.LBFGS(p, lr=1.0, max_iter=1, history_size=3, tolerance_change=0.0)),
    }


def of_schedulefree():
    package = importlib.import_module("schedulefree")
    sgd = {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.3, "warmup_steps": 4, "foreach": False}
    adamw = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.3, "r": 1.0, "foreach": False}
    return {
        "schedule-free-sgd": by_torch(lambda p: package.SGDScheduleFree(p, **sgd), evaluates=True),
        "schedule-free-adamw": by_torch(lambda p: package.AdamWScheduleFree(p, **adamw), evaluates=True),
    }


def of_prodigyopt():
    kind = importlib.import_module("prodigyopt").Prodigy
    numbers = {"betas": (0.8, 0.95), "eps": 1e-3, "d0": 1e-2}
    return {
        "prodigy": by_torch(lambda p: kind(p, **numbers, weight_decay=0.1)),
        "prodigy-corrected": by_torch(
            lambda p: kind(p, **numbers, use_bias_correction=True, safeguard_warmup=True, d_coef=2.0)
        ),
    }


def of_dadaptation():
    package = importlib.import_module("dadaptation")
    adam = {"betas": (0.8, 0.95), "eps": 1e-3, "d0": 1e-2, "weight_decay": 0.1, "decouple": True}
    return {
        "d-adapt-sgd": by_torch(lambda p: package.DAdaptSGD(p, momentum=0.8, d0=1e-2)),
        "d-adapt-adam": by_torch(lambda p: package.DAdaptAdam(p, **adam)),
    }


def of_pytorch_optimizer():
    package = importlib.import_module("pytorch_optimizer")
    return {"shampoo": by_torch(lambda p: package.Shampoo(p, lr=0.1, matrix_eps=1e-2), split=True)}


def of_optax():
    optax, contrib = importlib.import_module("optax"), importlib.import_module("optax.contrib")
    polar = contrib.scale_by_muon(beta=0.8, nesterov=False, eps=0.0)
    clipped = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1))
    return {
        "lion": by_optax(optax.lion(0.1, b1=0.7, b2=0.9, weight_decay=0.3)),
        "sign-descent": by_optax(optax.sign_sgd(0.1)),
        "clipped": by_optax(clipped),
        "clipped-entries": by_optax(optax.chain(optax.clip(0.6), optax.sgd(0.1))),
        "normalized": by_optax(optax.chain(contrib.normalize(), optax.sgd(0.1))),
        "dog": by_optax(contrib.dog(init_step=("heuristic", 0.1), eps=1e-3)),
        "momo": by_optax(contrib.momo(0.2, beta=0.7, lower_bound=2.0)),
        "muon": by_optax(optax.chain(polar, optax.sgd(0.1)), matrix=True),
        "optax-amsgrad": by_optax(optax.amsgrad(0.3, b1=0.8, b2=0.5, eps=1e-3)),
        "optax-nadam": by_optax(optax.nadam(0.1, b1=0.8, b2=0.95, eps=1e-3)),
        "ema": by_optax(optax.chain(optax.ema(0.8, debias=False), optax.scale(-0.1))),
    }


def main():
    golden = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name in ("torch", "schedulefree", "prodigyopt", "dadaptation", "pytorch_optimizer", "optax"):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        version = importlib.metadata.version(name)
        for key, iterates in globals()[f"of_{name}"]().items():
            rows = [[float(f"{number:.15g}") for number in row] for row in iterates]
            golden[key] = {"package": f"{name} {version}", "iterates": rows}
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(golden.items()))
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
