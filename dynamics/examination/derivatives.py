"""Gradients against differences of values, and Hessian products against differences of gradients."""

from typing import Any

import numpy as np

from dynamics.examination.asking import Subject
from dynamics.examination.report import Findings
from dynamics.examination.slopes import Slope, rounding, slope_along
from dynamics.examination.traced import Traced
from dynamics.kernels.policy import as_python
from dynamics.protocol import oracle
from dynamics.protocol.compatibility import lacks

DIRECTIONS = 3
SAFETY = 10.0  # times the bound of an error


def check_gradients(findings: Findings, subject: Subject, points: list[np.ndarray], size: float, rng: Any) -> None:
    """The value, each way that there is to ask for it; the gradient likewise, and against differences of the value."""
    findings.looked_at.append("value and gradient, each way to ask for them")
    findings.looked_at.append("the gradient against differences of the value")
    kind = type(subject.problem)
    for x in points:
        asked = subject.exact(x)
        noise = rounding(lambda t: subject.exact(t).values, x, size, rng)
        of_gradient = rounding(lambda t: subject.exact(t).gradients, x, size, rng)
        if oracle.value.has(kind) and not abs(asked.values[0] - asked.values[1]) <= noise:
            what = f"gives {asked.values[0]:.9g} where value_and_gradient gives {asked.values[1]:.9g}"
            findings.add(
                oracle.value, subject.problem, what, "both are the full-batch value: let one helper compute it"
            )
        apart = np.abs(asked.gradients[0] - asked.gradients[1])
        if oracle.gradient.has(kind) and not apart.max() <= of_gradient:
            j = int(apart.argmax())
            one, other = asked.gradients[1][j], asked.gradients[0][j]
            what = f"gives {one:.9g} in component {j} where value_and_gradient gives {other:.9g}"
            findings.add(
                oracle.gradient, subject.problem, what, "both are the full-batch gradient: let one helper do it"
            )
        if _against_values(findings, subject, x, asked.gradients[0], noise, of_gradient, rng):
            return


def _against_values(
    findings: Findings, subject: Subject, x: np.ndarray, g: np.ndarray, noise: float, of_gradient: float, rng: Any
) -> bool:
    """Whether the gradient departs from the slopes of the value along some direction, which is noted."""
    scale = max(float(np.abs(x).max()), 1.0)

    def along(v: np.ndarray) -> Slope:
        return slope_along(lambda t: subject.value(x + t * v), scale, noise)

    def departs(v: np.ndarray) -> float:
        found = along(v)
        allowed = SAFETY * found.error + of_gradient * np.sqrt(x.size) * np.linalg.norm(v)
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.abs(g @ v - found.slope) / allowed) if np.isfinite(found.error) else 0.0

    directions = [_unit(rng, x.size) for _ in range(DIRECTIONS)]
    wrong = [v for v in directions if departs(v) > 1.0]
    if not wrong:
        return False
    j = _component(wrong[0], departs)
    unit = np.eye(1, x.size, j)[0]
    slope = along(unit).slope
    ratios = [float(g @ v / along(v).slope) for v in directions]
    alike = np.ptp(ratios) <= 1e-4 * abs(ratios[0])
    if alike and (x.size > 1 or abs(ratios[0] + 1.0) < 1e-4):
        which = "the negative of" if abs(ratios[0] + 1.0) < 1e-4 else f"{ratios[0]:.6g} times"
        what, cure = f"writes {which} the slope of its value", "look at signs and at factors such as 2 and 1/n"
    else:
        what = f"writes {g[j]:.9g} into out[{j}] where the value has the slope {slope:.9g}"
        cure = "derive this component again"
    point = np.array2string(x[:4], precision=3, separator=", ")
    what += f" at x = {point[:-1]}, ...]" if x.size > 4 else f" at x = {point}"
    findings.add(oracle.value_and_gradient, subject.problem, what, cure, line=_writes(subject, x, j))
    return True


def _component(v: np.ndarray, departs: Any) -> int:
    """A component in which the gradient departs, by halving the direction."""
    places = np.arange(v.size)
    while places.size > 1:
        halves = np.array_split(places, 2)
        parts = [departs(np.where(np.isin(np.arange(v.size), half), v, 0.0)) for half in halves]
        places = halves[int(np.argmax(parts))]
    return int(places[0])


def _writes(subject: Subject, x: np.ndarray, j: int) -> int:
    """The line that writes component j of the gradient, 0 where it can't be told."""
    out = Traced.empty(x.size)
    try:
        with as_python(), np.errstate(all="ignore"):
            oracle.value_and_gradient(subject.problem, x.copy(), out)
    except Exception:  # a kernel may ask more of an array than a traced one has
        return 0
    return int(out.lines[j])


def check_products(findings: Findings, subject: Subject, points: list[np.ndarray], size: float, rng: Any) -> None:
    """Hessian products: symmetric, and the slopes of the gradient; Gauss-Newton's: symmetric and not negative."""
    if not lacks(oracle.hessian_product, subject.problem):
        findings.looked_at.append("Hessian products against differences of the gradient, and for symmetry")
        for x in points:
            _product_at(findings, subject, x, points, size, rng)
    if not lacks(oracle.gauss_newton_product, subject.problem):
        findings.looked_at.append("Gauss-Newton products for symmetry and sign")
        for x in points:
            _gauss_newton_at(findings, subject, x, size, rng)


def _product_at(findings: Findings, subject: Subject, x: np.ndarray, points: Any, size: float, rng: Any) -> None:
    problem, u, v = subject.problem, _unit(rng, x.size), _unit(rng, x.size)
    Hv, prepared = subject.products(x, v)
    Hu = subject.products(x, u)[0]
    noise = rounding(lambda t: np.concatenate([subject.products(t, u)[0], subject.products(t, v)[0]]), x, size, rng)
    allowed = noise * np.sqrt(x.size)
    if not abs(u @ Hv - v @ Hu) <= SAFETY * allowed:
        what = f"is not symmetric: u·Hv = {u @ Hv:.9g} and v·Hu = {v @ Hu:.9g}"
        findings.add(oracle.hessian_product, problem, what, "a Hessian is: look for a transposed or a missing factor")
        return
    if not np.abs(Hv - prepared).max() <= SAFETY * noise:
        what = "gives another product than hessian_product at the same point"
        cure = "let prepare_products keep what belongs to x, and nothing else"
        findings.add(oracle.prepared_product, problem, what, cure)
    of_gradient = rounding(subject.gradient, x, size, rng)
    scale = max(float(np.abs(x).max()), 1.0)
    found = slope_along(lambda t: subject.gradient(x + t * v), scale, of_gradient)
    apart = np.abs(Hv - found.slope)
    bound = SAFETY * found.error + noise
    if (apart > bound).any():
        j = int(np.argmax(apart / bound))
        what = f"gives {Hv[j]:.9g} in component {j} where the gradient has the slope {found.slope[j]:.9g}"
        cure = "derive it again, or let products come from differences of the gradient"
        if any(np.array_equal(subject.products(y, v)[0], Hv) for y in points if y is not x):
            what, cure = what + ", and the same at another point", "let it read its argument x"
        findings.add(oracle.hessian_product, problem, what, cure)


def _gauss_newton_at(findings: Findings, subject: Subject, x: np.ndarray, size: float, rng: Any) -> None:
    u, v = _unit(rng, x.size), _unit(rng, x.size)
    Gu, Gv = subject.gauss_newton(x, u), subject.gauss_newton(x, v)
    allowed = SAFETY * np.sqrt(x.size) * rounding(lambda t: subject.gauss_newton(t, v), x, size, rng)
    if not abs(u @ Gv - v @ Gu) <= allowed:
        what = f"is not symmetric: u·Gv = {u @ Gv:.9g} and v·Gu = {v @ Gu:.9g}"
        findings.add(oracle.gauss_newton_product, subject.problem, what, "it is JᵀHJ v: look for a transposed factor")
    elif not v @ Gv >= -allowed:
        what = f"is negative: v·Gv = {v @ Gv:.9g}"
        findings.add(
            oracle.gauss_newton_product, subject.problem, what, "it is JᵀHJ v of a convex loss: look at the signs"
        )


def _unit(rng: Any, size: int) -> np.ndarray:
    v = rng.standard_normal(size)
    return np.asarray(v / np.linalg.norm(v))
