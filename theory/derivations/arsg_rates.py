"""SymPy derivations of RSG's rates over a spectrum: Theorem 1 with its error, and why no RSG beats heavy ball."""

from collections.abc import Sequence

import sympy as sp

from theory.derivations.arsg import beta, jury_conditions, mu, system, tau

c_alpha, c_beta, c_mu, q, epsilon = sp.symbols("c_alpha c_beta c_mu q epsilon", positive=True)


def theorem1_expansion() -> tuple[sp.Expr, sp.Expr]:
    """Return the gain factor at lambda_min up to second order in ε = 1/√κ, for a real and for a complex pair.

    The real pair is written with q = √(c_β(c_β - 4c_α)), 0 < q < c_β, which replaces c_α. The terms up to ε are
    Theorem 1, and the term in ε² is what it leaves out. For the real pair that term has the denominator q: the error
    is of a lower order at the kink q = 0.
    """
    matrix, _ = system()
    scaling = {beta: 1 - c_beta * epsilon, mu: c_mu * epsilon}
    trace, determinant = (
        sp.expand(part.subs(scaling | {tau: c_alpha * epsilon})) for part in (matrix.trace(), matrix.det())
    )
    real_pair = {c_alpha: (c_beta**2 - q**2) / (4 * c_beta)}
    # The discriminant is of second order: ε leaves its root before the expansion.
    discriminant = sp.expand((trace**2 - 4 * determinant).subs(real_pair) / epsilon**2)
    own = _coefficients(sp.expand(trace.subs(real_pair)))
    larger = [(first + second) / 2 for first, second in zip(own, (sp.Integer(0), *_root(discriminant)), strict=False)]
    return _up_to_second_order(larger), _up_to_second_order(_root(determinant))


def _coefficients(polynomial: sp.Expr) -> list[sp.Expr]:
    """Return the coefficients of an expanded polynomial up to ε²."""
    return [polynomial.coeff(epsilon, order) for order in range(3)]


def _root(polynomial: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return the coefficients of a polynomial's root up to ε²: those whose square it is."""
    square = _coefficients(polynomial)
    first = sp.sqrt(square[0])
    second = square[1] / (2 * first)
    return first, second, (square[2] - second**2) / (2 * first)


def _up_to_second_order(coefficients: Sequence[sp.Expr]) -> sp.Expr:
    return sum(sp.factor(value) * epsilon**order for order, value in enumerate(coefficients))


def no_rate_beats_heavy_ball() -> tuple[sp.Expr, ...]:
    """Return four margins, positive on the positive orthant, that bound the curvatures with a gain factor up to c.

    Claim: for 0 < c < 1 and β, μ in [0, 1), the positive τ with r_g ≤ c span a ratio of at most ((1+c)/(1-c))². A
    spectrum of condition number κ thus needs c ≥ (√κ-1)/(√κ+1), which heavy ball reaches.

    With m = βμ and k = c(1-β) - (1-c)m, Jury's conditions at radius c bound τ from above by H = (1+c)(c+β)/(k+2m);
    for β < c from below by L1 = (1-c)(c-β)/k, where k ≤ 0 leaves no τ at all; and for β > c² from below by
    L2 = (β-c²)/m, where m = 0 leaves none. The margins are (((1+c)/(1-c))² L - H) times the positive denominators, in
    the four cases

    - β ≤ c² and k > 0, with L = L1;
    - c² < β < c and m up to the value where L1 = L2, with L = L2;
    - c² < β < c and m from there on, with L = L1;
    - c ≤ β < 1 and μ < 1, with L = L2.
    """
    c, m, u, x, y = sp.symbols("c m u x y", positive=True)
    at_plus_c, at_minus_c, determinant, _ = (
        sp.expand(condition.subs(mu, m / beta)) for condition in jury_conditions(c)
    )
    lower1, upper, lower2 = (
        -sp.cancel(condition.coeff(tau, 0) / condition.coeff(tau, 1))  # all are affine in τ
        for condition in (at_plus_c, at_minus_c, determinant)
    )
    spread = ((1 + c) / (1 - c)) ** 2
    k = c * (1 - beta) - (1 - c) * m
    with_first = sp.factor((spread * lower1 - upper) * k * (k + 2 * m))
    with_second = sp.factor((spread * lower2 - upper) * m * (k + 2 * m))

    crossing = (1 - beta) * (beta - c**2) / (1 - c) ** 2
    first_part = u / (1 + u)  # runs over (0, 1)
    below, between, above = (
        low + (high - low) * y / (1 + y) for low, high in ((sp.Integer(0), c**2), (c**2, c), (c, sp.Integer(1)))
    )
    cases = (
        with_first.subs(m, c * (1 - beta) / (1 - c) * first_part).subs(beta, below),
        with_second.subs(m, crossing * first_part).subs(beta, between),
        with_first.subs(m, crossing * (1 + u)).subs(beta, between),
        with_second.subs(m, beta * first_part).subs(beta, above),
    )
    return tuple(case.subs(c, x / (1 + x)) for case in cases)
