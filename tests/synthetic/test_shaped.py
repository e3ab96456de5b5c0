"""A problem read as matrices is the problem itself, with shapes."""

import numpy as np
import pytest

import synthetic
from dynamics import batch_summands, blocks, blocks_of, check_problem, draw, new_sample, sampled_gradient
from synthetic import as_matrices, info, quadratic

SENSING = quadratic(eigenvalues=np.geomspace(0.1, 1.0, 6), noise="samples", samples=9, batch_size=4, rng=0)


def test_nothing_changes_but_the_shape():
    shaped = as_matrices(SENSING, (2, 2), (2, 1))
    assert blocks(shaped) == ((2, 2), (2, 1))
    assert [block.begin for block in blocks_of(shaped, 6)] == [0, 4]
    x = np.linspace(-1.0, 1.0, 6)
    for function in (synthetic.value, synthetic.gradient, synthetic.hessian):
        assert np.array_equal(function(shaped, x), function(SENSING, x))
    of_samples = []
    for problem in (shaped, SENSING):
        sample, out = new_sample(problem), np.empty(6)
        draw(problem, np.random.default_rng(1), sample)
        sampled_gradient(problem, x, sample, out)
        assert batch_summands(problem, sample) == 4
        of_samples.append(out)
    assert np.array_equal(*of_samples)
    assert info(shaped).spectrum is not None
    assert "2 × 2, 2 × 1" in info(shaped).notes[-1]


def test_nothing_is_wrong_with_the_problem():
    report = check_problem(as_matrices(SENSING, (2, 3)), rng=0)
    assert report, str(report)


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        ([(2, 2)], "hold 4 numbers, and x has 6"),
        ([], "pairs of rows and columns"),
        ([(6,)], "pairs of rows and columns"),
        ([(0, 3)], "pairs of rows and columns"),
        ([(1.5, 4)], "pairs of rows and columns"),
    ],
)
def test_refuses(shapes, sentence):
    with pytest.raises(ValueError, match=sentence):
        as_matrices(SENSING, *shapes)
