"""The tables of conventions and of symbols are true: each other form of momentum, as printed, gives our iterates."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dynamics
from dynamics import HeavyBall, Nesterov, simulate
from synthetic import quadratic

DOCS = Path(__file__).parents[2] / "docs"
CURVATURES = np.array([1.0, 0.1])
START = np.array([1.0, -2.0])
ALPHA, BETA, STEPS = 0.7, 0.8, 12


def tables(page: str) -> list[list[list[str]]]:
    """The tables of a page, without their heads."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]] for table in found]


HEAVY_BALL, NESTEROV = tables("conventions.md")[:2]


def elsewhere(step: str, conversion: str) -> np.ndarray:
    """The iterates of a form as it is printed, with its parameters by the printed conversion."""
    names: dict[str, Any] = {"alpha": ALPHA, "beta": BETA}
    exec(conversion, names)
    names |= {"x": START, "old": START} | dict.fromkeys("vtm", np.zeros(2))
    iterates = [START]
    for _ in range(STEPS):
        names["g"] = CURVATURES * names["x"]
        exec(step, names)
        iterates.append(names["x"])
    return np.array(iterates)


@pytest.mark.parametrize(
    ("method", "row"),
    [(HeavyBall(ALPHA, BETA), row) for row in HEAVY_BALL] + [(Nesterov(ALPHA, BETA), row) for row in NESTEROV],
    ids=lambda value: value[0][:24] if isinstance(value, list) else type(value).__name__,
)
def test_another_form_gives_our_iterates(method: Any, row: list[str]) -> None:
    problem = quadratic(eigenvalues=CURVATURES)
    ours = simulate(method, problem, steps=STEPS, x0=START, record_iterates=True).iterates
    np.testing.assert_allclose(elsewhere(row[1].strip("`"), row[2].strip("`")), ours, rtol=1e-13, atol=1e-15)


def test_a_damped_sum_is_no_average() -> None:
    """PyTorch's `dampening`, whose first step is the whole gradient."""
    damped = elsewhere(
        "v = momentum*v + ((1-dampening) if started else 1)*g; started = 1; x = x - lr*v",
        "lr = alpha; momentum = dampening = beta; started = 0",
    )
    average = elsewhere(HEAVY_BALL[-1][1].strip("`"), HEAVY_BALL[-1][2].strip("`"))
    assert not np.allclose(damped, average, rtol=0.1)


def test_the_symbols_name_parameters() -> None:
    (rows,) = tables("glossary.md")
    named = [name for row in rows for name in re.findall(r"`(\w+)\.(\w+)`", row[3])]
    assert len(named) > 40
    for owner, field in named:
        assert field in getattr(dynamics, owner)._fields, f"{owner}.{field}"
