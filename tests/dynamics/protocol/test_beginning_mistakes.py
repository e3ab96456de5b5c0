"""Mistakes in what users write to begin a run: told at their line, before anything runs, by runs and checks alike."""

import inspect
import operator
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np
import pytest

import dynamics
import optdyn
import plots
import synthetic
import theory
from dynamics import (
    GradientDescent,
    KernelError,
    Refusal,
    check_method,
    check_problem,
    ensemble,
    implements,
    initial_point,
    new_memory,
    simulate,
    update,
    value_and_gradient,
)
from dynamics.checks import KindRefusal
from dynamics.protocol.faults import is_users_file
from dynamics.runs import chunks
from synthetic import quadratic


def bowl(start):
    class Bowl(NamedTuple):
        scale: float = 1.0

    implements(initial_point, Bowl)(start)

    @implements(value_and_gradient, Bowl)
    def _(problem, x, out):
        out[:] = 2 * problem.scale * x
        return problem.scale * np.sum(x * x)

    return Bowl()


def of_no_field(problem):
    return np.ones(problem.size)


MISTAKES = [
    (
        lambda problem: 1.0,
        "initial_point of Bowl returns 1.0, and must return a vector, shape (d,) with d at least 1 (",
    ),
    (lambda problem: np.ones((2, 2)), "initial_point of Bowl returns an array of shape (2, 2), and must"),
    (lambda problem: np.ones(0), "and must return a vector"),
    (lambda problem: "ab", "initial_point of Bowl returns 'ab', and must return a vector"),
    (lambda problem: [[1.0], [1.0, 2.0]], "and must return a vector"),
    (of_no_field, "initial_point of Bowl fails when a run asks for it: AttributeError: Bowl has no field 'size'"),
]


@pytest.mark.parametrize(("start", "sentence"), MISTAKES)
def test_a_start_that_is_none_is_refused(start, sentence):
    problem = bowl(start)
    for act in (
        lambda: simulate(GradientDescent(0.1), problem, steps=1),
        lambda: simulate(GradientDescent(0.1), problem, steps=1, x0=[1.0]),
        lambda: ensemble([GradientDescent(0.1)], problem, steps=1, seeds=1),
        lambda: check_problem(problem),
    ):
        with pytest.raises(KernelError) as refused:
            act()
        assert sentence in str(refused.value)
        assert f"({__file__}, line " in str(refused.value)


@pytest.mark.parametrize("start", [[1.0, 2.0], (1, 2), np.array([1, 2])])
def test_numbers_in_a_row_are_a_start(start):
    run = simulate(GradientDescent(0.25), bowl(lambda problem: start), steps=1)
    assert run.x.tolist() == [0.5, 1.0]


def test_a_start_may_be_left_to_the_call():
    problem = bowl(lambda problem: None)
    with pytest.raises(Refusal, match="Bowl has no initial point of its own"):
        simulate(GradientDescent(0.25), problem, steps=1)
    assert simulate(GradientDescent(0.25), problem, steps=1, x0=[4.0]).x.tolist() == [2.0]


def follower(memory):
    class Follower(NamedTuple):
        step_size: float = 0.1

    implements(new_memory, Follower)(memory)

    @implements(update, Follower)
    def _(method, oracle, point, memory, k):
        for j in range(len(point.x)):
            point.x[j] -= method.step_size * point.gradient[j]

    return Follower()


def of_no_name(method, dimension):
    return np.zeros(dimensions)  # noqa: F821 -- the mistake


def test_a_memory_that_cant_be_made_is_told_at_its_line():
    method = follower(of_no_name)
    line = inspect.getsourcelines(of_no_name)[1] + 1
    what, where = "can't begin: NameError", "name 'dimensions' is not defined"
    with pytest.raises(KernelError) as refused:
        simulate(method, quadratic(eigenvalues=[1.0, 0.5]), steps=1)
    assert str(refused.value) == f"Follower on DiagonalQuadratic {what}: {where} ({__file__}, line {line})."
    assert str(check_method(method)).endswith(f"\n  Follower on Quiet {what} ({__file__}:{line}): {where}.")


class Checked(NamedTuple):
    step_size: float = 0.1

    def check(self):
        if self.step_size > self.most:
            raise ValueError("at most one")


def test_a_check_that_fails_by_itself_is_told_at_its_line():
    line = inspect.getsourcelines(Checked.check)[1] + 1
    with pytest.raises(KernelError) as refused:
        simulate(Checked(), quadratic(eigenvalues=[1.0, 0.5]), steps=1)
    what = "the check of Checked fails: AttributeError: Checked has no field 'most': it has step_size"
    assert str(refused.value) == f"{what} ({__file__}, line {line})."


class Wary(NamedTuple):
    step_size: float = 0.1

    def check(self):
        raise KindRefusal("none of the kind")


def test_what_a_check_refuses_in_our_words_stays_as_it_is():
    with pytest.raises(KindRefusal, match=r"^none of the kind$"):
        simulate(Wary(), quadratic(eigenvalues=[1.0, 0.5]), steps=1)


def test_an_error_that_arose_in_no_line_of_a_user_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(Wary, "check", operator.attrgetter("gone"))  # which is written in C, and wants an argument
    with pytest.raises(TypeError) as raised:
        simulate(Wary(), quadratic(eigenvalues=[1.0, 0.5]), steps=1)
    assert type(raised.value) is TypeError


@pytest.mark.parametrize("package", [dynamics, optdyn, plots, synthetic, theory, np, numba])
def test_no_line_of_ours_or_of_a_library_is_called_a_users(package):
    folder = Path(package.__file__).parent
    assert not is_users_file(str(folder / "deep" / "file.py"))
    assert is_users_file(str(folder.with_name(f"{folder.name}_of_mine") / "file.py"))


def test_what_a_user_refuses_stays_as_it_is():
    def refuse(method, dimension):
        raise ValueError("three dimensions or more")

    with pytest.raises(ValueError, match=r"^three dimensions or more$"):
        simulate(follower(refuse), quadratic(eigenvalues=[1.0, 0.5]), steps=1)


def test_a_status_that_nobody_gives_is_told(monkeypatch):
    monkeypatch.setattr(chunks, "_STATUS", {})
    with pytest.raises(
        KernelError, match="a kernel of GradientDescent on DiagonalQuadratic has written beyond the end"
    ):
        simulate(GradientDescent(0.1), quadratic(eigenvalues=[1.0, 0.5]), steps=1)


def adds(problem, x, out):
    for j in range(len(x)):
        out[j] += 2.0 * x[j]
    return np.sum(x * x)


def forgets(problem, x, out):
    out[0] = 2.0 * x[0]
    return x[0] ** 2


@pytest.mark.parametrize(("body", "entry"), [(adds, 0), (forgets, 1)])
def test_what_stood_in_out_before_is_no_gradient(body, entry):
    class Bowl(NamedTuple):
        scale: float = 1.0

    implements(value_and_gradient, Bowl)(body)
    line = inspect.getsourcelines(body)[1]
    words = f"leaves in out[{entry}] what stood there before, or adds to it"
    with pytest.raises(KernelError) as refused:
        simulate(GradientDescent(0.1), Bowl(), steps=1, x0=[1.0, 2.0])
    assert f"{words} ({__file__}, line {line}): write each entry" in str(refused.value)
    report = check_problem(Bowl(), x0=[1.0, 2.0])
    assert words in str(report)
    assert not report
