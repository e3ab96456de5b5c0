"""The Dataset of a sweep, and the plan behind it."""

import json
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.checks import Refusal, shown
from dynamics.protocol.full_and_sampled import GRADIENTS, PRODUCTS, VALUES
from dynamics.protocol.status import SOUND, Status
from dynamics.sweeps.axes import label, listed
from dynamics.sweeps.description import plan_as_told, plan_told
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.result import in_full_batches
from dynamics.sweeps.table import Table

if TYPE_CHECKING:
    import xarray

REMEMBERED = 64  # sweeps that can be replayed: a plan holds ready problems, which may be large
_plans: dict[str, Plan] = {}

WORDS = {
    "loss": "full-batch loss",
    "gradient_norm": "full-batch gradient norm",
    "step_size": "step size by which the run left the iterate",
    "values": "function values",
    "gradients": "gradients",
    "hessian_products": "Hessian products",
    "status": "dynamics.Status by which the run ended",
    "stopped_at": "iterate at which the run ended",
}
CALLS = {"values": VALUES, "gradients": GRADIENTS, "hessian_products": PRODUCTS}


def dataset_of(plan: Plan, table: Table, terms: np.ndarray) -> "xarray.Dataset":
    """The Dataset of a finished sweep; `terms` has for each setting the summands of its problem."""
    import xarray

    import dynamics.sweeps.accessor  # noqa: F401 -- gives Datasets what sweeps can do

    records = () if table.last else ("record",)
    dimensions = (*(axis.dimension for axis in plan.axes), "seed")
    shape = (*plan.shape, len(plan.seeds))
    columns = {name: getattr(table.columns, name) for name in ("loss", "gradient_norm", "step_size")}
    columns |= {name: _in_full_batches(table, kind, terms) for name, kind in CALLS.items()}
    variables: dict[str, Any] = {}
    for name, column in columns.items():
        words = {"long_name": WORDS[name]} | ({"units": "full-batch evaluations"} if name in CALLS else {})
        lengths = shape if table.last else (*shape, table.iteration.size)
        variables[name] = ((*dimensions, *records), column.reshape(lengths), words)
    for name in ("status", "stopped_at"):
        variables[name] = (dimensions, getattr(table.columns, name).reshape(shape), {"long_name": WORDS[name]})
    coordinates: dict[str, Any] = {
        name: (axis.dimension, axis.coordinate(position))
        for axis in plan.axes
        for position, name in enumerate(axis.names)
    }
    coordinates["seed"] = list(plan.seeds)
    if not table.last:
        coordinates["iteration"] = ("record", table.iteration, {"long_name": "iteration"})
    # An axis that is called as a variable keeps its name: it is what runs are selected by.
    variables = {f"recorded_{name}" if name in coordinates else name: v for name, v in variables.items()}
    others = sum(int(np.count_nonzero(table.columns.status == status)) for status in (*SOUND, Status.RUNNING))
    failed = table.columns.status.size - others
    return xarray.Dataset(variables, coordinates, provenance(plan, failed, table.errors.values()))


def plan_of(dataset: "xarray.Dataset") -> Plan:
    """The plan of a sweep, which this process has made or another one has written down."""
    plan = _plans.get(str(dataset.attrs.get("sweep")))
    if plan is not None:
        return plan
    if "plan" not in dataset.attrs:
        raise Refusal(
            "replay needs the Dataset of a sweep that this process has made, or one whose method, problem and values "
            "have names and could be written down: call sweep again."
        )
    return plan_told(json.loads(dataset.attrs["plan"]))


def remember(plan: Plan) -> str:
    """Keep a plan for replays; under the name that is returned."""
    name = secrets.token_hex(8)
    _plans[name] = plan
    while len(_plans) > REMEMBERED:
        del _plans[next(iter(_plans))]
    return name


def _in_full_batches(table: Table, kind: int, terms: np.ndarray) -> np.ndarray:
    calls = table.columns.calls
    alike = (terms == terms[0]).all()
    return in_full_batches(calls, kind, terms[0] if alike else np.repeat(terms, len(calls) // len(terms))[:, None])


def provenance(plan: Plan, failed: int, errors: Iterable[str]) -> dict[str, Any]:
    """What was run, by what; the name by which it can be replayed; what runs that raised said."""
    words = {
        "method": _name(plan.made_by["method"]),
        "problem": _name(plan.made_by["problem"]),
        "fixed": "; ".join(f"{o}.{name} = {shown(value)}" for o, f in plan.fixed.items() for name, value in f.items()),
        "steps": plan.steps,
        "seeds": len(plan.seeds),
        "noise": plan.noise,
        "statuses": ", ".join(f"{status.value} {status.name}" for status in Status),
        "versions": f"optdyn {_version()}, numpy {np.__version__}",
        "failed": failed,
        "errors": "; ".join(sorted(set(errors))),
    }
    with suppress(Refusal):  # what can't be written down is replayed in this process alone
        words["plan"] = json.dumps(plan_as_told(plan))
    return words | {"sweep": remember(plan)}


def _name(made_by: Any) -> str:
    if listed(made_by):
        return ", ".join(_name(thing) for thing in made_by)
    return label(made_by)


@cache
def _version() -> str:
    try:
        return version("optdyn")
    except PackageNotFoundError:
        return "not installed"
