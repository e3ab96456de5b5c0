"""Methods on one problem in one line, runs that draw themselves, and films."""

from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import plots
from dynamics import (
    GradientDescent,
    HeavyBall,
    KindRefusal,
    Refusal,
    Status,
    ensemble,
    implements,
    simulate,
    sweep,
    value_and_gradient,
)
from dynamics.kernels.policy import runs_as_python
from plots.budget import PASSES
from plots.comparison import LABELLED, cost_of, cut, draw_comparison, film_of, looks_of, run_all
from plots.planes import window_of
from synthetic import quadratic

PLANE = quadratic(eigenvalues=[1.0, 0.1])
METHODS = {"GD": GradientDescent(0.5), "HB": HeavyBall(1.0), "too long": GradientDescent(40.0)}


@pytest.fixture(autouse=True, scope="module")
def uncompiled():
    """Pictures are looked at here, not kernels."""
    with runs_as_python():
        yield


@pytest.fixture(scope="module")
def seen(uncompiled):
    return run_all(PLANE, METHODS, steps=60, x0=[1.0, -1.0])


@pytest.fixture(scope="module")
def picture(seen):
    return draw_comparison(seen)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def keys(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_plane_has_paths_and_losses(picture):
    figure = picture
    plane, losses = figure.axes
    assert plane.get_xlabel() == "$x_1$"
    assert losses.get_yscale() == "log"
    assert figure.get_suptitle().startswith("DiagonalQuadratic(eigenvalues=[1, 0.1]")
    assert figure.get_suptitle().endswith("60 steps, seed 0")
    assert keys(figure)[:2] == ["GD: GradientDescent(step_size=0.5)", "HB: HeavyBall(step_size=1.0)"]
    assert {"GD", "HB"} <= set(texts(losses))
    path = next(line for line in plane.lines if len(line.get_xdata()) == 61)
    np.testing.assert_allclose(path.get_xdata(), 0.5 ** np.arange(61))


def test_losses_stand_over_their_cost(seen, picture):
    losses = picture.axes[1]
    run = seen.runs["GD"][0]
    line = losses.lines[0]
    np.testing.assert_array_equal(line.get_xdata(), cost_of(run, PASSES))
    np.testing.assert_allclose(line.get_ydata()[:3], run.loss[:3])
    assert line.get_xdata()[-1] == 60.0


def test_a_run_that_fails_is_told_and_leaves_the_window_to_the_others(seen, picture):
    figure = picture
    failed = seen.runs["too long"][0]
    assert failed.status.name == "DIVERGED"
    assert keys(figure)[-1] == f"too long: diverged at step {failed.stopped_at}"
    assert max(figure.axes[0].get_xlim()) < 2.0
    assert any(line.get_marker() == "x" for line in figure.axes[1].lines)


def test_a_run_that_goes_uphill_is_told():
    uphill = run_all(PLANE, {"GD": GradientDescent(2.2)}, steps=20, x0=[1.0, -1.0])
    assert keys(draw_comparison(uphill))[-1] == "GD ends higher than it began"


def test_five_seeds_make_a_band():
    noisy = quadratic(eigenvalues=[1.0, 0.1, 0.5], noise=0.1)
    figure = plots.compare(noisy, {"GD": HeavyBall(0.5)}, steps=30, seeds=5, x0=np.ones(3))
    (axes,) = figure.axes
    assert len(axes.collections) == 1
    assert " ".join(figure.get_suptitle().split()).endswith(" from [1, 1, 1], 30 steps, seeds 0 to 4")


def test_no_two_looks_are_alike():
    found = looks_of(["HB", "mine", "Adam", "yours", "SGD", "theirs", "RSG"])
    assert len(found) == LABELLED
    assert len({look.color for look in found.values()}) == LABELLED


@pytest.mark.parametrize(
    ("methods", "options", "sentence"),
    [
        ([GradientDescent(0.1)], {}, "must be a dict of names and methods"),
        ({}, {}, "0 methods"),
        ({str(k): GradientDescent(0.1) for k in range(8)}, {}, "8 methods"),
        ({"GD": GradientDescent(0.1)}, {"seeds": []}, "seeds is empty"),
        ({"GD": GradientDescent(0.1)}, {"steps": 0}, "steps = 0"),
        ({"GD": GradientDescent(0.1)}, {"animate": "yes"}, "must be True or False"),
    ],
)
def test_bad_input(methods, options, sentence):
    with pytest.raises((Refusal, KindRefusal), match=sentence):
        plots.compare(PLANE, methods, **{"steps": 1, "x0": [1.0, 1.0], **options})


def test_a_film_ends_with_the_whole_picture(seen, tmp_path):
    film = film_of(seen, size="column")
    film.show(0)
    assert len(film.figure.axes[1].lines[0].get_xdata()) == 1
    film.show(10**6)
    assert len(film.figure.axes[1].lines[0].get_xdata()) == 61
    with pytest.raises(Refusal, match=r"must end in \.gif or \.mp4"):
        film.save(tmp_path / "film.avi")


@pytest.mark.parametrize("record_iterates", [True, False])
def test_a_run_that_is_cut_has_its_first_records(record_iterates):
    run = simulate(GradientDescent(0.5), PLANE, steps=9, x0=[1.0, -1.0], record_iterates=record_iterates)
    begun = cut(run, 4)
    assert begun.iteration.tolist() == [0, 1, 2, 3]
    for name in ("loss", "gradient_norm", "step_size", "values", "gradients", "hessian_products"):
        np.testing.assert_array_equal(getattr(begun, name), getattr(run, name)[:4])
    if record_iterates:
        np.testing.assert_array_equal(begun.iterates, run.iterates[:4])
    assert (begun.iterates is None) == (not record_iterates)
    assert begun.status is Status.RUNNING
    assert cut(run, 10).status is run.status


def test_a_run_draws_itself(seen):
    run = seen.runs["GD"][0]
    assert len(run.plot().axes) == 2
    other = simulate(GradientDescent(0.5), PLANE, steps=60, x0=[1.0, -1.0])
    figure = other.plot(size="slide")
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss $f$", r"gradient norm $\|\nabla f\|$"]
    assert "GradientDescent(step_size=0.5) on DiagonalQuadratic" in figure.get_suptitle().replace("\n", " ")
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), other.loss)


def test_a_sweep_draws_itself():
    made = ensemble([GradientDescent(0.5), GradientDescent(0.7)], PLANE, steps=60, seeds=1, x0=[1.0, -1.0])
    figure = made.plot()
    assert keys(figure) == ["(a) GradientDescent(step_size=0.5)", "(b) GradientDescent(step_size=0.7)"]
    np.testing.assert_array_equal(figure.axes[0].lines[1].get_ydata(), made.loss[1, 0])


def test_a_picture_shows_itself(picture):
    data, size = picture._repr_png_()
    assert data.startswith(b"\x89PNG")
    assert size["width"] == 700


def test_a_window_holds_what_is_finite():
    window = window_of([np.array([[0.0, 0.0], [4.0, 1.0], [np.inf, 2.0]])])
    assert window.x == pytest.approx((-0.48, 4.48))
    assert window.y[0] < 0.0 < 1.0 < window.y[1]


@pytest.mark.slow
def test_a_film_is_saved(seen, tmp_path):
    film = film_of(seen, size="column")
    film.frames = 2
    film.save(tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as opened:
        assert opened.n_frames == 2
    assert film._repr_html_().startswith('<img width="340" src="data:image/gif;base64,R0lGOD')


@pytest.mark.slow
def test_figures_show_themselves_in_a_fresh_notebook():
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    cells = [
        "from dynamics import Adam, GradientDescent, simulate\nfrom synthetic import rosenbrock\nimport plots",
        "simulate(GradientDescent(1e-3), rosenbrock(), steps=20).plot()",
        'plots.compare(rosenbrock(), {"GD": GradientDescent(1e-3), "Adam": Adam(0.1)}, steps=20)',
        'plots.figure("sigma_nice.5", size="column")[0]',
        'plots.compare(rosenbrock(), {"GD": GradientDescent(1e-3)}, steps=3, animate=True)',
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(book, timeout=300).execute()
    for cell in book.cells[1:4]:
        assert [list(output.data) for output in cell.outputs if "image/png" in output.data], cell.outputs
    assert "data:image/gif" in book.cells[4].outputs[0].data["text/html"]


def test_the_dataset_of_a_sweep_draws_itself():
    made = sweep(GradientDescent, PLANE, over={"step_size": [0.1, 0.5, 1.0]}, steps=5, x0=[1.0, -1.0])
    figure = made.optdyn.plot()
    assert figure.axes[0].get_xlabel() == "step size"
    with pytest.raises(Refusal, match="none of a sweep"):
        made.assign_attrs(method="").drop_attrs().optdyn.plot()


def test_losses_below_zero_are_not_hidden_by_a_logarithm():
    class Slope(NamedTuple):
        """A plane that falls without end."""

    @implements(value_and_gradient, Slope)
    def _(problem, x, out):
        out[:] = 1.0
        return x.sum()

    seen = run_all(Slope(), {"slow": GradientDescent(1e-3), "fast": GradientDescent(0.45)}, steps=40, x0=[1.0, 1.0])
    losses = draw_comparison(seen).axes[1]
    assert losses.get_yscale() == "linear"
    drawn = [np.asarray(line.get_ydata()) for line in losses.lines]
    assert min(np.nanmin(heights) for heights in drawn if len(heights) > 2) == pytest.approx(
        -34.0
    )  # by way of 2, 1.1, 0.2 and -0.7
    assert losses.get_ylim()[0] <= -34.0
