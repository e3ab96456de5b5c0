"""Functions in LLVM's text: made once, loaded from a file afterwards, and made anew where the file is damaged."""

import ctypes

import numba
import pytest

from dynamics.kernels import files, objects, telling

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
SEVEN = "define i64 @NAME() {\nret i64 7\n}"


@pytest.fixture
def made(tmp_path, monkeypatch):
    """What the text returns, as in a new process, and whether machine code was made for it."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    telling.tell.cache_clear()
    kept, inner = [], objects.keep
    monkeypatch.setattr(objects, "keep", lambda file, code: kept.append(file) or inner(file, code))

    def again():
        kept.clear()
        objects.address_of.cache_clear()
        return ctypes.CFUNCTYPE(ctypes.c_int64)(objects.address_of(SEVEN))(), len(kept)

    yield again
    objects.address_of.cache_clear()


def test_the_second_process_loads_what_the_first_one_has_made(made):
    assert made() == (7, 1)
    assert made() == (7, 0)


@pytest.mark.parametrize("damage", ["bytes", "another function"])
def test_a_damaged_file_is_told_of_and_made_anew(made, tmp_path, damage):
    made()
    (file,) = (tmp_path / "optdyn").iterdir()
    if damage == "bytes":
        file.write_bytes(file.read_bytes()[:-1])
    else:
        files.keep(file, files.kept(file).replace(b"object_", b"abject_"))
    with pytest.warns(UserWarning, match=rf"{file.name} is damaged \(.*\): what it held is made anew"):
        assert made() == (7, 1)
    assert made() == (7, 0)
