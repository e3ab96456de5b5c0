"""A statement held against single cases: those that meet the hypotheses must not break it.

A case outside one hypothesis alone shows that the hypothesis is needed: it is void as long as the hypothesis stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from theory.claims.ledger import Evidence, Hypothesis, Verdict, unmet


def first_failure(
    hypotheses: tuple[Hypothesis, ...], cases: Iterable[Mapping[str, Any]], holds: Callable[..., bool]
) -> Evidence | None:
    """Return the first case that meets the hypotheses and breaks the statement, as a refutation.

    Parameters
    ----------
    hypotheses : tuple of Hypothesis
    cases : iterable of mapping
        The quantities of each case, by name.
    holds : callable
        Takes the quantities of a case; whether the statement is true there.

    Returns
    -------
    Evidence or None

    Examples
    --------
    >>> positive = Hypothesis("x > 0", lambda *, x: x > 0)
    >>> cases = [{"x": -2}, {"x": 3}]
    >>> first_failure((positive,), cases, lambda *, x: x**3 > 0) is None
    True
    >>> first_failure((), cases, lambda *, x: x**3 > 0).counterexample
    {'x': '-2'}
    """
    for case in cases:
        if not unmet(hypotheses, **case) and not holds(**case):
            told = {name: str(value) for name, value in case.items()}
            return Evidence(verdict=Verdict.REFUTED, counterexample=told, text="The statement fails in this case.")
    return None
