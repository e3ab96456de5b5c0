"""The same bytes from threads, processes, a dask cluster and claimed blocks, whoever is killed meanwhile."""

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from dynamics import RSG, open_sweep, sweep
from dynamics.sweeps import claims, processes
from dynamics.sweeps.store import opened
from synthetic import quadratic
from tests.dynamics.sweeps.stores import chunks, same_bytes, swept

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def threads(tmp_path_factory):
    """What threads have made, which every other back end must make too."""
    path = tmp_path_factory.mktemp("threads") / "runs.zarr"
    return path, swept(path)


@pytest.fixture(scope="module")
def cluster():
    """A scheduler with two worker processes of one thread, and a client."""
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as made,
            distributed.Client(made, set_as_default=False) as client,
        ):
            yield client


def same_store(path, threads):
    return opened(path).hash() == opened(threads[0]).hash() and chunks(path) == chunks(threads[0])


def kill_one(pids, path):
    """Kill a process of those that are at work, once a block is done."""

    def kill():
        while not list(path.glob("manifest/0*.json")):
            time.sleep(0.01)
        os.kill(pids()[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    return killer


def test_processes_make_the_same_store_though_one_is_killed(threads, tmp_path, monkeypatch):
    hired, killed = [], []

    class Pool(processes.ProcessPoolExecutor):
        def submit(self, *task):
            future = super().submit(*task)
            hired.extend(pid for pid in self._processes if pid not in hired)
            if len(hired) == 2 and not killed:
                killed.append(hired[1])
                os.kill(killed[0], signal.SIGKILL)
            return future

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    made = swept(tmp_path / "runs.zarr", backend="processes", threads=2)
    assert len(hired) > 2
    assert same_store(tmp_path / "runs.zarr", threads)
    assert same_bytes(made, threads[1])


def test_workers_that_die_again_and_again_are_told(monkeypatch):
    monkeypatch.setattr(processes, "_begin", os._exit)
    with pytest.raises(ValueError, match="worker processes died 3 times in a row"):
        swept(backend="processes", threads=1)


def test_what_can_not_be_sent_is_refused():
    def local(noise):
        return quadratic(eigenvalues=[1.0, 0.1], noise=noise)

    with pytest.raises(ValueError, match="can't be sent to another process"):
        sweep(RSG, local, over={"noise": [0.1]}, fixed={"step_size": 0.1}, steps=1, x0=[1.0, 1.0], backend="processes")


@pytest.mark.parametrize("backend", ["dask", 3, "process"])
def test_unknown_back_ends_are_refused(backend):
    with pytest.raises(ValueError, match="must be 'threads', 'processes', a dask client or a scheduler's address"):
        swept(backend=backend)


def test_a_cluster_makes_the_same_store_though_a_worker_is_killed(threads, cluster, tmp_path):
    pids = list(cluster.run(os.getpid).values())
    killer = kill_one(lambda: pids, tmp_path / "runs.zarr")
    made = swept(tmp_path / "runs.zarr", backend=cluster)
    killer.join()
    assert same_store(tmp_path / "runs.zarr", threads)
    assert same_bytes(made, threads[1])
    assert same_bytes(swept(backend=cluster.scheduler.address), threads[1])


def test_a_users_module_is_sent_to_the_workers(cluster, tmp_path, monkeypatch):
    (tmp_path / "users_bowl.py").write_text(
        "from synthetic import quadratic\ndef bowl(noise):\n    return quadratic(eigenvalues=[1.0, 0.1], noise=noise)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    from users_bowl import bowl

    rest = {"over": {"noise": [0.01]}, "fixed": {"step_size": 0.1, "beta": 0.9}, "steps": 25, "x0": [1.0, -1.0]}
    assert same_bytes(sweep(RSG, bowl, backend=cluster, **rest), sweep(RSG, bowl, **rest))


def test_workers_with_another_version_are_refused(cluster, monkeypatch):
    from dynamics.sweeps import cluster as module

    monkeypatch.setattr(module, "versions", lambda: {"numpy": "1.0"})
    with pytest.raises(ValueError, match=r"has numpy .*, here it is 1.0: make them alike"):
        swept(backend=cluster)


def test_an_address_where_nobody_answers_is_refused(monkeypatch):
    from dynamics.sweeps import cluster as module

    monkeypatch.setattr(module, "PATIENCE", "0.2s")
    with pytest.raises(ValueError, match=r"no dask scheduler answers at tcp://127\.0\.0\.1:9"):
        swept(backend="tcp://127.0.0.1:9")


WORK = (
    "import sys; from pathlib import Path; from tests.dynamics.sweeps.stores import swept\n"
    "swept(Path(sys.argv[1]), backend='claims', threads=1)"
)


def test_processes_that_claim_blocks_make_the_same_store_though_one_is_killed(threads, tmp_path):
    path = tmp_path / "runs.zarr"
    command = [sys.executable, "-c", WORK, str(path)]
    workers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    end = time.monotonic() + 60
    while not list(path.glob("manifest/*.claim")) and time.monotonic() < end:
        time.sleep(0.01)
    workers[0].kill()
    said = [worker.communicate(timeout=120)[1] for worker in workers]
    assert [worker.returncode for worker in workers[1:]] == [0], said
    assert same_store(path, threads)
    assert not list(path.glob("manifest/*.claim"))
    assert same_bytes(open_sweep(path), threads[1])


def test_a_claim_is_void_where_its_process_is_gone_or_silent(tmp_path):
    file = tmp_path / "000000.claim"
    assert claims._created(file)
    assert not claims._created(file)
    assert not claims._void(file)
    os.utime(file, (0, 0))
    assert claims._void(file)
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    import socket

    for host, void in ((socket.gethostname(), True), ("elsewhere", False)):
        file.write_text(f'{{"host": "{host}", "process": {int(ended.stdout)}}}')
        assert claims._void(file) == void
    assert claims._taken_over(file)
    assert not claims._void(file)
