"""What an examination found."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from dynamics.kernels.generic import Generic
from dynamics.presentation import table
from dynamics.protocol.faults import KernelError
from dynamics.protocol.oracle import INSTEAD
from dynamics.protocol.source import plain


class Finding(NamedTuple):
    """One thing that is wrong."""

    kernel: str  # such as "gradient of LogCosh"
    what: str
    cure: str
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """File and line of the user's kernel, as `file:line`, or "" where there is no source."""
        return f"{self.file}:{self.line}" if self.file else ""

    def __str__(self) -> str:
        where = f" ({self.place})" if self.file else ""
        cure = f": {self.cure}" if self.cure else ""
        return f"{self.kernel} {self.what}{where}{cure}."


@dataclass(frozen=True, repr=False)
class Report:
    """The findings of `check_problem` or `check_method`; false where there is one.

    Attributes
    ----------
    name : str
        The class that was examined.
    findings : tuple of Finding
        What is wrong, each with `kernel`, `what`, `cure`, `file` and `line`; empty where all is well.
    looked_at : tuple of str
        What was compared, in words.
    """

    name: str
    findings: tuple[Finding, ...]
    looked_at: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        if self.ok:
            return f"{self.name}: nothing wrong. Looked at: {'; '.join(self.looked_at)}."
        count = len(self.findings)
        lines = [f"{self.name}: {count} thing{'s' * (count > 1)} wrong."]
        return "\n".join([*lines, *(f"  {finding}" for finding in self.findings)])

    def _repr_html_(self) -> str:
        """A small table for notebooks."""
        if self.ok:
            return table(f"{self.name}: nothing wrong", [(words,) for words in self.looked_at])
        rows = [(f.kernel, f.what, f.cure, f"{Path(f.file).name}:{f.line}" if f.file else "") for f in self.findings]
        return table(f"{self.name}: {len(rows)} wrong", rows, ("kernel", "what", "cure", "line"))

    def raise_for_findings(self) -> None:
        """Raise a KernelError that says what is wrong, if something is.

        Raises
        ------
        KernelError
            With all findings.
        """
        if not self.ok:
            raise KernelError(repr(self))


class Findings:
    """Findings as they come in, and what was looked at."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Finding] = []
        self.looked_at: list[str] = []

    def add(self, function: Generic, thing: Any, what: str, cure: str, *, file: str = "", line: int = 0) -> None:
        """Note a finding about a kernel of `thing`; without a line, that of its definition."""
        body = function.table.get(type(thing)) or _instead(function, type(thing))
        code = getattr(plain(body), "__code__", None)
        kernel = f"{function.name} of {type(thing).__name__}"
        first = code.co_firstlineno if code else 0
        self._note(Finding(kernel, what, cure, file or (code.co_filename if code else ""), line or first))

    def add_error(self, error: KernelError) -> None:
        """Note what a kernel was refused for."""
        text = str(error)
        found = re.search(r" \((\S+), line (\d+)\)", text)
        file, line = (found[1], int(found[2])) if found else ("", 0)
        text = (text if found is None else text.replace(found[0], "", 1)).rstrip(".")
        name = re.match(rf"\w+ of \w+|{re.escape(self.name)}\b", text)
        what, _, cure = text[name.end() if name else 0 :].strip().rpartition(": ")
        self._note(Finding(name[0] if name else self.name, what or cure, cure if what else "", file, line))

    def _note(self, finding: Finding) -> None:
        if all((f.kernel, f.cure, f.line) != (finding.kernel, finding.cure, finding.line) for f in self.found):
            self.found.append(finding)

    def report(self) -> Report:
        """All of it."""
        return Report(self.name, tuple(self.found), tuple(dict.fromkeys(self.looked_at)))


def _instead(function: Generic, kind: type) -> Any:
    """The kernel that answers where a class has none of this name."""
    while function in INSTEAD and not function.has(kind):
        function = INSTEAD[function]
    return function.table.get(kind)
