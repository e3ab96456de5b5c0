"""Every matrix of a linear method and every step of a derivation can be typeset: the parser of pictures reads each."""

import importlib
import inspect
import pkgutil

import pytest
import sympy as sp
from matplotlib.mathtext import MathTextParser

import theory.derivations
from theory import linear

LINEAR = [
    kind
    for kind in vars(linear).values()
    if inspect.isclass(kind) and issubclass(kind, linear.LinearMethod) and kind is not linear.LinearMethod
]
STEPS = [
    (module.name, name, function)
    for module in pkgutil.iter_modules(theory.derivations.__path__)
    for name, function in inspect.getmembers(
        importlib.import_module(f"theory.derivations.{module.name}"), inspect.isfunction
    )
    if function.__module__ == f"theory.derivations.{module.name}" and not name.startswith("_")
]
SPECIAL = {"matrix": linear.RSG.symbolic().A, "source": linear.RSG.symbolic().b, "output": 0, "even": True}


def expressions(found):
    """The SymPy expressions in what a function returned."""
    if isinstance(found, sp.MatrixBase):
        yield from found
    elif isinstance(found, sp.Basic):
        yield found
    elif isinstance(found, tuple | list):
        for part in found:
            yield from expressions(part)
    elif isinstance(found, dict):
        yield from expressions(tuple(found.values()))


def typeset(found):
    """How many expressions there are; each is read as mathematics."""
    parser, count = MathTextParser("path"), 0
    for expression in expressions(found):
        parser.parse(f"${sp.latex(expression)}$")
        count += 1
    return count


@pytest.mark.parametrize("kind", LINEAR, ids=lambda kind: kind.__name__)
def test_the_matrices_of_a_linear_method_are_typeset(kind):
    symbols = kind.symbolic()
    size = len(kind.states)
    assert typeset(symbols.A) == size**2
    assert typeset(symbols.b) == size
    assert sp.latex(symbols.A).count(r"\\") == size - 1
    z = sp.Symbol("z")
    assert typeset(linear.transfer_function(symbols.A, symbols.b, symbols.tau, z)) == 1


def called(step):
    """What a step of a derivation returns, for symbols where it asks for something."""
    asked = [p for p in inspect.signature(step).parameters.values() if p.default is p.empty]
    return step(*(SPECIAL.get(p.name, sp.Symbol(p.name, positive=True)) for p in asked))


@pytest.mark.parametrize(("module", "name", "step"), STEPS, ids=[f"{module}.{name}" for module, name, _ in STEPS])
def test_each_step_of_a_derivation_is_typeset(module, name, step):
    assert typeset(called(step)) > 0


def test_nothing_is_left_out():
    assert len(LINEAR) == 6
    assert len(STEPS) == 25
