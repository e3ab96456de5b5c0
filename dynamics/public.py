"""All that `dynamics` offers, in one place; `dynamics` itself loads it once a name is asked for."""

from dynamics.algorithms.adagrad import Adagrad
from dynamics.algorithms.adam import Adam
from dynamics.algorithms.amsgrad import AMSGrad
from dynamics.algorithms.armijo import Armijo
from dynamics.algorithms.arsg import ARSG, GeneralizedARSG
from dynamics.algorithms.asgd import ASGD
from dynamics.algorithms.barzilai_borwein import BarzilaiBorwein
from dynamics.algorithms.cubic_newton import CubicNewton
from dynamics.algorithms.echo import Echo
from dynamics.algorithms.exact_variation import ExactGV, ExpectedGV
from dynamics.algorithms.gauss_newton import GaussNewton
from dynamics.algorithms.gradient_descent import SGD, GradientDescent
from dynamics.algorithms.gradient_variation import StochasticGV
from dynamics.algorithms.graduated_descent import GraduatedDescent
from dynamics.algorithms.graduated_sgd import ImplicitGraduatedSGD, four_types
from dynamics.algorithms.l4 import L4Adam, L4Mom
from dynamics.algorithms.l4_choice import L4
from dynamics.algorithms.levenberg_marquardt import LevenbergMarquardt
from dynamics.algorithms.lookahead import Lookahead
from dynamics.algorithms.momentum import RSG, HeavyBall, Nesterov
from dynamics.algorithms.nadam import NAdam
from dynamics.algorithms.obsb import ARSGB, OBSB
from dynamics.algorithms.parts.projection import Ball, Box, Everywhere, box
from dynamics.algorithms.polyak import Polyak
from dynamics.algorithms.radam import RAdam
from dynamics.algorithms.ranger import Ranger
from dynamics.algorithms.rmsprop import RMSprop
from dynamics.algorithms.saddle_free_newton import SaddleFreeNewton
from dynamics.algorithms.step_tuned import StepTunedSGD
from dynamics.algorithms.trust_region.first_order import FirstOrderTrustRegion
from dynamics.algorithms.trust_region.second_order import TrustRegion
from dynamics.catalogue import methods
from dynamics.checks import FileRefusal, KindRefusal, MissingLibrary, Refusal
from dynamics.examination.methods import check_method
from dynamics.examination.problems import check_problem
from dynamics.kernels.generic import MissingImplementation, implements
from dynamics.kernels.policy import kernel, runs_as_python
from dynamics.protocol.blocks import Block, block_table, blocks, blocks_of
from dynamics.protocol.full_and_sampled import whole
from dynamics.protocol.graduation import graduate
from dynamics.protocol.kernel_errors import KernelError
from dynamics.protocol.method import (
    Point,
    before_draw,
    full_batch_only,
    memory_of_blocks,
    new_memory,
    preconditioner,
    requires,
    runs_in_lanes,
    samples_in_lanes,
    update,
    uses_gradient,
    uses_loss,
    uses_rng,
)
from dynamics.protocol.oracle import (
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
)
from dynamics.protocol.sampling_variance import sampling_variance
from dynamics.protocol.schedules import (
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
from dynamics.protocol.status import Status, Stop
from dynamics.protocol.training_schedules import linear_to_zero, warm_restarts, warm_up, warm_up_stable_decay
from dynamics.runs.measured import Measured
from dynamics.runs.probes import Alignment, Distance, PreconditionedEigenvalue, Probe, TopEigenvalue
from dynamics.runs.simulate import simulate
from dynamics.runs.step_search import StepSearch, search_step_size
from dynamics.runs.trajectory import Trajectory
from dynamics.sweeps.ensemble import ensemble
from dynamics.sweeps.measuring import measure_sweep
from dynamics.sweeps.opening import mend_sweep, open_sweep
from dynamics.sweeps.quantiles import sweep_quantiles
from dynamics.sweeps.replay import replay
from dynamics.sweeps.result import Ensemble
from dynamics.sweeps.sweep import sweep
from dynamics.vectors.blocks import matrix_at

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
    "Alignment",
    "Armijo",
    "Ball",
    "BarzilaiBorwein",
    "Block",
    "Box",
    "CubicNewton",
    "Distance",
    "Echo",
    "Ensemble",
    "Everywhere",
    "ExactGV",
    "ExpectedGV",
    "FileRefusal",
    "FirstOrderTrustRegion",
    "GaussNewton",
    "GeneralizedARSG",
    "GradientDescent",
    "GraduatedDescent",
    "HeavyBall",
    "ImplicitGraduatedSGD",
    "KernelError",
    "KindRefusal",
    "L4Adam",
    "L4Mom",
    "LevenbergMarquardt",
    "Lookahead",
    "Measured",
    "MissingImplementation",
    "MissingLibrary",
    "NAdam",
    "Nesterov",
    "Point",
    "Polyak",
    "PreconditionedEigenvalue",
    "Probe",
    "RAdam",
    "RMSprop",
    "Ranger",
    "Refusal",
    "SaddleFreeNewton",
    "Schedule",
    "Status",
    "StepSearch",
    "StepTunedSGD",
    "StochasticGV",
    "Stop",
    "TopEigenvalue",
    "Trajectory",
    "TrustRegion",
    "batch_summands",
    "before_draw",
    "block_table",
    "blocks",
    "blocks_of",
    "box",
    "check_method",
    "check_problem",
    "constant",
    "cosine",
    "cosine_power",
    "draw",
    "ensemble",
    "exponential",
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
    "linear_to_zero",
    "matrix_at",
    "mean_curved_gradient",
    "measure_sweep",
    "memory_of_blocks",
    "mend_sweep",
    "methods",
    "new_memory",
    "new_sample",
    "open_sweep",
    "polynomial",
    "preconditioner",
    "replay",
    "requires",
    "resize",
    "runs_as_python",
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
    "sweep",
    "sweep_quantiles",
    "table",
    "update",
    "uses_gradient",
    "uses_loss",
    "uses_rng",
    "value",
    "value_and_gradient",
    "warm_restarts",
    "warm_up",
    "warm_up_stable_decay",
    "whole",
]
