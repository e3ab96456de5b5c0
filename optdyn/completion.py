"""What the shell offers after Tab: the names that papers announce; nothing heavy is imported for it."""

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynamics.papers import Paper

__all__ = ["claims", "figures", "kernels", "methods", "papers", "parts", "problems"]


def methods(incomplete: str) -> list[str]:
    """Names of methods that go on so.

    Examples
    --------
    >>> methods("heavy")
    ['heavy-ball']
    """
    return _going_on(incomplete, (name for paper in _papers().values() for name in paper.methods))


def problems(incomplete: str) -> list[str]:
    """Names of problems that go on so.

    Examples
    --------
    >>> problems("quadratic-")
    ['quadratic-cosine']
    """
    return _going_on(incomplete, (name for paper in _papers().values() for name in paper.problems))


def kernels(incomplete: str) -> list[str]:
    """Names of methods and of problems that go on so.

    Examples
    --------
    >>> kernels("rosen"), kernels("heavy")
    (['rosenbrock'], ['heavy-ball'])
    """
    return [*methods(incomplete), *problems(incomplete)]


def papers(incomplete: str) -> list[str]:
    """Ids of papers that go on so.

    Examples
    --------
    >>> papers("step")
    ['step_tuned']
    """
    return _going_on(incomplete, _papers())


def figures(incomplete: str) -> list[str]:
    """Ids of figures that go on so, and of papers that have some.

    Examples
    --------
    >>> figures("l4")
    ['l4', 'l4.1', 'l4.2', 'l4.3']
    """
    with warnings.catch_warnings(action="ignore"):
        from plots.registry import FIGURES
    return _with_papers(incomplete, FIGURES)


def claims(incomplete: str) -> list[str]:
    """Ids of claims that go on so, and of papers that have some.

    Examples
    --------
    >>> claims("l4.polyak")
    ['l4.polyak', 'l4.polyak_rate', 'l4.polyak_run']
    """
    from theory.claims import claims

    with warnings.catch_warnings(action="ignore"):
        ids = [entry.id for entry in claims()]
    return _with_papers(incomplete, ids)


def parts(incomplete: str) -> list[str]:
    """Ids of figures and claims that go on so, and of papers.

    Examples
    --------
    >>> parts("l4.p")
    ['l4.polyak', 'l4.polyak_rate', 'l4.polyak_run']
    """
    return sorted({*figures(incomplete), *claims(incomplete)})


def _papers() -> "dict[str, Paper]":
    from dynamics.papers import papers

    with warnings.catch_warnings(action="ignore"):
        return papers()


def _with_papers(incomplete: str, ids: Iterable[str]) -> list[str]:
    return _going_on(incomplete, {name for id in ids for name in (id, id.partition(".")[0])})


def _going_on(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
