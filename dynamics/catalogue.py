"""The methods by the names of the command line."""

from typing import Any

from dynamics.algorithms.adagrad import Adagrad
from dynamics.algorithms.adam import Adam
from dynamics.algorithms.amsgrad import AMSGrad
from dynamics.algorithms.armijo import Armijo
from dynamics.algorithms.arsg import ARSG, GeneralizedARSG
from dynamics.algorithms.asgd import ASGD
from dynamics.algorithms.barzilai_borwein import BarzilaiBorwein
from dynamics.algorithms.cubic_newton import CubicNewton
from dynamics.algorithms.exact_variation import ExactGV, ExpectedGV
from dynamics.algorithms.gauss_newton import GaussNewton
from dynamics.algorithms.gradient_descent import SGD, GradientDescent
from dynamics.algorithms.gradient_variation import StochasticGV
from dynamics.algorithms.graduated_descent import GraduatedDescent
from dynamics.algorithms.graduated_sgd import ImplicitGraduatedSGD
from dynamics.algorithms.l4 import L4Adam, L4Mom
from dynamics.algorithms.l4_choice import L4
from dynamics.algorithms.levenberg_marquardt import LevenbergMarquardt
from dynamics.algorithms.momentum import RSG, HeavyBall, Nesterov
from dynamics.algorithms.nadam import NAdam
from dynamics.algorithms.obsb import ARSGB
from dynamics.algorithms.polyak import Polyak
from dynamics.algorithms.radam import RAdam
from dynamics.algorithms.ranger import Ranger
from dynamics.algorithms.rmsprop import RMSprop
from dynamics.algorithms.saddle_free_newton import SaddleFreeNewton
from dynamics.algorithms.step_tuned import StepTunedSGD
from dynamics.algorithms.trust_region.first_order import FirstOrderTrustRegion
from dynamics.algorithms.trust_region.second_order import TrustRegion


def methods() -> dict[str, Any]:
    """The class of each method, by name.

    Examples
    --------
    >>> methods()["rsg"].__name__
    'RSG'
    """
    return {
        "adagrad": Adagrad,
        "adam": Adam,
        "amsgrad": AMSGrad,
        "armijo": Armijo,
        "arsg": ARSG,
        "arsgb": ARSGB,
        "asgd": ASGD,
        "barzilai-borwein": BarzilaiBorwein,
        "cubic-newton": CubicNewton,
        "exact-gv": ExactGV,
        "expected-gv": ExpectedGV,
        "first-order-trust-region": FirstOrderTrustRegion,
        "gauss-newton": GaussNewton,
        "generalized-arsg": GeneralizedARSG,
        "gradient-descent": GradientDescent,
        "graduated-descent": GraduatedDescent,
        "heavy-ball": HeavyBall,
        "implicit-graduated-sgd": ImplicitGraduatedSGD,
        "l4": L4,
        "l4-adam": L4Adam,
        "l4-mom": L4Mom,
        "levenberg-marquardt": LevenbergMarquardt,
        "nadam": NAdam,
        "nesterov": Nesterov,
        "polyak": Polyak,
        "radam": RAdam,
        "ranger": Ranger,
        "rmsprop": RMSprop,
        "rsg": RSG,
        "saddle-free-newton": SaddleFreeNewton,
        "sgd": SGD,
        "step-tuned-sgd": StepTunedSGD,
        "stochastic-gv": StochasticGV,
        "trust-region": TrustRegion,
    }
