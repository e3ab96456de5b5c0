"""A headless browser, where there is one."""

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PLAYWRIGHT = importlib.util.find_spec("playwright")
needs_browser = pytest.mark.skipif(
    PLAYWRIGHT is None or CHROMIUM is None, reason="pages are not opened: install playwright, and Chromium on the path."
)


@contextmanager
def opened() -> Iterator[Any]:
    """Chromium, through playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()
