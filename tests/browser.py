"""A headless browser, where there is one: `python -m tests.browser` says which."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


class NoBrowser(Exception):
    """Why there is none."""


@contextmanager
def opened() -> Iterator[Any]:
    """The Chromium of the system, or else playwright's own.

    Raises
    ------
    NoBrowser
        If there is no Chromium, or no playwright to drive it.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise NoBrowser("playwright is not installed: it is in the group dev.") from None
    with sync_playwright() as play:
        try:
            browser = play.chromium.launch(executable_path=next(filter(None, map(shutil.which, NAMES)), None))
        except Error as error:
            raise NoBrowser(f"Chromium does not start: install it, on the path. {str(error).splitlines()[0]}") from None
        yield browser
        browser.close()


if __name__ == "__main__":
    try:
        with opened() as found:
            print(f"Chromium {found.version}")
    except NoBrowser as reason:
        raise SystemExit(str(reason)) from None
