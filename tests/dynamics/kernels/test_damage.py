"""Files of machine code that are damaged, planted or can't be written: a sentence, and the right numbers."""

import errno
import os
import pickle
import shutil
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from dynamics import kernel
from dynamics.kernels import cache, files, folder, telling
from dynamics.kernels.cache import compiled
from tests.dynamics.processes import RUN, finish, run_bowl, start, write_bowl

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")


class Planted:
    """A pickle that leaves a trace when it is loaded."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def signed(payload):
    """What the file would hold had this been written to it."""
    return files.HEADER + files.hashlib.sha256(payload).digest() + payload


def flip(place, bit=0):
    def damage(file):
        content = bytearray(file.read_bytes())
        content[int(place * (len(content) - 1))] ^= 1 << bit
        file.write_bytes(content)

    return damage


def cut(share):
    return lambda file: os.truncate(file, int(share * file.stat().st_size))


def written(make):
    return lambda file: file.write_bytes(make(file.read_bytes()))


def directory(file):
    file.unlink()
    file.mkdir()


def linked(target):
    def damage(file):
        file.unlink()
        file.symlink_to(target)

    return damage


def twisted(change):
    """Another payload, with the hash that belongs to it: what a version with other pickles would leave."""

    def damage(file):
        parts = list(pickle.loads(file.read_bytes()[files._LENGTH :]))
        file.write_bytes(signed(pickle.dumps(change(parts))))

    return damage


DAMAGES = {
    **{f"cut at {share}": cut(share) for share in (0.0, 0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.99999)},
    **{f"bit flipped at {place}": flip(place) for place in (0, 0.0002, 0.001, 0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1)},
    **{f"bit {bit} flipped at a half": flip(0.5, bit) for bit in (1, 3, 5, 7)},
    "one byte more": written(lambda content: content + b"\0"),
    "twice": written(lambda content: content * 2),
    "back to front": written(lambda content: content[::-1]),
    "zeros": written(lambda content: bytes(len(content))),
    "text": written(lambda content: b"not a kernel\n"),
    "without its header": written(lambda content: content[files._LENGTH :]),
    "another format": written(lambda content: b"optdyn machine code 9\n" + content[len(files.HEADER) :]),
    "lines ended as on Windows": written(lambda content: content.replace(b"\n", b"\r\n")),
    "a bare pickle": written(lambda content: pickle.dumps("nothing")),
    "an empty payload": written(lambda content: signed(b"")),
    "no pickle": written(lambda content: signed(b"rubbish")),
    "a pickle of nothing": written(lambda content: signed(pickle.dumps(None))),
    "a pickle of a number": written(lambda content: signed(pickle.dumps(7))),
    "a pickle of a list": written(lambda content: signed(pickle.dumps([1, 2, 3]))),
    "a pickle of a module that is gone": written(lambda content: signed(b"cgone_module\nThing\n.")),
    "a pickle that is cut": written(lambda content: signed(content[files._LENGTH : -20])),
    "a part less": twisted(lambda parts: tuple(parts[:-1])),
    "a part more": twisted(lambda parts: (*parts, 1)),
    "no library": twisted(lambda parts: (None, *parts[1:])),
    "no description": twisted(lambda parts: (parts[0], None, *parts[2:])),
    "an empty object file": twisted(lambda parts: ((*parts[0][:2], (b"", b"")), *parts[1:])),
    "a folder in its place": directory,
    "a link to nothing": linked("nowhere"),
    "a link to a folder": linked("."),
    "a link to itself": lambda file: linked(file.name)(file),
    "gone": Path.unlink,
}
SILENT = ("gone", "a link to nothing")


@kernel
def _third(x):
    return x[0] / 3.0


def _asked(x):
    return _third(x) * 6.0


def asked():
    """What machine code says that is loaded, or compiled, as in a new process."""
    cache._made.clear()
    cache._dispatchers.clear()
    arguments = (np.array([1.5]),)
    made = compiled(_asked, arguments)
    return made(*arguments), sum(made.stats.cache_hits.values())


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder of the kernel cache, with one kernel in it."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    telling.tell.cache_clear()
    assert asked() == (3.0, 0)
    assert asked() == (3.0, 1)
    return tmp_path / "optdyn"


def only_file(kept):
    (file,) = kept.iterdir()
    return file


def test_there_are_at_least_41_kinds_of_damage():
    assert len(DAMAGES) >= 41


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_told_of_and_compiled_anew(kept, damage):
    file = only_file(kept)
    DAMAGES[damage](file)
    if damage in SILENT:
        assert asked() == (3.0, 0)
    else:
        with pytest.warns(UserWarning, match=rf"{file.name} is damaged \(.*\): what it held is made anew"):
            assert asked() == (3.0, 0)
    assert asked() == (3.0, 1)
    assert only_file(kept).is_file()


def test_a_pickle_with_another_hash_is_not_loaded(kept, tmp_path):
    trace = tmp_path / "trace"
    only_file(kept).write_bytes(pickle.dumps(Planted(trace)))
    with pytest.warns(UserWarning, match="is damaged"):
        asked()
    assert not trace.exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_disk_that_takes_no_more_is_named_and_the_run_goes_on(kept, monkeypatch, code):
    only_file(kept).unlink()

    def full(path, content):
        path.touch()
        raise OSError(code, os.strerror(code), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.warns(UserWarning, match=rf"can't be kept in {kept} \({os.strerror(code)}\).*make room there"):
            assert asked() == (3.0, 0)
    assert not list(kept.iterdir())
    assert asked() == (3.0, 0)
    assert asked() == (3.0, 1)


def test_a_folder_that_was_taken_away_is_made_again(kept):
    shutil.rmtree(kept)
    before = os.umask(0)
    try:
        assert asked() == (3.0, 0)
    finally:
        os.umask(before)
    assert asked() == (3.0, 1)
    assert kept.stat().st_mode & 0o022 == 0


def test_a_folder_of_another_user_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: os.stat(tmp_path).st_uid + 1, raising=False)
    if os.stat(tmp_path).st_uid == 0:  # whose folders everybody may use
        os.chown(tmp_path, 12345, 12345)
        monkeypatch.setattr(os, "getuid", lambda: 0)
    with pytest.warns(UserWarning, match=f"{tmp_path} belongs to another user, who could put machine code there"):
        assert folder._usable(tmp_path) != tmp_path


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777])
def test_a_folder_that_others_can_write_to_is_not_used(tmp_path, mode):
    telling.tell.cache_clear()
    tmp_path.chmod(mode)
    with pytest.warns(UserWarning, match=f"{tmp_path} can be written by other users.*chmod go-w"):
        assert folder._usable(tmp_path) != tmp_path


def test_the_folder_that_is_made_cannot_be_written_by_others(tmp_path):
    before = os.umask(0)
    try:
        assert folder._usable(tmp_path / "new") == tmp_path / "new"
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o022 == 0


def test_without_a_home_there_is_a_temporary_folder(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.warns(UserWarning, match="this user has no home folder, so each process compiles anew"):
        assert folder.cache_folder().is_dir()


def test_where_warnings_are_errors_the_sentence_is_printed_and_the_run_goes_on(tmp_path):
    write_bowl(tmp_path)
    (tmp_path / "file").write_text("in the way")
    script = RUN.format(module="bowl", method="GradientDescent", step_size=0.25)
    script = "import warnings\n" + script.replace("run = simulate", "warnings.simplefilter('error')\nrun = simulate")
    out, err = finish(start(tmp_path, script, NUMBA_CACHE_DIR=str(tmp_path / "file" / "below")))
    assert out.split("\n")[0] == run_bowl(tmp_path)[0]
    assert err.startswith("optdyn: warning: compiled kernels can't be kept")
    assert err.count("\n") == 1


# Two processes keep one kernel each, whose helpers have one name, and a third loads both.
ONE_NAME = """
import sys
import numpy as np
from dynamics.kernels.cache import compiled
import large
for name in sys.argv[1:]:
    f = getattr(large, name)
    arguments = (np.array([1.5, 3.0, 0.2]),)
    made = compiled(f, arguments)
    print(made(*arguments), sum(made.stats.cache_hits.values()))
"""
LARGE = """
import numba
import numpy as np
def make(k):
    @numba.njit
    def g(x, n):
        t = 0.0
        for i in range(n):
            if x[i] > k:
                t += np.sin(x[i]) ** k + np.cos(x[i]) * np.tan(x[i]) + np.exp(x[i])
        return t + k
    def f(x):
        return g(x, len(x)) + g(x, len(x) - 1) * g(x, 2) + g(x, 1)
    return f
one, two = make(1), make(2)
"""


def test_functions_of_one_name_from_two_processes_stay_apart(tmp_path):
    (tmp_path / "large.py").write_text(LARGE)

    def run(*names):
        out, _ = finish(start(tmp_path, ONE_NAME.replace("sys.argv[1:]", repr(names))))
        return [line.split() for line in out.splitlines()]

    (one,), (two,) = run("one"), run("two")
    assert one[0] != two[0]
    assert run("one", "two") == [[one[0], "1"], [two[0], "1"]]
    assert run("two", "one") == [[two[0], "1"], [one[0], "1"]]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_disk_that_is_really_full(tmp_path):
    import subprocess

    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", small], capture_output=True
    ).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        write_bowl(tmp_path)
        script = RUN.format(module="bowl", method="GradientDescent", step_size=0.25)
        out, err = finish(start(tmp_path, script, NUMBA_CACHE_DIR=str(small)))
        assert f"can't be kept in {small}/optdyn (No space left on device)" in err
        assert out.split("\n")[1] == "0 1"
        assert not list((small / "optdyn").iterdir())
    finally:
        subprocess.run(["umount", small], check=True)
