"""Trajectories of public implementations (`make_golden.py` makes them anew), and where ours part from them."""

import json
from pathlib import Path

import numpy as np
import pytest
from landscape import START, Landscape, gradient_at
from modern_methods.adamw import AdamW
from modern_methods.clipped import ClippedGradient, NormalizedGradient
from modern_methods.d_adaptation import DAdaptAdam, DAdaptSGD
from modern_methods.dog import DoG
from modern_methods.lbfgs import LBFGS
from modern_methods.momo import MoMo
from modern_methods.muon import Muon
from modern_methods.prodigy import Prodigy
from modern_methods.schedule_free import ScheduleFreeAdamW, ScheduleFreeSGD
from modern_methods.shampoo import Shampoo
from modern_methods.signs import Lion, SignDescent

from dynamics import AMSGrad, HeavyBall, NAdam, simulate

pytestmark = pytest.mark.usefixtures("plainly")
GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())
STEPS = 12
MOMENTS = {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3}
WARM = np.minimum(np.arange(1, STEPS + 1) / 4, 1) * 0.1

METHODS = {
    "adamw": AdamW(0.1, **MOMENTS, decay=0.3),
    "nadam": NAdam(0.1, **MOMENTS, momentum_decay=0.1),
    "amsgrad": AMSGrad(0.3, beta1=0.8, beta2=0.5, eps=1e-3, bias_correction=True),
    "optax-amsgrad": AMSGrad(0.3, beta1=0.8, beta2=0.5, eps=1e-3, bias_correction=True, maximum="corrected"),
    "schedule-free-sgd": ScheduleFreeSGD(WARM, beta=0.8, decay=0.3),
    "schedule-free-adamw": ScheduleFreeAdamW(0.1, beta=0.8, beta2=0.95, eps=1e-3, decay=0.3, growth=1.0),
    "prodigy": Prodigy(**MOMENTS, d0=1e-2, decay=0.1),
    "prodigy-corrected": Prodigy(**MOMENTS, d0=1e-2, bias_correction=True, safeguard=True, coefficient=2.0),
    "d-adapt-sgd": DAdaptSGD(beta=0.8, d0=1e-2, factor=2.0),
    "d-adapt-adam": DAdaptAdam(**MOMENTS, d0=1e-2, decay=0.1),
    "shampoo": Shampoo(0.1, eps=1e-2),
    "lion": Lion(0.1, beta1=0.7, beta2=0.9, decay=0.3),
    "sign-descent": SignDescent(0.1),
    "clipped": ClippedGradient(0.1, threshold=1.0),
    "clipped-entries": ClippedGradient(0.1, threshold=0.6, by="entry"),
    "normalized": NormalizedGradient(0.1),
    "dog": DoG(initial=0.1, eps=1e-3),
    "momo": MoMo(0.2, beta=0.7, lower_bound=2.0),
    # A sum of gradients is what PyTorch's momentum is, our average times 1/(1 - β).
    "momentum": HeavyBall(np.repeat([0.5, 0.05], 6), beta=0.8),
    "ema": HeavyBall(0.1, beta=0.8),
    # Optax has no product of growing momenta; with constant ones the two formulas are one.
    "optax-nadam": NAdam(0.1, **MOMENTS, warmup=0.0),
    # PyTorch's first step is the gradient over the sum of its absolute values.
    "lbfgs": LBFGS(3, "none", first_step=np.linalg.norm(gradient_at(START)) / np.abs(gradient_at(START)).sum()),
    "muon": Muon(0.1, beta=0.8, nesterov=False),
}


@pytest.mark.parametrize("name", METHODS)
def test_golden(name):
    problem = Landscape(rows=2) if name == "muon" else Landscape()
    # PyTorch leaves pairs with yᵀs ≤ 1e-10 out of L-BFGS, which begins with the tenth step here.
    steps = 9 if name == "lbfgs" else STEPS
    run = simulate(METHODS[name], problem, steps=steps, x0=START, record_iterates=True)
    expected = np.array(GOLDEN[name]["iterates"][: steps + 1])
    np.testing.assert_allclose(run.iterates, expected, rtol=1e-9, atol=1e-10)
    assert np.ptp(expected, axis=0).max() > 0.05


def test_momenta_of_nadam_are_multiplied_up():
    """β₁ᵗ in place of their product leads elsewhere: that is what parts Optax from PyTorch, and from ours."""
    ours = simulate(METHODS["nadam"], Landscape(), steps=STEPS, x0=START, record_iterates=True).iterates
    assert np.abs(ours - GOLDEN["optax-nadam"]["iterates"]).max() > 0.01


def test_the_maximum_of_amsgrad_is_taken_before_or_after_correction():
    """PyTorch takes it before, Optax after; both are offered, and where squares fall they differ."""
    before, after = (np.array(GOLDEN[name]["iterates"]) for name in ("amsgrad", "optax-amsgrad"))
    assert np.abs(before - after).max() > 0.01
