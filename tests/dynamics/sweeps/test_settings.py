"""Settings as arrays: the same as an object for each, and as few objects as there are kinds of them."""

import json
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

from dynamics import RSG, SGD, Adam, HeavyBall, TrustRegion, implements, inverse_power, sweep, update
from dynamics.catalogue import methods
from dynamics.checks import Refusal
from dynamics.protocol.canonical import canonical
from dynamics.protocol.schedules import Schedule
from dynamics.runs import setup
from dynamics.sweeps.axes import Axis
from dynamics.sweeps.description import READABLE, axis_described, axis_from, axis_in_brief
from dynamics.sweeps.families import families
from dynamics.sweeps.pieces import iterations
from dynamics.sweeps.plan import planned
from dynamics.sweeps.settings import Grid, representatives, settings_of, terms_of
from synthetic import carmon, quadratic

NOISY, OTHER = (quadratic(eigenvalues=[1.0, least], noise=0.1) for least in (0.3, 0.1))
COMMON = {
    "seeds": (0, 1),
    "noise": "own",
    "x0": None,
    "record_every": None,
    "stop": None,
    "steps": 3,
}
PLANS = {
    "two axes": (RSG, NOISY, {"step_size": [0.1, 0.2, 0.5], "beta": [0.5, 0.9]}, {"mu": 0.3}),
    "off lanes": (SGD, carmon(rng=0), {"step_size": [0.1, 0.2, 0.5]}, {}),
    "every field of floats": (Adam, NOISY, {"eps": [1e-8, 1e-3], ("beta1", "beta2"): [(0.5, 0.9), (0.9, 0.99)]}, {}),
    "a schedule is fixed": (HeavyBall, NOISY, {"beta": [0.0, 0.9]}, {"step_size": inverse_power(0.1, power=0.5)}),
    "two problems": (RSG, [NOISY, OTHER], {"beta": [0.5, 0.9]}, {"step_size": 0.1}),
    "a problem that varies": (RSG, quadratic, {"noise": [0.1, 0.2], "beta": [0.5, 0.9]}, {"step_size": 0.1}),
}  # fmt: skip
FREE = {"two axes": 1, "off lanes": 1, "every field of floats": 1, "a schedule is fixed": 1, "two problems": 2,
        "a problem that varies": 2}  # fmt: skip


def plan_of(name):
    method, problem, over, fixed = PLANS[name]
    if problem is quadratic:
        fixed = fixed | {"eigenvalues": [1.0, 0.3]}
    fixed = fixed if "step_size" in over or "step_size" in fixed else fixed | {"step_size": 0.1}
    return planned(method, problem, over, fixed, **COMMON)


def members(found):
    """By setting what its runs are made of."""
    return {
        int(number): (family.on_lanes, family.numbers[i].tobytes(), family.keys[i].tolist(), type(family.first.method))
        for family in found
        for i, number in enumerate(family.settings)
    }


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("common_noise", [False, True])
def test_settings_as_arrays_are_those_made_one_by_one(name, common_noise):
    plan = plan_of(name)
    numbers = np.arange(plan.settings)[1:]  # as a block may have them
    grid, listed = settings_of(plan, numbers), plan.settings_of(numbers.tolist())
    assert isinstance(grid, Grid)
    assert len(representatives(grid)) == FREE[name]
    assert list(grid) == list(listed)
    assert [grid[number].method for number in grid] == [setup.method for setup in listed.values()]
    assert terms_of(grid).tolist() == terms_of(listed).tolist()
    given = {"common_noise": common_noise, "with_problem": plan.problem_varies}
    assert members(families(grid, **given)) == members(families(listed, **given))


def test_a_sweep_makes_no_object_for_each_setting(monkeypatch):
    made = []
    begun = setup.begun
    monkeypatch.setattr("dynamics.sweeps.plan.begun", lambda *args, **named: made.append(1) or begun(*args, **named))
    over = {"step_size": np.linspace(0.1, 0.5, 100), "beta": np.linspace(0.0, 0.9, 10)}
    plan = planned(RSG, NOISY, over, None, **COMMON)
    assert iterations(plan).tolist() == [0, 1, 2, 3]
    (family,) = families(settings_of(plan, np.arange(1000)), common_noise=False, with_problem=False)
    assert family.keys.shape[0] == len(np.unique(family.keys, axis=0)) == 1000
    assert len(made) == 2  # one for each look at them


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"step_size": [0.1, 0.2], "beta": [0.5, 1.5]}, r"step_size\[0\] = 0.1, beta\[1\] = 1.5: beta"),
        ({"beta": [0.5, 0.9], "step_size": [0.1, -0.2]}, r"beta\[0\] = 0.5, step_size\[1\] = -0.2: step_size"),
    ],
)
def test_the_first_setting_that_is_refused_is_named(over, words):
    with pytest.raises(ValueError, match=words):
        sweep(RSG, NOISY, over=over, steps=1)


def test_memories_that_differ_are_objects_of_their_own():
    plan = planned(TrustRegion, carmon(rng=0), {"radius": [0.5, 1.0]}, None, **COMMON)
    assert not isinstance(settings_of(plan, np.arange(2)), Grid)
    plan = planned(TrustRegion, carmon(rng=0), {"eta1": [0.1, 0.2]}, None, **COMMON)
    assert isinstance(settings_of(plan, np.arange(2)), Grid)


class Odd(NamedTuple):
    """A user's method that refuses a value between others."""

    step_size: float

    def check(self):
        if self.step_size == 0.2:
            raise Refusal("step_size = 0.2 is odd")


@implements(update, Odd)
def _(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        point.x[j] -= method.step_size * point.gradient[j]


def test_a_users_check_is_asked_of_each_setting():
    plan = planned(Odd, NOISY, {"step_size": [0.1, 0.3]}, None, **COMMON)
    assert isinstance(settings_of(plan, np.arange(2)), Grid)
    with pytest.raises(ValueError, match=r"at step_size\[1\] = 0.2: step_size = 0.2 is odd"):
        settings_of(planned(Odd, NOISY, {"step_size": [0.1, 0.2, 0.3]}, None, **COMMON), np.arange(3))


def accepted(method):
    try:
        canonical(method)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", methods())
def test_what_a_method_allows_of_its_floats_is_convex(name):
    """On which it rests that a box of floats is allowed where its corners are."""
    kind, rng = methods()[name], np.random.default_rng(0)
    first = kind() if set(kind._fields) == set(kind._field_defaults) else kind(0.1)
    done = canonical(first)
    free = [field for field in kind._fields if isinstance(getattr(done, field), float | Schedule)]
    values = [-1.0, 0.0, 0.1, 0.5, 0.9, 0.999, 1.0, 1.5, 2.0, 10.0]
    found = []
    while len(found) < 40:
        some = {field: float(rng.choice(values)) for field in free if rng.random() < 0.4}
        if accepted(first._replace(**some)):
            found.append({field: some.get(field, _number(getattr(done, field))) for field in free})
    for one, other in pairwise(found):
        between = {field: 0.5 * (one[field] + other[field]) for field in free}
        assert accepted(first._replace(**between)), (one, other)


def _number(value):
    return value.initial if isinstance(value, Schedule) else value


@pytest.mark.parametrize("values", [[0.5, 0.1], [0.5, np.inf], [np.float64(0.5), 2], ["a", 0.5]])
def test_an_axis_is_written_down_with_each_of_its_values(values):
    axis = Axis("x", ("x",), (("method", "x"),), [(value,) for value in values])
    assert read_back(axis_described(axis)) == axis


@pytest.mark.parametrize("last", [0.3, np.float64(0.3), np.inf, 1, "a"])
def test_a_long_axis_of_two_names_is_written_down_in_brief(last):
    count = READABLE + 1
    values = list(zip(np.geomspace(1e-3, 1.0, count), [*np.linspace(-1.0, 0.0, count - 1), last], strict=True))
    axis = Axis("x_y", ("x", "y"), (("method", "x"), ("method", "y")), values)
    told = axis_in_brief(axis)
    assert read_back(told) == axis
    assert isinstance(told["values"], dict) == (type(last) in (float, np.float64) and bool(np.isfinite(last)))


def read_back(told):
    """The axis that comes back from JSON, whose values are plain ones."""
    back = axis_from(json.loads(json.dumps(told, allow_nan=False)))
    assert all(type(value) in (float, int, str) for row in back.values for value in row)
    return back
