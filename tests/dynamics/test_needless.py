"""numba is imported without what optdyn has no use for; all others get it."""

import subprocess
import sys

import pytest

ASKING = """
import sys, warnings
from importlib.util import find_spec
from dynamics.needless import without_the_needless

class Asking:  # as somebody who imports them meanwhile
    def find_spec(self, name, path=None, target=None):
        if name == "numba.core.errors":
            found.extend(bool(find_spec(each)) for each in ("scipy", "yaml"))

found = []
sys.meta_path.insert(0, Asking())
finders = list(sys.meta_path)
warnings.simplefilter("error")
with without_the_needless():
    import numba
assert sys.meta_path == finders
print(found, "scipy" in sys.modules, "yaml" in sys.modules, int(numba.config.OPT))
"""


def told(folder, script):
    asked = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    return asked.stdout


def test_numba_does_without_and_others_meanwhile_get_it(tmp_path):
    assert told(tmp_path, ASKING) == "[True, True] False False 3\n"


def test_a_file_of_settings_is_read(tmp_path):
    (tmp_path / ".numba_config.yaml").write_text("opt: '1'\n")
    assert told(tmp_path, ASKING) == "[True, True] False True 1\n"


def test_a_file_of_settings_that_is_there_later_is_read(tmp_path):
    settings = "open('.numba_config.yaml', 'w').write('opt: \\'1\\'')"
    later = f"{settings}\nnumba.config.reload_config()\nprint(int(numba.config.OPT))"
    assert told(tmp_path, f"{ASKING}{later}") == "[True, True] False False 3\n1\n"


@pytest.mark.parametrize("first", ["", "import numba; "])
def test_a_run_asks_for_none_of_them(tmp_path, first):
    needless = "[name in sys.modules for name in ('scipy', 'yaml', 'importlib.metadata', 'dynamics.runs.probes')]"
    script = f"{first}import sys; from dynamics import simulate; simulate; print({needless})"
    assert told(tmp_path, script) == ("[True, True, True, False]\n" if first else "[False, False, False, False]\n")


LATER = """
import importlib, sys
from dynamics import kernel
assert "metadata" not in vars(importlib)
from numba.core import entrypoints
asked = "importlib.metadata" in sys.modules
entrypoints.init_all()
print(asked, "importlib.metadata" in sys.modules, importlib.metadata.version("extension"))
"""


def test_numba_finds_its_extensions_later(tmp_path):
    package = tmp_path / "extension-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: extension\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[numba_extensions]\ninit = extension:init\n")
    (tmp_path / "extension.py").write_text("def init():\n    print('begun')\n")
    assert told(tmp_path, LATER) == "begun\nFalse True 1.0\n"


def test_what_others_import_meanwhile_stays(tmp_path):
    script = ASKING.replace('"scipy", "yaml"', '"scipy", "yaml", "importlib.metadata"')
    script = script.replace("import numba\n", "import numba\n    import importlib.metadata\n")
    ends = "\nimport importlib; print(importlib.metadata is sys.modules['importlib.metadata'])"
    assert told(tmp_path, script + ends) == "[True, True, True] False False 3\nTrue\n"
