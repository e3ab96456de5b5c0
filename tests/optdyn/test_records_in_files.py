"""The record comes back from every kind of file, and from nothing else."""

import json

import pytest
import xarray as xr
from PIL import Image

import plots
from optdyn.records_in_files import read_record
from optdyn.writing import write_figure


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    dataset = plots.compute("sigma_nice.5", radius=0.2)
    return {path.suffix: path for path in write_figure(dataset, folder, formats=("png", "pdf", "svg"))}


@pytest.mark.parametrize("ending", [".png", ".pdf", ".svg", ".nc", ".csv", ".json"])
def test_every_file_knows_where_it_comes_from(written, ending):
    sidecar = json.loads(written[".json"].read_text(encoding="utf-8"))
    record = read_record(written[ending])
    assert record["parameters"]["radius"] == 0.2
    del sidecar["files"]
    assert sidecar.items() <= record.items()


def test_parentheses_and_backslashes_survive_a_pdf(tmp_path):
    dataset = plots.compute("sigma_nice.5").assign_attrs(caption=r"a (b \theta) ((c ü " + "\\")
    (path, *_) = write_figure(dataset, tmp_path, formats=("pdf",))
    assert read_record(path)["caption"] == dataset.attrs["caption"]


def test_what_is_no_figures_file_is_refused(tmp_path):
    Image.new("L", (2, 2)).save(tmp_path / "plain.png")
    xr.Dataset({"a": 1.0}).to_netcdf(tmp_path / "plain.nc", engine="scipy")
    (tmp_path / "plain.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "plain.svg").write_text("<svg/>")
    (tmp_path / "cut.svg").write_text("<svg")
    (tmp_path / "plain.json").write_text("[1]")
    (tmp_path / "empty.json").write_text("{}")
    for path in tmp_path.iterdir():
        with pytest.raises(ValueError, match=r"carries no record|names no figure"):
            read_record(path)


def test_a_table_alone_has_no_record(tmp_path):
    (tmp_path / "alone.csv").write_text("a\n1\n")
    with pytest.raises(OSError, match=r"alone\.json is not beside it"):
        read_record(tmp_path / "alone.csv")


@pytest.mark.parametrize(
    "wrong", [{"parameters": [1]}, {"parameters": None}, {"size": None}, {"versions": []}, {"figure": ["l4.1"]}]
)
def test_a_record_with_parts_of_another_kind_is_refused(written, tmp_path, wrong):
    record = json.loads(written[".json"].read_text(encoding="utf-8"))
    (tmp_path / "odd.json").write_text(json.dumps(record | wrong))
    with pytest.raises(ValueError, match="carries no record"):
        read_record(tmp_path / "odd.json")
