"""Expressions of certificates in the language of another program, as a numerator over a denominator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from dynamics.checks import Refusal

Tree = Any
Fraction = tuple[str, str]  # over, under; neither is multiplied out


class Terms(ABC):
    """How a language writes numbers, sums and products; symbols get short names of its own."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    @abstractmethod
    def number(self, value: int) -> str:
        """Write a whole number."""

    @abstractmethod
    def join(self, sign: str, parts: list[str]) -> str:
        """Write the sum or product of at least two terms."""

    def root(self, tree: Tree) -> str:
        """Write a square root."""
        raise Refusal(f"the root of {tree!r} has no form here")

    def symbol(self, name: str) -> str:
        """Give a symbol its name."""
        return self.names.setdefault(name, f"v{len(self.names)}")

    def product(self, factors: list[str]) -> str:
        """Write a product, without factors of 1."""
        kept = [factor for factor in factors if factor != self.number(1)]
        return self.number(1) if not kept else kept[0] if len(kept) == 1 else self.join("*", kept)

    def fraction(self, tree: Tree) -> Fraction:
        """Translate an expression.

        Raises
        ------
        ValueError
            If it has an operation that the language has no form for.
        """
        one = self.number(1)
        if isinstance(tree, str):
            return self.symbol(tree), one
        if isinstance(tree, int):
            return self.number(tree), one
        operator, *parts = tree
        if operator == "^":
            over, under = self.fraction(parts[0])
            pair = (over, under) if parts[1] >= 0 else (under, over)
            return self.product([pair[0]] * abs(parts[1])), self.product([pair[1]] * abs(parts[1]))
        if operator == "sqrt":
            return self.root(parts[0]), one
        if operator not in ("+", "*", "/"):
            raise Refusal(f"{operator!r} has no form here")
        pairs = [self.fraction(part) for part in parts]
        overs, unders = [over for over, _ in pairs], [under for _, under in pairs]
        if operator == "/":
            return self.product([overs[0], unders[1]]), self.product([unders[0], overs[1]])
        if operator == "*":
            return self.product(overs), self.product(unders)
        if len(pairs) == 1:
            return pairs[0]
        if set(unders) == {unders[0]}:
            return self.join("+", overs), unders[0]
        tops = [self.product([over, *unders[:i], *unders[i + 1 :]]) for i, over in enumerate(overs)]
        return self.join("+", tops), self.product(unders)
