"""What a canvas shows of lines that leave it, and how numbers are printed beside it."""

import numpy as np

from optdyn.lessons.exercises import shown
from tests.optdyn.lessons.javascript import SHELL, in_node, needs_node

PLOT = (SHELL / "plot.js").read_text(encoding="utf-8")
ANSWERS = (SHELL / "answers.js").read_text(encoding="utf-8")
BOX = (-1.0, -2.0, 3.0, 1.0)  # left, top, right, bottom


@needs_node
def test_what_is_seen_of_a_segment_is_what_lies_in_the_box() -> None:
    rng = np.random.default_rng(0)
    segments = rng.normal(size=(300, 4)) * rng.choice([1, 3, 1e5], size=(300, 1))
    segments[:20, 2] = segments[:20, 0]  # upright
    segments[20:40, 3] = segments[20:40, 1]  # level
    found = in_node(f"{PLOT}\nreport({segments.tolist()}.map((ends) => seen(...ends, {list(BOX)})));")
    share = np.linspace(0, 1, 2001)
    for (x0, y0, x1, y1), part in zip(segments, found, strict=True):
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        inside = (x >= BOX[0]) & (x <= BOX[2]) & (y >= BOX[1]) & (y <= BOX[3])
        begin, end = part or (2.0, 2.0)
        assert np.array_equal(inside, (share >= begin - 1e-9) & (share <= end + 1e-9))
    assert 50 < sum(part is not None for part in found) < 250


@needs_node
def test_numbers_are_printed_as_in_a_book() -> None:
    numbers = "[-0.5, 2.899e-68, -1.5e7, 12345.6, 0]"
    assert in_node(f"{ANSWERS}\n{PLOT}\nreport({numbers}.map(told));") == [
        "−0.5",
        "2.899·10⁻⁶⁸",
        "−1.5·10⁷",
        "12350",
        "0",
    ]


@needs_node
def test_the_page_shows_numbers_as_python_does() -> None:
    sizes = 10.0 ** np.arange(-9, 23)
    values = np.concatenate([sizes, -1.23456 * sizes, 9.9996 * sizes, [0.0, 99999.5, 0.1 + 0.2, np.inf]]).tolist()
    literals = [repr(value).replace("inf", "Infinity") for value in values]
    theirs = in_node(f"{ANSWERS}\nreport([{', '.join(literals)}].map(answers.shown));")
    assert [text.replace("Infinity", "inf") for text in theirs] == [shown(value) for value in values]
