"""Machine code beside plain Python, runs in lanes beside single ones: `pytest -m slow`, some minutes."""

import pytest
from modern_methods.invariances import LAWS

from dynamics import check_method

ALONE = ("Muon", "Shampoo", "SOAP", "schedule-free", "Polyak", "L-BFGS", "conjugate")  # without lanes


@pytest.mark.slow
@pytest.mark.parametrize("name", LAWS)
def test_an_examination_finds_nothing_wrong(name):
    report = check_method(LAWS[name].make())
    assert report, str(report)
    assert "plain Python against machine code" in str(report)
    assert ("runs in lanes" in str(report)) != name.startswith(ALONE)
