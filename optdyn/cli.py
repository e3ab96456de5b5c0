"""The command line. A command's own module is light; what is heavy is imported once a command needs it."""

import atexit
import gc
from typing import Annotated

import typer

from optdyn.commands import catalogue, check, figure, lessons, new, reproduce, run, sweep, verdicts, verify, warm
from optdyn.refusals import Group

__all__ = ["app", "main"]

app = typer.Typer(
    name="optdyn",
    cls=Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A laboratory for optimizer dynamics: run the algorithms, check the theorems, draw the theory.\n\n"
    "Start with `optdyn reproduce --quick`: every figure and every claim on one page. "
    "`optdyn COMMAND --help` shows examples; `optdyn --install-completion` lets Tab complete names.",
)


def _tell_version(asked: bool) -> None:
    if asked:
        from dynamics.papers import version

        typer.echo(f"optdyn {version()}")
        raise typer.Exit


@app.callback()
def before(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Print the version and stop.")
    ] = False,
) -> None:
    """What may stand before a command."""


app.command("reproduce", help=reproduce.HELP)(reproduce.reproduce)
app.command("figure", help=figure.HELP)(figure.figure)
app.command("verify", help=verify.HELP)(verify.verify)
_verdicts = typer.Typer(cls=Group, no_args_is_help=True, help=verdicts.HELP)
_verdicts.callback()(verdicts.group)
_verdicts.command("diff", help=verdicts.DIFF_HELP)(verdicts.diff)
app.add_typer(_verdicts, name="verdicts")
app.command("run", help=run.HELP)(run.run)
app.command("sweep", help=sweep.HELP)(sweep.sweep)
app.command("check", help=check.HELP)(check.check)
app.command("warm", help=warm.HELP)(warm.warm)
app.command("lessons", help=lessons.HELP)(lessons.lessons)
app.command("grade", help=lessons.GRADE_HELP)(lessons.grade)
app.command("new", help=new.HELP)(new.new)
app.command("list", help=catalogue.LIST_HELP)(catalogue.list_names)
app.command("info", help=catalogue.INFO_HELP)(catalogue.info)


def main() -> None:
    """What `optdyn` and `python -m optdyn` run."""
    # Python would look for garbage among all that libraries have made, for longer than many commands take.
    atexit.register(gc.freeze)
    app(prog_name="optdyn")
