"""Random generators from their states, whoever wrote these down."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from dynamics.checks import Refusal

KINDS = {kind.__name__: kind for kind in (np.random.MT19937, np.random.PCG64, np.random.PCG64DXSM, np.random.Philox,
                                          np.random.SFC64)}  # fmt: skip
# Places in the buffers of numpy's generators, which numpy does not check, and the lengths of these.
PLACES = {"MT19937": ("pos", "key", 624), "Philox": ("buffer_pos", "buffer", 4)}


class _Words(ISeedSequence):
    """What a SeedSequence makes of a seed for a PCG64, in place of the SeedSequence."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        """The words."""
        return _words(self.seed, n_words, dtype)


@lru_cache(maxsize=256)
def _words(seed: int, count: int, dtype: Any) -> np.ndarray:
    return np.random.SeedSequence(seed).generate_state(count, dtype)


def seeded(seed: int) -> np.random.Generator:
    """The generator that ``numpy.random.default_rng`` makes of a seed: of a seed used of late, in a tenth of the time.

    Examples
    --------
    >>> seeded(3).random() == np.random.default_rng(3).random()
    True
    """
    words: Any = _Words(seed)  # NumPy takes it, and says so nowhere
    return np.random.Generator(np.random.PCG64(words))


def restored(state: Any) -> np.random.Generator:
    """A generator in a state.

    Raises
    ------
    ValueError
        If it is no state of one of numpy's generators.

    Examples
    --------
    >>> made = np.random.default_rng(3)
    >>> restored(made.bit_generator.state).random() == made.random()
    True
    """
    try:
        name = state["bit_generator"]
        made = KINDS[name]()
        if name in PLACES:
            place, buffer, length = PLACES[name]
            at = {**state, **state["state"]}
            if type(at[place]) is not int or not 0 <= at[place] <= length or np.shape(at[buffer]) != (length,):
                raise Refusal(place)
        if type(state.get("has_uint32", 0)) is not int or not 0 <= state.get("has_uint32", 0) <= 1:
            raise Refusal("has_uint32")
        made.state = state
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise Refusal(f"the state of the random generator is none of numpy's {', '.join(KINDS)}") from error
    return np.random.Generator(made)
