"""Several methods in one run, and `optdyn check`."""

import textwrap

import pytest

from dynamics import Adam, GradientDescent, HeavyBall
from dynamics.kernels.policy import runs_as_python
from optdyn.refusals import BadInput
from optdyn.several import drawn, end_of, plans
from plots.comparison import run_all


def test_each_method_gets_the_settings_that_it_has():
    settings = ["step_size=0.1", "beta=0.8", "hb.step_size=0.2", "adam.eps=0", "dimension=3"]
    made = plans("rosenbrock", ["gd", "HB", "adam"], [s.replace("hb.", "heavy-ball.") for s in settings], seed=0)
    assert [plan.method for plan in made] == [GradientDescent(0.1), HeavyBall(0.2, beta=0.8), Adam(0.1, eps=0)]
    assert made[0].problem.start.size == 3


@pytest.mark.parametrize(
    ("methods", "settings", "sentence"),
    [
        (["gd", "gradient-descent"], [], "a method is named twice"),
        (["gd", "adam"], ["bta=1"], "unknown parameter 'bta'"),
        (["gd", "adam"], ["step_size=1", "step_size=2"], "gives step_size twice"),
        (["gd", "adam"], ["step_size"], "is no setting"),
        (["gd", "adm"], [], "unknown method 'adm'; did you mean 'adam'"),
    ],
)
def test_bad_input(methods, settings, sentence):
    with pytest.raises((BadInput, ValueError), match=sentence):
        plans("rosenbrock", methods, settings, seed=0)


def test_the_picture_and_the_table(tmp_path):
    made = plans("quadratic", ["gd", "hb"], ["step_size=0.5"], seed=0)
    with runs_as_python():
        seen = run_all(made[0].problem, {plan.method_name: plan.method for plan in made}, steps=4, x0=[1.0, 1.0])
        drawn(seen, tmp_path / "paths.svg")
    text = (tmp_path / "paths.svg").read_text()
    assert "heavy-ball: HeavyBall(step_size=0.5)" in text
    assert "4 steps, seed 0" in text
    name, ended, loss, norm, cost = end_of("gd", seen.runs["gradient-descent"][0])
    assert (name, ended, cost) == ("gd", "MAX_ITERATIONS at 4", "4")
    assert float(loss) > 0 < float(norm)


def test_one_run_in_files_is_for_one_method(optdyn):
    result = optdyn("run", "rosenbrock", "gd", "adam", "--out", "run.npz")
    assert result.exit_code == 2
    assert "are for one method" in result.output


OWN = """
from typing import NamedTuple
import numpy as np
from dynamics import implements, update, value_and_gradient

class Valley(NamedTuple):
    scale: float = 2.0

@implements(value_and_gradient, Valley)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += 0.5 * problem.scale * x[j] * x[j]
        out[j] = problem.scale * x[j] * x[j]  # line 14
    return total

class Lion(NamedTuple):
    step_size: float

@implements(update, Lion)
def _(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        point.x[j] -= method.step_size * point.gradient[j]
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = f"lab_{tmp_path.name}.py"  # a module of its own for each test
    (tmp_path / file).write_text(textwrap.dedent(OWN))
    return file


def test_a_check_says_the_line(optdyn, own):
    result = optdyn("check", f"{own}:Lion", f"{own}:Valley", "--plain", "--x0", "1,2")
    assert result.exit_code == 1
    assert "Lion: nothing wrong" in result.output
    assert "Valley: 1 thing wrong" in result.output
    assert f"{own}:14)" in result.output.replace("\n", "")


def test_a_check_of_what_is_sound(optdyn, own):
    result = optdyn("check", "himmelblau", f"{own}:Lion", "--set", "step_size=0.2", "--plain")
    assert result.exit_code == 0
    assert "Himmelblau: nothing wrong" in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("{own}:Valley", "--plain"), "give x0"),
        (("{own}:Valey", "--plain"), "did you mean 'Valley'"),
        (("rosenbrok",), "unknown method or problem 'rosenbrok'; did you mean 'rosenbrock'"),
        (("{own}:Lion", "--set", "beta=3"), "unknown parameter 'beta'"),
        (("{own}:Valley", "--x0", "a"), "--x0 a is no vector"),
    ],
)
def test_a_check_refuses_in_one_sentence(optdyn, own, arguments, sentence):
    result = optdyn("check", *(argument.format(own=own) for argument in arguments))
    assert result.exit_code == 2
    assert sentence in result.output


@pytest.mark.parametrize("name", ["gd", "gradient-descent", "method", ""])
def test_one_method_s_settings_may_carry_its_name(name: str) -> None:
    from optdyn.runs import start

    given = f"{name}.step_size=0.125" if name else "step_size=0.125"
    assert start("rosenbrock", "gd", [given], seed=0).method.step_size == 0.125
