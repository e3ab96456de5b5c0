"""What tests of claims share."""

import functools
from collections.abc import Callable

import pytest

from theory.claims import Evidence, claim


@pytest.fixture(scope="session")
def quick() -> Callable[[str], Evidence]:
    """`quick("arsg.fast_form")`: the evidence of a quick check with seed 0, computed once for all tests."""
    return functools.cache(lambda claim_id: claim(claim_id).check(level="quick", rng=0))
