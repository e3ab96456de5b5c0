"""A file held against its own parameters: equal, or where not."""

import json
import re
import shutil

import numpy as np
import pytest
import xarray as xr

import plots
from optdyn.recomputation import read_dataset, recompute
from optdyn.writing import to_netcdf, write_figure
from tests.plots.tolerances import TOLERANCES


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    dataset = plots.compute("arsg.1", points=6)
    return write_figure(dataset, tmp_path_factory.mktemp("out"), formats=("png", "svg"))[0].parent


@pytest.fixture
def folder(original, tmp_path):
    shutil.copytree(original, tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize("ending", ["png", "svg", "nc", "csv", "json"])
def test_what_was_just_written_is_equal(folder, ending):
    found = recompute(folder / f"arsg.1.{ending}")
    assert found == ("arsg.1", "equal", (), ())


@pytest.fixture
def other_numbers(monkeypatch):
    """Compute arsg.1 with one value off by a quarter, as after a change in the sources."""
    compute = plots.compute

    def changed(*arguments, **parameters):
        dataset = compute(*arguments, **parameters)
        dataset["gain_factor"][0, 0, 3] += 0.25
        return dataset

    monkeypatch.setattr("plots.compute", changed)


@pytest.mark.parametrize("ending", ["png", "nc", "json"])
def test_other_numbers_are_located(folder, other_numbers, ending):
    found = recompute(folder / f"arsg.1.{ending}")
    assert not found.holds
    (said,) = found.departures
    assert said.startswith("gain_factor: 1 of ")
    assert "by 0.25" in said


def test_other_numbers_are_located_in_a_table(folder, other_numbers):
    (folder / "arsg.1.nc").unlink()
    (said,) = recompute(folder / "arsg.1.csv").departures
    assert "arsg.1.nc, which would say where, is not beside the file" in said


def test_an_altered_table_is_told(folder):
    path = folder / "arsg.1.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[4].split(",")
    column = lines[0].split(",").index("gain_factor")
    lines[4] = ",".join([*cells[:column], "7.5", *cells[column + 1 :]])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (said,) = recompute(path).departures
    assert said == f"gain_factor: 1 lines differ, first line 5: 7.5 on file, {cells[column]} now"


def test_altered_numbers_are_told(folder):
    path = folder / "arsg.1.nc"
    record = json.loads(xr.load_dataset(path, engine="scipy").attrs["record"])
    dataset = read_dataset(path)
    dataset["gain_factor"][1, 2, 0] += 1
    path.write_bytes(to_netcdf(dataset, record))
    altered, where = recompute(path).departures
    assert "it was altered" in altered
    assert where.startswith("gain_factor: 1 of ")


def test_an_altered_picture_is_told(folder):
    path = folder / "arsg.1.svg"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("#000000", "#000001"), encoding="utf-8")
    assert recompute(path).departures == ("the numbers are equal, but the picture is drawn differently now",)


def test_what_has_changed_since_is_told(folder):
    path = folder / "arsg.1.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["versions"]["numpy"] = "1.0"
    record["compute_hash"] = "sha256:0"
    path.write_text(json.dumps(record), encoding="utf-8")
    found = recompute(path)
    assert found.holds
    assert found.changes[0] == "the sources of the figure's numbers"
    assert found.changes[1].startswith("numpy 1.0, now ")


@pytest.fixture
def rounded(monkeypatch):
    """Compute arsg.1 with each number off by a few units in the last place, as on another processor."""
    compute = plots.compute

    def changed(*arguments, **parameters):
        dataset = compute(*arguments, **parameters)
        dataset["gain_factor"] = dataset["gain_factor"] * (1 + 8 * np.finfo(float).eps)
        return dataset

    monkeypatch.setattr("plots.compute", changed)


@pytest.mark.parametrize("ending", ["png", "nc", "json"])
def test_rounding_is_called_rounding(folder, rounded, ending):
    found = recompute(folder / f"arsg.1.{ending}")
    assert found.holds
    assert re.fullmatch(r"equal up to rounding \(\d+ ulp\)", found.verdict)


def test_more_than_rounding_is_not(folder, other_numbers, monkeypatch):
    assert recompute(folder / "arsg.1.nc").verdict == "differs"
    monkeypatch.setattr("plots.amplifies_rounding", lambda figure: True)
    amplified = recompute(folder / "arsg.1.nc")
    assert amplified.verdict == "differs, and this figure amplifies rounding"
    assert not amplified.holds


def test_the_other_processor_is_named(folder, monkeypatch):
    monkeypatch.setattr("optdyn.recomputation.processor", lambda: "abacus (wood)")
    (change,) = recompute(folder / "arsg.1.json").changes
    assert change.startswith("processor ")
    assert change.endswith("now abacus (wood)")


def test_the_figures_that_amplify_rounding_are_those_with_chaotic_references():
    assert {figure for figure in plots.figures() if plots.amplifies_rounding(figure)} == set(TOLERANCES)
