"""The paper and the hypotheses that its claims share."""

from __future__ import annotations

from theory.claims.ledger import Hypothesis

PAPER = "Rolinek and Martius, L4: Practical loss-based stepsize adaptation for deep learning (2018)"

DESCENT = Hypothesis("<g, v> > 0", lambda *, product, **_: product > 0)
SCALE = Hypothesis("a > 0", lambda *, scale, **_: scale > 0)
CONVEX = Hypothesis("f(x*) >= f(x) + <g, x* - x>", lambda *, gap, inner, **_: 0 <= gap <= inner)
SMOOTH = Hypothesis("|g|^2 <= 2 L (f - f*)", lambda *, square, lipschitz, gap, **_: square <= 2 * lipschitz * gap)
NON_NEGATIVE = Hypothesis("L >= 0", lambda *, loss, **_: loss >= 0)
FRACTION = Hypothesis("0 < alpha < 2", lambda *, alpha, **_: 0 < alpha < 2)
