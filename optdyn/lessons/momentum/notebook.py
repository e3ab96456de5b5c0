"""Momentum in one 2×2 matrix, with the library itself: `marimo edit momentum.py`."""

import marimo

app = marimo.App(app_title="Momentum in one 2×2 matrix")


@app.cell
def _():
    import marimo as mo

    from optdyn.lessons.notebooks import Notebook

    lesson = Notebook("momentum")
    lesson.opening
    return lesson, mo


@app.cell
def _(lesson):
    first = lesson.predict(0)
    first
    return (first,)


@app.cell
def _(first, lesson):
    lesson.answer(0, first.value)
    return


@app.cell
def _(lesson):
    setting = lesson.controls("alpha", "beta", "mu", "kappa", "form", "steps", alpha=30.0, beta=0.9, mu=0.0)
    lesson.desk(setting)
    return (setting,)


@app.cell
def _(first, lesson, setting):
    # Runs of the library's kernels, at equal cost; gradient descent gets the same step size.
    lesson.covered(first.value)

    from dynamics import RSG, GradientDescent
    from plots import compare
    from synthetic import quadratic

    alpha, beta, mu = (setting.value[name] for name in ("alpha", "beta", "mu"))
    kappa, steps = float(setting.value["kappa"]), int(setting.value["steps"])
    if setting.value["form"] == "classical":
        alpha /= 1 - beta  # of the moving average, whose iterates are the same
    methods = {
        "gradient descent": GradientDescent(alpha),
        "heavy ball": RSG(alpha, beta=beta, mu=0.0),
        "RSG": RSG(alpha, beta=beta, mu=mu),
    }
    bowl = quadratic(eigenvalues=[1.0, 1 / kappa])
    compare(bowl, methods, steps=steps, x0=[-1.6, 1.2])
    return alpha, beta, mu


@app.cell
def _(alpha, beta, first, lesson, mu):
    # The theory of the same setting, on which the picture above is a comment.
    lesson.covered(first.value)

    import matplotlib.pyplot as plt
    import numpy as np

    from theory import arsg

    taus = np.geomspace(1e-2, 1e2, 400)
    figure, (speed, noise) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for weight, words, style in ((0.0, "heavy ball, μ = 0", "-"), (mu, f"RSG, μ = {mu:g}", "--")):
        speed.semilogx(taus, arsg.gain_factor(taus, beta=beta, mu=weight), style, label=words)
        stable = taus[arsg.gain_factor(taus, beta=beta, mu=weight) < 1]
        noise.loglog(stable, arsg.variance_limit(stable, beta=beta, mu=weight), style, label=words)
    speed.axhline(1, color="0.5", lw=0.8)
    speed.axvline(alpha, color="0.5", lw=0.8)
    speed.set(ylim=(0, 1.5), xlabel="scaled curvature τ = αλ", ylabel="gain factor, error per step")
    noise.set(xlabel="scaled curvature τ = αλ", ylabel="variance that noise leaves")
    speed.legend()
    figure
    return


@app.cell
def _(lesson):
    second = lesson.predict(1)
    second
    return (second,)


@app.cell
def _(lesson, second):
    lesson.answer(1, second.value)
    return


@app.cell
def _(lesson):
    lesson.derivation
    return


@app.cell
def _(lesson):
    lesson.claims
    return


@app.cell
def _():
    # Checked while you wait, with its evidence.
    from theory.claims import claim

    claim("arsg.convergence_region").check()
    return


@app.cell
def _(mo):
    student = mo.ui.text(label="Your name decides on your numbers:", value="Ada Lovelace")
    student
    return (student,)


@app.cell
def _(lesson, student):
    exercise = lesson.exercise("momentum.1", student.value)
    exercise
    return (exercise,)


@app.cell
def _(exercise, lesson, student):
    lesson.judged("momentum.1", exercise.value, student.value)
    return


@app.cell
def _(lesson):
    lesson.program("momentum.3")
    return


@app.cell
def _(student):
    import optdyn

    def step(m, x, gradient, alpha, beta):
        return m, x  # your step goes here

    optdyn.check("momentum.3", step, student=student.value)
    return


if __name__ == "__main__":
    app.run()
