"""Claims for other ledgers: the file keeps to its schema, and two files are compared claim by claim."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest

from optdyn import exchange
from optdyn.findings import Finding, crashed, examine
from optdyn.refusals import BadInput
from theory.claims import claim

SCHEMA = json.loads((Path(exchange.__file__).parent / "claims.schema.json").read_text())
RELEASES = Path(__file__).parents[2] / "releases"
CHECKED = ("problems.carmon_curvature", "arsg.eigen_dynamics", "arsg.fast_form_varying")


@pytest.fixture(scope="module")
def content():
    findings = [examine(claim(each), level="quick", seed=0) for each in CHECKED]
    findings.append(crashed(claim("l4.angle"), "boom", level="quick", seed=0))
    return json.loads(exchange.claims_to_json(findings, level="quick", seed=0))


def test_the_file_keeps_to_the_schema(content):
    jsonschema.validate(content, SCHEMA)
    verdicts = [each["verdict"] for each in content["claims"]]
    assert verdicts == ["proved", "refuted", "conditional", "crashed"]
    proved, slip, conditional, _ = content["claims"]
    assert "machine" in {step["kind"] for step in proved["steps"]}
    assert proved["hypotheses"] == ["t is real"]
    assert slip["origin"] == "slip"
    assert slip["counterexample"]["(9) minus (3)"]
    assert (conditional["positive_half"], conditional["added_hypothesis"]) == ("proved", "βₜ does not depend on t")
    assert proved["command"] == "optdyn verify problems.carmon_curvature --level quick --explain"


def test_symbols_picture_and_figures_are_told(content):
    proved, _, conditional, _ = content["claims"]
    assert proved["symbols"] == {"φ": "scalar loss", "t": "residual, or time"}
    assert (proved["picture"], proved["figures"]) == ("pictures/problems.carmon_curvature.svg", [])
    assert conditional["picture"] is None
    shown = examine(claim("step_tuned.concave_step"), level="quick", seed=0)
    (told,) = json.loads(exchange.claims_to_json([shown], level="quick", seed=0))["claims"]
    assert told["figures"] == ["step_tuned.1"]
    statement = {name: told[name] for name in ("statement_latex", "statement_words", "hypotheses")}
    assert told["hashes"]["statement"] == exchange.digest(statement), "older files say the same of the same statement"


def test_the_verdicts_of_a_release_are_compared_at_the_level_of_the_other_file(content, tmp_path, optdyn):
    release = RELEASES / "verdicts-0.2.0.json"
    read = exchange.read_claims(release)
    recorded = json.loads(release.read_text())
    assert len(read["claims"]) == len(recorded["full"]) >= 200
    quick = exchange.at_level(read, "quick")
    verdicts = {each["id"]: each["verdict"] for each in quick["claims"]}
    assert verdicts == recorded["quick"] != recorded["full"]
    found = {change.id: change for change in exchange.changes(quick, content)}
    assert "problems.carmon_curvature" not in found, "a release has no hashes that could differ"
    assert (found["l4.angle"].what, found["arsg.boost"].what) == ("verdict", "gone")
    file = tmp_path / "new.json"
    file.write_text(json.dumps(content))
    result = optdyn("verdicts", "diff", release, file)
    assert result.exit_code == 1
    assert "1 of 4 claims have another verdict" in result.output
    assert "Note" not in result.output
    assert "No difference" in optdyn("verdicts", "diff", release, release).output


def test_files_without_what_was_added_since_keep_to_the_schema(content):
    earlier = copy.deepcopy(content)
    for each in earlier["claims"]:
        del each["symbols"], each["picture"], each["figures"]
    jsonschema.validate(earlier, SCHEMA)
    assert exchange.changes(earlier, content) == []


@pytest.mark.parametrize("broken", ["verdict", "hashes", "steps", "origin"])
def test_the_schema_refuses_what_is_none(content, broken):
    other = copy.deepcopy(content)
    other["claims"][0][broken] = "no such thing"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(other, SCHEMA)


def test_the_hash_is_of_the_sentence_that_is_shown():
    about = {"statement_latex": "a", "statement_words": "A.", "hypotheses": ["h"]}
    finding = Finding("x.y", "proved", None, False, {"text": "t"}, 0.0, about=about)
    one = exchange._claim(finding)["hashes"]["statement"]
    for change in ({"statement_words": "B."}, {"hypotheses": []}, {"statement_latex": "b"}):
        assert exchange._claim(finding._replace(about=about | change))["hashes"]["statement"] != one
    assert exchange._claim(finding._replace(seconds=5.0))["hashes"]["statement"] == one


def test_what_differs_is_named(content, tmp_path, optdyn):
    other = copy.deepcopy(content)
    other["claims"][0]["verdict"] = "refuted"
    other["claims"][1]["hashes"]["statement"] = "sha256:" + "0" * 64
    other["claims"][2]["id"] = "arsg.another"
    found = {change.id: change.what for change in exchange.changes(content, other)}
    assert found == {
        CHECKED[0]: "verdict",
        CHECKED[1]: "statement",
        CHECKED[2]: "gone",
        "arsg.another": "new",
    }
    assert exchange.changes(content, content) == []
    for name, each in (("old", content), ("new", other)):
        (tmp_path / f"{name}.json").write_text(json.dumps(each))
    differs = optdyn("verdicts", "diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"))
    assert differs.exit_code == 1
    assert "1 of 4 claims have another verdict" in differs.output
    same = optdyn("verdicts", "diff", str(tmp_path / "old.json"), str(tmp_path / "old.json"))
    assert (same.exit_code, same.output.strip()) == (0, "No difference in 4 claims.")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "optdyn-claims-1", "claims": [{}]}', "[" * 100_000])
def test_another_file_is_refused(tmp_path, optdyn, text):
    file = tmp_path / "claims.json"
    file.write_text(text)
    with pytest.raises(BadInput, match="--claims-json"):
        exchange.read_claims(file)
    assert optdyn("verdicts", "diff", str(file), str(file)).exit_code == 2
    assert optdyn("verdicts", "diff", str(tmp_path / "none.json"), str(file)).exit_code == 2


def test_verify_writes_them(tmp_path, optdyn):
    file = tmp_path / "claims.json"
    assert optdyn("verify", "problems.carmon_curvature", "--jobs", "1", "--claims-json", str(file)).exit_code == 0
    jsonschema.validate(json.loads(file.read_text()), SCHEMA)
    both = optdyn("verify", "problems.carmon_curvature", "--json", str(file), "--claims-json", str(file))
    assert both.exit_code == 2
    assert "--json and --claims-json both name" in both.output


def test_what_is_ours_is_counted_apart():
    from optdyn.story import tally

    findings = [examine(claim(each), level="quick", seed=0) for each in CHECKED]
    told = tally(findings).replace(" (with no false variant to refuse)", "")
    assert told == "The papers' statements: 1 proved, 1 conditional. Slips of the pen: 1 refuted."


def test_what_nothing_can_break_is_counted_apart_and_named():
    from optdyn.story import tally

    found = examine(claim(CHECKED[0]), level="quick", seed=0)
    reason = {**found.evidence, "unbroken": "It is a definition."}
    bare = found._replace(evidence=reason)
    assert tally([found, bare]) == "The papers' statements: 1 proved, 1 proved (with no false variant to refuse)."
    written = json.loads(exchange.claims_to_json([found, bare], level="quick", seed=0))
    jsonschema.validate(written, SCHEMA)
    assert [each["unbroken"] for each in written["claims"]] == [None, "It is a definition."]
    assert written["claims"][0]["hashes"] == written["claims"][1]["hashes"]
