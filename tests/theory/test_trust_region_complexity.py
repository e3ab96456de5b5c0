"""Radii and numbers of iterations: the inequalities that they come from, put back in."""

import math

import pytest

from theory.trust_region import complexity_bound, success_radius_curvature, success_radius_gradient

CONSTANTS = {"zeta": 3.0, "hessian_lipschitz": 2.0, "eta1": 0.2}


def test_gradient_radius_solves_its_inequality():
    accuracy, delta_g, delta_H, zeta = 0.1, 0.005, 0.5, 3.0
    radius = success_radius_gradient(
        gradient_accuracy=accuracy, hessian_norm=0.0, gradient_error=delta_g, hessian_error=delta_H, **CONSTANTS
    )
    length = math.sqrt(zeta) * radius
    error = delta_g * length + delta_H * length**2 / 2 + 2.0 * length**3 / 6
    assert error == pytest.approx((1 - 0.2) * 0.5 * accuracy * radius / math.sqrt(zeta))
    assert radius < math.sqrt(zeta) * accuracy


def test_gradient_radius_is_capped_by_the_curvature_of_the_model():
    radius = success_radius_gradient(gradient_accuracy=1e-6, hessian_norm=9.0, **CONSTANTS)
    assert radius == pytest.approx(math.sqrt(3.0) * 1e-7)


def test_curvature_radius_solves_its_inequality():
    accuracy, delta_H, zeta, nu = 0.5, 0.01, 3.0, 0.7
    radius = success_radius_curvature(curvature_accuracy=accuracy, nu=nu, hessian_error=delta_H, **CONSTANTS)
    length = math.sqrt(zeta) * radius
    error = delta_H * length**2 / 2 + 2.0 * length**3 / 6
    assert error == pytest.approx((1 - 0.2) * 0.5 * nu * accuracy * radius**2 / zeta)


def test_growth_of_the_bound_has_the_exponents_of_the_theorem():
    def iterations(epsilon_g, epsilon_H):
        return complexity_bound(
            gap=1.0, gradient_accuracy=epsilon_g, curvature_accuracy=epsilon_H, hessian_norm=1.0, radius=1.0,
            **CONSTANTS,
        ).iterations  # fmt: skip

    # epsilon_g far below epsilon_H: the radius of Lemma 8 rules, and epsilon_g^-2 epsilon_H^-1 with it.
    assert iterations(1e-7, 1e-2) / iterations(1e-6, 1e-2) == pytest.approx(100, rel=0.01)
    assert iterations(1e-6, 1e-3) / iterations(1e-6, 1e-2) == pytest.approx(10, rel=0.01)
    assert iterations(0.5, 1e-5) / iterations(0.5, 1e-4) == pytest.approx(1000, rel=0.01)


def test_bound_counts_a_run_by_hand():
    bound = complexity_bound(
        gap=2.0, gradient_accuracy=0.1, curvature_accuracy=0.1, zeta=1.0, hessian_norm=1.0, hessian_lipschitz=0.0,
        radius=1.0, eta1=0.5, increase=1.0, decrease=2.0,
    )  # fmt: skip
    assert bound.smallest_radius == pytest.approx(0.025)  # 0.1 / (1 + 1), halved once
    drop = 0.5 * min(0.05 * 0.025, 0.05 * 0.025**2)
    assert bound.successful == math.floor(2.0 / drop)
    assert bound.unsuccessful == math.floor(math.log2(40))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gradient_error": 1.0}, "epsilon_g / \\(2 zeta\\)"),
        ({"hessian_error": 1.0, "gradient_accuracy": 10.0}, "epsilon_H / zeta\\^2"),
        ({"zeta": 0.5}, "zeta"),
        ({"eta1": 1.0}, "eta1"),
        ({"nu": 0.0}, "nu"),
        ({"gap": 0.0}, "gap"),
        ({"decrease": 1.0}, "decrease"),
        ({"curvature_accuracy": -1.0}, "curvature_accuracy"),
    ],
)
def test_numbers_outside_their_ranges_are_refused(change, message):
    good = {"gap": 1.0, "gradient_accuracy": 0.1, "curvature_accuracy": 0.1, "hessian_norm": 1.0, "radius": 1.0}
    with pytest.raises(ValueError, match=message):
        complexity_bound(**(good | CONSTANTS | change))
