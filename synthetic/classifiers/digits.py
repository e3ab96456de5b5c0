"""Classifiers of the 1,797 handwritten digits, 8×8 pixels each, that scikit-learn ships."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from dynamics.checks import (
    MissingLibrary,
    Refusal,
    require_at_least,
    require_memory,
    require_real,
    require_whole,
    require_word,
)
from dynamics.protocol.canonical import canonical
from synthetic.classifiers.penalised_means import Labelled
from synthetic.classifiers.softmax_regression import SoftmaxRegression, SoftmaxWork
from synthetic.classifiers.tanh_net import TanhNet, TanhWork
from synthetic.parts.requirements import require_batch
from synthetic.parts.sampling import SAMPLING, Sampling
from synthetic.parts.streams import streams

CLASSES, PIXELS, IMAGES = 10, 64, 1797


def digits_logistic(
    *,
    regularisation: float = 1e-3,
    test_fraction: float = 0.2,
    batch_size: int = 50,
    sampling: Sampling = "subset",
    rng: Any,
) -> SoftmaxRegression:
    r"""Multinomial logistic regression on handwritten digits.

    .. math:: f(W)=\frac1N\sum_{n=1}^N\Bigl(\log\sum_ke^{w_k^\top a_n}-w_{y_n}^\top a_n\Bigr)+\frac\lambda2\|W\|^2

    with 64 pixels between 0 and 1 and a constant 1 in :math:`a_n`, so that d = 650. Runs start at 0.

    Parameters
    ----------
    regularisation : float
        λ, at least 0; it takes in the biases. It is the strong convexity of f.
    test_fraction : float
        Share of the images that is held out at random for `accuracy`, in [0, 1).
    batch_size, sampling
        Images in a mini-batch and its law; see `carmon`.
    rng : int, SeedSequence, Generator or None
        An int, a SeedSequence, a Generator or None; draws what is held out.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    ValueError
        For a negative penalty, a share outside [0, 1), a batch larger than the data and an unknown law.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("sklearn")
    >>> from synthetic import info, value
    >>> problem = digits_logistic(rng=0)
    >>> info(problem).dimension, info(problem).samples, bool(abs(value(problem, [0.0] * 650) - np.log(10)) < 1e-12)
    (650, 1438, True)
    """
    test_fraction = _checked(regularisation, test_fraction, batch_size, sampling)
    splitting, _ = streams(rng, 2)
    return canonical(
        SoftmaxRegression(
            data=_labelled(test_fraction, splitting),
            regularisation=regularisation,
            batch_size=batch_size,
            sampling=sampling,
            start=np.zeros(CLASSES * (PIXELS + 1)),
            work=SoftmaxWork(np.zeros(CLASSES), np.zeros(CLASSES)),
        )
    )


def digits_mlp(
    hidden: int = 32,
    *,
    regularisation: float = 1e-3,
    test_fraction: float = 0.2,
    batch_size: int = 50,
    sampling: Sampling = "subset",
    rng: Any,
) -> TanhNet:
    r"""A tanh network with one hidden layer on handwritten digits.

    .. math:: f(W_1,W_2)=\frac1N\sum_{n=1}^N\ell_{y_n}\bigl(W_2\tanh(W_1a_n)\bigr)+\frac\lambda2(\|W_1\|^2+\|W_2\|^2)

    where ℓ is the cross-entropy of a softmax and both layers have biases: d = 65h + 10(h + 1). Runs start at weights
    drawn from N(0, 1/inputs of the unit), with biases 0.

    Parameters
    ----------
    hidden : int
        h, the number of hidden units, at least 1.
    regularisation, test_fraction, batch_size, sampling
        As for `digits_logistic`.
    rng : int, SeedSequence, Generator or None
        An int, a SeedSequence, a Generator or None; draws what is held out and the start.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    ValueError
        As for `digits_logistic`, and for fewer than one hidden unit.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("sklearn")
    >>> from synthetic import info
    >>> info(digits_mlp(8, rng=0)).dimension
    610
    """
    hidden = require_whole("hidden", hidden, 1)
    require_memory(f"hidden = {hidden}", 4.0 * hidden * (PIXELS + CLASSES), "try 32")
    test_fraction = _checked(regularisation, test_fraction, batch_size, sampling)
    splitting, starting = streams(rng, 2)
    first, second = np.zeros((hidden, PIXELS + 1)), np.zeros((CLASSES, hidden + 1))
    first[:, :-1] = starting.standard_normal((hidden, PIXELS)) / np.sqrt(PIXELS)
    second[:, :-1] = starting.standard_normal((CLASSES, hidden)) / np.sqrt(hidden)
    return canonical(
        TanhNet(
            data=_labelled(test_fraction, splitting),
            hidden=hidden,
            regularisation=regularisation,
            batch_size=batch_size,
            sampling=sampling,
            start=np.concatenate([first.ravel(), second.ravel()]),
            work=TanhWork(np.zeros(hidden), np.zeros(hidden), np.zeros(CLASSES), np.zeros(CLASSES)),
        )
    )


def _checked(regularisation, test_fraction, batch_size, sampling):
    """The share that is held out, once all is as it must be."""
    test_fraction = require_real("test_fraction", test_fraction)
    require_at_least("regularisation", regularisation, 0, "a negative penalty has no minimum")
    if not 0 <= test_fraction < 1:
        raise Refusal(f"test_fraction = {test_fraction} must be in [0, 1): some images must train; try 0.2.")
    require_batch(batch_size, IMAGES - _held_out(test_fraction))
    require_word("sampling", sampling, SAMPLING)
    return test_fraction


def _held_out(test_fraction):
    return min(round(test_fraction * IMAGES), IMAGES - 1)


def _labelled(test_fraction, rng):
    pixels, labels = images()
    inputs = np.column_stack([pixels / 16.0, np.ones(IMAGES)])
    order, held_out = rng.permutation(IMAGES), _held_out(test_fraction)
    test, train = order[:held_out], order[held_out:]
    return Labelled(inputs[train], labels[train], inputs[test], labels[test], CLASSES)


def images():
    """Pixels, shape (1797, 64), from 0 to 16, and labels."""
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        raise MissingLibrary(
            'the digits problems need scikit-learn, which ships the images: pip install "optdyn[digits]".'
        )
    return _read(Path(found.origin).parent)


@cache
def _read(library):
    """Pixels and labels, read from scikit-learn's folder: to import it takes longer than most runs on them."""
    file = library / "datasets" / "data" / "digits.csv.gz"
    if not file.is_file():  # a version that keeps them elsewhere
        from sklearn.datasets import load_digits

        return load_digits(return_X_y=True)
    table = np.loadtxt(file, delimiter=",")
    return table[:, :-1], table[:, -1].astype(np.int64)
