"""Bad input in one sentence: the one place where errors of the layers below become words and exit status 2."""

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

__all__ = ["BAD_INPUT", "FAILED", "INTERRUPTED", "BadFile", "BadInput", "Group", "is_refusal", "reading", "sentence"]

FAILED, BAD_INPUT, BROKEN, INTERRUPTED = 1, 2, 70, 130
FAULT = (
    "optdyn: this is a fault of optdyn itself, whatever was asked of it: please report it, with the command and the "
    "lines above."
)


class BadInput(ValueError):
    """What was asked of a command can't be done, and the sentence says what can."""


class BadFile(BadInput, OSError):
    """A file or folder that was named can't be read or written."""


@contextmanager
def reading(path: Any) -> Iterator[None]:
    """Turn what the system says against a file that was named into a sentence.

    Examples
    --------
    >>> with reading("nowhere.npz"):
    ...     open("nowhere.npz")
    Traceback (most recent call last):
    optdyn.refusals.BadFile: nowhere.npz: no such file or directory; give another path.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, ValueError) or not error.strerror:  # a refusal already, or not the system's
            raise
        raise BadFile(f"{path}: {_lower(error.strerror)}; give another path.") from error


class Group(typer.core.TyperGroup):
    """Commands: bad input ends in one sentence and status 2, a fault of optdyn's own in a traceback and status 70.

    OPTDYN_DEBUG=1 shows the traceback of both.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; help, which no command prints, may meet a full device too."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if os.environ.get("OPTDYN_DEBUG") or not _is_of_output(error):
                raise
            typer.echo(f"optdyn: {_of_output(error)}", err=True)
            sys.exit(BAD_INPUT)

    def invoke(self, ctx):
        """Run the command, with warnings and refusals in one sentence each."""
        with _short_warnings():
            try:
                return super().invoke(ctx)
            except Exception as error:
                if os.environ.get("OPTDYN_DEBUG") or _is_typers(error) or _is_of_output(error):
                    raise
                if not is_refusal(error):
                    traceback.print_exception(error)
                    typer.echo(FAULT, err=True)
                    raise typer.Exit(BROKEN) from error
                typer.echo(f"optdyn: {sentence(error)}", err=True)
                raise typer.Exit(BAD_INPUT) from error


def _is_typers(error: Exception) -> bool:
    """Whether an exception is the command line's own, such as its exit statuses."""
    return type(error).__module__.partition(".")[0] in ("typer", "click")


def is_refusal(error: Exception) -> bool:
    """Whether an error is about what was given; any other is a fault of optdyn's own."""
    if isinstance(error, BadInput):
        return True
    if not isinstance(error, ValueError | TypeError):
        return False
    # Imported only now: help and exit statuses, which are exceptions too, need no numerics, and a refusal no numba.
    from dynamics.checks import Refusal

    if isinstance(error, Refusal):
        return True
    from dynamics import KernelError, MissingImplementation

    return isinstance(error, MissingImplementation | KernelError)


def sentence(error: BaseException) -> str:
    """What an error says, on one line, without Python's decoration.

    Examples
    --------
    >>> sentence(ValueError("beta = 2 must lie in [0, 1);\\n  try 0.9."))
    'beta = 2 must lie in [0, 1); try 0.9.'
    """
    return " ".join(str(error).split()) or type(error).__name__


# What writing says where the device is full, gone or broken; a reader that has left (EPIPE) ends the command quietly.
_OF_DEVICES = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF, errno.ENXIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


def _is_of_output(error: Exception) -> bool:
    """Whether standard output can't be written: files have names, and say so themselves."""
    if not isinstance(error, OSError) or isinstance(error, ValueError):
        return False
    return error.filename is None and error.errno in {*_OF_DEVICES, errno.EPIPE}


def _of_output(error: OSError) -> str:
    why = _lower(error.strerror or "it is closed")
    return f"cannot write to standard output: {why}; send it elsewhere. Files that were asked for are written first."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


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
