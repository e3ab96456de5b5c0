"""Code that changes while the process lives: the next run takes the new one, and another process never the old one."""

import importlib
import sys
from typing import NamedTuple

import numba
import numpy as np
import pytest

from dynamics import value
from dynamics.kernels.cache import _dispatchers, compiled
from dynamics.kernels.reach import reach
from dynamics.protocol.canonical import canonical

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")

HEAD = """
from typing import NamedTuple
import numba
import numpy as np
from dynamics import implements, kernel, value
{imports}

class P(NamedTuple):
    a: float

{before}

@implements(value, P)
def _(problem, x):
    {body}
"""


def text(body, before="", imports=""):
    return HEAD.format(body=body, before=before, imports=imports)


def _asked(problem, x):
    return value(problem, x)


def asked(problem):
    """What machine code says."""
    arguments = (canonical(problem), np.ones(2))
    return float(compiled(_asked, arguments)(*arguments))


def digest(module):
    return reach(_asked, {module.P}).digest


def _set(name, new):
    return lambda module: setattr(module, name, new)


def _helper(name, new):
    return lambda module: setattr(sys.modules["changed_pkg.helpers"], name, new)


@numba.njit
def _seven(x):
    return 7.0


# How a value gets into a kernel, and what changes it from 1 to 7: all without a word to optdyn.
CHANGES = {
    "a scalar that is bound anew": (text("return A", "A = 1.0"), _set("A", 7.0)),
    "an array that is written to": (text("return A[1]", "A = np.ones(3)"), lambda m: m.A.fill(7.0)),
    "a scalar array": (text("return A[()]", "A = np.array(1.0)"), lambda m: m.A.fill(7.0)),
    "an array in a tuple": (text("return A[1][0]", "A = (1, np.ones(2))"), lambda m: m.A[1].fill(7.0)),
    "a long array in a tuple, whose repr is shortened": (
        text("return A[0][1500]", "A = (np.ones(3000),)"),
        lambda m: m.A[0].__setitem__(1500, 7.0),
    ),
    "an array in a NamedTuple": (
        text("return A.v[0]", "class N(NamedTuple):\n    v: np.ndarray\nA = N(np.ones(2))"),
        lambda m: m.A.v.fill(7.0),
    ),
    "a large array, which machine code reads where it is": (
        text("return A[5]", "A = np.ones(200_000)"),
        lambda m: m.A.fill(7.0),
    ),
    "a large array that is bound anew": (text("return A[5]", "A = np.ones(200_000)"), _set("A", np.full(200_000, 7.0))),
    "a scalar two dots away": (
        text("return changed_pkg.helpers.ALPHA", imports="import changed_pkg.helpers"),
        _helper("ALPHA", 7.0),
    ),
    "a function two dots away": (
        text("return changed_pkg.helpers.f(x)", imports="import changed_pkg.helpers"),
        _helper("f", _seven),
    ),
    "a module in a local variable": (
        text("m = changed_pkg.helpers\n    return m.ALPHA", imports="import changed_pkg.helpers"),
        _helper("ALPHA", 7.0),
    ),
    "a global of a compiled helper's helper": (
        text("return g(x)", imports="from changed_pkg.helpers import g"),
        _helper("ALPHA", 7.0),
    ),
    "code in place, as %autoreload does it": (
        text("return f(x)", "def plain(x):\n    return 1.0\nf = numba.njit(plain)"),
        lambda m: setattr(m.plain, "__code__", (lambda x: 7.0).__code__),
    ),
    "a default in place": (
        text("return f()", "def plain(t=1.0):\n    return t\nf = numba.njit(plain)"),
        lambda m: setattr(m.plain, "__defaults__", (7.0,)),
    ),
    "a variable of a closure": (
        text(
            "return f()",
            "def make():\n    t = 1.0\n    def change(new):\n        nonlocal t\n        t = new\n"
            "    def f():\n        return t\n    return change, numba.njit(f)\nchange, f = make()",
        ),
        lambda m: m.change(7.0),
    ),
    "an overload's constant": (
        text(
            "return f()",
            "A = 1.0\ndef f():\n    return A\n@numba.extending.overload(f)\ndef _f():\n    return lambda: A\n",
        ),
        _set("A", 7.0),
    ),
    "an implementation that is registered again": (
        text("return 1.0"),
        lambda m: m.implements(value, m.P)(lambda problem, x: 7.0),
    ),
}
HELPERS = (
    "import numba\nALPHA = 1.0\n@numba.njit\ndef f(x):\n    return ALPHA\n@numba.njit\ndef g(x):\n    return f(x)\n"
)


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_takes_effect_at_the_next_run(folder, case):
    source, change = CHANGES[case]
    (folder.path / "changed_pkg").mkdir()
    folder.write("changed_pkg", "")
    folder.write("changed_pkg.helpers", HELPERS)
    folder.write("changed", source)
    folder.load("changed_pkg")
    module = folder.load("changed")
    assert asked(module.P(0.5)) == 1.0
    change(module)
    assert asked(module.P(0.5)) == 7.0


def test_what_did_not_change_is_not_compiled_again(folder):
    folder.write("steady", text("return A", "A = 1.0\nx = 1.0"))
    module = folder.load("steady")
    asked(module.P(0.5))
    before = len(_dispatchers)
    module.x = np.ones(3)  # a name of another thing in the kernel
    module.A = float("1.0")
    asked(module.P(0.25))
    assert len(_dispatchers) == before
    module.A = 2.0
    assert asked(module.P(0.5)) == 2.0
    module.A = 1.0
    asked(module.P(0.5))
    assert len(_dispatchers) == before + 1


@pytest.mark.parametrize("again", ["module", "old object", "helper alone", "both"])
def test_a_reload_takes_effect(folder, again):
    folder.write("reloaded_helper", "from dynamics import kernel\n@kernel\ndef f(x):\n    return 1.0\n")
    source = text("return 10.0 * f(x) + g(x)", "@kernel\ndef g(x):\n    return 1.0", "from reloaded_helper import f")
    folder.write("reloaded", source)
    helper, module = folder.load("reloaded_helper"), folder.load("reloaded")
    problem = module.P(0.5)
    assert asked(problem) == 11.0
    if again in ("helper alone", "both"):
        folder.write("reloaded_helper", "from dynamics import kernel\n@kernel\ndef f(x):\n    return 12.0 / 6\n")
        importlib.reload(helper)
    if again != "helper alone":
        folder.write("reloaded", source.replace("return 1.0", "return 100.0 + 4"))
        importlib.reload(module)
    if again in ("module", "both"):
        problem = module.P(0.5)
    assert asked(problem) == {"module": 114.0, "old object": 114.0, "helper alone": 21.0, "both": 124.0}[again]


def test_an_object_of_a_class_that_has_other_fields_after_a_reload_is_refused(folder):
    source = text("return problem.a")
    folder.write("grown", source)
    module = folder.load("grown")
    problem = module.P(0.5)
    folder.write("grown", source.replace("a: float", "a: float\n    b: float"))
    importlib.reload(module)
    with pytest.raises(TypeError, match=r"grown was reloaded, where P now has the fields \('a', 'b'\): make it anew"):
        canonical(problem)


def test_two_kernels_of_one_name_in_one_module_stay_two(folder):
    # The second stands where a reload would have put it.
    folder.write(
        "twice",
        text("return f(x)", "@kernel\ndef f(x):\n    return 3.0\ng = f\n@kernel\ndef f(x):\n    return 2.0 * g(x)"),
    )
    assert asked(folder.load("twice").P(0.5)) == 6.0


# Pairs of sources that differ in one thing.
DIFFERENT = {
    "code": ("return 1.0 + x[0]", "", "return 1.0 - x[0]", ""),
    "constant": ("return 1.0", "", "return 2.0", ""),
    "sign of zero": ("return A", "A = 0.0", "return A", "A = -0.0"),
    "kind of number": ("return A", "A = 1", "return A", "A = True"),
    "order of an array": ("return A[0, 0]", "A = np.ones((2, 2))", "return A[0, 0]", "A = np.ones((2, 2), order='F')"),
    "precision of an array": ("return A[0]", "A = np.ones(2)", "return A[0]", "A = np.ones(2, dtype=np.float32)"),
    "end of a long array": (
        "return A[0][0]", "A = (np.ones(9999),)",
        "return A[0][0]", "A = (np.r_[np.ones(9998), 2],)",
    ),
    "option of a helper": (
        "return f(x)", "@numba.njit(fastmath=False)\ndef f(x):\n    return 1.0",
        "return f(x)", "@numba.njit(fastmath=True)\ndef f(x):\n    return 1.0",
    ),
    "body of an intrinsic": (
        "return f(1.0)",
        "@numba.extending.intrinsic\ndef f(c, t):\n    return t(t), lambda c, b, s, a: b.fadd(a[0], a[0])",
        "return f(1.0)",
        "@numba.extending.intrinsic\ndef f(c, t):\n    return t(t), lambda c, b, s, a: b.fmul(a[0], a[0])",
    ),
    "method added to arrays": (
        "return x.twice()",
        "@numba.extending.overload_method(numba.types.Array, 'twice')\ndef _t(v):\n    return lambda v: v[0]",
        "return x.twice()",
        "@numba.extending.overload_method(numba.types.Array, 'twice')\ndef _t(v):\n    return lambda v: v[1]",
    ),
    "member of an enumeration": (
        "return E.one.value", "import enum\nclass E(enum.IntEnum):\n    one = 1",
        "return E.one.value", "import enum\nclass E(enum.IntEnum):\n    one = 2",
    ),
    "class made inside": (
        "return Q(1.0).t", "class Q(NamedTuple):\n    t: float",
        "return Q(1.0).t", "class Q(NamedTuple):\n    s: int\n    t: float",
    ),
    "kernel of a class made inside": (
        "return value(Q(1.0), x)",
        "class Q(NamedTuple):\n    t: float\n@implements(value, Q)\ndef _(problem, x):\n    return 1.0",
        "return value(Q(1.0), x)",
        "class Q(NamedTuple):\n    t: float\n@implements(value, Q)\ndef _(problem, x):\n    return 2.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DIFFERENT)
def test_different_code_has_different_digests(folder, case):
    one, before_one, other, before_other = DIFFERENT[case]
    folder.write("differing", text(one, before_one))
    first = digest(folder.load("differing"))
    if case != "method added to arrays":  # a second one beside the first, to numba
        assert digest(folder.load("differing")) == first
    folder.write("differing", text(other, before_other))
    assert digest(folder.load("differing")) != first


def test_place_comments_and_names_of_no_concern_do_not_count(folder):
    folder.write("moved", text("return A", "A = 1.0\nB = 1.0"))
    first = digest(folder.load("moved"))
    folder.write("moved", "# a comment\n\n" + text("return A  # another", "A = 1.0\nB = 2.0\ndef unused(): ..."))
    assert digest(folder.load("moved")) == first


@pytest.mark.parametrize(
    "before",
    [
        "A = np.ones(200_000)",
        "import ctypes\nA = ctypes.c_double(1.0)",
        "A = object()",
        "A = np.ones((9, 9))[::2, ::2]",
    ],
)
def test_what_cannot_be_followed_is_not_kept_on_disk(folder, before):
    folder.write("unknown", text("return A", before))
    assert not reach(_asked, {folder.load("unknown").P}).on_disk
    folder.write("unknown", text("return A", "A = 1.0"))
    assert reach(_asked, {folder.load("unknown").P}).on_disk


class Tallied(NamedTuple):
    """A problem with a default that its kernels change."""

    tally: np.ndarray = np.zeros(1)


@pytest.mark.parametrize(("names_the_class", "same"), [(False, True), (True, False)])
def test_defaults_of_a_class_count_where_code_may_make_one(names_the_class, same):
    def reads(problem):
        return problem.tally[0]

    def makes(problem):
        return Tallied().tally[0]

    def digest():
        return reach(makes if names_the_class else reads, {Tallied}).digest

    before = digest()
    Tallied().tally[0] += 1.0
    assert (digest() == before) is same
