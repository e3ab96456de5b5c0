"""Commands that optdyn prints, and those of its pages, are read alike by bash, zsh, PowerShell 5.1 and cmd."""

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from optdyn.cli import app
from optdyn.shells import joined

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "docs" / "tutorials").glob("*.py"))
COMMAND = re.compile(r"^[# ]*((?:optdyn|python -m) .*?)$", re.MULTILINE)
PROGRAMS = [
    "reproduce",
    "figure",
    "verify",
    "verdicts diff",
    "run",
    "sweep",
    "check",
    "warm",
    "lessons",
    "grade",
    "new",
]


def odd(command: str) -> set[str]:
    """What shells do not agree about: outside double quotes anything but plain words, inside them what bash expands."""
    outside = re.sub(r'"[^"$`\\!%]*"', "", command)
    return set(re.sub(r"[\w./:=+ -]", "", outside, flags=re.ASCII))


def fenced(path: Path) -> list[str]:
    """The commands of a page: in a block without a language, in one that is run, and in a tutorial's directive."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        blocks = re.findall(r"^```(\S*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        text = "\n".join(block for language, block in blocks if language in ("", "{command}"))
    return COMMAND.findall(text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_commands_of_pages_are_for_any_shell(path: Path) -> None:
    assert {command: odd(command) for command in fenced(path) if odd(command)} == {}


def test_pages_have_commands() -> None:
    assert sum(len(fenced(path)) for path in PAGES) > 30


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_has_examples_for_any_shell(name: str) -> None:
    said = CliRunner().invoke(app, [*name.split(), "--help"], prog_name="optdyn").output
    examples = COMMAND.findall(said.partition("Example")[2].partition("Options:")[0])
    assert examples
    assert {command: odd(command) for command in examples if odd(command)} == {}


@pytest.mark.parametrize(
    ("command", "found"),
    [("optdyn a && optdyn b", {"&"}), ("optdyn --set mu=[0,1]", set("[],")), ("optdyn --set 'a b'", {"'"}),
     ("optdyn a \\", {"\\"}), ('optdyn --set "mu=[0, 1]"', set())],
)  # fmt: skip
def test_what_is_odd_is_found(command: str, found: set[str]) -> None:
    assert odd(command) == found


def test_printed_commands_are_quoted_for_all_where_that_is_possible() -> None:
    assert odd(joined(["optdyn", "figure", "a b.py", "--set", "mu=[0.0, 0.1]"])) == set()
    assert joined(["a", "it's $5"]) == """a 'it'"'"'s $5'"""


def test_version() -> None:
    from dynamics.papers import version

    result = CliRunner().invoke(app, ["--version"], prog_name="optdyn")
    assert (result.exit_code, result.output) == (0, f"optdyn {version()}\n")


NAMED = re.compile(r"optdyn ((?:[a-z]+)(?: [^`\n]*)?)")
KNOWN = [*PAGES, *sorted((ROOT / "dynamics").rglob("*.py")), *sorted((ROOT / "optdyn").rglob("*.py"))]


def commands() -> dict[str, set[str]]:
    """The options of each command, as typer knows them; those of a group's commands too."""
    found: dict[str, set[str]] = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        within = [command, *getattr(command, "commands", {}).values()]
        found[name] = {option for one in within for parameter in one.params for option in parameter.opts}
        found[name] |= {option for one in within for parameter in one.params for option in parameter.secondary_opts}
    return found


def test_options_that_are_named_exist() -> None:
    known = commands()
    looked_at, wrong = 0, []
    for path in KNOWN:
        for line in NAMED.findall(path.read_text(encoding="utf-8")):
            name, *words = line.split()
            options = {word.rstrip(".,;:)\"'") for word in words if word.startswith("--")}
            if name in known and options:
                looked_at += 1
                wrong += [] if options <= known[name] | {"--help"} else [f"{path.name}: {line}"]
    assert wrong == []
    assert looked_at > 60
