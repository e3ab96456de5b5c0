"""The laws of mini-batches by counting. Each chi-square test rejects a true law with probability 10⁻⁶."""

from collections import Counter
from itertools import combinations, permutations, product

import numpy as np
import pytest
from scipy.stats import chisquare

from dynamics import SGD, draw, new_sample, simulate
from synthetic import carmon
from synthetic.parts.sampling import EPOCH, REPLACEMENT, SUBSET, draw_batch, new_batch

LEVEL = 1e-6
SEEDS = 200


def batches(law, samples, batch_size, draws, seed):
    batch, rng = new_batch(law, samples, batch_size), np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        draw_batch(law, rng, batch)
        assert sorted(batch.permutation) == list(range(samples))
        found.append(tuple(int(i) for i in batch.indices[:batch_size]))
    return found


def assert_uniform(outcomes, possible):
    counts = Counter(outcomes)
    assert set(counts) <= set(possible)
    assert len(outcomes) > 10 * len(possible)
    assert chisquare([counts[outcome] for outcome in possible]).pvalue > LEVEL


def test_subset_gives_every_ordered_pair_the_same_chance():
    outcomes = [pair for seed in range(SEEDS) for pair in batches(SUBSET, 5, 2, 20, seed)]
    assert_uniform(outcomes, list(permutations(range(5), 2)))


def test_subset_draws_are_independent_of_each_other():
    subsets = list(combinations(range(4), 2))
    outcomes = [
        (tuple(sorted(one)), tuple(sorted(two)))
        for seed in range(SEEDS)
        for one, two in zip(*[iter(batches(SUBSET, 4, 2, 20, seed))] * 2, strict=True)
    ]
    assert_uniform(outcomes, list(product(subsets, subsets)))


def test_replacement_gives_every_pair_the_same_chance():
    outcomes = [pair for seed in range(SEEDS) for pair in batches(REPLACEMENT, 4, 2, 20, seed)]
    assert_uniform(outcomes, list(product(range(4), repeat=2)))


def test_an_epoch_uses_each_sample_at_most_once():
    for seed in range(SEEDS):
        found = batches(EPOCH, 7, 2, 12, seed)
        for epoch in range(4):
            used = [i for batch in found[3 * epoch : 3 * epoch + 3] for i in batch]
            assert len(set(used)) == 6


def test_an_epoch_is_a_uniform_permutation_and_leaves_out_a_uniform_sample():
    outcomes = []
    for seed in range(8 * SEEDS):
        first, second = batches(EPOCH, 5, 2, 2, seed)
        outcomes.append(first + second)
    assert_uniform(outcomes, list(permutations(range(5), 4)))


def test_epochs_are_independent_of_each_other():
    outcomes = []
    for seed in range(8 * SEEDS):
        found = batches(EPOCH, 3, 1, 6, seed)
        outcomes.append((*sum(found[:3], ()), *sum(found[3:], ())))
    orders = list(permutations(range(3)))
    assert_uniform(outcomes, [one + two for one in orders for two in orders])


def test_a_batch_of_an_epoch_is_marginally_uniform_at_every_position():
    found = [batches(EPOCH, 5, 2, 4, seed) for seed in range(2 * SEEDS)]
    for position in range(4):
        assert_uniform([tuple(sorted(run[position])) for run in found], list(combinations(range(5), 2)))


@pytest.mark.parametrize(("law", "exact"), [("subset", True), ("epoch", True), ("replacement", False)])
def test_the_whole_data_as_a_batch(law, exact):
    assert (new_sample(carmon(samples=6, dimension=2, batch_size=6, sampling=law, rng=0)) is None) == exact


def test_buffers_are_not_shared():
    problem = carmon(samples=6, dimension=2, batch_size=3, rng=0)
    one, two = new_sample(problem), new_sample(problem)
    draw(problem, np.random.default_rng(0), one)
    assert (two.permutation == np.arange(6)).all()
    assert not two.indices.any()


@pytest.mark.parametrize("law", ["subset", "replacement", "epoch"])
def test_a_resumed_run_has_the_same_bytes(law):
    problem = carmon(samples=10, dimension=3, batch_size=3, sampling=law, rng=0)
    whole = simulate(SGD(0.1), problem, steps=40, rng=1)
    # 7 steps end inside an epoch of 3
    resumed = simulate(SGD(0.1), problem, steps=33, resume=simulate(SGD(0.1), problem, steps=7, rng=1))
    assert whole.x.tobytes() == resumed.x.tobytes()
    flat = [(*run.state.sample[:-1], *run.state.sample.stream) for run in (whole, resumed)]
    for ours, theirs in zip(*flat, strict=True):
        assert ours.tobytes() == theirs.tobytes()
    assert whole.rng_state == resumed.rng_state
