"""Runs without machine code where compilation is not the point."""

import pytest

from dynamics import runs_as_python


@pytest.fixture
def plainly():
    """Runs go as plain Python."""
    with runs_as_python():
        yield


@pytest.fixture(autouse=True)
def _examples_run_plainly(request):
    """Examples of docstrings run as plain Python too."""
    if isinstance(request.node, pytest.DoctestItem):
        request.getfixturevalue("plainly")
