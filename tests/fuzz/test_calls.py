"""Every public constructor, factory and function, with anything where an argument belongs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.calls import ends_well
from tests.fuzz.targets import PARTS, targets
from tests.fuzz.zoo import ZOO

MEMORY = 1e7  # bytes that this machine is taken to have: sizes that nobody checks show at once
CALM = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
# Counts of steps have no end, and these two have no memory to run out of.
ENDLESS = {("dynamics.simulate", "steps"), ("dynamics.search_step_size", "steps")}


@pytest.fixture(autouse=True)
def little_memory(monkeypatch):
    monkeypatch.setattr("dynamics.checks._memory", lambda: MEMORY)


def calls(parts):
    """Targets, and one or two of their arguments with what is to stand there."""
    chosen = [target for part in parts for target in targets(part) if target.names]
    names = st.sampled_from(sorted(ZOO))
    return st.sampled_from(chosen).flatmap(
        lambda target: st.tuples(
            st.just(target), st.dictionaries(st.sampled_from(target.names), names, min_size=1, max_size=2)
        )
    )


@settings(max_examples=250, derandomize=True, **CALM)
@given(data=st.data())
@pytest.mark.parametrize("part", ["theory", "claims"])
def test_a_call_ends_in_a_result_or_a_refusal(part, data):
    target, replaced = data.draw(calls([part]))
    if not ENDLESS & {(target.name, name) for name in replaced}:
        ends_well(target, replaced)


@pytest.mark.slow
@pytest.mark.parametrize("part", sorted(PARTS))
def test_each_argument_as_everything(part):
    """Each argument of each target in turn, as each entry of the zoo."""
    for target in targets(part):
        for name in target.names:
            for label in ZOO:
                if (target.name, name) not in ENDLESS:
                    ends_well(target, {name: label})


@pytest.mark.slow
@settings(max_examples=20_000, **CALM)
@given(data=st.data())
@pytest.mark.parametrize("part", sorted(set(PARTS) - {"plots"}))
def test_pairs_of_arguments(part, data):
    test_a_call_ends_in_a_result_or_a_refusal.hypothesis.inner_test(part, data)
