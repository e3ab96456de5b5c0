"""What may stand where an argument belongs: huge, tiny, negative, NaN, infinite, complex, words, arrays, things."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

# Made anew for each call, since a call may change what it is given.
ZOO: dict[str, Callable[[], Any]] = {
    text: (lambda text=text: eval(text, {"np": np, "Decimal": Decimal, "Fraction": Fraction, "nan": np.nan}))
    for text in (
        # numbers that are something
        "0",
        "1",
        "2",
        "3",
        "0.5",
        "2.5",
        "True",
        "Fraction(1, 3)",
        "np.float64(0.25)",
        "np.float32(0.5)",
        "np.int8(5)",
        "np.array(0.5)",
        "Decimal('0.5')",
        # too small, too large, too many
        "-1",
        "-0.5",
        "5e-324",
        "1e-300",
        "1e308",
        "-1e308",
        "10**12",
        "10**12 + 0.0",
        "2**62",
        "2**63",
        "-(2**63)",
        "10**400",
        # no numbers
        "nan",
        "np.inf",
        "-np.inf",
        "1j",
        "None",
        "''",
        "'abc'",
        "'1'",
        "b'x'",
        "np.datetime64('2026-01-01')",
        "object()",
        "int",
        "...",
        # collections
        "[]",
        "()",
        "{}",
        "set()",
        "[1]",
        "(1, 2)",
        "[[1]]",
        "[[1, 2], [3]]",
        "[1, 'a']",
        "['a', 'b']",
        "[None]",
        "[nan]",
        "[1e308, -1e308]",
        "{'a': 1}",
        "{1, 2}",
        "range(3)",
        # arrays
        "np.zeros(0)",
        "np.zeros((0, 3))",
        "np.ones(2)",
        "np.ones(3)",
        "np.ones(5)",
        "np.eye(2)",
        "-np.eye(2)",
        "np.ones((2, 3, 4))",
        "np.array([1, np.inf])",
        "np.array([1 + 1j, 2])",
        "np.array(['a'])",
        "np.array([None, 1])",
        "np.ma.masked_array([1.0, 2.0], [True, False])",
        "np.arange(10.0)[::2]",
        "np.array([2**62, 1])",
        "np.random.default_rng(0)",
        "np.random.SeedSequence(0)",
    )
}
