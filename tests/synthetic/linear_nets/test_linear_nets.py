"""The linear net: makers, forms, reductions, and what gradient flow conserves."""

import numpy as np
import pytest

import synthetic
from dynamics import SGD, GradientDescent, simulate
from dynamics.vectors.matrices import padded_width
from synthetic import info, linear_net
from synthetic.linear_nets.linear_nets import recht_matrix


def test_a_net_is_made_without_compiling_anything():
    padded_width._reset_overloads()
    assert linear_net(rng=0).work.matrices.shape == (5, 10, 8)
    assert not padded_width.overloads


@pytest.mark.parametrize("c", [1e-5, 1e-10])
def test_recht_condition_numbers_are_nowhere_near_the_one_named(c):
    found = [np.linalg.cond(recht_matrix(1 / c, np.random.default_rng(seed))) for seed in range(200)]
    assert 18 < np.median(found) < 26
    assert 5 < min(found) < max(found) < 130


def test_recht_rows_are_scaled_uniforms():
    scales = np.linspace(1, 1e-10, 10)
    rows = np.array([linear_net(rng=seed).A / scales[:, None] for seed in range(50)])
    assert rows.min() >= 0
    assert rows.max() <= 1
    # the mean of 3000 uniforms; 5 standard deviations are passed with probability 6e-7
    assert abs(rows.mean() - 0.5) < 5 * np.sqrt(1 / 12 / rows.size)


@pytest.mark.parametrize("condition_number", [1.0, 1e4, 1e10])
def test_svd_has_the_condition_number(condition_number):
    for seed in range(5):
        A = linear_net(maker="svd", condition_number=condition_number, rng=seed).A
        expected = np.geomspace(1, 1 / condition_number, 6)
        np.testing.assert_allclose(np.linalg.svd(A, compute_uv=False), expected, atol=1e-14)


def test_makers_forms_and_reductions_share_the_other_draws():
    base = linear_net(rng=5)
    sampled = linear_net(rng=5, form="samples")
    np.testing.assert_array_equal(sampled.A, base.A)
    np.testing.assert_array_equal(sampled.start, base.start)
    np.testing.assert_allclose(sampled.X.T @ sampled.X, base.S, rtol=1e-13)
    np.testing.assert_allclose(sampled.Y, sampled.X @ base.A.T, rtol=1e-13)
    other = linear_net(rng=5, maker="svd", reduction="mean")
    np.testing.assert_array_equal(other.S, base.S)
    np.testing.assert_array_equal(other.start, base.start)
    assert not np.allclose(other.A, base.A)
    given = linear_net(rng=5, maker="given", matrix=base.A)
    np.testing.assert_array_equal(given.S, base.S)
    sequence = np.random.SeedSequence(5)
    for form in ("reduced", "samples"):
        np.testing.assert_array_equal(linear_net(rng=sequence, form=form).start, base.start)


def test_data_rng_keeps_the_samples():
    one, two = (linear_net(rng=seed, data_rng=9) for seed in (1, 2))
    np.testing.assert_array_equal(one.S, two.S)
    assert not np.allclose(one.A, two.A)
    assert not np.allclose(one.S, linear_net(rng=1).S)


def test_parts_are_independent():
    # Correlations of A, X and the start over 400 seeds; |r|√400 < 5 fails with probability 6e-7 each.
    nets = [linear_net(rng=seed, samples=2, form="samples") for seed in range(400)]
    first = np.array([[net.A[0, 0], net.X[0, 0], net.start[0]] for net in nets])
    correlations = np.corrcoef(first.T)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(400)


def test_reduced_form_and_samples_agree():
    reduced, sampled = (linear_net(rng=0, form=form) for form in ("reduced", "samples"))
    rng = np.random.default_rng(1)
    x, v = rng.standard_normal((2, 4, 96))
    for function, arguments in (
        (synthetic.value, (x,)),
        (synthetic.gradient, (x,)),
        (synthetic.hessian_product, (x, v)),
    ):
        ours, theirs = function(reduced, *arguments), function(sampled, *arguments)
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-12 * np.abs(theirs).max())


def test_trajectories_of_both_forms_agree():
    reduced, sampled = (
        simulate(GradientDescent(1e-5), linear_net(rng=0, form=form), steps=100) for form in ("reduced", "samples")
    )
    np.testing.assert_allclose(reduced.loss, sampled.loss, rtol=1e-11)
    assert reduced.loss[-1] < 0.1 * reduced.loss[0]


@pytest.mark.parametrize("form", ["reduced", "samples"])
def test_the_mean_is_the_sum_over_n(form):
    total, mean = (linear_net(rng=0, samples=40, form=form, reduction=word) for word in ("sum", "mean"))
    x = np.random.default_rng(2).standard_normal(96)
    assert synthetic.value(mean, x) == pytest.approx(synthetic.value(total, x) / 40, rel=1e-13)
    np.testing.assert_allclose(synthetic.gradient(mean, x), synthetic.gradient(total, x) / 40, rtol=1e-12)
    np.testing.assert_allclose(
        synthetic.hessian_product(mean, x, x), synthetic.hessian_product(total, x, x) / 40, rtol=1e-12
    )


def test_known_minimisers():
    net = linear_net(rng=0, reduction="mean")
    minimiser = info(net).minimiser
    assert synthetic.value(net, minimiser) == 0.0
    M = np.random.default_rng(0).standard_normal((6, 6))
    moved = np.concatenate([(net.A @ M).ravel(), np.linalg.inv(M).ravel()])
    assert synthetic.value(net, moved) < 1e-20
    np.testing.assert_allclose(synthetic.gradient(net, moved), 0, atol=1e-10)
    spectrum = np.linalg.eigvalsh(synthetic.hessian(net, minimiser))
    assert spectrum.min() > -1e-12 * spectrum.max()
    # 36 directions of W1·M and M⁻¹·W2 are flat
    assert (np.abs(spectrum) < 1e-10 * spectrum.max()).sum() == 36
    assert info(net).notes[0] == f"the condition number of A is {np.linalg.cond(net.A):.6g}"


def conserved(x):
    W1, W2 = x[:60].reshape(10, 6), x[60:].reshape(6, 6)
    return W1.T @ W1 - W2 @ W2.T


def test_gradient_flow_conserves_the_imbalance_of_the_layers():
    # Gradient descent with step h for a fixed time moves it by O(h): a step ten times smaller, a tenth of the drift.
    net = linear_net(rng=0, reduction="mean")
    before = conserved(net.start)
    drifts = []
    for step, steps in ((1e-4, 20_000), (1e-5, 200_000)):
        run = simulate(GradientDescent(step), net, steps=steps, record_every=steps)
        assert run.loss[-1] < 0.01 * run.loss[0]
        drifts.append(np.abs(conserved(run.x) - before).max())
    assert drifts[1] < 1e-3 * np.abs(before).max()
    assert drifts[0] / drifts[1] == pytest.approx(10, rel=0.05)


def test_one_small_step_moves_the_imbalance_by_the_square_of_the_step():
    net = linear_net(rng=0, reduction="mean")
    g = synthetic.gradient(net, net.start)
    for step in (1e-3, 1e-5):
        change = conserved(net.start - step * g) - conserved(net.start)
        np.testing.assert_allclose(change, step**2 * conserved(g), atol=1e-11)


def test_mini_batches_descend_to_the_shared_minimum():
    net = linear_net(rng=0, form="samples", samples=200, batch_size=20, sampling="epoch", reduction="mean")
    run = simulate(SGD(2e-3), net, steps=4000, rng=1)
    assert run.loss[-1] < 1e-3 * run.loss[0]
    assert run.gradients[-1] == pytest.approx(4000 * 20 / 200)
