"""A problem's kernels held against each other: value, gradient, Hessian products, samples, lanes, machine code."""

from typing import Any

import numba
import numpy as np

from dynamics.checks import Refusal, as_generator, real_array, require_truth
from dynamics.examination.asking import Subject, size_of
from dynamics.examination.derivatives import check_gradients, check_products
from dynamics.examination.lanes import check_lanes
from dynamics.examination.reading import read_kernels
from dynamics.examination.report import Findings, Report
from dynamics.examination.sampling import check_each_sample, check_samples
from dynamics.examination.slopes import rounding
from dynamics.protocol import oracle
from dynamics.protocol.canonical import canonical
from dynamics.protocol.compatibility import lacks
from dynamics.protocol.faults import KernelError
from dynamics.protocol.method import update
from dynamics.protocol.rehearsal import own_start, rehearse

PLAIN = 20_000  # numbers of a problem's data up to which plain Python is quick enough for differences
POINTS = 3


def check_problem(problem: Any, *, x0: Any = None, rng: Any = 0, machine: bool = True) -> Report:
    """Look for what is wrong with a problem's kernels, before it is run.

    Parameters
    ----------
    problem : NamedTuple
        A problem of one's own, or any other.
    x0 : array_like, optional
        A point near which to look, shape (d,); the problem's own initial point unless given.
    rng : int, SeedSequence, Generator or None
        For the points, directions and samples.
    machine : bool
        Whether to compile the kernels, and compare plain Python with machine code: takes seconds.

    Returns
    -------
    Report
        False where something is wrong; each finding has the kernel, the line and the cure.

    Raises
    ------
    ValueError
        If the problem has no initial point of its own and no `x0` is given.
    MissingImplementation
        If it has no `value_and_gradient`.

    Notes
    -----
    Gradients and products are compared with extrapolated differences of values and gradients. A departure counts
    where it exceeds the bound of the differences' own error, which follows from how far rounding moves a value.
    The mean of sampled gradients is compared with the whole gradient; a departure of 7 standard errors counts.

    Examples
    --------
    >>> from dynamics import check_problem
    >>> from synthetic import rosenbrock
    >>> bool(check_problem(rosenbrock(3), machine=False))
    True
    """
    machine = require_truth("machine", machine) and not numba.config.DISABLE_JIT
    generator = as_generator(rng)
    problem = canonical(problem)
    kind = type(problem)
    if update.has(kind) and not oracle.value_and_gradient.has(kind):
        raise Refusal(f"{kind.__name__} is a method: look at it by check_method.")
    oracle.value_and_gradient.implementation(kind)
    start = _start(problem, x0)
    findings = Findings(kind.__name__)
    read_kernels(findings, problem, oracle.PROTOCOL)
    sampled = oracle.new_sample(problem) is not None
    try:
        rehearse(problem, start, sampled)
        _numbers(findings, problem, start, sampled, generator, machine)
    except KernelError as error:
        findings.add_error(error)
    return findings.report()


def _numbers(findings: Findings, problem: Any, start: np.ndarray, sampled: bool, rng: Any, machine: bool) -> None:
    size = size_of(problem, start)
    plain = Subject(problem, False)
    quick = plain if size <= PLAIN else Subject(problem, machine)
    points = _points(quick, start, POINTS if size <= PLAIN else 1, rng)
    if not points:
        findings.add(
            oracle.value_and_gradient, problem, "has no finite value near the initial point", "give another x0"
        )
        return
    _same_again(findings, quick, points)
    check_gradients(findings, quick, points, size, rng)
    check_products(findings, quick, points, size, rng)
    if sampled:
        check_samples(findings, quick, points[:2], size, rng)
        if size <= PLAIN:
            check_each_sample(findings, plain, points[0], size, rng)
    check_lanes(findings, problem, points, size, rng, sampled)
    if machine:
        _compiled(findings, plain, Subject(problem, True), points, size, sampled, rng)


def _same_again(findings: Findings, subject: Subject, points: list[np.ndarray]) -> None:
    """Whether a kernel answers as before when it is asked again, other points in between."""
    first = [subject.exact(x) for x in points]
    again = [subject.exact(x) for x in reversed(points)][::-1]
    findings.looked_at.append("answers asked for twice")
    for one, other in zip(first, again, strict=True):
        if not np.array_equal(one.values, other.values) or not np.array_equal(one.gradients, other.gradients):
            findings.add(
                oracle.value_and_gradient,
                subject.problem,
                "answers otherwise when it is asked again at the same point",
                "let it read its arguments alone, and begin by setting what it keeps in `work`",
            )
            return


def _compiled(
    findings: Findings, plain: Subject, made: Subject, points: list[np.ndarray], size: float, sampled: bool, rng: Any
) -> None:
    """Plain Python against machine code."""
    findings.looked_at.append("plain Python against machine code")
    d = points[0].size
    v = rng.standard_normal(d)

    def compare(function: Any, name: str, ask: Any, x: np.ndarray) -> None:
        one, other = (np.asarray(ask(subject, x), dtype=float) for subject in (plain, made))
        bound = rounding(lambda t: ask(plain, t), x, size, rng)
        with np.errstate(invalid="ignore"):
            off = np.abs(one - other).max(initial=0.0)
        if not off <= bound and np.isfinite(one).all():
            where = np.unravel_index(np.argmax(np.nan_to_num(np.abs(one - other), nan=np.inf)), one.shape)
            findings.add(
                function,
                plain.problem,
                f"gives another {name} as machine code: {other[where]:.9g}, and {one[where]:.9g} as plain Python",
                "look for an index beyond an array's end, a global that was changed, or np.empty that is read",
            )

    for x in points[:2]:
        compare(oracle.value_and_gradient, "value", lambda subject, t: subject.exact(t).values, x)
        compare(oracle.value_and_gradient, "gradient", lambda subject, t: subject.exact(t).gradients, x)
        if not lacks(oracle.hessian_product, plain.problem):
            compare(oracle.hessian_product, "product", lambda subject, t: subject.products(t, v), x)
    if sampled:
        directions = rng.standard_normal((2, d))
        compare(oracle.sampled_gradient, "sampled gradient", lambda s, t: s.draws(t, directions, 3, 0), points[0])


def _start(problem: Any, x0: Any) -> np.ndarray:
    own = own_start(problem)
    if x0 is not None:
        return real_array("x0", x0, 1)
    if own is None:
        raise Refusal(f"{type(problem).__name__} has no initial point of its own: give x0, a vector of its dimension.")
    return own


def _points(subject: Subject, start: np.ndarray, count: int, rng: Any) -> list[np.ndarray]:
    """Points around the start, none of them special, at which the value is finite."""
    length = max(float(np.abs(start).max(initial=0.0)), 0.5)
    found: list[np.ndarray] = []
    for spread in (0.3, 0.1, 0.03, 0.3, 0.1, 0.03, 1e-3, 1e-3, 1e-3):
        x = start + spread * length * rng.standard_normal(start.size)
        asked = subject.exact(x)
        if np.isfinite(asked.values).all() and np.isfinite(asked.gradients).all():
            found.append(x)
        if len(found) == count:
            break
    return found
