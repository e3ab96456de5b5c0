"""Streams of random numbers: the published generator, the right laws, and the same numbers however a run is run."""

import numpy as np
import pytest
from scipy import stats

from dynamics import kernel
from dynamics.vectors.lanes import WIDTH, Lanes, LaneStreams
from dynamics.vectors.random_vectors import normals, uniforms
from dynamics.vectors.registers import store
from dynamics.vectors.streams import Stream, new_stream, take_normals, take_uniforms

COUNT = 200_000
ERROR_LEVEL = 1e-4  # of each test of a law; the seed is fixed, so that none fails by chance later


def plain(function):
    """The plain Python of a kernel, which it is already with NUMBA_DISABLE_JIT=1."""
    return getattr(function, "py_func", function)


@kernel
def drawn_normals(stream, rng, count, out):
    for i in range(0, len(out), count):
        begin = take_normals(stream, rng, count)
        for j in range(count):
            out[i + j] = stream.numbers[begin + j]


@kernel
def drawn_uniforms(stream, rng, count, out):
    for i in range(0, len(out), count):
        begin = take_uniforms(stream, rng, count)
        for j in range(count):
            out[i + j] = stream.numbers[begin + j]


@kernel
def both(key, place, other, out):
    first, second = normals(key, place, other)
    store(out, 0, uniforms(key, place))
    store(out, 8, first)
    store(out, 16, second)


def draw(function, *, count=100, numbers=COUNT, rng=0):
    out = np.empty(numbers)
    function(new_stream(count), np.random.default_rng(rng), count, out)
    return out


def splitmix64(state, entries):
    """The published generator in Python's whole numbers."""
    for _ in range(entries):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        yield z ^ (z >> 31)


def test_the_generator_is_splitmix64():
    assert [f"{z:x}" for z in splitmix64(1234567, 2)] == ["599ed017fb08fc85", "2c73f08458540fa5"]
    key = np.random.default_rng(3).random()
    expected = [(z >> 11) * 2.0**-53 for z in splitmix64(int(key * 2**53) << 11, 24)]
    for function in (both, plain(both)):
        out = np.empty(24)
        for place in (0, 8, 16):
            function(key, place, place, out)
            assert out[:8].tolist() == expected[place : place + 8]


def test_compiled_normals_are_those_of_the_formula():
    worst = 0.0
    for place in range(0, 8000, 8):
        compiled, formula = np.empty(24), np.empty(24)
        both(0.37, place, place + 8000, compiled)
        plain(both)(0.37, place, place + 8000, formula)
        worst = max(worst, np.abs(compiled - formula).max())
    assert worst < 4e-15


def test_normals_at_the_ends_of_the_unit_interval():
    begin = next(key for key in np.arange(1, 4000) * 2.0**-53 if uniforms(key, 0)[0] < 2.0**-11)
    out = np.empty(24)
    both(begin, 0, 8, out)
    assert np.isfinite(out).all()


def test_uniform_numbers_are_uniform():
    numbers = draw(drawn_uniforms)
    assert 0.0 <= numbers.min() < numbers.max() < 1.0
    assert (numbers * 2.0**53 % 1 == 0).all()
    assert stats.kstest(numbers, "uniform").pvalue > ERROR_LEVEL


def test_normal_numbers_are_normal():
    numbers = draw(drawn_normals)
    assert stats.kstest(numbers, "norm").pvalue > ERROR_LEVEL
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        deviation = np.sqrt(COUNT / variance) * (np.mean(numbers**power) - moment)
        assert abs(deviation) < stats.norm.isf(ERROR_LEVEL / 2)
    beyond = np.sum(abs(numbers) > 4.0)
    assert stats.binomtest(int(beyond), COUNT, 2 * stats.norm.sf(4.0)).pvalue > ERROR_LEVEL


@pytest.mark.parametrize("function", [drawn_normals, drawn_uniforms])
@pytest.mark.parametrize("lag", [1, 2, 8, 250, 256, 512])
def test_numbers_have_nothing_to_do_with_earlier_ones(function, lag):
    numbers = draw(function)
    for transformed in (numbers, numbers**2):
        correlation = np.corrcoef(transformed[:-lag], transformed[lag:])[0, 1]
        assert abs(correlation) * np.sqrt(COUNT) < stats.norm.isf(ERROR_LEVEL / 2)


def test_runs_have_streams_of_their_own():
    one, other = draw(drawn_normals, rng=0), draw(drawn_normals, rng=1)
    assert abs(np.corrcoef(one, other)[0, 1]) * np.sqrt(COUNT) < stats.norm.isf(ERROR_LEVEL / 2)
    np.testing.assert_array_equal(one, draw(drawn_normals, rng=0))


@pytest.mark.parametrize("function", [drawn_normals, drawn_uniforms])
@pytest.mark.parametrize("count", [1, 3, 300, 600])
def test_numbers_taken_together_are_in_one_block(function, count):
    numbers, rng = new_stream(count).numbers.size, np.random.default_rng(0)
    whole = draw(function, count=count, numbers=4 * count * (512 // count + 1))
    assert numbers >= count
    assert np.unique(whole).size == whole.size
    assert draw(function, count=count, numbers=count)[0] == whole[0]
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


def test_normals_are_pairs_half_a_block_apart_however_few_are_taken_at_a_time():
    size, key = 512, np.random.default_rng(5).random()
    halves = ([], [])
    for place in range(0, size // 2, 8):
        both(key, place, place + size // 2, out := np.empty(24))
        halves[0].extend(out[8:16])
        halves[1].extend(out[16:])
    for count in (1, 2, 16, 64, 512):
        assert new_stream(count).numbers.size == size
        np.testing.assert_array_equal(draw(drawn_normals, count=count, numbers=size, rng=5), halves[0] + halves[1])


@pytest.mark.parametrize("count", [1, 3, 16, 100, 300, 600])
def test_uniform_numbers_are_those_of_their_places_however_few_are_taken_at_a_time(count):
    size, key = new_stream(count).numbers.size, np.random.default_rng(5).random()
    whole = np.empty((3, size))
    for i in range(0, whole.size, 8):
        both(key, i, i, out := np.empty(24))
        whole.flat[i : i + 8] = out[:8]
    expected = whole[:, : size // count * count].ravel()
    np.testing.assert_array_equal(draw(drawn_uniforms, count=count, numbers=expected.size, rng=5), expected)


@pytest.mark.parametrize("function", [drawn_normals, drawn_uniforms])
def test_a_short_run_makes_few_numbers(function):
    stream = new_stream(2)
    function(stream, np.random.default_rng(5), 2, np.empty(2))
    assert 0 < np.count_nonzero(stream.numbers) <= stream.numbers.size // 2


@pytest.mark.parametrize("function", [drawn_normals, drawn_uniforms])
def test_runs_on_lanes_get_the_numbers_they_would_get_alone(function):
    generators = tuple(np.random.default_rng(seed) for seed in range(WIDTH))
    alone = [draw(function, count=3, numbers=1500, rng=seed) for seed in range(WIDTH)]
    single = new_stream(3)
    size = single.numbers.size
    together = Stream(Lanes.empty(1), single.place.copy(), single.used.copy(), Lanes.of(np.zeros((WIDTH, size))))
    out = Lanes.of(np.zeros((WIDTH, 1500)))
    function(together, LaneStreams(generators), 3, out)
    np.testing.assert_array_equal(np.asarray(out).T, alone)
    spare = Stream(Lanes.empty(1), single.place.copy(), single.used.copy(), Lanes.of(np.zeros((WIDTH, size))))
    again = Lanes.of(np.zeros((WIDTH, 30)))
    plain(function)(spare, LaneStreams(tuple(np.random.default_rng(seed) for seed in range(WIDTH))), 3, again)
    np.testing.assert_allclose(np.asarray(again), np.asarray(out)[:30], rtol=0, atol=4e-15)
