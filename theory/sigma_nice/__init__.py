"""Graduated optimisation: smoothing of a cosine, noise levels, the decay rates they allow, schedules.

SGD with step size η and batch size b acts like descent on the loss smoothed over a ball of radius
δ = ηC/√b, so a step-size schedule is a schedule of noise levels. How fast it may fall is set by the radius
r on which the loss is strongly convex.
"""

from typing import TYPE_CHECKING, Any

from theory.schedules import SCHEDULES, decay_rates, schedule
from theory.sigma_nice.decay import decay_rate_band, least_radius, required_decay_rate
from theory.sigma_nice.levels import ladder, noise_level
from theory.sigma_nice.tangents import tangent_probability

if TYPE_CHECKING:
    from synthetic.smoothing.factor import attenuation

__all__ = [
    "SCHEDULES",
    "attenuation",
    "decay_rate_band",
    "decay_rates",
    "ladder",
    "least_radius",
    "noise_level",
    "required_decay_rate",
    "schedule",
    "tangent_probability",
]


def __getattr__(name: str) -> Any:
    # The problems come with numba, which a schedule or a noise level does not need.
    if name == "attenuation":
        from synthetic.smoothing.factor import attenuation

        return attenuation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
