"""Who looks at a run while it pauses, and writes down what the probes say."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dynamics.checks import KindRefusal, Refusal, require_whole, shown
from dynamics.protocol.probe_rehearsal import copied
from dynamics.protocol.scratch import own_work
from dynamics.runs.measured import Measured
from dynamics.runs.probes import Probing, Seen

# Names that a run's dataset has already.
TAKEN = ("loss", "gradient_norm", "step_size", "values", "gradients", "hessian_products", "iterates", "iteration",
         "record", "parameter", "status", "stopped_at")  # fmt: skip


class Observer:
    """The probes of one run.

    Parameters
    ----------
    probes : mapping of str to Probing
    method, problem : NamedTuple
        In canonical form.
    before : mapping of str to Measured
        What has been measured of the run that goes on.
    """

    def __init__(
        self, probes: Mapping[str, Probing], method: Any, problem: Any, before: Mapping[str, Measured]
    ) -> None:
        self.probes, self.method, self.problem, self.before = probes, method, own_work(problem), before
        self.rows: dict[str, list[tuple[int, float, int]]] = {name: [] for name in probes}
        ends = {name: before[name].iteration[-1] for name in probes if name in before and len(before[name])}
        self.last = {name: int(ends.get(name, -1)) for name in probes}
        self.left: tuple[int, np.ndarray] | None = None  # the iterate before one whose step is asked for

    def after(self, k: int) -> int:
        """The next iterate after k at which to pause."""
        paces = [(probe.every, probe.needs_step) for probe in self.probes.values()]
        pauses = [k + every - k % every for every, _ in paces]
        pauses += [k + every - (k + 1) % every for every, needs_step in paces if needs_step]
        return min(pauses)

    def look(self, k: int, point: Any, memory: Any) -> None:
        """Take the probes whose pace has come; the run stands at iterate k."""
        due = [name for name, probe in self.probes.items() if k % probe.every == 0 and k > self.last[name]]
        if due:
            known = self.left is not None and self.left[0] == k - 1
            step = point.x - self.left[1] if known and self.left else np.full(len(point.x), np.nan)
            for name in due:
                seen = Seen(self.method, self.problem, point.x.copy(), step.copy(), copied(memory), k)
                with np.errstate(all="ignore"):
                    value, products = self.probes[name].measure(seen)
                self.rows[name].append((k, value, products))
                self.last[name] = k
        if any(probe.needs_step and (k + 1) % probe.every == 0 for probe in self.probes.values()):
            self.left = (k, point.x.copy())

    def measured(self) -> dict[str, Measured]:
        """All values so far, those of the run that goes on before them."""
        found = dict(self.before)
        for name, probe in self.probes.items():
            iteration, values, products = zip(*self.rows[name], strict=True) if self.rows[name] else ((), (), ())
            new = Measured(
                np.array(iteration, dtype=np.int64),
                np.array(values, dtype=np.float64),
                np.array(products, dtype=np.int64),
                probe.label,
            )
            found[name] = found[name].followed_by(new) if name in found else new
        return found


def checked(probes: Any, method: Any, problem: Any, state: Any) -> dict[str, Probing]:
    """Probes that may be taken of a run; all but copies stays as it is.

    Raises
    ------
    ValueError
        For a name that is none or is taken, a pace below 1, what is no probe, or a probe that this run does not allow.
    """
    if not isinstance(probes, Mapping):
        raise KindRefusal(
            f"probes = {shown(probes)} must be a table of names and probes, such as "
            f"{{'sharpness': TopEigenvalue(every=10)}}."
        )
    for name, probe in probes.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise Refusal(
                f"a probe's name {shown(name)} must be one of letters, digits and underscores; try sharpness."
            )
        if name in TAKEN:
            raise Refusal(f"a probe can't be called {name}: a run has a {name} already; try my_{name}.")
        if not isinstance(probe, Probing):
            nearest = f"Probe({getattr(probe, '__name__', 'kernel')})" if callable(probe) else "TopEigenvalue(every=10)"
            raise KindRefusal(f"the probe {name} = {shown(probe)} must be one, such as {nearest}.")
        require_whole(f"the probe {name}'s every", probe.every, 1, "it counts steps between values")
        start = state.point.x
        seen = Seen(method, problem, start.copy(), np.zeros(len(start)), copied(state.memory), 0)
        probe.require(name, seen)
    return dict(probes)
