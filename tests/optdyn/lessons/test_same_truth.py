"""What the pages compute is what Python computes, on a thousand random settings; a flipped sign is caught."""

import zlib

import numpy as np
import pytest

from optdyn.lessons import NAMES, lesson
from optdyn.lessons.page import formulas_of
from tests.optdyn.lessons.javascript import in_node, in_python, needs_node

SETTINGS = 1000
TOLERANCE = 1e-12
RANGES = {"tau": (1e-3, 4.0), "beta": (0.0, 0.999), "mu": (0.0, 0.999), "alpha": (0.01, 3.0)}
FORMULAS = [(name, formula) for name in NAMES for formula in lesson(name).formulas]


def settings(name: str, formula: str) -> list[np.ndarray]:
    """Random arguments, one array each."""
    rng = np.random.default_rng(zlib.crc32(f"{name}/{formula}".encode()))
    arguments = lesson(name).formulas[formula].arguments
    return [rng.uniform(*RANGES.get(argument, (-2.0, 2.0)), SETTINGS) for argument in arguments]


def flat(values, size=SETTINGS) -> np.ndarray:
    """Outputs of a formula as rows."""
    rows = values if isinstance(values, tuple | list) else (values,)
    return np.array([np.broadcast_to(row, size) for row in rows], dtype=float)


def expected(name: str, formula: str, arguments: list[np.ndarray]) -> np.ndarray:
    with np.errstate(all="ignore"):
        return flat(lesson(name).formulas[formula].function(*arguments))


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether any number is off by more than the tolerance; NaN and infinity have to stand at the same places."""
    return not np.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)


@pytest.mark.parametrize(("name", "formula"), FORMULAS)
def test_the_printed_functions_are_pythons(name: str, formula: str) -> None:
    arguments = settings(name, formula)
    printed = formulas_of(lesson(name))[formula]
    truth = expected(name, formula, arguments)
    with np.errstate(all="ignore"):
        assert np.isfinite(truth).mean() > 0.3
        assert not differs(flat(in_python(printed)(*arguments)), truth)
        signs = [k for k in range(len(printed)) if printed.startswith((" + ", " - "), k)]
        for place in signs:
            flipped = " - " if printed.startswith(" + ", place) else " + "
            wrong = printed[:place] + flipped + printed[place + 3 :]
            assert differs(flat(in_python(wrong)(*arguments)), truth), wrong


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_the_page_runs_what_python_runs(name: str) -> None:
    formulas = lesson(name).formulas
    arguments = {formula: settings(name, formula) for formula in formulas}
    printed = formulas_of(lesson(name))
    calls = ",\n".join(
        f"{formula}: {[[float(x) for x in row] for row in zip(*arguments[formula], strict=True)]}"
        f".map((row) => {formula}(...row))"
        for formula in formulas
    )
    ran = in_node("\n".join(printed.values()) + f"\nreport({{ {calls} }});")
    for formula in formulas:
        rows = [row if isinstance(row, list) else [row] for row in ran[formula]]
        assert not differs(np.array(rows, dtype=float).T, expected(name, formula, arguments[formula])), formula
