"""Choices by words: each has one source, from which its numbers in kernels follow."""

import importlib
import inspect
import pkgutil
import typing

import pytest

import dynamics.algorithms
import synthetic
from dynamics import TrustRegion
from dynamics.protocol.canonical import canonical
from dynamics.words import places, words


def choices():
    """Every `Literal` that a module of methods or problems states, with the module."""
    for package in (dynamics.algorithms, synthetic):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if typing.get_origin(value) is typing.Literal and f"\n{name} = Literal[" in inspect.getsource(module):
                    yield module, name, value


# Names in kernels that differ from the words, since the word means something else there.
OTHERWISE = {("Batch", "full"): "EXACT", ("Solver", "exact"): "DENSE", ("Acceptance", "every"): "EVERY_STEP"}


def test_a_number_in_kernels_is_the_place_of_its_word():
    seen = set()
    for module, name, choice in choices():
        for place, word in enumerate(words(choice)):
            number = getattr(module, OTHERWISE.get((name, word), word.upper().replace("-", "_")), None)
            if number is not None:
                assert number == place, (module.__name__, name, word)
                seen.add((name, word))
    assert {("Norm", "adagrad"), ("Rule", "abb"), ("Sampling", "epoch"), ("EpsPlacement", "inside")} <= seen


def test_no_method_lists_its_words_itself():
    named = {choice for _, _, choice in choices()}
    for kind in dynamics.methods().values():
        for note in typing.get_type_hints(kind).values():
            assert typing.get_origin(note) is not typing.Literal or note in named, (kind, note)


def test_a_method_given_by_words_becomes_one_of_numbers():
    assert canonical(TrustRegion("rmsprop", solver="exact", stop="model"))[:2] == (2, 2)
    assert list(places(typing.Literal["a", "b", "c"])) == [0, 1, 2]


@pytest.mark.parametrize(
    ("factory", "arguments", "allowed"),
    [
        (synthetic.linear_net, {"maker": "given-away", "rng": 0}, "given, recht, svd"),
        (synthetic.spectrum, {"kind": "log", "dimension": 3, "condition_number": 2.0}, "logarithmic"),
        (synthetic.carmon, {"sampling": "batch", "rng": 0}, "epoch, replacement, subset"),
    ],
)
def test_another_word_is_refused_with_those_that_there_are(factory, arguments, allowed):
    with pytest.raises(ValueError, match=allowed):
        factory(**arguments)
