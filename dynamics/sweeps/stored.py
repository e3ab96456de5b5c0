"""A sweep and its store: which blocks are missing, and what is kept of each."""

from typing import Any

import numpy as np

from dynamics.sweeps.blocks import Block
from dynamics.sweeps.forms import coordinate_forms, forms, variable
from dynamics.sweeps.layout import Layout
from dynamics.sweeps.pieces import Piece, iterations
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.preparation import path_of, prepared
from dynamics.sweeps.reduction import rows_of
from dynamics.sweeps.store import Store


def store_for(plan: Plan, out: Any) -> tuple[Store, np.ndarray]:
    """The store for a plan's runs, and what they record; all is checked, nothing is computed."""
    path_of(out)
    iteration = iterations(plan)
    rows = rows_of(plan.reduce, iteration)
    return prepared(out, plan, forms(plan, rows) | coordinate_forms(plan), rows), iteration


def keep(store: Store, number: int, places: np.ndarray, piece: Piece) -> None:
    """Write a block that has been computed."""
    names = [name for axis in store.layout.axes for name in axis["names"]]
    columns = {variable(names, name): column for name, column in piece.columns.items()} | coordinates(store, places)
    entry = {"runs": piece.runs, "failed": piece.failed, "seconds": round(piece.seconds, 6)}
    try:
        store.write(number, columns, piece.errors, entry)
    except FileNotFoundError:
        if number in store.pending():  # else another process has finished it, and tidied up
            raise


def blocks_missing(store: Store, plan: Plan) -> dict[int, np.ndarray]:
    """The blocks that hold runs of a plan and are not done, with the places of their runs."""
    pending, asked = set(store.pending()), store.layout.asked(plan)
    found = {}
    for number, places in store.layout.each():
        if number in pending:
            wanted = [np.isin(places[:, k], where) for k, where in enumerate(asked)]
            if np.logical_and.reduce(wanted).any():
                found[number] = places
    return found


def block_of(layout: Layout, places: np.ndarray, plan: Plan) -> Block:
    """Runs by their settings in the layout's plan, and their seeds; all of these where quantiles are kept instead."""
    shape = layout.shape[:-1]
    settings = np.ravel_multi_index(tuple(places[:, :-1].T), shape) if shape else np.zeros(len(places), dtype=np.int64)
    if plan.quantiles:
        seeds = len(plan.seeds)
        return Block(np.repeat(settings, seeds), np.tile(np.arange(seeds), len(settings)))
    return Block(settings, np.ascontiguousarray(places[:, -1]))


def coordinates(store: Store, places: np.ndarray) -> dict[str, np.ndarray]:
    """The columns by which other readers tell runs apart: values where they are numbers, else places."""
    columns, forms_of = {}, store.forms()
    for k, axis in enumerate(store.layout.axes):
        for position, name in enumerate(axis["names"]):
            column = [row[position] for row in axis["values"]]
            numbers = [value if isinstance(value, int | float) else np.nan for value in column]
            columns[name] = np.array(numbers)[places[:, k]] if forms_of[name].dtype == "<f8" else places[:, k]
    if "seed" not in forms_of:
        return columns
    seeds = np.array([seed if seed < 2**63 else -1 for seed in store.layout.seeds], dtype=np.int64)
    return columns | {"seed": seeds[places[:, -1]]}
