"""A small package for a paper, which works at once: the files of `paper-template` under another name."""

import importlib.util
import keyword
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from dynamics.papers import papers
from optdyn.refusals import BadFile, BadInput

__all__ = ["TEMPLATE", "write_paper"]

TEMPLATE = Path(__file__).with_name("paper-template")
PLACEHOLDER = "mypaper"
LONGEST = 40


def write_paper(name: str, folder: Path) -> Path:
    """Write a package for a paper into a folder, all of it or nothing.

    Parameters
    ----------
    name : str
        Of the paper and of its package: small letters, digits and underscores, a letter first.
    folder : Path
        In which the package's own folder is made.

    Returns
    -------
    Path
        Of the package's own folder.

    Raises
    ------
    ValueError
        If the name is none for a package, or is taken; or if there is such a file or folder already.
    OSError
        If the folder cannot be written.

    Examples
    --------
    >>> write_paper("My paper", Path())
    Traceback (most recent call last):
    optdyn.refusals.BadInput: 'My paper' is no name for a package: small letters, digits ...; try my_paper.
    """
    check_name(name)
    target = folder / name
    if target.exists() or target.is_symlink():
        raise BadInput(f"{target} is there already: give another name, or another folder by --into.")
    from optdyn.writing import check_folder

    check_folder(folder)
    made = folder / f".{name}-{secrets.token_hex(4)}"
    try:
        for path, text in contents(name):
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
        made.rename(target)
    except OSError as error:
        raise BadFile(f"cannot write {target}: {error.strerror or error}; choose another folder by --into.") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target


def contents(name: str) -> Iterator[tuple[Path, str]]:
    """The files of the package, by their paths below its folder."""
    for file in sorted(TEMPLATE.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            parts = [name if part == PLACEHOLDER else part for part in file.relative_to(TEMPLATE).parts]
            yield Path(*parts), file.read_text(encoding="utf-8").replace(PLACEHOLDER, name)


def check_name(name: str) -> None:
    """Refuse what can't be the name of a package, or is the name of another one.

    Examples
    --------
    >>> check_name("json")
    Traceback (most recent call last):
    optdyn.refusals.BadInput: json is a module of Python itself, which a package of that name would hide; try my_json.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > LONGEST or keyword.iskeyword(name):
        nearest = re.sub(r"\W+", "_", name.strip().lower(), flags=re.ASCII).strip("_")[:LONGEST]
        nearest = (
            nearest if re.match("[a-z]", nearest) and not keyword.iskeyword(nearest) else f"my_{nearest or 'paper'}"
        )
        raise BadInput(
            f"{name[:60]!r} is no name for a package: small letters, digits and underscores, a letter first, at most "
            f"{LONGEST} of them, and no word of Python's own; try {nearest[:LONGEST]}."
        )
    if name in papers():
        raise BadInput(f"{name} is a paper already, {papers()[name].source}; try my_{name}.")
    if name in sys.stdlib_module_names:
        raise BadInput(f"{name} is a module of Python itself, which a package of that name would hide; try my_{name}.")
    spec = importlib.util.find_spec(name)
    if name in ("tests", "optdyn") or (spec is not None and spec.origin is not None):
        raise BadInput(f"{name} is a package already, which one of that name would hide; try my_{name}.")
