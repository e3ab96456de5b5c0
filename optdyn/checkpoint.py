"""What `optdyn verify` has found so far, on disk beside its report: a line each, so that a kill costs one check."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from optdyn.findings import CRASHED, Finding
from optdyn.provenance import source_hash, users_package, versions
from optdyn.refusals import reading

__all__ = ["Checkpoint", "checkpoint_beside"]


class Checkpoint(NamedTuple):
    """A file of findings that were made by these sources and libraries, at this level, from this seed."""

    path: Path
    stamp: str

    def findings(self, ids: Iterable[str]) -> dict[str, Finding]:
        """The findings on disk, by id; lines that are cut, edited or made by other sources are passed over."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return {}
        wanted, found = set(ids), {}
        for line in lines:
            try:
                content = json.loads(line)
                if content["seal"] == self._seal(content["finding"]) and content["finding"]["id"] in wanted:
                    found[content["finding"]["id"]] = Finding(**content["finding"])
            except (ValueError, LookupError, TypeError, RecursionError):
                continue
        return found

    def add(self, finding: Finding) -> None:
        """Write a finding down; a check that crashed is made again."""
        if finding.verdict == CRASHED:
            return
        content = finding._asdict()
        line = json.dumps({"finding": content, "seal": self._seal(content)}, ensure_ascii=False)
        with reading(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")  # on a line of its own, whatever a kill has left

    def remove(self) -> None:
        """There is nothing left to be done."""
        self.path.unlink(missing_ok=True)

    def _seal(self, content: object) -> str:
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(f"{self.stamp}\n{text}".encode()).hexdigest()


def checkpoint_beside(report: Path, *, level: str, seed: int, claims: Iterable[str] = ()) -> Checkpoint:
    """The checkpoint of a command that checks these claims and writes this report.

    Examples
    --------
    >>> checkpoint_beside(Path("found.json"), level="quick", seed=0).path
    PosixPath('.found.json.checked')
    """
    from theory.claims import claim

    packages = sorted({users_package(claim(id).decide.__module__) for id in claims})
    stamp = json.dumps([level, seed, [source_hash(package) for package in packages], versions()], sort_keys=True)
    # Names have at most 255 bytes, and this one shall fit too; findings of another report would only be true as well.
    return Checkpoint(report.with_name(f".{report.name[:60]}.checked"), stamp)
