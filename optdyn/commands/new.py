"""`optdyn new`."""

from pathlib import Path
from typing import Annotated

import typer

from optdyn.names import typed_path

__all__ = ["HELP", "new"]

HELP = """Write a small package for a paper of your own, which works at once.

It has a method, a problem, a closed form with its symbolic check, a claim that is proved and one that is refuted, a
figure, their tests and a README. Install it, and its parts are found by name, as those of our papers are.

\b
Example:
  optdyn new mypaper
  python -m pip install -e mypaper
  optdyn reproduce mypaper
"""


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the paper and its package, such as mypaper.")],
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", parser=typed_path, help="Where its folder is made.")
    ] = Path(),
) -> None:
    """Write the package, and say what comes next."""
    from optdyn.console import new_console
    from optdyn.new_paper import write_paper
    from optdyn.shells import joined

    made = write_paper(name, into)
    files = sum(path.is_file() for path in made.rglob("*"))
    console = new_console()
    install = joined(["python", "-m", "pip", "install", "-e", str(made)])
    for line in (f"{made}: {files} files. Next:", install, f"optdyn reproduce {name}"):
        console.print(line, soft_wrap=True, markup=False, highlight=False)
