"""The commands as they are typed."""

import dataclasses
import json
import shlex
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray

import plots
import synthetic
import theory.claims
from dynamics import RSG, Trajectory, constant, methods, simulate
from plots.registry import entry
from theory.claims import Claim, Evidence, Hypothesis, Step, Verdict

Command = Callable[..., Any]


@pytest.mark.parametrize(
    "command", ["reproduce", "figure", "verify", "run", "warm", "lessons", "grade", "list", "info"]
)
def test_help_teaches_with_an_example(command: str, optdyn: Command) -> None:
    result = optdyn(command, "--help")
    assert result.exit_code == 0
    assert f"  optdyn {command}" in result.output.partition("Example")[2]


def test_run_ends_where_simulate_ends(optdyn: Command, folder: Path) -> None:
    result = optdyn(
        "run", "Quadratic", "RSG", "--steps", 40, "--seed", 3,
        "--set", "step_size=0.2", "--set", "beta=0.8", "--set", "noise=0.1", "--set", "eigenvalues=[1, 0.5, 0.1]",
        "--out", "runs/one.npz",
    )  # fmt: skip
    assert result.exit_code == 0
    problem = synthetic.quadratic(eigenvalues=[1, 0.5, 0.1], noise=0.1, rng=3)
    expected = simulate(RSG(constant(0.2), beta=0.8), problem, steps=40, rng=3)
    assert np.array_equal(Trajectory.load(folder / "runs" / "one.npz").x, expected.x)
    assert f"{expected.loss[-1]:.6g}" in result.output
    assert "MAX_ITERATIONS at iterate 40" in result.output
    assert "since none was given" not in result.output


def test_run_takes_half_the_inverse_lipschitz_constant_and_says_so(optdyn: Command, folder: Path) -> None:
    result = optdyn("run", "quadratic", "rsg", "--steps", 5, "--set", "eigenvalues=[0.5, 8]", "--out", "run.npz")
    assert "0.0625 (0.5/L with L = 8, since none was given)" in result.output
    assert Trajectory.load(folder / "run.npz").method.step_size == 0.0625


def test_run_takes_a_hundredth_where_no_lipschitz_constant_is_known(
    optdyn: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "info", lambda problem: synthetic.Information())
    result = optdyn("run", "quadratic", "rsg", "--steps", 5, "--out", "run.npz")
    assert "0.01 (no Lipschitz constant is known" in result.output
    assert Trajectory.load(folder / "run.npz").method.step_size == 0.01


def test_a_resumed_run_ends_with_the_same_bytes(optdyn: Command, folder: Path) -> None:
    noisy = ("run", "quadratic", "rsg", "--set", "noise=0.1")
    optdyn(*noisy, "--steps", 30, "--out", "whole.npz")
    optdyn(*noisy, "--steps", 10, "--out", "part.npz")
    result = optdyn("run", "quadratic", "rsg", "--steps", 20, "--resume", "part.npz", "--out", "part.npz")
    assert result.exit_code == 0
    whole, resumed = Trajectory.load(folder / "whole.npz"), Trajectory.load(folder / "part.npz")
    assert whole.x.tobytes() == resumed.x.tobytes()
    assert whole.loss.tobytes() == resumed.loss.tobytes()


def test_run_writes_tables_and_pictures(optdyn: Command, folder: Path) -> None:
    run = ("run", "quadratic", "rsg", "--steps", 5)
    assert optdyn(*run, "--out", "run.nc", "--plot", "loss.svg").exit_code == 0
    assert optdyn(*run, "--out", "run.csv", "--plot", "loss.png").exit_code == 0
    with xarray.open_dataset(folder / "run.nc", engine="scipy") as dataset:
        assert dataset["iteration"].values.tolist() == [0, 1, 2, 3, 4, 5]
    assert len((folder / "run.csv").read_text().splitlines()) == 7
    assert (folder / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(folder / "loss.svg").getroot().tag.endswith("svg")


def test_every_method_and_problem_is_listed_with_its_parameters(optdyn: Command) -> None:
    listed = optdyn("list", "methods").output
    for name, kind in methods().items():
        assert f" {name} " in listed
        assert kind._fields[-1] in listed
    listed = optdyn("list", "problems").output
    for name in synthetic.problems():
        assert f" {name} " in listed
    assert "batch_size=50" in listed


def test_every_figure_and_claim_is_listed(optdyn: Command) -> None:
    for command in (("list", "figures"), ("figure", "--list")):
        listed = optdyn(*command).output
        assert all(f" {id} " in listed for id in plots.figures())
    recorded = theory.claims.recorded_verdicts()
    for command in (("list", "claims"), ("verify", "--list")):
        lines = optdyn(*command).output.splitlines()
        for claim in theory.claims.claims():
            assert any(line.split()[:2] == [claim.id, str(recorded.get(claim.id))] for line in lines), claim.id


def test_a_pattern_shortens_the_list(optdyn: Command) -> None:
    listed = optdyn("verify", "--list", "l4").output
    assert "l4.angle" in listed
    assert "arsg" not in listed


def test_info_says_what_a_report_of_a_fault_needs(optdyn: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    said = optdyn("info").output
    for word in ("python", "numba", "processor", "cores", "compiled kernels", "optdyn", "OMP_NUM_THREADS"):
        assert word in said
    assert np.__version__ in said


def test_figure_writes_what_was_asked_for(optdyn: Command, folder: Path) -> None:
    result = optdyn(
        "figure", "arsg.1", "--format", "svg,png", "--set", "beta=0.9", "--set", "mu=[0, 0.1]", "--out", "made"
    )
    assert result.exit_code == 0
    assert {path.name for path in (folder / "made").iterdir()} == {
        f"arsg.1.{ending}" for ending in ("svg", "png", "nc", "csv", "json")
    }
    sidecar = json.loads((folder / "made" / "arsg.1.json").read_text())
    assert sidecar["parameters"]["beta"] == 0.9
    assert sidecar["parameters"]["mu"] == [0.0, 0.1]


def test_quick_parameters_give_way_to_settings(optdyn: Command, folder: Path) -> None:
    quick = entry("trust_region.6").quick
    assert quick["simulations"] != 6
    small = ("--set", "dimensions=[2, 5, 8]", "--set", "samples=[1, 5, 10]")
    result = optdyn("figure", "trust_region.6", "--quick", "--set", "simulations=6", *small)
    assert result.exit_code == 0
    sidecar = json.loads((folder / "figures" / "trust_region.6.json").read_text())
    assert sidecar["parameters"]["simulations"] == 6
    assert sidecar["parameters"]["trials"] == quick["trials"]


def test_the_command_in_a_sidecar_makes_the_figure_again(optdyn: Command, folder: Path) -> None:
    optdyn("figure", "arsg.1", "--set", "points=11", "--out", "one")
    first = json.loads((folder / "one" / "arsg.1.json").read_text())
    words = shlex.split(first["command"])
    assert words[0] == "optdyn"
    assert optdyn(*words[1:], "--out", "two").exit_code == 0
    again = json.loads((folder / "two" / "arsg.1.json").read_text())
    assert again["data_hash"] == first["data_hash"]


def test_figures_are_made_side_by_side_and_taken_up_again(optdyn: Command, folder: Path) -> None:
    command = ("figure", "sigma_nice.5", "arsg.1", "--format", "svg", "--data", "nc", "--jobs", 2, "--out", "made")
    assert optdyn(*command).exit_code == 0
    first = {path.name: path.read_bytes() for path in (folder / "made").iterdir()}
    assert set(first) == {f"{id}.{ending}" for id in ("arsg.1", "sigma_nice.5") for ending in ("svg", "nc", "json")}
    again = optdyn(*command)
    assert again.output.count("files reused") == 2
    assert {path.name: path.read_bytes() for path in (folder / "made").iterdir()} == first


def test_a_figure_that_breaks_does_not_stop_the_others(optdyn: Command, folder: Path) -> None:
    (folder / "figures" / "arsg.1.svg").mkdir(parents=True)
    result = optdyn("figure", "sigma_nice.5", "arsg.1", "--format", "svg", "--jobs", 1)
    assert result.exit_code == 1
    assert "1 of 2 figures failed: arsg.1" in result.output
    assert "arsg.1.svg is a folder there" in result.output
    assert (folder / "figures" / "sigma_nice.5.svg").is_file()


def test_interrupted_figures_are_taken_up_where_they_stopped(
    optdyn: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_and_then_ctrl_c(function: Any, tasks: Any, *, started: Any, **_: Any) -> Any:
        started(0)
        yield 0, function(tasks[0])
        raise KeyboardInterrupt

    command = ("figure", "arsg.1", "sigma_nice.5", "--format", "svg", "--jobs", 1)
    with monkeypatch.context() as patch:
        patch.setattr("optdyn.progress.work_off", one_and_then_ctrl_c)
        result = optdyn(*command)
    assert result.exit_code == 130
    assert "the same command goes on" in result.output
    assert (folder / "figures" / "arsg.1.json").is_file()
    assert not (folder / "figures" / "sigma_nice.5.json").exists()
    assert optdyn(*command).output.count("files reused") == 1


def test_figure_verify_says_equal_or_where_not(optdyn: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    optdyn("figure", "arsg.1", "--set", "points=5", "--format", "png")
    result = optdyn("figure", "--verify", "figures/arsg.1.png")
    assert (result.exit_code, result.output) == (0, "equal: figure arsg.1, computed again\n")
    compute = plots.compute
    monkeypatch.setattr("plots.compute", lambda id, **given: compute(id, **{**given, "points": 7}))
    result = optdyn("figure", "--verify", "figures/arsg.1.png")
    assert result.exit_code == 1
    assert result.output.startswith("differs: figure arsg.1")
    assert "gain_factor: " in result.output


def _claim(id: str, decide: Callable[..., Evidence]) -> Claim:
    return Claim(
        id=id, paper="Nobody", number="(1)", title="A claim", statement_latex="1", statement_words="One.", decide=decide
    )


def _supported(level: str, rng: np.random.Generator) -> Evidence:
    return Evidence(verdict=Verdict.SUPPORTED, trials=int(rng.integers(1, 10**9)), text=f"at level {level}")


def _crash(level: str, rng: np.random.Generator) -> Evidence:
    raise RuntimeError("no [ink] left")


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put claims in place of the ledger's, checked in this process; the verdicts on file stay."""

    def in_this_process(function: Any, tasks: Any, *, started: Any, **_: Any) -> Any:
        for index, task in enumerate(tasks):
            started(index)
            yield index, function(task)

    monkeypatch.setattr("optdyn.progress.work_off", in_this_process)

    def put(*made: Claim) -> None:
        entries = {claim.id: claim for claim in made}
        monkeypatch.setattr(theory.claims, "claims", lambda: tuple(made))
        monkeypatch.setattr(theory.claims, "claim", entries.__getitem__)

    return put


def test_verify_prints_verdicts_and_writes_them(optdyn: Command, folder: Path) -> None:
    result = optdyn("verify", "problems", "--json", "made/found.json", "--junit", "found.xml", "--explain")
    assert result.exit_code == 0  # a refuted claim is a finding
    found = json.loads((folder / "made" / "found.json").read_text())
    verdicts = {finding["id"]: finding["verdict"] for finding in found["findings"]}
    assert verdicts["problems.condition_number"] == "refuted"
    for id, verdict in verdicts.items():
        shown = (verdict, f"{verdict},")  # the latter goes on "with 2 argued steps"
        assert any(line.split()[:1] == [id] and line.split()[1] in shown for line in result.output.splitlines())
    assert found["level"] == "quick"
    assert found["source_hash"].startswith("sha256:")
    assert 'counterexample {"A": "numpy' in " ".join(result.output.split())
    suite = ElementTree.parse(folder / "found.xml").getroot()
    assert suite.attrib["tests"] == str(len(verdicts))
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "0")


def test_verify_hands_level_and_seed_on(optdyn: Command, folder: Path, ledger: Callable[..., None]) -> None:
    ledger(_claim("new.one", _supported))

    def evidence(*options: Any) -> dict[str, Any]:
        assert optdyn("verify", *options, "--json", "found.json").exit_code == 0
        (finding,) = json.loads((folder / "found.json").read_text())["findings"]
        return finding["evidence"]

    assert evidence("--level", "full")["text"] == "at level full"
    first = evidence("--seed", 1)
    assert first["text"] == "at level quick"
    assert first["trials"] == int(np.random.default_rng(1).integers(1, 10**9))
    assert evidence("--seed", 2)["trials"] != first["trials"]


def test_a_crash_is_exit_status_1_and_stops_no_other_check(
    optdyn: Command, folder: Path, ledger: Callable[..., None]
) -> None:
    ledger(_claim("new.one", _crash), _claim("new.two", _supported))
    result = optdyn("verify", "--junit", "found.xml")
    assert result.exit_code == 1
    assert "RuntimeError: no [ink] left" in result.output
    assert any(line.split()[:2] == ["new.two", "supported"] for line in result.output.splitlines())
    suite = ElementTree.parse(folder / "found.xml").getroot()
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "1")


def test_a_contradiction_is_exit_status_1(optdyn: Command, folder: Path, ledger: Callable[..., None]) -> None:
    assert theory.claims.recorded_verdicts()["problems.condition_number"] == "refuted"
    ledger(_claim("problems.condition_number", _supported))
    result = optdyn("verify", "--junit", "found.xml")
    assert result.exit_code == 1
    assert "supported !" in result.output
    assert "problems.condition_number: supported contradicts the verdict on file, refuted" in result.output
    suite = ElementTree.parse(folder / "found.xml").getroot()
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("1", "0")


def test_a_weaker_verdict_than_the_one_on_file_is_exit_status_1(optdyn: Command, ledger: Callable[..., None]) -> None:
    ledger(_claim("problems.condition_number", lambda *_: Evidence(verdict=Verdict.UNDECIDED, text="Not told.")))
    result = optdyn("verify")
    assert result.exit_code == 1
    assert "undecided contradicts the verdict on file, refuted" in result.output


def test_the_whole_story_is_told_on_the_terminal_and_in_both_files(
    optdyn: Command, folder: Path, ledger: Callable[..., None]
) -> None:
    def decide(level: str, rng: np.random.Generator) -> Evidence:
        return Evidence(
            verdict=Verdict.CONDITIONAL, margin=-0.125, tightness=1.5, trials=77, void_trials=5, error_level=0.01,
            counterexample={"gamma": "7/9"}, hypothesis="gamma < 1/2", data={"share of [all]": [0.25, 3]},
            text="It fails at gamma = 7/9.",
        )  # fmt: skip

    short = Hypothesis("gamma > 0", lambda *, gamma, **_: gamma > 0)
    ledger(dataclasses.replace(_claim("new.one", decide), hypotheses=(short,), statement_latex=r"\gamma\le1"))
    result = optdyn("verify", "--explain", "--seed", 3, "--json", "found.json", "--junit", "found.xml")
    told = {
        "paper": "Nobody", "number": "(1)", "statement": "One.", "formula": r"\gamma\le1", "hypotheses": "γ > 0",
        "verdict": "conditional", "on file": "none yet", "found": "It fails at γ = 7/9.", "margin": "-0.125",
        "tightness": "1.5", "trials": "77", "void trials": "5", "error level": "0.01",
        "extra hypothesis": "γ < 1/2", "counterexample": '{"γ": "7/9"}', "data: share of [all]": "[0.25, 3]",
        "again": "optdyn verify new.one --level quick --seed 3 --explain",
    }  # fmt: skip
    lines = result.output.splitlines()
    for label, value in told.items():
        if label in ("statement", "found"):
            assert value in lines
        else:
            assert any(line.startswith(label) and line.strip().endswith(value) for line in lines), label
    case = ElementTree.parse(folder / "found.xml").getroot()[0]
    properties = {entry.attrib["name"]: entry.attrib["value"] for entry in case.iter("property")}
    assert properties.items() >= told.items()
    assert float(properties["seconds"]) >= 0
    assert "extra hypothesis: γ < 1/2" in (case.findtext("system-out") or "")
    (finding,) = json.loads((folder / "found.json").read_text())["findings"]
    assert finding["about"]["hypotheses"] == ["γ > 0"]
    assert finding["about"]["statement_words"] == "One."
    assert finding["command"] == told["again"]
    assert finding["evidence"]["data"] == {"share of [all]": [0.25, 3]}


def test_argued_steps_of_a_proof_are_counted_and_told(
    optdyn: Command, folder: Path, ledger: Callable[..., None]
) -> None:
    def decide(level: str, rng: np.random.Generator) -> Evidence:
        steps = (Step("machine", "both sides agree"), *(Step("argument", text) for text in ("by induction", "a limit")))
        return Evidence(verdict=Verdict.PROVED, text="It holds.", steps=steps)

    ledger(_claim("new.one", decide))
    lines = [line.strip() for line in optdyn("verify", "--explain", "--json", "found.json").output.splitlines()]
    assert any(line.startswith("new.one") and line.endswith("proved, with") for line in lines)
    assert "2 argued steps" in lines
    assert any(line.startswith("verdict") and line.endswith("proved, with 2 argued steps") for line in lines)
    assert any(line.startswith("argued steps") and line.endswith("by induction; a limit") for line in lines)
    (finding,) = json.loads((folder / "found.json").read_text())["findings"]
    assert finding["verdict"] == "proved"
    assert [step["kind"] for step in finding["evidence"]["steps"]] == ["machine", "argument", "argument"]


def test_ctrl_c_leaves_the_verdicts_found_so_far(optdyn: Command, folder: Path, ledger: Callable[..., None]) -> None:
    def interrupt(level: str, rng: np.random.Generator) -> Evidence:
        raise KeyboardInterrupt

    ledger(_claim("new.one", _supported), _claim("new.two", interrupt))
    result = optdyn("verify", "--json", "found.json")
    assert result.exit_code == 130
    assert any(line.split()[:2] == ["new.one", "supported"] for line in result.output.splitlines())
    assert "Interrupted after 1 of 2 claims" in result.output
    found = json.loads((folder / "found.json").read_text())
    assert not found["complete"]
    assert [finding["id"] for finding in found["findings"]] == ["new.one"]


def test_reproduce_tells_failure_by_its_exit_status(
    optdyn: Command, folder: Path, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = (fake.figure("one"), fake.claim("two", fake.crash))
    monkeypatch.setattr("optdyn.parts.every_part", lambda patterns, quick: parts)
    result = optdyn("reproduce", "--jobs", 2, "--out", "report")
    assert result.exit_code == 1
    assert "1 of 2 parts failed: two" in result.output
    assert "the pencil" in (folder / "report" / "index.html").read_text()
    monkeypatch.setattr("optdyn.parts.every_part", lambda patterns, quick: parts[:1])
    result = optdyn("reproduce", "--out", "report")
    assert result.exit_code == 0
    assert "1 of 1 parts are finished already and reused" in result.output
    assert (folder / "report" / "index.html").as_uri() in result.output
