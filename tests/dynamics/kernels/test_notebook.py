"""The everyday case, in a real notebook: an editor saves a module while the session lives, and a cell runs again."""

import os
import textwrap
from pathlib import Path

import numba
import pytest

nbclient = pytest.importorskip("nbclient", reason="a notebook needs nbclient, of the group dev")
nbformat = pytest.importorskip("nbformat", reason="a notebook needs nbformat, which comes with nbclient")
pytest.importorskip("ipykernel", reason="a notebook needs ipykernel, of the group dev")
pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")

HELPER = "from dynamics import kernel\n@kernel\ndef factor():\n    return 1.0\n"
METHOD = """
from typing import NamedTuple
from edited_helper import factor
from dynamics import implements, update

class M(NamedTuple):
    step_size: float

@implements(update, M)
def _(method, oracle, point, memory, k):
    point.x[0] -= 1 * factor() * method.step_size * point.gradient[0]
"""

SET_UP = """
%load_ext autoreload
%autoreload 2
import edited_helper, edited_method
from dynamics import simulate
from synthetic import quadratic

def edit(name, old, new):
    import os, pathlib
    path = pathlib.Path(name + ".py")
    stamp = path.stat().st_mtime_ns + 2 * 10**9
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(stamp, stamp))
"""
RUN = "float(simulate(edited_method.M(0.1), quadratic(eigenvalues=[1.0]), steps=1, x0=[1.0]).x[0])"
EDITS = ('edit("edited_method", "-= 1 *", "-= 23 *")', 'edit("edited_helper", "return 1.0", "return 2.0")')
OF_THE_CELL = """
from typing import NamedTuple
from dynamics import implements, update

class M(NamedTuple):
    step_size: float

@implements(update, M)
def _(method, oracle, point, memory, k):
    point.x[0] -= {factor} * method.step_size * point.gradient[0]
"""


def test_a_cell_runs_the_code_that_stands_in_the_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[3]
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), str(tmp_path)]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    (tmp_path / "edited_helper.py").write_text(HELPER)
    (tmp_path / "edited_method.py").write_text(METHOD)
    in_cell = RUN.replace("edited_method.", "")
    cells = [SET_UP, RUN, EDITS[0], RUN, EDITS[1], RUN]
    for factor in ("1.0", "3.0"):
        cells += [OF_THE_CELL.format(factor=factor), in_cell]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell)) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    seen = [
        float(output["data"]["text/plain"])
        for cell in notebook.cells
        for output in cell["outputs"]
        if output["output_type"] == "execute_result"
    ]
    assert seen == pytest.approx([0.9, 1 - 2.3, 1 - 4.6, 0.9, 0.7], rel=1e-14)
