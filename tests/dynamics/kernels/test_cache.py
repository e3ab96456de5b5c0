"""The kernel cache, across processes: found again, never stale, never lost, never corrupt."""

import shutil
import sys

import numpy as np
import pytest

from tests.dynamics.processes import ROOT, RUN, finish, run_bowl, start, write_bowl

# Both processes load an empty index, then each sleeps between writing the index and writing the code.
DELAYED = """
import time
from numba.core.caching import IndexDataCacheFile
plain = IndexDataCacheFile._save_data
def late(self, name, data):
    time.sleep(1.0)
    plain(self, name, data)
IndexDataCacheFile._save_data = late
"""


def test_a_second_process_loads_machine_code(tmp_path):
    write_bowl(tmp_path)
    first, second = run_bowl(tmp_path), run_bowl(tmp_path)
    assert first[1:] == (0, 1)
    assert second[1:] == (1, 0)
    assert first[0] == second[0]


@pytest.mark.parametrize(
    ("constant", "expression"),
    [("", "2.0 * t"), ("FACTOR = 2.0", "FACTOR * t")],
)
def test_editing_a_helper_in_another_module_invalidates(tmp_path, constant, expression):
    write_bowl(tmp_path)
    before = run_bowl(tmp_path)
    write_bowl(tmp_path, constant=constant, expression=expression)
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    after = run_bowl(tmp_path)
    assert after[1:] == (0, 1)
    assert after[0] != before[0]


def test_a_constant_imported_into_a_helper_invalidates(tmp_path):
    write_bowl(tmp_path, constant="from settings import FACTOR", expression="FACTOR * t")
    (tmp_path / "settings.py").write_text("FACTOR = 1.0\n")
    before = run_bowl(tmp_path)
    (tmp_path / "settings.py").write_text("FACTOR = 2.0\n")
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    after = run_bowl(tmp_path)
    assert after[1:] == (0, 1)
    assert after[0] != before[0]


def test_editing_the_users_own_module_invalidates(tmp_path):
    write_bowl(tmp_path)
    before = run_bowl(tmp_path)
    text = (tmp_path / "bowl.py").read_text()
    (tmp_path / "bowl.py").write_text(text.replace("problem.weights[j] * x[j]", "2.0 * problem.weights[j] * x[j]"))
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    after = run_bowl(tmp_path)
    assert after[1:] == (0, 1)
    assert after[0] != before[0]


def test_other_pairs_survive_a_module_that_is_gone(tmp_path):
    write_bowl(tmp_path, module="gone", helper="gone_helper")
    write_bowl(tmp_path)
    run_bowl(tmp_path, module="gone")
    before = run_bowl(tmp_path)
    for name in ("gone.py", "gone_helper.py"):
        (tmp_path / name).unlink()
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    after = run_bowl(tmp_path)
    assert after[1:] == (1, 0)
    assert after[0] == before[0]


def test_processes_that_compile_at_the_same_time_do_not_corrupt_the_cache(tmp_path):
    write_bowl(tmp_path)
    methods = ("GradientDescent", "GradientDescent", "HeavyBall")
    scripts = [DELAYED + RUN.format(module="bowl", method=method, step_size=0.25) for method in methods]
    racing = [finish(process)[0].split("\n")[:2] for process in [start(tmp_path, script) for script in scripts]]
    if sys.platform != "win32":  # which of two that want the same comes first, nobody knows; the other one waits
        assert sorted(counts for _, counts in racing) == ["0 1", "0 1", "1 0"]
    for method, (iterate, _) in zip(methods, racing, strict=True):
        again = run_bowl(tmp_path, method=method)
        assert again == (iterate, 1, 0)


def test_an_unwritable_cache_folder_costs_one_sentence(tmp_path):
    write_bowl(tmp_path)
    (tmp_path / "file").write_text("in the way")
    script = RUN.format(module="bowl", method="GradientDescent", step_size=0.25).replace(
        "print(run.x", "simulate(HeavyBall(0.25), Bowl(np.array([1.0, 0.5])), steps=3, x0=[1.0, 2.0])\nprint(run.x"
    )
    script = "from dynamics import HeavyBall\n" + script
    _, err = finish(start(tmp_path, script, NUMBA_CACHE_DIR=str(tmp_path / "file" / "below")))
    assert err.count("compiled kernels can't be kept") == 1
    assert "set NUMBA_CACHE_DIR" in err


def test_classes_of_a_script_run_and_leave_nothing_in_the_cache(tmp_path):
    write_bowl(tmp_path)
    source = (tmp_path / "bowl.py").read_text()
    script = source + RUN.format(module="bowl", method="GradientDescent", step_size=0.25).replace(
        "from bowl import Bowl", ""
    )
    (tmp_path / "script.py").write_text(script)
    out, _ = finish(start(tmp_path, "import runpy; runpy.run_path('script.py', run_name='__main__')"))
    assert out.split("\n")[1] == "0 1"
    assert not list((tmp_path / "cache").rglob("*.nb*"))


def test_plain_python_agrees_with_machine_code(tmp_path):
    write_bowl(tmp_path)
    compiled, _, _ = run_bowl(tmp_path)
    out, _ = finish(
        start(
            tmp_path,
            RUN.format(module="bowl", method="GradientDescent", step_size=0.25).split("hits =")[0],
            NUMBA_DISABLE_JIT="1",
        )
    )
    plain = np.frombuffer(bytes.fromhex(out.strip()))
    np.testing.assert_allclose(np.frombuffer(bytes.fromhex(compiled)), plain, rtol=1e-13)


def test_editing_the_runtime_itself_invalidates(tmp_path):
    # What is not called but shapes machine code: here the policy, in a copy of the package.
    shutil.copytree(ROOT / "dynamics", tmp_path / "dynamics", ignore=shutil.ignore_patterns("__pycache__"))
    write_bowl(tmp_path)
    first = run_bowl(tmp_path)
    policy = tmp_path / "dynamics" / "kernels" / "policy.py"
    policy.write_text(policy.read_text().replace('"contract", ', ""))
    shutil.rmtree(tmp_path / "dynamics" / "kernels" / "__pycache__", ignore_errors=True)
    assert first[1:] == (0, 1)
    assert run_bowl(tmp_path)[1:] == (0, 1)
