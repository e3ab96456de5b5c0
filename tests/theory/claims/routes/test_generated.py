"""Generated cases: found, shrunk, reproducible, and void where they break a hypothesis."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import strategies

from theory.claims.routes import generated
from theory.claims.routes.generated import find_case

WEIGHTS = strategies.lists(strategies.fractions(0, 1, max_denominator=8).filter(lambda beta: beta < 1), min_size=1)


def forms_differ(betas):
    """Whether the momentum of ARSG (3) and its fast form (4) part, for gradients that are 1."""
    momentum, fast = Fraction(0), Fraction(0)
    for beta in betas:
        momentum, fast = beta * momentum + (1 - beta), beta * fast + 1
    return momentum != (1 - betas[-1]) * fast


def test_the_fast_form_holds_for_constant_weights_only():
    free = find_case(WEIGHTS, forms_differ, rng=np.random.default_rng(0))
    assert len(free.case) == 2
    assert free.case[0] != free.case[1]
    assert forms_differ(free.case)
    constant = find_case(
        WEIGHTS, forms_differ, rng=np.random.default_rng(0), admissible=lambda betas: len(set(betas)) == 1, examples=300
    )
    assert constant.case is None
    assert constant.trials > 20
    assert constant.void_trials > 20


def test_same_seed_same_search():
    first, again = (find_case(WEIGHTS, forms_differ, rng=np.random.default_rng(5)) for _ in range(2))
    assert first == again


def test_without_hypothesis_the_sentence_names_the_extra(monkeypatch):
    monkeypatch.setattr(generated.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"optdyn\[test\]"):
        find_case(WEIGHTS, forms_differ, rng=np.random.default_rng(0))
