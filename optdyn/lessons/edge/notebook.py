"""The edge of stability, with the library itself: `marimo edit edge.py`."""

import marimo

app = marimo.App(app_title="The edge of stability")


@app.cell
def _():
    import marimo as mo

    from optdyn.lessons.notebooks import Notebook

    lesson = Notebook("edge")
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
    setting = lesson.controls("eta", "beta", "form", "steps", eta=0.35)
    lesson.desk(setting)
    return (setting,)


@app.cell
def _(first, lesson, setting):
    # The product of two weights is a linear net of one unit: a multiple of ½(w₁w₂ − 1)², of curvature 2 at (1, 1).
    lesson.covered(first.value)

    import numpy as np

    from dynamics import RSG, GradientDescent
    from plots import compare
    from synthetic import hessian, linear_net

    net = linear_net(maker="given", matrix=[[1.0]], samples=1000, reduction="mean", rng=0)
    scale = np.linalg.eigvalsh(hessian(net, [1.0, 1.0]))[-1] / 2
    eta, beta, steps = setting.value["eta"] / scale, setting.value["beta"], int(setting.value["steps"])
    alpha = eta / (1 - beta) if setting.value["form"] == "classical" else eta
    methods = {
        "η/20": GradientDescent(eta / 20),
        "gradient descent": GradientDescent(eta),
        "heavy ball": RSG(alpha, beta=beta, mu=0.0),
    }
    compare(net, methods, steps=steps, x0=[2.5, 0.5])
    return alpha, beta, eta, methods, net, scale, steps


@app.cell
def _(alpha, beta, eta, first, lesson, methods, net, scale, steps):
    # The sharpness along the runs, measured by Lanczos' method, and the edges that the theory of the matrix gives.
    lesson.covered(first.value)

    import matplotlib.pyplot as plt

    from dynamics import TopEigenvalue, simulate

    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for (words, method), style in zip(methods.items(), ("-", "--", "-."), strict=True):
        run = simulate(method, net, steps=steps, x0=[2.5, 0.5], probes={"sharpness": TopEigenvalue(every=1)})
        sharpness = run.probes["sharpness"]
        axes.plot(sharpness.iteration, sharpness.values / scale, style, label=words)
    axes.axhline(2 / (eta * scale), color="0.5", lw=0.8, ls=":")
    axes.axhline(2 * (1 + beta) / ((1 - beta) * alpha * scale), color="0.5", lw=0.8, ls=":")
    axes.set(xlabel="step", ylabel="sharpness of ½(w₁w₂ − 1)²", title="Dotted: the edges of both methods")
    axes.legend()
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

    claim("arsg.sgd_largest_step").check()
    return


@app.cell
def _(mo):
    student = mo.ui.text(label="Your name decides on your numbers:", value="Ada Lovelace")
    student
    return (student,)


@app.cell
def _(lesson, student):
    exercise = lesson.exercise("edge.1", student.value)
    exercise
    return (exercise,)


@app.cell
def _(exercise, lesson, student):
    lesson.judged("edge.1", exercise.value, student.value)
    return


@app.cell
def _(lesson):
    lesson.program("edge.3")
    return


@app.cell
def _(student):
    import optdyn

    def step(x, y, eta):
        return x, y  # your step goes here

    optdyn.check("edge.3", step, student=student.value)
    return


if __name__ == "__main__":
    app.run()
