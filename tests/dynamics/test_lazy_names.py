"""A public name brings its own module, and with it all that its class answers to."""

import gc
import subprocess
import sys
from importlib import import_module

import grimp
import pytest

import dynamics
from dynamics.kernels.generic import Generic
from dynamics.lazy_names import modules_of
from tests.dynamics.processes import ROOT

PACKAGES = ("dynamics", "synthetic")


@pytest.mark.parametrize("package", PACKAGES)
def test_the_names_are_those_of_the_list(package):
    public = import_module(f"{package}.public")
    assert sorted(public.__all__) == import_module(package).__all__
    assert all(getattr(import_module(package), name) is getattr(public, name) for name in public.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_room_has_the_name_of_a_thing(package):
    """Importing a submodule would put it in the thing's place."""
    rooms = {module.rpartition(".")[2] for module in grimp.build_graph(package, cache_dir=None).find_children(package)}
    assert not rooms & set(modules_of(package))


def test_what_isnt_there_is_said_as_python_says_it():
    with pytest.raises(AttributeError, match="module 'dynamics' has no attribute 'Adamant'"):
        dynamics.Adamant  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'carmen' from 'synthetic'"):
        from synthetic import carmen  # noqa: F401
    assert {"RSG", "algorithms"} <= set(dir(dynamics)), "the rooms that are open stand beside the names"


def test_a_class_brings_all_its_implementations():
    """Each is registered by its class's module, by its generic function's, or by what these import."""
    for package in PACKAGES:
        import_module(f"{package}.public")
    graph = grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)
    registered = [
        (function, kind, body.__module__)
        for function in gc.get_objects()
        if type(function) is Generic and function.__module__.startswith(PACKAGES)
        for kind, body in function.table.items()
        if kind.__module__.startswith(PACKAGES)
    ]
    assert len(registered) > 500

    def bring(function, kind):
        return {kind.__module__, function.__module__}

    left_behind = [
        f"{function.name} of {kind.__name__}, in {module}"
        for function, kind, module in registered
        if module not in bring(function, kind)
        and not any(graph.chain_exists(importer=start, imported=module) for start in bring(function, kind))
    ]
    assert not left_behind


def test_a_run_of_one_method_loads_no_other():
    code = (
        "import sys; from dynamics import BarzilaiBorwein, simulate; from synthetic import carmon; "
        "print(*sorted(m for m in sys.modules if m.startswith(('dynamics.algorithms.', 'dynamics.sweeps', 'theory'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "dynamics.algorithms.barzilai_borwein" in loaded
    assert not {name for name in loaded if name.startswith(("dynamics.sweeps", "theory")) or name.endswith(".adam")}
