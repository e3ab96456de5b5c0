"""What a classifier predicts, and how often it is right."""

from typing import Any

import numpy as np

from dynamics.checks import Refusal, real_array, require_word
from dynamics.kernels.generic import generic
from dynamics.protocol.canonical import canonical


@generic()
def scores(problem, x, inputs):
    """Return the scores of the classes, shape (M, classes), of `inputs`, shape (M, p + 1), at parameters x."""


def accuracy(problem: Any, x: Any, part: str = "test") -> float:
    """The share of samples whose label has the highest score.

    Parameters
    ----------
    problem : NamedTuple
        A classifier, such as `digits_logistic` and `digits_mlp` make.
    x : array_like
        Its parameters, shape (d,).
    part : str
        "test" or "train".

    Raises
    ------
    ValueError
        If x has another shape, NaN or infinity, or nothing was held out for testing.
    MissingImplementation
        If the problem is no classifier.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic.classifiers.penalised_means import Labelled
    >>> from synthetic.classifiers.softmax_regression import SoftmaxRegression, SoftmaxWork
    >>> data = Labelled(np.array([[-1.0, 1.0], [2.0, 1.0]]), np.array([0, 1]), np.array([[3.0, 1.0]]), np.array([0]), 2)
    >>> problem = SoftmaxRegression(data, 0.0, 2, 0, np.zeros(4), SoftmaxWork(np.zeros(2), np.zeros(2)))
    >>> accuracy(problem, [0.0, 0.0, 1.0, 0.0], "train"), accuracy(problem, [0.0, 0.0, 1.0, 0.0])
    (1.0, 0.0)
    """
    require_word("part", part, ("test", "train"))
    classify = scores.implementation(type(problem))
    problem = canonical(problem)
    point = real_array("x", x, None)
    if point.shape != problem.start.shape:
        raise Refusal(f"x has shape {point.shape}: {type(problem).__name__} needs {problem.start.shape}.")
    data = problem.data
    inputs, labels = (data.test_inputs, data.test_labels) if part == "test" else (data.inputs, data.labels)
    if not labels.size:
        raise Refusal("no samples were held out for testing; try test_fraction=0.2, or part='train'.")
    return float(np.mean(classify(problem, point, inputs).argmax(axis=1) == labels))
