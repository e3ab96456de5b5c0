"""Claims of the Step-Tuned SGD paper, theme by theme."""

from theory.claims.ledger import claims_in
from theory.claims.step_tuned import (
    averages,
    convergence,
    full_batch,
    independence,
    lemma,
    long_runs,
    mini_batch,
    model,
    recursion,
    variation,
)

CLAIMS = claims_in(
    model, variation, averages, independence, recursion, lemma, convergence, long_runs, full_batch, mini_batch
)

__all__ = ["CLAIMS"]
