"""What holds for every figure: attributes, files, parameters, seeds and words."""

import importlib
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

import plots
from plots.marks import LEAST_SEEDS
from plots.registry import FIGURES, GALLERY
from tests.plots.quick import drawn, quick, reread

RANDOM = ("seed", "instance", "draw", "simulation")
WORD = re.compile(r"(?<!\\)[a-zA-Z]{4,}")  # and not \\theta alone
TUNING_RULE = re.compile(r"settings a method|bootstrap|seed \d")
TUNING = re.compile(r"tun(ing|ed)", re.IGNORECASE)

figures = pytest.mark.parametrize("id", plots.figures())


@pytest.mark.parametrize("path", sorted(GALLERY.glob("*.py")), ids=lambda path: path.stem)
def test_every_module_that_computes_and_draws_is_listed(path: Path):
    module = importlib.import_module(f"plots.gallery.{path.stem}")
    listed = [entry.module for entry in FIGURES.values()]
    makes_a_figure = {"compute", "draw"} <= set(getattr(module, "__all__", ()))
    assert (module.__name__ in listed) == makes_a_figure


@figures
def test_dataset_explains_itself(id):
    dataset = quick(id)
    entry, parameters = FIGURES[id], json.loads(dataset.attrs["parameters"])
    assert (dataset.attrs["figure"], dataset.attrs["title"], dataset.attrs["paper"]) == (id, entry.title, entry.paper)
    assert all(array.attrs["long_name"] and array.attrs["units"] for array in dataset.variables.values())
    assert list(parameters) == sorted(inspect.signature(plots.registry.module(id).compute).parameters)
    assert json.loads(json.dumps(dict(entry.quick))).items() <= parameters.items()


@figures
def test_caption_states_seeds_and_tuning(id):
    dataset = quick(id)
    caption, seeds = dataset.attrs["caption"], json.loads(dataset.attrs["seeds"])
    assert len(caption) > 100
    assert caption.endswith(".")
    if seeds:
        assert re.search("seed", caption)
        assert all(str(seed) in caption for seed in seeds)
    if dataset.sizes.get("method", 1) > 1 and set(RANDOM) & set(dataset.sizes):
        assert TUNING.search(caption)


@figures
def test_caption_begins_with_what_to_see(id):
    caption, message = (quick(id).attrs[name] for name in ("caption", "message"))
    assert caption.startswith(f"{message} ")
    assert message.endswith(".")
    assert 8 <= len(message.split()) <= 60
    assert not TUNING_RULE.search(message)


@figures
def test_bands_have_seeds_enough(id):
    sizes = {name: size for name, size in quick(id).sizes.items() if name in RANDOM}
    assert all(size >= LEAST_SEEDS for size in sizes.values()), sizes


@figures
def test_survives_its_file(id):
    dataset = quick(id)
    assert bytes(dataset.to_netcdf(engine="scipy")) == bytes(dataset.to_netcdf(engine="scipy"))
    xr.testing.assert_identical(reread(dataset), dataset)


@figures
def test_every_axis_has_words(id):
    for axes in drawn(id, "page").picture.axes:
        grid = axes.get_subplotspec()
        if grid is None or not axes.axison:
            continue
        if grid.is_last_row():
            assert WORD.search(axes.get_xlabel())
        if grid.is_first_col():
            assert WORD.search(axes.get_ylabel())


def test_stated_parameters_make_the_same_data():
    dataset = quick("trust_region.6")
    again = plots.compute("trust_region.6", **json.loads(dataset.attrs["parameters"]))
    xr.testing.assert_identical(again, dataset)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.figure("arsg.l"), "unknown figure 'arsg.l'; did you mean 'arsg.1'"),
        (lambda: plots.figure("zzzzzzzz"), "The nearest of"),
        (lambda: plots.compute("arsg.1", betas=0.9), "parameter of figure arsg.1 'betas'; did you mean 'beta'"),
        (lambda: plots.figure("sigma_nice.5", size="poster"), "size is 'poster'; .*'slide'"),
        (lambda: plots.draw(xr.Dataset()), "no attribute 'figure'"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_pyplot_and_xarray_stay_out_until_asked_for():
    code = (
        "import sys, plots; plots.figures(); assert not {'matplotlib', 'xarray', 'sympy'} & set(sys.modules);"
        "plots.figure('sigma_nice.5'); assert not {'matplotlib.pyplot', 'sympy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
