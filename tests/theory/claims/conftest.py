"""What tests of claims share."""

import functools
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tests.once import once
from theory.claims import Evidence, Verdict, claim
from theory.claims.certificates.files import contents

Found = Callable[[str], tuple[Evidence, dict[str, Any] | None]]


@pytest.fixture(scope="session")
def found() -> Found:
    """`found("arsg.fast_form")`: the evidence of a quick check with seed 0, and the certificates of a proof; once."""

    def checked(claim_id: str) -> bytes:
        evidence = claim(claim_id).check(level="quick", rng=0)
        proved = evidence.verdict is Verdict.PROVED
        return pickle.dumps((evidence, contents(claim(claim_id), evidence) if proved else None))

    return functools.cache(lambda claim_id: pickle.loads(once(claim_id, lambda: checked(claim_id))))


@pytest.fixture(scope="session")
def quick(found) -> Callable[[str], Evidence]:
    """`quick("arsg.fast_form")`: the evidence of a quick check with seed 0."""
    return lambda claim_id: found(claim_id)[0]


@pytest.fixture(scope="session")
def certificates(found) -> Callable[[str], dict[str, Any]]:
    """`certificates("arsg.fast_form")`: what the file of a proved claim holds."""
    return lambda claim_id: found(claim_id)[1]
