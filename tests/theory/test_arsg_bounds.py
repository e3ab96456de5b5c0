"""The bounds of Theorems 2 and 3 against the formulas as the supplement writes them, their limits and refusals."""

import math

import numpy as np
import pytest

from theory.arsg import theorem2_bound, theorem2_coefficients, theorem3_bound, theorem3_least_step_size

KNOWN = {"smoothness": 1.7, "gradient_bound": 2.3, "initial_gap": 4.1}
RUN = KNOWN | {"step_size": 0.6, "beta": 0.8, "mu": 0.15, "eps": 0.05, "dimension": 3}
REGRET = {
    "step_size": 1.5, "beta1": 0.6, "beta2": 0.9, "mu": 0.5, "eps": 0.01, "gradient_bound": 3.0, "diameter": 2.0,
}  # fmt: skip


def supplement(beta, mu, L, G, gap):
    """(A94), line by line."""
    one = 1 - beta
    return (
        L**2 * G**3 * (beta**2 * (1 - mu) / one**4 + beta**2 * mu / (2 * one**2))
        + L * G**3 * ((one + beta * mu) / one * (9 * beta**2 * mu**2 / one**2 + 6) + 0.5 * beta * mu / one)
        + G**3 / 2,
        beta * (1 - mu) / one * G**3 + G * gap,
        G**3 * (beta * (1 - mu) / one + 4),
        beta * mu / one * G**3,
        L**2 * G**3 * beta**4 * (1 - mu) / one**6 + 1.5 * L * G**3 * (one + beta * mu) / one * beta**2 / one**2,
        (beta * (1 - mu) / one + 1.5 * L * (1 + beta * mu / one) * (beta / one) ** 2) * G**3,
    )


@pytest.mark.parametrize(("beta", "mu"), [(0.0, 0.0), (0.8, 0.15), (0.999, 0.1), (0.5, 0.9)])
def test_coefficients_are_the_supplements(beta, mu):
    found = theorem2_coefficients(beta=beta, mu=mu, **KNOWN)
    np.testing.assert_allclose(found, supplement(beta, mu, 1.7, 2.3, 4.1), rtol=1e-12)


def test_amsgrad_differs_in_the_first_coefficient_alone():
    ours = theorem2_coefficients(beta=0.8, mu=0.0, **KNOWN)
    theirs = theorem2_coefficients(beta=0.8, mu=0.0, method="amsgrad", **KNOWN)
    assert float(ours.d1 - theirs.d1) == pytest.approx(4.5 * 1.7 * 2.3**3, rel=1e-12)  # 6 L against 3/2 L
    assert ours[1:] == theirs[1:]


def test_bound_is_the_sum_of_its_four_terms():
    d = supplement(0.8, 0.15, 1.7, 2.3, 4.1)
    steps = 400
    expected = (
        d[0] * 0.6 / (20 * 0.05)
        + d[1] / (0.6 * 20)
        + (3 * d[2] + d[3]) / (400 * math.sqrt(0.05))
        + (3 * d[4] + d[5]) * 0.6 / (8000 * 0.05)
    )
    assert theorem2_bound(steps, **RUN) == pytest.approx(expected, rel=1e-12)
    assert theorem2_bound([steps, steps], **RUN).shape == (2,)


def test_amsgrad_takes_its_epsilon_squared():
    run = RUN | {"mu": 0.0}
    ours = theorem2_bound(400, **run)
    theirs = theorem2_bound(400, **(run | {"eps": math.sqrt(0.05)}), method="amsgrad")
    assert float(ours - theirs) == pytest.approx(4.5 * 1.7 * 2.3**3 * 0.6 / (20 * 0.05), rel=1e-9)


def test_bound_falls_like_the_root_of_the_steps():
    steps = np.array([1e12, 4e12])
    bounds = theorem2_bound(steps, **RUN)
    assert bounds[0] / bounds[1] == pytest.approx(2, rel=1e-3)


def test_regret_bound_as_printed():
    gamma = 0.6 / math.sqrt(0.9)
    expected = (
        1.5 * 3.0 / math.sqrt(0.1) * (1.5 * 0.36 / (0.4 * (1 - gamma)) + 0.25) + 0.5 * 0.6 * 4.0 / (2 * 1.5 * 0.1)
    ) * ((1 + math.log(50)) / (1 - 0.6 * 0.5))
    assert theorem3_bound(50, **REGRET) == pytest.approx(expected, rel=1e-12)


def test_least_step_size_of_a_settled_accumulator_does_not_grow():
    settled = np.vstack([[[0.01, 0.01]], np.tile([[0.04, 0.09]], (500, 1))])
    least = theorem3_least_step_size(settled, beta1=0.5, mu=0.6, modulus=2.0)
    assert least == pytest.approx(0.3 / (0.8 * 2), rel=1e-12)  # the root of the accumulator itself


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"smoothness": 0.0}, "smoothness = 0"), ({"initial_gap": -1.0}, "initial_gap = -1"),
        ({"gradient_bound": 0.1}, "gradient_bound = 0.1 is below the root"), ({"eps": 0.0}, "eps = 0"),
        ({"dimension": 0.5}, "dimension = 0.5"), ({"beta": 1.0}, "beta = 1"), ({"mu": -0.1}, "mu = -0.1"),
        ({"method": "amsgrad"}, "mu = 0.15 is not 0"), ({"method": "adam"}, "Allowed: amsgrad, arsg"),
    ],
)  # fmt: skip
def test_theorem_2_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        theorem2_bound(100, **(RUN | change))
    with pytest.raises(ValueError, match=r"steps = 0\.5"):
        theorem2_bound(0.5, **RUN)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"beta1": 0.95}, "gamma < 1"), ({"mu": 0.3}, "mu = 0.3 is below 1 - beta1"),
        ({"diameter": 0.0}, "diameter = 0"),
        ({"step_size": -1.0}, "step_size = -1"), ({"beta2": 1.0}, "beta2 = 1 lies outside"),
    ],
)  # fmt: skip
def test_theorem_3_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        theorem3_bound(100, **(REGRET | change))
