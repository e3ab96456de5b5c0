"""The cost of an update, from rounds that were measured: what is too short to be one gets no ratio."""

import pytest

from benchmarks import updates
from benchmarks.updates import IN_MEMORY, SIZES, Rounds, as_json, cost_of

LEAST = 1.0
SGD = Rounds(2, [2.0, 1.9, 2.1])


def test_a_cost_is_for_each_parameter_and_array_and_its_ratio_to_that_of_sgd():
    cost = cost_of("adam", IN_MEMORY, Rounds(4, [6.0, 5.6, 9.0]), SGD, [3.0, 7.0, 4.0], LEAST)
    assert cost.nanoseconds == pytest.approx(1e9 * 1.5 / (IN_MEMORY * SIZES[IN_MEMORY]))
    assert cost.over_sgd is not None
    assert cost.over_sgd.median == pytest.approx(1.5)
    assert cost.over_c is not None
    assert cost.over_c.median == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("own", "of_sgd"), [(Rounds(4, [6.0]), Rounds(2, [0.9])), (Rounds(4, [0.9]), Rounds(2, [2.0]))]
)
def test_there_is_no_ratio_where_a_time_is_too_short_for_memory(own, of_sgd):
    cost = cost_of("adam", IN_MEMORY, own, of_sgd, None, LEAST)
    assert cost.over_sgd is None
    assert as_json(cost)["over_sgd"] is None


def test_methods_are_measured_beside_one_that_stays_where_it_is(monkeypatch):
    # A clock that moves by 3 seconds a step of a method, by 1 a step of an idle one, and by 1 a step of NumPy's.
    def seconds(runner, steps):
        return 0.25 + runner * steps

    monkeypatch.setattr(updates, "seconds_of", seconds)
    monkeypatch.setattr(updates, "_moved", lambda parameters: 1.0)
    monkeypatch.setattr(updates, "_runner", lambda method, problem: 1.0 if isinstance(method, updates.Idle) else 3.0)
    monkeypatch.setattr(updates, "SIZES", {8: 10})
    sgd, adam = updates.costs(["adam"], rounds=3, sizes=[8])
    assert (sgd.method, adam.method) == ("sgd", "adam")
    assert sgd.nanoseconds == pytest.approx(1e9 * 2.0 / (8 * 2))
    assert adam.nanoseconds == pytest.approx(1e9 * 2.0 / (8 * 4))
    assert adam.over_sgd is not None
    assert adam.over_sgd.median == pytest.approx(0.5)
