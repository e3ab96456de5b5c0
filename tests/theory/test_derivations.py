"""The derivations are run again, and what comes out is compared with the shipped closed forms and the paper's print."""

import math
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy as sp

from theory import arsg as shipped
from theory import diagonal_share as shipped_share
from theory.derivations import arsg, arsg_forms, arsg_rates
from theory.derivations import diagonal_share as derived_share
from theory.derivations.arsg import beta, mu, tau


def random_points(count, seed):
    """Return rows (τ, β, μ) inside the convergence region."""
    rng = np.random.default_rng(seed)
    b, m = rng.uniform(0.01, 0.9999, count), rng.uniform(0.001, 0.9, count)
    t = rng.uniform(0.001, 0.999, count) * shipped.critical_points(beta=b, mu=m).tau_rb
    return np.stack([t, b, m], axis=-1)


def in_long_arithmetic(expression, points):
    """Return an expression in τ, β, μ evaluated with 40 digits at rows of points."""
    function = sp.lambdify((tau, beta, mu), expression, "mpmath")
    with mpmath.workdps(40):
        return np.array([complex(function(*map(mpmath.mpf, point))) for point in points])


def coefficients_of(expression):
    """Return the coefficients of the numerator and of the denominator as polynomials in all their symbols."""
    return [
        sp.Poly(sp.expand(part), *sorted(part.free_symbols, key=str)).coeffs() if part.free_symbols else [part]
        for part in sp.fraction(sp.together(expression))
    ]


def assert_positive_on_the_positive_orthant(expression):
    numerator, denominator = coefficients_of(expression)
    assert all(coefficient > 0 for coefficient in numerator + denominator)


def test_system_is_equation_10():
    matrix, vector = arsg.system()
    kept = beta * (1 - mu)
    printed = sp.Matrix([[beta, (1 - beta) * tau], [-kept, 1 - (1 - kept) * tau]])
    assert (matrix - printed).expand() == sp.zeros(2, 2)
    assert (vector - sp.Matrix([1 - beta, -(1 - kept)])).expand() == sp.zeros(2, 1)


def test_eigenvalues_are_equation_11_and_the_shipped_gain_factor():
    larger, smaller = arsg.eigenvalues()
    rho = 1 + beta - tau * (1 - beta * (1 - mu))
    assert sp.expand(larger + smaller - rho) == 0
    assert sp.expand((larger - smaller) ** 2 - (rho**2 - 4 * beta * (1 - mu * tau))) == 0
    points = random_points(200, seed=1)
    t, b, m = points.T
    moduli = np.abs([in_long_arithmetic(root, points) for root in (larger, smaller)])
    np.testing.assert_allclose(shipped.gain_factor(t, beta=b, mu=m), moduli.max(axis=0), rtol=1e-12)


def test_covariance_solves_the_lyapunov_equation_and_gives_the_shipped_variance():
    matrix, vector = arsg.system()
    covariance = arsg.stationary_covariance()
    defect = covariance - matrix * covariance * matrix.T - tau**2 * vector * vector.T
    assert defect.applyfunc(sp.cancel) == sp.zeros(2, 2)
    width = 1 - beta + 2 * beta * mu
    closed_form = (
        tau
        * ((1 - beta**2) + beta * mu * tau * width)
        / ((1 - beta + beta * mu * tau) * (2 * (1 + beta) - tau * width))
    )
    assert sp.cancel(covariance[1, 1] - closed_form) == 0
    points = random_points(200, seed=2)
    t, b, m = points.T
    expected = in_long_arithmetic(covariance[1, 1], points).real
    np.testing.assert_allclose(shipped.variance_limit(t, beta=b, mu=m), expected, rtol=1e-11)


def test_covariance_is_positive_definite_in_the_convergence_region():
    covariance = arsg.stationary_covariance()
    for minor in (covariance[0, 0], covariance.det()):
        assert_positive_on_the_positive_orthant(arsg.on_positive_orthant(sp.cancel(minor)))


def test_variance_increases_with_tau_on_the_whole_region():
    slope = arsg.variance_slope()
    assert_positive_on_the_positive_orthant(slope)
    at_the_edges = slope.subs(dict.fromkeys(slope.free_symbols, 0))  # τ = 0, β = 0, μ = 0
    assert at_the_edges == sp.Rational(1, 2)


def test_jurys_conditions_leave_tau_rb_as_the_only_end():
    assert sp.simplify(arsg.convergence_boundary() - 2 * (1 + beta) / (1 - beta + 2 * beta * mu)) == 0  # (A9)
    for margin in arsg.convergence_region_margins():
        assert_positive_on_the_positive_orthant(margin)
    at_plus_one, at_minus_one, _, _ = arsg.jury_conditions()
    assert sp.simplify(at_plus_one - tau * (1 - beta)) == 0  # fails for τ ≤ 0
    assert sp.simplify(sp.diff(at_minus_one, tau) + 1 - beta + 2 * beta * mu) == 0  # fails for τ ≥ τ_rb


def test_the_gain_factor_is_quasi_convex_in_tau():
    radius = sp.Symbol("c", positive=True)
    conditions = arsg.jury_conditions(radius)
    assert [sp.degree(sp.expand(condition), tau) for condition in conditions] == [1, 1, 1, 1]
    larger, smaller = arsg.eigenvalues()
    at_plus, at_minus, *determinant = conditions
    assert sp.expand(at_plus - (radius - larger) * (radius - smaller)) == 0
    assert sp.expand(at_minus - (radius + larger) * (radius + smaller)) == 0
    assert sp.expand(determinant[0] - (radius**2 - larger * smaller)) == 0
    assert sp.expand(determinant[1] - (radius**2 + larger * smaller)) == 0


def test_critical_points_are_the_printed_and_the_shipped_ones():
    weight, root = 1 - beta + beta * mu, 2 * sp.sqrt(beta * (1 - mu))
    low, high = arsg.complex_boundaries()
    assert sp.simplify(arsg.symmetric_point() - (1 + beta) / weight) == 0
    assert sp.simplify(low - (1 - beta) * (1 + beta - beta * mu - root) / weight**2) == 0  # (A14)
    assert sp.simplify(high - (1 - beta) * (1 + beta - beta * mu + root) / weight**2) == 0
    points = random_points(100, seed=3)
    _, b, m = points.T
    derived = (arsg.convergence_boundary(), arsg.symmetric_point(), low, high)
    for expression, value in zip(derived, shipped.critical_points(beta=b, mu=m), strict=True):
        np.testing.assert_allclose(value, in_long_arithmetic(expression, points).real, rtol=1e-13)


def test_gain_factor_at_the_critical_points():
    larger, smaller = arsg.eigenvalues()
    weight = 1 - beta + beta * mu
    at_sym = (larger * smaller).subs(tau, arsg.symmetric_point())
    assert sp.simplify(at_sym - beta * (1 - beta - mu) / weight) == 0  # (A13), and r1 = -r2 there
    low, _ = arsg.complex_boundaries()
    at_cb1 = ((larger + smaller) / 2).subs(tau, low)
    assert sp.simplify(at_cb1 - ((1 - beta) * sp.sqrt(beta * (1 - mu)) + beta * mu) / weight) == 0  # (A17)
    assert sp.simplify(sp.expand(larger * smaller) - beta * (1 - mu * tau)) == 0  # (A16) is its root


def test_boost_factor():
    derived = arsg.boost_factor()
    root, doubled = sp.sqrt(beta * (1 - mu)), sp.sqrt(beta * (1 - 2 * mu))
    assert sp.simplify(derived - ((1 - root) / (1 - doubled)) ** 2) == 0
    b, m = np.array([0.0005, 0.5, 0.999, 0.99999]), np.array([0.3, 0.49, 0.05, 0.001])
    expected = in_long_arithmetic(derived, np.stack([np.ones(4), b, m], axis=-1)).real
    np.testing.assert_allclose(shipped.boost_factor(beta=b, mu=m), expected, rtol=1e-13)


def test_fast_form_is_the_concise_form_exactly_for_constant_beta():
    assert arsg_forms.fast_form_defect() == (0, 0)
    following = sp.Symbol("beta_next", positive=True)
    for defect in arsg_forms.fast_form_defect(following):
        assert defect != 0
        assert defect.subs(following, beta) == 0


def test_original_form_is_tracked_by_the_concise_form():
    assert arsg_forms.original_form_defect() == 0


def test_asgd_map():
    (step_size, momentum, factor), (short, long, advantage) = arsg_forms.asgd_map()
    assert sp.simplify(step_size - sp.Rational(7, 17) * (1 + advantage) * short) == 0
    forget = sp.Rational(49, 100) * advantage / long
    assert sp.simplify(momentum - sp.Rational(7, 10) * (1 - forget) / (forget + sp.Rational(7, 10))) == 0
    assert sp.simplify(factor - short / step_size) == 0
    z = sp.Symbol("z")
    theirs = arsg_forms.asgd_transfer(short, long, advantage, z)
    assert sp.cancel(theirs - arsg_forms.rsg_transfer(step_size, momentum, factor, z)) == 0
    values = {short: 0.03, long: 400.0, advantage: 17.0}
    expected = [float(expression.subs(values)) for expression in (step_size, momentum, factor)]
    np.testing.assert_allclose(
        shipped.from_asgd(short_step=0.03, long_step=400.0, advantage=17.0), expected, rtol=1e-14
    )


def test_theorem_1_is_the_first_order_of_the_expansion():
    c_alpha, c_beta, c_mu, q = arsg_rates.c_alpha, arsg_rates.c_beta, arsg_rates.c_mu, arsg_rates.q
    real, complex_pair = arsg_rates.theorem1_expansion()
    for expansion, first_order in ((real, -(c_beta - q) / 2), (complex_pair, -c_beta / 2)):
        assert expansion.coeff(arsg_rates.epsilon, 0) == 1
        assert sp.simplify(expansion.coeff(arsg_rates.epsilon, 1) - first_order) == 0
    constants = {c_alpha: 0.2, c_beta: 1.0, c_mu: 0.5, q: math.sqrt(0.2), arsg_rates.epsilon: 1e-6}
    linear = float(sum(real.coeff(arsg_rates.epsilon, k) * arsg_rates.epsilon**k for k in (0, 1)).subs(constants))
    rate = shipped.theorem1_rate(c_alpha=0.2, c_beta=1.0, c_mu=0.5, condition_number=1e12)
    assert rate == pytest.approx(linear, abs=1e-15)


def test_theorem_1_with_its_next_term_is_right_up_to_the_third_order():
    c_alpha, c_beta, c_mu = sp.Rational(1, 5), sp.Integer(1), sp.Rational(1, 2)
    numbers = {arsg_rates.c_alpha: c_alpha, arsg_rates.c_beta: c_beta, arsg_rates.c_mu: c_mu}
    root = {arsg_rates.q: sp.sqrt(c_beta * (c_beta - 4 * c_alpha))}
    matrix, _ = arsg.system()
    errors = {"real pair": [], "complex pair": []}
    for small in (sp.Rational(1, 1000), sp.Rational(1, 2000)):
        there = matrix.subs({beta: 1 - c_beta * small, mu: c_mu * small, tau: c_alpha * small})
        exact = {
            "real pair": (there.trace() + sp.sqrt(there.trace() ** 2 - 4 * there.det())) / 2,
            "complex pair": sp.sqrt(there.det()),
        }
        for name, found in zip(errors, arsg_rates.theorem1_expansion(), strict=True):
            errors[name].append(sp.N(exact[name] - found.subs({**numbers, **root, arsg_rates.epsilon: small}), 40))
    for large, half in errors.values():
        assert large / half == pytest.approx(8, rel=0.01)


def test_no_rate_beats_heavy_ball():
    for margin in arsg_rates.no_rate_beats_heavy_ball():
        assert_positive_on_the_positive_orthant(margin)
    c, kappa = sp.symbols("c kappa", positive=True)
    bound = ((1 + c) / (1 - c)) ** 2
    assert sp.simplify(bound.subs(c, (sp.sqrt(kappa) - 1) / (sp.sqrt(kappa) + 1)) - kappa) == 0
    # Heavy ball reaches it: at β = c², μ = 0 both eigenvalues have modulus c between two curvatures of that ratio.
    low, high = (boundary.subs({mu: 0, beta: c**2}) for boundary in arsg.complex_boundaries())
    assert sp.simplify(high / low - bound) == 0


def test_gaussian_mean_absolute_values():
    deviation = sp.Symbol("s", positive=True)
    assert sp.simplify(derived_share.half_normal_mean(deviation) - deviation * sp.sqrt(2 / sp.pi)) == 0
    share, (dimension, diagonal, off_diagonal) = derived_share.wigner_share()
    assert sp.simplify(share - 1 / (1 + (dimension - 1) * off_diagonal / diagonal)) == 0
    assert float(share.subs({dimension: 7, diagonal: 2, off_diagonal: 3})) == shipped_share.wigner_share(7, ratio=1.5)


def test_gaussian_ols_ratio():
    ratio = derived_share.gaussian_ols_ratio()
    n = derived_share.n
    closed_form = 2 * sp.gamma((n + 1) / 2) / (sp.sqrt(sp.pi) * n * sp.gamma(n / 2))
    assert sp.gammasimp(ratio - closed_form) == 0
    for samples in (1, 2, 5, 100):
        expected = 1 / (1 + 9 * float(ratio.subs(n, samples)))
        assert shipped_share.ols_share(10, samples, data="gaussian") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("even", [True, False])
def test_rademacher_ols_ratio(even):
    ratio, m = derived_share.rademacher_ols_ratio(even)
    for half in (1, 2, 3, 40):
        expected = 1 / (1 + 9 * float(ratio.subs(m, half)))
        samples = 2 * half if even else 2 * half - 1
        assert shipped_share.ols_share(10, samples, data="rademacher") == pytest.approx(expected, rel=1e-12)


def test_closed_forms_do_not_import_sympy():
    heavy = "{'sympy', 'matplotlib', 'numba'}"
    code = f"import theory.arsg, theory.diagonal_share, sys; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
