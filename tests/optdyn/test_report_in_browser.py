"""The page in a browser: filters, counts, permalinks, keys and print."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optdyn.parts import Result
from optdyn.report import write_report
from tests.optdyn.test_report import moving

FOUND = {"verdict": "refuted", "trials": 3, "counterexample": {"x": 7.25}, "text": "At 7.25.", "data": {}}
ALL = ["figure-l4.lines", "figure-arsg.gone", "claim-l4.angle", "claim-l4.floor", "claim-arsg.rate"]


@pytest.fixture
def tab(browser: Any, fake: Any, tmp_path: Path) -> Iterator[Any]:
    """The page of two papers, in a browser that must not complain or ask a network."""
    made = [
        moving(fake, "l4.lines", tmp_path),
        (fake.figure("arsg.gone"), Result("failed", traceback="RuntimeError: no ink", seconds=1.0)),
        (fake.claim("l4.angle"), Result("done", {"evidence": fake.EVIDENCE, "recorded": "proved"}, verdict="proved")),
        (fake.claim("l4.floor"), Result("done", {"evidence": FOUND, "recorded": "refuted"}, verdict="refuted")),
        (fake.claim("arsg.rate"), Result("done", {"evidence": fake.EVIDENCE, "recorded": "proved"}, verdict="proved")),
    ]
    parts, results = [part for part, _ in made], {part.key: result for part, result in made}
    path = write_report(parts, results, tmp_path, command="optdyn reproduce")
    tab = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    trouble: list[str] = []
    tab.on("console", lambda message: trouble.append(message.text))
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("request", lambda request: trouble.append(request.url) if not request.url.startswith("file:") else None)
    tab.address = path.as_uri()
    tab.goto(tab.address)
    yield tab
    assert trouble == []


def seen(tab: Any) -> list[str]:
    shown = "[...document.querySelectorAll('article')].filter((one) => one.checkVisibility()).map((one) => one.id)"
    return list(tab.evaluate(shown))


def test_words_papers_and_verdicts_filter_and_stand_in_the_address(tab: Any) -> None:
    assert sorted(seen(tab)) == sorted(ALL)
    tab.keyboard.press("/")
    tab.keyboard.type("angle FINGERS")
    assert seen(tab) == ["claim-l4.angle"]
    assert tab.inner_text("#found") == "1 of 5 shown"
    tab.keyboard.press("Control+a")
    tab.keyboard.press("Delete")
    tab.select_option("select", "l4")
    assert seen(tab) == ["figure-l4.lines", "claim-l4.angle", "claim-l4.floor"]
    assert [button.inner_text() for button in tab.query_selector_all(".shown button")] == [
        "figures 1", "proved 1", "refuted 1", "crashed 0",
    ]  # fmt: skip
    tab.click(".shown .refuted")
    assert seen(tab) == ["claim-l4.floor"]
    assert tab.url.endswith("#?paper=l4&show=refuted")
    tab.reload()
    assert seen(tab) == ["claim-l4.floor"]
    tab.fill("input", "nowhere")
    assert seen(tab) == []
    assert tab.is_visible(".nothing")
    tab.click("[type=reset]")
    assert len(seen(tab)) == 5


def test_a_count_shows_what_it_counts(tab: Any) -> None:
    for count in tab.query_selector_all(".overview tbody a[href^='#?']"):
        count.click()
        tab.wait_for_function("address => location.hash === address", arg=count.get_attribute("href"))
        assert len(seen(tab)) == int(count.inner_text())


def test_a_permalink_opens_its_part_through_filters(tab: Any) -> None:
    tab.select_option("select", "arsg")
    tab.evaluate("location.hash = '#claim-l4.floor'")
    tab.wait_for_function("document.activeElement.closest('article')?.id === 'claim-l4.floor'")
    assert tab.is_visible("text=At 7.25.")
    assert tab.is_visible("#claim-l4\\.floor dd:text-is('7.25')")
    assert not tab.is_visible("#claim-l4\\.angle .body")


def test_a_film_plays_when_asked(tab: Any) -> None:
    image = tab.query_selector("#figure-l4\\.lines img")
    tab.focus("#figure-l4\\.lines .film button")
    for ending in ("gif", "png"):
        tab.keyboard.press("Enter")
        assert image.get_attribute("src").endswith(ending)


def test_print_has_everything_open_and_no_controls(tab: Any) -> None:
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not tab.is_visible("form")
    assert all(details.get_attribute("open") is not None for details in tab.query_selector_all("details"))
    assert tab.is_visible("#claim-l4\\.floor dd:text-is('7.25')")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.get_attribute("#claim-l4\\.floor > details", "open") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_page_does_not_scroll_sideways_and_is_readable_in_the_dark(tab: Any, scheme: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    tab.click("#unfold")
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    style = "getComputedStyle(document.body)"
    ground, text = (tab.evaluate(f"{style}.{name}") for name in ("backgroundColor", "color"))
    lightness = [sum(map(int, color[4:-1].split(","))) for color in (ground, text)]
    assert (lightness[0] < lightness[1]) == (scheme == "dark")
    assert abs(lightness[0] - lightness[1]) > 500
    assert tab.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
