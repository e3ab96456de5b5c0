"""What a method is charged against what it has asked for."""

from typing import Any

import numpy as np

from dynamics.examination.asking import with_copies
from dynamics.examination.ground import TERMS, ground
from dynamics.examination.report import Findings
from dynamics.kernels.policy import as_python
from dynamics.protocol import oracle
from dynamics.protocol.apart import seen_by
from dynamics.protocol.full_and_sampled import Full, Sampled
from dynamics.protocol.method import PAID, STALE, UNPAID, update, uses_gradient, uses_loss
from dynamics.runs.simulate import simulate

NAMES = ("values", "gradients", "Hessian products")


def check_charges(findings: Findings, method: Any, run: Any, sampled: bool) -> None:
    """The calls on a run's account against those that the problem has answered."""
    findings.looked_at.append("calls that are charged against calls that are made")
    asked = np.array(run.inner.problem.counts)
    charged = np.array(run.state.calls, dtype=float)
    unpaid = run.state.point.fresh[0] == UNPAID
    if sampled or not uses_gradient(method):
        asked[:2] -= TERMS * len(run.iteration)  # recording is nobody's
    elif unpaid:
        asked[:2] -= TERMS  # the look at the end
    for i, name in enumerate(NAMES):
        if i == 0 and not sampled and not uses_loss(method):
            continue  # values come with exact gradients, and are charged to those who read them
        if asked[i] > charged[i] + 0.5:
            what = f"is charged {charged[i] / TERMS:g} {name} of the whole, and asked for {asked[i] / TERMS:g}"
            findings.add(update, method, what, "ask `oracle`, which counts, and not oracle.problem")
        elif asked[i] < charged[i] - 0.5:
            what = f"is charged {charged[i] / TERMS:g} {name} of the whole, and asked for {asked[i] / TERMS:g}"
            findings.add(
                update, method, what, "leave oracle.calls to the oracle, and say PAID only of what was asked for"
            )


def check_loss(findings: Findings, method: Any, sampled: bool, seed: int) -> None:
    """Whether an update reads a loss that nobody counts, or leaves a gradient that belongs to another iterate."""
    for steps in (1, 2, 3, 5):
        run = simulate(method, ground(sampled), steps=steps, rng=seed)
        state, problem = run.state, run.inner.problem
        if state.point.status[0]:
            return
        if state.point.fresh[0] == PAID and not sampled:
            _belongs(findings, method, state, problem)
        if uses_loss(method) or state.point.fresh[0] == PAID or (sampled and state.point.fresh[0] == STALE):
            continue
        findings.looked_at.append("whether the loss is read unannounced")
        ends = []
        for factor in (1.0, 1.7):
            copy, calls = with_copies(state), np.zeros(3, dtype=np.int64)
            copy.point.loss[0] = factor * copy.point.loss[0] + (factor - 1.0)
            with as_python(), np.errstate(all="ignore"):
                seen: Any = Full(problem, calls, TERMS)
                if sampled:
                    seen = Sampled(problem, calls, TERMS, copy.sample)
                seen = seen_by(method, seen, np.random.default_rng(seed))
                update(run.inner.method, seen, copy.point, copy.memory, steps)
            ends.append(copy.point.x)
        if not np.array_equal(ends[0], ends[1], equal_nan=True):
            what = "reads point.loss, which is neither computed for mini-batches nor charged"
            findings.add(update, method, what, f"say so by always(uses_loss, {type(method).__name__})")
            return


def _belongs(findings: Findings, method: Any, state: Any, problem: Any) -> None:
    """Whether what an update says it has evaluated is the gradient at the iterate where it left the run."""
    findings.looked_at.append("gradients that an update hands on")
    with as_python():
        out = np.zeros_like(state.point.x)
        value = oracle.value_and_gradient(problem, np.array(state.point.x), out)
    if not np.allclose(out, state.point.gradient, rtol=1e-9, atol=1e-12) or not np.isclose(value, state.point.loss[0]):
        what = "sets point.fresh to PAID, and leaves a gradient or a loss that belongs to another iterate"
        findings.add(
            update, method, what, "evaluate at the new point.x into point.gradient, or leave point.fresh alone"
        )
