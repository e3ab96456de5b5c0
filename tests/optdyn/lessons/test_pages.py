"""The pages in a browser: nothing is asked of a network, predictions gate the picture, keys and addresses work."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optdyn.lessons import NAMES, lesson
from optdyn.lessons.exercises import Exercise, numbers_of, shown, value_of
from optdyn.lessons.grading import graded
from optdyn.lessons.page import formulas_of, page
from tests.optdyn.lessons.test_same_truth import differs, expected, settings

WIDTHS = (1280, 390)
FILL = """given => Object.entries(given).forEach(([id, text]) => {
  document.getElementById(id).value = text;
  document.getElementById(id).dispatchEvent(new Event("input", { bubbles: true }));
})"""
SEEN = "node => node.checkVisibility({ visibilityProperty: true, opacityProperty: true })"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lessons")
    for name in NAMES:
        (folder / f"{name}.html").write_text(page(lesson(name)), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in NAMES}


def visit(browser: Any, path: Path, **context: Any) -> tuple[Any, list[str]]:
    """A fresh page, and what it complains of or asks for."""
    context = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **context}
    tab = browser.new_context(**context).new_page()
    trouble: list[str] = []
    tab.on("console", lambda message: trouble.append(message.text))
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("request", lambda request: trouble.append(request.url) if not request.url.startswith("file:") else None)
    tab.goto(path.as_uri())
    return tab, trouble


def commit(tab: Any) -> None:
    """Answer every prediction."""
    tab.evaluate("$$('.predict').forEach((asked) => { $('input', asked).click(); $('.commit', asked).click(); })")


def visible(tab: Any, selector: str) -> list[bool]:
    """Of each element of that kind, whether it can be seen."""
    return tab.evaluate(f"selector => $$(selector).map({SEEN})", selector)


def computed(tab: Any, formula: str, printed: str, rows: str) -> np.ndarray:
    """What the browser makes of a printed function, row by row; both ways as text, which is the quickest."""
    text = tab.evaluate(
        f"rows => {{ {printed}; return JSON.stringify(JSON.parse(rows).map((row) => {formula}(...row)), (key, x) =>"
        " typeof x === 'number' && !Number.isFinite(x) ? String(x) : x); }",
        rows,
    )
    found = [row if isinstance(row, list) else [row] for row in json.loads(text)]
    return np.array(found, dtype=float).T


@pytest.mark.parametrize("name", NAMES)
def test_the_browser_computes_what_python_does(name: str, browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages[name])
    printed = formulas_of(lesson(name))
    for formula in lesson(name).formulas:
        arguments = settings(name, formula)
        rows, truth = json.dumps(np.stack(arguments, 1).tolist()), expected(name, formula, arguments)
        assert not differs(computed(tab, f"formulas.{formula}", "", rows), truth), formula
        flipped = re.sub(r" [-+] ", lambda sign: " - " if "+" in sign[0] else " + ", printed[formula], count=1)
        if flipped != printed[formula]:
            assert differs(computed(tab, formula, flipped, rows), truth), flipped
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
def test_print_opens_everything_and_closes_it_again(name: str, browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages[name])
    hidden = (".panel canvas", ".predict .answer")
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(tab.evaluate("$$('details.step').map((step) => step.open)"))
    assert all(all(visible(tab, selector)) for selector in hidden)
    tab.emulate_media(media="screen")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not any(tab.evaluate("$$('details.step').map((step) => step.open)"))
    assert not any(any(visible(tab, selector)) for selector in hidden)
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_prediction_comes_before_the_picture(name: str, width: int, browser: Any, pages: dict[str, Path]) -> None:
    scheme = "dark" if width == WIDTHS[0] else "light"
    tab, trouble = visit(browser, pages[name], viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert tab.query_selector(".predict .commit").is_disabled()
    hidden = (".panel canvas", ".predict .answer", ".panel.later")
    assert not any(any(visible(tab, selector)) for selector in hidden)
    commit(tab)
    assert all(all(visible(tab, selector)) for selector in hidden)
    assert all("✓" in text for text in tab.evaluate("$$('.predict').map((asked) => asked.innerText)"))
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    said = tab.evaluate(
        "$$('button.set').map((button) => { button.click(); return [$('.phase').innerText, $('#figure').innerText]; })"
    )
    phases = [phase for phase, _ in said]
    assert len(set(phases)) >= 3
    assert all(phases)
    assert not any("NaN" in text or "undefined" in text for _, text in said)
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
def test_all_of_it_by_keyboard(name: str, browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages[name])
    for _ in range(4):  # past the link to the figure, to the first answer
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.matches('.predict input')"):
            break
    tab.keyboard.press("Space")
    tab.keyboard.press("Tab")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.keyboard.press("Enter")
    assert visible(tab, ".predict .answer")[0]
    moved = "before => JSON.stringify([state.x0, state.y0]) !== before"
    before = tab.evaluate("JSON.stringify([state.x0, state.y0])")
    tab.focus(".panel canvas[tabindex]")
    tab.keyboard.press("Shift+ArrowLeft")
    assert tab.evaluate(moved, before)
    for control in lesson(name).controls:
        before = tab.evaluate(f"state.{control.name}")
        key = "ArrowLeft" if before > 0.9 * control.high else "ArrowRight"
        tab.focus(f"#c-{control.name}")
        for _ in range(3):  # each press reaches another value
            tab.keyboard.press(key)
            now = tab.evaluate(f"state.{control.name}")
            assert now != before, control.name
            before = now
    tab.focus(".steps .first")
    tab.keyboard.press("Enter")
    tab.focus(".steps .forward")
    tab.keyboard.press("Enter")
    assert tab.evaluate("state.t") == 1
    tab.wait_for_timeout(300)  # the address follows
    there = tab.evaluate("JSON.stringify(state)")
    tab.evaluate("() => { location.hash = 't=3'; }")
    tab.wait_for_function("() => state.t === 3")
    assert tab.evaluate("JSON.stringify(state)") != there
    tab.go_back()
    tab.wait_for_function("() => state.t === 1")
    for key, value in json.loads(there).items():
        found = tab.evaluate("key => state[key]", key)
        assert found == (value if isinstance(value, str) else pytest.approx(value, rel=1e-5)), key
    assert not trouble


def test_the_valley_is_turned_as_in_python(browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages["trust"])
    commit(tab)
    tab.evaluate("load('scene=valley')")
    assert tab.evaluate("model.counts.map((steps) => [steps[0], steps[15]])") == [[150, 155], [3, 117], [4, 5]]
    idle = "LESSON.controls.filter((entry) => entry.node.hidden).map((entry) => entry.name)"
    assert tab.evaluate(idle) == []
    tab.evaluate("load('scene=saddle')")
    assert tab.evaluate(idle) == ["angle", "eta"]
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
def test_exercises_tell_part_by_part_and_are_graded(
    name: str, browser: Any, pages: dict[str, Path], tmp_path: Path
) -> None:
    tab, trouble = visit(browser, pages[name])
    tab.fill("#student", "Ada")
    right = []
    for exercise in lesson(name).exercises:
        if not isinstance(exercise, Exercise):
            continue
        numbers = numbers_of(exercise, "Ada")
        stem = exercise.id.replace(".", "-")
        solved = {
            f"{stem}-{key}": part.formula or shown(float(value_of(part.answer, numbers)))
            for key, part in zip(exercise.keys, exercise.parts, strict=True)
        }
        first = f"{stem}-{exercise.keys[0]}"
        tab.evaluate(FILL, solved | {first: "12345678"})
        tab.focus(f"#{first}")
        tab.keyboard.press("Enter")
        verdicts = [tab.get_attribute(f"#{id}-verdict", "class") for id in solved]
        assert verdicts == ["verdict wrong", *["verdict right"] * (len(solved) - 1)]
        tab.evaluate(FILL, solved)
        right += [(exercise.id, key) for key in exercise.keys]
    told = tab.evaluate(
        "$$('.exercise').map((section) => { $$('button', section).slice(-2).forEach((button) => button.click());"
        " return [$$('.shown', section)[1].innerText, section.innerText]; })"
    )
    assert all("Solution" in solution and "[[" not in text for solution, text in told)
    with tab.expect_download() as download:
        tab.click("text=Save my answers")
    download.value.save_as(tmp_path / download.value.suggested_filename)
    assert download.value.suggested_filename == f"{name}-Ada.json"
    rows, unread = graded(tmp_path.glob("*.json"))
    assert not unread
    assert [(row["exercise"], row["part"]) for row in rows if row["verdict"] == "right"] == right
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_small(name: str, pages: dict[str, Path]) -> None:
    assert pages[name].stat().st_size <= 1_500_000
