"""Several runs through one kernel against each run by itself."""

from typing import Any

import numpy as np

from dynamics.examination.asking import Subject
from dynamics.examination.report import Findings
from dynamics.examination.slopes import rounding
from dynamics.protocol import oracle
from dynamics.protocol.method import runs_in_lanes
from dynamics.protocol.scratch import own_work
from dynamics.runs.lane_rehearsal import together
from dynamics.runs.lane_runs import with_work_in_lanes
from dynamics.vectors.lanes import WIDTH, Lanes


def check_lanes(
    findings: Findings, problem: Any, points: list[np.ndarray], size: float, rng: Any, sampled: bool
) -> None:
    """Value and gradient of a problem that says that it runs in lanes, on as many points as a vector holds."""
    if not runs_in_lanes(problem):
        return
    findings.looked_at.append("runs in lanes against each by itself")
    single = Subject(problem, False)
    rows = [points[0] * (1.0 + 0.01 * lane) for lane in range(WIDTH)]
    x, out = Lanes.of(np.array(rows)), Lanes.of(np.zeros((WIDTH, points[0].size)))
    values = together(oracle.value_and_gradient, with_work_in_lanes(own_work(problem), WIDTH), x, out)
    for lane, row in enumerate(rows):
        asked = single.exact(row)
        bound = rounding(lambda t: single.exact(t).gradients, row, size, rng)
        of_value = rounding(lambda t: single.exact(t).values, row, size, rng)
        value = np.broadcast_to(values, WIDTH)[lane]
        if (
            not abs(value - asked.values[1]) <= of_value
            or not np.abs(out.lane(lane) - asked.gradients[0]).max() <= bound
        ):
            findings.add(
                oracle.value_and_gradient,
                problem,
                "gives a run other numbers where several go together",
                "keep the numbers of each run apart: loops over len(x), and choices by where_positive",
            )
            return
