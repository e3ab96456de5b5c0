"""Multipliers prove a bound, and with a flaw they prove nothing."""

from fractions import Fraction

from theory.claims.routes.multipliers import MINIMISER, certifies


def one_step(x, gradient):
    return x - gradient(x)


def test_certificates_with_a_flaw_prove_nothing():
    half, sixth = Fraction(1, 2), Fraction(1, 6)
    sound = {(0, 1): half, (MINIMISER, 0): half, (MINIMISER, 1): half}
    assert certifies(one_step, sound, sixth)
    assert not certifies(one_step, sound, sixth - Fraction(1, 10**9))
    assert not certifies(one_step, {**sound, (0, 1): half / 2}, sixth)  # f_0 is left over
    assert not certifies(one_step, {**sound, (1, 0): Fraction(-1, 2), (0, 1): Fraction(0)}, sixth)
    assert not certifies(lambda x, gradient: x - 2.5 * gradient(x), sound, sixth)
