"""What a sweep is going to run: the setting of each place, checked before anything starts."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dynamics.checks import KindRefusal, Refusal, shown
from dynamics.protocol.status import Stop
from dynamics.runs.setup import Setup, begun, elsewhere
from dynamics.sweeps.axes import OWNERS, READY, Absent, Axis, axes_of, fixed_of, listed, signature_of
from dynamics.sweeps.content import stream
from dynamics.sweeps.reduction import pace, rows_asked
from dynamics.sweeps.several import apart, axis_of_several


@dataclass(frozen=True, eq=False)
class Plan:
    """The axes and whatever all runs have in common."""

    made_by: Mapping[str, Any]
    axes: list[Axis]
    fixed: Mapping[str, dict[str, Any]]
    seeds: tuple[int, ...]
    noise: str
    x0: Any
    record_every: int | None
    stop: Stop | None
    steps: int
    reduce: Any = None  # as `reduction_of` gives it

    @property
    def rows(self) -> Any:
        """Which rows of a run are kept, as `rows_asked` gives it."""
        return rows_asked(self.reduce)

    @property
    def quantiles(self) -> list[float] | None:
        """The quantiles that are kept in place of the seeds, if so."""
        return self.reduce.get("quantiles") if isinstance(self.reduce, dict) else None

    @property
    def shape(self) -> tuple[int, ...]:
        """Settings along each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def settings(self) -> int:
        """How many settings there are."""
        return math.prod(self.shape)

    def as_run(self) -> "Plan":
        """The plan with the records that are made: those that are kept, where nothing else looks at any other."""
        if self.record_every is None and self.stop is None:
            return replace(self, record_every=pace(self.rows, self.steps))
        return self

    @property
    def problem_varies(self) -> bool:
        """Whether settings differ in their problem."""
        return any(owner == "problem" for axis in self.axes for owner, _ in axis.targets)

    def settings_of(self, numbers: Iterable[int]) -> dict[int, Setup]:
        """Settings by their numbers, of which the last axis is fastest."""
        made: dict[Any, Any] = {}
        first: dict[Any, Setup] = {}
        return {number: self.setting(self.places(number), made, first) for number in numbers}

    def places(self, number: int) -> tuple[int, ...]:
        """The place along each axis of a setting."""
        return tuple(int(place) for place in np.unravel_index(number, self.shape)) if self.shape else ()

    def setting(self, places: tuple[int, ...], made: dict[Any, Any], first: dict[Any, Setup]) -> Setup:
        """The run of a setting before it has a seed; `made` and `first` keep what other settings share with it."""
        try:
            method, problem = (self._thing(owner, places, made) for owner in OWNERS)
            kind = (type(method), id(problem))
            setup = begun(
                method,
                problem,
                x0=self.x0,
                rng=0,
                record_every=self.record_every,
                record_iterates=False,
                stop=self.stop,
                like=first.get(kind),
            )
        except (ValueError, TypeError) as error:
            where = ", ".join(axis.at(place) for axis, place in zip(self.axes, places, strict=True))
            raise type(error)(f"at {where}: {error}" if where else str(error)) from error
        first.setdefault(kind, setup)
        return setup

    def run(self, setting: Setup, seed: int) -> Setup:
        """The run of a setting with one of the seeds."""
        content = (setting.method, *([setting.problem] if self.problem_varies else []))
        rng = stream(self.seeds[seed], *(content if self.noise == "own" else ()))
        return elsewhere(setting, x0=self.x0, rng=rng)

    def _thing(self, owner: str, places: tuple[int, ...], made: dict[Any, Any]) -> Any:
        """The method or the problem of a setting; what differs in the other one alone shares it."""
        given = {
            parameter: (k, place, axis.values[place][position])
            for k, (axis, place) in enumerate(zip(self.axes, places, strict=True))
            for position, (whose, parameter) in enumerate(axis.targets)
            if whose == owner and axis.values[place][position] is not Absent
        }
        where = (owner, tuple((k, place) for k, place, _ in given.values()))
        if where not in made:
            arguments = {parameter: value for parameter, (*_, value) in given.items()} | self.fixed[owner]
            made_by = arguments.pop(READY, self.made_by[owner])
            made[where] = _built(owner, made_by, arguments)
        return made[where]


def planned(method: Any, problem: Any, over: Mapping[Any, Any], fixed: Mapping[str, Any] | None, **common: Any) -> Plan:
    """A plan with its axes and fixed parameters checked."""
    made_by = {"method": method, "problem": problem}
    if not isinstance(over, Mapping):
        raise KindRefusal(f"over = {shown(over)} must map names of parameters to values, as in {{'step_size': [0.1]}}.")
    if fixed is not None and not isinstance(fixed, Mapping):
        raise KindRefusal(f"fixed = {shown(fixed)} must map names of parameters to values, as in {{'beta': 0.9}}.")
    over, own_axes = apart("over", over, made_by)
    fixed, own_fixed = apart("fixed", fixed or {}, made_by)
    several = [owner for owner in OWNERS if listed(made_by[owner])]
    axes = [axis_of_several(owner, made_by[owner], own_axes, own_fixed) for owner in several]
    axes += axes_of(over, made_by)
    return Plan(made_by, axes, fixed_of(fixed, axes, made_by), **common)


def _built(owner: str, made_by: Any, arguments: dict[str, Any]) -> Any:
    if not callable(made_by):
        return made_by  # ready
    taken = signature_of(made_by)
    if "rng" in taken and owner == "problem":
        arguments = {"rng": 0} | arguments  # the same instance each time that it is asked for
    missing = [
        name
        for name, parameter in taken.items()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        and name not in arguments
    ]
    if missing:
        raise Refusal(f"{shown(made_by.__name__)} needs {', '.join(missing)} too: put it into fixed, or into over.")
    return made_by(**arguments)
