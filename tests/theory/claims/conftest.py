"""What tests of claims share."""

import functools
import pickle
from collections.abc import Callable

import pytest

from tests.once import once
from theory.claims import Evidence, claim


@pytest.fixture(scope="session")
def quick() -> Callable[[str], Evidence]:
    """`quick("arsg.fast_form")`: the evidence of a quick check with seed 0, computed once for all tests."""

    def evidence(claim_id: str) -> Evidence:
        return claim(claim_id).check(level="quick", rng=0)

    return functools.cache(lambda claim_id: pickle.loads(once(claim_id, lambda: pickle.dumps(evidence(claim_id)))))
