"""The directive `ledger`: the claims of all papers with their verdicts on file, as one table for each paper."""

import html
from collections import Counter
from typing import Any

from docutils import nodes
from mathml import typeset
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_ROW = """<tr data-verdict="{verdict}" id="{id}"><td><code>{id}</code><br>
<span class="verdict {verdict}">{shown}</span></td>
<td><details><summary>{title}</summary><p>{words}</p><p>{formula}</p>{hypotheses}{quote}
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
        tables = []
        for paper in papers().values():
            rows = [_row(c, str(quick[c.id]), str(full[c.id])) for c in claims() if c.id.startswith(f"{paper.id}.")]
            if rows:
                tables.append(
                    f"<h2>{html.escape(paper.source or paper.id)}</h2>"
                    f'<table class="table ledger"><tbody>{"".join(rows)}</tbody></table>'
                )
        choice = f'<p class="ledger-choice">{buttons}<input type="search" placeholder="words" aria-label="words"></p>'
        return [nodes.raw("", choice + "".join(tables), format="html")]


def _row(claim: Any, quick: str, full: str) -> str:
    hypotheses = ", ".join(html.escape(one.name) for one in claim.hypotheses)
    return _ROW.format(
        id=claim.id,
        verdict=full,
        shown=full if quick == full else f"{full}</span> <span>(quick level: {quick})",
        title=html.escape(claim.title),
        words=html.escape(claim.statement_words),
        formula=_formula(claim.statement_latex),
        hypotheses=f"<p>Hypotheses: {hypotheses}.</p>" if hypotheses else "",
        quote=f"<blockquote>{html.escape(claim.quote)}</blockquote>" if claim.quote else "",
        place=html.escape(f"{claim.paper}, {claim.number}" + ("" if claim.origin == "paper" else f" ({claim.origin})")),
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
