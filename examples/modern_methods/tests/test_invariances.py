"""The table of invariances holds, what it affirms and what it denies; README shows it."""

from pathlib import Path

import numpy as np
import pytest
from landscape import START, Landscape
from modern_methods.invariances import LAWS, changed, table

from dynamics import simulate

pytestmark = pytest.mark.usefixtures("plainly")
STEPS = 7


def orthogonal(d, seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


TURNS = {
    "rotation": orthogonal(8, 0),
    # Of a matrix by rows, both sides at once are a Kronecker product.
    "sides": np.block([[np.kron(orthogonal(2, 1), orthogonal(3, 2)), np.zeros((6, 2))], [np.zeros((2, 6)), np.eye(2)]]),
    "order": np.eye(8)[[5, 2, 7, 0, 6, 3, 1, 4]],
}


def path(method, **change):
    """The iterates, in the coordinates of the problem as it was."""
    problem = Landscape(**change)
    start = problem.turn.T @ START * problem.length
    return (
        simulate(method, problem, steps=STEPS, x0=start, record_iterates=True).iterates
        @ problem.turn.T
        / problem.length
    )


@pytest.mark.parametrize("name", LAWS)
def test_the_row_of(name):
    law = LAWS[name]
    plain = path(law.make())
    assert np.ptp(plain, axis=0).max() > 0.05
    for change, turn in TURNS.items():
        apart = np.abs(path(law.make(), turn=turn) - plain).max()
        assert apart < 1e-7 if getattr(law, change) else apart > 1e-3, (change, apart)
    for factor, field in {"a": "loud", "c": "length"}.items():
        followed = path(law.make(**{factor: 4.0}), **{field: 4.0})
        np.testing.assert_allclose(followed, plain, rtol=1e-7, atol=1e-9)
        if changed(law, **{factor: 4.0}):
            assert np.abs(path(law.make(), **{field: 4.0}) - plain).max() > 1e-4


def test_readme_shows_the_table():
    assert table() in Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
