"""The six lessons, written beside the pages of the site."""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Lessons(SphinxDirective):
    """A list of links to all lessons, each with its question."""

    def run(self) -> list[nodes.Node]:
        from optdyn.lessons import NAMES, lesson

        items = "".join(
            f'<li><a href="lessons/{name}.html"><strong>{made.title}</strong></a><br>{made.question}</li>'
            for name in NAMES
            for made in [lesson(name)]
        )
        return [nodes.raw("", f'<ul class="lessons">{items}</ul>', format="html")]


def _written(app: Sphinx, failed: Exception | None) -> None:
    from optdyn.lessons import NAMES, lesson
    from optdyn.lessons.page import page

    if failed is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "lessons"
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        (folder / f"{name}.html").write_text(page(lesson(name)), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("lessons", Lessons)
    app.connect("build-finished", _written)
    return {"parallel_read_safe": True}
