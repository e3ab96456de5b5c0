"""Bad input: one sentence, exit status 2, and nothing left behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from optdyn.refusals import BadInput, Group

RUN = ("run", "quadratic", "rsg", "--steps", 5)

REFUSED: list[tuple[tuple[Any, ...], tuple[str, ...]]] = [
    # names
    (("run", "adam", "quadratic"), ("adam is a method, and the problem comes first, as in: quadratic adam.",)),
    (("run", "quadratic", "rsg", "--set", "lr=0.1"), ("unknown parameter 'lr': it is called step_size here.",)),
    (("run", "quadratc", "rsg"), ("unknown problem 'quadratc'", "did you mean 'quadratic'?", "The nearest of ")),
    (("run", "quadratic", "rgs"), ("unknown method 'rgs'", "did you mean 'rsg'?")),
    (("figure", "asrg.1"), ("unknown figure 'asrg.1'", "did you mean 'arsg.1'?")),
    (("figure", "--list", "nowhere"), ("unknown figure 'nowhere'",)),
    (("verify", "l4.angel"), ("unknown claim 'l4.angel'", "did you mean 'l4.angle'?")),
    (("list", "method"), ("unknown kind of list 'method'", "did you mean 'methods'?")),
    (("verify", "l4.angle", "--level", "fast"), ("unknown level 'fast'", "Allowed: full, quick")),
    (("figure", "arsg.1", "--format", "bmp"), ("unknown picture format 'bmp'", "pdf, png, svg")),
    (("figure", "arsg.1", "--format", "gif"), ("no film for gif: arsg.1 does not move", "--format png")),
    (("figure", "arsg.1", "--data", "xls"), ("unknown data format 'xls'", "csv, nc")),
    (("figure", "--all", "--jobs", 0), ("--jobs = 0 must be at least 1",)),
    (("figure", "arsg.1", "--verify", "taken"), ("--verify takes everything from its file",)),
    (("figure", "--verify", "taken"), ("taken: the ending '' is none of a figure's files", ".json")),
    (("figure", "--verify", "nowhere.png"), ("nowhere.png: no such file",)),
    (("figure", "arsg.1", "--size", "poster"), ("unknown size 'poster'", "column, page, slide")),
    (("figure",), ("no figure is named", "--list")),
    (("figure", "arsg.1", "--all"), ("either ids or --all",)),
    # numbers outside their range
    ((*RUN, "--set", "step_size=0"), ("step_size = 0.0 must be positive",)),
    ((*RUN, "--set", "step_size=-0.5"), ("step_size = -0.5 must be positive", "try 0.5")),
    ((*RUN, "--set", "step_size=NaN"), ("step_size = nan must be positive and finite",)),
    ((*RUN, "--set", "beta=1"), ("beta = 1.0 must lie in [0, 1)", "try 0.999")),
    ((*RUN, "--set", "beta=-0.1"), ("beta = -0.1 must lie in [0, 1)", "try 0.0")),
    ((*RUN, "--set", "mu=1"), ("mu = 1.0 must lie in [0, 1)",)),
    (("run", "quadratic", "rsg", "--steps", -1), ("steps = -1 must be at least 0",)),
    ((*RUN, "--seed", -1), ("-1", "non-negative")),
    (("figure", "arsg.1", "--set", "beta=1.5"), ("beta is 1.5", "[0, 1)")),
    (("reproduce", "--jobs", 0), ("--jobs = 0 must be at least 1",)),
    (("verify", "l4.angle", "--seed", -1), ("--seed = -1 must be at least 0",)),
    # data
    ((*RUN, "--set", "minimiser=[1, 2, 3]"), ("minimiser has shape (3,)", "(2,)")),
    ((*RUN, "--set", "eigenvalues=[1, NaN]"), ("eigenvalues has NaN or infinity",)),
    (("run", "carmon", "rsg", "--set", "batch_size=600"), ("batch_size = 600", "500 samples", "try 500")),
    # settings
    ((*RUN, "--set", "betta=0.9"), ("unknown parameter 'betta'", "did you mean 'beta'?")),
    ((*RUN, "--set", "beta"), ("--set beta is no setting", "key=value")),
    ((*RUN, "--set", "beta=high"), ("beta = 'high' is not a number",)),
    (("figure", "arsg.1", "--set", "gamma=1"), ("unknown parameter 'gamma'", "Allowed: beta, mu, points")),
    # files
    ((*RUN, "--out", "run.txt"), ("run.txt", ".npz, .nc, .csv", "try run.npz")),
    ((*RUN, "--plot", "."), ("cannot write to .: it is a folder",)),
    ((*RUN, "--out", ".."), ("cannot write to ..: it is a folder",)),
    ((*RUN, "--plot", "loss.bmp"), ("loss.bmp", ".png, .pdf, .svg", "try loss.png")),
    ((*RUN, "--out", "taken/run.npz"), ("cannot write to taken", "is a file")),
    ((*RUN, "--plot", "taken/loss.png"), ("cannot write to taken", "is a file")),
    (("figure", "arsg.1", "--out", "taken"), ("cannot write to taken", "is a file")),
    (("figure", "arsg.1", "--out", "/proc/figures"), ("cannot write to /proc/figures", "takes no files")),
    ((*RUN, "--out", "/proc/run.npz"), ("cannot write to /proc", "takes no files")),
    (("reproduce", "--quick", "--out", "taken"), ("cannot write to taken", "is a file")),
    (("verify", "l4.angle", "--json", "taken/found.json"), ("cannot write to taken", "is a file")),
    (("verify", "l4.angle", "--junit", "."), ("it is a folder",)),
    ((*RUN, "--resume", "nowhere.npz"), ("nowhere.npz: no such file or directory",)),
    ((*RUN, "--resume", "taken"), ("taken is damaged or no trajectory",)),
    ((*RUN, "--resume", "taken", "--set", "beta=0.5"), ("leave --set, --seed, --record-every and --x0 out",)),
    ((*RUN, "--resume", "taken", "--seed", 1), ("leave --set, --seed, --record-every and --x0 out",)),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=lambda value: " ".join(map(str, value))[:60])
def test_refused_in_one_sentence(
    arguments: tuple[Any, ...], words: tuple[str, ...], optdyn: Callable[..., Any], folder: Path
) -> None:
    (folder / "taken").write_text("a file")
    result = optdyn(*arguments)
    said = result.output.strip()
    assert result.exit_code == 2
    assert said.startswith("optdyn: ")
    assert "\n" not in said
    for word in words:
        assert word in said
    assert [path.name for path in folder.iterdir()] == ["taken"]


def test_a_loss_that_is_negative_from_the_start_is_refused_under_l4(optdyn: Callable[..., Any], folder: Path) -> None:
    result = optdyn("run", "quadratic", "l4-mom", "--set", "eigenvalues=[-3, 1]", "--steps", 5, "--out", "run.npz")
    assert result.exit_code == 2
    assert "negative" in result.output
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_file_is_not_resumed(damage: str, optdyn: Callable[..., Any], folder: Path) -> None:
    optdyn(*RUN, "--out", "run.npz")
    whole = (folder / "run.npz").read_bytes()
    middle = len(whole) // 2
    flipped = bytes(byte ^ 255 for byte in whole[middle : middle + 64])  # one byte alone may be of no importance
    damaged = whole[:middle] if damage == "cut" else whole[:middle] + flipped + whole[middle + 64 :]
    (folder / "run.npz").write_bytes(damaged)
    result = optdyn(*RUN, "--resume", "run.npz", "--out", "more.npz")
    assert result.exit_code == 2
    assert result.output.startswith("optdyn: run.npz is damaged or no trajectory")
    assert (folder / "run.npz").read_bytes() == damaged
    assert not (folder / "more.npz").exists()


def test_a_run_of_another_method_or_problem_is_not_resumed(optdyn: Callable[..., Any], folder: Path) -> None:
    optdyn(*RUN, "--out", "run.npz")
    for names, word in ((("quadratic", "nesterov"), "method of class RSG"), (("carmon", "rsg"), "problem of class")):
        result = optdyn("run", *names, "--resume", "run.npz")
        assert result.exit_code == 2
        assert word in result.output


def test_a_folder_without_permission(optdyn: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Permissions do not bind an administrator, who may be running this test.
    monkeypatch.setattr("optdyn.writing.os.access", lambda path, mode: False)
    result = optdyn("figure", "arsg.1", "--out", folder / "locked")
    assert result.exit_code == 2
    assert "no permission" in result.output
    assert list(folder.iterdir()) == []


def test_an_error_of_ours_keeps_its_traceback(optdyn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any, **keywords: Any) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("optdyn.runs.simulate", broken)
    result = optdyn(*RUN)
    assert result.exit_code == 70
    assert "ZeroDivisionError: ours" in result.output


BOWL = """
def bowl():
    return undefined_name
"""


def test_a_mistake_in_a_users_factory_is_told_at_its_line(optdyn: Callable[..., Any], folder: Path) -> None:
    (folder / "mine.py").write_text(BOWL)
    result = optdyn("run", "mine.py:bowl", "adam")
    assert result.exit_code == 2
    assert "bowl makes nothing: NameError: name 'undefined_name' is not defined (" in result.output
    assert "mine.py, line 3)" in result.output
    assert "Traceback" not in result.output


def test_a_mistake_in_a_factory_of_ours_keeps_its_traceback(
    optdyn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(dimension: int = 2) -> None:
        raise NameError("ours")

    broken.__module__ = "synthetic"
    monkeypatch.setattr("optdyn.runs.chosen_problem", lambda named: ("quadratic", broken))
    result = optdyn("run", "quadratic", "adam")
    assert (result.exit_code, "NameError: ours" in result.output) == (70, True), result.output


def test_the_traceback_of_a_refusal_can_be_asked_for(
    optdyn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTDYN_DEBUG", "1")
    with pytest.raises(ValueError, match="unknown method"):
        optdyn("run", "quadratic", "rgs")


def _broken() -> None:
    raise ValueError("nobody foresaw this")


def _refusing() -> None:
    raise BadInput("give another one")


@pytest.mark.parametrize(
    ("command", "status", "words"), [(_broken, 70, "please report it"), (_refusing, 2, "give another")]
)
def test_faults_of_our_own_are_no_refusals(command, status, words):
    """A ValueError that nobody meant as a refusal shows where it comes from, and asks to be reported."""
    app = typer.Typer(cls=Group, pretty_exceptions_enable=False)
    app.command("one")(command)
    app.command("two")(command)
    result = CliRunner().invoke(app, ["one"])
    assert result.exit_code == status
    assert words in result.output
    assert ("Traceback" in result.output) == (command is _broken)


@pytest.mark.parametrize(
    "arguments",
    [
        (*RUN, "--out", ""),
        (*RUN, "--plot", ""),
        (*RUN, "--resume", ""),
        ("figure", "arsg.1", "--out", ""),
        ("figure", "--verify", " "),
        ("reproduce", "--out", ""),
        ("verify", "l4.angle", "--json", ""),
        ("verify", "l4.angle", "--junit", ""),
    ],
)
def test_an_empty_path_is_not_this_folder(arguments, optdyn, folder):
    result = optdyn(*arguments)
    assert result.exit_code == 2
    assert "the path is empty" in result.output
    assert list(folder.iterdir()) == []


def _of_the_system() -> None:
    raise FileNotFoundError(2, "No such file or directory", "a part of optdyn")


def test_only_files_that_were_named_are_the_users():
    """Whoever reads a file that was named says so; any other error of the system is a fault of optdyn's."""
    app = typer.Typer(cls=Group, pretty_exceptions_enable=False)
    app.command("one")(_of_the_system)
    app.command("two")(_of_the_system)
    result = CliRunner().invoke(app, ["one"])
    assert result.exit_code == 70
    assert "please report it" in result.output


def test_a_folder_whose_name_is_too_long_is_refused(optdyn, folder):
    for arguments in (("reproduce", "--out", "a" * 400), (*RUN, "--out", f"{'a' * 400}/run.npz")):
        result = optdyn(*arguments)
        assert result.exit_code == 2
        assert "file name too long" in result.output
    result = optdyn("figure", "--verify", f"{'a' * 400}.png")
    assert result.exit_code == 2
