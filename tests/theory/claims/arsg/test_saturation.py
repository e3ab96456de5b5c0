"""The simulated loss at saturation: a wrong prediction is accused, and a true one seldom."""

import numpy as np

from theory.claims.arsg import saturation
from theory.claims.routes.statistical import judge


def test_wrong_predictions_are_accused():
    """Doubled, or without the curvature's division: both miss by more than the intervals are wide."""
    for factor in (2.0, 0.75, 1.25):
        intervals, predictions, _ = saturation.compared("quick", np.random.default_rng(1), factor)
        assert judge(intervals, [(value, value) for value in predictions]) == "outside"


def test_intervals_miss_as_often_as_they_promise():
    rng = np.random.default_rng(0)
    level, repeats = 0.1, 2000
    misses = sum(not saturation.variance_interval(rng.normal(0, 2, 50), level).contains(4.0) for _ in range(repeats))
    deviation = np.sqrt(repeats * level * (1 - level))
    assert abs(misses - repeats * level) < 4 * deviation


def test_prediction_is_the_gradient_noise_over_the_curvature():
    """SGD's saturation loss, alpha sigma_g^2 / (2 (2 - tau)) / 2, from the AR(1) process by hand."""
    step_size = 0.3
    losses = saturation.predicted_losses((0.0, 0.0, step_size))
    tau = step_size * saturation.CURVATURES
    variance = step_size**2 * saturation.NOISE**2 / (1 - (1 - tau) ** 2)
    np.testing.assert_allclose(losses, saturation.CURVATURES * variance / 2, rtol=1e-12)


def test_band_follows_from_the_number_of_replicates():
    for level, replicates in (("quick", 512 * 8), ("full", 2048 * 24)):
        each = saturation.ERROR_LEVEL / (len(saturation.SETTINGS[level]) * len(saturation.CURVATURES))
        interval = saturation.variance_interval(np.ones(replicates), each)
        half_width = (interval.high - interval.low) / 2
        assert 2.5 * half_width < saturation.TOLERANCES[level] < 4 * half_width
