"""Keep the verdicts of a release: `python releases/record.py` writes those on file beside this script.

`python releases/record.py --check` says what differs between the release and the verdicts on file now.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from dynamics.papers import version  # noqa: E402
from theory.claims import LEVELS, recorded_verdicts  # noqa: E402

Verdicts = dict[str, dict[str, str]]


def on_file() -> Verdicts:
    """By level and claim the verdicts that this clone has on file, of optdyn's own papers."""
    return {level: {id: str(verdict) for id, verdict in recorded_verdicts(level).items()} for level in LEVELS}


def changed(old: Verdicts, new: Verdicts) -> list[str]:
    """The claims that both have, with another verdict at one of the levels.

    Examples
    --------
    >>> changed({"quick": {"a.b": "proved", "a.c": "proved"}}, {"quick": {"a.b": "refuted", "a.d": "proved"}})
    ['a.b']
    """
    return sorted({id for level in old for id in old[level] if new[level].get(id, old[level][id]) != old[level][id]})


def main() -> int:
    """Write the file of this version, or compare with it."""
    path = HERE / f"verdicts-{version()}.json"
    now = on_file()
    if "--check" in sys.argv[1:]:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found = changed(kept, now) + sorted(set(kept["quick"]) ^ set(now["quick"]))
        print("\n".join(found) or f"{path.name} has the verdicts on file.")
        return bool(found)
    path.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
