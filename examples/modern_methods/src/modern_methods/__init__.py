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
        "shampoo": "modern_methods.shampoo:Shampoo",
        "soap": "modern_methods.soap:SOAP",
        "l-bfgs": "modern_methods.lbfgs:LBFGS",
        "conjugate-gradients": "modern_methods.conjugate_gradients:ConjugateGradients",
        "schedule-free-sgd": "modern_methods.schedule_free:ScheduleFreeSGD",
        "schedule-free-adamw": "modern_methods.schedule_free:ScheduleFreeAdamW",
        "d-adapt-sgd": "modern_methods.d_adaptation:DAdaptSGD",
        "d-adapt-adam": "modern_methods.d_adaptation:DAdaptAdam",
        "prodigy": "modern_methods.prodigy:Prodigy",
        "dog": "modern_methods.dog:DoG",
        "momo": "modern_methods.momo:MoMo",
        "normalized-gradient": "modern_methods.clipped:NormalizedGradient",
        "clipped-gradient": "modern_methods.clipped:ClippedGradient",
    },
    claims=tuple(f"modern_methods.claims.{name}" for name in ("matrices", "signs", "distances", "noise")),
    figures=("modern_methods.figures.*",),
    is_published=False,
)
