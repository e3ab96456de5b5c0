"""Every option of every command, with anything behind it: it ends in a status, never in a traceback.

Work that takes long is left out: figures are checked and not computed, claims are not checked, and where kernels would
have to be compiled a run ends before its first step.
"""

import os
from pathlib import Path

import numba
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from dynamics import methods
from dynamics.runs.setup import begun
from optdyn.cli import app
from optdyn.figures import Made
from optdyn.settings import parameters_of
from plots.parameters import check_parameters
from plots.registry import FIGURES, module
from synthetic import problems
from theory.claims import claims

CALM = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
STATUSES = {0, 1, 2, 130}  # 70 is a fault of optdyn's own

WORDS = ["", " ", "-", "--", "x", "0", "1", "3", "-1", "2.5", "1e3", "nan", "inf", "-inf", "1j", "null", "None", "true"]
WORDS += ["[]", "[1]", "[1, 2]", "[[1]]", "[[1, 2], [3]]", "[null]", "['a']", "{}", "{'a': 1}", "()", "(1, 2)", "1e308"]
WORDS += ["-1e308", "5e-324", "1000000000000", str(2**62), str(2**63), "1" * 400, "é", "a" * 300, "[/x]", "../x", "."]
WORDS += ["/proc/x", "nowhere/x.npz", "taken", "taken/x.png", "run.npz", "run.csv", "loss.png", "x.json", "x.gif"]
# Counts that are taken at their word take long: none lies between a few and what no machine does.
STARTS = ["1,2", "0", "x", "", "1e999,nan", "[1, 2]", ","]
COUNTS = [word for word in WORDS if word not in ("1e3",)]


AXES = ["0.1,0.2", "geom:0.1:1:3", "lin:1:3:3", "geom:0:1:2", "1,1", "0.5:1,2", "x,y", "[[1], [2]]", *WORDS[:20]]


def names(kind):
    found = {"problem": problems(), "method": methods(), "figure": FIGURES, "claim": [entry.id for entry in claims()]}
    few = [name for name in found[kind] if "digits" not in name]
    return st.one_of(st.sampled_from(few), st.sampled_from(WORDS))


def option(name, values=None):
    """An option with some value, or left out."""
    return st.one_of(st.just([]), st.sampled_from(values or WORDS).map(lambda value: [name, value]))


def keys(makers):
    return sorted({key for maker in makers for key in parameters_of(maker)} | {"nonsense", "method.beta", "problem."})


def setting(of):
    return st.tuples(st.sampled_from(keys(of)), st.sampled_from(WORDS)).map(lambda pair: ["--set", "=".join(pair)])


def command(name, *parts):
    return st.tuples(*parts).map(lambda lists: [name, *(word for words in lists for word in words)])


def some(part, most=2):
    return st.lists(part, max_size=most).map(lambda lists: [word for words in lists for word in words])


def commands():
    makers = [*problems().values(), *methods().values()]
    computed = [module(id).compute for id in FIGURES]
    paths = [option(name) for name in ("--out", "--plot", "--resume")]
    a_run = command(
        "run",
        names("problem").map(lambda word: [word]),
        names("method").map(lambda word: [word]),
        some(setting(makers), 3),
        option("--steps", ["0", "1", "4", "-1", "nan", "x", str(10**15), str(2**63)]),
        option("--record-every", ["0", "1", "-3", "x", str(2**63)]),
        option("--x0", STARTS),
        option("--seed", COUNTS),
        *paths,
    )
    a_figure = command(
        "figure",
        some(names("figure").map(lambda word: [word])),
        some(setting(computed)),
        *(option(name) for name in ("--out", "--format", "--data", "--size", "--jobs", "--verify")),
        *(st.sampled_from([[], [flag]]) for flag in ("--all", "--list", "--quick")),
    )
    a_check = command(
        "verify",
        some(names("claim").map(lambda word: [word])),
        *(option(name) for name in ("--level", "--seed", "--jobs", "--json", "--junit")),
        *(st.sampled_from([[], [flag]]) for flag in ("--list", "--explain")),
    )
    a_report = command(
        "reproduce", option("--out"), option("--jobs"), st.sampled_from([[], ["--quick"], ["--nonsense"]])
    )
    axis = st.tuples(st.sampled_from(keys(makers)), st.sampled_from(AXES)).map(lambda pair: ["--over", "=".join(pair)])
    a_sweep = command(
        "sweep",
        names("problem").map(lambda word: [word]),
        names("method").map(lambda word: [word]),
        some(axis, 3),
        some(setting(makers), 2),
        option("--steps", ["0", "1", "2", "-1", "nan", "x", str(2**63)]),
        option("--record-every", ["0", "1", "-3", "x", str(2**63)]),
        option("--x0", STARTS),
        option("--seeds", ["0", "2", "-1", "x", "1,1", "3,4", "1.5", str(2**200)]),
        option("--noise", ["own", "common", "x"]),
        option("--keep", ["all", "last", "x", "below=1", "iteration=0,1", "quantiles=0.5", "quantiles=2", "values="]),
        *(option(name) for name in ("--out", "--plot", "--work")),
        option("--dask", ["x", ""]),
        option("--processes", ["0", "-1", "x"]),
        option("--threads", ["0", "1", "-1", "x"]),
        *(st.sampled_from([[], [], [flag]]) for flag in ("--status", "--mend")),
    )
    a_list = command("list", some(st.sampled_from(["methods", "figures", *WORDS]).map(lambda word: [word])))
    return st.one_of(a_run, a_run, a_figure, a_check, a_report, a_list, a_sweep, a_sweep)


def checked_only(order):
    check_parameters(order.id, module(order.id).compute, order.parameters)
    return Made()


def begun_only(method, problem, *, steps, x0, rng, record_every, resume, progress):
    if resume is None:
        begun(method, problem, x0=x0, rng=rng, record_every=record_every, record_iterates=False, stop=None)
    raise typer.Exit(0)


@pytest.fixture(autouse=True)
def light(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dynamics.checks._memory", lambda: 1e8)
    monkeypatch.setattr("optdyn.figures.make", checked_only)
    monkeypatch.setattr("optdyn.commands.figure._make_side_by_side", lambda *_: None)
    monkeypatch.setattr("optdyn.verification.verify_claims", lambda *_, **__: ([], False))
    monkeypatch.setattr("optdyn.reproduction.reproduce", lambda *_, **__: ({}, True))
    monkeypatch.setattr("optdyn.reproduction.summary", lambda *_: "nothing")
    monkeypatch.setattr("optdyn.report.write_report", lambda *_, **__: tmp_path / "index.html")
    if not numba.config.DISABLE_JIT:
        monkeypatch.setattr("optdyn.runs.simulate", begun_only)
        monkeypatch.setattr("dynamics.sweeps.blocks.run_all", lambda *_, **__: None)


def ends_in_a_status(words):
    Path("taken").write_text("a file")
    result = CliRunner().invoke(app, words, prog_name="optdyn")
    told = f"optdyn {' '.join(map(repr, words))} ends in {result.exit_code}:\n{result.output[-2000:]}"
    assert result.exit_code in STATUSES, told
    assert "Traceback" not in result.output, told
    assert not [name for name in os.listdir() if name.endswith(".partial")]


@settings(max_examples=80, derandomize=True, **CALM)
@given(words=commands())
def test_a_command_ends_in_a_status(words):
    ends_in_a_status(words)


@pytest.mark.slow
@settings(max_examples=6_000, **CALM)
@given(words=commands())
def test_many_commands(words):
    ends_in_a_status(words)
