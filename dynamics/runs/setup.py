"""A run that is ready to go, whether from its start or from where another one ended: everything checked."""

import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dynamics.checks import (
    KindRefusal,
    Refusal,
    as_generator,
    real_array,
    require_truth,
    require_whole,
    shown,
)
from dynamics.kernels.code import reads_first
from dynamics.protocol.canonical import FLOAT, canonical, identity
from dynamics.protocol.kept import all_finite
from dynamics.protocol.method import Point, memory_maker, update
from dynamics.protocol.oracle import initial_point, summands
from dynamics.protocol.rehearsal import own_start
from dynamics.protocol.schedules import Schedule
from dynamics.protocol.status import SOUND, Status, Stop
from dynamics.runs.beginnings import Room, beginning
from dynamics.runs.driver import Records
from dynamics.runs.generators import restored, seeded
from dynamics.runs.measured import Measured
from dynamics.runs.state import Pair, State, first_memory
from dynamics.runs.trajectory import Trajectory

if TYPE_CHECKING:
    from dynamics.runs.probes import Probing

# What a run that draws nothing is given, always the same: numba takes long over a generator that it has not seen yet.
IDLE = np.random.default_rng(0)
NO_STOP = Stop()


class Setup(NamedTuple):
    """A run that is ready to go: everything checked, nothing compiled."""

    method: Any
    problem: Any
    state: State  # where it begins; the run makes a copy
    generator: Any  # or the seed of one, where nothing is drawn
    record_every: int
    record_iterates: bool
    stop: Stop
    begin: int
    before: Records | None  # the rows of the run that is resumed
    given: Pair  # method and problem as the user gave them
    terms: int  # of the problem's sum
    probes: Mapping[str, "Probing"] = {}
    measured: Mapping[str, Measured] = {}  # by the run that is resumed
    room: Room | None = None  # for a state like this one, if it was laid out before


def begun(
    method: Any,
    problem: Any,
    *,
    x0: Any,
    rng: Any,
    record_every: int | None,
    record_iterates: bool,
    stop: Stop | None,
    like: "Setup | None" = None,
    probes: Any = None,
) -> Setup:
    """A run from its start; `like` is one of the same sweep: of the same class, problem, start and pace, checked."""
    if like is None:
        if type(problem) in update.table:
            _refuse_swapped(method, problem)
    else:
        alike = with_other_numbers(method, like)
        if alike is not None:
            state = like.state
            if reads_first(memory_maker(type(alike))):
                state = state._replace(memory=first_memory(alike, state.point.x.size, like.problem))
            room = like.room if state is like.state else None
            return like._replace(method=alike, state=state, given=Pair(method, problem), room=room)
    given = Pair(method, problem)
    method = canonical(method)
    problem = like.problem if like else canonical(problem)
    try:
        own = initial_point(problem)
        sound = own is None or (type(own) is np.ndarray and own.ndim == 1 and own.size)
    except Exception:
        sound = False
    start = _start(problem, own if sound else own_start(problem), x0)
    first = beginning(method, problem, start, checked=like is not None)
    state = _at(first.state, start)
    return Setup(
        method,
        problem,
        state,
        _drawn(rng) if state.draws else IDLE if like else _undrawn(rng),
        first.pace if record_every is None else _pace(record_every),
        require_truth("record_iterates", record_iterates),
        like.stop if like else NO_STOP if stop is None else _bounds(stop),
        0,
        None,
        given,
        first.terms,
        _checked(probes, method, problem, state) if probes else {},
        {},
        first.room,
    )


def elsewhere(setup: Setup, *, x0: Any, rng: Any) -> Setup:
    """The same run of a sweep from another start, with other random numbers."""
    state = _at(setup.state, _start(setup.problem, initial_point(setup.problem), x0))
    return setup._replace(state=state, generator=as_generator(rng) if state.draws else IDLE)


def resumed(
    method: Any, problem: Any, resume: Trajectory, *, refused: dict[str, Any], stop: Stop | None, probes: Any = None
) -> Setup:
    """A run that goes on where a trajectory ended; `refused` are arguments that must not be given then."""
    if not isinstance(resume, Trajectory):
        raise Refusal(f"resume = {shown(resume)} must be a Trajectory: what simulate returned, or Trajectory.load.")
    _refuse_swapped(method, problem)
    pair = Pair(method, problem)
    method, problem = canonical(method), canonical(problem)
    given = [name for name, value in refused.items() if value is not None]
    if given:
        raise Refusal(f"{', '.join(given)} can't be given with resume: the trajectory goes on with its own.")
    for word, ours, theirs in (
        ("method", method, resume.inner.method),
        ("problem", problem, resume.inner.problem),
    ):
        if ours is not theirs and identity(ours) != identity(theirs):
            raise Refusal(
                f"the trajectory to resume was made with another {word}: pass resume.{word}, or start without resume."
            )
    if resume.status not in (*SOUND, Status.INTERRUPTED):
        raise Refusal(
            f"a run that ended as {resume.status.name} at iterate {resume.stopped_at} can't go on: start a new one."
        )
    return Setup(
        method,
        problem,
        resume.state,
        restored(resume.rng_state),
        resume.record_every,
        resume.iterates is not None,
        _bounds(stop),
        begin=resume.stopped_at,
        before=resume.records,
        given=pair,
        terms=summands(problem),
        probes=_checked(probes, method, problem, resume.state) if probes else {},
        measured=resume.probes,
    )


def with_other_numbers(method: Any, like: Setup) -> Any:
    """The canonical form of a method that differs from that of `like` in floats alone, checked; None of another one.

    To go through all of a method takes forty times as long.
    """
    if type(method) is not type(like.given.method):
        return None
    fields: list[Any] = []
    for value, other, done in zip(method, like.given.method, like.method, strict=True):
        number = float(value) if isinstance(value, float) and isinstance(other, float) and value == value else None
        if value is other:
            fields.append(done)
        elif number is not None and type(done) is float:
            fields.append(number)
        elif number is not None and type(done) is Schedule:
            fields.append(done._replace(initial=number))
            fields[-1].check()
        else:
            return None
    made = type(like.method)(*fields)
    if hasattr(made, "check"):
        made.check()
    return made


def starts_on(problem: Any, given: Iterable[Any]) -> list[np.ndarray]:
    """Where runs on a problem begin that are given these first iterates; None stands for the problem's own."""
    own = initial_point(problem)
    return [_start(problem, own, x0) for x0 in given]


def _start(problem, own, x0):
    if x0 is None:
        if own is None:
            raise Refusal(
                f"{type(problem).__name__} has no initial point of its own: give x0, a vector of its dimension."
            )
        return np.array(own, dtype=np.float64)
    if type(x0) is np.ndarray and x0.dtype is FLOAT and x0.ndim == 1 and x0.size and all_finite(x0):
        start = x0.copy()
    else:
        start = real_array("x0", x0, None)
    if start.ndim != 1 or (own is not None and start.shape != own.shape):
        wanted = f"({own.size},)" if own is not None else "(d,) with d at least 1"
        raise Refusal(f"x0 has shape {start.shape}: {type(problem).__name__} needs shape {wanted}.")
    return start


def _checked(probes, method, problem, state):
    from dynamics.runs.observer import checked  # which few runs need

    return checked(probes, method, problem, state)


def _pace(record_every):
    return require_whole("record_every", record_every, 1, "it counts steps between records")


def _bounds(stop):
    if stop is not None and not isinstance(stop, Stop):
        fix = f"Stop(gradient_norm={stop})" if isinstance(stop, float | int) else "Stop(gradient_norm=1e-8)"
        raise Refusal(f"stop = {shown(stop)} must be a Stop; try stop={fix}.")
    return NO_STOP if stop is None else canonical(stop)


def _refuse_swapped(method, problem):
    if update.has(type(problem)) and not update.has(type(method)):
        raise KindRefusal(f"{type(problem).__name__} is a method, and stands where the problem belongs: swap the two.")


def _drawn(rng):
    """A generator for a run that draws."""
    return seeded(rng) if type(rng) is int and rng >= 0 else as_generator(rng)


def _undrawn(rng):
    """A generator for a run that draws nothing, or only its seed: to make one takes as long as several steps."""
    if rng is None:
        return secrets.randbits(128)
    return rng if type(rng) is int and rng >= 0 else as_generator(rng)


def _at(state: State, x: np.ndarray) -> State:
    """A state at another iterate."""
    point = tuple.__new__(Point, (x, *state.point[1:]))  # as `Point` does, in half the time
    return tuple.__new__(State, (point, *state[1:]))
