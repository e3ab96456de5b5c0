"""Certificates as lemmas of Coq: identities by `ring`, positive coefficients and multipliers by signs of parts.

Denominators are multiplied out in the statement: a lemma says a * d = c * b for a / b = c / d.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dynamics.checks import Refusal
from theory.claims.certificates.terms import Terms, Tree

HEAD = """Require Import Reals Lra.
Open Scope R_scope.
Ltac signs := repeat first [ assumption | apply Rplus_lt_0_compat | apply Rmult_lt_0_compat | lra ].
Ltac parts := repeat first
  [ assumption | lra | apply Rplus_le_le_0_compat | apply Rmult_le_pos | apply Rlt_le; signs ].
"""


class Real(Terms):
    """Terms over the real numbers."""

    def number(self, value: int) -> str:
        return f"{value}" if value >= 0 else f"({value})"

    def join(self, sign: str, parts: list[str]) -> str:
        return f"({f' {sign} '.join(parts)})"

    def polynomial(self, tree: Tree) -> str:
        """Translate an expression without denominators."""
        over, under = self.fraction(tree)
        if under != self.number(1):
            raise Refusal(f"{tree!r} has a denominator")
        return over

    def lemma(self, name: str, said: str, proof: str) -> str:
        """State and prove something about all values of the symbols."""
        given = f"forall {' '.join(self.names.values())} : R, " if self.names else ""
        return f"Lemma {name} : {given}{said}.\nProof. intros. {proof} Qed.\n"


def source(entry: Mapping[str, Any]) -> str | None:
    """Write a claim's file for Coq; None where a certificate is of another kind than the three that are written.

    Examples
    --------
    >>> part = {"kind": "identity", "left": ["^", "x", 2], "right": ["*", "x", "x"]}
    >>> print(source({"claim": "a.b", "sentence": "", "steps": [{"certificate": [part]}]}).splitlines()[-2])
    Lemma step_1_1 : forall v0 : R, (v0 * v0) = (v0 * v0).
    """
    lemmas = []
    for place, step in enumerate(entry["steps"], 1):
        for number, part in enumerate(step.get("certificate", []), 1):
            try:
                lemmas += _lemmas(part, f"step_{place}_{number}")
            except Refusal:
                return None
    told = entry["sentence"].replace("(*", "( *").replace("*)", "* )").replace('"', "'")
    return f"(* {entry['claim']}: {told} *)\n{HEAD}{''.join(lemmas)}" if lemmas else None


def _lemmas(part: Mapping[str, Any], name: str) -> list[str]:
    real = Real()
    match part["kind"]:
        case "identity":
            return [_equal(name, part["left"], part["right"])]
        case "positive":
            sides = [real.polynomial(part["numerator"]), real.polynomial(part["denominator"])]
            given = "".join(f"0 < {symbol} -> " for symbol in real.names.values())
            same = _equal(f"{name}_is", part["expression"], ["/", part["numerator"], part["denominator"]])
            return [same, real.lemma(f"{name}_sign", f"{given}0 < {sides[0]} /\\ 0 < {sides[1]}", "split; signs.")]
        case "multipliers":
            weights = [real.polynomial(term["multiplier"]) for term in part["terms"]]
            given = "".join(f"0 < {symbol} -> " for symbol in real.names.values())
            premises = [real.polynomial(term["premise"]) for term in part["terms"]]
            target = real.polynomial(part["target"])
            given += "".join(f"0 <= {premise} -> " for premise in premises)
            total = " + ".join(f"{weight} * {premise}" for weight, premise in zip(weights, premises, strict=True))
            proof = f"replace {target} with ({total}) by ring. parts."
            return [real.lemma(name, f"{given}0 <= {target}", proof)]
    raise Refusal(f"a certificate of the kind {part['kind']!r} is not written for Coq")


def _equal(name: str, left: Tree, right: Tree) -> str:
    real = Real()
    (a, b), (c, d) = real.fraction(left), real.fraction(right)
    return real.lemma(name, f"{real.product([a, d])} = {real.product([c, b])}", "ring.")
