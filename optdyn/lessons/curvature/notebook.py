"""Asking curvature for a step, with the library itself: `marimo edit curvature.py`."""

import marimo

app = marimo.App(app_title="Asking curvature for a step")


@app.cell
def _():
    import marimo as mo

    from optdyn.lessons.notebooks import Notebook

    lesson = Notebook("curvature")
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
    setting = lesson.controls("alpha", "nu", "steps", alpha=0.05)
    lesson.desk(setting)
    return (setting,)


@app.cell
def _(first, lesson, setting):
    # Himmelblau's function is concave about the start and convex about its four minima.
    lesson.covered(first.value)

    from dynamics import BarzilaiBorwein, GradientDescent
    from plots import compare
    from synthetic import himmelblau

    alpha, nu, steps = setting.value["alpha"], setting.value["nu"], int(setting.value["steps"])
    methods = {
        "gradient descent, α/10": GradientDescent(alpha / 10),
        "absolute value": BarzilaiBorwein(alpha, nu=nu, negative="absolute"),
        "Algorithm 1: ν": BarzilaiBorwein(alpha, nu=nu, negative="large"),
    }
    compare(himmelblau(), methods, steps=steps, x0=[0.1, -0.3])
    return BarzilaiBorwein, GradientDescent, compare, nu, steps


@app.cell
def _(BarzilaiBorwein, GradientDescent, compare, first, lesson, nu, steps):
    # The bowl of the second prediction with α = 1: where the curvature is positive, ν doesn't matter.
    lesson.covered(first.value)

    from synthetic import quadratic

    bowl = quadratic(eigenvalues=[0.015, 0.75])
    rules = {"gradient descent": GradientDescent(1.0), "Algorithm 1": BarzilaiBorwein(1.0, nu=nu)}
    compare(bowl, rules, steps=steps, x0=[4.0, 0.3])
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

    claim("step_tuned.curvature_step").check()
    return


@app.cell
def _(mo):
    student = mo.ui.text(label="Your name decides on your numbers:", value="Ada Lovelace")
    student
    return (student,)


@app.cell
def _(lesson, student):
    exercise = lesson.exercise("curvature.1", student.value)
    exercise
    return (exercise,)


@app.cell
def _(exercise, lesson, student):
    lesson.judged("curvature.1", exercise.value, student.value)
    return


@app.cell
def _(lesson):
    lesson.program("curvature.3")
    return


@app.cell
def _(student):
    import optdyn

    def step(x, gradient, last_x, last_gradient, alpha, nu):
        return x, last_x, last_gradient  # your step goes here

    optdyn.check("curvature.3", step, student=student.value)
    return


if __name__ == "__main__":
    app.run()
