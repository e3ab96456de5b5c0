"""Check certificates of proofs with Python's standard library alone: python check.py FOLDER.

A file states a claim and the steps of its proof. A step that a machine decided carries a certificate, which is decided
here once more, in integers and fractions. An expression is an integer, a symbol's name, ["+", ...], ["*", ...],
["^", base, integer], ["/", over, under] or ["sqrt", of]; it is multiplied out here, over a common denominator, so that
nothing of the program that wrote it is trusted. Symbols of an inequality stand for positive numbers.
"""

import hashlib
import itertools
import json
import sys
from fractions import Fraction
from functools import reduce
from math import isqrt, prod
from pathlib import Path

WIDTH = 24  # bits of a power in a monomial, which is one integer: monomials are multiplied by adding


class Refused(Exception):
    """A certificate does not prove what it says."""


def refuse(sentence):
    raise Refused(sentence)


def demand(condition, sentence):
    return condition or refuse(sentence)


# Polynomials: {monomial: coefficient}, integers both. Rational functions: a polynomial over {factor: power}.


def collected(terms):
    out: dict = {}
    for monomial, value in terms:
        out[monomial] = out.get(monomial, 0) + value
    return {monomial: value for monomial, value in out.items() if value}


def product(left, right):
    return collected((a + b, p * q) for a, p in left.items() for b, q in right.items())


def power(polynomial, exponent):
    return reduce(product, [polynomial] * exponent, {0: 1})


class Ring:
    """Turns expressions into rational functions; square roots are symbols whose square is known."""

    def __init__(self):
        self.names, self.roots, self.known = {}, {}, {}

    def symbol(self, name):
        return {1 << (WIDTH * self.names.setdefault(name, len(self.names))): 1}

    def of(self, tree):
        key = json.dumps(tree)
        if key not in self.known:
            self.known[key] = self.expanded(tree)
        return self.known[key]

    def expanded(self, tree):
        if isinstance(tree, str):
            return self.symbol(tree), {}
        if type(tree) is int:
            return ({0: tree} if tree else {}), {}
        demand(isinstance(tree, list) and len(tree) > 1, f"{tree!r} is no expression")
        operator, *parts = tree
        if operator == "sqrt":
            over, under = self.of(parts[0])
            demand(not under, "the root of a fraction: multiply it out first")
            root = self.symbol(json.dumps(tree))
            self.roots[next(iter(root))] = over
            return root, {}
        if operator == "^":
            base, size = parts
            demand(type(size) is int, "a power is an integer")
            raised: tuple = reduce(self.times, [self.of(base)] * abs(size), ({0: 1}, {}))
            return raised if size >= 0 else self.inverse(raised)
        if operator == "/":
            over, under = parts
            return self.times(self.of(over), self.inverse(self.of(under)))
        demand(operator in ("+", "*"), f"{operator!r} is no operation")
        join, start = (self.plus, {}) if operator == "+" else (self.times, {0: 1})
        return reduce(join, map(self.of, parts), (start, {}))

    def inverse(self, fraction):
        over, under = fraction
        demand(over, "a division by zero")
        top = reduce(product, (power(dict(factor), times) for factor, times in under.items()), {0: 1})
        return self.reduced(top), ({} if over == {0: 1} else {tuple(sorted(over.items())): 1})

    def times(self, left, right):
        under = dict(left[1])
        for factor, times in right[1].items():
            under[factor] = under.get(factor, 0) + times
        return self.reduced(product(left[0], right[0])), under

    def plus(self, left, right):
        under = {f: max(left[1].get(f, 0), right[1].get(f, 0)) for f in {**left[1], **right[1]}}
        tops = [
            reduce(product, (power(dict(f), times - own.get(f, 0)) for f, times in under.items()), over)
            for over, own in (left, right)
        ]
        return self.reduced(collected(term for top in tops for term in top.items())), under

    def reduced(self, polynomial):
        for unit, square in self.roots.items():
            place = unit.bit_length() - 1
            while high := {m: v for m, v in polynomial.items() if (m >> place) % (1 << WIDTH) > 1}:
                lowered = product({m - 2 * unit: v for m, v in high.items()}, square)
                rest = [(m, v) for m, v in polynomial.items() if m not in high]
                polynomial = collected([*rest, *lowered.items()])
        return polynomial


def sign(polynomial):
    """1 or -1 where all coefficients have that sign, else 0."""
    return all(value > 0 for value in polynomial.values()) - all(value < 0 for value in polynomial.values())


def is_positive(fraction):
    """Say whether every coefficient speaks for a positive value, symbols being positive."""
    return sign(fraction[0]) * prod(sign(dict(factor)) ** times for factor, times in fraction[1].items()) == 1


def identity(left, right, said="the two sides differ"):
    """Both sides are the same rational function."""
    demand(not Ring().of(["+", left, ["*", -1, right]])[0], said)


def positive(expression, numerator, denominator, closed):
    """The expression is numerator / denominator, whose coefficients are positive; `closed`: symbols may be 0 too."""
    identity(expression, ["/", numerator, denominator], "it is not that fraction")
    ring = Ring()
    for part in (numerator, denominator):
        over, under = ring.of(part)
        demand(not under and not ring.roots and sign(over) == 1, "a coefficient is not positive")
        demand(not closed or 0 in over, "no constant term: it may vanish where a symbol does")


def multipliers(target, terms):
    """The target is the sum of multiplier times premise, each multiplier positive: where premises hold, so does it."""
    products = [["*", term["multiplier"], term["premise"]] for term in terms]
    identity(target, ["+", 0, *products], "the combination is not the target")
    for term in terms:
        ring = Ring()
        demand(is_positive(ring.of(term["multiplier"])) and not ring.roots, "a multiplier is not positive")


def minus(left, right):
    return {place: left.get(place, 0) - right.get(place, 0) for place in {**left, **right}}


def worst_case(steps, weights, bound):
    """f(x_N) - f* <= bound |x_0 - x*|^2 for every 1-smooth convex f, after gradient steps of the lengths given.

    Points are x_0, ..., x_N and the minimiser, the last; weights [i, j, w] multiply the inequalities
    f_i >= f_j + <g_j, x_i - x_j> + |g_i - g_j|^2 / 2. What is left is a quadratic form of x_0 and the gradients, which
    elimination, L D L', finds to have no negative pivot.
    """
    last = len(steps) + 1  # the minimiser
    points = [{0: Fraction(1)} | {j + 1: -Fraction(*steps[j]) for j in range(i)} for i in range(last)] + [{}]
    gradients = [{i + 1: Fraction(1)} for i in range(last)] + [{}]
    values, form = [Fraction(0)] * (last + 1), {(0, 0): Fraction(*bound)}
    for i, j, weight in weights:
        weight = Fraction(*weight)
        demand(weight >= 0 and {i, j} <= set(range(last + 1)), "a multiplier is negative, or of no inequality")
        values[i] -= weight
        values[j] += weight
        moved, apart = minus(points[i], points[j]), minus(gradients[i], gradients[j])
        for left, right, share in ((gradients[j], moved, weight), (apart, apart, weight / 2)):
            for (row, a), (column, b) in itertools.product(left.items(), right.items()):
                for place in ((row, column), (column, row)):
                    form[place] = form.get(place, 0) + share * a * b / 2
    demand(values[:-1] == [k == last - 1 for k in range(last)], "the values do not leave f(x_N) - f*")
    for k in range(last + 1):
        pivot, below = form.get((k, k), 0), [row for row in range(k + 1, last + 1) if form.get((row, k))]
        demand(pivot >= 0 and (pivot or not below), "a pivot is negative, or 0 above what is not")
        for row, column in itertools.product(below, below):
            form[row, column] = form.get((row, column), 0) - form[row, k] * form[k, column] / pivot


# Intervals: pairs of integers that count units of 1/SCALE, rounded outwards.
SCALE = 1 << 64


def enclosed(tree, box):
    """An interval that holds every value of the expression on the box; roots are of max(., 0)."""
    if isinstance(tree, str):
        demand(tree in box, f"{tree} has no range")
        return box[tree]
    if type(tree) is int:
        return tree * SCALE, tree * SCALE
    operator, *parts = tree
    if operator == "^":
        (low, high), size = enclosed(parts[0], box), parts[1]
        demand(type(size) is int and size > 0, "a power is a positive integer here")
        ends, unit = (low**size, high**size), SCALE ** (size - 1)
        return 0 if size % 2 == 0 and low <= 0 <= high else min(ends) // unit, -(-max(ends) // unit)
    values = [enclosed(part, box) for part in parts]
    if operator == "sqrt":
        return isqrt(max(values[0][0], 0) * SCALE), isqrt(max(values[0][1], 0) * SCALE) + 1
    if operator == "max":
        return max(low for low, _ in values), max(high for _, high in values)
    if operator == "+":
        return sum(low for low, _ in values), sum(high for _, high in values)
    if operator == "/":
        low, high = values[1]
        demand(len(values) == 2 and (low > 0 or high < 0), "a division by zero is possible")
        values[1] = SCALE**2 // high, -(-(SCALE**2) // low)
    demand(operator in ("*", "/"), f"{operator!r} is no operation")
    out = values[0]
    for side in values[1:]:
        corners = [a * b for a in out for b in side]
        out = min(corners) // SCALE, -(-max(corners) // SCALE)
    return out


def lower_end(expression, where, sides):
    """A number that the expression stays above on a box of rational sides, in units; `where` names parts of it."""
    box = {name: (low * SCALE // 1, -(-high * SCALE // 1)) for name, (low, high) in sides.items()}
    for name, part in where:
        demand(name not in box, f"{name} is named twice")
        box[name] = enclosed(part, box)
    return enclosed(expression, box)[0]


def enclosure(expression, where, box, bound, split):
    """The expression is at least `bound` on the box, by halving: [axis, left, right], or null where one range does."""
    pending = [({name: (Fraction(*low), Fraction(*high)) for name, (low, high) in box.items()}, split)]
    while pending:
        sides, parts = pending.pop()
        demand(all(low <= high for low, high in sides.values()), "a side is empty")
        if parts is None:
            demand(lower_end(expression, where, sides) >= Fraction(*bound) * SCALE, f"the bound fails on {sides}")
            continue
        demand(len(parts) == 3 and parts[0] in sides, "a box is cut into two halves")
        low, high = sides[parts[0]]
        middle = (low + high) / 2
        pending += [({**sides, parts[0]: (low, middle)}, parts[1]), ({**sides, parts[0]: (middle, high)}, parts[2])]


KINDS = {f.__name__: f for f in (identity, positive, multipliers, worst_case, enclosure)}


WITNESSES = ("numerator", "denominator", "multiplier", "weights", "split")  # how it is shown, not what


def stated(entry):
    """What a file states, without what shows it and without its hash."""
    if isinstance(entry, dict):
        return {name: stated(part) for name, part in entry.items() if name not in (*WITNESSES, "sha256")}
    return [stated(part) for part in entry] if isinstance(entry, list) else entry


def digest(claim):
    """Hash formula, sentence, hypotheses and steps, with what each certificate is to show."""
    return hashlib.sha256(json.dumps(stated(claim), sort_keys=True).encode()).hexdigest()


def checked(text, expected):
    """Decide a claim's certificates; return how many machine steps have one, and how many steps of each kind are."""
    claim = json.loads(text, parse_float=refuse, parse_constant=refuse)
    demand(digest(claim) == claim["sha256"] == expected, "statement, hypotheses or steps are not those of the index")
    certified = 0
    for step in claim["steps"]:
        demand(step["kind"] in ("machine", "argument"), f"a step of the kind {step['kind']!r}")
        for number, part in enumerate(step.get("certificate", []), 1):
            demand(step["kind"] == "machine" and part["kind"] in KINDS, f"no such certificate: {part['kind']!r}")
            try:
                KINDS[part["kind"]](**{name: value for name, value in part.items() if name != "kind"})
            except (Refused, TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as reason:
                raise Refused(f"{step['text']} ({number}): {reason or type(reason).__name__}") from None
        certified += bool(step.get("certificate"))
    kinds = [step["kind"] for step in claim["steps"]]
    return certified, kinds.count("machine"), kinds.count("argument")


def main(folder):
    index = json.loads((Path(folder) / "index.json").read_text("utf-8"))
    files = {file.stem: file.read_text("utf-8") for file in sorted(Path(folder).glob("*.json")) if file.stem != "index"}
    refused = [f"{name}: in the index, but not there" for name in index if name not in files]
    for name, text in files.items():
        try:
            certified, machine, argued = checked(text, index.get(name))
            print(f"{name}: accepted, {certified} of {machine} machine steps certified, {argued} argued")
        except (Refused, KeyError, TypeError, ValueError, AttributeError) as reason:
            refused.append(f"{name}: REFUSED, {reason}")
    print(*refused, f"{len(files)} files, {len(refused)} refused", sep="\n")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
