"""What of numba is made ready before machine code from disk is used."""

import subprocess
import sys

import numba
import numpy as np
import pytest

from dynamics.kernels import first_time


class Context:
    refreshed = 0

    def refresh(self):
        self.refreshed += 1


@pytest.mark.parametrize(("code", "refreshed"), [(b"plain", 0), (b"a _numba_hashsecret_siphash_k0 b", 1)])
def test_only_code_that_hashes_strings_needs_all_that_numba_compiles_with(monkeypatch, code, refreshed):
    monkeypatch.setattr(type(first_time.rtsys), "initialize", lambda runtime, context: None)
    context = Context()
    first_time.before_loading(context, code)
    assert context.refreshed == refreshed


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
