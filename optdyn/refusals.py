"""Bad input in one sentence: the one place where errors of the layers below become words and exit status 2."""

import os
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import typer

__all__ = ["BAD_INPUT", "FAILED", "INTERRUPTED", "BadInput", "Group", "sentence"]

FAILED, BAD_INPUT, BROKEN, INTERRUPTED = 1, 2, 70, 130
FAULT = (
    "optdyn: this is a fault of optdyn itself, whatever was asked of it: please report it, with the command and the "
    "lines above."
)


class BadInput(ValueError):
    """What was asked of a command can't be done, and the sentence says what can."""


class Group(typer.core.TyperGroup):
    """Commands: bad input ends in one sentence and status 2, a fault of optdyn's own in a traceback and status 70.

    OPTDYN_DEBUG=1 shows the traceback of both.
    """

    def invoke(self, ctx):
        """Run the command, with warnings and refusals in one sentence each."""
        with _short_warnings():
            try:
                return super().invoke(ctx)
            except Exception as error:
                if os.environ.get("OPTDYN_DEBUG") or _is_typers(error):
                    raise
                if not _is_refusal(error):
                    traceback.print_exception(error)
                    typer.echo(FAULT, err=True)
                    raise typer.Exit(BROKEN) from error
                typer.echo(f"optdyn: {sentence(error)}", err=True)
                raise typer.Exit(BAD_INPUT) from error


def _is_typers(error: Exception) -> bool:
    """Whether an exception is the command line's own, such as its exit statuses."""
    return type(error).__module__.partition(".")[0] in ("typer", "click")


def _is_refusal(error: Exception) -> bool:
    """Whether an error is about what was given; any other is a fault of optdyn's own."""
    if isinstance(error, BadInput | OSError):
        return True
    if not isinstance(error, ValueError | TypeError):
        return False
    # Imported only now: help and exit statuses, which are exceptions too, need no numerics.
    from dynamics import KernelError, MissingImplementation, Refusal

    return isinstance(error, Refusal | MissingImplementation | KernelError)


def sentence(error: BaseException) -> str:
    """What an error says, on one line, without Python's decoration.

    Examples
    --------
    >>> sentence(FileNotFoundError(2, "No such file or directory", "run.npz"))
    'run.npz: no such file or directory; give another path.'
    >>> sentence(ValueError("beta = 2 must lie in [0, 1);\\n  try 0.9."))
    'beta = 2 must lie in [0, 1); try 0.9.'
    """
    if isinstance(error, OSError) and error.strerror and error.filename:
        reason = error.strerror[0].lower() + error.strerror[1:]
        return f"{os.fsdecode(error.filename)}: {reason}; give another path."
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def _short_warnings() -> Iterator[None]:
    """Warnings as one line each: whoever runs a command is not helped by a place in our source."""
    before = warnings.showwarning

    def show(message, category, filename, lineno, file=None, line=None):
        typer.echo(f"optdyn: warning: {sentence(message)}", err=True)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before
