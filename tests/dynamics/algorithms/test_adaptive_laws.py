"""Counts and resumption of methods with a scale for each coordinate, of ASGD, of Polyak's step and of compound ones."""

import numpy as np
import pytest

from dynamics import simulate
from dynamics.algorithms.adagrad import Adagrad
from dynamics.algorithms.amsgrad import AMSGrad
from dynamics.algorithms.arsg import ARSG, GeneralizedARSG
from dynamics.algorithms.asgd import ASGD
from dynamics.algorithms.gradient_descent import SGD
from dynamics.algorithms.l4_choice import L4
from dynamics.algorithms.lookahead import Lookahead
from dynamics.algorithms.nadam import NAdam
from dynamics.algorithms.obsb import ARSGB, OBSB
from dynamics.algorithms.parts.projection import Ball, box
from dynamics.algorithms.polyak import Polyak
from dynamics.algorithms.radam import RAdam
from dynamics.algorithms.ranger import Ranger
from dynamics.algorithms.rmsprop import RMSprop
from tests.dynamics.algorithms.regression import FULL, SAMPLED, VALUES, carmon_like

READS_LOSS = ("polyak", "l4 of momentum along adam", "arsg with boosts")
EVERY = {
    "asgd": ASGD(0.1, 20.0, 4.0),
    "polyak": Polyak(0.0, max_step=0.5),
    "rmsprop": RMSprop(0.02),
    "adagrad": Adagrad(0.3),
    "adagrad with the full matrix": Adagrad(0.3, matrix="full"),
    "amsgrad": AMSGrad(0.1),
    "nadam": NAdam(0.05),
    "radam": RAdam(0.1, beta2=0.9),
    "arsg": ARSG(0.05),
    "arsg in a box": ARSG(0.05, constraint=box(-1.0, 1.0)),
    "arsg in a ball": ARSG(0.05, constraint=Ball(1.5)),
    "arsg with boosts": ARSGB(0.05, policy=OBSB(window=3)),
    "generalised arsg": GeneralizedARSG(0.1, beta1=0.9),
    "ranger": Ranger(0.1, beta2=0.9, sync_period=5),
    "lookahead on sgd": Lookahead(SGD(0.1)),
    "l4 of momentum along adam": L4(),
}


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize("name", EVERY)
def test_one_gradient_a_step_and_nothing_uncounted(name, batch):
    problem = carmon_like(samples=40, batch=batch)._replace(tally=np.zeros(3, dtype=np.int64))
    run = simulate(EVERY[name], problem, steps=12, rng=0, record_every=4)
    fraction = np.arange(0, 13, 4) * (batch or 40) / 40
    assert np.array_equal(run.gradients, fraction)
    assert np.array_equal(run.values, fraction if name in READS_LOSS else np.zeros(4))
    assert not run.hessian_products.any()
    assert problem.tally[SAMPLED] == (12 if batch else 0)
    assert problem.tally[FULL] == (4 if batch else 12 + 1)
    assert problem.tally[VALUES] == 0


@pytest.mark.parametrize("name", EVERY)
def test_a_run_cut_and_resumed_gives_the_same_bytes(name):
    method, problem = EVERY[name], carmon_like(batch=5)
    whole = simulate(method, problem, steps=20, rng=1)
    half = simulate(method, problem, steps=7, rng=1)
    assert simulate(method, problem, steps=13, resume=half).x.tobytes() == whole.x.tobytes()
