"""Make pepit.json: worst cases by PEPit, to compare those of the ledger with.

    python tests/golden/make_pepit.py        (in an environment with PEPit 0.5.1; the tests don't need it)

PEPit forms its semidefinite programs on its own: points, gradients and inequalities are objects of its own classes.
"""

import json
from pathlib import Path

STEPS = (1, 2, 3, 5)
KAPPA = 10.0


def main() -> None:
    """Solve every case and write the values."""
    import PEPit
    from PEPit.functions import SmoothConvexFunction, SmoothStronglyConvexFunction

    def solve(run, *, strong_convexity, measure):
        problem = PEPit.PEP()
        if strong_convexity:
            function = problem.declare_function(SmoothStronglyConvexFunction, mu=strong_convexity, L=1.0)
        else:
            function = problem.declare_function(SmoothConvexFunction, L=1.0)
        minimiser = function.stationary_point()
        start = problem.set_initial_point()
        problem.set_initial_condition((start - minimiser) ** 2 <= 1)
        end = run(start, function.gradient)
        problem.set_performance_metric(
            {
                "value": lambda: function(end) - function(minimiser),
                "distance": lambda: (end - minimiser) ** 2,
                "gradient": lambda: function.gradient(end) ** 2,
            }[measure]()
        )
        return problem.solve(verbose=0, wrapper="cvxpy", solver="CLARABEL", tol_gap_abs=1e-11, tol_gap_rel=1e-9)

    def descent(step_size, steps):
        def run(x, gradient):
            for _ in range(steps):
                x = x - step_size * gradient(x)
            return x

        return run

    def accelerated(steps):
        def run(x, gradient):
            ahead, weight = x, 1.0
            for _ in range(steps):
                stepped, heavier = ahead - gradient(ahead), (1 + (1 + 4 * weight**2) ** 0.5) / 2
                ahead = stepped + (weight - 1) / heavier * (stepped - x)
                x, weight = stepped, heavier
            return x

        return run

    def remote(step_size, beta, mu, steps):
        def run(x, gradient):
            average = None
            for _ in range(steps):
                newest = gradient(x)
                average = (1 - beta) * newest if average is None else beta * average + (1 - beta) * newest
                x = x - step_size * ((1 - mu) * average + mu * newest)
            return x

        return run

    cases = []
    for steps in STEPS:
        for step_size in (0.7, 1.0, 1.5):
            for measure in ("value", "gradient"):
                worst = solve(descent(step_size, steps), strong_convexity=0.0, measure=measure)
                cases.append({"method": "gradient_descent", "parameters": [step_size], "measure": measure,
                              "strong_convexity": 0.0, "steps": steps, "worst": worst})  # fmt: skip
        worst = solve(accelerated(steps), strong_convexity=0.0, measure="value")
        cases.append({"method": "accelerated", "parameters": [], "measure": "value",
                      "strong_convexity": 0.0, "steps": steps, "worst": worst})  # fmt: skip
        for parameters in ([2.0, 0.5, 0.0], [2.0, 0.5, 0.5], [1.0, 0.0, 0.3]):
            for measure in ("value", "distance", "gradient"):
                worst = solve(remote(*parameters, steps), strong_convexity=1 / KAPPA, measure=measure)
                cases.append({"method": "remote_gradient", "parameters": parameters, "measure": measure,
                              "strong_convexity": 1 / KAPPA, "steps": steps, "worst": worst})  # fmt: skip
    content = {"PEPit": "0.5.1", "cases": cases}
    text = json.dumps(content).replace(' {"method"', '\n{"method"').replace('[{"method"', '[\n{"method"')
    Path(__file__).with_name("pepit.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
