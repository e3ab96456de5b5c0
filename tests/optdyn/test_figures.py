"""Orders: what is on disk and still holds is reused; what broke is told; films are written with their record."""

import json
import sys
import textwrap

import pytest

import optdyn.figures
import plots
from optdyn.figures import Order, make, try_to_make
from optdyn.records_in_files import read_record
from optdyn.writing import write_figure
from plots import ticks
from plots.registry import Entry

SQUARE = """
import numpy as np, xarray as xr
from matplotlib.animation import FuncAnimation
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

@recorded
def compute(*, side: float = 1.0):
    if side < 0:
        raise ValueError("side is negative")
    dataset = xr.Dataset({"x": variable("corner", side * np.array([0.0, 1.0, 1.0, 0.0]), "abscissa")})
    return describe(dataset, "beyond.square", caption="A square.")

def draw(dataset, *, size="page"):
    with style(size) as sheet:
        figure = new_figure(sheet, height=1.0)
        figure.subplots().plot(dataset["x"].values)
        return finish(figure)

def animate(dataset, *, size="slide"):
    with style(size) as sheet:
        figure = new_figure(sheet, height=1.0)
        (line,) = figure.subplots().plot(dataset["x"].values)
        return FuncAnimation(figure, lambda k: line.set_data([0, 1], [0, k]), frames=3, interval=200)
"""


@pytest.fixture(autouse=True)
def square(tmp_path, monkeypatch):
    """A figure that costs nothing, `beyond.square`; computing it writes a line to the list that is returned."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "optdyn_square.py").write_text(textwrap.dedent(SQUARE))
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    monkeypatch.delitem(sys.modules, "optdyn_square", raising=False)
    monkeypatch.setattr("plots.registry.FIGURES", {"beyond.square": Entry("optdyn_square", "A square", "", moves=True)})
    monkeypatch.setattr("optdyn.provenance.compute_hash", lambda id: "one")
    monkeypatch.setattr("optdyn.figures.compute_hash", lambda id: "one")
    computed, compute = [], plots.compute

    def counted(id, **parameters):
        computed.append(parameters)
        return compute(id, **parameters)

    monkeypatch.setattr("plots.compute", counted)
    return computed


@pytest.fixture
def order(tmp_path):
    return Order("beyond.square", {"side": 2.0}, tmp_path / "out", ("png",))


def test_the_same_order_is_not_made_twice(order, square):
    first, second = make(order), make(order)
    assert (first.reused, second.reused) == ("", "files")
    assert first.paths == second.paths
    assert all(path.is_file() for path in second.paths)
    assert square == [{"side": 2.0}]


@pytest.mark.parametrize("change", [{"size": "slide"}, {"formats": ("png", "svg")}])
def test_another_picture_needs_no_new_numbers(order, square, change):
    make(order)
    made = make(order._replace(**change))
    assert made.reused == "numbers"
    assert len(square) == 1
    assert json.loads(made.paths[-1].read_text(encoding="utf-8"))["size"] == change.get("size", "page")


def test_other_sources_of_the_drawing_need_no_new_numbers(order, square, monkeypatch):
    make(order)
    monkeypatch.setattr(optdyn.figures, "source_hash", lambda package: "another")
    assert make(order).reused == "numbers"
    assert len(square) == 1


@pytest.mark.parametrize("thing", ["parameters", "sources", "versions", "data", "sidecar"])
def test_numbers_that_no_longer_hold_are_computed(order, square, monkeypatch, thing):
    make(order)
    if thing == "parameters":
        order = order._replace(parameters={"side": 3.0})
    elif thing == "sources":
        monkeypatch.setattr(optdyn.figures, "compute_hash", lambda id: "another")
    elif thing == "versions":
        monkeypatch.setattr(optdyn.figures, "versions", lambda: {"python": "4"})
    elif thing == "data":
        path = order.folder / "beyond.square.nc"
        path.write_bytes(path.read_bytes()[:-8] + b"\x3f" + bytes(7))
        (order.folder / "beyond.square.png").unlink()
    else:
        (order.folder / "beyond.square.json").write_text("{")
    assert make(order).reused == ""
    assert len(square) == 2


def test_a_lost_picture_is_drawn_again(order, square):
    (order.folder / make(order).paths[0]).write_bytes(b"scribble")
    made = make(order)
    assert made.reused == "numbers"
    assert made.paths[0].read_bytes().startswith(b"\x89PNG")


def test_what_breaks_is_told(order):
    made = try_to_make(order._replace(parameters={"side": -1.0}))
    assert made.traceback.strip().endswith("ValueError: side is negative")
    assert made.paths == ()


def test_a_film_carries_its_record(order):
    from PIL import Image

    path = make(order._replace(formats=("gif",))).paths[0]
    with Image.open(path) as film:
        assert film.n_frames == 3
        assert film.info["duration"] == 200
    assert read_record(path)["parameters"] == {"side": 2.0}


def test_the_same_film_has_the_same_bytes(order, tmp_path):
    dataset = plots.compute("beyond.square")
    films = [write_figure(dataset, tmp_path / name, formats=("gif",))[0] for name in ("one", "two")]
    assert films[0].read_bytes() == films[1].read_bytes()


def test_a_frame_has_its_ticks_worked_out_once(order, tmp_path, monkeypatch):
    counts, work_out = [], ticks._work_out
    dataset = plots.compute("beyond.square")
    monkeypatch.setattr(ticks, "_work_out", lambda axis: counts.append(axis) or work_out(axis))
    write_figure(dataset, tmp_path, formats=("gif",), tables=())
    assert 0 < len(counts) <= 2 * 3 * 3  # two axes, three frames, each with two passes of the layout and the drawing


def test_mp4_without_ffmpeg_is_refused(order, tmp_path, monkeypatch):
    monkeypatch.setattr("matplotlib.animation.FFMpegWriter.isAvailable", classmethod(lambda cls: False))
    with pytest.raises(ValueError, match=r"ffmpeg, which is not installed: .* --format gif"):
        make(order._replace(formats=("mp4",)))
    assert not (tmp_path / "out").exists()


def test_a_figure_without_a_film_says_which_have_one(monkeypatch):
    still = Entry("optdyn_square", "A square", "")
    monkeypatch.setattr("plots.registry.FIGURES", {"beyond.square": still})
    monkeypatch.setattr("plots.FIGURES", {"beyond.film": still._replace(moves=True), "beyond.square": still})
    with pytest.raises(ValueError, match=r"'beyond.square' has no film; those that have one: beyond\.film\."):
        plots.animate(plots.compute("beyond.square"))


def test_an_edited_caption_does_not_get_into_a_new_picture(order, tmp_path):
    first = make(order)
    table = next(path for path in first.paths if path.suffix == ".nc")
    table.write_bytes(table.read_bytes().replace(b"A square.", b"A circle."))
    again = make(order._replace(formats=("svg",)))
    assert again.reused == ""
    assert b"A circle." not in table.read_bytes()


@pytest.mark.parametrize("damage", [b"", b"CDF\x01", None])
def test_a_damaged_data_file_is_made_again(order, damage):
    first = make(order)
    table = next(path for path in first.paths if path.suffix == ".nc")
    whole = table.read_bytes()
    table.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    make(order)
    assert table.read_bytes() == whole


@pytest.mark.parametrize("part", ["files", "request", "versions"])
def test_a_sidecar_of_another_shape_is_made_again(order, part):
    first = make(order)
    sidecar = first.paths[-1]
    whole = sidecar.read_bytes()
    sidecar.write_text(json.dumps(json.loads(whole) | {part: None}))
    make(order)
    assert sidecar.read_bytes() == whole
