"""The methods by the names of the command line."""

from typing import Any

from .algorithms.adagrad import Adagrad
from .algorithms.adam import Adam
from .algorithms.amsgrad import AMSGrad
from .algorithms.armijo import Armijo
from .algorithms.arsg import ARSG, GeneralizedARSG
from .algorithms.asgd import ASGD
from .algorithms.barzilai_borwein import BarzilaiBorwein
from .algorithms.cubic_newton import CubicNewton
from .algorithms.exact_variation import ExactGV, ExpectedGV
from .algorithms.first_order_trust_region import FirstOrderTrustRegion
from .algorithms.gauss_newton import GaussNewton
from .algorithms.gradient_descent import SGD, GradientDescent
from .algorithms.gradient_variation import StochasticGV
from .algorithms.graduated_descent import GraduatedDescent
from .algorithms.graduated_sgd import ImplicitGraduatedSGD
from .algorithms.l4 import L4Adam, L4Mom
from .algorithms.l4_choice import L4
from .algorithms.levenberg_marquardt import LevenbergMarquardt
from .algorithms.momentum import RSG, HeavyBall, Nesterov
from .algorithms.nadam import NAdam
from .algorithms.obsb import ARSGB
from .algorithms.polyak import Polyak
from .algorithms.radam import RAdam
from .algorithms.ranger import Ranger
from .algorithms.rmsprop import RMSprop
from .algorithms.saddle_free_newton import SaddleFreeNewton
from .algorithms.step_tuned import StepTunedSGD
from .algorithms.trust_region import TrustRegion


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
