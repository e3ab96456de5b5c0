"""Kernels compiled ahead."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import pytest

from dynamics import methods
from optdyn import warming
from optdyn.warming import COMMON_METHODS, COMMON_PROBLEMS, Pair, pairs
from synthetic import problems

Command = Callable[..., Any]


def test_patterns_choose_methods_and_problems() -> None:
    assert pairs(["Heavy_Ball", "carmon"], every=False) == (Pair("heavy-ball", "carmon"),)
    assert {pair.method for pair in pairs(["l4*", "carmon"], every=True)} == {"l4", "l4-adam", "l4-mom"}
    assert [pair.method for pair in pairs(["carmon"], every=False)] == list(COMMON_METHODS)
    assert [pair.problem for pair in pairs(["rsg"], every=False)] == list(COMMON_PROBLEMS)
    assert len(pairs(["carmon"], every=True)) == len(methods())
    assert len(pairs([], every=True)) == len(methods()) * len(problems())


def test_a_method_of_ones_own_is_named_by_its_place() -> None:
    assert {pair.method for pair in pairs(["dynamics:RSG", "beale"], every=False)} == {"dynamics:RSG"}
    assert {pair.problem for pair in pairs(["synthetic:beale"], every=False)} == {"synthetic:beale"}
    with pytest.raises(ValueError, match="unknown method in dynamics"):
        pairs(["dynamics:Nothing"], every=False)


def test_the_common_ones_exist() -> None:
    assert set(COMMON_METHODS) <= set(methods())
    assert set(COMMON_PROBLEMS) <= set(problems())


def test_what_is_neither_is_refused_with_the_nearest(optdyn: Command) -> None:
    result = optdyn("warm", "adma", "carmon")
    assert result.exit_code == 2
    assert "unknown method or problem 'adma'; did you mean 'adam'?" in " ".join(result.output.split())


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_a_pair_is_compiled_once_and_kept(optdyn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    first = optdyn("warm", "gradient-descent", "rosenbrock", "--jobs", 1)
    assert first.exit_code == 0
    assert "1 of 1 pairs can run at once now: 1 kernels compiled" in first.output
    assert f"They are kept in {tmp_path / 'optdyn'} (" in first.output
    (kernel,) = (tmp_path / "optdyn").glob("*.nbc")
    written = kernel.stat().st_mtime_ns
    second = optdyn("warm", "gradient-descent", "rosenbrock", "--jobs", 1)
    assert "1 of 1 pairs can run at once now: 0 kernels compiled" in second.output
    assert kernel.stat().st_mtime_ns == written


def test_a_refusal_is_no_fault() -> None:
    assert warming.warm(Pair("gauss-newton", "saddle")).refusal.startswith("GaussNewton needs")


def test_pairs_that_do_not_go_together_are_told(optdyn: Command, told: dict[Pair, warming.Warmed]) -> None:
    told[Pair("gauss-newton", "saddle")] = warming.Warmed(refusal="GaussNewton needs residuals.")
    result = optdyn("warm", "gauss-newton", "saddle", "beale")
    assert result.exit_code == 0
    assert "1 of 2 pairs can run at once now" in result.output
    assert "1 don't go together, such as gauss-newton on saddle:\nGaussNewton needs residuals." in result.output


def test_a_fault_is_shown_and_is_the_exit_status(optdyn: Command, told: dict[Pair, warming.Warmed]) -> None:
    told[Pair("sgd", "beale")] = warming.Warmed(traceback="Traceback\nZeroDivisionError: why\n")
    result = optdyn("warm", "sgd", "beale")
    assert result.exit_code == 1
    assert "0 of 1 pairs can run" in result.output
    assert "failed: sgd on beale\nTraceback\nZeroDivisionError: why" in result.output


def test_ctrl_c_says_what_is_there(optdyn: Command, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "work_visibly", _interrupted)
    result = optdyn("warm", "sgd", "beale", "himmelblau")
    assert result.exit_code == 130
    assert "1 of 2 pairs can run at once now" in result.output
    assert "Interrupted; the same command goes on." in result.output


def test_where_nothing_is_compiled_or_kept_it_is_refused(
    optdyn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 0)
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    result = optdyn("warm", "sgd", "beale")
    assert result.exit_code == 2
    assert "set NUMBA_CACHE_DIR to a folder" in result.output
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    result = optdyn("warm", "sgd", "beale")
    assert result.exit_code == 2
    assert "NUMBA_DISABLE_JIT is set" in result.output


def _interrupted(function: Any, tasks: Any, **options: Any) -> Any:
    yield 0, warming.Warmed()
    raise KeyboardInterrupt


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[Pair, warming.Warmed]:
    """What comes of pairs, without work; nothing of what is not in it."""
    outcomes: dict[Pair, warming.Warmed] = {}

    def work(function: Any, tasks: Any, **options: Any) -> Any:
        for index, pair in enumerate(tasks):
            yield index, outcomes.get(pair, warming.Warmed())

    monkeypatch.setattr(numba.config, "DISABLE_JIT", 0)
    monkeypatch.setattr(warming, "work_visibly", work)
    return outcomes
