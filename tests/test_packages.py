"""The packages as a whole: a user's file of the same name is refused in one sentence, and imports are light."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("dynamics", "synthetic", "theory", "plots", "optdyn")


@pytest.mark.parametrize(
    ("package", "shadow"), [(p, s) for p in ORDER for s in ORDER if ORDER.index(s) < ORDER.index(p)]
)
def test_a_script_that_shadows_a_package_is_told_so(package, shadow, tmp_path):
    (tmp_path / f"{shadow}.py").write_text("")
    # The script's own folder comes first on the path, as it does for `python script.py`.
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import {package}"
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert result.returncode == 1
    assert f"package {shadow}" in result.stderr.strip().split("\n")[-1]
    assert "another name" in result.stderr.strip().split("\n")[-1]


def test_importing_dynamics_costs_no_sympy_no_matplotlib_and_no_compilation():
    code = (
        "import sys, numba, dynamics, synthetic\n"
        "from numba.core.dispatcher import Dispatcher\n"
        "import gc\n"
        "compiled = [d for d in gc.get_objects() if isinstance(d, Dispatcher) and d.signatures"
        " and d.py_func.__module__.startswith(('dynamics', 'synthetic'))]\n"
        "assert not compiled, compiled\n"
        "heavy = {'sympy', 'matplotlib', 'xarray', 'scipy.linalg', 'rich', 'pandas'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr


def test_dir_of_theory_lists_its_modules_and_no_others():
    import theory

    public = [name for name in dir(theory) if not name.startswith("_")]
    assert set(theory.__all__) <= set(public)
    assert all(getattr(theory, name).__name__ == f"theory.{name}" for name in public)
