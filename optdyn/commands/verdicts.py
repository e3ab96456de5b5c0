"""`optdyn verdicts diff`."""

from pathlib import Path
from typing import Annotated

import typer

from optdyn.names import typed_path
from optdyn.refusals import FAILED

__all__ = ["DIFF_HELP", "HELP", "diff", "group"]

HELP = "Compare the verdicts of two releases."

DIFF_HELP = """Compare two files of claims, such as those of two releases, claim by claim.

OLD and NEW are files that `optdyn verify --claims-json FILE` wrote, or the verdicts of a release (in releases/). Named
are the claims whose verdict, statement or evidence differs, and those that only one file has. The exit status is 1
where a verdict differs.

\b
Examples:
  optdyn verify --claims-json new.json
  optdyn verdicts diff old.json new.json
  optdyn verdicts diff releases/verdicts-0.2.0.json new.json
"""


def group() -> None:
    """Nothing by itself; it keeps `diff` a command of its own."""


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", parser=typed_path, help="The claims before.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", parser=typed_path, help="The claims after.")],
) -> None:
    """Say what differs between two files of claims."""
    from optdyn.console import new_console, new_table
    from optdyn.exchange import at_level, changes, read_claims

    first, second = read_claims(old), read_claims(new)
    before, after = at_level(first, second["level"]), at_level(second, first["level"])
    found = changes(before, after)
    console = new_console()
    if before["level"] != after["level"]:
        console.print(f"Note: {old} was checked at the level {before['level']}, {new} at {after['level']}.")
    if not found:
        console.print(f"No difference in {len(after['claims'])} claims.")
        return
    table = new_table("claim", "before", "after", "differs", prose=("claim",))
    for change in found:
        table.add_row(change.id, change.old or "-", change.new or "-", change.what)
    console.print(table)
    verdicts = sum(change.is_verdict for change in found)
    console.print(f"{verdicts} of {len(after['claims'])} claims have another verdict.")
    if verdicts:
        raise typer.Exit(FAILED)
