"""The directive `ledger`: the claims of all papers with their verdicts on file, as one table for each paper.

Pictures of claims that are drawn from closed forms are made with the site; with OPTDYN_REPORT set to the folder of a
page that `optdyn reproduce --quick` wrote, the others are taken from there.
"""

import html
import os
from collections import Counter
from pathlib import Path
from typing import Any

from docutils import nodes
from mathml import typeset
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_ROW = """<tr data-verdict="{verdict}" id="{id}"><td><code>{id}</code><br>
<span class="verdict {verdict}">{shown}</span></td>
<td><details><summary>{title}</summary><p>{words}</p><p>{formula}</p>{symbols}{hypotheses}{quote}{picture}{figures}
<p><small>{place}. Check it: <code>optdyn verify {id}</code></small></p></details></td></tr>"""


class Ledger(SphinxDirective):
    """The table, and above it how many claims have each verdict."""

    def run(self) -> list[nodes.Node]:
        from dynamics.papers import papers
        from theory.claims import claims, recorded_verdicts

        quick, full = recorded_verdicts("quick"), recorded_verdicts("full")
        counts = Counter(str(full[claim.id]) for claim in claims())
        buttons = "".join(
            f'<button class="verdict {word}" data-verdict="{word}">{word} {number}</button>'
            for word, number in counts.most_common()
        )
        folder = Path(self.env.app.outdir) / "_images"
        folder.mkdir(parents=True, exist_ok=True)
        tables = []
        for paper in papers().values():
            rows = [_row(c, str(quick[c.id]), str(full[c.id]), _picture(c, folder)) for c in claims() if _of(paper, c)]
            if rows:
                tables.append(
                    f"<h2>{html.escape(paper.source or paper.id)}</h2>"
                    f'<table class="table ledger"><tbody>{"".join(rows)}</tbody></table>'
                )
        choice = f'<p class="ledger-choice">{buttons}<input type="search" placeholder="words" aria-label="words"></p>'
        return [nodes.raw("", choice + "".join(tables), format="html")]


def _row(claim: Any, quick: str, full: str, picture: str) -> str:
    from plots.registry import FIGURES, showing

    letters = claim.symbols
    links = "; ".join(
        f'<a href="figures.html#figure-{id}">{html.escape(FIGURES[id].title)}</a>' for id in showing(claim.id)
    )
    hypotheses = ", ".join(html.escape(one.name) for one in claim.hypotheses)
    return _ROW.format(
        id=claim.id,
        verdict=full,
        shown=full if quick == full else f"{full}</span> <span>(quick level: {quick})",
        title=html.escape(claim.title),
        words=html.escape(claim.statement_words),
        formula=_formula(claim.statement_latex),
        hypotheses=f"<p>Hypotheses: {hypotheses}.</p>" if hypotheses else "",
        symbols="".join(f"<small>{html.escape(name)}: {html.escape(told)}.</small> " for name, told in letters.items()),
        picture=picture,
        figures=f"<p>Shown in: {links}.</p>" if links else "",
        quote=f"<blockquote>{html.escape(claim.quote)}</blockquote>" if claim.quote else "",
        place=html.escape(f"{claim.paper}, {claim.number}" + ("" if claim.origin == "paper" else f" ({claim.origin})")),
    )


def _of(paper: Any, claim: Any) -> bool:
    return str(claim.id).startswith(f"{paper.id}.")


def _picture(claim: Any, folder: Path) -> str:
    """The claim's picture, if it is drawn from closed forms, or a report that OPTDYN_REPORT names has it."""
    from optdyn.parts import picture_file
    from optdyn.picture import claim_picture
    from plots.claims import drawable, picture_of

    picture, report = picture_of(claim), os.environ.get("OPTDYN_REPORT")
    if picture is None:
        return ""
    made = Path(report) / picture_file(claim.id) if report else None
    if made is not None and made.exists():
        content = made.read_bytes()
    elif drawable(claim, {}) is not None:
        content = claim_picture(picture.draw, {})
    else:
        return ""
    (folder / f"claim-{claim.id}.svg").write_bytes(content)
    seen = html.escape(picture.caption)
    return (
        f'<figure><img src="_images/claim-{claim.id}.svg" alt="{seen}" loading="lazy">'
        f"<figcaption>{seen}</figcaption></figure>"
    )


def _formula(latex: str) -> str:
    from optdyn.lessons.mathml import mathml

    try:
        return typeset(latex)
    except Exception:
        return mathml(latex)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("ledger", Ledger)
    return {"parallel_read_safe": True}
