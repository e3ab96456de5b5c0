"""AMSGrad's bound: the counterexample by a loop over numbers, and the bound by the shipped function."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from theory.arsg import theorem2_bound
from theory.claims.arsg import amsgrad_bound


def test_the_counterexample_is_computed_again(quick):
    case = quick("arsg.amsgrad_bound").counterexample
    x, v, peak, least = case["start"], 0.0, 0.0, np.inf
    for _ in range(case["T"]):
        g = case["slope"] * min(1.0, x / case["width"])
        least = min(least, g * g)
        v = 0.99 * v + 0.01 * g * g
        peak = max(peak, v)
        x -= case["step_size"] / case["T"] ** 0.5 * g / (peak**0.5 + case["eps"])
    assert least == pytest.approx(case["least squared gradient"], rel=1e-9)
    known = {
        "step_size": case["step_size"],
        "beta": 0.0,
        "mu": 0.0,
        "eps": case["eps"],
        "smoothness": case["slope"] / case["width"],
        "initial_gap": case["slope"] * (case["start"] - case["width"] / 2),
        "dimension": 1,
        "method": "amsgrad",
    }
    printed = theorem2_bound(case["T"], gradient_bound=case["slope"], **known)
    assert case["bound"] == pytest.approx(float(printed), rel=1e-9)
    assert least > 1.5 * printed
    assert least < theorem2_bound(case["T"], gradient_bound=case["slope"] + case["eps"], **known)


def test_what_fails_under_the_hypothesis_shows_its_case():
    constants = amsgrad_bound.amsgrad_bound.constants
    for name, value in (("two", Fraction(1, 2)), ("second", Fraction(1))):
        other = dataclasses.replace(constants[name], value=value)
        found = amsgrad_bound.amsgrad_bound.vary({**constants, name: other}, ()).check()
        case = found.counterexample
        assert found.verdict == "refuted"
        assert case["least squared gradient"] > case["bound"]
        assert case["gradient_bound"] >= (case["slope"] + case["eps"]) * (1 - 1e-12)
        assert case["least squared gradient"] <= case["slope"] ** 2


def test_random_cases_meet_the_hypothesis():
    case = amsgrad_bound.random_cases(200, np.random.default_rng(0))
    assert (case.gradient_bound >= case.slope + case.eps).all()
