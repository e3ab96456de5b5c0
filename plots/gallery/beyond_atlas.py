"""Figure beyond.atlas: which method is a special case of which, and under which parameters."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from dynamics import (
    ARSG,
    RSG,
    SGD,
    Adam,
    AMSGrad,
    BarzilaiBorwein,
    GeneralizedARSG,
    L4Mom,
    Polyak,
    RAdam,
    StochasticGV,
    inverse_power,
    simulate,
)
from dynamics.algorithms.graduated_sgd import ImplicitGraduatedSGD
from dynamics.algorithms.obsb import ARSGB, OBSB
from dynamics.algorithms.ranger import Ranger
from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from synthetic import quadratic
from theory.linear import EQUIVALENCES, Equivalence

__all__ = ["RELATIONS", "Relation", "compute", "deviation", "draw"]

TITLE = "Which method is a special case of which"
CLAIMS = ("arsg.special_cases", "arsg.asgd", "l4.polyak", "step_tuned.barzilai_borwein")
QUICK = {"steps": 0}

SAMPLES, DIMENSION, BATCH = 60, 6, 5
ADAPTIVE: dict[str, Any] = {"beta1": 0.9, "beta2": 0.95, "eps": 1e-3}


class Relation(NamedTuple):
    """A method that is another one in a special setting; `pair` makes both for runs of so many steps."""

    special: str
    general: str
    words: str
    pair: Callable[[int], tuple[Any, Any]] | None = None
    full_batch: bool = False


# The linear ones in the order of EQUIVALENCES, whose transfer functions prove them.
LINEAR = (
    Relation("SGD", "heavy\nball", r"$\beta=0$"),
    Relation("heavy\nball", "RSG,\nQHM", r"$\mu=0$"),
    Relation("Nesterov", "RSG,\nQHM", r"$\mu=1-\beta$, $\alpha$ over $1-\beta$"),
    Relation("two-step\nheavy ball", "heavy\nball", r"$\alpha$ over $1-\beta$"),
    Relation("ASGD", "RSG,\nQHM", r"$\mu=\frac{17}{7(1+\xi)}$, $\beta=\frac{\kappa-0.49\xi}{\kappa+0.7\xi}$"),
)
OTHERS = (
    Relation(
        "RSG,\nQHM", "ARSG", r"$\epsilon\geq v_t$, $\alpha$ times $\sqrt{\epsilon}$",
        lambda steps: (RSG(0.3, beta=0.9, mu=0.2), ARSG(0.3e4, beta1=0.9, beta2=0.95, mu=0.2, eps=1e8)),
    ),
    Relation(
        "AMSGrad", "ARSG", r"$\mu=0$, $\epsilon\to 0$",
        lambda steps: (
            AMSGrad(0.05, beta1=0.9, beta2=0.99, eps=0.0), ARSG(0.05, beta1=0.9, beta2=0.99, mu=0.0, eps=1e-300),
        ),
    ),
    Relation(
        "AMSGrad", "ARSG,\ngeneralised", r"$\mu=0$, its own $v_t$",
        lambda steps: (
            AMSGrad(0.05, **ADAPTIVE), GeneralizedARSG(0.05, mu=0.0, accumulator="amsgrad", **ADAPTIVE),
        ),
    ),
    Relation(
        "Adam", "ARSG,\ngeneralised", r"$\mu=0$, its own $v_t$",
        lambda steps: (Adam(0.05, **ADAPTIVE), GeneralizedARSG(0.05, mu=0.0, accumulator="adam", **ADAPTIVE)),
    ),
    Relation(
        "RAdam", "ARSG,\ngeneralised", r"$\mu=0$, its own $v_t$",
        lambda steps: (RAdam(0.05, **ADAPTIVE), GeneralizedARSG(0.05, mu=0.0, accumulator="radam", **ADAPTIVE)),
    ),
    Relation(
        "RAdam", "Ranger", "slow step size 1",
        lambda steps: (RAdam(0.1, **ADAPTIVE), Ranger(0.1, **ADAPTIVE, sync_period=4, slow_step_size=1.0)),
    ),
    Relation(
        "ARSG", "ARSGB", "no flat window",
        lambda steps: (ARSG(0.05, mu=0.1), ARSGB(0.05, mu=0.1, policy=OBSB(window=steps + 1))),
    ),
    Relation(
        "SGD", "graduated\nSGD", "factors of 1",
        lambda steps: (SGD(0.3), ImplicitGraduatedSGD(0.3, 5, 1.0, 1.0)),
    ),
    Relation(
        "Polyak's\nstep", "L4", r"plain gradient, fraction 1",
        lambda steps: (Polyak(), L4Mom(alpha=1.0, gamma=0.0, tau_m=1.0, regularizer=0.0)),
    ),
    Relation(
        "Barzilai-\nBorwein", "stoch.\nGV", "exact gradients, no bounds",
        lambda steps: (
            BarzilaiBorwein(inverse_power(0.3, power=0.6), nu=2.0, negative="large"),
            StochasticGV(0.3, nu=2.0, m=1e-9, M=1e9, delta=0.1),
        ),
        full_batch=True,
    ),
)  # fmt: skip
RELATIONS = (*LINEAR, *OTHERS)
PLACES = {
    "two-step\nheavy ball": (0, 4.4), "SGD": (0, 3.4), "graduated\nSGD": (0, 2.2), "Polyak's\nstep": (0, 1.1),
    "Barzilai-\nBorwein": (0, 0.0), "Nesterov": (1, 4.9), "heavy\nball": (1, 3.9), "ASGD": (1, 2.9), "L4": (1, 1.1),
    "stoch.\nGV": (1, 0.0), "RSG,\nQHM": (2, 3.9), "AMSGrad": (2, 2.7), "Adam": (2, 1.6), "RAdam": (2, 0.5),
    "ARSG": (3, 3.9), "ARSGB": (3, 4.9), "ARSG,\ngeneralised": (3, 1.6), "Ranger": (3, 0.5),
}  # fmt: skip


@recorded
def compute(*, steps: int = 40, rng: int = 0) -> xr.Dataset:
    """Special cases with what proves or shows them.

    Parameters
    ----------
    steps : int
        Steps over which both methods of a pair are run, at least 2; 0 runs nothing and leaves `deviation` NaN.
    rng : int
        Seed, 0 or more, of the problem and the mini-batches.

    Returns
    -------
    Dataset
        Over relation: `special`, `general`, `setting`; `proved`, 1 where the transfer functions of two linear methods
        are the same rational function, -1 where the methods are not linear; `deviation`, the largest difference
        between iterates over the largest iterate, NaN for the linear ones.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    require_whole("steps", steps, 0, "0 runs nothing")
    if steps == 1:
        raise Refusal("steps is 1; a first step shows little: take 2 or more, or 0 to run nothing.")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    proved = [_is_proved(relation, equivalence) for relation, equivalence in zip(LINEAR, EQUIVALENCES, strict=True)]
    apart = [deviation(relation, steps, rng) if steps else np.nan for relation in OTHERS]
    words = [tuple(text.replace("\n", " ") for text in relation[:3]) for relation in RELATIONS]
    dataset = xr.Dataset(
        {
            "special": variable("relation", np.array([row[0] for row in words]), "special case"),
            "general": variable("relation", np.array([row[1] for row in words]), "general method"),
            "setting": variable("relation", np.array([row[2] for row in words]), "setting of the general method"),
            "proved": variable("relation", np.array([*proved, *[-1] * len(apart)], dtype=np.int8), "proved by symbols"),
            "deviation": variable(
                "relation", np.array([np.nan] * len(proved) + apart), "relative deviation of iterates"
            ),
        },
        coords={"relation": variable("relation", np.arange(1, len(words) + 1, dtype=np.int32), "relation")},
    )
    runs = (
        "" if not steps else f" at most {np.max(apart):.0e} of their size apart over {steps} steps with equal samples"
    )
    return describe(
        dataset,
        "beyond.atlas",
        message=f"""{len(words)} times a method is another one in a special setting, {sum(proved)} times by proof and
            else in runs side by side.""",
        caption=f"""An arrow leads from a method to a more general one that takes the same steps in the setting of that
            number; α is the step size. Solid: both are linear in state and gradient, and their transfer functions
            are the same rational function, worked out symbolically. Dashed: both are run side by side on least
            squares without residuals ({SAMPLES} samples, {DIMENSION} parameters, {BATCH} in a mini-batch; all for
            the Barzilai-Borwein step), seed {rng}, and their iterates are{runs or " compared in the full version"}.
            Relation 3 takes β > 0, relation 5 an advantage ξ > 10/7.""",
        seeds=(rng,),
    )


def _is_proved(relation: Relation, equivalence: Equivalence) -> int:
    return int(equivalence.defect() == 0)


def deviation(relation: Relation, steps: int, rng: int) -> float:
    """The largest difference between the iterates of a pair, over the largest iterate."""
    assert relation.pair is not None
    batch = SAMPLES if relation.full_batch else BATCH
    # Without residuals the least loss is 0, as Polyak's step supposes.
    problem = quadratic(
        dimension=DIMENSION, condition_number=10.0, noise="samples", samples=SAMPLES, batch_size=batch, rng=rng
    )
    runs = (
        simulate(method, problem, steps=steps, rng=rng, record_every=1, record_iterates=True)
        for method in relation.pair(steps)
    )
    one, other = (np.asarray(run.iterates) for run in runs)
    return float(np.abs(one - other).max() / np.abs(one).max())


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the graph, and the setting of each numbered arrow beside it (below it if narrow)."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 6.6, "page": 4.2}.get(size))
        grid = {"height_ratios": (3, 2.3)} if narrow else {"width_ratios": (3, 1.45)}
        graph, key = figure.subplots(*((2, 1) if narrow else (1, 2)), gridspec_kw=grid)
        for axes in (graph, key):
            axes.set_axis_off()
        graph.set(xlim=(-0.45, 3.45), ylim=(-0.5, 5.3))
        graph.set_title("arrows lead to the more general method")
        boxes = {
            name: graph.annotate(
                name, place, ha="center", va="center", fontsize="small",
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "#EAF3FA", "edgecolor": "0.3", "linewidth": 0.7},
            )
            for name, place in PLACES.items()
        }  # fmt: skip
        for number, relation in enumerate(RELATIONS, start=1):
            _arrow(graph, number, relation, boxes)
        _list_settings(key, dataset)
        return finish(figure)


def _arrow(axes: Axes, number: int, relation: Relation, boxes: dict[str, Annotation]) -> None:
    ends = PLACES[relation.special], PLACES[relation.general]
    is_linear = relation.pair is None
    axes.annotate(
        "", ends[1], xytext=ends[0],
        arrowprops={
            "arrowstyle": "-|>", "color": "black" if is_linear else "#0072B2", "shrinkA": 2, "shrinkB": 2,
            "patchA": boxes[relation.special].get_bbox_patch(), "patchB": boxes[relation.general].get_bbox_patch(),
            "linestyle": "-" if is_linear else (0, (4, 2)), "linewidth": 0.8 * rcParams["lines.linewidth"],
        },
    )  # fmt: skip
    x, y = np.mean(ends, axis=0)
    axes.text(
        x, y, str(number), ha="center", va="center", fontsize="x-small",
        bbox={"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": "0.3", "linewidth": 0.6},
    )  # fmt: skip


def _list_settings(axes: Axes, dataset: xr.Dataset) -> None:
    axes.set(xlim=(0, 1), ylim=(dataset.sizes["relation"] + 0.5, 0.5))
    for number in dataset["relation"].values:
        row = dataset.sel(relation=number)
        axes.text(0.06, number, f"{number}", ha="right", va="center", fontsize="small")
        axes.text(0.1, number, str(row["setting"].values), va="center", fontsize="small")
        axes.text(1.0, number, _evidence(row), ha="right", va="center", fontsize="small", color="0.35")
    axes.set_title("setting")
    axes.set_title("difference", loc="right")


def _evidence(row: xr.Dataset) -> str:
    if row["proved"] == 1:
        return "0, proved"
    apart = float(row["deviation"])
    return "not run" if np.isnan(apart) else "0" if apart == 0 else f"{apart:.0e}"
