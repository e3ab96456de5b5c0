"""`optdyn run --x0`: where a run starts, what its picture says of it, and what can't be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import synthetic
from dynamics import GradientDescent, Trajectory, simulate

Command = Callable[..., Any]


def test_a_run_starts_where_it_is_told_to(optdyn: Command, folder: Path) -> None:
    command = ("run", "himmelblau", "gd", "--set", "step_size=0.01", "--steps", 5, "--x0", "1,-2")
    assert optdyn(*command, "--out", "one.npz", "--plot", "one.svg").exit_code == 0
    expected = simulate(GradientDescent(0.01), synthetic.himmelblau(), steps=5, x0=[1.0, -2.0])
    assert np.array_equal(Trajectory.load(folder / "one.npz").x, expected.x)
    assert "from [1, -2], seed 0" in (folder / "one.svg").read_text(encoding="utf-8")
    several = optdyn("run", "himmelblau", "gd", "hb", "--steps", 5, "--x0", "1,-2", "--plot", "two.svg")
    assert f"{expected.loss[-1]:.5g}" in several.output
    assert "from [1, -2], 5 steps" in (folder / "two.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--x0", "1,2,3"), "x0 has shape (3,): Himmelblau needs shape (2,)"),
        (("--x0", "1;2"), "--x0 1;2 is no vector"),
        (("--x0", "1,2", "--resume", "one.npz"), "--record-every and --x0 out"),
        (("--plot", "one.gif"), "a film compares methods: name another one after gd, or try one.png"),
    ],
)
def test_what_a_start_or_a_film_cant_be(words: tuple[str, ...], sentence: str, optdyn: Command, folder: Path) -> None:
    result = optdyn("run", "himmelblau", "gd", *words)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
    assert not [*folder.glob("one.*")]
