"""The runs of a sweep, over threads and lanes, into one table."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.policy import compiles
from dynamics.protocol.kernel_errors import KernelError
from dynamics.protocol.large_data import parts
from dynamics.protocol.status import Status
from dynamics.runs.interruption import untold
from dynamics.runs.lane_runs import run_together
from dynamics.runs.run import run
from dynamics.runs.setup import Setup, elsewhere, starts_on
from dynamics.sweeps.content import stream
from dynamics.sweeps.crew import Crew, Halted
from dynamics.sweeps.families import Family, families, width_of
from dynamics.sweeps.loop import UNSETTLED, Runs
from dynamics.sweeps.seeding import seed_words
from dynamics.sweeps.table import Table
from dynamics.sweeps.workers import terms_of, worker_for

FEW = 8  # groups of a pair that go through Python before the compiled loop is made ready, which takes as long

_by_python: Counter[Any] = Counter()  # the groups that have gone through Python, by the classes of the pair


@dataclass(frozen=True, eq=False)
class Asked:
    """The runs of a block, and what holds for all of them.

    Attributes
    ----------
    settings
        By their numbers, the runs before they have a seed.
    setting, seed
        Of each run the number of its setting, and the place of its seed in `seeds`.
    starts
        First iterates, one a seed, or one for all.
    """

    settings: Mapping[int, Setup]
    setting: np.ndarray
    seed: np.ndarray
    seeds: tuple[int, ...]
    starts: Sequence[Any]
    steps: int
    common_noise: bool
    with_problem: bool  # whether a run's stream hangs on its problem too

    def setup(self, run: int) -> Setup:
        """One of the runs."""
        setting, seed = self.settings[int(self.setting[run])], int(self.seed[run])
        content = (setting.method, *([setting.problem] if self.with_problem else []))
        rng = stream(self.seeds[seed], *([] if self.common_noise else content))
        return elsewhere(setting, x0=self.starts[seed if len(self.starts) > 1 else 0], rng=rng)


class Share(NamedTuple):
    """Runs of a family: one group for Python, or all of them for the compiled loop, whose threads share them."""

    family: Family
    members: np.ndarray  # places in the block, -1 for none, shape (groups, width)
    runs: Runs | None  # of the family; None where Python takes them

    def places(self) -> np.ndarray:
        """The places in the block."""
        return self.members[self.members >= 0]

    def is_left(self) -> bool:
        """Whether there are groups for the loop that no thread has taken."""
        return self.runs is not None and bool(self.runs.tickets[0] < len(self.members))

    def for_python(self, group: Any) -> "Share":
        """Runs that go together, for Python."""
        return Share(self.family, np.atleast_2d(group), None)

    def unsettled(self, table: Table) -> "list[Share]":
        """The runs that the loop has left to Python, each by itself."""
        places = self.places()
        return [self.for_python(place) for place in places[table.columns.status[places] == UNSETTLED]]


def run_all(
    asked: Asked,
    table: Table,
    *,
    threads: int,
    interrupted: Callable[[], bool],
    tick: Callable[[int], None] = untold,
) -> None:
    """Fill the table. A run that raises an exception leaves its words; the others go on.

    Raises
    ------
    KeyboardInterrupt
        Where `interrupted` said so.
    KernelError
        For a kernel that can't be compiled, at once.
    """
    made = shares(asked)
    crew = Crew(min(threads, sum(len(share.members) for share in made)), interrupted)
    waiting = deque(made)  # that no thread has begun
    telling, told = Lock(), 0

    def tell() -> None:
        nonlocal told
        if tick is not untold:
            with telling:
                done = int(np.count_nonzero(table.columns.status != Status.RUNNING))
                if done > told:
                    told = done
                    tick(done)

    def work(halted: Halted) -> None:
        """Take one share after the other, and then part of what others have begun."""

        def asked_to_halt(ahead: float = 0.0) -> bool:
            tell()
            return halted(ahead)

        while not asked_to_halt() and (share := _first(waiting)) is not None:
            if share.runs is None:
                table.clear(share.places())
                _take_by_python(asked, table, share.family, share.places().tolist(), asked_to_halt)
            elif not _taken_by_loop(asked, table, share, share.runs, asked_to_halt):
                waiting.extend(share.for_python(group) for group in share.members)
        for share in made:
            if share.runs is not None and share.is_left() and not asked_to_halt():
                _taken_by_loop(asked, table, share, share.runs, asked_to_halt)
        tell()

    crew.do(work)
    if (table.columns.status == UNSETTLED).any():
        waiting.extend(left for share in made for left in share.unsettled(table))
        crew.do(work)


def _first(waiting: deque[Share]) -> Share | None:
    """What waits longest, which waits no more."""
    with suppress(IndexError):
        return waiting.popleft()
    return None


def run_as_far_as_possible(asked: Asked, table: Table, **how: Any) -> None:
    """Fill the table as `run_all` does; an interruption leaves the runs that are done, if any, the others RUNNING."""
    try:
        run_all(asked, table, **how)
    except KeyboardInterrupt:
        waiting = np.isin(table.columns.status, (Status.RUNNING, Status.INTERRUPTED, UNSETTLED))
        if waiting.all():
            raise
        table.clear(np.flatnonzero(waiting))


def shares(asked: Asked) -> list[Share]:
    """Which runs go together; where they draw the same samples, they are of one seed.

    How many are at hand decides on no more than that: a run that can go on lanes does so, alone if need be, and has
    the same bytes in any company.
    """
    made = []
    seeds = seed_words(asked.seeds)
    for family in families(asked.settings, common_noise=asked.common_noise, with_problem=asked.with_problem):
        members = groups(asked, family)
        if _goes_by_python(family, len(members)):
            made += [Share(family, group[np.newaxis], None) for group in members]
        else:
            made.append(Share(family, members, _runs(asked, family, members, seeds)))
    return made


def _goes_by_python(family: Family, groups: int) -> bool:
    """Whether Python takes the groups of a family: the first few of a pair, and runs of which it takes each step."""
    setup = family.first
    if not compiles() or (not family.on_lanes and parts(setup.problem)):
        return True
    pair = type(setup.method), type(setup.problem)
    _by_python[pair] += groups
    return _by_python[pair] <= FEW


def _runs(asked: Asked, family: Family, members: np.ndarray, seeds: tuple[np.ndarray, np.ndarray]) -> Runs:
    """The runs of a family as the compiled loop reads them."""
    words, counts = seeds
    first, last = int(family.settings[0]), int(family.settings[-1])
    gapless = last - first == len(family.settings) - 1
    return Runs(
        tickets=np.zeros(1, dtype=np.int64),
        members=members,
        setting=asked.setting - first if gapless else np.searchsorted(family.settings, asked.setting),
        seed=np.ascontiguousarray(asked.seed, dtype=np.int64),
        numbers=family.numbers,
        keys=family.keys,
        template=family.memory,
        seeds=words,
        seed_words=counts,
        starts=np.array(starts_on(family.first.problem, asked.starts)),
    )


def groups(asked: Asked, family: Family) -> np.ndarray:
    """The runs of a family, as many in a row as go together, -1 in lanes to spare."""
    everything = len(family.settings) == len(asked.settings)
    runs = np.arange(len(asked.setting)) if everything else np.flatnonzero(np.isin(asked.setting, family.settings))
    width = width_of(family, asked.common_noise)
    if not family.of_one_seed(asked.common_noise):
        spare = np.full(-len(runs) % width, -1)
        return np.concatenate([runs, spare]).reshape(-1, width)
    seeds = asked.seed[runs]
    order = np.argsort(seeds, kind="stable")
    runs, seeds = runs[order], seeds[order]
    lane = (np.arange(len(runs)) - np.searchsorted(seeds, seeds)) % width
    members = np.full((int(np.count_nonzero(lane == 0)), width), -1)
    members[np.cumsum(lane == 0) - 1, lane] = runs
    return members


def _taken_by_loop(asked: Asked, table: Table, share: Share, runs: Runs, halted: Halted) -> bool:
    """Take the runs of a family that no other thread takes through the compiled loop; whether it could take them."""
    family = share.family
    terms = terms_of(family, asked.steps, last=table.last, common_noise=asked.common_noise)
    worker = worker_for(family, terms, share.members.shape[1])
    if worker is None:
        return False
    columns = table.columns
    if columns.x.shape[-1] != runs.starts.shape[-1]:
        columns = columns._replace(x=np.empty((0, 0)))
    worker.take(runs, columns, terms, halted)
    worker.end()
    return True


def _take_by_python(asked: Asked, table: Table, family: Family, group: list[int], halted: Callable[[], bool]) -> None:
    """Take a group of runs through the driver in chunks; where one raises, each by itself."""
    setups = [asked.setup(place) for place in group]
    try:
        if family.on_lanes:
            common = family.of_one_seed(asked.common_noise)
            ends = run_together(setups, asked.steps, common_noise=common, interrupted=halted)
        else:
            ends = [run(setups[0], asked.steps, interrupted=halted)]
    except KernelError:
        raise
    except Exception as error:
        if len(group) == 1:
            table.write_error(group[0], error)
        else:
            for place in group:
                _take_by_python(asked, table, family, [place], halted)
        return
    for place, outcome in zip(group, ends, strict=True):
        table.write(place, outcome)
