"""Gradient descent whose steps are long and short in turn: what the paper brings, and where it is."""

from dynamics.papers import Paper

PAPER = Paper(
    "mypaper",
    "Me, Two steps are better than one (2026)",
    methods={"alternating": "mypaper.method:Alternating"},
    problems={"chain": "mypaper.problem:chain"},
    claims=("mypaper.claims",),
    figures=("mypaper.figures.*",),
    made_for="0.2",
)
