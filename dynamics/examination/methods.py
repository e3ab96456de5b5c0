"""A method looked at on a small problem: its charges, what it keeps, lanes against single runs, machine code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import numba
import numpy as np

from dynamics.checks import Refusal, as_generator, require_truth
from dynamics.examination.asking import with_copies
from dynamics.examination.charges import check_charges, check_loss
from dynamics.examination.ground import START, ground
from dynamics.examination.poison import poisoned
from dynamics.examination.reading import read_kernels
from dynamics.examination.report import Findings, Report
from dynamics.examination.slopes import FEW_ULPS, rounding
from dynamics.kernels.generic import Generic, MissingImplementation
from dynamics.kernels.origins import OURS
from dynamics.kernels.policy import as_python, runs_as_python
from dynamics.protocol import oracle
from dynamics.protocol.apart import seen_by
from dynamics.protocol.canonical import canonical
from dynamics.protocol.compatibility import check_pair
from dynamics.protocol.faults import KernelError, at, in_words, place_of
from dynamics.protocol.full_and_sampled import Full
from dynamics.protocol.method import before_draw, full_batch_only, new_memory, runs_in_lanes, update
from dynamics.protocol.rehearsal import at_the_users_line
from dynamics.protocol.source import arrays_made, bound_anew, with_helpers
from dynamics.protocol.status import Status
from dynamics.protocol.trees import arrays_in
from dynamics.runs.lane_rehearsal import rehearse_lanes
from dynamics.runs.lane_runs import run_together
from dynamics.runs.setup import IDLE, begun
from dynamics.runs.simulate import simulate
from dynamics.runs.state import first_memory, first_state

STEPS = 12
FILLS = (0.0, 7.25, -3.5)
SPREAD = 1e3  # by which branches, such as those of a line search, may enlarge what rounding does


def check_method(method: Any, *, rng: Any = 0, machine: bool = True) -> Report:
    """Look for what is wrong with a method, before it is run on a problem that matters.

    Parameters
    ----------
    method : NamedTuple
        A method of one's own with its settings, or any other.
    rng : int, SeedSequence, Generator or None
        For the samples.
    machine : bool
        Whether to compile the kernels, and compare plain Python with machine code: takes seconds.

    Returns
    -------
    Report
        False where something is wrong; each finding has the kernel, the line and the cure.

    Raises
    ------
    ValueError
        If a hyper-parameter is outside its range.

    Notes
    -----
    The method runs on a small convex problem, with exact gradients and with mini-batches, that counts what it is asked:
    charges are compared with these counts, a run with the same run after another one, a memory made of np.empty with
    one full of other numbers, several runs in lanes with each by itself, plain Python with machine code.

    Examples
    --------
    >>> from dynamics import Adam, check_method
    >>> bool(check_method(Adam(0.1), machine=False))
    True
    """
    machine = require_truth("machine", machine) and not numba.config.DISABLE_JIT
    seed = int(as_generator(rng).integers(2**31))
    method = canonical(method)
    kind = type(method)
    if not update.has(kind) and oracle.value_and_gradient.has(kind):
        raise Refusal(f"{kind.__name__} is a problem: look at it by check_problem.")
    kinds = [sampled for sampled in (False, True) if _fits(method, sampled)]
    if not kinds:
        check_pair(method, ground(True), True)
    findings = Findings(kind.__name__)
    read_kernels(findings, method, (update, before_draw))
    try:
        _look(findings, method, kinds, seed, machine)
    except KernelError as error:
        findings.add_error(error)
    return findings.report()


def _fits(method: Any, sampled: bool) -> bool:
    """Whether the method runs on the problem with mini-batches, or on that without."""
    if sampled and full_batch_only(method):
        return False
    try:
        check_pair(method, ground(sampled), sampled)
    except MissingImplementation:
        return False
    return True


def _look(findings: Findings, method: Any, kinds: list[bool], seed: int, machine: bool) -> None:
    with at_the_users_line(method, ground(False)):
        _memory(findings, method)
    if _uninitialised(findings, method, kinds[0]):
        return  # what follows would find the same in other words
    for sampled in kinds:
        run = _run(method, sampled, seed)
        if _again(findings, method, sampled, seed, run):
            return
        if run.status in (Status.DIVERGED, Status.NOT_FINITE):
            left = f"the run left the finite numbers at iterate {run.stopped_at}: smaller steps show more"
            findings.looked_at.append(f"no more than that, since {left}")
            return
        with runs_as_python():
            check_loss(findings, method, sampled, seed)
        if not findings.found:
            _moves(findings, method, run)
        check_charges(findings, method, run, sampled)
    if not kinds[0]:
        _keeps_hands_off(findings, method)
        if runs_in_lanes(method):
            _lanes(findings, method, seed)
    if machine:
        _compiled(findings, method, kinds[-1], seed)


def _run(method: Any, sampled: bool, seed: int, x0: Any = None, steps: int = STEPS) -> Any:
    try:
        with runs_as_python():
            return simulate(method, ground(sampled), steps=steps, x0=x0, rng=seed)
    except (Refusal, KernelError):
        raise
    except Exception as error:
        name = f"update of {type(method).__name__}"
        told = f"{type(error).__name__}: {in_words(error, (method,))}{at(*place_of(error))}"
        raise KernelError(f"{name} fails within {steps} steps: {told}.") from error


def _memory(findings: Findings, method: Any) -> None:
    """Two runs must not share a memory."""
    findings.looked_at.append("memories of two runs")
    one, other = (arrays_in(first_memory(method, START.size, ground(False))) for _ in range(2))
    if any(np.shares_memory(a, b) for a in one for b in other):
        findings.add(new_memory, method, "gives two runs one memory", "make new arrays at each call")


def _moves(findings: Findings, method: Any, run: Any) -> None:
    findings.looked_at.append("whether iterates move")
    if run.stopped_at and np.array_equal(run.x, START) and run.gradient_norm[-1] > 0:
        spot = next(bound_anew(update.implementation(type(method)), frozenset({"point.x"})), None)
        what, cure = (
            f"leaves the iterate where it is for {run.stopped_at} steps",
            "write into point.x, as in x[j] -= step",
        )
        findings.add(update, method, what, cure, line=spot.line if spot else 0)


def _again(findings: Findings, method: Any, sampled: bool, seed: int, run: Any) -> bool:
    """The same run after another one must have the same bytes."""
    findings.looked_at.append("a run again after another one")
    _run(method, sampled, seed + 1, x0=-0.5 * START, steps=3)
    other = _run(method, sampled, seed)
    if not np.array_equal(run.x, other.x, equal_nan=True) or not np.array_equal(run.loss, other.loss, equal_nan=True):
        what = "takes other steps when the same run comes after another one"
        findings.add(update, method, what, "let it keep in its memory, made by new_memory, whatever it keeps")
        return True
    return False


def _uninitialised(findings: Findings, method: Any, sampled: bool) -> bool:
    """What is read of np.empty before it is written shows where the array is full of other numbers."""
    kind = type(method)
    if kind.__module__.partition(".")[0] in OURS:
        return False
    findings.looked_at.append("arrays that are read before they are written")
    for function in (new_memory, update):
        body = function.table.get(kind)
        if not isinstance(body, FunctionType):
            continue
        spots = [spot for part in with_helpers(body) for spot, _ in arrays_made(part) if "empty" in spot.name]
        if not spots:
            continue
        ends = []
        for fill in FILLS:
            with _in_place_of(function, kind, poisoned(body, fill)):
                ends.append(_run(method, sampled, 0).x)
        if any(not np.array_equal(ends[0], end, equal_nan=True) for end in ends[1:]):
            what = f"makes an array by {spots[0].name} that is read before it is written"
            findings.add(function, method, what, "begin with np.zeros", file=spots[0].file, line=spots[0].line)
            return True
    return False


@contextmanager
def _in_place_of(function: Generic, kind: type, body: Any) -> Iterator[None]:
    """Another implementation for a while, in plain Python alone."""
    before = function.table[kind]
    function.table[kind] = body
    try:
        yield
    finally:
        function.table[kind] = before


def _keeps_hands_off(findings: Findings, method: Any) -> None:
    """An update must change neither its own hyper-parameters nor the problem's data."""
    findings.looked_at.append("whether hyper-parameters and data stay as they are")
    problem, ours = ground(False), with_copies(method)
    state = first_state(ours, START.copy(), None)
    with as_python(), np.errstate(all="ignore"):
        state.point.loss[0] = oracle.value_and_gradient(problem, state.point.x, state.point.gradient)
        update(ours, seen_by(ours, Full(problem, state.calls, 1), IDLE), state.point, state.memory, 0)
    if not all(np.array_equal(a, b) for a, b in zip(arrays_in(ours), arrays_in(method), strict=True)):
        findings.add(update, method, "writes to its own hyper-parameters", "keep in the memory what changes")
    if not np.array_equal(problem.curvature, ground(False).curvature):
        findings.add(
            update, method, "writes to the problem's data", "ask the oracle, and change point and memory alone"
        )


def _lanes(findings: Findings, method: Any, seed: int) -> None:
    """Several runs in one against each by itself."""
    findings.looked_at.append("runs in lanes against each by itself")
    setups = [
        begun(
            method,
            ground(False),
            x0=START * (1.0 + 0.05 * lane),
            rng=seed,
            record_every=None,
            record_iterates=False,
            stop=None,
        )
        for lane in range(8)
    ]
    rehearse_lanes(setups[0])
    with runs_as_python():
        outcomes = run_together(setups, STEPS, common_noise=False, interrupted=lambda: False)
    for lane, outcome in enumerate(outcomes):
        x0 = START * (1.0 + 0.05 * lane)
        bound = _bound(lambda t: _run(method, False, seed, x0=t).x, x0)
        alone = _run(method, False, seed, x0=x0).x
        if not np.abs(outcome.state.point.x - alone).max() <= bound:
            what = f"takes run {lane} of eight in lanes to {outcome.state.point.x[0]:.9g}, and alone to {alone[0]:.9g}"
            cure = "keep the numbers of each run apart: loops over len(x), and choices by where_positive"
            findings.add(update, method, what, cure)
            return


def _compiled(findings: Findings, method: Any, sampled: bool, seed: int) -> None:
    """Plain Python against machine code."""
    findings.looked_at.append("plain Python against machine code")
    made = simulate(method, ground(sampled), steps=STEPS, rng=seed)
    alone = _run(method, sampled, seed)
    bound = _bound(lambda t: _run(method, sampled, seed, x0=t).x, START)
    if made.status != alone.status or not np.abs(made.x - alone.x).max() <= bound:
        j = int(np.nan_to_num(np.abs(made.x - alone.x), nan=np.inf).argmax())
        what = f"takes x[{j}] to {made.x[j]:.9g} as machine code, and to {alone.x[j]:.9g} as plain Python"
        cure = "look for an index beyond an array's end, a global that was changed, or np.empty that is read"
        findings.add(update, method, what, cure)


def _bound(run: Callable[[np.ndarray], Any], x0: np.ndarray) -> float:
    """How far apart two sound computations of a run's end may lie."""
    return SPREAD / FEW_ULPS * rounding(run, x0, STEPS * x0.size, np.random.default_rng(0))
