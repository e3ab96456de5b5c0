"""Bounds with less in them: expectations by enumeration, the edge cases by hand."""

import dataclasses
import itertools

import numpy as np
import pytest

from theory.claims.arsg import leading_terms, theorem2, theorem3


def test_expectation_is_the_mean_over_all_sequences_of_the_noise():
    """The same case, one number and one sequence at a time."""
    point = np.array([0.3, -0.2, 0.05, -0.2, 0.4, 0.3, -0.8, 0.5, 0.6, 0.3])
    case, bound = leading_terms.problems(point[:, None], noisy=True)
    slope, width, start, step_size, beta, mu, eps, beta2, noise, chance = (float(each[0]) for each in case)
    assert slope + noise == pytest.approx(float(bound[0]))
    values = (noise, chance), (-noise * chance / (1 - chance), 1 - chance)
    squares = np.zeros(3)
    for sequence in itertools.product(values, repeat=2):
        x, m, v, peak, weight, found = start, 0.0, 0.0, eps, 1.0, []
        for disturbance, likely in (*sequence, (0.0, 1.0)):
            exact = slope * max(-1.0, min(1.0, x / width))
            found.append(exact**2)
            g = exact + disturbance
            m, v = beta * m + (1 - beta) * g, beta2 * v + (1 - beta2) * g * g
            peak = max(peak, v)
            x -= step_size / 3**0.5 * ((1 - mu) * m + mu * g) / peak**0.5
            weight *= likely
        squares += weight * np.array(found)
    assert leading_terms.least_expected_square(case, steps=3)[0] == pytest.approx(squares.min(), rel=1e-12)
    assert squares.min() < squares[0]


def test_edges_by_hand(quick):
    shares = quick("arsg.theorem2_leading").data["left side over bound"]
    # L = 1000, G_2 = eps = 1, gap = 1/2000: the two terms are alike at alpha = 1/1000 but for G_2^3/24
    assert shares["edge, T = 1"] == pytest.approx(1 / ((500 + 1 / 24) * 1e-3 + 0.5), rel=1e-12)
    assert shares["edge, T = 100"] == pytest.approx(1 / ((500 + 1 / 24) * 2e-3 + 5e-4 / 0.2), rel=1e-9)
    assert shares["edge, T = 1000"] == pytest.approx(
        1 / ((0.5 + 1 / 24) / 1000**0.5 + (1000**0.5 + 0.5) / 1000**0.5), rel=1e-9
    )


def test_printed_bounds_are_looser():
    """What the searches here don't break, no variant of theorems 2 and 3 that isn't told apart is broken by either."""
    known = {"step_size": 0.7, "beta": 0.6, "mu": 0.3, "smoothness": 2.0, "gradient_bound": 3.0, "initial_gap": 5.0}
    bare = theorem2.AS_PRINTED._replace(three=0.0, four=0.0, five=0.0, six=0.0)
    leading = theorem2.bound(50, eps=0.1, dimension=4, factors=bare._replace(one=1 / 12), **known)
    variants = [bare, bare._replace(one=0.5), *(theorem2.AS_PRINTED._replace(**{n: 0.5}) for n in ("three", "six"))]
    assert all(theorem2.bound(50, eps=0.1, dimension=4, factors=each, **known) > leading for each in variants)
    trials = theorem3.draw(50, 3, 1, np.random.default_rng(0))
    sizes = {"step_size": np.full(50, 0.7), "gradients": np.full(50, 3.0), "diameter": 2.0}
    least = theorem3.Factors(momentum=1 / 24, diameter=0.0, logarithm=0.5)
    leading = theorem3.bound(7, trials, factors=least, **sizes)
    for variant in ({"momentum": 0.75}, {"diameter": 0.0}, {"logarithm": 0.5}):
        assert (theorem3.bound(7, trials, factors=theorem3.AS_PRINTED._replace(**variant), **sizes) >= leading).all()


def test_one_step_by_hand():
    """At mu = 1 - beta_1, beta_2 near 1 and the target inside: (1 + b)^2/2 over b^2/(24 (1 - b)^4) + 1."""
    b = 0.4784
    factors = theorem3.Factors(momentum=1 / 24, diameter=0.0, logarithm=0.5)
    point = np.array([-0.8, 1.0, b, 0.999999, 1.0, -8.0, 1.0, 0.0])[:, None]
    found = leading_terms.regret_used(point, steps=1, factors=factors)[0]
    by_hand = (1 + b) ** 2 / 2 / (b**2 / (24 * (1 - b) ** 4) + 1)
    assert found == pytest.approx(by_hand, rel=1e-3)
    assert leading_terms.regret_used(point, steps=1, factors=factors._replace(momentum=1 / 48))[0] > 1


def test_a_bound_that_is_broken_shows_the_case():
    """With half of the second term; the case is run again, number by number."""
    constants = leading_terms.theorem2_leading.constants
    half = dataclasses.replace(constants["two"], value=constants["two"].value / 2)
    other = leading_terms.theorem2_leading.vary({**constants, "two": half}, ())
    case = other.check().counterexample
    x, v, peak, m, least = case["start"], 0.0, case["eps"], 0.0, np.inf
    assert case["noise"] == 0
    for _ in range(case["T"]):
        g = case["slope"] * max(-1.0, min(1.0, x / case["width"]))
        least = min(least, g * g)
        m, v = case["beta"] * m + (1 - case["beta"]) * g, case["beta2"] * v + (1 - case["beta2"]) * g * g
        peak = max(peak, v)
        x -= case["step_size"] / case["T"] ** 0.5 * ((1 - case["mu"]) * m + case["mu"] * g) / peak**0.5
    assert case["left side over bound"] > 1
    assert least > 0
    known = {name: case[name] for name in ("step_size", "eps", "beta", "mu")}
    gap = case["slope"] * (
        case["start"] - case["width"] / 2 if case["start"] > case["width"] else case["start"] ** 2 / (2 * case["width"])
    )
    bound = theorem2.bound(
        case["T"],
        **known,
        dimension=1,
        factors=theorem2.Factors(one=1 / 12, two=0.5, three=0.0, four=0.0, five=0.0, six=0.0),
        smoothness=case["slope"] / case["width"],
        gradient_bound=case["G_2"],
        initial_gap=gap,
    )
    assert least / bound == pytest.approx(case["left side over bound"], rel=1e-6)


def test_a_regret_that_is_too_large_shows_the_case():
    constants = leading_terms.theorem3_leading.constants
    half = dataclasses.replace(constants["gradients"], value=constants["gradients"].value / 2)
    case = leading_terms.theorem3_leading.vary({**constants, "gradients": half}, ()).check().counterexample
    assert case["regret over bound"] > 1
    one = {name: np.array([case[name]]) for name in ("beta_1", "beta_2", "mu", "eps")}
    trials = theorem3.Trials(
        np.array([[case["curvature"]]]),
        np.array(case["targets"])[:, None, None],
        np.array([[case["x_1"]]]),
        *one.values(),
    )
    factors = theorem3.Factors(momentum=1 / 24, diameter=0.0, logarithm=0.5, gradients=0.5)
    again = theorem3.play(trials, factors=factors, stretch=case["alpha over the least allowed"])
    assert float(again.regret[0] / again.bound[0]) == pytest.approx(case["regret over bound"], rel=1e-6)


def test_a_longer_alpha_is_a_looser_bound():
    point = np.array([0.9981, -0.6821, -0.9999, 0.3861, 0.2927, 0.9999, -4.3445, -1.1227])
    factors = theorem3.Factors(momentum=1 / 24, diameter=0.0, logarithm=0.5)
    found = [
        leading_terms.regret_used(np.array([*point, stretch])[:, None], steps=2, factors=factors)[0]
        for stretch in (0.0, 1.0)
    ]
    assert 0 < found[1] < found[0] < 1
