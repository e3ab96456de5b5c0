"""Room for rows: asked for once, filled in place, given back where most of it stays empty."""

import itertools

import numpy as np
import pytest

import dynamics.runs.chunks
import dynamics.runs.record_blocks
from dynamics import BarzilaiBorwein, GradientDescent, Stop, simulate
from dynamics.runs.record_blocks import RecordBlocks, joined, lent_rows
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


def test_rows_in_lent_memory_come_before_the_others_in_one_block():
    records = RecordBlocks(aligned_empty, every=1, numbers=0, lent=lent_rows(aligned_empty))
    for begin, end in ((0, 256), (256, 1280), (1280, 5000)):
        filled(records.ahead(end - begin, 5000 - begin), begin, end - begin)
        records.wrote(end - begin)
    (written,) = records.blocks()
    for column in written[:-2]:
        assert column.tolist() == list(range(5000))
    assert written.calls.tolist() == [[row] * 3 for row in range(5000)]
    assert all(np.shares_memory(column, whole) for column, whole in zip(written[:-1], records.block, strict=False))


@pytest.mark.parametrize("room", [aligned_empty, lambda rows: Lanes.empty(rows, 8)], ids=["alone", "lanes"])
def test_a_block_is_one_piece_of_memory_that_no_column_shares_with_another(room):
    block = RecordBlocks(room, every=1, numbers=2).ahead(100, 100)
    assert len({column.__array_interface__["data"][0] for column in block}) == len(block)
    for column, other in itertools.combinations(block, 2):
        assert not np.shares_memory(column, other)
    assert len({id(_owner(column)) for column in block}) == 1
    assert [len(column) for column in block] == [103] * 5 + [206]


def _owner(array):
    """What the memory of a view belongs to."""
    return array if array.base is None else _owner(array.base)


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
