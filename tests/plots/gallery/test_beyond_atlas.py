"""The relations of figure beyond.atlas: every arrow is right, and would not be in another setting."""

import numpy as np
import pytest

import plots
from plots.gallery.beyond_atlas import LINEAR, OTHERS, PLACES, RELATIONS, deviation
from theory.linear import EQUIVALENCES

NAMES = {
    "SGD": "GradientDescent", "heavy ball": "HeavyBall", "RSG, QHM": "RSG", "Nesterov": "Nesterov",
    "two-step heavy ball": "TwoStepHeavyBall", "ASGD": "ASGD",
}  # fmt: skip


@pytest.fixture(scope="module")
def dataset():
    return plots.compute("beyond.atlas", steps=0)


def test_linear_arrows_are_those_of_the_theory(dataset):
    linear = dataset.isel(relation=slice(len(LINEAR)))
    ends = zip(linear["special"].values, linear["general"].values, strict=True)
    arrows = [(NAMES[str(special)], NAMES[str(general)]) for special, general in ends]
    assert arrows == [(entry.special.__name__, entry.general.__name__) for entry in EQUIVALENCES]
    assert dataset["proved"].values.tolist() == [1] * len(LINEAR) + [-1] * len(OTHERS)


def test_settings_of_linear_arrows_are_those_of_the_theory():
    """The numbers of the key, at one point: ASGD's map is the only one with more than a symbol in it."""
    xi, kappa = 10.0, 100.0
    parameters, _ = EQUIVALENCES[4].parameters(long_step=kappa, advantage=xi)
    assert parameters["mu"] == pytest.approx(17 / (7 * (1 + xi)))
    assert parameters["beta"] == pytest.approx((kappa - 0.49 * xi) / (kappa + 0.7 * xi))
    assert r"\frac{17}{7(1+\xi)}" in LINEAR[4].words
    assert r"\frac{\kappa-0.49\xi}{\kappa+0.7\xi}" in LINEAR[4].words
    nesterov, ratio = EQUIVALENCES[2].parameters(beta=0.75)
    assert (nesterov["mu"], ratio) == (0.25, 4.0)


@pytest.mark.parametrize("relation", OTHERS[:2], ids=lambda relation: relation.special.split(",")[0])
def test_pairs_take_the_same_steps(relation):
    """ARSG is the meeting point of the linear and the adaptive methods; the other pairs are run by their own tests."""
    assert deviation(relation, 30, 1) < 1e-13


def test_another_setting_takes_other_steps():
    relation = OTHERS[1]
    amsgrad, arsg = relation.pair(30)
    other = relation._replace(pair=lambda steps: (amsgrad, arsg._replace(mu=0.1)))
    assert deviation(other, 30, 1) > 1e-3


def test_every_method_has_a_place_of_its_own():
    named = {name for relation in RELATIONS for name in relation[:2]}
    assert named == set(PLACES)
    assert len(set(PLACES.values())) == len(PLACES)


def test_nothing_is_run_without_steps(dataset):
    assert np.isnan(dataset["deviation"]).all()


@pytest.mark.parametrize(("parameters", "message"), [({"steps": 1}, "steps is 1"), ({"rng": -1}, "rng = -1")])
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("beyond.atlas", **parameters)
