"""Blocks of a plan: the same bytes however the runs are cut."""

import numpy as np
import pytest

from dynamics import RSG, Status, Stop, sweep
from dynamics.sweeps import execution
from dynamics.sweeps.blocks import Block, blocks, compute, merge
from dynamics.sweeps.plan import planned
from synthetic import quadratic

OVER = {"step_size": [0.05, 0.1, 0.3, 50.0], "mu": [0.1, 0.4]}
FIXED = {"beta": 0.9, "eigenvalues": [1.0, 0.1], "noise": 0.1}
REST = {"steps": 25, "x0": [1.0, -1.0], "record_every": 5, "stop": Stop(loss_bound=1e6)}
NAMES = ("loss", "gradient_norm", "status", "stopped_at")


def plan_of(reduce=None, noise="own"):
    return planned(RSG, quadratic, OVER, FIXED, seeds=(0, 1, 5), noise=noise, reduce=reduce, **REST)


@pytest.mark.parametrize("reduce", [None, "last"])
@pytest.mark.parametrize("noise", ["own", "common"])
def test_blocks_of_any_size_and_order_are_the_sweep(reduce, noise, monkeypatch):
    plan = plan_of(reduce, noise)
    monkeypatch.setattr(execution, "FEW", 10**9)  # through Python
    made = sweep(RSG, quadratic, over=OVER, fixed=FIXED, seeds=[0, 1, 5], noise=noise, reduce=reduce, **REST)
    monkeypatch.setattr(execution, "FEW", 0)  # through the compiled loop
    for size in (1, 7, 24):
        parts = [(block, compute(plan, block, threads=1 + size % 2)) for block in reversed(list(blocks(plan, size)))]
        assert sum(len(block) for block, _ in parts) == 24
        merged = merge(plan, parts)
        for name in NAMES:
            column = merged.arrays[name]
            assert column.shape == (8, 3, *([6] if reduce is None and name in NAMES[:2] else []))
            assert column.tobytes() == made[name].values.tobytes(), name
        assert not merged.errors
        kept = merged.arrays["calls"][..., 1] >= 0
        np.testing.assert_array_equal(
            np.where(kept, merged.arrays["calls"][..., 1], np.nan).ravel(), made.gradients.values.ravel()
        )
    assert set(made.status.values.ravel()) == {Status.MAX_ITERATIONS, Status.DIVERGED}


def test_a_block_may_be_made_of_columns_of_a_table(monkeypatch):
    monkeypatch.setattr(execution, "FEW", 0)  # through the compiled loop
    plan = plan_of()
    block = next(blocks(plan))
    table = np.stack([block.settings, block.seeds], axis=1)
    for name in NAMES:
        packed, strided = (compute(plan, b).arrays[name] for b in (block, Block(table[:, 0], table[:, 1])))
        assert strided.tobytes() == packed.tobytes(), name


def test_a_block_that_is_interrupted_is_not_returned():
    plan = plan_of()
    with pytest.raises(KeyboardInterrupt):
        compute(plan, next(blocks(plan)), interrupted=lambda: True)


def test_last_iterates_on_request_and_missing_runs():
    plan = plan_of()
    block = Block(np.array([3, 0]), np.array([2, 1]))
    columns = compute(plan, block, iterates=True)
    assert columns.arrays["x"].shape == (2, 2)
    merged = merge(plan, [(block, columns)])
    assert np.isfinite(merged.arrays["x"]).sum() == 4
    assert (merged.arrays["status"] == Status.RUNNING).sum() == 22
