"""What the letters of a formula stand for, paper by paper, so that each claim has a table of its symbols."""

from __future__ import annotations

import re

from theory.claims.prose import typeset

__all__ = ["known_to", "letters", "symbols_of"]

# Letters by their LaTeX; one with an index is looked up with it first, and then without.
_EVERYWHERE = {
    "E": "expectation",
    "O": "at most of this order",
    "o": "of a smaller order",
    "P": "probability",
    r"\pi": "3.14159…",
    r"\Theta": "exactly of this order",
    r"\mathcal N": "normal law",
    r"\kappa": "condition number, the largest eigenvalue over the least",
    r"\lambda": "eigenvalue of the Hessian: curvature along its direction",
    "i": "index",
    "j": "index",
    "l": "index",
    "t": "number of the step",
    "k": "number of the step",
    "d": "dimension",
    "x": "point or iterate",
    "y": "another point",
    "f": "loss",
    "L": "Lipschitz constant of the gradient",
    "N": "number of samples, or of steps",
    "T": "number of steps",
}
_OF_PAPER: dict[str, dict[str, str]] = {
    "arsg": {
        "A": "gain matrix: one step of RSG on an eigen-direction",
        "D": "coefficient of Theorem 2's bound; D_F the diameter of the feasible set",
        "G": "bound on the gradients",
        "R": "regret: the losses along the run less those of the best point",
        r"\alpha": "step size",
        r"\dot \alpha": "step size times √T",
        r"\beta": "momentum coefficient",
        r"\beta_2": "memory of the squared gradients",
        r"\check \Phi": "preconditioned problem",
        r"\hat \Phi": "local quadratic problem",
        r"\check x": "preconditioned variable",
        r"\hat V": "diagonal matrix of the accumulator",
        r"\hat v": "accumulator: largest average of squared gradients so far",
        r"\delta": "gradient noise along the direction, over the curvature",
        r"\epsilon": "floor of the denominator",
        r"\eta": "observation distance",
        r"\gamma": "β₁ over √β₂",
        r"\mu": "observation factor: share of the fresh gradient in a step",
        r"\nu": "weight of the average in quasi-hyperbolic momentum",
        r"\xi": "statistical advantage of ASGD",
        r"\rho": "trace of the gain matrix",
        r"\sigma": "standard deviation of δ",
        r"\tau": "step size times curvature",
        r"\tau_{rb}": "end of the convergence region",
        r"\tau_{sym}": "where the eigenvalues of A sum to 0",
        r"\tau_{cb1}": "where the eigenvalues of A turn complex",
        r"\tau_{cb2}": "where they turn real again",
        r"\tilde m": "momentum of the fast form",
        r"\dot v": "momentum along the direction",
        r"\dot x": "observation point",
        "b": "noise vector: what a unit of noise adds to the state",
        "c": "constant of order 1",
        "c_i": "coefficients of b in the eigenvectors",
        "c_1": "coefficient of b in the eigenvectors",
        "c_2": "coefficient of b in the eigenvectors",
        r"\bar c": "complex conjugate of c",
        r"\bar r": "complex conjugate of r",
        r"\bar w": "complex conjugate of w",
        "d_i": "coefficients of the start in the eigenvectors",
        "d_1": "coefficient of the start in the eigenvectors",
        "d_2": "coefficient of the start in the eigenvectors",
        "k": "√(β(1 − μ))",
        "l_{Var}": "error variance limit, in units of the noise's",
        "m": "momentum: average of gradients",
        "r": "eigenvalue of A",
        "r_g": "gain factor: the larger modulus of A's eigenvalues",
        "r_c": "convergence rate: the largest gain factor over the spectrum",
        "s": "deviation along the direction",
        "v": "momentum along the direction times the step size",
        "v_e": "unit eigenvector of the Hessian",
        "u": "weight of one end, from 0 to 1",
        "w": "unit eigenvector of A",
    },
    "l4": {
        "A": "matrix of the regression",
        "F": "Frobenius norm",
        "L": "loss",
        "W": "layer of the linear net",
        r"\Delta": "change",
        r"\alpha": "share of the step that is taken",
        r"\bar \alpha": "largest stable α",
        r"\bar \eta": "largest stable step size",
        r"\eta": "step to the linearised minimum",
        r"\gamma": "share of the lowest loss that is aimed at",
        r"\theta": "parameters",
        r"\varepsilon": "floor of the denominator",
        "a": "factor on the loss",
        "b": "constant added to the loss",
        "c": "factor on the direction",
        "g": "gradient estimate",
        "v": "update direction",
    },
    "sigma_nice": {
        "B": "ball around a point",
        "C": "bound on the standard deviation of a stochastic gradient",
        "F": "function that a stage minimises",
        "H": "constant of Theorem 3.1",
        "I": "unit matrix",
        "K": "bound on the steps",
        "L_f": "Lipschitz constant of f",
        "L_g": "Lipschitz constant of the gradient",
        "M": "number of stages",
        "S": "sharpness: the largest eigenvalue of the Hessian",
        "T_F": "steps of a stage",
        "T": "number of steps",
        "U": "uniform law",
        "X": "mean squared distance from the minimiser",
        r"\Sigma": "covariance of the gradient noise",
        r"\alpha": "least accuracy that a stage adds",
        r"\delta": "degree of smoothing: the noise level",
        r"\epsilon": "accuracy",
        r"\varepsilon": "accuracy",
        r"\eta": "step size",
        r"\gamma": "decay rate of the noise from stage to stage",
        r"\hat f": "f smoothed over a ball of radius δ",
        r"\kappa_4": "excess kurtosis along a direction",
        r"\kappa": "bound on the negative curvature, or decay rate of the step size",
        r"\lambda": "growth rate of the batch size",
        r"\omega": "noise of the mini-batch gradient",
        r"\sigma": "modulus of strong convexity",
        r"\theta": "angle between the shift and the way to the minimiser",
        "a": "enlargement of the ball",
        "b": "batch size",
        "c": "share of σδ² within which a stage ends",
        "d": "radius of the convex region over the noise level",
        "f_{S_t}": "loss of a mini-batch",
        "g": "gradient that a step takes",
        "k": "exponent",
        "m": "number of the stage, from the smoothest",
        "p": "power of the polynomial decay",
        "q": "share of the smoothing ball in the convex one",
        "r": "radius of the ball on which f is strongly convex",
        "u": "random shift of the smoothing",
        "y": "point of gradient descent",
    },
    "step_tuned": {
        "B": "mini-batch",
        "G": "moving average of gradient variations",
        r"\hat G": "debiased moving average of gradient variations",
        "J": "loss",
        "K": "iterations of an epoch, constant of Lemma 3, or a horizon",
        "L_H": "Lipschitz constant of the Hessian",
        "M": "upper bound of γ",
        r"\Delta": "change from one iterate to the next",
        r"\alpha": "scaling factor of the step",
        r"\bar g": "mean gradient",
        r"\bar h": "mean Hessian",
        r"\beta": "memory of the moving average",
        r"\delta": "how much faster than 1/√k the step decays",
        r"\gamma": "step length tuned by curvature",
        r"\mu": "least eigenvalue of the Hessian",
        r"\theta": "parameters",
        r"\varepsilon": "level that v falls from",
        r"\tilde M": "upper bound of γ",
        r"\tilde m": "lower bound of γ",
        "a": "decay of the step size",
        "b": "batch size",
        "d": "update direction",
        "g": "gradient",
        "h": "Hessian of a sample, or a step",
        "m": "lower bound of γ",
        "n": "number of a sample",
        "u": "sequence of Lemma 3",
        "v": "sequence of Lemma 3",
        "w": "weight in the moving average",
    },
    "trust_region": {
        "A": "matrix of the norm, or random matrix",
        "B": "matrix of the quadratic model",
        "C": "constant of the bound",
        "D": "derivative of Newton's map",
        "F": "level of the loss in the end",
        "H": "Hessian",
        "I": "unit matrix",
        "J": "Jacobian of the network's outputs",
        "L": "loss",
        "L_H": "bound on gradients (Lemma 2), Lipschitz constant of the Hessian (Lemma 7)",
        "M": "invertible change of coordinates",
        "R": "rotation",
        "W": "stable set: the points that are led to the saddle",
        r"\Delta": "trust-region radius",
        r"\Gamma": "gamma function",
        r"\bar g": "averaged gradient",
        r"\beta": "memory of an average",
        r"\delta": "diagonal share, or accuracy of a derivative",
        r"\ell": "loss of an output",
        r"\epsilon": "accuracy",
        r"\eta": "step size",
        r"\eta_1": "least share of the predicted decrease that is accepted",
        r"\eta_2": "share of the predicted decrease from which on the radius grows",
        r"\nu": "share of the most negative curvature",
        r"\rho": "actual over predicted decrease",
        r"\sigma": "standard deviation over the samples",
        r"\theta": "parameters",
        r"\tilde f": "loss in other coordinates",
        r"\varepsilon": "multiple of the unit matrix that is added",
        r"\zeta": "constant of uniform equivalence",
        "b": "size of the sub-sample",
        "g": "gradient",
        "m": "quadratic model; for random signs half the number of samples",
        "n": "number of samples",
        "p": "distribution over the labels",
        "s": "step",
        "u": "direction of negative curvature",
        "w": "parameters",
    },
    "high_dimension": {
        "B": "momentum matrix",
        "H": "covariance of the rows",
        "R": "risk",
        r"\gamma": "step size",
        "p": "second moment along an eigenvector",
    },
    "problems": {
        "U": "random matrix with entries in [0, 1)",
        "W": "layer of the linear net",
        r"\phi": "scalar loss",
        "t": "residual, or time",
        "d": "differential",
    },
    "worst_case": {
        r"\alpha": "step size",
        r"\beta": "momentum coefficient",
        r"\mu": "observation factor; μ_f the modulus of strong convexity",
        "h": "step size times L",
        "r": "rate",
    },
}

_MACROS = (
    "alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|chi|psi|omega|"
    "Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|ell"
)
_LETTER = re.compile(
    r"((?:\\(?:hat|tilde|dot|bar|check) )?"
    rf"(?:\\(?:{_MACROS})(?![A-Za-z])|\\mathcal [A-Z]|(?<!\\)(?<![A-Za-z])[A-Za-z](?![a-zA-Z]{{2}})))"
    r"(_(?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9]))?"
)


def letters(latex: str) -> list[tuple[str, str]]:
    r"""Return the letters of a formula, each with its index; words and operators are left out.

    Examples
    --------
    >>> letters(r"\tau_{rb}=\frac{2}{\hat x_t}\ \text{for all}\ t")
    [('\\tau', '_{rb}'), ('\\hat x', '_t'), ('t', '')]
    """
    bare = re.sub(r"\\(?:text|operatorname)\{[^{}]*\}", " ", latex)
    bare = re.sub(r"\\mathrm\{([^{}]*)\}", lambda found: found[1] if found[1] == "Var" else " ", bare)
    bare = re.sub(r"\\mathbb ", " ", bare)
    bare = re.sub(r"\\(hat|tilde|dot|bar|check|overline)\s*\{?(\\?[A-Za-z]+)\}?", r"\\\1 \2", bare)
    bare = re.sub(rf"\\(?!(?:{_MACROS}|mathcal|hat|tilde|dot|bar|check)(?![A-Za-z]))[A-Za-z]+", " ", bare)
    return [(found[1], found[2] or "") for found in _LETTER.finditer(bare)]


def symbols_of(claim_id: str, latex: str) -> dict[str, str]:
    r"""Return what the letters of a claim's formula stand for, in the order in which they stand there.

    Parameters
    ----------
    claim_id : str
        Begins with the paper, whose letters they are.
    latex : str

    Returns
    -------
    dict
        Symbol, in Unicode, to meaning; a letter that its paper does not explain is left out.

    Examples
    --------
    >>> symbols_of("l4.polyak", r"\\eta=\\alpha g")
    {'η': 'step to the linearised minimum', 'α': 'share of the step that is taken', 'g': 'gradient estimate'}
    """
    known = known_to(claim_id)
    found: dict[str, str] = {}
    for letter, index in letters(latex):
        key = next((name for name in (letter + index, letter) if name in known), None)
        if key is not None:
            found.setdefault(_written(key), known[key])
    return found


def known_to(claim_id: str) -> dict[str, str]:
    """Return the letters that a claim's paper explains, by their LaTeX."""
    return _EVERYWHERE | _OF_PAPER.get(claim_id.partition(".")[0], {})


_ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "dot": "\u0307", "bar": "\u0304", "check": "\u030c"}


def _written(latex: str) -> str:
    """A letter in Unicode, its accent above it."""
    accent, _, letter = latex.removeprefix("\\").rpartition(" ")
    plain = typeset(letter.replace("\\", "").replace("varepsilon", "epsilon").replace("ell", "ℓ"))
    plain = re.sub(r"_\{([^{}]*)\}", r"_\1", plain)
    return plain[:1] + _ACCENTS[accent] + plain[1:] if accent in _ACCENTS else plain
