"""The verdicts of releases: each one that changed from a release to the next has its line in the changelog."""

import json
import re
from itertools import pairwise
from pathlib import Path

from dynamics.papers import version
from releases.record import changed
from theory.claims import Verdict

ROOT = Path(__file__).parents[1]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def numbers(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))


def section(changelog: str, name: str) -> str:
    """What the changelog says of a version."""
    (found,) = re.findall(rf"^## \[{re.escape(name)}\].*?$(.*?)(?=^## |\Z)", changelog, re.DOTALL | re.MULTILINE)
    return str(found)


def unsaid(old: dict, new: dict, text: str) -> list[str]:
    """The claims whose verdict changed without a word of it; a line may name a claim without its paper."""
    return [id for id in changed(old, new) if f"`{id}`" not in text and f"`{id.partition('.')[2]}`" not in text]


RELEASES = {
    name: json.loads(path.read_text(encoding="utf-8"))
    for name, path in sorted(
        ((path.stem.removeprefix("verdicts-"), path) for path in (ROOT / "releases").glob("verdicts-*.json")),
        key=lambda item: numbers(item[0]),
    )
}


def test_this_version_has_its_file_and_its_section() -> None:
    assert version() in RELEASES
    assert section(CHANGELOG, version()).strip()


def test_files_hold_verdicts() -> None:
    words = {str(verdict) for verdict in Verdict}
    for content in RELEASES.values():
        assert set(content) == {"quick", "full"}
        assert all(set(verdicts.values()) <= words for verdicts in content.values())
        assert set(content["quick"]) == set(content["full"])


def test_changed_verdicts_are_told() -> None:
    for (_, old), (name, new) in pairwise(RELEASES.items()):
        assert unsaid(old, new, section(CHANGELOG, name)) == []


def test_an_untold_verdict_is_found() -> None:
    old, new = ({"quick": {"l4.polyak": word, "l4.new": "proved"}} for word in ("proved", "refuted"))
    assert unsaid(old, new, "- `l4.other` is refuted.") == ["l4.polyak"]
    assert unsaid(old, new, "- `l4.polyak` is refuted: a counterexample.") == []


def test_whoever_cites_it_cites_this_version() -> None:
    assert f"\nversion: {version()}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
