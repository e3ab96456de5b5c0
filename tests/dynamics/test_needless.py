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
def test_a_run_asks_for_neither(tmp_path, first):
    script = f"{first}import sys; from dynamics import simulate; print('scipy' in sys.modules, 'yaml' in sys.modules)"
    assert told(tmp_path, script) == ("True True\n" if first else "False False\n")
