"""`--set key=value`."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest

from dynamics import Schedule
from optdyn.settings import Parameter, assign, parameters_of, read, split


class Method(NamedTuple):
    step_size: Schedule
    beta: float = 0.9
    rule: Literal["bb1", "bb2"] = "bb1"


def problem(*, beta: float = 0.5, samples: int = 10, sampling: str = "subset", rng: Any) -> None: ...


OWNERS = {"method": parameters_of(Method), "problem": parameters_of(problem)}


def test_parameters_of_a_class_and_of_a_function() -> None:
    assert list(OWNERS["method"]) == ["step_size", "beta", "rule"]
    assert OWNERS["method"]["step_size"].required
    assert not OWNERS["method"]["beta"].required
    assert OWNERS["problem"]["samples"] == Parameter(int, 10)


@pytest.mark.parametrize(
    ("text", "annotation", "value"),
    [
        ("0.1", float, 0.1),
        ("1e-3", float, 1e-3),
        (".5", float, 0.5),
        ("3", float, 3),
        ("60", int, 60),
        ("1e3", int, 1000),
        ("true", bool, True),
        ("False", bool, False),
        ("subset", str, "subset"),
        ('"subset"', str, "subset"),
        ("60", str, "60"),
        ("bb2", Literal["bb1", "bb2"], "bb2"),
        ("0.1", Schedule, 0.1),
        ("[0.1, 0.05]", Schedule, [0.1, 0.05]),
        ("[[1, 0], [0, 2]]", np.ndarray, [[1, 0], [0, 2]]),
        ("[0, 0.1]", Iterable[float] | None, [0, 0.1]),
        ("null", Iterable[float] | None, None),
        ("haar", Any, "haar"),
        ("0.7", Any, 0.7),
        ("[1, 10]", Any, [1, 10]),
    ],
)
def test_values_are_read_by_annotation(text: str, annotation: Any, value: Any) -> None:
    found = read("key", text, annotation)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "annotation", "words"),
    [
        ("fast", float, "is not a number"),
        ("true", float, "is not a number"),
        ("1.5", int, "is not a whole number"),
        ("1", bool, "is not true or false"),
        ("bb3", Literal["bb1", "bb2"], "is not one of bb1, bb2"),
        ("quick", Schedule, r"is not a number or a list such as \[1, 0.1\]"),
        ("1", Iterable[float] | None, r"is not a list such as \[1, 0.1\] or null"),
    ],
)
def test_a_value_of_another_kind_is_refused_in_words(text: str, annotation: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"^key = '{text}' {words}, which key takes"):
        read("key", text, annotation)


def test_settings_find_their_owner() -> None:
    settings = ["step_size=0.1", "method.beta=0.8", "problem.beta=0.4", "samples=20"]
    expected = {"method": {"step_size": 0.1, "beta": 0.8}, "problem": {"beta": 0.4, "samples": 20}}
    assert assign(settings, OWNERS) == expected


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["beta=0.9"], "ambiguous.*method.beta=… or problem.beta=…"),
        (["sampels=3"], "unknown parameter 'sampels'; did you mean 'samples'"),
        (["method.samples=3"], "unknown parameter 'samples'"),
        (["step_size"], "is no setting: write key=value"),
        (["step_size="], "is no setting"),
        (["step_size=1", "step_size=2"], "gives step_size twice"),
        (["step_size=1", "method.step_size=2"], "gives method.step_size twice"),
    ],
)
def test_settings_that_cannot_be_assigned(settings: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        assign(settings, OWNERS)


def test_a_value_may_hold_an_equals_sign() -> None:
    assert split(["note=a=b"]) == {"note": "a=b"}


def test_what_has_no_parameters_says_so() -> None:
    with pytest.raises(ValueError, match=r"^--set beta: figure has no parameters; leave it out"):
        assign(["beta=1"], {"figure": {}})
