"""The numbers and the pictures of every figure against what is stored of them."""

import matplotlib
import numpy as np
import pytest
import xarray as xr
from PIL import Image

import plots
from tests.plots.quick import quick
from tests.plots.references import FOLDER, compare, picture, read, summary
from tests.plots.tolerances import TOLERANCES, Tolerance, tolerance

PINNED = "3.11"  # of Matplotlib: others place text a pixel further
PICTURES = sorted(path.stem for path in FOLDER.glob("*.png"))


@pytest.mark.parametrize("id", plots.figures())
def test_numbers_are_those_on_file(id):
    assert compare(read(id), summary(quick(id)), tolerance(id)) == []


def test_every_reference_belongs_to_a_figure():
    assert {path.stem for path in FOLDER.iterdir()} | set(TOLERANCES) <= set(plots.figures())


@pytest.mark.parametrize("id", PICTURES)
def test_picture_is_the_one_on_file(id):
    if not matplotlib.__version__.startswith(f"{PINNED}."):
        pytest.skip(f"pictures on file were drawn by Matplotlib {PINNED}, this is {matplotlib.__version__}")
    with Image.open(FOLDER / f"{id}.png") as stored:
        expected = np.asarray(stored, dtype=float)
    assert departing(picture(id), expected) < 0.001


def departing(made, expected):
    """The share of pixels that are visibly darker or lighter; all of them where the sizes differ."""
    return np.mean(np.abs(made - expected) > 32) if made.shape == expected.shape else 1.0


def test_main_figures_have_pictures():
    assert {"arsg.1", "l4.2", "sigma_nice.5", "step_tuned.2", "trust_region.6"} <= set(PICTURES)


def test_another_picture_is_told():
    made, other = picture("sigma_nice.5"), picture("sigma_nice.5").copy()
    other[40:60, 100:200] = 0
    assert departing(made, made) == 0
    assert departing(made, other) > 0.001
    assert departing(made, other[1:]) == 1


@pytest.fixture
def dataset():
    grid = np.linspace(1.0, 2.0, 4000).reshape(40, 100)
    return xr.Dataset({"a": (("x", "y"), grid), "name": ("x", [f"curve {k}" for k in range(40)])})


@pytest.mark.parametrize(
    ("change", "variable", "word"),
    [
        (lambda data: data.assign(a=data["a"] * (1 + 1e-6)), "a", "128 of 128 depart"),
        (lambda data: data.assign(a=data["a"].where(data["a"] != data["a"][20, 31])), "a", "finite"),
        (lambda data: data.assign(a=data["a"] + 3e-4 * (np.arange(100) == 50)), "a", "magnitude|depart"),
        (lambda data: data.isel(y=slice(99)), "a", "shape"),
        (lambda data: data.assign(name=("x", ["curve"] * 40)), "name", "was 'curve 0', is 'curve'"),
        (lambda data: data.drop_vars("name"), "name", "is gone"),
        (lambda data: data.assign(b=1), "b", "is new"),
    ],
)
def test_changes_are_told(dataset, change, variable, word):
    (difference,) = compare(summary(dataset), summary(change(dataset)))
    assert difference.variable == variable
    assert any(part in difference.text for part in word.split("|"))


def test_rounding_is_no_change(dataset):
    assert compare(summary(dataset), summary(dataset.assign(a=dataset["a"] * (1 + 1e-12)))) == []


def test_a_stated_tolerance_is_kept():
    one, other = ({"a:values": np.array([0.0, 1.0, value])} for value in (4.0, 4.2))
    assert compare(one, other, Tolerance(relative=0.06)) == []
    assert len(compare(one, other, Tolerance(relative=0.04))) == 1


def test_of_chaotic_arrays_the_deciles_are_compared(dataset):
    mixed = dataset.assign(a=dataset["a"][::-1])
    chaotic = Tolerance(chaotic=("a",))
    assert compare(summary(dataset), summary(mixed)) != []
    assert compare(summary(dataset), summary(mixed), chaotic) == []
    (difference,) = compare(summary(dataset), summary(dataset.assign(a=2 * dataset["a"])), chaotic)
    assert difference.text.startswith("deciles: 9 of 9 depart")


def test_of_choices_only_the_shape_is_compared(dataset):
    free = Tolerance(choices=("a",))
    assert compare(summary(dataset), summary(dataset.assign(a=-dataset["a"])), free) == []
    assert len(compare(summary(dataset), summary(dataset.isel(y=slice(9))), free)) == 1


def test_what_diverged_must_diverge_again():
    stored, made = {"a:values": np.array([1.0, np.nan, np.inf])}, {"a:values": np.array([1.0, np.nan, -np.inf])}
    assert compare(stored, stored) == []
    assert len(compare(stored, made)) == 1
