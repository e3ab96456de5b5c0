"""Canonical forms that are kept: whatever a user may have changed since is seen."""

from typing import NamedTuple

import numpy as np
import pytest

from dynamics import Adam, GradientDescent, HeavyBall, Stop, TrustRegion, cosine, simulate
from dynamics.protocol import kept
from dynamics.protocol.canonical import canonical
from dynamics.protocol.kept import beside, form_of
from dynamics.protocol.trees import arrays_in, with_arrays
from synthetic import carmon, linear_net, quadratic, rosenbrock
from synthetic.quadratics.quadratic_forms import Quadratic


class Rows(NamedTuple):
    """A problem's data with a check that reads a table which is not part of it."""

    data: np.ndarray
    work: np.ndarray

    def check(self):
        if ALLOWED["most"] < len(self.data):
            raise ValueError("too many")


class Level(NamedTuple):
    """The same without an array."""

    size: int = 3

    def check(self):
        if ALLOWED["most"] < self.size:
            raise ValueError("too many")


ALLOWED = {"most": 3}


def full(**changes):
    """A quadratic whose Hessian is a matrix."""
    made = quadratic(eigenvalues=[1.0, 0.5], rotation=[[0.6, 0.8], [-0.8, 0.6]])
    assert isinstance(made, Quadratic)
    return made._replace(**changes)


@pytest.mark.parametrize("thing", [GradientDescent(0.1), Adam(cosine(0.1, horizon=5)), TrustRegion(), full(), Stop()])
def test_a_form_is_made_once_and_is_its_own_form(thing):
    form = canonical(thing)
    assert canonical(thing) is form
    assert canonical(form) is form
    assert all(type(one) is type(other) for one, other in zip(form, canonical(form._replace()), strict=True))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_written_into_an_array_later_is_refused(bad):
    problem = full()
    canonical(problem)
    problem.eigenvalues[1] = bad
    with pytest.raises(ValueError, match=r"Quadratic\.eigenvalues has NaN or infinity in it, the first at index 1"):
        canonical(problem)
    problem.eigenvalues[1] = 2.0
    assert canonical(problem).eigenvalues is problem.eigenvalues


def test_scratch_may_hold_anything():
    problem = carmon(samples=20, dimension=3, batch_size=5, rng=0)
    form = canonical(problem)
    problem.work.sums[:] = np.nan
    assert canonical(problem) is form


def test_the_own_check_of_a_class_sees_what_was_written():
    problem = full()
    canonical(problem)
    problem.matrix[0, 1] += 1.0
    with pytest.raises(ValueError, match="not symmetric"):
        canonical(problem)


def test_what_a_check_refuses_it_refuses_again_until_it_is_mended():
    problem = full()
    canonical(problem)
    problem.matrix[0, 1] += 1.0
    for _ in range(3):
        with pytest.raises(ValueError, match="not symmetric"):
            canonical(problem)
    problem.matrix[1, 0] += 1.0
    assert canonical(problem).matrix is problem.matrix


def test_numbers_of_a_long_array_are_looked_at_each_time():
    problem = quadratic(eigenvalues=np.linspace(1.0, 2.0, kept.SHORT))
    canonical(problem)
    for place in (0, -1):
        problem.eigenvalues[place] = np.nan
        for _ in range(2):
            with pytest.raises(ValueError, match="NaN or infinity"):
                canonical(problem)
        problem.eigenvalues[place] = 1.0
        canonical(problem)


def test_a_check_of_shapes_reads_nothing_else():
    things = [
        carmon(samples=20, dimension=3, batch_size=5, rng=0),
        carmon(samples=20, dimension=3, batch_size=5, rng=0).data,
        quadratic(eigenvalues=[1.0, 2.0], noise="samples", samples=20, batch_size=5, rng=0),
        linear_net(maker="svd", condition_number=10.0, reduction="mean", form="reduced", rng=0),
        linear_net(maker="svd", condition_number=10.0, form="samples", rng=0),
        rosenbrock(3),
        quadratic(eigenvalues=[1.0, 2.0]),
    ]
    assert len({type(thing) for thing in things}) == len(things)
    for thing in things:
        assert type(thing).check.of_shapes
        with_arrays(thing, (np.full_like(array, -7) for array in arrays_in(thing))).check()


@pytest.mark.parametrize("thing", [Rows(np.zeros(3), np.zeros(1)), Level()])
def test_the_own_check_of_a_users_class_is_asked_each_time(thing):
    canonical(thing)
    ALLOWED["most"] = 2
    try:
        with pytest.raises(ValueError, match="too many"):
            canonical(thing)
    finally:
        ALLOWED["most"] = 3


def test_an_array_of_another_shape_or_one_that_is_read_only_is_not_taken_for_what_it_was():
    problem = full()
    canonical(problem)
    problem.minimiser.flags.writeable = False
    assert canonical(problem).minimiser.flags.writeable  # machine code has no other
    problem.matrix.shape = (4, 1)
    with pytest.raises(ValueError, match=r"matrix has shape \(4, 1\)"):
        canonical(problem)


def test_an_array_whose_shape_or_type_was_changed_in_place_is_looked_at_anew():
    thing = Rows(np.zeros(2), np.zeros(1))
    form = canonical(thing)
    thing.data.shape = (2, 1)
    other = canonical(thing)
    assert other is not form
    thing.data.dtype = np.int64
    assert canonical(thing) is not other


def test_a_list_is_read_each_time():
    steps = [0.5, 0.25]
    method = GradientDescent(steps)
    assert canonical(method).step_size.initial == 0.5
    steps[0] = 0.125
    assert canonical(method).step_size.initial == 0.125
    assert canonical(GradientDescent((0.5, 0.25))).step_size.table.tolist() == [0.5, 0.25]


def test_whole_numbers_in_an_array_are_read_each_time():
    values = np.array([3, 2])
    method = GradientDescent(values)
    assert canonical(method).step_size.initial == 3.0
    values[0] = 4
    assert canonical(method).step_size.initial == 4.0


def test_few_forms_are_kept_and_no_large_ones():
    methods = [HeavyBall(0.1, beta=i / 1000) for i in range(200)]
    for method in methods:
        assert canonical(method).beta == method.beta
    assert len(kept._forms.everything()) <= kept.MOST
    assert form_of(methods[0]) is None
    large = Rows(np.zeros(3), np.zeros(kept.LARGEST // 8))
    assert beside(canonical(large)) is None
    assert beside(canonical(methods[0])).everything() == {}


def test_a_form_stays_that_is_asked_for_however_many_others_come():
    problem = full()
    form, its = canonical(problem), beside(canonical(problem))
    its["asked"] = 1
    its["once"] = 2
    for i in range(5 * kept.MOST):
        canonical(HeavyBall(0.1, beta=i / 1000))
        its.make_room()
        its[i] = 3
        assert its["asked"] == 1
        assert canonical(problem) is form
        assert beside(form) is its
    assert its["once"] is None
    assert len(its.everything()) <= kept.MOST


def test_things_that_are_equal_have_forms_of_their_own():
    zero, minus = HeavyBall(0.1, beta=0.0), HeavyBall(0.1, beta=-0.0)
    assert zero == minus
    assert [np.signbit(canonical(method).beta) for method in (zero, minus, zero)] == [False, True, False]


def test_a_run_sees_what_was_written_to_its_problem():
    problem, method = full(), GradientDescent(0.1)
    simulate(method, problem, steps=3)
    problem.matrix[...] *= 0.5
    problem.start[0] = 7.0
    again, fresh = (
        simulate(method, each, steps=3) for each in (problem, Quadratic(*(array.copy() for array in problem)))
    )
    assert again.loss.tobytes() == fresh.loss.tobytes()
    assert again.state.point.x.tobytes() == fresh.state.point.x.tobytes()
    problem.start[0] = np.nan
    with pytest.raises(ValueError, match="start has NaN"):
        simulate(method, problem, steps=3)
