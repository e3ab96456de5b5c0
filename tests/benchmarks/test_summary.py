"""The arithmetic of the table, the order of the rounds, and what the command says and writes."""

import argparse
import gc
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console

from benchmarks import command, peers, table, workloads
from benchmarks.harness import LEAST_ROUNDS, Measurement, Timing, measure
from benchmarks.reference import build
from benchmarks.summary import Spread, as_json, ratio, rows
from dynamics import GradientDescent

CASE = workloads.Case("W1", "test", "w1", None, (GradientDescent(0.1),) * 2, 20, 10, goal=1.5)


def timing(peer, steps, seconds, overhead=0.0):
    return Timing(peer, steps, CASE.width, first_call=0.5, overhead=overhead, seconds=seconds)


def measurement():
    optdyn = timing("optdyn", 1000, [4e-3, 6e-3, 2e-3], overhead=1e-4)
    c, jax = timing("c", 1000, [2e-3, 6e-3, 2e-3]), timing("jax", 500, [4e-3, 9e-3, 4e-3])
    return Measurement(CASE, {"optdyn": optdyn, "c": c, "jax": jax})


def test_a_unit_of_work_is_a_step_of_a_run():
    assert timing("c", 1000, [2e-3]).per_unit() == [1000.0]


def test_ratios_are_taken_round_by_round():
    made = measurement().timings
    assert ratio(made["optdyn"], made["c"]) == Spread(1.0, 1.0, 1.5)
    assert ratio(made["jax"], made["optdyn"]) == Spread(2.5, 3.0, 3.5)
    assert ratio(made["jax"], None) is None


def test_rows_say_whether_goals_are_met():
    optdyn, c, jax = rows(measurement())
    assert (optdyn.goal, optdyn.met) == ("≤ 1.5 × C", True)
    assert (c.goal, c.met) == ("", None)
    assert (jax.goal, jax.met) == ("≥ 2 × optdyn", True)
    assert optdyn.overhead_share == pytest.approx(1e-4 / 4e-3)
    single = replace(CASE, methods=CASE.methods[:1])
    assert rows(Measurement(single, measurement().timings))[2].goal == "≥ 3 × optdyn"


def test_runs_to_the_end_are_judged_for_each_hessian_product_where_these_are_counted():
    made = measurement()
    made.timings["optdyn"].products, made.timings["c"].products = 120, 60
    optdyn, c, jax = rows(made)
    assert optdyn.over_c_product == Spread(0.5, 0.5, 0.75)
    assert c.over_c_product == Spread(1.0, 1.0, 1.0)
    assert jax.over_c_product is None
    half = Measurement(replace(CASE, goal=0.6), made.timings)
    assert rows(half)[0].met is True
    made.timings["optdyn"].products = 0
    assert rows(half)[0].met is False


def test_json_holds_the_numbers_under_their_names():
    made = json.loads(json.dumps([as_json(row) for row in rows(measurement())]))
    assert made[0]["time"] == {"low": 1500.0, "median": 2000.0, "high": 2500.0}
    assert made[2]["over_c"]["median"] == 4.0
    assert {"workload", "case", "peer", "steps", "goal", "met", "first_call", "overhead"} <= made[0].keys()


def test_rounds_are_interleaved_and_their_order_moves_on():
    calls = []

    def peer(name):
        def run(steps):
            calls.append((name, steps))
            return sum(range(steps))  # a run that took no time would be made longer without end

        return SimpleNamespace(RUNNERS={"w1": lambda case: run})

    made = measure(CASE, {name: peer(name) for name in ("a", "b", "c")}, repeats=4, budget=1e-9)
    assert [name for name, _ in calls[-12:]] == [*"abc", *"bca", *"cab", *"abc"]
    assert {name: len(timing.seconds) for name, timing in made.timings.items()} == {"a": 4, "b": 4, "c": 4}
    assert calls[-1] == ("c", made.timings["c"].steps)
    assert made.timings["c"].steps >= CASE.steps
    assert made.timings["a"].steps % CASE.record_every == 0


def test_a_case_has_no_further_round_once_its_time_is_over():
    peer = SimpleNamespace(RUNNERS={"w1": lambda case: lambda steps: sum(range(steps))})
    made = measure(CASE, {"a": peer}, repeats=50, budget=1e-9, seconds=0.0)
    assert len(made.timings["a"].seconds) == LEAST_ROUNDS


def test_collections_between_timings_leave_out_what_was_there_before():
    aside = []

    def run(steps):
        aside.append((gc.get_freeze_count(), gc.isenabled()))

    measure(CASE, {"a": SimpleNamespace(RUNNERS={"w1": lambda case: run})}, repeats=1, budget=1e-9)
    assert {enabled for _, enabled in aside[-1:]} == {False}
    assert aside[-1][0] > 1000
    assert gc.get_freeze_count() == 0


def test_optdyn_and_c_take_the_same_steps():
    slow = {"w1": lambda case: lambda steps: sum(range(20_000 if steps == 1 else steps))}
    fast = {"w1": lambda case: lambda steps: sum(range(steps // 100))}
    made = measure(
        CASE, {"optdyn": SimpleNamespace(RUNNERS=slow), "c": SimpleNamespace(RUNNERS=fast)}, repeats=1, budget=1.0
    )
    assert made.timings["optdyn"].steps == made.timings["c"].steps > CASE.steps


def test_a_peer_that_breaks_is_left_out_with_its_reason():
    def broken(case):
        raise RuntimeError("no such luck\nand more")

    made = measure(CASE, {"numpy": SimpleNamespace(RUNNERS={"w1": broken})}, repeats=1, budget=1.0)
    assert made.left_out == {"numpy": "RuntimeError: no such luck"}
    assert not made.timings


def given(**changes):
    defaults = {
        "workloads": ["W1"],
        "peers": ["numpy"],
        "sections": ["times"],
        "repeats": 1,
        "quick": True,
        "clock": "wall",
    }
    return argparse.Namespace(**defaults | changes)


def test_the_command_reports_every_case(monkeypatch, capsys):
    monkeypatch.setattr(command, "measure", lambda case, *_, **__: replace(measurement(), case=case))
    report = command.run(given(), Console(width=200))
    assert [row["case"] for row in report["times"]] == ["single"] * 3 + ["sweep"] * 3
    assert report["machine"]["cores"] == workloads.cores()
    assert json.loads(json.dumps(report)) == report
    out = capsys.readouterr().out
    assert report["machine"]["processor"] in out
    assert "≤ 1 × C" in out


def test_a_missing_compiler_is_one_sentence(monkeypatch, capsys):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    monkeypatch.setattr(peers, "library", build.library.__wrapped__)
    assert list(command.available(["c", "numpy"], Console(width=200))) == ["numpy"]
    assert "there is no C compiler" in capsys.readouterr().out


def test_a_missing_peer_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setitem(peers.MODULES, "jax", "of_nobody")
    assert not command.available(["jax"], Console(width=200))
    assert "is not installed, so the column of jax is left out." in capsys.readouterr().out


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="there is no workload W9"):
        list(workloads.cases(["W9"]))
    with pytest.raises(ValueError, match="there is no peer fortran"):
        peers.load("fortran")


def test_quartiles_stand_beside_the_median():
    assert table.band(Spread(0.5, 1.0, 2.0)) == ("1.00", "0.500–2.00")
    assert table.band(None) == ("–", "")
