"""Hashes that change with what they stand for and with nothing else; a record that remakes its figure."""

import io
import json
import shlex

import numpy as np
import pytest
import xarray as xr

import plots
from optdyn.provenance import _hash_below, command_line, compute_hash, data_hash, hash_sources, record, source_hash


@pytest.fixture
def dataset():
    return xr.Dataset(
        {"a": (("x", "name"), [[1.0, np.nan], [3.0, 4.0]]), "b": ("x", np.array([1, 2], dtype=np.int32))},
        coords={"name": ["μ", "β"]},
    )


def test_data_hash_survives_the_file(dataset):
    back = xr.load_dataset(io.BytesIO(bytes(dataset.to_netcdf(engine="scipy"))), engine="scipy")
    assert data_hash(back) == data_hash(dataset)


def test_data_hash_is_the_same_on_every_machine(dataset):
    swapped = dataset.assign(a=dataset["a"].astype(">f8"), b=dataset["b"].astype(">i4"))
    assert data_hash(swapped) == data_hash(dataset.assign(a=dataset["a"].astype("<f8")))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.assign(a=data["a"] + np.spacing(4.0)),
        lambda data: data.rename(a="c"),
        lambda data: data.assign(b=data["b"].astype(np.float64)),
        lambda data: data.assign_coords(name=["μ", "γ"]),
        lambda data: data.transpose("name", "x"),
        lambda data: data.drop_vars("b"),
    ],
)
def test_data_hash_sees_every_change(dataset, change):
    assert data_hash(change(dataset)) != data_hash(dataset)


def test_data_hash_ignores_order_and_captions(dataset):
    other = xr.Dataset({"b": dataset["b"], "a": dataset["a"]}, attrs={"caption": "better words"})
    assert data_hash(other) == data_hash(dataset)


def test_source_hash_sees_names_and_contents_not_places(tmp_path):
    def package(place, **files):
        for name, text in files.items():
            (tmp_path / place / "inner").mkdir(parents=True, exist_ok=True)
            (tmp_path / place / "inner" / f"{name}.py").write_text(text)
        return hash_sources({"package": tmp_path / place})

    here = package("here", one="x = 1", two="")
    assert package("there", two="", one="x = 1") == here
    assert package("edited", one="x = 2", two="") != here
    assert package("renamed", one="x = 1", three="") != here
    assert package("moved", one="", two="x = 1") != here
    (tmp_path / "here" / "notes.txt").write_text("no source")
    assert hash_sources({"package": tmp_path / "here"}) == here
    assert hash_sources({"other": tmp_path / "here"}) != here


def test_record_remakes_the_figure():
    dataset = plots.compute("sigma_nice.5", radius=0.3)
    made = json.loads(json.dumps(record(dataset)))
    assert data_hash(plots.compute(made["figure"], **made["parameters"])) == made["data_hash"]
    assert made["source_hash"] == source_hash()
    assert made["versions"]["numpy"] == np.__version__


def test_record_keeps_the_typed_command_and_the_seeds():
    dataset = plots.compute("trust_region.6", dimensions=(2, 3, 4), samples=(1, 2, 3), simulations=5, trials=2, rng=7)
    assert record(dataset, command="optdyn reproduce")["command"] == "optdyn reproduce"
    assert record(dataset)["seeds"] == [7]


def test_command_line_says_every_parameter():
    words = shlex.split(command_line("arsg.1", {"beta": 0.9, "mu": [0.0, 0.1], "name": "it's"}, size="slide"))
    assert words[:5] == ["optdyn", "figure", "arsg.1", "--size", "slide"]
    assert [word for word in words[5:] if word != "--set"] == ["beta=0.9", "mu=[0.0, 0.1]", 'name="it\'s"']


def test_compute_hash_follows_what_a_figure_imports(tmp_path, monkeypatch):
    sources = {
        "plots/gallery/arsg_1.py": "from plots import marks\nfrom plots.dataset import describe\nimport theory.arsg\n",
        "plots/gallery/l4_2.py": "import plots.style\n",
        "plots/marks.py": "def mark():\n    from plots.style import style\n",
        "plots/dataset.py": "",
        "plots/style.py": "",
        "theory/arsg.py": "",
    }

    def write(**changes):
        for name, text in {**sources, **changes}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)

    def hash_now():
        _hash_below.cache_clear()
        return compute_hash.__wrapped__("arsg.1")

    monkeypatch.setattr("optdyn.provenance._folder", lambda package: tmp_path / package)
    write()
    before = hash_now()
    assert hash_now() == before
    for name in sources:
        write(**{name: sources[name] + "# changed\n"})
        assert (hash_now() != before) == (name != "plots/gallery/l4_2.py"), name
        write()
