"""Each golden trajectory beside the method that makes the same one here, and how far the two part.

`python -m tests.golden.cases` prints the largest deviation from each.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dynamics import (
    SGD,
    Adagrad,
    Adam,
    AMSGrad,
    FirstOrderTrustRegion,
    GradientDescent,
    HeavyBall,
    NAdam,
    Nesterov,
    Polyak,
    RAdam,
    RMSprop,
    Stop,
    TrustRegion,
    simulate,
)
from dynamics.algorithms.lookahead import Lookahead
from dynamics.algorithms.ranger import Ranger
from tests.dynamics.algorithms.comparison import run_of
from tests.dynamics.algorithms.curved import Valley
from tests.dynamics.algorithms.regression import Regression

STEP_SIZE, BETA = 0.8, 0.9
RUNS: dict[str, dict[str, Any]] = {
    "torch": {
        "gradient_descent": GradientDescent(STEP_SIZE),
        "heavy_ball": HeavyBall(STEP_SIZE, BETA),
        "nesterov": Nesterov(STEP_SIZE, BETA),
        "adam": Adam(0.1, beta1=0.9, beta2=0.99, eps=1e-6),
    },
    "torch_adaptive": {
        "rmsprop": RMSprop(0.02, beta=0.9, eps=1e-6),
        "adagrad": Adagrad(0.3, eps=1e-6, initial_sum=0.1),
        "amsgrad": AMSGrad(0.1, beta1=0.9, beta2=0.95, eps=1e-6, bias_correction=True),
        "nadam": NAdam(0.05, beta1=0.9, beta2=0.99, eps=1e-6, momentum_decay=0.02),
        "radam": RAdam(0.1, beta1=0.9, beta2=0.95, eps=1e-3),
        "optax_rmsprop": RMSprop(0.02, beta=0.9, eps=1e-3, eps_placement="inside"),
        "optax_nadam": NAdam(0.05, beta1=0.9, beta2=0.99, eps=1e-6, warmup=0.0),
        "optax_polyak": Polyak(minimum=0.1, max_step=0.5),
    },
    "optax": {
        "sgd": SGD(STEP_SIZE),
        "momentum": HeavyBall(STEP_SIZE, BETA),
        "nesterov": Nesterov(STEP_SIZE, BETA),
        "adam": Adam(0.1, beta1=0.9, beta2=0.99, eps=1e-6),
        "adagrad": Adagrad(0.3, eps=0.0, initial_sum=0.1 + 1e-2),
        "amsgrad": AMSGrad(0.1, beta1=0.9, beta2=0.95, eps=1e-6),
        "amsgrad_corrected": AMSGrad(0.1, beta1=0.9, beta2=0.95, eps=1e-6, bias_correction=True, maximum="corrected"),
        "radam": RAdam(0.1, beta1=0.9, beta2=0.95, eps=0.0),
        "contrib_momo": Polyak(minimum=0.1, max_step=0.5),
        "contrib_normalize": FirstOrderTrustRegion("sphere", radius=0.03, acceptance="every"),
    },
    "lookahead": {
        "torch_radam": Ranger(0.1, beta1=0.9, beta2=0.95, eps=1e-3, sync_period=6),
        "optax_sgd": Lookahead(SGD(0.8), sync_period=6),
        "optax_adam": Lookahead(Adam(0.1, beta1=0.9, beta2=0.99, eps=1e-6), sync_period=6),
        "optax_radam": Ranger(0.1, beta1=0.9, beta2=0.95, eps=0.0, sync_period=6),
    },
}
TRAJECTORIES = [(file, name) for file, methods in RUNS.items() for name in methods]
ENDS = {  # by SciPy's names
    "trust-ncg": TrustRegion(radius=1.0, increase=2.0, decrease=4.0, eta1=0.15, eta2=0.75, max_radius=1000.0),
    "trust-exact": TrustRegion(
        solver="exact", radius=1.0, increase=2.0, decrease=4.0, eta1=0.15, eta2=0.75, max_radius=1000.0
    ),
}


@cache
def golden(file: str) -> dict[str, Any]:
    """The contents of a golden file."""
    return json.loads(Path(__file__).with_name(f"{file}.json").read_text())


def regression(file: str) -> Regression:
    """The small regression of a golden file."""
    contents = golden(file)
    return Regression(np.array(contents["rows"]), np.array(contents["targets"]), bowl=0.0, dent=1.0)


def deviation(file: str, name: str) -> float:
    """The largest distance, over all iterates and coordinates, of our run from the golden one."""
    iterates = np.array(golden(file)["runs"][name]["iterates"])
    run = run_of(RUNS[file][name], regression(file), len(iterates) - 1)
    return float(np.abs(run.iterates - iterates).max())


def end_deviations(name: str) -> tuple[float, float]:
    """How far our end point and its value are from SciPy's."""
    end = golden("scipy")["ends"][name]
    stop = Stop(gradient_norm=golden("scipy")["gtol"])
    problem = Valley() if end["function"] == "rosenbrock" else regression("scipy")
    run = simulate(ENDS[end["method"]], problem, steps=500, x0=end["start"], stop=stop)
    assert run.status.name == "CONVERGED"
    return float(np.abs(run.x - end["x"]).max()), float(abs(run.loss[-1] - end["value"]))


def main() -> None:
    """Print a table of the largest deviations."""
    print("| golden trajectory | method | largest deviation |\n|---|---|---|")
    for file, name in TRAJECTORIES:
        print(f"| {file} {name} | {type(RUNS[file][name]).__name__} | {deviation(file, name):.1e} |")
    print("\n| golden end | largest deviation of x | of the value |\n|---|---|---|")
    for name in golden("scipy")["ends"]:
        print("| scipy {} | {:.1e} | {:.1e} |".format(name, *end_deviations(name)))


if __name__ == "__main__":
    main()
