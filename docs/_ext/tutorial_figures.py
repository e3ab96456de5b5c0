"""Figures of tutorials: what a block leaves in the name `figure` is shown below it."""

from typing import Any
from weakref import WeakSet

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

_shown: WeakSet[Figure] = WeakSet()


def scraped(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """What sphinx-gallery puts below a block: its figure, once; the words above it are for who can't see it."""
    figure = block_vars["example_globals"].get("figure")
    if not isinstance(figure, Figure) or figure in _shown:
        return ""
    _shown.add(figure)
    path = next(block_vars["image_path_iterator"])
    figure.savefig(path, dpi=110)
    return str(figure_rst([path], gallery_conf["src_dir"], fig_titles=_words(figure)))


def _words(figure: Figure) -> str:
    titles = [figure.get_suptitle(), *(axes.get_title() or axes.get_title(loc="left") for axes in figure.axes)]
    return " ".join(next(filter(None, titles), "figure").split())


def _get_sg_image_scraper() -> Any:
    """By which sphinx-gallery finds a scraper in a module."""
    return scraped
