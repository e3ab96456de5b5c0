"""A sweep over the workers of a dask cluster."""

import importlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from dynamics.checks import Refusal
from dynamics.sweeps.backends import Backend, Results
from dynamics.sweeps.blocks import Block
from dynamics.sweeps.extras import needs
from dynamics.sweeps.made_with import versions
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.shipping import file_of, received_and_computed, shipped, users_modules

RETRIES = 3
PATIENCE = "10s"  # for a scheduler to answer


def in_cluster(given: Any) -> Backend:
    """The back end of a client, or of the scheduler at an address."""

    def run(plan: Plan, blocks: Mapping[int, Block], iteration: np.ndarray, workers: int) -> Results:
        distributed = needs("distributed", "cluster")
        payload = shipped(plan, iteration)
        client = _client(distributed, given) if isinstance(given, str) else given
        try:
            _require_code(client, plan)
            yield from _results(distributed, client, payload, blocks)
        finally:
            if client is not given:
                client.close()

    return run


def _client(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Refusal(f"no dask scheduler answers at {address}: start one with `dask scheduler`.") from error


def _results(distributed: Any, client: Any, payload: bytes, blocks: Mapping[int, Block]) -> Results:
    # A task and not scattered data, which would be lost with the workers that hold it.
    sent = client.submit(bytes, payload, pure=False)
    numbers, parts = list(blocks), list(blocks.values())
    futures = client.map(received_and_computed, [sent] * len(parts), numbers, parts, retries=RETRIES, pure=False)
    try:
        for future in distributed.as_completed(futures, loop=client.loop):
            try:
                result = future.result()
            except distributed.KilledWorker as error:
                raise Refusal(
                    f"a block has killed its worker again and again ({error}); a common cause is that memory ran out."
                ) from error
            future.release()
            yield result
    finally:
        with suppress(Exception):  # the cluster may be gone
            client.cancel(futures)


def _require_code(client: Any, plan: Plan) -> None:
    """Send the user's modules to workers that lack them; refuse workers that compute with other code or versions."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise Refusal("the dask scheduler has no workers: start some with `dask worker`.") from error
    modules = list(users_modules(plan))
    if "__main__" in modules:
        raise Refusal(
            "classes and kernels of a script that is run are not known to workers of a cluster: move them into a "
            "module, and import it."
        )
    for module in modules:
        file = file_of(module)
        if file and "." not in module and any(_answers(client, _lacks, module).values()):
            client.upload_file(file)
    ours = versions()
    for worker, theirs in _answers(client, _versions).items():
        for name, word in ours.items():
            if theirs.get(name) != word:
                raise Refusal(f"the worker {worker} has {name} {theirs.get(name)}, here it is {word}: make them alike.")
    for module in modules:
        lacking = [worker for worker, lacks in _answers(client, _lacks, module).items() if lacks]
        if lacking:
            raise Refusal(f"the worker {lacking[0]} lacks the module {module}: install it there.")


def _answers(client: Any, function: Any, *arguments: Any) -> dict[str, Any]:
    answers = client.run(function, *arguments, on_error="return")
    # A worker that is lost meanwhile says nothing of its code; the scheduler gives its blocks to others.
    heard = {worker: answer for worker, answer in answers.items() if not isinstance(answer, OSError)}
    for worker, answer in heard.items():
        if isinstance(answer, Exception):
            raise Refusal(
                f"the worker {worker} can't run optdyn's code ({type(answer).__name__}: {answer}): install optdyn "
                f"there, in this version."
            )
    return heard


def _versions() -> dict[str, str]:
    return versions()


def _lacks(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return True
    return False
