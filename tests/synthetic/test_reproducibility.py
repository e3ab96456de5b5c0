"""The same seed gives the same bytes; plain Python agrees with machine code; importing costs nothing."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import synthetic
from dynamics import SGD, simulate
from dynamics.protocol.canonical import identity
from synthetic import carmon, linear_net, problems, quadratic

ROOT = Path(synthetic.__file__).parent.parent


def python(code, *, cwd=None, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )


DRAWN = sorted(name for name, factory in problems().items() if "rng" in inspect.signature(factory).parameters)


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_seed_gives_the_same_bytes(name):
    if name.startswith("digits"):
        pytest.importorskip("sklearn")
    factory = problems()[name]
    for seed in (0, 17):
        assert identity(factory(rng=seed)) == identity(factory(rng=seed))
        assert identity(factory(rng=np.random.SeedSequence(seed))) == identity(
            factory(rng=np.random.SeedSequence(seed))
        )


def test_other_seeds_give_other_problems():
    assert len({identity(carmon(rng=seed)) for seed in range(5)}) == 5
    assert len({identity(quadratic(rotation="haar", rng=seed)) for seed in range(5)}) == 5
    assert len({identity(linear_net(rng=seed)) for seed in range(5)}) == 5


def test_a_generator_goes_on():
    rng = np.random.default_rng(0)
    assert identity(carmon(rng=rng)) != identity(carmon(rng=rng))
    again = np.random.default_rng(0)
    carmon(rng=again)
    assert rng.random() != again.random()


def test_data_and_mini_batches_do_not_share_bits():
    # default_rng(0) is what simulate(rng=0) draws mini-batches from
    plain = np.random.default_rng(0).standard_normal((500, 30))
    assert abs(np.corrcoef(carmon(rng=0).A.ravel(), plain.ravel())[0, 1]) < 5 / np.sqrt(plain.size)


def numbers():
    """Values, gradients and Hessian products, and a stochastic run, of one problem of each kind."""
    found = []
    for problem in (
        carmon(samples=12, dimension=3, batch_size=4, rng=0),
        quadratic(eigenvalues=[0.5, 1.0], noise=0.1),
        quadratic(eigenvalues=[0.5, 1.0], rotation=0.3, noise="hessian"),
        linear_net(samples=20, reduction="mean", rng=0),
        linear_net(samples=20, reduction="mean", form="samples", batch_size=5, sampling="epoch", rng=0),
    ):
        x = np.linspace(-1, 1, synthetic.info(problem).dimension)
        found += [synthetic.value(problem, x), *synthetic.gradient(problem, x)]
        found += [*synthetic.hessian_product(problem, x, x + 1)]
        found += [*simulate(SGD(1e-3), problem, steps=20, rng=0).x]
    return [float(number) for number in found]


def test_plain_python_agrees_with_machine_code():
    code = f"""
import importlib.util, json
spec = importlib.util.spec_from_file_location("reproducibility", {__file__!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps(module.numbers()))
"""
    run = python(code, NUMBA_DISABLE_JIT="1")
    assert run.returncode == 0, run.stderr
    compiled, plain = np.array(numbers()), np.array(json.loads(run.stdout))
    np.testing.assert_allclose(compiled, plain, rtol=1e-13, atol=1e-13)


def test_importing_compiles_nothing_and_takes_no_heavy_package():
    code = """
import sys
import synthetic.public
from numba.core.dispatcher import Dispatcher
import gc
kernels = [thing for thing in gc.get_objects() if isinstance(thing, Dispatcher)]
ours = [kernel for kernel in kernels if kernel.__module__.startswith(("synthetic", "dynamics"))]
print(len(ours), sum(len(kernel.signatures) for kernel in ours))
# numba itself imports the top of scipy, which is light.
heavy = {"scipy.linalg", "scipy.special", "scipy.stats", "sympy", "matplotlib", "xarray"}
print(sorted(heavy & set(sys.modules)))
"""
    run = python(code)
    assert run.returncode == 0, run.stderr
    counted, heavy = run.stdout.splitlines()
    kernels, signatures = map(int, counted.split())
    assert kernels > 10
    assert signatures == 0
    assert heavy == "[]"


@pytest.mark.parametrize("shadow", ["dynamics.py", "dynamics/__init__.py", "dynamics/notes.txt"])
def test_a_users_dynamics_in_the_way_is_named(tmp_path, shadow):
    file = tmp_path / shadow
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    code = f"import sys; sys.path = [{str(tmp_path)!r}, *sys.path, {str(ROOT)!r}]; import synthetic"
    run = python(code, cwd=tmp_path, PYTHONPATH="")
    if shadow.endswith(".txt"):  # a folder without __init__.py yields to a package further down the path
        assert run.returncode == 0, run.stderr
        return
    assert run.returncode == 1
    assert f"ImportError: synthetic needs optdyn's own package dynamics, but {file} was" in run.stderr.splitlines()[-1]
