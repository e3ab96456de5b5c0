"""Mini-batch laws: uniform without replacement, with replacement, and a permutation an epoch.

All three give every sample the same chance in every batch, so a mean over the batch is unbiased. They differ in what
two draws have to do with each other.
"""

from typing import Literal, NamedTuple

import numpy as np

from dynamics import kernel
from dynamics.checks import Refusal
from dynamics.vectors.streams import Stream, new_stream, take_uniforms
from dynamics.vectors.vector import REGISTER
from dynamics.words import places, words

Sampling = Literal["subset", "replacement", "epoch"]
SAMPLING = words(Sampling)
SUBSET, REPLACEMENT, EPOCH = places(Sampling)


class MiniBatch(NamedTuple):
    """A drawn mini-batch and all that the next draw goes on from.

    Examples
    --------
    >>> from dynamics import new_sample
    >>> from synthetic import carmon
    >>> isinstance(new_sample(carmon(samples=50, dimension=3, batch_size=10, rng=0)), MiniBatch)
    True
    """

    indices: np.ndarray  # the samples of the batch in its first `size` places, and as many more as make up a register
    size: np.ndarray  # the batch size, shape (1,)
    permutation: np.ndarray  # of all samples, shape (samples,)
    position: np.ndarray  # how much of the permutation this epoch has used, shape (1,)
    stream: Stream  # of the uniform numbers that choose the samples

    def check(self) -> None:
        """Refuse numbers that are no places in the data, as somebody else's file may hold them."""
        samples = len(self.permutation)
        inside = ((self.indices >= 0) & (self.indices < samples)).all()
        whole = np.array_equal(np.sort(self.permutation), np.arange(samples))
        if not (inside and whole and 1 <= self.size[0] <= samples and 0 <= self.position[0] <= samples):
            raise Refusal(f"the mini-batch holds numbers that are no places among {samples} samples")


def new_batch(law: int, samples: int, batch_size: int) -> MiniBatch | None:
    """Buffers for `draw_batch`; None where every batch is the whole data, so that the gradient is exact.

    Examples
    --------
    >>> new_batch(SUBSET, 4, 2).permutation
    array([0, 1, 2, 3])
    >>> new_batch(SUBSET, 4, 4) is None, new_batch(REPLACEMENT, 4, 4) is None
    (True, False)
    """
    if batch_size == samples and law != REPLACEMENT:
        return None
    size = np.full(1, batch_size, dtype=np.int64)
    return MiniBatch(_new_indices(samples), size, np.arange(samples), np.zeros(1, dtype=np.int64), new_stream(samples))


def _new_indices(samples: int) -> np.ndarray:
    """Room for a batch, and for what fills up its last register: any samples."""
    return np.zeros(-(-samples // REGISTER) * REGISTER, dtype=np.int64)


@kernel
def batch_of_one():
    """A mini-batch with room for one sample in `indices[0]`, which is not drawn from."""
    none = np.zeros(1, dtype=np.int64)
    stream = Stream(np.zeros(1), none, none, np.zeros(1))
    return MiniBatch(np.zeros(REGISTER, dtype=np.int64), np.ones(1, dtype=np.int64), none, none, stream)


@kernel
def resize_batch(batch, size):
    """Let the next batch have `size` samples, or all of them where there are fewer."""
    batch.size[0] = min(size, len(batch.permutation))


@kernel
def batch_variance(law, batch):
    """The variance of a mean over the batch, as a multiple of that of one sample."""
    samples, size = len(batch.permutation), batch.size[0]
    if law == REPLACEMENT:
        return 1.0 / size
    return (samples - size) / (size * max(samples - 1.0, 1.0))


@kernel
def draw_batch(law, rng, batch):
    """Fill the front of `batch.indices` with the next mini-batch.

    "subset" and "epoch" exchange the next places of a permutation with places drawn from its rest (Fisher and Yates);
    "subset" starts at the front each time, whatever order earlier draws have left behind. An epoch ends when fewer
    samples are left than a batch takes: these sit out, another uniformly drawn few each epoch. A short last batch would
    weigh its samples more, and one filled up from the next epoch could hold a sample twice.

    An index is ⌊u·m⌋ with u uniform on the multiples of 2⁻⁵³, so its probability is 1/m within 2⁻⁵³.
    """
    indices, permutation, size = batch.indices, batch.permutation, batch.size[0]
    at = take_uniforms(batch.stream, rng, size)
    numbers = batch.stream.numbers[at : at + size]
    samples = len(permutation)
    if law == REPLACEMENT:
        for i in range(size):
            indices[i] = int(numbers[i] * samples)
        return
    begin = 0
    if law == EPOCH:
        if batch.position[0] + size <= samples:
            begin = batch.position[0]
        batch.position[0] = begin + size
    front, rest = permutation[begin:], samples - begin
    for i in range(size):
        indices[i] = i + int(numbers[i] * (rest - i))
    for i in range(size):
        other = indices[i]
        chosen = front[other]
        front[other] = front[i]
        front[i] = chosen
        indices[i] = chosen
