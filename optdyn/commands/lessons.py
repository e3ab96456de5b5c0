"""`optdyn lessons` and `optdyn grade`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optdyn.names import typed_path
from optdyn.refusals import FAILED, BadInput

if TYPE_CHECKING:
    from optdyn.lessons.definition import Lesson

__all__ = ["GRADE_HELP", "HELP", "grade", "lessons"]

HELP = """Write lessons: one page each, which opens by double click, without a network.

NAME is a lesson of `optdyn lessons --list`, or the folder of a lesson of your own. Without a name all are written.

\b
Examples:
  optdyn lessons momentum
  optdyn lessons --out course
  optdyn lessons momentum --notebooks
"""

GRADE_HELP = """Check the files of answers that students saved from the lessons.

Every .json file in FOLDER is checked by the definitions that the pages use, with the numbers of the name in it. The
table has a row for each part of each exercise. The exit status is 1 if a file could not be read.

\b
Examples:
  optdyn grade answers --out marks.csv
"""


def lessons(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Lessons to write.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", parser=typed_path, help="Folder of the pages.")] = Path(
        "lessons"
    ),
    notebooks: Annotated[
        bool,
        typer.Option("--notebooks", help="Write marimo notebooks, which run the library, instead of pages."),
    ] = False,
    listing: Annotated[bool, typer.Option("--list", help="Say which lessons there are, and stop.")] = False,
) -> None:
    """Check the names, then write the pages or the notebooks."""
    from optdyn.console import new_console
    from optdyn.lessons import NAMES, from_folder, lesson
    from optdyn.writing import check_folder, write_files

    console = new_console()
    if listing:
        for name in NAMES:
            console.print(f"{name:12}{lesson(name).title}", markup=False, highlight=False)
        return
    chosen = [from_folder(Path(name)) if Path(name).is_dir() else lesson(name) for name in names or NAMES]
    files = [_notebook(entry) for entry in chosen] if notebooks else map(_page, chosen)  # a page takes a second
    check_folder(out)
    for name, content in files:
        (path,) = write_files(out, {name: content})
        console.print(str(path), soft_wrap=True, markup=False, highlight=False)
    if notebooks:
        told = f"Open one with: marimo edit {out / chosen[0].name}.py (python -m pip install marimo)"
        console.print(told, soft_wrap=True, markup=False, highlight=False)


def _page(entry: "Lesson") -> tuple[str, bytes]:
    from optdyn.lessons.page import page

    return f"{entry.name}.html", page(entry).encode()


def _notebook(entry: "Lesson") -> tuple[str, bytes]:
    file = entry.folder / "notebook.py"
    if not file.is_file():
        raise BadInput(f"{entry.folder} holds no notebook.py: write one, or leave --notebooks out for its page.")
    return f"{entry.name}.py", file.read_bytes()


def grade(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", parser=typed_path, help="Folder of the answers.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", parser=typed_path, help="Table to write (CSV).")] = Path(
        "marks.csv"
    ),
) -> None:
    """Check every file, write the table, and say how it went."""
    from optdyn.console import new_console
    from optdyn.lessons.grading import as_csv, graded
    from optdyn.writing import write_files

    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder: give the one that holds the files of answers.")
    files = sorted(folder.glob("*.json"))
    if not files:
        raise BadInput(f"{folder} holds no .json file: students save theirs by the button below the exercises.")
    console = new_console()
    rows, unread = graded(files)
    write_files(out.parent, {out.name: as_csv(rows).encode("utf-8-sig")})  # the mark tells spreadsheets the encoding
    for reason in unread:
        console.print(reason, soft_wrap=True, markup=False)
    right = sum(row["verdict"] == "right" for row in rows)
    told = f"{len(files) - len(unread)} of {len(files)} files, {right} of {len(rows)} parts right: {out}"
    console.print(told, soft_wrap=True, markup=False)
    if unread:
        raise typer.Exit(FAILED)
