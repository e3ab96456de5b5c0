"""Room for rows: asked for once, filled in place, given back where most of it stays empty."""

import numpy as np
import pytest

import dynamics.runs.chunks
import dynamics.runs.record_blocks
from dynamics import BarzilaiBorwein, GradientDescent, Stop, simulate
from dynamics.runs.record_blocks import RecordBlocks, joined
from dynamics.vectors.alignment import aligned_empty
from dynamics.vectors.lanes import Lanes
from tests.dynamics.problems import Bowl

BOWL = Bowl(np.array([1.0, 0.1]))
START = np.array([1.0, -2.0])
COLUMNS = ("iteration", "loss", "gradient_norm", "step_size", "gradients", "iterates")


def filled(records, first, rows):
    """Write `rows` rows that count up from `first`."""
    for column in records[:-1]:
        column[:rows] = np.arange(first, first + rows).reshape((-1,) + (1,) * (column.ndim - 1))


def test_chunks_of_a_moderate_run_fill_one_block_in_place():
    records = RecordBlocks(aligned_empty, every=1, numbers=2)
    rooms = []
    for begin in (0, 10, 40):
        rooms.append(records.ahead(min(begin + 30, 100) - begin, 100 - begin))
        filled(rooms[-1], begin, 30)
        records.wrote(30 if begin else 10)
    block, written = records.block, joined(records.blocks())
    assert written.iteration.tolist() == list(range(70))
    assert written.iterates.size == 140
    for part, *pieces in zip(written, *rooms, strict=True):
        assert all(np.shares_memory(part, piece) for piece in pieces)
    assert all(np.shares_memory(part, whole) for part, whole in zip(written, block, strict=True))


def test_a_run_that_ends_early_keeps_no_more_than_its_rows():
    records = RecordBlocks(aligned_empty, every=1, numbers=2)
    filled(records.ahead(256, 100_000), 0, 3)
    records.wrote(3)
    (written,) = records.blocks()
    assert written.iteration.tolist() == [0, 1, 2]
    assert all(column.base is None for column in written)


@pytest.mark.parametrize("room", [aligned_empty, lambda rows: Lanes.empty(rows, 8)], ids=["alone", "lanes"])
def test_long_runs_go_on_in_further_blocks(room, monkeypatch):
    monkeypatch.setattr(dynamics.runs.record_blocks, "BLOCK", 7 * 40)  # 40 rows
    records = RecordBlocks(room, every=1, numbers=0)
    for begin in range(0, 150, 15):
        filled(records.ahead(15, 150 - begin), begin, 15)
        records.wrote(15)
    blocks = records.blocks()
    assert len(blocks) > 2
    whole = joined(blocks)
    assert whole.iteration.tolist() == list(range(150))
    assert type(whole.loss) is type(room(2))
    assert (whole.gradient_norm.reshape(150, -1)[:, -1] == np.arange(150)).all()


@pytest.mark.parametrize("every", [1, 7])
@pytest.mark.parametrize("begin", [0, 4])
def test_a_run_asks_for_room_once_however_many_its_chunks(every, begin, monkeypatch):
    monkeypatch.setattr(dynamics.runs.chunks, "FIRST_CHUNK", 5)
    monkeypatch.setattr(dynamics.runs.chunks, "CHUNK_SECONDS", 0.0)
    made = []
    plain = RecordBlocks._new
    monkeypatch.setattr(RecordBlocks, "_new", lambda records, rows: made.append(rows) or plain(records, rows))
    first = simulate(GradientDescent(0.5), BOWL, steps=begin, x0=START, record_every=every)
    made.clear()
    simulate(GradientDescent(0.5), BOWL, steps=203, resume=first)
    assert len(made) == 1


@pytest.mark.parametrize("stop", [Stop(), Stop(gradient_norm=1e-3)], ids=["to the end", "converged"])
def test_blocks_do_not_change_a_byte(stop, monkeypatch):
    method, arguments = BarzilaiBorwein(0.5), {"steps": 100, "x0": START, "record_iterates": True, "stop": stop}
    whole = simulate(method, BOWL, **arguments)
    monkeypatch.setattr(dynamics.runs.chunks, "FIRST_CHUNK", 3)
    monkeypatch.setattr(dynamics.runs.chunks, "CHUNK_SECONDS", 0.0)
    monkeypatch.setattr(dynamics.runs.record_blocks, "BLOCK", 90)  # 10 rows
    pieces = simulate(method, BOWL, **arguments)
    for name in COLUMNS:
        assert getattr(pieces, name).tobytes() == getattr(whole, name).tobytes()
