"""The recorder: plain arithmetic becomes JavaScript, and what can't be recorded is refused."""

from fractions import Fraction

import numpy as np
import pytest

from optdyn.lessons.javascript import in_javascript
from tests.optdyn.lessons.javascript import in_node, in_python, needs_node


def everything(x, y):
    small = np.where((x < y) & (y <= 2) | (x >= 3), np.minimum(x, -1.5), np.maximum(x, y))
    return (
        small**2 + 2**0.5 / x - (x / y) ** 3,
        np.exp(-abs(y)) * np.cos(x),
        np.float64(0.5) * y + float(Fraction(7, 10)) * x,
        3.0,
    )


X, Y = np.random.default_rng(0).uniform(-4, 4, (2, 200))


def test_all_that_formulas_may_do() -> None:
    printed = in_javascript("everything", everything, ("x", "y"))
    for ours, theirs in zip(everything(X, Y), in_python(printed)(X, Y), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=1e-15)


@needs_node
def test_node_computes_the_same() -> None:
    printed = in_javascript("everything", everything, ("x", "y"))
    rows = in_node(f"{printed}\nreport({np.stack([X, Y], 1).tolist()}.map(([x, y]) => everything(x, y)));")
    for ours, theirs in zip(everything(X, Y), np.array(rows).T, strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=1e-14)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: x if x > 0 else -x, "cannot branch"),
        (lambda x: np.arctan(x), "numpy.arctan has no counterpart"),
        (lambda x: np.linalg.norm(x), "has no counterpart"),
    ],
)
def test_what_cannot_be_recorded_is_refused(function, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        in_javascript("f", function, ("x",))
