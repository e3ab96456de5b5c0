"""What all tests share."""

import os

import pytest

from tests import once
from tests.browser import NoBrowser, opened


def pytest_configure(config):
    """Where workers share the cores, linear algebra has one thread in each: those that wait take others' time."""
    if getattr(config.option, "numprocesses", None):
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def results_of_all_workers(tmp_path_factory):
    """Where workers leave what another one may need: the folder above their own, as pytest-xdist lays them out."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        once.FOLDER = tmp_path_factory.getbasetemp().parent
    yield
    once.FOLDER = None


@pytest.fixture(scope="module")
def browser():
    """Chromium; where there is none, pages are not opened."""
    try:
        with opened() as found:
            yield found
    except NoBrowser as reason:
        pytest.skip(f"pages are not opened. {reason}")
