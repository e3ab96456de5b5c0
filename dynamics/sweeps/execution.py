"""The runs of a sweep, over threads and lanes, into one table."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.policy import compiles
from dynamics.protocol.kernel_errors import KernelError
from dynamics.protocol.large_data import parts
from dynamics.protocol.status import Status
from dynamics.runs.lane_runs import run_together
from dynamics.runs.run import run
from dynamics.runs.setup import Setup, elsewhere, starts_on
from dynamics.sweeps.content import stream
from dynamics.sweeps.families import Family, families, width_of
from dynamics.sweeps.loop import OWN_COST, UNSETTLED, Runs, Terms
from dynamics.sweeps.seeding import seed_words
from dynamics.sweeps.table import Table
from dynamics.sweeps.workers import Worker, terms_of, worker_for

PIECE = 2**17  # steps that the groups of runs take which a thread takes at once, at most: it pauses for Python then
HELP_AFTER = 0.003  # seconds after which other threads join in: to start one, and to wait for its end, takes its time
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
    """Some of a family's runs, which go together by their lanes."""

    family: Family
    members: np.ndarray  # places in the block, -1 for none, shape (groups, width)
    runs: Runs | None  # of the family; None where Python takes them


def run_all(
    asked: Asked,
    table: Table,
    *,
    threads: int,
    interrupted: Callable[[], bool],
    tick: Callable[[int], None] = lambda done: None,
) -> None:
    """Fill the table. A run that raises an exception leaves its words; the others go on.

    Raises
    ------
    KeyboardInterrupt
        Where `interrupted` said so.
    KernelError
        For a kernel that can't be compiled, at once.
    """
    stopped, counting = Event(), Lock()
    all_shares = shares(asked, threads)
    waiting = iter(all_shares)
    done = 0
    began, helpers = time.perf_counter(), min(threads, len(all_shares)) - 1
    crew: list[Future[None]] = []

    def halted() -> bool:
        if not stopped.is_set() and interrupted():
            stopped.set()
        return stopped.is_set()

    def halted_or_helped() -> bool:
        """What the first thread asks between chunks: once it takes longer, the others join in."""
        if helpers and not crew and time.perf_counter() - began >= HELP_AFTER:
            pool = pools.enter_context(ThreadPoolExecutor(helpers))
            crew.extend(pool.submit(work, halted) for _ in range(helpers))
        return halted()

    def work(pause: Callable[[], bool]) -> None:
        """Take one share after the other from those that no other thread has taken."""
        nonlocal done
        bench = Bench(asked, table, pause)
        while not pause():
            with counting:
                share = next(waiting, None)
            if share is None:
                break
            bench.take(share)
            with counting:
                done += int(np.count_nonzero(share.members >= 0))
                tick(done)
        bench.end()

    with ExitStack() as pools:
        try:
            work(halted_or_helped)
            for helper in as_completed(crew):
                helper.result()
        except BaseException:
            stopped.set()
            raise
    if stopped.is_set():
        raise KeyboardInterrupt


def run_as_far_as_possible(asked: Asked, table: Table, **how: Any) -> None:
    """Fill the table as `run_all` does; an interruption leaves the runs that are done, if any, the others RUNNING."""
    try:
        run_all(asked, table, **how)
    except KeyboardInterrupt:
        waiting = np.isin(table.columns.status, (Status.RUNNING, Status.INTERRUPTED, UNSETTLED))
        if waiting.all():
            raise
        table.clear(np.flatnonzero(waiting))


def shares(asked: Asked, threads: int) -> list[Share]:
    """Which runs go together; where they draw the same samples, they are of one seed.

    How many are at hand decides on no more than that: a run that can go on lanes does so, alone if need be, and has
    the same bytes in any company.
    """
    made = []
    seeds = seed_words(asked.seeds)
    for family in families(asked.settings, common_noise=asked.common_noise, with_problem=asked.with_problem):
        members = groups(asked, family)
        by_python = _goes_by_python(family, len(members))
        runs = None if by_python else _runs(asked, family, members, seeds)
        most = min(PIECE // (asked.steps + OWN_COST), -(-len(members) // (4 * threads)))
        piece = 1 if by_python else max(1, most)
        made += [Share(family, members[at : at + piece], runs) for at in range(0, len(members), piece)]
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


class Bench:
    """Where one thread works, with memory that serves one share of a family after the other."""

    def __init__(self, asked: Asked, table: Table, halted: Callable[[], bool]) -> None:
        self.asked, self.table, self.halted = asked, table, halted
        self.family: Family | None = None
        self.worker: Worker | None = None
        self.terms: Terms | None = None

    def end(self) -> None:
        """Leave the memory to others."""
        if self.worker is not None:
            self.worker.end()
            self.worker = None

    def take(self, share: Share) -> None:
        """Take all runs of a share to their ends, or until halted."""
        members = share.members[share.members >= 0]
        if share.runs is not None and self._compiled(share, share.runs):
            for place in members[self.table.columns.status[members] == UNSETTLED].tolist():
                self.table.clear(place)
                self._by_python(share.family, [place])
            return
        self.table.begin(members)
        for group in share.members:
            if not self.halted():
                self._by_python(share.family, group[group >= 0].tolist())

    def _compiled(self, share: Share, runs: Runs) -> bool:
        """Whether the compiled loop could take the runs."""
        asked, family = self.asked, share.family
        if family is not self.family:
            self.family = family
            self.terms = terms_of(family, asked.steps, last=self.table.last, common_noise=asked.common_noise)
            self.end()
            self.worker = worker_for(family, self.terms, share.members.shape[1])
        if self.worker is None or self.terms is None:
            return False
        columns, runs = self.table.columns, runs._replace(members=share.members)
        if columns.x.shape[-1] != runs.starts.shape[-1]:
            columns = columns._replace(x=np.empty((0, 0)))
        self.worker.take(runs, columns, self.terms, self.halted)
        return True

    def _by_python(self, family: Family, group: list[int]) -> None:
        """Take a group of runs through the driver in chunks; where one raises, each by itself."""
        asked, table = self.asked, self.table
        setups = [asked.setup(place) for place in group]
        try:
            if family.on_lanes:
                common = family.of_one_seed(asked.common_noise)
                ends = run_together(setups, asked.steps, common_noise=common, interrupted=self.halted)
            else:
                ends = [run(setups[0], asked.steps, interrupted=self.halted)]
        except KernelError:
            raise
        except Exception as error:
            if len(group) == 1:
                table.write_error(group[0], error)
            else:
                for place in group:
                    self._by_python(family, [place])
            return
        for place, outcome in zip(group, ends, strict=True):
            table.write(place, outcome)
