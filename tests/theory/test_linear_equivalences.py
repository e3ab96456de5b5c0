"""The map of equivalences: transfer functions symbolically, iterates under arbitrary gradients, and its limits."""

import numpy as np
import pytest

from theory import linear
from theory.arsg import from_asgd
from theory.linear import EQUIVALENCES

SPECIAL = {
    linear.GradientDescent: linear.GradientDescent(),
    linear.HeavyBall: linear.HeavyBall(beta=0.8),
    linear.TwoStepHeavyBall: linear.TwoStepHeavyBall(beta=0.6),
    linear.Nesterov: linear.Nesterov(beta=0.7),
    linear.ASGD: linear.ASGD(long_step=50.0, advantage=4.0),
}
EACH = pytest.mark.parametrize("entry", EQUIVALENCES, ids=lambda e: f"{e.special.__name__}-{e.general.__name__}")


def iterates(method, step, gradients):
    """Iterates from rest at 0 under given gradients, straight from the matrices."""
    still, noise = method.A(0.0), method.b(0.0)
    state, path = np.zeros(len(method.states)), []
    for gradient in gradients:
        state = still @ state + step * gradient * noise
        path.append(state[-1])
    return np.array(path)


@EACH
def test_same_transfer_function(entry):
    assert entry.defect() == 0


@EACH
def test_same_iterates_for_any_gradients(entry):
    method = SPECIAL[entry.special]
    image = entry.image(method)
    gradients = np.random.default_rng(5).normal(size=60)
    expected = iterates(method, 0.2, gradients)
    np.testing.assert_allclose(iterates(image.method, 0.2 * image.step_ratio, gradients), expected, rtol=1e-11)


@EACH
def test_a_false_map_is_found_out(entry):
    def doubled(**parameters):
        image, ratio = entry.parameters(**parameters)
        return image, 2 * ratio

    assert entry._replace(parameters=doubled).defect() != 0


def test_asgd_is_the_map_of_the_closed_form():
    image = EQUIVALENCES[-1].image(linear.ASGD(long_step=120.0, advantage=7.0))
    step_size, beta, mu = from_asgd(short_step=1.0, long_step=120.0, advantage=7.0)
    assert image.method.beta == pytest.approx(float(beta), rel=1e-14)
    assert image.method.mu == pytest.approx(float(mu), rel=1e-14)
    assert image.step_ratio == pytest.approx(float(step_size), rel=1e-14)


def test_images_outside_the_range_are_refused():
    with pytest.raises(ValueError, match="advantage > 10/7"):
        EQUIVALENCES[-1].image(linear.ASGD(long_step=50.0, advantage=1.2))
    with pytest.raises(ValueError, match="beta > 0"):
        EQUIVALENCES[2].image(linear.Nesterov(beta=0.0))
