"""One setting of every method, one small version of every problem, and which of them go together."""

import numpy as np

import synthetic
from dynamics import methods
from synthetic import carmon, graduated, linear_net, quadratic, quadratic_cosine, rastrigin, rosenbrock
from tests.synthetic.classifiers.test_classifiers import logistic, net

CARMON = carmon(samples=23, dimension=5, batch_size=4, rng=7)
NET = np.array([[1.0, 0.2, -0.3], [0.1, 0.5, 0.4]])

# Several versions of a problem where they are classes of their own.
PROBLEMS = {
    "beale": synthetic.beale(),
    "carmon": CARMON,
    "digits-logistic": logistic(),
    "digits-mlp": net(),
    "drop-wave": synthetic.drop_wave(),
    "himmelblau": synthetic.himmelblau(),
    "linear-net": linear_net(maker="given", matrix=NET, samples=9, reduction="mean", rng=1),
    "linear-net, samples": linear_net(
        maker="given", matrix=NET, samples=9, reduction="mean", form="samples", batch_size=4, rng=1
    ),
    "monkey-saddle": synthetic.monkey_saddle(),
    "narrow-valley": synthetic.narrow_valley(condition_number=10.0),
    "power-law": synthetic.power_law(dimension=2),
    "quadratic": quadratic(eigenvalues=[1.0, 0.3]),
    "quadratic, noisy": quadratic(eigenvalues=[1.0, 0.3], noise=0.1),
    "quadratic, samples": quadratic(eigenvalues=[1.0, 0.3], noise="samples", samples=7, batch_size=3, rng=2),
    "quadratic-cosine": quadratic_cosine(dimension=2),
    "rastrigin": rastrigin(2),
    "rosenbrock": rosenbrock(3),
    "saddle": synthetic.saddle(),
    "streamed-squares": synthetic.streamed_squares(eigenvalues=[1.0, 0.3]),
    "graduated": graduated(CARMON, [1.0, 0.5], directions=4, rng=0),
}
STARTS = {
    "drop-wave": [0.4],
    "monkey-saddle": [0.3, 0.2],
    "quadratic": [1.0, -1.0],
    "quadratic, noisy": [1.0, -1.0],
    "saddle": [0.2, 1.0],
}

# What a problem must have for some methods, and which of the problems have it.
MINI_BATCHES = {"carmon", "digits-logistic", "digits-mlp", "linear-net, samples", "quadratic, samples"}
PRODUCTS = set(PROBLEMS) - {"graduated"}
RESIDUALS = {
    "beale", "carmon", "digits-logistic", "digits-mlp", "himmelblau", "linear-net", "linear-net, samples",
    "quadratic, samples", "rosenbrock",
}  # fmt: skip
RUNS_ON = {
    "cubic-newton": PRODUCTS,
    "expected-gv": PRODUCTS,
    "gauss-newton": RESIDUALS,
    "graduated-descent": {"graduated"},
    "implicit-graduated-sgd": MINI_BATCHES,
    "levenberg-marquardt": RESIDUALS,
    "saddle-free-newton": PRODUCTS,
    "trust-region": PRODUCTS,
}


def made(name, problem=None):
    """The method of that name, with a step size that suits the problem."""
    step = 5e-4 if problem == "rosenbrock" else 0.05
    kind = methods()[name]
    settings = {
        "gauss-newton": {"step_size": 0.1, "damping": 0.1},
        "graduated-descent": {"step_size": 0.05, "stage_steps": 5},
        "implicit-graduated-sgd": {"step_size": 0.05, "batch_size": 3, "period": 1},
        "polyak": {"minimum": 0.0, "max_step": 0.5},
        "saddle-free-newton": {"step_size": 0.1, "damping": 0.1},
    }.get(name)
    if settings is not None:
        return kind(**settings)
    return kind(step) if "step_size" in kind._fields[0] or name == "asgd" else kind()


def runs(method, problem):
    """Whether the pair runs; else it is refused."""
    return problem in RUNS_ON.get(method, PROBLEMS)


def start_of(problem):
    """Where to begin; None where the problem says it itself."""
    return STARTS.get(problem)
