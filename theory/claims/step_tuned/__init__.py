"""Claims of the Step-Tuned SGD paper, theme by theme."""

from theory.claims.step_tuned import (
    convergence,
    full_batch,
    independence,
    mini_batch,
    model,
    recursion,
    variation,
)

CLAIMS = (
    *model.CLAIMS,
    *variation.CLAIMS,
    *independence.CLAIMS,
    *recursion.CLAIMS,
    *convergence.CLAIMS,
    *full_batch.CLAIMS,
    *mini_batch.CLAIMS,
)

__all__ = ["CLAIMS"]
