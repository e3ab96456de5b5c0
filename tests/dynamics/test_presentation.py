"""Problems and what is known of them as people read them."""

from dynamics.presentation import call, described
from synthetic import carmon, info, linear_net, quadratic, rosenbrock


def test_of_the_parts_of_a_problem_numbers_and_words_are_shown_and_no_storage():
    assert repr(carmon(samples=50, dimension=5, batch_size=10, rng=0)) == (
        'Carmon(data=RidgeData(samples=50, dimension=5), batch_size=10, sampling="subset")'
    )


def test_of_a_part_that_is_nothing_but_arrays_the_shapes_are_shown():
    shown = repr(quadratic(eigenvalues=[1.0] * 100, noise=0.1))
    assert "DiagonalQuadratic(eigenvalues=<100 float64>" in shown


def test_a_problem_fits_in_three_lines():
    for problem in (rosenbrock(3), linear_net(rng=0), quadratic(eigenvalues=[1.0] * 50, rotation="haar", rng=0)):
        assert len(described(problem)) <= 240
    assert call("Long", [(f"name{i}", 1.0) for i in range(99)]).endswith("…)")


def test_what_is_known_is_shown_and_what_is_not_left_out():
    known = info(quadratic(eigenvalues=[1.0] * 100))
    assert repr(known).startswith("Information(dimension=100, minimiser=<100 float64>, minimum=0.0")
    assert "samples" not in repr(known)
    assert "lipschitz_is_exact=True" in repr(known)
    page = info(quadratic(eigenvalues=[1.0, 3.0], noise=0.1))._repr_html_()
    assert "condition number" in page
    assert "gradients carry additive Gaussian noise" in page
    assert "samples" not in page
