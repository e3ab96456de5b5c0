"""Several methods on one problem: whose settings are whose, how each run ended, and their picture."""

from pathlib import Path
from typing import TYPE_CHECKING

from dynamics import Trajectory, full_batch_only, new_sample
from optdyn.chosen import chosen_method, chosen_problem
from optdyn.refusals import BadInput
from optdyn.runs import Plan, start
from optdyn.settings import parameters_of, split

if TYPE_CHECKING:
    from plots.comparison import Runs

__all__ = ["FILM_ENDINGS", "drawn", "end_of", "plans", "seen_gradients"]

FILM_ENDINGS = (".gif", ".mp4")


def plans(problem: str, methods: list[str], settings: list[str], *, seed: int) -> list[Plan]:
    """A plan for each method, with those of the settings that it has.

    Parameters
    ----------
    problem : str
        A name, or a place.
    methods : list of str
        Names or places, each once.
    settings : list of str
        `key=value`; `method-name.key=value` for one method alone.
    seed : int
        Of the problem's data.

    Raises
    ------
    ValueError
        For a method that is named twice, and whatever `start` refuses.

    Examples
    --------
    >>> made = plans("rosenbrock", ["gd", "hb"], ["step_size=0.001", "beta=0.8"], seed=0)
    >>> made[0].method, made[1].method
    (GradientDescent(step_size=0.001), HeavyBall(step_size=0.001, beta=0.8))
    """
    split(settings)  # which refuses what is no setting, and a key twice
    named = {method: chosen_method(method) for method in methods}
    names = [name for name, _ in named.values()]
    if len(names) < len(methods) or len(set(names)) < len(names):
        raise BadInput("a method is named twice: name each once; a sweep compares its settings.")
    has = {name: set(parameters_of(maker)) for name, maker in named.values()}
    problems = set(parameters_of(chosen_problem(problem)[1]))
    return [
        start(problem, given, _own(settings, name, (given, name), has, problems), seed=seed)
        for given, (name, _) in named.items()
    ]


def _own(
    settings: list[str], name: str, called: tuple[str, str], has: dict[str, set[str]], problems: set[str]
) -> list[str]:
    """The settings that are for one method or the problem; a key that nobody has stays, to be refused by its name."""
    own: dict[str, str] = {}
    for setting in settings:
        key, equals, value = (part.strip() for part in setting.partition("="))
        owner, dot, rest = key.rpartition(".")
        plain = key.replace("-", "_")
        if dot and owner in called:
            own[rest.replace("-", "_")] = f"method.{rest}{equals}{value}"  # goes before one for all
        elif dot and owner in has:
            continue
        elif plain in has[name] | problems or not any(plain in keys for keys in has.values()):
            own.setdefault(plain, setting)
    return list(own.values())


def end_of(name: str, run: Trajectory) -> tuple[str, ...]:
    """A line of the table: how a run ended."""
    from plots.budget import PASSES
    from plots.comparison import cost_of

    status = f"{run.status.name} at {run.stopped_at}"
    if not run.loss.size:
        return name, status, "", "", ""
    return name, status, f"{run.loss[-1]:.5g}", f"{run.gradient_norm[-1]:.3g}", f"{cost_of(run, PASSES)[-1]:.5g}"


def seen_gradients(made: list[Plan]) -> str:
    """A sentence where some of the methods see exact gradients and others samples, else nothing.

    Examples
    --------
    >>> seen_gradients(plans("quadratic", ["gd", "sgd"], ["noise=0.1"], seed=0))
    'exact gradients: gradient-descent; samples: sgd'
    >>> seen_gradients(plans("quadratic", ["gd", "sgd"], [], seed=0))
    ''
    """
    if new_sample(made[0].problem) is None:
        return ""
    exact = [plan.method_name for plan in made if full_batch_only(plan.method)]
    sampled = [plan.method_name for plan in made if not full_batch_only(plan.method)]
    if not exact or not sampled:
        return ""
    return f"exact gradients: {', '.join(exact)}; samples: {', '.join(sampled)}"


def drawn(seen: "Runs", path: Path) -> None:
    """Write the picture or the film of runs."""
    from optdyn.picture import save
    from plots.comparison import draw_comparison, film_of

    if path.suffix.lower() in FILM_ENDINGS:
        film_of(seen).save(path)
    else:
        save(draw_comparison(seen), path)
