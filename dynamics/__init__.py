"""Optimizer dynamics: the oracle protocol, the methods, the one driver, and sweeps.

Examples
--------
>>> from dynamics import RSG, simulate
>>> from synthetic import quadratic
>>> run = simulate(RSG(step_size=0.5, beta=0.9), quadratic(eigenvalues=[1.0, 0.1]), steps=200, x0=[1.0, 1.0])
>>> run.status.name
'MAX_ITERATIONS'
"""

from .algorithms.adagrad import Adagrad
from .algorithms.adam import Adam
from .algorithms.amsgrad import AMSGrad
from .algorithms.armijo import Armijo
from .algorithms.arsg import ARSG, GeneralizedARSG
from .algorithms.asgd import ASGD
from .algorithms.barzilai_borwein import BarzilaiBorwein
from .algorithms.cubic_newton import CubicNewton
from .algorithms.echo import Echo
from .algorithms.exact_variation import ExactGV, ExpectedGV
from .algorithms.first_order_trust_region import FirstOrderTrustRegion
from .algorithms.gauss_newton import GaussNewton
from .algorithms.gradient_descent import SGD, GradientDescent
from .algorithms.gradient_variation import StochasticGV
from .algorithms.graduated_descent import GraduatedDescent
from .algorithms.graduated_sgd import ImplicitGraduatedSGD, four_types
from .algorithms.l4 import L4Adam, L4Mom
from .algorithms.l4_choice import L4
from .algorithms.levenberg_marquardt import LevenbergMarquardt
from .algorithms.lookahead import Lookahead
from .algorithms.momentum import RSG, HeavyBall, Nesterov
from .algorithms.nadam import NAdam
from .algorithms.obsb import ARSGB, OBSB
from .algorithms.polyak import Polyak
from .algorithms.projection import Ball, Box, Everywhere, box
from .algorithms.radam import RAdam
from .algorithms.ranger import Ranger
from .algorithms.rmsprop import RMSprop
from .algorithms.saddle_free_newton import SaddleFreeNewton
from .algorithms.step_tuned import StepTunedSGD
from .algorithms.trust_region import TrustRegion
from .catalogue import methods
from .ensemble import ensemble
from .generic import MissingImplementation, implements
from .graduation import graduate
from .method import (
    Point,
    before_draw,
    fewest_lanes,
    full_batch_only,
    new_memory,
    requires,
    runs_in_lanes,
    samples_in_lanes,
    update,
    uses_loss,
)
from .oracle import (
    batch_summands,
    draw,
    gauss_newton_product,
    gradient,
    hessian,
    hessian_product,
    initial_point,
    mean_curved_gradient,
    new_sample,
    resize,
    sampled_gradient,
    sampled_hessian_product,
    sampled_value,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
    whole,
)
from .policy import kernel
from .rehearsal import KernelError
from .sampling_variance import sampling_variance
from .schedules import (
    Schedule,
    constant,
    cosine,
    cosine_power,
    exponential,
    inverse_power,
    polynomial,
    step_decay,
    step_tuned_decay,
    table,
)
from .simulate import simulate
from .status import Status, Stop
from .step_search import StepSearch, search_step_size
from .sweep import Ensemble
from .trajectory import Trajectory

__all__ = [
    "ARSG",
    "ARSGB",
    "ASGD",
    "L4",
    "OBSB",
    "RSG",
    "SGD",
    "AMSGrad",
    "Adagrad",
    "Adam",
    "Armijo",
    "Ball",
    "BarzilaiBorwein",
    "Box",
    "CubicNewton",
    "Echo",
    "Ensemble",
    "Everywhere",
    "ExactGV",
    "ExpectedGV",
    "FirstOrderTrustRegion",
    "GaussNewton",
    "GeneralizedARSG",
    "GradientDescent",
    "GraduatedDescent",
    "HeavyBall",
    "ImplicitGraduatedSGD",
    "KernelError",
    "L4Adam",
    "L4Mom",
    "LevenbergMarquardt",
    "Lookahead",
    "MissingImplementation",
    "NAdam",
    "Nesterov",
    "Point",
    "Polyak",
    "RAdam",
    "RMSprop",
    "Ranger",
    "SaddleFreeNewton",
    "Schedule",
    "Status",
    "StepSearch",
    "StepTunedSGD",
    "StochasticGV",
    "Stop",
    "Trajectory",
    "TrustRegion",
    "batch_summands",
    "before_draw",
    "box",
    "constant",
    "cosine",
    "cosine_power",
    "draw",
    "ensemble",
    "exponential",
    "fewest_lanes",
    "four_types",
    "full_batch_only",
    "gauss_newton_product",
    "gradient",
    "graduate",
    "hessian",
    "hessian_product",
    "implements",
    "initial_point",
    "inverse_power",
    "kernel",
    "mean_curved_gradient",
    "methods",
    "new_memory",
    "new_sample",
    "polynomial",
    "requires",
    "resize",
    "runs_in_lanes",
    "sampled_gradient",
    "sampled_hessian_product",
    "sampled_value",
    "sampled_value_and_gradient",
    "samples_in_lanes",
    "sampling_variance",
    "search_step_size",
    "simulate",
    "step_decay",
    "step_tuned_decay",
    "summands",
    "table",
    "update",
    "uses_loss",
    "value",
    "value_and_gradient",
    "whole",
]
