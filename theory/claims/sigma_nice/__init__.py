"""Claims of the graduated-optimisation paper, theme by theme."""

from theory.claims.ledger import claims_in
from theory.claims.sigma_nice import (
    convex_region,
    decay_rates,
    digits,
    experiments,
    inner_loop,
    inner_rate,
    minimisers,
    niceness,
    noise_levels,
    one_degree,
    one_step,
    reaching,
    rounds,
    schedules,
    smoothing,
    stages,
    tangents,
    threshold,
)

CLAIMS = claims_in(
    one_step,
    smoothing,
    niceness,
    minimisers,
    inner_loop,
    inner_rate,
    stages,
    threshold,
    reaching,
    decay_rates,
    convex_region,
    tangents,
    rounds,
    noise_levels,
    one_degree,
    schedules,
    experiments,
    digits,
)

__all__ = ["CLAIMS"]
