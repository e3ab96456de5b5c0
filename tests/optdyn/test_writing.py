"""Files of a figure: whole or absent, the same every time, with their provenance inside."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image

import plots
from optdyn.provenance import data_hash
from optdyn.writing import to_csv, write_figure, write_files

FORMATS = ("png", "pdf", "svg")


@pytest.fixture(scope="module")
def dataset():
    return plots.compute("sigma_nice.5", radius=0.2)


@pytest.fixture(scope="module")
def written(dataset, tmp_path_factory):
    return write_figure(dataset, tmp_path_factory.mktemp("out") / "new" / "deep", formats=FORMATS)


def test_all_files_and_no_others(written):
    names = [f"sigma_nice.5.{ending}" for ending in ("png", "pdf", "svg", "nc", "csv", "json")]
    assert [path.name for path in written] == names
    assert sorted(path.name for path in written[0].parent.iterdir()) == sorted(names)


def test_a_table_repeats_arrays_along_the_dimensions_that_they_lack():
    dataset = xr.Dataset(
        {
            "a": (("y", "x"), [[0.1, np.nan], [1e-300, np.inf], [3.0, 4.0]]),
            "b": ("x", [True, False]),
            "c": ("y", ["p, q", 'r"', ""]),
            "d": ("z", np.array([None, 7], dtype=object)),
        },
        coords={"x": np.array([-1, 2], dtype=np.int32)},
    )
    assert to_csv(dataset).splitlines() == [
        "y,x,a,b,c,z,d",
        '0,-1,0.1,True,"p, q",,',
        '0,2,nan,False,"p, q",,',
        '1,-1,1e-300,True,"r""",,',
        '1,2,inf,False,"r""",,',
        "2,-1,3.0,True,,,",
        "2,2,4.0,False,,,",
        ",,,,,0,",
        ",,,,,1,7",
    ]


def test_same_parameters_same_bytes_of_one_drawing(written, dataset, tmp_path, monkeypatch):
    drawn, draw = [], plots.draw
    monkeypatch.setattr(plots, "draw", lambda *given, **size: drawn.append(draw(*given, **size)) or drawn[-1])
    again = write_figure(plots.compute("sigma_nice.5", radius=0.2), tmp_path, formats=FORMATS)
    assert [path.name for path in again if path.read_bytes() != written[again.index(path)].read_bytes()] == []
    assert len(drawn) == 1


def test_a_picture_is_the_same_without_the_others(written, dataset, tmp_path):
    (pdf, *_) = write_figure(dataset, tmp_path, formats=("pdf",), tables=())
    assert pdf.read_bytes() == written[1].read_bytes()


def test_data_files_hold_the_data(written, dataset):
    files = {path.suffix: path for path in written}
    back = xr.load_dataset(files[".nc"], engine="scipy")
    sidecar = json.loads(files[".json"].read_text(encoding="utf-8"))
    assert sidecar["data_hash"] == data_hash(back)
    assert json.loads(back.attrs.pop("record")).items() <= sidecar.items()
    xr.testing.assert_identical(back, dataset)
    with files[".csv"].open(encoding="utf-8", newline="") as table:
        rates = [row["decay_rate"] for row in csv.DictReader(table) if row["schedule"] == "cosine" and row["epoch"]]
    np.testing.assert_array_equal(np.array(rates, dtype=float), dataset["decay_rate"].sel(schedule="cosine"))


def test_pictures_carry_the_sidecar(written):
    files = {path.suffix: path for path in written}
    sidecar = json.loads(files[".json"].read_text(encoding="utf-8"))
    del sidecar["files"]
    with Image.open(files[".png"]) as picture:
        assert json.loads(picture.info["Description"]) == sidecar
        assert picture.info["Title"] == sidecar["title"]
    assert sidecar["data_hash"].encode() in files[".pdf"].read_bytes()
    vector = files[".svg"].read_text(encoding="utf-8")
    assert sidecar["data_hash"] in vector
    assert "noise level reached" in vector.replace("<dc:description>", "").split("</metadata>")[1]


def test_the_sidecar_has_the_hash_of_every_file(written):
    digests = json.loads(written[-1].read_text(encoding="utf-8"))["files"]
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written[:-1]} == digests


def test_a_picture_does_not_depend_on_those_beside_it(written, dataset, tmp_path):
    (svg, *_) = write_figure(dataset, tmp_path, formats=("svg",), tables=())
    assert svg.read_bytes() == written[2].read_bytes()
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".svg"]


def test_pdf_embeds_truetype(written):
    assert b"/Type0" in next(path for path in written if path.suffix == ".pdf").read_bytes()


def test_csv_keeps_every_digit_and_whole_numbers():
    cells = ("x", [1 / 3, 2e-300, np.nan])
    data = xr.Dataset({"a": cells, "k": ("y", np.array([5], dtype=np.int32))}, {"x": [1, 2, 3]})
    assert to_csv(data) == "x,a,y,k\n1,0.3333333333333333,,\n2,2e-300,,\n3,nan,,\n,,0,5\n"


def test_csv_repeats_what_belongs_to_several_rows():
    cells = xr.DataArray([[1, 2], [3, 4]], dims=("x", "y"))
    data = xr.Dataset({"total": 9, "per_y": ("y", [7, 8]), "a": cells, "turned": cells.T, "z": ("k", [0])})
    rows = ["x,y,a,turned,per_y,total,k,z", "0,0,1,1,7,9,,", "0,1,2,2,8,9,,", "1,0,3,3,7,9,,", "1,1,4,4,8,9,,"]
    assert to_csv(data).splitlines() == [*rows, ",,,,,,0,0"]


def test_csv_runs_through_several_dimensions_in_their_order():
    data = xr.Dataset({"a": (("x", "y"), [[1, 2], [3, 4]]), "b": (("x", "y"), [[5, 6], [7, 8]])}, {"y": ["u", "v"]})
    assert to_csv(data) == "x,y,a,b\n0,u,1,5\n0,v,2,6\n1,u,3,7\n1,v,4,8\n"


def test_unknown_format_is_refused_before_anything_is_made(dataset, tmp_path):
    with pytest.raises(ValueError, match=r"unknown picture format 'pgn'; did you mean 'png'\?"):
        write_figure(dataset, tmp_path / "out", formats=("png", "pgn"))
    assert not (tmp_path / "out").exists()


def test_a_failing_picture_leaves_nothing(dataset, tmp_path, monkeypatch):
    def fail(self, target, **keywords):
        raise RuntimeError("no ink")

    monkeypatch.setattr(FigureCanvasSVG, "print_svg", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        write_figure(dataset, tmp_path / "out", formats=FORMATS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("old", [True, False])
def test_a_failing_disk_leaves_what_was_there(tmp_path, monkeypatch, error, old):
    folder = tmp_path / "out"
    if old:
        folder.mkdir()
        (folder / "a").write_bytes(b"old")
    write = Path.write_bytes

    def fail_on_second(self, content):
        write(self, content[:1])
        if content == b"second":
            raise error

    monkeypatch.setattr(Path, "write_bytes", fail_on_second)
    with pytest.raises(type(error)) as caught:
        write_files(folder, {"a": b"first", "b": b"second"})
    if isinstance(error, OSError):
        assert str(caught.value) == f"cannot write to {folder}: No space left on device; choose another folder."
    assert [path.name for path in tmp_path.rglob("*")] == (["out", "a"] if old else [])
    if old:
        assert (folder / "a").read_bytes() == b"old"


def test_a_file_where_the_folder_should_be(dataset, tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(OSError, match=r"^cannot write to .*taken.deep: .*taken is a file; choose another folder\.$"):
        write_figure(dataset, tmp_path / "taken" / "deep")
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_folder_where_a_file_should_be(tmp_path):
    (tmp_path / "b").mkdir()
    with pytest.raises(OSError, match=r"cannot write to .*: b is a folder there; choose another folder"):
        write_files(tmp_path, {"a": b"first", "b": b"second"})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_folder_without_permission(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(OSError, match="no permission in"):
        write_files(tmp_path, {"a": b"first"})
    assert list(tmp_path.iterdir()) == []
