"""The run of our kernels that lesson 6 shows: `python -m optdyn.lessons.edge.record` computes and stores it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["STEP_SIZES", "record", "run"]

STEP_SIZES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
STEPS, EVERY, WEIGHTS = 600, 10, 96


def run(step_size: float) -> dict[str, Any]:
    """Gradient descent on a two-layer linear net from small weights: the sharpness on its way, and the last loss."""
    from dynamics import GradientDescent, TopEigenvalue, simulate
    from synthetic import linear_net

    net = linear_net(condition_number=10.0, maker="svd", samples=200, reduction="mean", form="reduced", rng=1)
    start = 0.3 * np.random.default_rng(0).standard_normal(WEIGHTS)
    probes = {"sharpness": TopEigenvalue(every=EVERY)}
    done = simulate(GradientDescent(step_size=step_size), net, steps=STEPS, x0=start, rng=0, probes=probes)
    values = done.probes["sharpness"].values
    return {"eta": step_size, "sharpness": [round(float(value), 6) for value in values], "loss": float(done.loss[-1])}


def record() -> None:
    """Store the runs beside the lesson."""
    text = json.dumps([run(step_size) for step_size in STEP_SIZES], indent=0)
    (Path(__file__).parent / "run.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
