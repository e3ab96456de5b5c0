"""The pages in a browser: nothing is asked of a network, predictions gate the picture, keys and addresses work."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optdyn.lessons import NAMES, lesson
from optdyn.lessons.exercises import Exercise, numbers_of, shown
from optdyn.lessons.page import page
from tests.optdyn.lessons.browser import needs_browser, opened
from tests.optdyn.lessons.test_same_truth import differs, expected, settings

pytestmark = needs_browser
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lessons")
    for name in NAMES:
        (folder / f"{name}.html").write_text(page(lesson(name)), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in NAMES}


def visit(browser: Any, path: Path, address: str = "", **context: Any) -> tuple[Any, list[str]]:
    """A fresh page, and what it complains of or asks for."""
    tab = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context}).new_page()
    trouble: list[str] = []
    tab.on("console", lambda message: trouble.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("request", lambda request: trouble.append(request.url) if not request.url.startswith("file:") else None)
    tab.goto(f"{path.as_uri()}{address}")
    return tab, trouble


def commit(tab: Any, answer: int = 0) -> None:
    """Answer every prediction."""
    for section in tab.query_selector_all(".predict"):
        section.query_selector_all("input")[answer].check()
        section.query_selector(".commit").click()


@pytest.mark.parametrize("name", NAMES)
def test_the_browser_computes_what_python_does(name: str, browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages[name])
    for formula in lesson(name).formulas:
        arguments = settings(name, formula)
        rows = np.stack(arguments, 1).tolist()
        text = tab.evaluate(
            f"rows => JSON.stringify(rows.map((row) => formulas.{formula}(...row)), (key, x) =>"
            " typeof x === 'number' && !Number.isFinite(x) ? String(x) : x)",
            rows,
        )
        found = [row if isinstance(row, list) else [row] for row in json.loads(text)]
        assert not differs(np.array(found, dtype=float).T, expected(name, formula, arguments)), formula
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_prediction_comes_before_the_picture(name: str, width: int, browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages[name], viewport={"width": width, "height": 800}, color_scheme="dark")
    canvas = tab.query_selector(".panel canvas")
    assert not canvas.is_visible()
    assert tab.query_selector(".predict .commit").is_disabled()
    assert not tab.query_selector(".answer").is_visible()
    later = tab.query_selector_all(".panel.later")
    assert all(not panel.is_visible() for panel in later)
    commit(tab)
    assert canvas.is_visible()
    assert all(panel.is_visible() for panel in later)
    assert all(answer.is_visible() for answer in tab.query_selector_all(".answer"))
    assert all("✓" in section.inner_text() for section in tab.query_selector_all(".predict"))
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_of_the_text_draws_and_says_its_phase(name: str, browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages[name])
    commit(tab)
    said = set()
    for button in tab.query_selector_all("button.set"):
        button.click()
        said.add(tab.query_selector(".phase").inner_text())
        assert "NaN" not in tab.query_selector("#figure").inner_text()
    assert len(said) >= 3
    assert "" not in said
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
def test_keys_move_start_sliders_and_steps(name: str, browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages[name])
    commit(tab)
    moved = "before => JSON.stringify([state.x0, state.y0]) !== before"
    before = tab.evaluate("JSON.stringify([state.x0, state.y0])")
    tab.focus(".panel canvas[tabindex]")
    tab.keyboard.press("Shift+ArrowLeft")
    tab.wait_for_function(moved, arg=before)
    for control in lesson(name).controls:
        before = tab.evaluate(f"state.{control.name}")
        key = "ArrowLeft" if before > 0.9 * control.high else "ArrowRight"
        tab.focus(f"#c-{control.name}")
        for _ in range(3):  # each press reaches another value
            tab.keyboard.press(key)
            tab.wait_for_function(f"before => state.{control.name} !== before", arg=before)
            before = tab.evaluate(f"state.{control.name}")
    tab.focus(".steps .first")
    tab.keyboard.press("Enter")
    tab.wait_for_function("state.t === 0")
    tab.focus(".steps .forward")
    tab.keyboard.press("Enter")
    tab.wait_for_function("state.t === 1")
    tab.wait_for_timeout(300)  # the address follows
    setting, address = tab.evaluate("Object.entries(state)"), tab.evaluate("location.hash")
    other, _ = visit(browser, pages[name], address)
    for (name, value), (_, there) in zip(setting, other.evaluate("Object.entries(state)"), strict=True):
        assert there == (value if isinstance(value, str) else pytest.approx(value, rel=1e-5)), name
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
def test_exercises_tell_part_by_part(name: str, browser: Any, pages: dict[str, Path]) -> None:
    tab, trouble = visit(browser, pages[name])
    tab.fill("#student", "Ada")
    for exercise in lesson(name).exercises:
        if not isinstance(exercise, Exercise):
            continue
        numbers = numbers_of(exercise, "Ada")
        stem = f"#{exercise.id.replace('.', '-')}"
        for key, part in zip(exercise.keys, exercise.parts, strict=True):
            tab.fill(f"{stem}-{key}", part.formula or shown(float(part.answer(*numbers.values()))))  # type: ignore[misc]
        tab.fill(f"{stem}-a", "12345678")
        tab.press(f"{stem}-a", "Enter")
        verdicts = [tab.get_attribute(f"{stem}-{key}-verdict", "class") for key in exercise.keys]
        assert verdicts == ["verdict wrong", *["verdict right"] * (len(exercise.keys) - 1)]
    for section in tab.query_selector_all(".exercise"):
        hint, solution = section.query_selector_all("button")[-2:]
        hint.click()
        solution.click()
        assert "Solution" in section.query_selector_all(".shown")[1].inner_text()
        assert "[[" not in section.inner_text()
    assert not trouble


@pytest.mark.parametrize("name", NAMES)
def test_answers_saved_on_the_page_are_graded(name: str, browser: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    from optdyn.lessons.grading import graded

    tab, _ = visit(browser, pages[name])
    tab.fill("#student", "Ada")
    first = next(entry for entry in lesson(name).exercises if isinstance(entry, Exercise) and entry.parts[0].answer)
    assert first.parts[0].answer
    value = float(first.parts[0].answer(*numbers_of(first, "Ada").values()))
    tab.fill(f"#{first.id.replace('.', '-')}-a", f"{value!r}")
    with tab.expect_download() as download:
        tab.click("text=Save my answers")
    download.value.save_as(tmp_path / download.value.suggested_filename)
    assert download.value.suggested_filename == f"{name}-Ada.json"
    rows, unread = graded(tmp_path.glob("*.json"))
    assert not unread
    assert {(row["exercise"], row["part"]) for row in rows if row["verdict"] == "right"} == {(first.id, "a")}


@pytest.mark.parametrize("name", NAMES)
def test_print_opens_everything(name: str, browser: Any, pages: dict[str, Path]) -> None:
    tab, _ = visit(browser, pages[name])
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(tab.evaluate("[...document.querySelectorAll('details.step')].map((step) => step.open)"))
    assert tab.query_selector(".panel canvas").is_visible()
    assert all(answer.is_visible() for answer in tab.query_selector_all(".answer"))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_small(name: str, pages: dict[str, Path]) -> None:
    assert pages[name].stat().st_size <= 1_500_000
