"""Linear methods on one eigen-direction of a quadratic: matrices, growth and noise, and which is which.

Each method is declared by its step alone. Numbers give the matrices A(τ) and b(τ) in floating point, symbols give them
exactly, and :data:`EQUIVALENCES` says which method is a special case of which.

The names are those of the methods in `dynamics`, since they are the same methods: `dynamics.RSG(step_size, beta, mu)`
is run on a problem, `theory.linear.RSG(beta=, mu=)` is the matrix that one step of it is along an eigen-direction. A
step size is no parameter here: it enters with the eigenvalue, as τ = αλ.
"""

from theory.linear.equivalences import EQUIVALENCES, Equivalence, Image
from theory.linear.method import LinearMethod, Symbols, transfer_function
from theory.linear.methods import ASGD, RSG, GradientDescent, HeavyBall, Nesterov, TwoStepHeavyBall

__all__ = [
    "ASGD",
    "EQUIVALENCES",
    "RSG",
    "Equivalence",
    "GradientDescent",
    "HeavyBall",
    "Image",
    "LinearMethod",
    "Nesterov",
    "Symbols",
    "TwoStepHeavyBall",
    "transfer_function",
]
