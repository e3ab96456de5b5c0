"""Sentences for bad input: what was given, what is allowed and why, the nearest fix."""

import difflib
import math
import os
from collections.abc import Iterable
from functools import cache
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHOLE = 2**62  # kernels count in 64 bits, and sums of two counts must fit
FEW, NEAREST = 12, 5  # names that a sentence lists in full, and how many of more
ALIKE = 0.6  # from which likeness on a name may have been meant: difflib's own cutoff


class Refusal(ValueError):
    """What was given can't be done, and the sentence says what can: the caller's mistake, never optdyn's own.

    Examples
    --------
    >>> from dynamics import SGD, simulate
    >>> from synthetic import quadratic
    >>> simulate(SGD(step_size=-1.0), quadratic(eigenvalues=[1.0, 0.1]), steps=1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: step_size = -1.0 must be positive...
    """


class KindRefusal(Refusal, TypeError):
    """The refusal of something of the wrong kind.

    Examples
    --------
    >>> issubclass(KindRefusal, ValueError), issubclass(KindRefusal, TypeError)
    (True, True)
    """


class FileRefusal(Refusal, OSError):
    """The refusal of a file or a folder that can't be read or written.

    Examples
    --------
    >>> issubclass(FileRefusal, ValueError)
    True
    """


class MissingLibrary(Refusal, ImportError):
    """The refusal of what needs a library that is not installed.

    Examples
    --------
    >>> issubclass(MissingLibrary, ValueError)
    True
    """


def shown(value: Any) -> str:
    """A value in at most 60 characters, for a sentence.

    Examples
    --------
    >>> shown(list(range(1000)))[-12:]
    '4, 15, 16...'
    """
    if isinstance(value, np.ndarray) and value.size > 3:
        return f"an array of shape {value.shape}"
    text = str(value) if isinstance(value, np.generic) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def require_real(name: str, value: Any, why: str = "") -> float:
    """The real number `value`; NaN, complex numbers, words, truth values and arrays are refused.

    Examples
    --------
    >>> require_real("step_size", 1j)
    Traceback (most recent call last):
    dynamics.checks.Refusal: step_size = 1j must be a real number.
    """
    if type(value) is float and value == value:
        return value
    number = _number(value)
    if number is None or number != number:
        raise Refusal(f"{name} = {shown(value)} must be a real number{_because(why)}.")
    try:
        return float(number)
    except OverflowError:
        raise Refusal(f"{name} = {shown(value)} is beyond the largest float, about 1.8e308.") from None


def real_or_nan(name: str, value: Any) -> float:
    """A real number or NaN, of which the caller says what is allowed."""
    if type(value) is float:
        return value
    number = _number(value)
    return math.nan if number is not None and number != number else require_real(name, value)


def require_whole(name: str, value: Any, least: int = -WHOLE, why: str = "", most: int = WHOLE) -> int:
    """The whole number `value`, refused where it is not whole or not between `least` and `most`.

    A float that is whole, such as 1e6, will do.

    Examples
    --------
    >>> require_whole("samples", 60.5, 1)
    Traceback (most recent call last):
    dynamics.checks.Refusal: samples = 60.5 must be a whole number; try 60.
    """
    if type(value) is int and least <= value <= most:
        return value
    number = _number(value)
    if number is None or not abs(number) < math.inf:
        raise Refusal(f"{name} = {shown(value)} must be a whole number{_because(why)}.")
    whole = int(number)
    if whole != number:
        raise Refusal(f"{name} = {shown(value)} must be a whole number; try {min(max(whole, least), most)}.")
    if whole < least:
        raise Refusal(f"{name} = {shown(value)} must be at least {least}{_because(why)}; try {least}.")
    if whole > most:
        raise Refusal(f"{name} = {shown(value)} must be at most {most} (more can't be counted); try {most}.")
    return whole


def require_positive(name: str, value: Any, why: str = "") -> float:
    """The number `value`, refused where it is not positive and finite.

    Examples
    --------
    >>> require_positive("step_size", -0.1, "a step must go downhill")
    Traceback (most recent call last):
    dynamics.checks.Refusal: step_size = -0.1 must be positive and finite (a step must go downhill); try 0.1.
    """
    number = real_or_nan(name, value)
    if not (number > 0 and math.isfinite(number)):
        nearest = abs(number) if number and math.isfinite(number) else 0.1
        raise Refusal(f"{name} = {shown(value)} must be positive and finite{_because(why)}; try {nearest}.")
    return number


def require_fraction(name: str, value: Any, why: str = "") -> float:
    """The number `value`, refused outside [0, 1).

    Examples
    --------
    >>> require_fraction("beta", 1.0, "a moving average with beta = 1 never moves")
    Traceback (most recent call last):
    dynamics.checks.Refusal: beta = 1.0 must lie in [0, 1) (a moving average with beta = 1 never moves); try 0.999.
    """
    number = real_or_nan(name, value)
    if not 0 <= number < 1:
        nearest = 0.0 if number < 0 else 0.999
        raise Refusal(f"{name} = {shown(value)} must lie in [0, 1){_because(why)}; try {nearest}.")
    return number


def require_at_least(name: str, value: Any, bound: float, why: str = "") -> float:
    """The number `value`, refused where it is below `bound` or infinite.

    Examples
    --------
    >>> require_at_least("eps", -3, 0)
    Traceback (most recent call last):
    dynamics.checks.Refusal: eps = -3 must be at least 0; try 0.
    """
    number = real_or_nan(name, value)
    if not number >= bound:
        raise Refusal(f"{name} = {shown(value)} must be at least {bound}{_because(why)}; try {bound}.")
    if number == math.inf:
        raise Refusal(f"{name} = {shown(value)} must be at least {bound} and finite{_because(why)}.")
    return number


def require_word(name: str, value: Any, allowed: Iterable[str]) -> str:
    """The word `value`, refused where it is not one of `allowed`.

    Examples
    --------
    >>> require_word("reduction", "average", ("sum", "mean"))
    Traceback (most recent call last):
    dynamics.checks.Refusal: unknown reduction 'average'. Allowed: mean, sum.
    """
    if not isinstance(value, str) or value not in tuple(allowed):
        raise Refusal(unknown(name, value, allowed))
    return value


def require_truth(name: str, value: Any) -> bool:
    """The truth value `value`; 0 and 1 will do, and nothing else.

    Examples
    --------
    >>> require_truth("record_iterates", "no")
    Traceback (most recent call last):
    dynamics.checks.Refusal: record_iterates = 'no' must be True or False.
    """
    if value is True or value is False:
        return value
    if not isinstance(value, bool | np.bool_ | int | np.integer) or value not in (0, 1):
        raise Refusal(f"{name} = {shown(value)} must be True or False.")
    return bool(value)


def require_memory(what: str, numbers: float, fix: str) -> None:
    """Refuse what would take more numbers of 8 bytes than this machine's memory holds.

    Examples
    --------
    >>> require_memory("dimension = 1000000000", 1e15, "try a smaller one")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: dimension = 1000000000 takes about 8e+06 GB, more than this machine's memory; try ...
    """
    needed = 8.0 * numbers
    if not needed <= _memory():
        raise Refusal(f"{what} takes about {needed / 1e9:.3g} GB, more than this machine's memory; {fix}.")


def real_numbers(name: str, value: Any) -> NDArray[np.float64]:
    """`value` as a new float64 array of any shape, in which NaN and infinity may stand.

    Complex numbers, words, truth values, masked entries and ragged lists are refused.

    Examples
    --------
    >>> real_numbers("tau", [0.5, np.nan]), real_numbers("tau", 2)
    (array([0.5, nan]), array(2.))
    >>> real_numbers("tau", "half")
    Traceback (most recent call last):
    dynamics.checks.Refusal: tau = 'half' must be a real number, or an array of real numbers.
    """
    if np.ma.is_masked(value):
        raise Refusal(f"{name} has masked entries: fill them in, or leave them out.")
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iufO":
            raise TypeError
        return np.array(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise Refusal(f"{name} = {shown(value)} must be a real number, or an array of real numbers.") from None


def require_broadcast(**arrays: np.ndarray) -> None:
    """Refuse arrays whose shapes can't stand side by side.

    Examples
    --------
    >>> require_broadcast(tau=np.zeros(3), beta=np.zeros(2))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: tau of shape (3,), beta of shape (2,) don't broadcast: give numbers, or ...
    """
    try:
        np.broadcast_shapes(*(np.shape(array) for array in arrays.values()))
    except ValueError:
        told = ", ".join(f"{name} of shape {np.shape(array)}" for name, array in arrays.items())
        raise Refusal(f"{told} don't broadcast: give numbers, or arrays of one shape.") from None


def real_array(name: str, value: Any, dimensions: int | None, *, empty: bool = False) -> np.ndarray:
    """`value` as a new finite float64 array with so many axes, or any; none of them is empty, unless that is allowed.

    Complex numbers, words, truth values and masked entries are refused.

    Examples
    --------
    >>> real_array("eigenvalues", 3.0, 1)
    Traceback (most recent call last):
    dynamics.checks.Refusal: eigenvalues has shape (): a vector is needed, shape (d,).
    """
    array = real_numbers(name, value)
    if (dimensions is not None and array.ndim != dimensions) or not (array.size or empty):
        kinds = {1: "a vector is needed, shape (d,)", 2: "a matrix is needed, shape (rows, columns)"}
        wanted = kinds.get(-1 if dimensions is None else dimensions, "it is empty, and a number at least is needed")
        raise Refusal(f"{name} has shape {array.shape}: {wanted}.")
    require_finite(name, array)
    return array


def is_number(value: Any) -> bool:
    """Whether a value is one thing, and no sequence or array with axes.

    Examples
    --------
    >>> is_number(np.array(1.0)), is_number("abc"), is_number([1.0])
    (True, True, False)
    """
    if type(value) is float:
        return True
    if isinstance(value, np.ndarray):
        return value.ndim == 0
    return isinstance(value, str | bytes) or not isinstance(value, Iterable)


def require_finite(name: str, array: np.ndarray) -> None:
    """Refuse an array with NaN or infinity in it.

    Examples
    --------
    >>> require_finite("b", np.array([1.0, np.nan]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: b has NaN or infinity in it, the first at index 1: ...
    """
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        if not where:
            raise Refusal(f"{name} = {array} must be finite: every kernel would pass it on.")
        index = where[0] if len(where) == 1 else where
        raise Refusal(
            f"{name} has NaN or infinity in it, the first at index {index}: every kernel would pass it on; "
            f"clean the data first."
        )


def unknown(kind: str, given: Any, allowed: Iterable[str]) -> str:
    """A sentence for a name that does not exist: the closest one that does, and all of them, or the nearest of many.

    Examples
    --------
    >>> unknown("method", "rgs", ["rsg", "adam"])
    "unknown method 'rgs'; did you mean 'rsg'? Allowed: adam, rsg."
    >>> unknown("figure", "f7x", [f"f{i}" for i in range(40)])
    "unknown figure 'f7x'; did you mean 'f7'? The nearest of 40: f7, f17, f27, f37, f0."
    >>> unknown("parameter", "p", [])
    "unknown parameter 'p'; there is none."
    """
    names = sorted(allowed)
    if not names:
        return f"unknown {kind} {shown(given)}; there is none."
    word = str(given).lower()[:99]
    likeness = {name: difflib.SequenceMatcher(None, name.lower(), word).ratio() for name in names}
    # Of names that are equally alike, one that begins alike.
    nearest = sorted(names, key=lambda name: (likeness[name], name[:1].lower() == word[:1]), reverse=True)
    # Swapped letters leave little alike of a short word.
    alike = likeness[nearest[0]] >= (ALIKE if len(word) > 3 else 0.5)  # one letter of two may be wrong
    hint = f"; did you mean '{nearest[0]}'?" if alike else "."
    few = len(names) <= FEW
    told = "Allowed" if few else f"The nearest of {len(names)}"
    return f"unknown {kind} {shown(given)}{hint} {told}: {', '.join(names if few else nearest[:NEAREST])}."


def _because(why: str) -> str:
    return f" ({why})" if why else ""


def of_shapes(check: Any) -> Any:
    """Declare that a class's `check` reads shapes and numbers and never what is in arrays: once passed, it stays so.

    Examples
    --------
    >>> from synthetic import Carmon
    >>> Carmon.check.of_shapes
    True
    """
    check.of_shapes = True
    return check


def as_generator(rng: Any) -> np.random.Generator:
    """A generator from an int, a SeedSequence, a Generator (used as it is) or None (fresh entropy)."""
    try:
        if isinstance(rng, bool | np.bool_):
            raise TypeError
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise Refusal(
            f"rng = {shown(rng)}: give a non-negative int, a numpy SeedSequence, a numpy Generator or None."
        ) from error


def _number(value: Any) -> Any:
    """The number that `value` is, an array without axes included; None where it is none, or not a real one."""
    if type(value) is float or type(value) is int:
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0 and not np.ma.is_masked(value):
        value = value[()]
    if isinstance(value, bool | np.bool_):
        return None
    return value if isinstance(value, Real) else None


@cache
def _memory() -> float:
    """The bytes of this machine's memory, or a guess where the system doesn't say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 2.0**34
