"""Where runs of one pair begin, worked out once: no run sees another, and what may differ is asked anew."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pytest

from dynamics import (
    SGD,
    Adam,
    GaussNewton,
    GradientDescent,
    Stop,
    TrustRegion,
    cosine,
    implements,
    new_memory,
    simulate,
    update,
)
from dynamics.kernels.generic import MissingImplementation
from dynamics.protocol.canonical import canonical
from dynamics.protocol.compatibility import check_pair
from dynamics.protocol.kept import MOST, beside
from dynamics.protocol.oracle import value_and_gradient
from dynamics.protocol.trees import arrays_in
from dynamics.runs import beginnings
from synthetic import carmon, drop_wave, quadratic
from tests.dynamics.problems import Bowl

PLAIN = quadratic(eigenvalues=[1.0, 0.1])
DROPS = drop_wave()
SUMS = carmon(samples=20, dimension=3, batch_size=5, rng=0)


class Counted(NamedTuple):
    """Gradient descent whose memory is made by a function that counts its calls."""

    step_size: float = 0.1


class Count(NamedTuple):
    made: np.ndarray


CALLS = [0.0]


@implements(new_memory, Counted)
def _(method, dimension):
    CALLS[0] += 1.0
    return Count(np.array([CALLS[0]]))


@implements(update, Counted)
def _(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        point.x[j] -= method.step_size * point.gradient[j]


def arrays_of(run):
    return [*arrays_in(run.state), *run.records]


@pytest.mark.parametrize(("method", "problem"), [(Adam(0.1), PLAIN), (SGD(0.1), SUMS), (TrustRegion(), SUMS)])
def test_no_run_shares_memory_with_another(method, problem):
    first, second = (simulate(method, problem, steps=2, rng=0, record_iterates=True) for _ in range(2))
    before = [array.tobytes() for array in arrays_of(second)]
    assert [array.tobytes() for array in arrays_of(first)] == before
    for array in arrays_of(first):
        array[...] = 77
        assert not any(np.shares_memory(array, other) for other in arrays_of(second))
    third = simulate(method, problem, steps=2, rng=0, record_iterates=True)
    assert [array.tobytes() for array in arrays_of(third)] == before


def test_a_pair_is_checked_once_and_again_when_a_kernel_comes(monkeypatch):
    checked = []
    monkeypatch.setattr(beginnings, "check_pair", lambda *pair: checked.append(pair) or check_pair(*pair))
    method, problem = GradientDescent(0.1), quadratic(eigenvalues=[1.0, 0.1])
    for _ in range(3):
        simulate(method, problem, steps=1)
    assert len(checked) == 1
    implements(value_and_gradient, type(problem))(value_and_gradient.table[type(problem)])
    simulate(method, problem, steps=1)
    assert len(checked) == 2


def test_a_pair_that_lacks_a_kernel_is_refused_each_time():
    for _ in range(2):
        with pytest.raises(MissingImplementation, match="GaussNewton needs gauss_newton_product of DropWave"):
            simulate(GaussNewton(), DROPS, steps=1)


def test_a_users_memory_is_made_once_a_run():
    method, problem = Counted(), quadratic(eigenvalues=[1.0, 0.1])
    begun = [simulate(method, problem, steps=1).state.memory.made[0] for _ in range(3)]
    assert np.diff(begun).tolist() == [1.0, 1.0]
    simulate(Adam(0.1), problem, steps=1)
    stays = {type(kept.method).__name__: kept.stays for kept in beside(canonical(problem)).everything().values()}
    assert stays == {"Counted": False, "Adam": True}


def test_runs_from_other_starts_with_other_paces_and_tolerances_are_those_of_a_new_pair():
    method, problem = Adam(0.1), quadratic(eigenvalues=[1.0, 0.1])
    wishes = [
        {"x0": [3.0, -1.0]},
        {"record_every": 3},
        {"record_iterates": True},
        {"stop": Stop(gradient_norm=1.0)},
        {"stop": Stop(iterate_change=0.5)},
        {"x0": np.array([0.5, 0.5]), "steps": 4},
        {},
    ]
    for wish in wishes:
        asked = {"steps": 7, **wish}
        ours = simulate(method, problem, **asked)
        fresh = simulate(Adam(0.1), quadratic(eigenvalues=[1.0, 0.1]), **asked)
        assert ours.status is fresh.status
        assert [a.tobytes() for a in arrays_of(ours)] == [a.tobytes() for a in arrays_of(fresh)]


def test_a_start_of_another_dimension_begins_elsewhere():
    method, problem = GradientDescent(0.1), Bowl(np.ones(2))
    for x0 in ([1.0, 2.0], [1.0, 2.0, 3.0], [1.0, 2.0]):
        problem = problem._replace(**{problem._fields[0]: np.ones(len(x0))})
        assert simulate(method, problem, steps=2, x0=x0).x.shape == (len(x0),)


def test_methods_that_differ_in_floats_begin_alike_where_no_memory_hangs_on_them():
    problem = quadratic(eigenvalues=[1.0, 0.1])
    for step in (0.1, 0.2, cosine(0.3, horizon=4)):
        ours = simulate(Adam(step), problem, steps=5)
        assert ours.x.tobytes() == simulate(Adam(step), quadratic(eigenvalues=[1.0, 0.1]), steps=5).x.tobytes()
        assert ours.inner.method.step_size.initial == (step if isinstance(step, float) else 0.3)
    assert len({id(kept.room) for kept in beside(canonical(problem)).everything().values()}) == 1
    radii = [simulate(TrustRegion(radius=radius), problem, steps=0).state.memory.radius[0] for radius in (1.0, 0.25)]
    assert radii == [1.0, 0.25]
    for i in range(3 * MOST):
        simulate(TrustRegion(radius=1.0 + i / 100), problem, steps=0)
    assert len(beside(canonical(problem)).everything()) <= MOST


def test_threads_share_a_beginning_and_nothing_else():
    method = SGD(0.1)
    alone = [simulate(method, SUMS, steps=30, rng=seed).x.tobytes() for seed in range(4)]
    with ThreadPoolExecutor(4) as threads:
        runs = list(threads.map(lambda seed: simulate(method, SUMS, steps=30, rng=seed % 4), range(40)))
    assert [run.x.tobytes() for run in runs] == [alone[i % 4] for i in range(40)]
