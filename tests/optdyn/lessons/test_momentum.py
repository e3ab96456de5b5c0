"""Lesson 1 against the theory by other routes: the system matrix, its eigenvalues and powers, and the kernel itself."""

import numpy as np
import pytest

import theory.arsg
from dynamics import RSG, simulate
from optdyn.lessons.momentum.lesson import LESSON, eigenvalues, matrix, norm, step
from optdyn.lessons.page import formulas_of
from synthetic import quadratic
from tests.optdyn.lessons.javascript import SHELL, in_node, in_python, needs_node
from theory import linear

RNG = np.random.default_rng(1)
TAU, BETA, MU = RNG.uniform(1e-3, 6, 300), RNG.uniform(0, 0.99, 300), RNG.uniform(0, 0.9, 300)
PRINTED = {name: in_python(text) for name, text in formulas_of(LESSON).items()}


def test_gain_variance_and_critical_points_are_the_theorys() -> None:
    np.testing.assert_allclose(
        PRINTED["gain"](TAU, BETA, MU), theory.arsg.gain_factor(TAU, beta=BETA, mu=MU), rtol=1e-12
    )
    np.testing.assert_allclose(
        PRINTED["variance"](TAU, BETA, MU), theory.arsg.variance_limit(TAU, beta=BETA, mu=MU), rtol=1e-12
    )
    np.testing.assert_allclose(PRINTED["points"](BETA, MU), theory.arsg.critical_points(beta=BETA, mu=MU), rtol=1e-12)


def test_matrix_and_eigenvalues() -> None:
    for tau, beta, mu in zip(TAU[:50], BETA, MU, strict=False):
        A = linear.RSG(beta=beta, mu=mu).A(tau)
        np.testing.assert_allclose(np.reshape(matrix(tau, beta, mu), (2, 2)), A, atol=1e-13)
        re1, im1, re2, im2 = eigenvalues(tau, beta, mu)
        ours = sorted([complex(re1, im1), complex(re2, im2)], key=lambda z: (z.real, z.imag))
        theirs = sorted(np.linalg.eigvals(A), key=lambda z: (z.real, z.imag))
        np.testing.assert_allclose(ours, theirs, atol=1e-6)  # half of the digits where two of them meet
        assert norm(*A.ravel()) == pytest.approx(np.linalg.norm(A, 2), rel=1e-12)


def test_paths_are_the_kernels() -> None:
    curvatures = np.array([1.0, 0.1])
    problem = quadratic(eigenvalues=curvatures)
    x = start = np.array([-1.6, 1.2])
    run = simulate(RSG(step_size=0.7, beta=0.9, mu=0.2), problem, steps=60, x0=start + problem.minimiser, rng=0)
    v = np.zeros(2)
    for _ in range(60):
        v, x = step(v, x, 0.7 * curvatures * x, 0.9, 0.2)
    np.testing.assert_allclose(run.x - problem.minimiser, x, atol=1e-13)


@needs_node
def test_growth_on_the_page_is_the_theorys() -> None:
    cases = [(1.0, 0.99, 0.0), (0.5, 0.9, 0.1), (3.0, 0.95, 0.02), (0.2, 0.5, 0.3), (1.5, 0.0, 0.0)]
    files = (SHELL / "charts.js", LESSON.folder / "picture.js")
    picture = "\n".join(file.read_text(encoding="utf-8") for file in files)
    printed = formulas_of(LESSON)
    grown = in_node(
        "\n".join(printed.values())
        + f"\nconst formulas = {{ {', '.join(LESSON.formulas)} }};\n{picture}\n"
        + f"report({[list(case) for case in cases]}.map((entry) => picture.growth(...entry)));"
    )
    expected = [linear.RSG(beta=beta, mu=mu).transient_growth(tau) for tau, beta, mu in cases]
    np.testing.assert_allclose(grown, expected, rtol=1e-12)
    assert expected[0] == pytest.approx(9.2, abs=0.05)  # what the prediction says


def test_what_the_text_says() -> None:
    assert theory.arsg.critical_points(beta=0.9, mu=0.0).tau_rb == pytest.approx(38)
    assert theory.arsg.gain_factor(1.0, beta=0.99, mu=0.0) == pytest.approx(0.995, abs=1e-4)
    best = ((100**0.5 - 1) / (100**0.5 + 1)) ** 2  # Polyak's classical β for κ = 100, and h = (1 + √β)²
    assert best == pytest.approx(0.669, abs=5e-4)
    assert (1 + best**0.5) ** 2 / (1 - best) == pytest.approx(10, abs=0.02)
