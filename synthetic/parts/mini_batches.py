"""The sampling of a finite sum by mini-batches: the part of the oracle protocol that all such problems share."""

from typing import Any

from dynamics import batch_summands, draw, implements, new_sample, resize, summands
from dynamics.protocol.sampling_variance import sampling_variance
from synthetic.parts.sampling import batch_variance, draw_batch, new_batch, resize_batch


def _draw(problem, rng, sample):
    draw_batch(problem.sampling, rng, sample)


def _new_sample(problem):
    return new_batch(problem.sampling, summands(problem), problem.batch_size)


def _batch_summands(problem, sample):
    return sample.size[0]


def _sampling_variance(problem, sample):
    return batch_variance(problem.sampling, sample)


def _resize(problem, sample, size):
    resize_batch(sample, size)


_PROTOCOL: dict[Any, Any] = {
    draw: _draw,
    new_sample: _new_sample,
    batch_summands: _batch_summands,
    sampling_variance: _sampling_variance,
    resize: _resize,
}


def mini_batches(kind: type) -> None:
    """Give a problem type that has `summands`, and the fields `sampling` and `batch_size`, its mini-batches."""
    for function, implementation in _PROTOCOL.items():
        implements(function, kind)(implementation)
