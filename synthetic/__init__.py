"""Synthetic problems: data as NamedTuples, kernels that answer the oracle protocol of `dynamics`.

Examples
--------
>>> from synthetic import carmon, gradient, value
>>> problem = carmon(rng=0)
>>> x = [0.0] * 30
>>> 0 < value(problem, x) < 1, gradient(problem, x).shape
(True, (30,))
"""

from pathlib import Path

import dynamics

# A script's own dynamics.py, beside it on the path, would be imported in place of the package.
if Path(dynamics.__file__ or ".").resolve().parent.parent != Path(__file__).resolve().parent.parent:
    raise ImportError(
        f"synthetic needs optdyn's own package dynamics, but {dynamics.__file__} was imported in its place: "
        f"give that file or folder another name."
    )

from .averaged import Averaged
from .catalogue import problems
from .classics import Beale, Himmelblau, MonkeySaddle, beale, himmelblau, monkey_saddle, narrow_valley, saddle
from .cosines import QuadraticCosine, quadratic_cosine, rastrigin
from .digits import digits_logistic, digits_mlp
from .drop_waves import DropWave, drop_wave
from .evaluation import gradient, hessian, hessian_product, value
from .graduated import Graduated, graduated
from .information import Information, info
from .least_squares import LeastSquares
from .linear_net_reduced import LinearNet
from .linear_net_samples import SampledLinearNet
from .linear_nets import linear_net
from .noise import AxisNoise, DenseNoise, Noisy
from .quadratic_forms import DiagonalQuadratic, Quadratic
from .quadratics import quadratic
from .raised import Raised
from .regression import Carmon, carmon
from .rosenbrock_valley import Rosenbrock, rosenbrock
from .sampling import MiniBatch
from .scores import accuracy
from .smoothing import smoothed
from .softmax_regression import SoftmaxRegression
from .spectra import spectrum
from .tanh_net import TanhNet

__all__ = [
    "Averaged",
    "AxisNoise",
    "Beale",
    "Carmon",
    "DenseNoise",
    "DiagonalQuadratic",
    "DropWave",
    "Graduated",
    "Himmelblau",
    "Information",
    "LeastSquares",
    "LinearNet",
    "MiniBatch",
    "MonkeySaddle",
    "Noisy",
    "Quadratic",
    "QuadraticCosine",
    "Raised",
    "Rosenbrock",
    "SampledLinearNet",
    "SoftmaxRegression",
    "TanhNet",
    "accuracy",
    "beale",
    "carmon",
    "digits_logistic",
    "digits_mlp",
    "drop_wave",
    "gradient",
    "graduated",
    "hessian",
    "hessian_product",
    "himmelblau",
    "info",
    "linear_net",
    "monkey_saddle",
    "narrow_valley",
    "problems",
    "quadratic",
    "quadratic_cosine",
    "rastrigin",
    "rosenbrock",
    "saddle",
    "smoothed",
    "spectrum",
    "value",
]
