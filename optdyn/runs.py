"""A run put together from names and settings: the method, the problem, and the step size where none was given."""

import typing
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from dynamics import Trajectory, full_batch_only, methods, new_sample, simulate
from optdyn.names import resolve
from optdyn.refusals import BadInput
from optdyn.settings import assign, parameters_of

__all__ = ["Plan", "execute", "start", "take_up"]

FALLBACK_STEP = 0.01
MOST_RECORDS = 1_000_000  # unless --record-every asks for more


class Plan(NamedTuple):
    """What is about to run, and in words where its step size is from ("" where it was given or none is needed)."""

    method_name: str
    problem_name: str
    method: Any
    problem: Any
    step_size_note: str = ""


def start(problem: str, method: str, settings: Iterable[str], *, seed: int) -> Plan:
    """A plan from names and `key=value` settings.

    Parameters
    ----------
    problem, method : str
        Names of `synthetic.problems()` and `dynamics.methods()`, in any spelling.
    settings : iterable of str
        Parameters of either; `problem.key` and `method.key` where both have it.
    seed : int
        Of the problem's data, unless the settings say otherwise.

    Returns
    -------
    Plan
        A step size that the method asks for and nobody gave is 0.5/L where the Lipschitz constant L of the gradient is
        known, else 0.01.

    Raises
    ------
    ValueError
        For names, keys and values that do not exist or do not fit.

    Examples
    --------
    >>> plan = start("quadratic", "RSG", ["beta=0.9", "eigenvalues=[1, 4]"], seed=0)
    >>> plan.method.beta, plan.step_size_note
    (0.9, '0.125 (0.5/L with L = 4, since none was given)')
    """
    from synthetic import info, problems

    factories, classes = problems(), methods()
    problem_name = resolve("problem", problem, factories)
    method_name = resolve("method", method, classes)
    factory, kind = factories[problem_name], classes[method_name]
    owners = {"method": parameters_of(kind), "problem": parameters_of(factory)}
    values = assign(settings, owners)
    if "rng" in owners["problem"]:
        values["problem"].setdefault("rng", seed)
    made = factory(**values["problem"])
    note = ""
    missing = [key for key, parameter in owners["method"].items() if parameter.required and key not in values["method"]]
    if "step_size" in missing:
        missing.remove("step_size")
        values["method"]["step_size"], note = _default_step(info(made).lipschitz_constant)
    if missing:
        raise BadInput(f"method {method_name} needs {', '.join(missing)}: give --set {missing[0]}=….")
    return Plan(method_name, problem_name, kind(**values["method"]), made, note)


def _default_step(lipschitz_constant: float | None) -> tuple[float, str]:
    if not lipschitz_constant:
        return FALLBACK_STEP, f"{FALLBACK_STEP} (no Lipschitz constant is known, and no step size was given)"
    step = 0.5 / lipschitz_constant
    return step, f"{step:.4g} (0.5/L with L = {lipschitz_constant:.4g}, since none was given)"


def take_up(problem: str, method: str, saved: Trajectory) -> Plan:
    """A plan that goes on with a saved run, whose method and problem must be the ones named.

    Raises
    ------
    ValueError
        If the saved run was made with another method, or on a problem that the named one does not make.
    """
    from synthetic import problems

    factories, classes = problems(), methods()
    problem_name = resolve("problem", problem, factories)
    method_name = resolve("method", method, classes)
    for word, name, given, kinds in (
        ("method", method_name, saved.method, (classes[method_name],)),
        ("problem", problem_name, saved.problem, _made_by(factories[problem_name])),
    ):
        if type(given) not in kinds:
            raise BadInput(
                f"the saved run has a {word} of class {type(given).__name__}, which is not {name}: name the {word} "
                f"that it ran with."
            )
    return Plan(method_name, problem_name, saved.method, saved.problem)


def _made_by(factory: Callable[..., Any]) -> tuple[type, ...]:
    """The classes of problems that a factory says it returns."""
    made = typing.get_type_hints(factory)["return"]
    return typing.get_args(made) or (made,)


def execute(
    plan: Plan, *, steps: int, seed: int, saved: Trajectory | None, progress: bool, record_every: int | None = None
) -> Trajectory:
    """Run the plan, from its start or from where a saved run stopped; more than a million records thin out."""
    rng = seed if saved is None else None
    if record_every is None and saved is None and steps > MOST_RECORDS and not batch_is_drawn(plan):
        record_every = -(-steps // MOST_RECORDS)
    return simulate(
        plan.method, plan.problem, steps=steps, rng=rng, record_every=record_every, resume=saved, progress=progress
    )


def batch_is_drawn(plan: Plan) -> bool:
    """Whether the run goes by mini-batches, and records once an epoch of itself."""
    return not full_batch_only(plan.method) and new_sample(plan.problem) is not None
