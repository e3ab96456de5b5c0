"""Runs on the digits: gradients by differences, moves by other code, and the count of epochs."""

import numpy as np
import pytest

from theory.claims import NOT_RUN, claim
from theory.claims.arsg import digits
from theory.claims.arsg.runs import run_arsg

RNG = np.random.default_rng(0)
IMAGES = digits.Images(RNG.uniform(0, 1, (12, 4)), np.eye(3)[RNG.integers(0, 3, 12)], 0.1)


def test_slopes_are_those_of_the_losses():
    x, chosen = RNG.normal(size=(2, 4, 3)), np.array([[0, 3, 5], [1, 1, 2]])
    for run, picked in enumerate(chosen):
        few = IMAGES._replace(features=IMAGES.features[picked], targets=IMAGES.targets[picked])
        slope = digits.slopes(x, IMAGES, chosen)
        assert digits.losses(x, few).shape == (2,)
        for place in ((1, 2), (3, 0)):
            shift = np.zeros_like(x)
            shift[:, *place] = 1e-6
            apart = [digits.losses(x + sign * shift, few)[run] for sign in (1, -1)]
            assert slope[run, *place] == pytest.approx((apart[0] - apart[1]) / 2e-6, rel=1e-6, abs=1e-9)
    assert digits.losses(np.zeros((1, 4, 3)), IMAGES)[0] == pytest.approx(np.log(3))


def test_the_tuned_step_size_ends_lowest():
    orders = RNG.permuted(np.tile(np.arange(12), (3, 4, 1)), axis=-1)
    rival = digits.Rival("ADAM", digits.adam, (1e-4, 0.1, 100.0))
    whole = digits.curves(rival.method, IMAGES, rival.step_sizes, orders)
    ends = digits.curves(rival.method, IMAGES, rival.step_sizes, orders, whole=False)
    np.testing.assert_array_equal(ends, whole[:, :, -1:])
    assert digits.tuned(rival, IMAGES, orders) == rival.step_sizes[np.median(ends, axis=1)[:, 0].argmin()] == 0.1


def test_moves_are_the_methods():
    gradients = RNG.normal(size=(8, 1, 2))
    move, x = digits.arsg(np.array([[0.1]])), np.zeros((1, 2))
    for t, g in enumerate(gradients, 1):
        x = x - move(g, t)
    other = run_arsg(
        lambda t, _: gradients[t - 1] if t <= 8 else np.zeros((1, 2)),
        np.zeros((1, 2)),
        steps=9,
        step_sizes=lambda t: 0.1,
        beta1=lambda t: 0.999,
        beta2=0.99,
        mu=0.1,
        eps=1e-8,
    )
    np.testing.assert_allclose(x, other.iterates[-1], rtol=1e-12)
    # constant gradients: RSG's momentum is 1 - beta^t of them, ADAM moves by its step size in their direction
    ball, adam, rsg = (each(np.array([[0.1]])) for each in (digits.heavy_ball, digits.adam, digits.rsg))
    for t in range(1, 6):
        g = np.array([[2.0, -3.0]])
        np.testing.assert_allclose(ball(g, t), 0.1 * (1 - 0.9**t) * g)
        np.testing.assert_allclose(adam(g, t), 0.1 * np.sign(g), rtol=1e-7)
        np.testing.assert_allclose(rsg(g, t), 0.1 * (0.9 * (1 - 0.999**t) + 0.1) * g)


def test_a_method_races_itself_to_a_draw():
    rng = np.random.default_rng(0)
    orders = rng.permuted(np.tile(np.arange(12), (3, 4, 1)), axis=-1)
    ends = digits.curves(digits.heavy_ball, IMAGES, (0.3,), orders)[0]
    assert ends.shape == (3, 5)
    assert (ends[:, -1] < ends[:, 0]).all()
    assert (digits.speed_ups(ends, ends) >= 1).all()
    assert digits.speed_ups(ends + 1, ends).tolist() == [0, 0, 0]


INSIDE = {"at the edge of the grid": [], "step sizes": {"ARSG": 0.1}}


def test_faster_is_supported_and_slower_refuted():
    faster, slower = np.linspace(1.6, 2.0, 20), np.linspace(0.0, 1.4, 20)

    def judged(gains, told=INSIDE, speed=1.5):
        return digits.judged(gains, told, "a race. ", speed=speed, error_level=1e-3)

    assert judged(faster).verdict == "supported"
    assert "1.96" in judged(faster).power  # two seeds of twenty lie above
    assert judged(faster, speed=2.0).verdict == "refuted"
    assert judged(slower).verdict == "refuted"
    assert judged(slower, speed=-1.0).verdict == "supported"
    assert judged(np.concatenate([faster[:10], slower[:10]])).verdict == "undecided"


def test_a_best_step_at_the_edge_of_the_grid_decides_nothing():
    for gains in (np.full(20, 2.0), np.zeros(20)):
        told = {"at the edge of the grid": ["ADAM"]}
        found = digits.judged(gains, told, "a race. ", speed=1.5, error_level=1e-3)
        assert found.verdict == "undecided"
        assert "edge" in found.text


def test_too_few_epochs_decide_nothing(quick):
    for name in ("arsg.digits_adam", "arsg.digits_sgd"):
        found = quick(name)
        assert found.verdict == "undecided"
        assert NOT_RUN in found.data or "decide nothing" in found.text


def test_without_the_digits_nothing_is_run(monkeypatch):
    import synthetic

    def missing(**_):
        raise ImportError("no scikit-learn")

    monkeypatch.setattr(synthetic, "digits_logistic", missing)
    assert NOT_RUN in claim("arsg.digits_adam").check("full").data
