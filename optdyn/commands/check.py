"""`optdyn check`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from optdyn.refusals import FAILED, BadInput

if TYPE_CHECKING:
    from dynamics.examination.report import Report

__all__ = ["HELP", "check"]

HELP = """Look for what is wrong with a method or a problem, yours or ours.

NAME is a method or a problem: file.py:NAME, package.module:NAME, or a name that `optdyn list` knows. Gradients and
products are compared with differences, samples with the whole, charges with calls, runs in lanes with single ones,
machine code with plain Python. Each finding says the line and the cure; the exit status is 1 where there is one.

\b
Examples:
  optdyn check mine.py:Lion
  optdyn check mine.py:Lion mine.py:Valley --set beta=0.9 --x0 "1,2"
  optdyn check mylab.problems:Valley --plain
  optdyn check rosenbrock
"""


def check(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Methods and problems.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A parameter of any of them; may be repeated."),
    ] = None,
    x0: Annotated[
        str | None, typer.Option("--x0", metavar="NUMBERS", help="Where to look at problems, such as 1,2.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Of data, points and samples.")] = 0,
    plain: Annotated[
        bool, typer.Option("--plain", help="Compile nothing: quicker, and no look at machine code.")
    ] = False,
) -> None:
    """Make each thing, look at it, and say what was found."""
    from optdyn.console import new_console
    from optdyn.settings import vector_from

    point = None if x0 is None else vector_from(x0)
    things = _made(names, settings or [], seed)
    console, wrong = new_console(), False
    for thing in things:
        report = _looked_at(thing, point, seed, machine=not plain)
        wrong = wrong or not report
        console.print(repr(report), soft_wrap=True, markup=False, highlight=False)
    if wrong:
        raise typer.Exit(FAILED)


def _looked_at(thing: Any, point: list[float] | None, seed: int, *, machine: bool) -> "Report":
    from dynamics import check_method, check_problem
    from dynamics.catalogue import is_method

    if is_method(thing):
        return check_method(thing, rng=seed, machine=machine)
    return check_problem(thing, x0=point, rng=seed, machine=machine)


def _made(names: list[str], settings: list[str], seed: int) -> list[Any]:
    """The things, each with those of the settings that it has; each setting must be somebody's."""
    from dynamics.checks import unknown
    from optdyn.settings import assign, parameters_of, split

    makers = [_maker(name) for name in names]
    known = [parameters_of(maker) for maker in makers]
    everybody = {key for parameters in known for key in parameters}
    for key in split(settings):
        if key.replace("-", "_") not in everybody:
            raise BadInput(unknown("parameter", key, everybody))
    things = []
    for name, maker, parameters in zip(names, makers, known, strict=True):
        own = [setting for setting in settings if setting.partition("=")[0].strip().replace("-", "_") in parameters]
        values = assign(own, {name: parameters})[name]
        for key, usual in (("rng", seed), ("step_size", 0.1)):
            if key in parameters and key not in values and (key == "rng" or parameters[key].required):
                values[key] = usual
        missing = [key for key, parameter in parameters.items() if parameter.required and key not in values]
        if missing:
            raise BadInput(f"{name} needs {', '.join(missing)}: give --set {missing[0]}=….")
        things.append(maker(**values))
    return things


def _maker(name: str) -> Any:
    """What makes the method, or else the problem, of this name."""
    from dynamics import methods
    from optdyn.chosen import chosen_method, chosen_problem
    from synthetic import problems

    try:
        return chosen_method(name)[1]
    except ValueError as not_a_method:
        try:
            return chosen_problem(name)[1]
        except ValueError as not_a_problem:
            if ":" in name or name.endswith(".py"):
                nearer = not_a_problem if "did you mean" in str(not_a_problem) else not_a_method
                raise nearer from None
            from dynamics.checks import unknown

            raise BadInput(unknown("method or problem", name, [*methods(), *problems()])) from None
