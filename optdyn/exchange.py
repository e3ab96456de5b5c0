"""Claims in a form that other ledgers can read, and what differs between two of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from optdyn.findings import Finding
from optdyn.refusals import BadInput, reading

__all__ = ["FORMAT", "Change", "at_level", "changes", "claims_to_json", "read_claims"]

FORMAT = "optdyn-claims-1"


def claims_to_json(findings: Sequence[Finding], *, level: str, seed: int, complete: bool = True) -> bytes:
    """The claims as `claims.schema.json` describes them: statement, symbols, verdict, steps, picture, command …

    Parameters
    ----------
    findings : sequence of Finding
    level, seed
        Of the checks.
    complete : bool
        Whether they are all that were asked for.
    """
    from optdyn.provenance import source_hash, versions

    content = {
        "format": FORMAT,
        "level": level,
        "seed": seed,
        "complete": complete,
        "source_hash": source_hash(),
        "versions": versions(),
        "claims": [_claim(finding) for finding in findings],
    }
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _claim(finding: Finding) -> dict[str, Any]:
    about, evidence = finding.about, finding.evidence
    statement = {name: about.get(name, "") for name in ("statement_latex", "statement_words")}
    statement["hypotheses"] = list(about.get("hypotheses", ()))
    result = {
        "verdict": finding.verdict,
        "positive_half": evidence.get("positive_half"),
        "added_hypothesis": evidence.get("hypothesis"),
        "steps": evidence.get("steps", []),
        "counterexample": evidence.get("counterexample"),
        "trials": evidence.get("trials", 0),
        "error_level": evidence.get("error_level"),
        "power": evidence.get("power"),
        "found": evidence.get("text", ""),
    }
    source = {name: about.get(name, "") for name in ("title", "paper", "number", "quote")}
    source["origin"] = about.get("origin", "paper")
    hashes = {"statement": digest(statement), "result": digest(result)}
    seen = {
        "unbroken": evidence.get("unbroken"),  # not of the result: it hangs on what else is stated
        "symbols": dict(about.get("symbols", {})),
        "picture": _picture(finding),
        "figures": list(about.get("figures", ())),
    }
    return {"id": finding.id, **source, **statement, **result, **seen, "command": finding.command, "hashes": hashes}


def _picture(finding: Finding) -> str | None:
    """Where a claim's picture lies in the folder that `optdyn reproduce` writes."""
    from optdyn.parts import picture_file
    from plots.claims import pictures

    return picture_file(finding.id) if finding.about.get("brings_picture") or finding.id in pictures() else None


def digest(content: Any) -> str:
    """SHA-256 of a value of JSON's types, written in one way: keys sorted, no spaces.

    Examples
    --------
    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def read_claims(path: Path) -> dict[str, Any]:
    """Read a file that `optdyn verify --claims-json` wrote, or the verdicts of a release, at each level.

    Raises
    ------
    BadInput
        If there is no such file, or it is another kind of file.
    """
    with reading(path):
        text = path.read_bytes()
    try:
        content = _as_claims(json.loads(text))
        claims = content["claims"]
        known = content["format"] == FORMAT and all(isinstance(each["id"] + each["verdict"], str) for each in claims)
    except (ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise BadInput(f"{path}: no claims of the format {FORMAT}; write such a file by optdyn verify --claims-json.")
    return dict(content)


def _as_claims(content: Any) -> Any:
    """The verdicts of a release, which are a mapping for each level, in the form of claims: those of the full level."""
    if not isinstance(content, dict) or "full" not in content:
        return content
    levels = {
        level: {"level": level, "claims": [{"id": id, "verdict": verdict} for id, verdict in verdicts.items()]}
        for level, verdicts in content.items()
    }
    return {"format": FORMAT, **levels["full"], "levels": levels}


def at_level(content: Mapping[str, Any], level: str) -> Mapping[str, Any]:
    """Return the claims of a level, where a file has several.

    Examples
    --------
    >>> at_level({"level": "full", "claims": []}, "quick")["level"]
    'full'
    """
    found: Mapping[str, Any] = content.get("levels", {}).get(level, content)
    return found


class Change(NamedTuple):
    """What became of a claim from one file to the other."""

    id: str
    old: str  # the verdict, or "" where there is no such claim
    new: str
    what: str

    @property
    def is_verdict(self) -> bool:
        """Whether two verdicts stand against each other."""
        return bool(self.old and self.new and self.old != self.new)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Compare two files claim by claim; those that say the same are left out.

    Examples
    --------
    >>> claim = {"id": "a.b", "verdict": "proved", "hashes": {"statement": "1", "result": "2"}}
    >>> changes({"claims": [claim]}, {"claims": [{**claim, "verdict": "refuted"}]})
    [Change(id='a.b', old='proved', new='refuted', what='verdict')]
    """
    before, after = ({each["id"]: each for each in content["claims"]} for content in (old, new))
    found = []
    for id in [*before, *(id for id in after if id not in before)]:
        one, other = before.get(id), after.get(id)
        if one is None or other is None:
            what = "new" if one is None else "gone"
        else:
            hashes = {name: (_hash(one, name), _hash(other, name)) for name in ("statement", "result")}
            names = [name for name, pair in hashes.items() if None not in pair and pair[0] != pair[1]]
            differs = one["verdict"] != other["verdict"]
            told = ["verdict"] * differs + ["statement"] * ("statement" in names)
            what = " and ".join(told or ["evidence"] * ("result" in names))
        if what:
            found.append(Change(id, one["verdict"] if one else "", other["verdict"] if other else "", what))
    return found


def _hash(claim: Mapping[str, Any], name: str) -> Any:
    hashes = claim.get("hashes")
    return hashes.get(name) if isinstance(hashes, Mapping) else None
