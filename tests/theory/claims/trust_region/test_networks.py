"""Networks' Hessians, limits in ellipsoids, gradient methods, full steps: by other routes, and on made-up losses."""

import numpy as np
import pytest

from dynamics.checks import Refusal
from theory.claims import Verdict
from theory.claims.trust_region import against_first_order, full_steps, network_shares
from theory.claims.trust_region.problems import cosine_sum


@pytest.fixture(scope="module")
def net():
    pytest.importorskip("sklearn")
    from synthetic import digits_mlp

    return digits_mlp(network_shares.HIDDEN, rng=1, regularisation=0.0, test_fraction=0.99, batch_size=5)


def test_the_hessian_is_the_derivative_of_the_gradient(net):
    inputs, labels = net.data.inputs, net.data.labels
    hessian = network_shares.hessian_of(net.start, inputs, labels)
    step = 1e-5
    columns = [
        (
            network_shares.gradient_of(net.start + step * axis, inputs, labels)
            - network_shares.gradient_of(net.start - step * axis, inputs, labels)
        )
        / (2 * step)
        for axis in np.eye(len(net.start))
    ]
    np.testing.assert_allclose(hessian, np.array(columns).T, atol=1e-8)
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-15)


def test_the_gradient_is_that_of_the_mean_cross_entropy(net):
    inputs, labels = net.data.inputs, net.data.labels
    _, _, probabilities = network_shares.forward(net.start, inputs)
    direction = np.random.default_rng(0).normal(size=len(net.start))

    def loss(x):
        return -np.log(network_shares.forward(x, inputs)[2][np.arange(len(labels)), labels]).mean()

    slope = (loss(net.start + 1e-6 * direction) - loss(net.start - 1e-6 * direction)) / 2e-6
    assert network_shares.gradient_of(net.start, inputs, labels) @ direction == pytest.approx(slope, rel=1e-6)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def made_up(shares):
    return network_shares.Draws(shares, split=1, seeds=np.arange(100, 100 + len(shares)), dimension=100)


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(1.5, Verdict.SUPPORTED), (0.7, Verdict.REFUTED), (1.0, Verdict.UNDECIDED)]
)
def test_shares_are_held_against_their_baseline(ratio, verdict):
    noise = np.random.default_rng(0).normal(size=(20, 2))
    found = network_shares.beside(made_up(0.01 * ratio * np.exp(0.1 * noise)), 0.01, name="made up")
    assert found.verdict is verdict


def test_one_kind_of_inputs_below_is_enough_to_refute():
    shares = np.column_stack([np.full(20, 0.02), np.full(20, 0.005)])
    shares[7, 1] = 0.004
    found = network_shares.beside(made_up(shares), 0.01, name="made up")
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample["rng of one draw"] == 107


def test_a_draw_follows_from_its_seed(net):
    inputs, labels = np.tile(net.data.inputs, (3, 1)), np.tile(net.data.labels, 3)
    first, dimension = network_shares.shares_of_draw(inputs, labels, 5)
    assert first == network_shares.shares_of_draw(inputs, labels, 5)[0]
    assert first != network_shares.shares_of_draw(inputs, labels, 6)[0]
    assert dimension == len(net.start)


def test_a_setting_that_fails_is_not_chosen():
    assert against_first_order.best_setting({"a": [np.inf, np.inf, 0.1], "b": [0.5, 0.4, 0.6]}) == "b"


def test_the_draw_that_is_shown_is_a_lost_one():
    pairs = np.array([[1.0, 0.5], [0.2, 0.3], [0.1, 0.4], [1e300, 0.1]])  # the first and the last are won
    assert against_first_order.most_lost(pairs) == 2


def test_rho_of_a_short_step_by_hand():
    # sum of log cosh: the third derivative of log cosh is largest at tanh^2 = 1/3.
    at = np.arctanh(np.sqrt(1 / 3))
    loss = full_steps.Bowl(np.array([[1.0]]), np.array([0.0]), 0.5)
    third = (loss.hessian(np.array([at + 1e-6])) - loss.hessian(np.array([at - 1e-6])))[0, 0] / 2e-6
    assert abs(third) == pytest.approx(loss.hessian_lipschitz, rel=1e-8)
    x, step = np.array([0.4]), 1e-6
    slope = (loss.value(x + step) - loss.value(x - step)) / (2 * step)
    assert loss.gradient(x)[0] == pytest.approx(slope, rel=1e-6)
    curvature = (loss.gradient(x + step) - loss.gradient(x - step))[0] / (2 * step)
    assert loss.hessian(x)[0, 0] == pytest.approx(curvature, rel=1e-6)


def test_rho_of_the_longest_step_by_differences():
    # L = -g w + w²/2 + w³/6 with g such that the step promises half of what Newton's would; the true slope is flatter.
    length, error = 0.3, 0.01
    g = length * 1.5 / 2
    drop = (g - error) * length - length**2 / 2 - length**3 / 6
    rho = drop / (g * length - length**2 / 2)
    found = full_steps.rho_of_the_longest(lowest=1, steepness=1, gradient_error=error, share=0.5, length=length)
    assert found == pytest.approx(rho)


def test_without_a_curved_minimum_full_steps_are_not_taken(monkeypatch):
    # A radius that shrinks where it should grow: the last steps stay on the boundary.
    monkeypatch.setattr(full_steps, "INCREASE", 0.5)
    assert full_steps.full_steps.check("quick", 0).verdict is Verdict.UNDECIDED


def test_too_few_draws_are_refused():
    with pytest.raises(Refusal, match="draw more"):
        network_shares.beside(made_up(np.ones((5, 2))), 0.5, name="made up")


def test_hessians_are_symmetric_to_the_last_digit():
    # Where a sum nearly cancels, the two halves of a product of matrices round apart by more than solvers let pass.
    rng = np.random.default_rng(0)
    for dimension in (2, 3, 4) * 30:
        bowl = full_steps.Bowl(rng.normal(size=(8, dimension)), rng.normal(size=dimension), 0.1)
        for loss in (bowl, cosine_sum(dimension, 8, rng)):
            form = loss.hessian(rng.normal(size=dimension))
            np.testing.assert_array_equal(form, form.T)
