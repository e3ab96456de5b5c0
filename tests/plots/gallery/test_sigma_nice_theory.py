"""The numbers of the figures on smoothing, the range (8), polynomial decay and Rastrigin's ladder, by other routes."""

import numpy as np
import pytest
from scipy.integrate import quad

import plots
from plots.gallery.sigma_nice_1 import ball_mean, convex_half_width
from plots.gallery.sigma_nice_4 import mean_root
from synthetic import drop_wave, rastrigin, smoothed, value


@pytest.fixture(scope="module")
def smoothings():
    return plots.compute("sigma_nice.1", points=401)


def test_rastrigin_s_rows_are_its_closed_form(smoothings):
    x = smoothings["x"].values
    for j, delta in enumerate(smoothings["level"].values):
        exact = value(smoothed(rastrigin(), float(delta)), x[:, np.newaxis])
        row = smoothings["value"].sel(problem="Rastrigin").values[j]
        np.testing.assert_allclose(row, exact - exact.min(), atol=1e-10)


def test_the_drop_wave_s_mean_by_adaptive_quadrature():
    delta, x = 0.08, 0.21

    def f(t):
        return -(1 + np.cos(12 * np.pi * t)) / (2 + 0.5 * t * t)

    exact = quad(f, x - delta, x + delta, epsabs=1e-13)[0] / (2 * delta)
    mean = ball_mean(lambda points: value(drop_wave(), points), np.array([x]), delta)
    np.testing.assert_allclose(mean, exact, rtol=1e-11)


def test_where_the_rows_are_convex_by_the_closed_form():
    # f^'' = 2 + 40 pi^2 sinc(2 delta) cos(2 pi x), whose first zero is elementary.
    for delta in (0.05, 0.2, 0.35):
        amplitude = 40 * np.pi**2 * np.sinc(2 * delta)
        exact = np.arccos(-2 / amplitude) / (2 * np.pi)
        assert convex_half_width(rastrigin(), delta, 1.0) == pytest.approx(exact, abs=1e-9)
    assert convex_half_width(rastrigin(), 0.5, 1.0) == np.inf
    assert convex_half_width(rastrigin(), 0.7, 1.0) == 0.0


def test_minimisers_leave_the_centre_where_the_ripple_is_turned_over(smoothings):
    minimiser = smoothings["minimiser"].values
    np.testing.assert_allclose(minimiser[:, :4], 0, atol=1e-9)
    np.testing.assert_allclose(minimiser[:, 4], 0.5, atol=0.03)


def test_a_ripple_shrinks_by_the_second_moment_at_first(smoothings):
    # 1 - (2 pi s)^2/2 whatever the law, since s is the root mean square displacement.
    small = smoothings.sel(displacement=smoothings["displacement"][1])
    expected = 1 - (2 * np.pi * float(small["displacement"])) ** 2 / 2
    np.testing.assert_allclose(small["attenuation"], expected, atol=1e-5)
    assert float(smoothings["attenuation"].sel(law="ball, d = 1").min()) < -0.2
    assert float(smoothings["attenuation"].sel(law="normal").min()) > 0


@pytest.mark.parametrize(("a", "dimension"), [(1.2, 2), (3.0, 2), (1.5, 3), (2.0, 10)])
def test_the_mean_root_by_simulation(a, dimension):
    # Rays from distance a; error level 1e-6 by a normal bound at 5 standard errors.
    rng = np.random.default_rng(5)
    directions = rng.standard_normal((400_000, dimension))
    cosine = directions[:, 0] / np.linalg.norm(directions, axis=1)
    meets = (cosine > 0) & (a * a * (1 - cosine**2) <= 1)
    roots = a * cosine[meets] - np.sqrt(1 - a * a * (1 - cosine[meets] ** 2))
    assert abs(roots.mean() - mean_root(a, dimension)) < 5 * roots.std() / np.sqrt(roots.size)


def test_the_range_of_d_and_what_is_possible():
    dataset = plots.compute("sigma_nice.4", dimensions=(2, 100), points=41)
    a = dataset["a"]
    # Both ends in terms of the noise level that belongs to a.
    np.testing.assert_allclose(dataset["high"], 1 + 1 / (a - 1), rtol=1e-12)
    np.testing.assert_allclose(dataset["low"], np.sqrt(1 + 1 / (a**2 - 1)), rtol=1e-9)
    assert (dataset["low_by_level"] > dataset["cap"]).all()
    assert (dataset["guaranteed"] < dataset["cap"]).all()
    marked = dataset["a_marked"].values
    plane, high = dataset["definition"].values
    assert plane[-1] < 1
    inside = (high >= 0.98 * marked / np.sqrt(marked**2 - 1)) & (high <= marked / (marked - 1))
    assert inside.all()
    step = dataset["step_size"].sel(schedule="step, 0.5 per 40 epochs").values
    assert step[[0, 40, 199]].tolist() == [1, 0.5, 1 / 16]


def test_the_least_radius_of_a_power_by_its_largest_drop():
    dataset = plots.compute("sigma_nice.6", epochs=50, points=21)
    for p, (lenient, strict) in zip(dataset["grid"].values, dataset["least_radius"].values.T, strict=True):
        levels = (np.arange(50, -1, -1) / 50) ** p
        assert lenient == pytest.approx(max(levels[:-1] - levels[1:]), rel=1e-9)
        assert strict**2 == pytest.approx(max(levels[:-1] ** 2 - levels[1:] ** 2), rel=1e-9)
    assert dataset["best_power"].values.tolist() == [1.0, 0.5]
    np.testing.assert_allclose(dataset["floor"], dataset["least_radius"].min("grid"), rtol=1e-9)
    assert (dataset["least_radius"].sel(grid=dataset["grid"][0]) > dataset["cosine_radius"]).all()


def test_rates_of_polynomials_and_their_verdicts():
    dataset = plots.compute("sigma_nice.7", radius=0.1)
    t = np.arange(199)
    for p, row in zip(dataset["power"].values, dataset["decay_rate"].values, strict=True):
        np.testing.assert_allclose(row, ((199 - t) / (200 - t)) ** p, rtol=1e-9)
    for end in ("lenient", "strict"):
        meets = dataset["least_radius"].sel(end=end).values <= 0.1
        assert dataset[f"meets_{end}"].values.astype(bool).tolist() == meets.tolist()
    assert dataset["power"].values[dataset["meets_strict"].values == 1].tolist() == [0.5, 0.9, 1.0]


def test_the_explicit_method_by_hand():
    dataset = plots.compute("sigma_nice.ladder", levels=2, stage_steps=3, starts=5, first_levels=11)
    for example, path in zip(dataset["example"].values, dataset["iterate"].values, strict=True):
        x = 2.5
        for m, delta in enumerate((example, example / 2, 0.0)):
            amplitude = np.sinc(2 * delta)
            for step in range(3):
                assert path[m, step] == pytest.approx(x, rel=1e-9, abs=1e-9)
                slope = 2 * x + 20 * np.pi * amplitude * np.sin(2 * np.pi * x)
                x -= slope / (2 + 40 * np.pi**2 * abs(amplitude))
        assert path[-1, -1] == pytest.approx(x, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(dataset["level"][0], [0.5, 0.25, 0.0])


def test_half_a_wavelength_leads_every_start_to_the_minimum_and_no_smoothing_only_the_near_ones():
    dataset = plots.compute("sigma_nice.ladder", starts=10, first_levels=16)
    found = dataset["found"].sel(law="ball")
    assert float(found.sel(first_level=0.5, method="nearest")) == 1.0
    assert float(found.sel(first_level=0.7, method="nearest")) < 0.5
    near = np.abs(dataset["start"].values) <= 0.5  # the crest lies just beyond
    assert float(found[0]) == near.mean()


@pytest.mark.parametrize(
    ("figure", "parameters", "message"),
    [
        ("sigma_nice.1", {"levels": (0.5, 0.2)}, "levels is .*increasing"),
        ("sigma_nice.1", {"points": 10}, "points = 10"),
        ("sigma_nice.4", {"dimensions": (1, 2)}, "infinite on the line"),
        ("sigma_nice.4", {"dimensions": (2.5,)}, "whole number"),
        ("sigma_nice.6", {"powers": (0.0, 1.0)}, "powers is .*above 0"),
        ("sigma_nice.7", {"radius": 0.0}, "r is 0.0"),
        ("sigma_nice.ladder", {"examples": (0.1, 0.2, 0.3)}, "room for two"),
        ("sigma_nice.ladder", {"starts": 1}, "starts = 1"),
    ],
)
def test_refuses(figure, parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute(figure, **parameters)
