"""Theory figures: `compute` works out the numbers, `draw` puts them on paper, and neither touches pyplot.

A figure's module, xarray and Matplotlib are imported when the first figure is asked for.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.figure import Figure
    from xarray import Dataset

    from plots.comparison import compare

__all__ = ["amplifies_rounding", "animate", "compare", "compute", "draw", "figure", "figures"]

# A script's own theory.py, beside it on the path, would be imported in place of the package.
for _name in ("theory", "synthetic", "dynamics"):
    _found = find_spec(_name)
    if _found is None or Path(_found.origin or ".").resolve().parents[1] != Path(__file__).resolve().parents[1]:
        raise ImportError(
            f"plots needs optdyn's own package {_name}, and {_found.origin if _found else 'nothing'} stands in its "
            f"place: give that file or folder another name."
        )

from dynamics.checks import Refusal  # noqa: E402
from plots.parameters import check_parameters  # noqa: E402
from plots.registry import FIGURES, entry, id_of, module  # noqa: E402


def __getattr__(name: str) -> Any:
    """`compare`, which brings Matplotlib, once it is asked for."""
    if name != "compare":
        raise AttributeError(f"module 'plots' has no attribute {name!r}")
    from plots.comparison import compare

    globals()[name] = compare
    return compare


def amplifies_rounding(id: str) -> bool:
    """Whether a figure's runs turn the last bit of a number into other numbers, so that processors disagree.

    Examples
    --------
    >>> amplifies_rounding("l4.2"), amplifies_rounding("arsg.1")
    (True, False)
    """
    return entry(id_of(id)).amplifies_rounding


def figures() -> tuple[str, ...]:
    """Ids of all figures, as `paper.figure`: optdyn's own, and those of installed papers.

    Examples
    --------
    >>> "arsg.1" in figures()
    True
    """
    return tuple(FIGURES)


def compute(id: str, /, **parameters: Any) -> "Dataset":
    """The numbers behind a figure.

    Parameters
    ----------
    id : str
        One of `figures()`, or of your own `package.module:Name` or `path/to/file.py`.
    **parameters
        Keywords of the figure's own `compute`.

    Returns
    -------
    xarray.Dataset
        Arrays with names and units; title, caption, paper, parameters and seeds as attributes.

    Raises
    ------
    ValueError
        If there is no such figure or parameter, or a value is outside its range.

    Examples
    --------
    >>> compute("sigma_nice.5", radius=0.2)["decay_rate"].sizes["epoch"]
    199
    """
    id = id_of(id)
    compute = module(id).compute
    check_parameters(id, compute, parameters)
    dataset: Dataset = compute(**parameters)
    return dataset


def draw(dataset: "Dataset", *, size: str = "page") -> "Figure":
    """Draw a dataset that `compute` made, or that was read back from a file.

    Parameters
    ----------
    dataset : xarray.Dataset
        Its attribute `figure` says which figure it belongs to.
    size : {"column", "page", "slide"}
        What it is drawn for.

    Raises
    ------
    ValueError
        If the dataset belongs to no figure, or there is no such size.

    Examples
    --------
    >>> dataset = compute("sigma_nice.5")
    >>> draw(dataset, size="column").get_size_inches()[0].item()
    3.4
    """
    picture: Figure = module(_id(dataset)).draw(dataset, size=size)
    return picture


def animate(dataset: "Dataset", *, size: str = "slide") -> "FuncAnimation":
    """A film of a dataset that `compute` made, or that was read back from a file.

    Parameters
    ----------
    dataset : xarray.Dataset
        Its attribute `figure` says which figure it belongs to.
    size : {"column", "page", "slide"}
        What it is drawn for.

    Raises
    ------
    ValueError
        If the dataset belongs to no figure, the figure has no film, or there is no such size.

    Examples
    --------
    >>> animate(compute("sigma_nice.5"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: figure 'sigma_nice.5' has no film; those that have one: ...
    """
    id = _id(dataset)
    if not entry(id).moves:
        films = ", ".join(name for name, line in FIGURES.items() if line.moves) or "none"
        raise Refusal(f"figure {id!r} has no film; those that have one: {films}.")
    film: FuncAnimation = module(id).animate(dataset, size=size)
    return film


def _id(dataset: "Dataset") -> str:
    if "figure" not in dataset.attrs:
        raise Refusal("the dataset has no attribute 'figure'; draw what plots.compute returned.")
    return str(dataset.attrs["figure"])


def figure(id: str, /, *, size: str = "page", **parameters: Any) -> "tuple[Figure, Dataset]":
    """Compute and draw a figure.

    Parameters
    ----------
    id : str
        One of `figures()`, or of your own `package.module:Name` or `path/to/file.py`.
    size : {"column", "page", "slide"}
        What it is drawn for.
    **parameters
        Keywords of the figure's own `compute`.

    Returns
    -------
    matplotlib.figure.Figure, xarray.Dataset
        The picture and the numbers in it.

    Raises
    ------
    ValueError
        If there is no such figure, parameter or size, or a value is outside its range.

    Examples
    --------
    >>> picture, dataset = figure("sigma_nice.5", size="column")
    >>> dataset.attrs["title"]
    'Decay rates of five step-size schedules, and the rates that graduated optimisation asks for'
    >>> picture.get_size_inches()[0].item()
    3.4
    """
    dataset = compute(id, **parameters)
    return draw(dataset, size=size), dataset
