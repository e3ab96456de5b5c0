"""What of numba is made ready before machine code from disk is used."""

import os
import subprocess
import sys

import numba
import numpy as np
import pytest

from dynamics.kernels import cache, first_time
from dynamics.kernels.cache import compiled


class Context:
    refreshed = 0

    def refresh(self):
        self.refreshed += 1


@pytest.mark.parametrize(
    ("code", "users", "refreshed", "running"),
    [
        (b"plain", False, 0, []),
        (b"plain", True, 0, ["what others add"]),
        (b"a _numba_hashsecret_siphash_k0 b", False, 1, []),
        (b"a NRT_decref b", False, 0, [Context]),
        (b"a .numba.unresolved$itself b", True, 0, [Context, "what others add"]),
    ],
)
def test_code_from_disk_has_what_it_needs_and_no_more(monkeypatch, code, users, refreshed, running):
    initialized = []
    monkeypatch.setattr(first_time, "init_all", lambda: initialized.append("what others add"))
    monkeypatch.setattr(
        type(first_time.rtsys), "initialize", lambda runtime, context: initialized.append(type(context))
    )
    context = Context()
    first_time.before_loading(context, code, users)
    assert (context.refreshed, initialized) == (refreshed, running)


def _doubled(x):
    return x + x


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
@pytest.mark.parametrize("module", [__name__, "dynamics.checks"])
def test_what_others_add_to_numba_is_for_users_kernels(monkeypatch, module):
    monkeypatch.setattr(_doubled, "__module__", module)
    for memory in ("_made", "_dispatchers"):
        monkeypatch.setattr(cache, memory, {})
    assert compiled(_doubled, (1.5,))._cache.everything == (module == __name__)


SECOND = """
from numba.core.runtime import rtsys
from dynamics import SGD, simulate
from dynamics.kernels.store import Store
from synthetic import quadratic
taken = []
loads = Store.load_overload
Store.load_overload = lambda store, *arguments: taken.append(loads(store, *arguments)) or taken[-1]
print(simulate(SGD(0.5), quadratic(eigenvalues=[1.0]), steps=2, x0=[16.0]).x, None not in taken, rtsys._init)
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_a_run_with_code_from_disk_compiles_nothing_not_even_numbas_runtime(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = [
        subprocess.run([sys.executable, "-c", SECOND], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [each.stdout for each in told] == ["[4.] False False\n", "[4.] True False\n"]


FIRST = """
import sys
import numba
import numpy as np
from dynamics import TrustRegion, simulate
from dynamics.kernels import first_time
from numba.core.runtime import rtsys
from synthetic import quadratic
enough = first_time._enough_without_counts
def gone(): raise ImportError
first_time._enough_without_counts = {"moved": lambda: ((), ()), "gone": gone}.get(sys.argv[1], enough)
problem = quadratic(eigenvalues=[4.0, 1.0])
run = simulate(TrustRegion(radius=5.0, kappa=1e-9), problem, steps=1, x0=[1.0, 1.0])
needless = ["numba.typed.typedlist", "numba.cpython.charseq", "numba.cpython.unicode"]
print(run.x.round(12) + 0.0, rtsys._init, [name in sys.modules for name in needless])
print(numba.njit(lambda words: [word + "!" for word in words])(("a", "b")))
print(numba.njit(lambda words, bits: (words[0] == words[1], bits.tobytes()))(np.array(["a", "b"]), np.arange(2)))
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
@pytest.mark.parametrize(("modules", "everything"), [("there", False), ("moved", True), ("gone", True)])
def test_our_kernels_are_compiled_without_all_of_numba_unless_they_need_it(tmp_path, modules, everything):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", FIRST, modules], env=environment, capture_output=True, text=True, check=True
    )
    loaded = f"[0. 0.] {everything} {[everything] * 3}\n"
    assert told.stdout == f"{loaded}['a!', 'b!']\n(False, {np.arange(2).tobytes()!r})\n"


ASKING = """
import sys
from dynamics.kernels import first_time
sys.modules[first_time.STRINGS] = first_time._Strings()
from numba.cpython.charseq import bytes_type, unicode_byte_width
print(bytes_type.dtype, unicode_byte_width, sys.modules[first_time.STRINGS].__name__)
"""


def test_another_numba_may_ask_more_of_its_strings():
    told = subprocess.run([sys.executable, "-c", ASKING], capture_output=True, text=True, check=True)
    assert told.stdout == "uint8 4 numba.cpython.charseq\n"


COUNTING = """
import sys
from typing import NamedTuple
import numpy as np
from dynamics import SGD, implements, simulate, value_and_gradient
from dynamics.kernels.watch import Watch
class Folded(NamedTuple):
    length: int
@implements(value_and_gradient, Folded)
def _(problem, x, out):
    for j, number in enumerate(x):
        out[j] = np.sign(x.copy())[j]
    return sum([abs(number) for number in x])
if sys.argv[1] == "ours":
    Watch.__bool__ = lambda watch: False
print(simulate(SGD(0.5), Folded(1), steps=2, x0=[16.0]).x)
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
@pytest.mark.parametrize("whose", ["ours", "users"])
def test_what_makes_arrays_is_compiled_with_all_of_numba(tmp_path, whose):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", COUNTING, whose], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout == "[15.]\n"


AFTER = """
import numba
from dynamics.kernels import cache
from dynamics.kernels.watch import Watch
def again(): raise AssertionError
Watch.__bool__ = lambda watch: False
cache._renewal.forget = again
print(numba.njit(lambda x: x + 1)(1), cache.compiled(lambda x: int(x), (1.5,))(1.5))
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_our_kernels_are_compiled_at_once_where_numba_has_compiled_before(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", AFTER], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == "2 1\n"


@pytest.mark.parametrize("kind", ["f8", "i8", "?", "f4", "u2", "c16"])
def test_arrays_have_the_types_that_numba_gives_them(kind):
    whole = np.zeros((3, 4), kind)
    read_only = whole.copy()
    read_only.flags.writeable = False
    arrays = [whole, whole.T, whole[:, 1], whole[1], whole[::2], read_only]
    expected = [first_time._type_of_any_array(array, None) for array in arrays]
    assert [numba.typeof(array) for array in arrays] == expected
    assert len(set(expected)) == len(arrays)


def test_an_array_that_is_masked_or_foreign_is_refused_in_numbas_words():
    with pytest.raises(numba.errors.NumbaTypeError, match="Masked"):
        numba.typeof(np.ma.masked_array([1.0], [True]))
    with pytest.raises(numba.errors.NumbaValueError, match="dtype"):
        numba.typeof(np.zeros(2, ">f8"))


def test_the_type_of_an_array_is_found_without_masked_arrays():
    ready = "import sys, numba, numpy; from dynamics.kernels import policy; numba.typeof(numpy.ones(2))"
    asks = f"{ready}; print('numpy.ma' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
