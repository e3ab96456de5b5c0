"""Choices by words: one `Literal` says which there are, and kernels know them by their places in it."""

from typing import Any, get_args


def words(choice: Any) -> tuple[str, ...]:
    """The words of a `Literal`, in order.

    Parameters
    ----------
    choice : Literal

    Examples
    --------
    >>> from typing import Literal
    >>> words(Literal["sphere", "adagrad"])
    ('sphere', 'adagrad')
    """
    return get_args(choice)


def places(choice: Any) -> range:
    """The numbers by which kernels know the words of a `Literal`, in order; they are unpacked into names.

    Parameters
    ----------
    choice : Literal

    Examples
    --------
    >>> from typing import Literal
    >>> SPHERE, ADAGRAD = places(Literal["sphere", "adagrad"])
    >>> ADAGRAD
    1
    """
    return range(len(get_args(choice)))
