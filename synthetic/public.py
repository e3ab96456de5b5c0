"""All that `synthetic` offers, in one place; `synthetic` loads the module of a name once it is asked for."""

from synthetic.catalogue import problems
from synthetic.classifiers.digits import digits_logistic, digits_mlp
from synthetic.classifiers.scores import accuracy
from synthetic.classifiers.softmax_regression import SoftmaxRegression
from synthetic.classifiers.tanh_net import TanhNet
from synthetic.evaluation import gradient, hessian, hessian_product, value
from synthetic.landscapes.classics import (
    Beale,
    Himmelblau,
    MonkeySaddle,
    beale,
    himmelblau,
    monkey_saddle,
    narrow_valley,
    saddle,
)
from synthetic.landscapes.cosines import QuadraticCosine, quadratic_cosine, rastrigin
from synthetic.landscapes.drop_waves import DropWave, drop_wave
from synthetic.landscapes.rosenbrock_valley import Rosenbrock, rosenbrock
from synthetic.linear_nets.linear_nets import linear_net
from synthetic.linear_nets.reduced import LinearNet
from synthetic.linear_nets.samples import SampledLinearNet
from synthetic.parts.information import Information, info
from synthetic.parts.sampling import MiniBatch
from synthetic.quadratics.least_squares import LeastSquares
from synthetic.quadratics.power_laws import power_law
from synthetic.quadratics.quadratic_forms import DiagonalQuadratic, Quadratic
from synthetic.quadratics.quadratics import quadratic
from synthetic.quadratics.spectra import spectrum
from synthetic.quadratics.streamed import StreamedSquares, streamed_squares
from synthetic.ridge_sums.regression import Carmon, carmon
from synthetic.smoothing.graduated import Graduated, graduated
from synthetic.smoothing.smoothing import smoothed
from synthetic.wrappers.averaged import Averaged
from synthetic.wrappers.heavy_tails import StableNoise, StudentNoise, noisy
from synthetic.wrappers.noise import AxisNoise, DenseNoise, Noisy
from synthetic.wrappers.raised import Raised
from synthetic.wrappers.shaped import Shaped, as_matrices

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
    "Shaped",
    "SoftmaxRegression",
    "StableNoise",
    "StreamedSquares",
    "StudentNoise",
    "TanhNet",
    "accuracy",
    "as_matrices",
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
    "noisy",
    "power_law",
    "problems",
    "quadratic",
    "quadratic_cosine",
    "rastrigin",
    "rosenbrock",
    "saddle",
    "smoothed",
    "spectrum",
    "streamed_squares",
    "value",
]
