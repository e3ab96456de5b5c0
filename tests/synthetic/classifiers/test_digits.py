"""The digits problems: their data, their optimum against scikit-learn's own, and the missing package."""

import sys

import numpy as np
import pytest
from scipy.optimize import minimize

import synthetic
from dynamics import initial_point
from dynamics.protocol.canonical import identity
from synthetic import info
from synthetic.classifiers.digits import digits_logistic, digits_mlp
from synthetic.classifiers.scores import accuracy


@pytest.fixture
def datasets():
    return pytest.importorskip("sklearn.datasets", reason="scikit-learn ships the digits")


def test_split_holds_every_image_once(datasets):
    pixels, labels = datasets.load_digits(return_X_y=True)
    expected = sorted(map(tuple, np.column_stack([labels, pixels])))
    for fraction, held_out in ((0.0, 0), (0.2, 359), (0.75, 1348)):
        data = digits_logistic(test_fraction=fraction, rng=0).data
        assert len(data.test_labels) == held_out
        train = np.column_stack([data.labels, 16 * data.inputs[:, :-1]])
        test = np.column_stack([data.test_labels, 16 * data.test_inputs[:, :-1]])
        assert sorted(map(tuple, np.concatenate([train, test]))) == expected
        assert (data.inputs[:, -1] == 1).all()


def test_seeds(datasets):
    for make in (digits_logistic, digits_mlp):
        assert identity(make(rng=0)) == identity(make(rng=0)) != identity(make(rng=1))
    np.testing.assert_array_equal(digits_mlp(rng=3).data.labels, digits_logistic(rng=3).data.labels)


def test_start_of_the_net(datasets):
    # 6,400 and 1,000 draws: the variance's relative deviation is below 4.9 √(2/n) but for a probability of 10⁻⁶.
    problem = digits_mlp(100, rng=4)
    split = 100 * 65
    first, second = problem.start[:split].reshape(100, 65), problem.start[split:].reshape(10, 101)
    assert abs(64 * first[:, :-1].var() - 1) < 4.9 * np.sqrt(2 / 6400)
    assert abs(100 * second[:, :-1].var() - 1) < 4.9 * np.sqrt(2 / 1000)
    assert not first[:, -1].any()
    assert not second[:, -1].any()


def test_logistic_optimum_is_that_of_scikit_learn(datasets):
    from sklearn.linear_model import LogisticRegression

    problem = digits_logistic(regularisation=0.01, rng=5)
    data = problem.data
    ours = minimize(
        lambda x: (synthetic.value(problem, x), synthetic.gradient(problem, x)),
        initial_point(problem),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-8},
    )
    model = LogisticRegression(C=1 / (0.01 * len(data.labels)), fit_intercept=False, tol=1e-8, max_iter=1000)
    theirs = model.fit(data.inputs, data.labels).coef_
    # Strong convexity turns a gradient into a distance from the minimiser: ‖x − x*‖ ≤ ‖g‖/λ.
    assert np.linalg.norm(synthetic.gradient(problem, ours.x)) < 1e-5
    assert np.linalg.norm(synthetic.gradient(problem, theirs.ravel())) < 1e-5
    np.testing.assert_allclose(ours.x.reshape(10, 65), theirs, atol=2e-3)
    assert accuracy(problem, ours.x) == model.score(data.test_inputs, data.test_labels) > 0.9


def test_net_learns_and_its_product_is_the_gradients_derivative(datasets):
    for seed in range(3):
        problem = digits_mlp(16, regularisation=1e-4, rng=seed)
        start = initial_point(problem)
        v = np.random.default_rng(seed).standard_normal(start.size)
        slopes = [synthetic.gradient(problem, start + t * v) for t in (1e-5, -1e-5)]
        product = synthetic.hessian_product(problem, start, v)
        assert np.linalg.norm(product - (slopes[0] - slopes[1]) / 2e-5) < 1e-7 * np.linalg.norm(product)
        trained = minimize(
            lambda x, problem=problem: (synthetic.value(problem, x), synthetic.gradient(problem, x)),
            start,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 100},
        )
        assert accuracy(problem, start) < 0.4
        assert accuracy(problem, trained.x) > 0.9
        assert accuracy(problem, trained.x, "train") > 0.98


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: digits_logistic(regularisation=-1.0, rng=0), "regularisation = -1.0"),
        (lambda: digits_logistic(regularisation=np.inf, rng=0), "regularisation = inf must be at least 0 and finite"),
        (lambda: digits_logistic(test_fraction=1.0, rng=0), r"test_fraction = 1.0 must be in \[0, 1\)"),
        (lambda: digits_logistic(test_fraction=0.5, batch_size=1000, rng=0), "there are 899 samples; try 899"),
        (lambda: digits_mlp(sampling="all", rng=0), "unknown sampling 'all'"),
        (lambda: digits_mlp(0, rng=0), "hidden = 0"),
    ],
)
def test_domain_errors(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_the_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r'pip install "optdyn\[digits\]"'):
        digits_logistic(rng=0)


def test_dimensions(datasets):
    assert info(digits_logistic(rng=0)).dimension == 650
    assert info(digits_mlp(7, test_fraction=0.0, rng=0)).dimension == 7 * 65 + 10 * 8
    assert info(digits_mlp(7, test_fraction=0.0, rng=0)).samples == 1797
