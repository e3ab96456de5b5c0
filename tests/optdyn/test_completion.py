"""Tab completes the names that papers announce, without numerics."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from optdyn.cli import app


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("optdyn run quadratic heavy", ["heavy-ball"]),
        ("optdyn run quadratic-", ["quadratic-cosine"]),
        ("optdyn sweep quadratic l4-", ["l4-adam", "l4-mom"]),
        ("optdyn verify l4.pol", ["l4.polyak", "l4.polyak_rate", "l4.polyak_run"]),
        ("optdyn figure l4.", ["l4.1", "l4.2", "l4.3"]),
        ("optdyn reproduce sigma_nice.10", ["sigma_nice.10"]),
        ("optdyn verif", ["verify"]),
    ],
)
def test_tab(line: str, offered: list[str]) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_OPTDYN_COMPLETE": "complete_bash"}
    assert CliRunner().invoke(app, [], prog_name="optdyn", env=words).output.split() == offered


def test_names_of_methods_and_problems_cost_nothing_heavy() -> None:
    code = (
        "import sys\nfrom optdyn.completion import methods, papers, problems\n"
        "assert methods('') and problems('') and papers('')\n"
        "assert not {'numpy', 'numba', 'dynamics.public', 'typer'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
