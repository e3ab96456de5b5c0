"""Bad input in one sentence: the one place where errors of the layers below become words and exit status 2."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import typer

__all__ = ["BAD_INPUT", "FAILED", "INTERRUPTED", "Group", "sentence"]

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


class Group(typer.core.TyperGroup):
    """Commands whose bad input ends in one sentence and exit status 2; OPTDYN_DEBUG=1 shows the traceback instead."""

    def invoke(self, ctx):
        """Run the command, with warnings and refusals in one sentence each."""
        with _short_warnings():
            try:
                return super().invoke(ctx)
            except Exception as error:
                if os.environ.get("OPTDYN_DEBUG") or not _is_refusal(error):
                    raise
                typer.echo(f"optdyn: {sentence(error)}", err=True)
                raise typer.Exit(BAD_INPUT) from error


def _is_refusal(error: Exception) -> bool:
    if not isinstance(error, TypeError):
        return isinstance(error, ValueError | OSError)
    # Imported only now: help and exit statuses, which are exceptions too, need no numerics.
    from dynamics.kernels.generic import MissingImplementation
    from dynamics.protocol.kernel_errors import KernelError

    return isinstance(error, MissingImplementation | KernelError)


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
