"""The edge of stability: where full-batch methods train networks, with claims, figures and a model in two
parameters."""

from dynamics.papers import Paper

__all__ = ["PAPER"]

PAPER = Paper(
    "edge_of_stability",
    "Cohen et al., Gradient descent on neural networks typically occurs at the edge of stability, arXiv:2103.00065",
    problems={"product": "edge_of_stability.product:Product"},
    claims=("edge_of_stability.claims",),
    figures=("edge_of_stability.figures.*",),
    is_published=True,
)
