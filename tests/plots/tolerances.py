"""How far a figure's numbers may depart from their reference on another processor, and why."""

from typing import NamedTuple

__all__ = ["TOLERANCES", "Tolerance", "tolerance"]


class Tolerance(NamedTuple):
    """Two values agree within `relative` of the reference plus `of_largest` of the array's largest magnitude.

    The defaults leave room for sums in another order and for the last digits of elementary functions. Of arrays that
    are `chaotic`, where a run amplifies rounding until its values are others on another processor, only the deciles
    are compared, within `deciles` of the largest one. Of the `choices` between settings that such runs decide, only the
    shapes are.
    """

    relative: float = 1e-8
    of_largest: float = 1e-12
    chaotic: tuple[str, ...] = ()
    deciles: float = 0.1
    choices: tuple[str, ...] = ()


SCORES = ("tuning_score", "default_score")
CHOICES = ("at_edge", "not_worse", "tuned_setting")

TOLERANCES: dict[str, Tolerance] = {
    # Thousands of steps at the edge of stability, on matrices of condition 1e10.
    "l4.2": Tolerance(relative=1e-6, chaotic=("loss", *SCORES), choices=CHOICES),
    "l4.3": Tolerance(chaotic=("loss", "net_rate", "rate", "tuning_score")),
    # Other in the eighth digit, and one trial more, on a processor without AVX-512.
    "beyond.tightness": Tolerance(relative=1e-6, chaotic=("trials",)),
    # Scores of tuned runs, some other in the third digit without AVX-512.
    "sigma_nice.13": Tolerance(chaotic=("tuning_score", "default_score"), choices=CHOICES),
    # The same: one loss in the seventh digit, tuning scores in the second.
    "trust_region.3": Tolerance(relative=1e-6),
    "trust_region.9": Tolerance(chaotic=("tuning_score",)),
    "trust_region.10": Tolerance(chaotic=("tuning_score",)),
    "trust_region.11": Tolerance(chaotic=("tuning_score",)),
    # Long steps on a non-convex loss; a setting that leads by a hair on one processor trails on another.
    "step_tuned.2": Tolerance(chaotic=("evaluations", "gradient_norm", "loss", *SCORES), choices=CHOICES),
    "step_tuned.3": Tolerance(chaotic=("factor", "gradient_norm", "loss", *SCORES), choices=CHOICES),
    "step_tuned.4": Tolerance(chaotic=("tuning_score",)),
    "step_tuned.5": Tolerance(chaotic=("tuning_score",)),
}


def tolerance(id: str) -> Tolerance:
    """The tolerance of a figure."""
    return TOLERANCES.get(id, Tolerance())
