"""How each method is drawn: one colour and one dash, the same in all figures."""

from typing import Any, NamedTuple

__all__ = ["LOOKS", "Look", "look"]

DASH_DOT = (0, (4, 1.5, 1, 1.5))
DOTS = (0, (1, 1.2))
DASHES = (0, (4, 2))
LONG_DASHES = (0, (9, 1.5))
SHORT_DASHES = (0, (3, 1.5))
LONG_DASH_DOT = (0, (6, 1.5, 1.2, 1.5))
LONG_DASH_TWO_DOTS = (0, (9, 2, 1.2, 2))


class Look(NamedTuple):
    """A colour, a dash that tells it apart in grey, and a marker for iterates and for crowded panels.

    Examples
    --------
    >>> LOOKS["Adam"].marker
    '^'
    """

    color: str
    linestyle: Any
    marker: str


# Names in one row mean one method, as the papers call it. Okabe and Ito's colours; methods that share a colour and a
# dash never meet in a figure.
_ROWS: tuple[tuple[tuple[str, ...], Look], ...] = (
    (("gradient descent", "SGD"), Look("black", DASH_DOT, "s")),
    (("heavy ball", "HB", "mSGD"), Look("#E69F00", "-", "o")),
    (("Adam", "ADAM"), Look("#009E73", DOTS, "^")),
    (("NADAM",), Look("0.55", DASHES, "<")),
    (("AMSGRAD",), Look("0.55", DOTS, "v")),
    (("RANGER",), Look("#CC79A7", LONG_DASH_DOT, "D")),
    (("RSG",), Look("#D55E00", DASHES, "P")),
    (("ARSG",), Look("#0072B2", "-", "X")),
    (("ARSGB",), Look("black", DOTS, "*")),
    (("RMSprop",), Look("#CC79A7", SHORT_DASHES, "P")),
    (("Adagrad", "Adagrad, diagonal"), Look("#E69F00", LONG_DASH_TWO_DOTS, "D")),
    (("Adagrad, full",), Look("#0072B2", "-", "o")),
    (("TR sphere", "trust region, sphere", "sphere"), Look("#009E73", DOTS, "o")),
    (("TR Adagrad", "trust region, ellipsoid"), Look("#D55E00", DASHES, "^")),
    (("TR RMSprop", "trust region"), Look("#0072B2", "-", "v")),
    (("Gauss–Newton, damped",), Look("#D55E00", DASHES, "D")),
    (("Newton",), Look("#CC79A7", DOTS, "X")),
    (("saddle-free Newton",), Look("#E69F00", LONG_DASH_TWO_DOTS, "v")),
    (("L4Adam",), Look("#0072B2", "-", "o")),
    (("L4Mom",), Look("#D55E00", LONG_DASHES, "D")),
    (("Step-Tuned SGD", "Algorithm 1"), Look("#0072B2", "-", "o")),
    (("|BB|",), Look("#D55E00", DASHES, "D")),
    (("Armijo",), Look("#009E73", DOTS, "^")),
    (("Exact-GV",), Look("#CC79A7", DASHES, "o")),
    (("Stochastic-GV",), Look("#56B4E9", LONG_DASH_DOT, "^")),
    (("Expected-GV",), Look("#E69F00", LONG_DASHES, "s")),
    (("constant",), Look("black", DOTS, "X")),
)

LOOKS: dict[str, Look] = {name: row for names, row in _ROWS for name in names}
"""All methods by all their names."""


def look(name: str, *, marker: bool = False) -> dict[str, Any]:
    """Keywords of `Axes.plot` for a method; a star (tuned) at its name's end changes nothing.

    Parameters
    ----------
    name : str
        As in a figure's dataset.
    marker : bool
        Whether the method's marker is drawn too.

    Raises
    ------
    KeyError
        If the table has no such method.

    Examples
    --------
    >>> look("Adam*") == look("Adam")
    True
    >>> look("SGD", marker=True)["marker"]
    's'
    """
    found = LOOKS[name.removesuffix("*")]._asdict()
    return found if marker else {key: value for key, value in found.items() if key != "marker"}
