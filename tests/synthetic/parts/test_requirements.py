"""Every sentence for bad input: what was given, what is allowed and why, the nearest fix."""

import re

import numpy as np
import pytest

from dynamics.protocol.canonical import canonical
from synthetic import AxisNoise, carmon, linear_net, quadratic, spectrum
from synthetic.ridge_sums.ridge_data import ridge_data

SKEW = [[1.0, 0.5], [0.0, 1.0]]
CASES = [
    (carmon, {"samples": 0}, "samples = 0 must be at least 1; try 1."),
    (carmon, {"samples": 60.5}, "samples = 60.5 must be a whole number; try 60."),
    (carmon, {"samples": "many"}, "samples = 'many' must be a whole number."),
    (carmon, {"dimension": -1}, "dimension = -1 must be at least 1; try 1."),
    (
        carmon, {"samples": 20, "batch_size": 50},
        "batch_size = 50 is larger than the data: there are 20 samples; try 20.",
    ),
    (carmon, {"batch_size": 0}, "batch_size = 0 must be at least 1 (an empty batch has no mean); try 1."),
    (
        carmon, {"sampling": "epochs"},
        "unknown sampling 'epochs'; did you mean 'epoch'? Allowed: epoch, replacement, subset.",
    ),
    (
        carmon, {"rng": -1},
        "rng = -1: give a non-negative int, a numpy SeedSequence, a numpy Generator or None.",
    ),
    (quadratic, {"eigenvalues": [1.0, np.nan]}, "eigenvalues has NaN or infinity in it, the first at index 1"),
    (quadratic, {"eigenvalues": []}, "eigenvalues has shape (0,): a vector is needed, shape (d,)."),
    (quadratic, {"eigenvalues": ["one"]}, "eigenvalues = ['one'] must be a real number, or an array of real numbers."),
    (
        quadratic, {"eigenvalues": [1.0], "dimension": 3},
        "dimension = 3 with eigenvalues: the eigenvalues settle it; leave one of them out.",
    ),
    (
        quadratic, {"eigenvalues": [1.0], "condition_number": 3},
        "condition_number = 3 with eigenvalues: the eigenvalues settle it; leave one of them out.",
    ),
    (quadratic, {"minimiser": [1.0]}, "minimiser has shape (1,): 2 eigenvalues need (2,)."),
    (
        quadratic, {"rotation": "har"},
        "unknown rotation 'har'; did you mean 'haar'? Allowed: haar. An angle or an orthogonal matrix will do, too.",
    ),
    (
        quadratic, {"dimension": 3, "rotation": 0.1},
        "rotation = 0.1 is an angle, which turns the plane, but the dimension is 3; try 'haar'.",
    ),
    (quadratic, {"rotation": np.inf}, "rotation = inf must be a finite angle in radians; try 0.0."),
    (quadratic, {"rotation": np.eye(3)}, "rotation has shape (3, 3): 2 eigenvalues need (2, 2)."),
    (
        quadratic, {"rotation": SKEW},
        "rotation is not orthogonal: RᵀR differs from the identity by 0.5, so the eigenvalues would not be the given "
        "ones; try numpy.linalg.qr(rotation)[0].",
    ),
    (
        quadratic, {"noise": "sample"},
        "unknown noise 'sample'; did you mean 'samples'? Allowed: hessian, samples. A number or a covariance matrix "
        "will do, too.",
    ),
    (quadratic, {"noise": -0.1}, "noise = -0.1 must be at least 0 (it is a standard deviation); try 0."),
    (quadratic, {"noise": np.inf}, "noise = inf must be at least 0 and finite (it is a standard deviation)."),
    (quadratic, {"noise": np.nan}, "noise = nan must be at least 0 (it is a standard deviation); try 0."),
    (quadratic, {"noise": np.eye(3)}, "noise has shape (3, 3): 2 eigenvalues need (2, 2)."),
    (quadratic, {"noise": [0.1, 0.2]}, "noise has shape (2,): a matrix is needed, shape (rows, columns)."),
    (quadratic, {"noise": SKEW}, "noise is not symmetric, so it is no covariance; try (noise + noise.T) / 2."),
    (quadratic, {"noise": np.diag([1, -0.5])}, "noise has the eigenvalue -0.5, and a covariance has none below 0."),
    (
        quadratic, {"eigenvalues": [-1.0, 1.0], "noise": "hessian"},
        "noise = 'hessian' needs eigenvalues ≥ 0, and the least is -1.0: the Hessian is then a covariance; try a "
        "number.",
    ),
    (
        quadratic, {"eigenvalues": [-1.0, 1.0], "noise": "samples"},
        "noise = 'samples' needs eigenvalues ≥ 0, and the least is -1.0: the Hessian is then a mean of squares; try a "
        "number.",
    ),
    (
        quadratic, {"noise": 0.1, "noise_scale": 2.0},
        "noise_scale = 2.0 would be ignored: it belongs to noise = 'hessian'; leave it out.",
    ),
    (
        quadratic, {"noise": "hessian", "noise_scale": -2.0},
        "noise_scale = -2.0 must be positive and finite (it multiplies a standard deviation); try 2.0.",
    ),
    (
        quadratic, {"batch_size": 5},
        "batch_size = 5 would be ignored: it belongs to noise = 'samples'; leave it out.",
    ),
    (
        quadratic, {"noise": "samples", "samples": 1},
        "samples = 1 must be at least 2 (fewer rows can't have a prescribed Hessian in dimension 2); try 2.",
    ),
    (
        quadratic, {"noise": "samples", "samples": 2, "batch_size": 1, "residual": 0.1},
        "samples = 2 must be at least 3 (residuals orthogonal to 2 columns need one row more); try 3.",
    ),
    (
        quadratic, {"noise": "samples", "samples": 20},
        "batch_size = 50 is larger than the data: there are 20 samples; try 20.",
    ),
    (quadratic, {"noise": "samples", "sampling": "all"}, "unknown sampling 'all'. "),
    (
        quadratic, {"noise": "samples", "residual": -1},
        "residual = -1 must be at least 0 (it is a root mean square); try 0.",
    ),
    (
        linear_net, {"condition_number": 0.5},
        "condition_number = 0.5 must be at least 1 (it is the ratio of the largest singular value to the least); "
        "try 1.",
    ),
    (linear_net, {"condition_number": np.inf}, "condition_number = inf must be at least 1 and finite"),
    (linear_net, {"samples": 0}, "samples = 0 must be at least 1; try 1."),
    (linear_net, {"maker": "rect"}, "unknown maker 'rect'; did you mean 'recht'? Allowed: given, recht, svd."),
    (linear_net, {"reduction": "means"}, "unknown reduction 'means'; did you mean 'mean'? Allowed: mean, sum."),
    (linear_net, {"form": "sample"}, "unknown form 'sample'; did you mean 'samples'? Allowed: reduced, samples."),
    (linear_net, {"maker": "given"}, "maker = 'given' needs matrix, shape (m, k); or take maker 'recht' or 'svd'."),
    (linear_net, {"matrix": np.eye(2)}, "matrix would be ignored with maker = 'recht'; try maker = 'given'."),
    (
        linear_net, {"maker": "given", "matrix": [[np.nan]]},
        "matrix has NaN or infinity in it, the first at index (0, 0)",
    ),
    (
        linear_net, {"batch_size": 10},
        "batch_size = 10 would be ignored: the reduced form has no mini-batches; try form = 'samples'.",
    ),
    (
        linear_net, {"sampling": "epoch"},
        "sampling = 'epoch' would be ignored: the reduced form has no mini-batches; try form = 'samples'.",
    ),
    (
        linear_net, {"form": "samples", "samples": 5, "batch_size": 6},
        "batch_size = 6 is larger than the data: there are 5 samples; try 5.",
    ),
    (linear_net, {"form": "samples", "sampling": "subsets"}, "unknown sampling 'subsets'; did you mean 'subset'?"),
]  # fmt: skip


@pytest.mark.parametrize(("factory", "arguments", "sentence"), CASES)
def test_factories_refuse(factory, arguments, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        factory(**{"rng": 0, **arguments})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"kind": "log"}, "unknown spectrum 'log'"),
        ({"dimension": 0}, "dimension = 0 must be at least 1; try 1."),
        ({"dimension": 1}, "dimension = 1 has one eigenvalue and so condition number 1, not 10; try dimension = 2."),
        ({"condition_number": 0.1}, "condition_number = 0.1 must be at least 1 (it is the ratio of the largest "),
        ({"condition_number": np.nan}, "condition_number = nan must be at least 1"),
        ({"condition_number": np.inf}, "condition_number = inf must be at least 1 and finite"),
        ({"largest": 0.0}, "largest = 0.0 must be positive and finite; try 0.1."),
    ],
)
def test_spectrum_refuses(arguments, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        spectrum(**{"kind": "linear", "dimension": 3, "condition_number": 10, **arguments})


DATA = carmon(rng=0).data


@pytest.mark.parametrize(
    ("problem", "changes", "sentence"),
    [
        (carmon(rng=0), {"data": DATA._replace(panels=DATA.panels[1:])}, "panels holds 15359 numbers and offsets"),
        (carmon(rng=0), {"batch_size": 501}, "batch_size = 501 is larger than the data: there are 500 samples"),
        (carmon(rng=0), {"data": DATA._replace(offsets=np.full(512, np.nan))}, "RidgeData.offsets has NaN or infinity"),
        (carmon(rng=0), {"sampling": "epochs"}, "unknown Carmon.sampling 'epochs'; did you mean 'epoch'?"),
        (quadratic(), {"minimiser": np.zeros(3)}, "eigenvalues has shape (2,) and minimiser (3,): both need (d,)."),
        (
            quadratic(rotation=0.1), {"matrix": np.array(SKEW)},
            "matrix is not symmetric, so Hx is no gradient; try (matrix + matrix.T) / 2.",
        ),
        (quadratic(rotation=0.1), {"start": np.zeros(3)}, "matrix has shape (2, 2), eigenvalues (2,), minimiser (2,) "),
        (quadratic(noise=0.1), {"centre": np.zeros(3)}, "noise has shape (2,), centre (3,) and the start of Diagonal"),
        (quadratic(noise=0.1), {"noise": AxisNoise(np.ones(3))}, "noise has shape (3,), centre (2,) and the start of "),
        (linear_net(form="samples", samples=5, rng=0), {"batch_size": 6}, "batch_size = 6 is larger than the data"),
        (linear_net(form="samples", samples=5, rng=0), {"Y": np.ones((5, 6))}, "X has shape (5, 6) and Y (5, 6): "),
        (linear_net(rng=0), {"A": np.ones((9, 6))}, "A has shape (9, 6), so start needs shape (90,) and work "),
        (linear_net(rng=0), {"S": np.eye(5)}, "S has shape (5, 5), and A (10, 6) needs (6, 6)."),
    ],
)  # fmt: skip
def test_changed_problems_are_checked_again(problem, changes, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        canonical(problem._replace(**changes))


def test_rows_and_offsets_must_match():
    with pytest.raises(ValueError, match=re.escape("A has shape (500, 30) and b (499,): shapes (samples, dimension) ")):
        ridge_data(DATA.A, DATA.b[1:])
