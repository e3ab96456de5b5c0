"""The search for counterexamples finds them, makes them readable, and does not invent any."""

from fractions import Fraction

import numpy as np

from theory.claims.routes.search import find_violation, simplest


def test_false_statement_gets_a_readable_exact_counterexample():
    # "x^2 + y^2 >= 3/2 whenever x + y >= 1"
    found = find_violation(
        lambda x, y: Fraction(3, 2) - x * x - y * y,
        [(-3, 3), (-3, 3)],
        rng=np.random.default_rng(0),
        admissible=lambda x, y: x + y >= 1,
    )
    first, second = found.point
    assert first + second >= 1
    assert first**2 + second**2 < Fraction(3, 2)
    assert found.violation == Fraction(3, 2) - first**2 - second**2
    assert max(first.denominator, second.denominator) <= 10
    assert found.void_trials > 0


def test_true_statement_survives():
    found = find_violation(
        lambda x, y: 2 * x * y - x * x - y * y - Fraction(1, 10**9), [(-3, 3), (-3, 3)], rng=np.random.default_rng(0)
    )
    assert found.point is None
    assert found.worst <= 0
    assert found.trials > 1000


def test_the_hypothesis_is_what_saves_the_statement():
    # |x| <= 1 is needed for x^2 <= |x|
    def violation(x):
        return x * x - abs(x)

    free = find_violation(violation, [(-2, 2)], rng=np.random.default_rng(0))
    bound = find_violation(violation, [(-2, 2)], rng=np.random.default_rng(0), admissible=lambda x: abs(x) <= 1)
    assert abs(free.point[0]) > 1
    assert bound.point is None
    assert bound.void_trials > 0


def test_rounding_noise_is_no_counterexample():
    def violation(x, y):
        return x + y - (0.3 if isinstance(x, float) else Fraction(3, 10))

    def admissible(x, y):
        return x <= Fraction(1, 10) and y <= Fraction(1, 5)

    assert violation(0.1, 0.2) > 0  # in floating point
    assert simplest([0.1, 0.2], violation, admissible) is None


def test_the_smallest_denominators_are_tried_first():
    assert simplest([0.3333, 0.66], lambda x, y: x + y - Fraction(1, 2)) == (0, 1)
    third = simplest([0.3333, 0.3333], lambda x, y: min(x + y - Fraction(3, 5), Fraction(7, 10) - x - y))
    assert third == (Fraction(1, 3), Fraction(1, 3))


def test_each_coordinate_is_made_as_simple_as_it_can_be():
    # only the first has to be a half
    found = simplest([0.5004, 7.3, -2.9], lambda x, y, z: Fraction(1, 10**4) - abs(x - Fraction(1, 2)) + 0 * y * z)
    assert found == (Fraction(1, 2), 0, 0)


def test_shrinking_keeps_to_the_hypotheses():
    found = simplest([2.3, 2.4], lambda x, y: x * y - 1, lambda x, y: x != y and x > 0 and y > 0)
    assert found[0] * found[1] > 1
    assert found[0] != found[1]
    assert max(found) <= 2
