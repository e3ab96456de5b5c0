"""The methods that readers of today ask for first, for every problem of optdyn's and yours."""

from dynamics.papers import Paper

__all__ = ["PAPER"]

PAPER = Paper(
    "modern_methods",
    "Methods since Adam, beside the baselines of every course",
    methods={
        "sign-descent": "modern_methods.signs:SignDescent",
        "lion": "modern_methods.signs:Lion",
        "adamw": "modern_methods.adamw:AdamW",
        "muon": "modern_methods.muon:Muon",
    },
    is_published=False,
)
