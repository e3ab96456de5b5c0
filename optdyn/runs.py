"""A run put together from names and settings: the method, the problem, and the step size where none was given."""

import time
import typing
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import typer

from dynamics import Trajectory, batch_summands, full_batch_only, new_sample, simulate, summands
from dynamics.catalogue import is_method
from dynamics.checks import require_memory, require_whole
from dynamics.kernels.origins import is_users
from dynamics.protocol.faults import UNMEANT, retold
from optdyn.chosen import chosen_method, chosen_problem, told
from optdyn.refusals import BadInput
from optdyn.settings import assign, parameters_of

__all__ = ["Plan", "execute", "start", "take_up"]

FALLBACK_STEP = 0.01
LONG = 1_000_000  # steps from which on their memory is told
LOOKED, WORTH_SAYING = 1.0, 10.0  # seconds
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
        Names of `synthetic.problems()` and `dynamics.methods()`, in any spelling; or `package.module:Name`, or
        `path/to/file.py:Name`.
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
    from synthetic import info
    from synthetic.catalogue import is_problem

    problem_name, factory = chosen_problem(problem)
    method_name, kind = chosen_method(method)
    owners = {"method": parameters_of(kind), "problem": parameters_of(factory)}
    values = assign([_of_the_method(setting, (method, method_name)) for setting in settings], owners)
    if "rng" in owners["problem"]:
        values["problem"].setdefault("rng", seed)
    lacking = [
        key for key, parameter in owners["problem"].items() if parameter.required and key not in values["problem"]
    ]
    if lacking:
        raise BadInput(f"problem {problem_name} needs {', '.join(lacking)}: give --set {lacking[0]}=….")
    made = _made(factory, values["problem"], problem_name)
    if not is_problem(made):
        raise BadInput(f"{problem_name} makes something that is {told(made)}, and a problem is needed.")
    note = ""
    missing = [key for key, parameter in owners["method"].items() if parameter.required and key not in values["method"]]
    if "step_size" in missing:
        missing.remove("step_size")
        values["method"]["step_size"], note = _default_step(info(made).lipschitz_constant)
    if missing:
        raise BadInput(f"method {method_name} needs {', '.join(missing)}: give --set {missing[0]}=….")
    ready = _made(kind, values["method"], method_name)
    if not is_method(ready):
        raise BadInput(f"{method_name} makes something that is {told(ready)}, and a method is needed.")
    return Plan(method_name, problem_name, ready, made, note)


def _made(factory: Callable[..., Any], values: dict[str, Any], name: str) -> Any:
    """What a factory makes; a mistake in a user's is told of at its line."""
    try:
        return factory(**values)
    except UNMEANT as error:
        sentence = retold(f"{name} makes nothing", error) if is_users(factory.__module__) else None
        if sentence is None:
            raise
        raise sentence from error


def _of_the_method(setting: str, called: tuple[str, ...]) -> str:
    """A setting with `method.` in place of the method's name, by which several methods are told apart."""
    key, equals, value = setting.partition("=")
    owner, _, name = key.strip().rpartition(".")
    return f"method.{name}{equals}{value}" if owner in called else setting


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
    problem_name, factory = chosen_problem(problem)
    method_name, maker = chosen_method(method)
    for word, name, given, kinds in (
        ("method", method_name, saved.method, _made_by(maker)),
        ("problem", problem_name, saved.problem, _made_by(factory)),
    ):
        if kinds and type(given) not in kinds:
            raise BadInput(
                f"the saved run has a {word} of class {type(given).__name__}, which is not {name}: name the {word} "
                f"that it ran with."
            )
    return Plan(method_name, problem_name, saved.method, saved.problem)


def _made_by(maker: Callable[..., Any]) -> tuple[type, ...]:
    """The classes of what a class or a function makes; none where it doesn't say."""
    maker = maker.func if isinstance(maker, partial) else maker
    if isinstance(maker, type):
        return (maker,)
    made = typing.get_type_hints(maker).get("return")
    return typing.get_args(made) or ((made,) if isinstance(made, type) else ())


def execute(
    plan: Plan,
    *,
    steps: int,
    seed: int,
    saved: Trajectory | None,
    progress: bool,
    record_every: int | None = None,
    x0: list[float] | None = None,
) -> Trajectory:
    """Run the plan, from its start or from where a saved run stopped; more than a million records thin out."""
    rng = seed if saved is None else None
    steps = require_whole("steps", steps, 0, "a run can't go back")
    if saved is None and record_every is None:
        record_every = cadence(plan, steps)
    between = every(record_every, saved)
    require_memory(f"a record of {steps} steps", 7.0 * steps / between, "give a larger --record-every")
    if steps >= LONG:
        told = f"{steps} steps, one in {between} on record: {56.0 * steps / between / 1e6:.3g} MB of memory at most."
        typer.echo(f"optdyn: {told}", err=True)
    return simulate(
        plan.method,
        plan.problem,
        steps=steps,
        x0=x0,
        rng=rng,
        record_every=record_every,
        resume=saved,
        progress=progress or Foretold(steps),
    )


class Foretold:
    """Says once, on standard error, how long a run will take that is long: where no progress bar can be shown."""

    def __init__(self, steps: int) -> None:
        self.steps, self.began, self.first, self.said = steps, 0.0, 0, False

    def __call__(self, done: int) -> None:
        """So many steps are done; those that came before, with what was compiled, don't count."""
        now = time.perf_counter()
        if not self.first:
            self.began, self.first = now, done
        elif not self.said and now - self.began > LOOKED:
            self.said = True
            left = (now - self.began) * (self.steps - done) / (done - self.first)
            if left > WORTH_SAYING:
                typer.echo(f"optdyn: {self.steps} steps will take about {in_words(left)}.", err=True)


def every(record_every: int | None, saved: Trajectory | None) -> int:
    """Steps between records, at least 1: bad numbers are refused where the run begins."""
    given = record_every if saved is None else saved.record_every
    return max(1, given or 1)


def cadence(plan: Plan, steps: int) -> int:
    """Steps between records: an epoch of mini-batches or one step, and as many of these as keep a million records.

    Examples
    --------
    >>> plan = start("carmon", "sgd", ["samples=20", "batch_size=5"], seed=0)
    >>> cadence(plan, 1000), cadence(plan, 2 * 10**9)
    (4, 2000)
    """
    sample = None if full_batch_only(plan.method) else new_sample(plan.problem)
    epoch = 1 if sample is None else max(1, summands(plan.problem) // int(batch_summands(plan.problem, sample)))
    return epoch * max(1, -(-steps // (epoch * MOST_RECORDS)))


def in_words(seconds: float) -> str:
    """A time in the unit that suits it.

    Examples
    --------
    >>> in_words(0.3), in_words(95), in_words(7300), in_words(2e6)
    ('1 s', '2 min', '2 h', '23 days')
    """
    for unit, length in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 1.0):.0f} s"
