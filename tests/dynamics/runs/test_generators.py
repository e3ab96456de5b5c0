"""Generators made of seeds: the numbers are NumPy's own."""

import pickle

import numpy as np
import pytest

from dynamics.runs.generators import seeded


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**64, 2**128 - 1, 2**128, 3**200])
def test_a_seed_makes_the_same_generator_each_time(seed):
    expected = np.random.default_rng(seed)
    first, second = seeded(seed), seeded(seed)
    assert first.bit_generator.state == second.bit_generator.state == expected.bit_generator.state
    drawn = [generator.random(3).tolist() for generator in (first, expected)]
    assert drawn[0] == drawn[1]
    assert second.bit_generator.state == np.random.default_rng(seed).bit_generator.state  # its own
    assert pickle.loads(pickle.dumps(first)).random() == expected.random()
