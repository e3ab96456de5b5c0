"""The directive `command`: runs commands of optdyn as the site is built, and shows them with what they print.

Commands of one page share a folder, so that the second finds what the first has written.
"""

import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_folders: dict[str, tempfile.TemporaryDirectory[str]] = {}


class Command(SphinxDirective):
    """Lines that each begin with `optdyn`; `:files:` are modules of the tutorials that they need, `:status:` is the
    exit status that they must end with, `:picture:` a picture that they write, which is shown."""

    has_content = True
    option_spec: ClassVar = {
        "files": directives.unchanged,
        "status": directives.nonnegative_int,
        "picture": directives.unchanged,
        "alt": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        folder = Path(_folders.setdefault(self.env.docname, tempfile.TemporaryDirectory()).name)
        for name in self.options.get("files", "").split():
            shutil.copy(Path(self.env.srcdir) / "tutorials" / name, folder)
        lines = [line for line in self.content if line.strip()]
        printed = [self._ran(line, folder) for line in lines]
        shown: list[nodes.Node] = [_literal("\n".join(lines), "console-input")]
        if any(printed):
            shown.append(_literal("\n".join(text.rstrip() for text in printed if text), "console-output"))
        if "picture" in self.options:
            shown.append(self._picture(folder / self.options["picture"]))
        return shown

    def _ran(self, line: str, folder: Path) -> str:
        from typer.testing import CliRunner

        from optdyn.cli import app

        place, path = Path.cwd(), list(sys.path)
        of_tutorials = {name: sys.modules.pop(name) for name in list(sys.modules) if name in self._modules()}
        sys.path[:] = [part for part in path if Path(part).name != "tutorials"]  # each command imports its own copies
        os.chdir(folder)
        try:
            ended = CliRunner().invoke(app, shlex.split(line)[1:], prog_name="optdyn")
        finally:
            os.chdir(place)
            sys.path[:] = path
            for name in self._modules():
                sys.modules.pop(name, None)
            sys.modules.update(of_tutorials)
        if ended.exit_code != self.options.get("status", 0):
            raise self.error(f"{line} ended with {ended.exit_code}: {ended.output} {ended.exception!r}")
        return ended.stdout

    def _modules(self) -> set[str]:
        return {path.stem for path in (Path(self.env.srcdir) / "tutorials").glob("my*.py")}

    def _picture(self, path: Path) -> nodes.Node:
        kept = Path(self.env.app.outdir) / "_images"
        kept.mkdir(parents=True, exist_ok=True)
        name = f"{self.env.docname.replace('/', '-')}-{path.name}"
        (kept / name).write_bytes(path.read_bytes())
        up = "../" * self.env.docname.count("/")
        alt = self.options.get("alt", "")
        return nodes.raw("", f'<img class="figure-of-ours" src="{up}_images/{name}" alt="{alt}">', format="html")


def _literal(text: str, kind: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language="text", classes=[kind])


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("command", Command)
    return {"parallel_read_safe": False}
