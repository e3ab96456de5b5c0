"""The directive `figures`: all figures of the papers, with pictures of those that take little.

With OPTDYN_REPORT set to the folder of a page that `optdyn reproduce --quick` wrote, all pictures are taken from there.
"""

import html
import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

CHEAP = ("arsg.1", "arsg.gain_map", "l4.1", "sigma_nice.1", "sigma_nice.5", "step_tuned.1", "trust_region.7")


class Figures(SphinxDirective):
    """A card for each figure: picture, title, place, command."""

    def run(self) -> list[nodes.Node]:
        from plots.registry import FIGURES

        folder = Path(self.env.app.outdir) / "_images"
        folder.mkdir(parents=True, exist_ok=True)
        cards = []
        for id, entry in FIGURES.items():
            picture = _picture(id, folder)
            image = f'<img src="_images/{picture}" alt="" loading="lazy">' if picture else ""
            cards.append(
                f'<figure id="figure-{id}">{image}<figcaption><strong>{html.escape(entry.title)}</strong><br>'
                f"<small>{html.escape(entry.paper)}</small><br><code>optdyn figure {id}</code>{_claims(entry)}"
                "</figcaption></figure>"
            )
        return [nodes.raw("", f'<div class="figures">{"".join(cards)}</div>', format="html")]


def _claims(entry: Any) -> str:
    """Links to the claims that a figure shows."""
    from theory.claims import claim

    links = "; ".join(f'<a href="ledger.html#{id}">{html.escape(claim(id).title)}</a>' for id in entry.claims)
    return f"<br><small>Shows: {links}.</small>" if links else ""


def _picture(id: str, folder: Path) -> str | None:
    report = os.environ.get("OPTDYN_REPORT")
    name = f"figure-{id}.png"
    if report:
        (folder / name).write_bytes((Path(report) / "figures" / f"{id}.png").read_bytes())
        return name
    return name if id in CHEAP and _drawn(id, folder / name) else None


def _drawn(id: str, path: Path) -> bool:
    from plots import compute, draw
    from plots.registry import FIGURES
    from plots.style import style

    with style():
        draw(compute(id, **FIGURES[id].quick)).savefig(path, dpi=110)
    return True


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("figures", Figures)
    return {"parallel_read_safe": True}
