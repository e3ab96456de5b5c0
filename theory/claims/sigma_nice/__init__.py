"""Claims of the graduated-optimisation paper, theme by theme."""

from theory.claims.sigma_nice import (
    convex_region,
    inner_loop,
    niceness,
    noise_levels,
    one_step,
    rounds,
    schedules,
    smoothing,
    stages,
    tangents,
)

_THEMES = (
    one_step,
    smoothing,
    niceness,
    inner_loop,
    stages,
    convex_region,
    tangents,
    rounds,
    noise_levels,
    schedules,
)
CLAIMS = tuple(entry for theme in _THEMES for entry in theme.CLAIMS)
