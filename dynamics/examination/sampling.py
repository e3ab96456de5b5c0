"""Sampled gradients: whether their mean is the whole gradient, and how many terms they say they take."""

from typing import Any

import numpy as np

from dynamics.examination.asking import Subject, with_copies
from dynamics.examination.derivatives import SAFETY
from dynamics.examination.report import Findings
from dynamics.examination.slopes import rounding, slope_along
from dynamics.kernels.policy import as_python
from dynamics.protocol import oracle
from dynamics.protocol.compatibility import lacks
from dynamics.protocol.graduation import graduate

STANDARD_ERRORS = 7.0  # a normal mean is farther off once in 4e11 times
PLAIN_DRAWS, DRAWS = 400, 20_000
WORK = 1e8  # numbers that machine code reads for the draws


def check_samples(findings: Findings, subject: Subject, points: list[np.ndarray], size: float, rng: Any) -> None:
    """The mean of sampled gradients along the whole gradient and other directions; the terms that a sample takes."""
    problem, kind = subject.problem, type(subject.problem)
    findings.looked_at.append("the mean of sampled gradients")
    _count_terms(findings, problem)
    if graduate.has(kind):  # whose sampled gradients are those of smoothed versions
        return
    count = int(min(DRAWS, max(64, WORK / size))) if subject.machine else PLAIN_DRAWS
    for x in points:
        g = subject.gradient(x)
        norm = float(np.linalg.norm(g)) or 1.0
        directions = np.vstack([g / norm, rng.standard_normal((3, x.size)) / np.sqrt(x.size)])
        drawn = subject.draws(x, directions, count, int(rng.integers(2**31)))
        mean, error = drawn.mean(axis=0), drawn.std(axis=0) / np.sqrt(count)
        exact, noise = directions @ g, rounding(subject.gradient, x, size, rng) * np.sqrt(x.size)
        wrong = ~(np.abs(mean - exact) <= STANDARD_ERRORS * error + noise)
        if wrong.any():
            ratio, off = mean[0] / exact[0], abs(error[0] / exact[0])
            if abs(ratio - 1.0) > max(0.01, STANDARD_ERRORS * off):
                what = f"is {ratio:.4g} times the whole gradient on average (± {off:.2g})"
            else:
                i = int(np.argmax(np.abs(mean - exact) / (error + noise)))
                what = (
                    f"has the mean {mean[i]:.6g} (± {error[i]:.2g}) in a direction where the whole has {exact[i]:.6g}"
                )
            terms = oracle.summands(problem)
            factor = f": a mean over {terms} terms is no sum over them" if terms > 1 else ""
            findings.add(oracle.sampled_gradient, problem, what, f"scale each sample as the whole is scaled{factor}")
            return


def check_each_sample(findings: Findings, subject: Subject, x: np.ndarray, size: float, rng: Any) -> None:
    """On one sample that is held: the gradient against differences of the value, products against those of it."""
    problem = subject.problem
    sample = with_copies(oracle.new_sample(problem))
    v = rng.standard_normal(x.size)
    v /= np.linalg.norm(v)
    scale = max(float(np.abs(x).max()), 1.0)

    def asked(function: Any, *arguments: Any) -> Any:
        with as_python(), np.errstate(all="ignore"):
            return function(problem, *arguments)

    def gradient(t: np.ndarray) -> np.ndarray:
        out = np.full(t.size, np.nan)
        asked(oracle.sampled_gradient, t.copy(), sample, out)
        return out

    def value(t: np.ndarray) -> float:
        return float(asked(oracle.sampled_value, t.copy(), sample))

    asked(oracle.draw, np.random.default_rng(int(rng.integers(2**31))), sample)
    of_gradient = rounding(gradient, x, size, rng)
    if not lacks(oracle.sampled_value, problem):
        findings.looked_at.append("a sample's gradient against differences of its value")
        found = slope_along(lambda t: value(x + t * v), scale, rounding(value, x, size, rng))
        g = gradient(x) @ v
        if not abs(g - found.slope) <= SAFETY * found.error + of_gradient * np.sqrt(x.size):
            what = f"has {g:.9g} along a direction where the value on the same sample has the slope {found.slope:.9g}"
            findings.add(oracle.sampled_gradient, problem, what, "value and gradient of a sample belong together")
    if not lacks(oracle.sampled_hessian_product, problem):
        findings.looked_at.append("a sample's Hessian products against differences of its gradient")
        out = np.full(x.size, np.nan)
        asked(oracle.sampled_hessian_product, x.copy(), v.copy(), sample, out)
        found = slope_along(lambda t: gradient(x + t * v), scale, of_gradient)
        bound = SAFETY * found.error + rounding(gradient, x, size, rng)
        if (np.abs(out - found.slope) > bound).any():
            j = int(np.argmax(np.abs(out - found.slope) / bound))
            what = f"gives {out[j]:.9g} in component {j} where the sample's gradient has the slope {found.slope[j]:.9g}"
            findings.add(oracle.sampled_hessian_product, problem, what, "derive it again")


def _count_terms(findings: Findings, problem: Any) -> None:
    """Whether a sample takes at least one term, and no more than there are."""
    sample = with_copies(oracle.new_sample(problem))
    with as_python():
        oracle.draw(problem, np.random.default_rng(0), sample)
        taken = oracle.batch_summands(problem, sample)
    terms = oracle.summands(problem)
    if not (taken >= 1 and terms >= 1):
        what = f"says that a sample takes {taken} of {terms} terms, by which its calls are charged"
        findings.add(oracle.batch_summands, problem, what, "count the terms of the sum")
    elif oracle.resize.has(type(problem)):
        one, two = (_taken(problem, sample, size) for size in (1, 2))
        if two != 2 * one:
            what = f"says {one} terms for batches resized to 1, and {two} for 2, by which calls are charged"
            findings.add(oracle.batch_summands, problem, what, "let it follow `resize`")


def _taken(problem: Any, sample: Any, size: int) -> int:
    """The terms that a sample of this size says to take."""
    with as_python():
        oracle.resize(problem, sample, size)
        oracle.draw(problem, np.random.default_rng(0), sample)
        return int(oracle.batch_summands(problem, sample))
