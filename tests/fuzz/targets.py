"""Every public constructor, factory and function, with arguments that are right, of which some are then replaced."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from sympy import Matrix, Symbol

import dynamics
import plots
import synthetic
import theory.claims as ledger
import theory.linear
from dynamics import Stop, ensemble, methods, search_step_size, simulate, sweep
from dynamics.protocol.canonical import canonical
from plots.registry import FIGURES, module
from synthetic import carmon, himmelblau, problems, quadratic

THEORY = ("arsg", "diagonal_share", "sigma_nice", "trust_region", "step_tuned", "l4", "linear", "schedules")


class Target(NamedTuple):
    """A call: `function(**arguments)` goes through, and any of `names` may be replaced."""

    name: str
    function: Callable[..., Any]
    arguments: dict[str, Any]
    names: tuple[str, ...]


A, g = [[2.0, 0.5], [0.5, 1.0]], [1.0, -1.0]
TYPICAL: dict[str, Any] = {
    # what a parameter of this name usually is
    "A": A,
    "B": A,
    "C": 1.0,
    "M": 2.0,
    "a": 0.5,
    "accumulator": 1.0,
    "advantage": 2.0,
    "alpha": 0.1,
    "b": [[1.0], [0.0]],
    "batch_size": 2,
    "beta": 0.9,
    "beta1": 0.9,
    "beta2": 0.99,
    "c_alpha": 1.0,
    "c_beta": 1.0,
    "c_mu": 1.0,
    "condition_number": 10.0,
    "curvature": 1.0,
    "curvature_accuracy": 0.1,
    "degrees": [1.0, 0.5],
    "delta": 0.1,
    "delta1": 1.0,
    "diameter": 1.0,
    "dimension": 2,
    "direction": g,
    "eps": 0.1,
    "every": 2,
    "factor": 0.5,
    "g": g,
    "gap": 1.0,
    "gradient": g,
    "gradient_accuracy": 0.1,
    "gradient_bound": 1.0,
    "gradients": [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]],
    "hessian": A,
    "hessian_lipschitz": 1.0,
    "hessian_norm": 1.0,
    "hessians": [A, A, A],
    "horizon": 10,
    "initial": 0.1,
    "initial_gap": 1.0,
    "kind": "wigner",
    "lambda_max": 1.0,
    "lambda_min": 0.1,
    "levels": 3,
    "lipschitz": 1.0,
    "long_step": 1.0,
    "loss": 1.0,
    "lower": -1.0,
    "matrix": A,
    "minimum": 0.0,
    "modulus": 1.0,
    "mu": 0.1,
    "name": "cosine",
    "power": 1.0,
    "product": 1.0,
    "r": 0.5,
    "radius": 1.0,
    "rng": 0,
    "s": 0.5,
    "samples": 5,
    "schedule": [0.3, 0.2, 0.1],
    "short_step": 0.1,
    "smoothness": 1.0,
    "squared_gradient": 1.0,
    "step_size": 0.1,
    "steps": 3,
    "tau": 0.5,
    "trials": 20,
    "u": [0.0, 1.0],
    "upper": 1.0,
    "v": g,
    "value": 0.1,
    "values": [0.2, 0.1],
    "x": g,
    "z": 0.5,
    "zeta": 2.0,
}
SPECIAL: dict[str, dict[str, Any]] = {
    "synthetic.spectrum": {"kind": "linear"},
    "theory.trust_region.model_decrease": {"s": g},
    "theory.sigma_nice.least_radius": {"levels": [1.0, 0.5]},
    "theory.sigma_nice.tangent_probability": {"a": 2.0},
    "theory.arsg.from_asgd": {"advantage": 1.0},
    "ASGD": {"advantage": 1.0},
    "theory.trust_region.eigen_point": {"B": [[-1.0, 0.0], [0.0, 1.0]]},
    "theory.trust_region.eigenpoint_decrease": {"B": [[-1.0, 0.0], [0.0, 1.0]], "u": [1.0, 0.0]},
    "theory.linear.transfer_function": {"A": Matrix(A), "b": Matrix([1, 0]), "tau": Symbol("tau"), "z": Symbol("z")},
}


@cache
def targets(part: str) -> tuple[Target, ...]:
    """Those of a part: "dynamics", "methods", "synthetic", "theory", "claims" or "plots"."""
    return tuple(PARTS[part]())


def _target(name: str, function: Callable[..., Any], **known: Any) -> Target:
    arguments = dict(known)
    parameters = inspect.signature(function).parameters
    names = [key for key, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    for key in names:
        if key in SPECIAL.get(name, {}):
            arguments[key] = SPECIAL[name][key]
        elif parameters[key].default is inspect.Parameter.empty and key not in arguments:
            arguments[key] = TYPICAL[key]
    return Target(name, function, arguments, tuple(names))


def _small() -> Any:
    return carmon(samples=20, dimension=2, batch_size=5, rng=0)


def _dynamics() -> Iterator[Target]:
    for name in (
        "box",
        "constant",
        "cosine",
        "cosine_power",
        "exponential",
        "inverse_power",
        "polynomial",
        "step_decay",
    ):
        yield _target(f"dynamics.{name}", getattr(dynamics, name))
    for name in ("step_tuned_decay", "table", "four_types"):
        yield _target(f"dynamics.{name}", getattr(dynamics, name))
    sgd = dynamics.SGD(0.1)
    yield _target("dynamics.simulate", simulate, method=sgd, problem=_small(), steps=2)
    yield _target("dynamics.ensemble", ensemble, method_grid=[sgd], problem=_small(), steps=2, seeds=2)
    yield _target(
        "dynamics.sweep", sweep, method=dynamics.SGD, problem=_small(), over={"step_size": [0.1]}, steps=2, seeds=1
    )
    yield _target(
        "dynamics.search_step_size", search_step_size, method=sgd, problem=_small(), step_sizes=[0.1], steps=2
    )
    yield _target(
        "dynamics.Stop", lambda **stop: _run(dynamics.GradientDescent(0.01), himmelblau(), stop=Stop(**stop))
    )._replace(names=tuple(Stop._fields))


def _run(method: Any, problem: Any, **more: Any) -> Any:
    return simulate(method, problem, **{"steps": 2, "rng": 0, **more})


def _methods() -> Iterator[Target]:
    for name, kind in methods().items():
        names = tuple(inspect.signature(kind).parameters)
        needed = [key for key, p in inspect.signature(kind).parameters.items() if p.default is inspect.Parameter.empty]
        right = {key: TYPICAL.get(key, 0.1) for key in needed}
        for where, problem in (("small", _small), ("plane", himmelblau)):
            call = partial(lambda kind, problem, **values: _run(kind(**values), problem()), kind, problem)
            yield Target(f"{name} on {where}", call, right, names)


def _synthetic() -> Iterator[Target]:
    for name, factory in problems().items():
        made = partial(lambda factory, **values: _looked_at(factory(**values)), factory)
        target = _target(f"synthetic.{name}", factory)
        yield target._replace(function=made)
    yield _target("synthetic.spectrum", synthetic.spectrum)
    for name in ("gradient", "hessian", "hessian_product", "value", "graduated", "smoothed"):
        yield _target(f"synthetic.{name}", getattr(synthetic, name), problem=_small())
    digits = problems()["digits-logistic"](rng=0)
    yield _target("synthetic.accuracy", synthetic.accuracy, problem=digits, x=np.zeros(650))
    yield _target("synthetic.info", lambda problem: synthetic.info(problem), problem=_small())
    ready = [quadratic(eigenvalues=[1.0, 2.0], noise=0.1), quadratic(rotation="haar", rng=0), _small(), himmelblau()]
    ready += [f(rng=0) if "rng" in inspect.signature(f).parameters else f() for f in problems().values()]
    for problem in ready:
        kind = type(problem)
        made = partial(lambda kind, **fields: _looked_at(kind(**fields)), kind)
        yield Target(f"synthetic.{kind.__name__}", made, problem._asdict(), kind._fields)


def _looked_at(problem: Any) -> Any:
    """A problem that is asked for a value, and what is known of it."""
    problem = canonical(problem)
    start = dynamics.initial_point(problem)
    small = start is None or start.size * dynamics.summands(problem) < 9000
    return _run(dynamics.GradientDescent(0.01), problem, steps=0) if small else synthetic.info(problem)


def _theory() -> Iterator[Target]:
    for part in THEORY:
        house = importlib.import_module(f"theory.{part}")
        for name in house.__all__:
            function = getattr(house, name)
            if inspect.isfunction(function):
                yield _target(f"theory.{part}.{name}", function)
    for name in ("A", "b", "spectral_radius", "stationary_covariance", "transient_growth"):
        yield _target(f"theory.linear.HeavyBall.{name}", getattr(theory.linear.HeavyBall(beta=0.5), name))
    for kind in ("ASGD", "RSG", "HeavyBall", "Nesterov"):
        made = getattr(theory.linear, kind)
        yield Target(f"theory.linear.{kind}", partial(_radius, made), {}, tuple(inspect.signature(made).parameters))


def _radius(kind: Any, **values: Any) -> Any:
    right = {key: TYPICAL[key] for key in inspect.signature(kind).parameters} | SPECIAL.get(kind.__name__, {})
    return kind(**{**right, **values}).spectral_radius(0.5)


def _ledger() -> Iterator[Target]:
    yield _target("theory.claims.claim", ledger.claim, claim_id="l4.angle")
    yield _target("theory.claims.Claim.check", ledger.claim("l4.angle").check)
    evidence = ledger.claim("l4.angle").check()
    yield _target("theory.claims.contradicts", ledger.contradicts, claim_id="l4.angle", evidence=evidence)
    yield _target(
        "theory.claims.Evidence", lambda **fields: ledger.Evidence(**fields).to_json(), verdict="proved", text="so"
    )._replace(
        names=tuple(inspect.signature(ledger.Evidence).parameters), arguments={"verdict": "proved", "text": "so"}
    )


def _plots() -> Iterator[Target]:
    for id in FIGURES:
        compute = partial(plots.compute, id)
        yield Target(
            f"plots.{id}", compute, dict(FIGURES[id].quick), tuple(inspect.signature(module(id).compute).parameters)
        )
    for name in ("amplifies_rounding", "compute"):
        yield Target(f"plots.{name}", lambda id, name=name: getattr(plots, name)(id), {"id": "sigma_nice.5"}, ("id",))
    dataset = plots.compute("sigma_nice.5")
    yield Target("plots.draw", plots.draw, {"dataset": dataset}, ("dataset", "size"))
    yield Target("plots.animate", plots.animate, {"dataset": dataset}, ("dataset", "size"))


PARTS: dict[str, Callable[[], Iterator[Target]]] = {
    "dynamics": _dynamics,
    "methods": _methods,
    "synthetic": _synthetic,
    "theory": _theory,
    "claims": _ledger,
    "plots": _plots,
}

__all__ = ["PARTS", "TYPICAL", "Target", "targets"]
