"""The figures of the ledger: verdicts against the files, tightness against the checks."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import plots
import theory.claims
from plots.gallery.beyond_tightness import BOUNDS, SHARP
from plots.gallery.beyond_verdicts import PAPER_NAMES, TILES
from tests.plots.legibility import lightness
from theory.claims import Verdict, claim, claims


def test_every_claim_has_its_tile():
    folder = Path(theory.claims.__file__).parent
    files = [folder / "verdicts.json", *folder.glob("*/verdicts.json")]
    on_file = {name: verdict for path in files for name, verdict in json.loads(path.read_text("utf-8")).items()}
    filed = {name: verdict["full"] if isinstance(verdict, dict) else verdict for name, verdict in on_file.items()}
    dataset = plots.compute("beyond.verdicts")
    shown = dict(zip(dataset["claim"].values.tolist(), dataset["verdict"].values.tolist(), strict=True))
    assert shown == filed
    assert set(shown) == {entry.id for entry in claims()}
    counts = Counter((name.split(".")[0], verdict) for name, verdict in filed.items())
    for paper in dataset["paper"].values:
        for kind in dataset["verdict_kind"].values:
            assert int(dataset["count"].sel(paper=paper, verdict_kind=kind)) == counts[paper, kind]
    picture = plots.draw(dataset)
    squares = [line for line in picture.axes[0].get_lines() if line.get_marker() == "s"]
    assert sum(len(line.get_xdata()) for line in squares) == len(filed)


def test_every_verdict_and_paper_is_drawn():
    assert set(TILES) == {str(kind) for kind in Verdict}
    assert {entry.id.split(".")[0] for entry in claims()} <= set(PAPER_NAMES)
    light = sorted(lightness(tile["fill"]) for tile in TILES.values())
    assert np.all(np.diff(light) > 8)


def test_tightness_is_that_of_the_checks():
    dataset = plots.compute("beyond.tightness", papers=["l4", "problems"])
    assert dataset["claim"].values.tolist() == ["l4.polyak", "l4.polyak_rate", "problems.carmon_curvature"]
    for name in dataset["claim"].values:
        evidence, row = claim(str(name)).check("quick", 0), dataset.sel(claim=name)
        assert float(row["tightness"]) == evidence.tightness
        assert str(row["verdict"].values) == str(evidence.verdict)
    # Polyak's rate on a quadratic is a fifth of its bound's, at best; his step is one of L4's exactly.
    assert float(dataset["tightness"].sel(claim="l4.polyak")) == 1
    assert float(dataset["looseness"].sel(claim="l4.polyak_rate")) > SHARP


def test_every_bound_named_is_a_claim():
    named = [f"{paper}.{name}" for paper, names in BOUNDS.items() for name in names]
    assert len(set(named)) == len(named)
    assert set(named) <= {entry.id for entry in claims()}


def test_every_check_named_measures_tightness():
    dataset = plots.compute("beyond.tightness", papers=["sigma_nice", "arsg"])
    assert np.isfinite(dataset["tightness"]).all()
    assert (dataset["looseness"] >= 1).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"papers": ["adam"]}, "papers is"),
        ({"papers": []}, "papers is"),
        ({"level": "slow"}, "level is 'slow'"),
        ({"rng": -1}, "rng = -1"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("beyond.tightness", **parameters)
