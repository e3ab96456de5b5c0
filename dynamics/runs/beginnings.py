"""What all runs of a method on a problem begin from: worked out once, and kept with the problem's canonical form."""

from typing import Any, NamedTuple, cast

import numpy as np

from dynamics.kernels.code import reads_first
from dynamics.kernels.generic import Generic, is_constant
from dynamics.kernels.origins import OURS
from dynamics.protocol.compatibility import check_pair
from dynamics.protocol.coordinates import separable
from dynamics.protocol.kept import Lately, beside
from dynamics.protocol.large_data import parts
from dynamics.protocol.method import (
    full_batch_only,
    memory_maker,
    memory_of_blocks,
    new_memory,
    uses_gradient,
    uses_rng,
)
from dynamics.protocol.oracle import batch_summands, new_sample, summands
from dynamics.protocol.rehearsal import at_the_users_line, rehearse, rehearse_update
from dynamics.protocol.schedules import Schedule
from dynamics.protocol.scratch import Scratch, scratch_in
from dynamics.protocol.trees import arrays_in, with_arrays
from dynamics.runs.state import State, first_state
from dynamics.vectors.alignment import Layout, layout_of

ASKED = (uses_gradient, uses_rng, summands, batch_summands, parts, separable)  # of a method or a problem, once a run

LARGEST = 2**16  # bytes that runs lend to one another: with more of them a call matters little


class Room(NamedTuple):
    """How the memory of a run is laid out."""

    state: State  # like that of the run, and the same but for its x
    arrays: list[np.ndarray]  # in it
    layout: Layout
    scratch: Scratch
    kinds: list[Any]  # what the driver's machine code was found by, once it was called: none, or one
    lends: bool  # whether runs may go on in the memory of runs that have ended
    spare: list[Any]  # such memory: what `dynamics.runs.lending` makes

    def copy(self, x: np.ndarray) -> State:
        """A copy of the state in aligned memory of its own, at x."""
        copies = self.layout.made()
        for copy, array in zip(copies, self.arrays, strict=True):
            copy[...] = array
        copies[0][...] = x  # the first array of a state is that of its point
        return with_arrays(self.state, iter(copies))

    def state_in(self, memory: list[np.ndarray]) -> State:
        """A state like this one whose arrays lie in memory that `layout` has made room in, or in a copy of it."""
        return cast(State, with_arrays(self.state, iter(self.layout.arrays_in(memory))))


def room_of(state: State, problem: Any, like: Room | None = None, lends: bool = False) -> Room:
    """Room for runs from a state on a problem; `like` is that of another state on the same problem."""
    arrays = arrays_in(state)
    alike = like is not None and list(map(_form, arrays)) == list(map(_form, like.arrays))
    layout = like.layout if like is not None and alike else layout_of(arrays)
    scratch = like.scratch if like is not None else scratch_in(problem)
    lends = lends and layout.bytes + scratch.layout.bytes <= LARGEST
    return Room(state, arrays, layout, scratch, [], lends, [])


def _form(array: np.ndarray) -> tuple[Any, ...]:
    return type(array), array.shape, array.dtype


class Beginning(NamedTuple):
    """What runs of a method on a problem, both in canonical form, begin from."""

    method: Any  # kept, so that no other has its identity
    state: State  # before the first step; nobody writes to it
    room: Room
    stays: bool  # whether all runs begin alike, or with memory and samples that are made for each
    registered: int  # implementations of generic functions by then
    terms: int  # of the problem's sum
    pace: int  # steps between records, unless something else is asked for


def beginning(method: Any, problem: Any, start: np.ndarray, *, checked: bool) -> Beginning:
    """Where a run begins that starts from `start`; the pair is refused where it doesn't fit, unless it was `checked`.

    Raises
    ------
    MissingImplementation, KernelError
        What `check_pair` and the rehearsals refuse.
    """
    kept = beside(problem)
    found: Beginning | None = _found(kept, method) if kept is not None else None
    if found is not None and (found.registered != Generic.registered or found.state.point.x.shape != start.shape):
        found = None
    if found is not None and found.stays:
        return found if found.room.lends else _asked_again(found, problem)
    checked = checked or found is not None
    with at_the_users_line(method, problem):
        sample = None if full_batch_only(method) else new_sample(problem)
    if not checked:
        check_pair(method, problem, sample is not None)
        rehearse(problem, start, sample is not None)
    with at_the_users_line(method, problem):
        state = first_state(method, start.copy(), sample, problem)
    if not checked:
        rehearse_update(method, state.point, state.memory, problem, state.sample)
    same = stays(method, problem)
    lends = same and kept is not None and _settled(ASKED, method, problem) and not parts(problem)
    room = room_of(state, problem, found.room if found is not None else None, lends)
    made = _asked_again(Beginning(method, state, room, same, Generic.registered, 1, 1), problem)
    if kept is not None and not checked:
        _keep(kept, method, made)
    return made


def _asked_again(made: Beginning, problem: Any) -> Beginning:
    """The same with what the problem says of its sum."""
    terms, sample = summands(problem), made.state.sample
    pace = 1 if sample is None else max(1, terms // int(batch_summands(problem, sample)))
    return made._replace(terms=terms, pace=pace)


def _found(kept: Lately, method: Any) -> Beginning | None:
    """What is kept of a method, or of one that begins like it; a method is found sooner than its like."""
    found: Beginning | None = kept[id(method)]
    if found is not None and found.method is method:
        return found
    found = kept[_key(method)]
    if found is not None:
        _keep(kept, method, found)
    return found


def _keep(kept: Lately, method: Any, made: Beginning) -> None:
    kept.make_room()
    kept[id(method)] = kept[_key(method)] = Beginning(method, *made[1:])


def _key(method: Any) -> Any:
    """What methods have in common that begin alike: all but floats; or nothing, where a memory may hang on these."""
    return id(method) if reads_first(memory_maker(type(method))) else _kind(method)


def _kind(part: Any) -> Any:
    if type(part) is float or type(part) is Schedule:
        return type(part)
    if isinstance(part, tuple):
        return type(part), *map(_kind, part)
    return id(part) if isinstance(part, np.ndarray) else part


def stays(method: Any, problem: Any) -> bool:
    """Whether a pair's runs begin alike: memory and samples hang on nothing but numbers and shapes.

    Users' functions are called once a run, as they are told. Blocks, and a method's arrays, can be written to.
    """
    written = any(memory_of_blocks.has(kind) for kind in _classes(method)) or _has_arrays(method)
    return not written and _settled((full_batch_only, new_memory, new_sample), method, problem)


def _settled(functions: tuple[Generic, ...], *things: Any) -> bool:
    """Whether these functions give answers of optdyn's own, or constants, for things and for those inside them."""
    kinds = {kind for thing in things for kind in _classes(thing)}
    bodies = {function.table.get(kind, function.fallback) for function in functions for kind in kinds}
    return all(body is None or _is_ours(body) or is_constant(body) for body in bodies)


def _is_ours(body: Any) -> bool:
    return (body.__module__ or "").partition(".")[0] in OURS


def _classes(tree: tuple[Any, ...]) -> set[type]:
    """The class of a method or a problem, and those of the tuples in it."""
    return {type(tree)}.union(*(_classes(part) for part in tree if isinstance(part, tuple)))


def _has_arrays(tree: tuple[Any, ...]) -> bool:
    """Whether there are arrays in a method, those of its schedules apart, which no memory hangs on."""
    return any(
        isinstance(part, np.ndarray) or (isinstance(part, tuple) and _has_arrays(part))
        for part in tree
        if not isinstance(part, Schedule)
    )
