"""The paper and the hypotheses that its claims share."""

from __future__ import annotations

from theory.claims.ledger import Hypothesis

PAPER = "Castera et al., Second-order step-size tuning of SGD for non-convex optimization (2021)"

POSITIVE_CURVATURE = Hypothesis("<H d, d> > 0", lambda *, curvature, **_: curvature > 0)
STRONGLY_CONVEX = Hypothesis(
    "every eigenvalue of the Hessian is positive", lambda *, eigenvalues, **_: min(eigenvalues) > 0
)
MOVED = Hypothesis("the last step was not zero", lambda *, displacement, **_: any(displacement))
BATCH = Hypothesis("1 <= b <= N", lambda *, batch_size, samples, **_: 1 <= batch_size <= samples)
TWO_SAMPLES = Hypothesis("N >= 2", lambda *, samples, **_: samples >= 2)
SYMMETRIC = Hypothesis(
    "the Hessian is symmetric",
    lambda *, hessian, **_: all(hessian[i][j] == hessian[j][i] for i in range(2) for j in range(2)),
)
LIPSCHITZ_HESSIAN = Hypothesis(
    "the Hessian is Lipschitz", lambda *, hessian_lipschitz, **_: 0 <= hessian_lipschitz < float("inf")
)
DECAY = Hypothesis("0 < delta < 1/2", lambda *, delta, **_: 0 < delta < 0.5)
CONSTANTS = Hypothesis(
    "L and C_1 bound the gradients' Lipschitz constants and squares",
    lambda *, lipschitz, steepest, L, C1, **_: lipschitz <= L and steepest <= C1,
)
