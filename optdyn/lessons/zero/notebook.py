"""How far is zero?, with the library itself: `marimo edit zero.py`."""

import marimo

app = marimo.App(app_title="How far is zero?")


@app.cell
def _():
    import marimo as mo

    from optdyn.lessons.notebooks import Notebook

    lesson = Notebook("zero")
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
    setting = lesson.controls("alpha", "kappa", "steps", alpha=0.15, kappa="10", steps="200")
    lesson.desk(setting)
    return (setting,)


@app.cell
def _(first, lesson, setting):
    # Polyak's rule is told the minimum; L4 as it stands in the paper estimates it from the losses that it has seen.
    lesson.covered(first.value)

    from dynamics import L4, GradientDescent, Polyak
    from plots import compare
    from synthetic import quadratic

    alpha, kappa, steps = setting.value["alpha"], float(setting.value["kappa"]), int(setting.value["steps"])
    methods = {
        "gradient descent, 1/L": GradientDescent(1.0),
        "Polyak": Polyak(minimum=0.0),
        f"L4, α = {alpha:g}": L4(estimator="gradient", direction="gradient", alpha=alpha),
    }
    valley = quadratic(eigenvalues=[1 / kappa, 1.0])
    compare(valley, methods, steps=steps, x0=[2.0, 0.3])
    return Polyak, steps, valley


@app.cell
def _(Polyak, first, lesson, steps, valley):
    # What never goes up, and what does: the distance from the minimiser, and the loss.
    lesson.covered(first.value)

    import matplotlib.pyplot as plt
    import numpy as np

    from dynamics import simulate

    run = simulate(Polyak(minimum=0.0), valley, steps=steps, x0=[2.0, 0.3], record_every=1, record_iterates=True)
    figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
    axes.semilogy(run.iteration, np.linalg.norm(np.asarray(run.iterates), axis=1), label="distance from the minimiser")
    axes.semilogy(run.iteration, run.loss, "--", label="loss")
    axes.set(xlabel="step", ylabel="distance, loss", title="Polyak's steps: the distance never rises")
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
    third = lesson.predict(2)
    third
    return (third,)


@app.cell
def _(lesson, third):
    lesson.answer(2, third.value)
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

    claim("l4.polyak").check()
    return


@app.cell
def _(mo):
    student = mo.ui.text(label="Your name decides on your numbers:", value="Ada Lovelace")
    student
    return (student,)


@app.cell
def _(lesson, student):
    exercise = lesson.exercise("zero.1", student.value)
    exercise
    return (exercise,)


@app.cell
def _(exercise, lesson, student):
    lesson.judged("zero.1", exercise.value, student.value)
    return


@app.cell
def _(lesson):
    lesson.program("zero.3")
    return


@app.cell
def _(student):
    import optdyn

    def step(x, loss, gradient, minimum, alpha):
        return x  # your step goes here

    optdyn.check("zero.3", step, student=student.value)
    return


if __name__ == "__main__":
    app.run()
