"""The numbers of figure trust_region.animation by Algorithm 1, and its film."""

import numpy as np
import pytest

import plots
from plots.gallery.trust_region_animation import INTERVAL
from synthetic import gradient, hessian, rosenbrock, value
from theory.trust_region import model_decrease, model_minimiser


@pytest.fixture(scope="module")
def small():
    return plots.compute("trust_region.animation", iterations=12)


@pytest.mark.parametrize(("name", "decrease"), [("sphere", 1.5), ("Adagrad", 1.5), ("RMSprop", 1.75)])
def test_steps_and_radii_follow_algorithm_1(small, name, decrease):
    problem, part = rosenbrock(), small.sel({"method": name})
    sums = np.zeros(2)
    for k in range(11):
        x, radius = part["iterates"].values[k], float(part["radius"][k])
        g, B = gradient(problem, x), hessian(problem, x)
        sums = 0.8 * sums + 0.2 * g**2 if name == "RMSprop" else sums + g**2
        metric = np.ones(2) if name == "sphere" else np.sqrt(sums + 1e-10)
        np.testing.assert_allclose(part["metric"].values[k], metric, rtol=1e-6)
        step = model_minimiser(np.diag(metric), g, B, radius)
        ratio = (value(problem, x) - value(problem, x + step)) / model_decrease(g, B, step)
        assert bool(part["accepted"][k]) == (ratio >= 0.01)
        following = x + step if ratio >= 0.01 else x
        np.testing.assert_allclose(part["iterates"].values[k + 1], following, rtol=1e-6, atol=1e-8)
        factor = 1.1 if ratio >= 0.95 else 1.0 if ratio >= 0.01 else 1 / decrease
        assert float(part["radius"][k + 1]) == pytest.approx(radius * factor, rel=1e-9)


def test_the_first_regions_are_equally_long(small):
    first = small.isel(iteration=0)
    np.testing.assert_allclose(first["radius"] / np.sqrt(first["metric"].min("axis")), 0.3, rtol=1e-6)


def test_the_film_has_a_frame_an_iteration(small, tmp_path):
    film = plots.animate(small, size="column")
    film.save(tmp_path / "film.gif", writer="pillow", dpi=20)
    from PIL import Image

    with Image.open(tmp_path / "film.gif") as frames:
        assert frames.n_frames == 12
        assert frames.info["duration"] == INTERVAL


def test_a_frame_moves_what_is_there(small):
    film = plots.animate(small, size="column")
    film._draw_was_started = True  # or Matplotlib warns that nobody saw it
    plane, losses = film._fig.axes
    everything, places = film._fig.findobj(), [axes.get_position().bounds for axes in (plane, losses)]
    for frame in (11, 3):
        film._func(frame)
        assert plane.get_title(loc="left") == f"iteration $k={frame}$"
        for line, norm in zip(losses.lines, small["method"].values, strict=True):
            np.testing.assert_array_equal(line.get_ydata(), small["loss"].sel({"method": norm})[: frame + 1])
        paths = [line.get_xydata() for line in plane.lines if line.get_marker() not in ("", "None", "*")]
        for path, end, norm in zip(paths[::2], paths[1::2], small["method"].values, strict=True):
            iterates = small["iterates"].sel({"method": norm})[: frame + 1]
            np.testing.assert_array_equal(path, iterates)
            np.testing.assert_array_equal(end, iterates[-1:])
        for inside, edge, part in zip(plane.patches, _edges(plane), _methods(small, frame), strict=True):
            np.testing.assert_array_equal(inside.get_xy()[: len(edge)], edge)
            away = edge - part["iterates"].values
            np.testing.assert_allclose(np.sqrt(away**2 @ part["metric"].values), float(part["radius"]), rtol=1e-9)
    assert film._fig.findobj() == everything
    film._fig.draw_without_rendering()
    assert [axes.get_position().bounds for axes in (plane, losses)] == places


def _edges(plane):
    return [line.get_xydata() for line in plane.lines if line.get_marker() == "None"]


def _methods(small, frame):
    return [small.sel({"method": norm}).isel(iteration=frame) for norm in small["method"].values]


def test_refuses():
    with pytest.raises(ValueError, match="iterations = 9"):
        plots.compute("trust_region.animation", iterations=9)
