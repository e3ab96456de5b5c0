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
        "import sys, numba, dynamics.public, synthetic.public\n"
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


WITHOUT_NUMBA = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numba", "llvmlite"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])

sys.meta_path.insert(0, Absent())
"""


@pytest.mark.parametrize(
    "user",
    [
        "from dynamics import SGD",
        "from synthetic import carmon",
        "sys.argv = ['optdyn', 'run', 'carmon', 'sgd']; main()",
    ],
)
def test_without_numba_one_sentence_says_so(user):
    script = f"{WITHOUT_NUMBA}\nfrom optdyn.cli import main\n{user}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode != 0
    assert "is not installed: python -m pip install numba" in done.stderr.splitlines()[-1]
    assert "fault of optdyn" not in done.stderr


def test_without_numba_the_closed_forms_of_theory_work():
    script = (
        f"{WITHOUT_NUMBA}\nfrom theory import arsg, l4, linear, sigma_nice, step_tuned, streamed_sgd, trust_region\n"
        "from theory.claims import claims\nprint(arsg.gain_factor(0.1, beta=0.9, mu=0.1) < 1, len(claims()) > 100)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["True", "True"], done.stderr
