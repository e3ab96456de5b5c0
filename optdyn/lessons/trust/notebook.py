"""The shape of trust, with the library itself: `marimo edit trust.py`."""

import marimo

app = marimo.App(app_title="The shape of trust")


@app.cell
def _():
    import marimo as mo

    from optdyn.lessons.notebooks import Notebook

    lesson = Notebook("trust")
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
    setting = lesson.controls("angle", "eta", "step", "kappa", "steps", angle=45.0)
    lesson.desk(setting)
    return (setting,)


@app.cell
def _(first, lesson, setting):
    # The valley can be turned: the circle and the full matrix don't mind, the diagonal does.
    lesson.covered(first.value)

    import math

    from dynamics import Adagrad, GradientDescent
    from plots import compare
    from synthetic import narrow_valley

    eta, steps = setting.value["eta"], int(setting.value["steps"])
    methods = {
        "gradient descent": GradientDescent(setting.value["step"]),
        "Adagrad, diagonal": Adagrad(eta),
        "Adagrad, full matrix": Adagrad(eta, matrix="full"),
    }
    valley = narrow_valley(condition_number=float(setting.value["kappa"]), angle=math.radians(setting.value["angle"]))
    compare(valley, methods, steps=steps, x0=[2.0, 1.0])
    return GradientDescent, compare


@app.cell
def _(GradientDescent, compare, first, lesson):
    # Beside a saddle of Himmelblau's function: who leaves it, and how soon?
    lesson.covered(first.value)

    from dynamics import SaddleFreeNewton, TrustRegion
    from synthetic import himmelblau

    rules = {
        "gradient descent": GradientDescent(0.01),
        "saddle-free Newton": SaddleFreeNewton(0.5, damping=5.0),
        "trust region": TrustRegion(),
    }
    compare(himmelblau(), rules, steps=40, x0=[-0.128, -1.954])
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

    claim("trust_region.preconditioned_step").check()
    return


@app.cell
def _(mo):
    student = mo.ui.text(label="Your name decides on your numbers:", value="Ada Lovelace")
    student
    return (student,)


@app.cell
def _(lesson, student):
    exercise = lesson.exercise("trust.2", student.value)
    exercise
    return (exercise,)


@app.cell
def _(exercise, lesson, student):
    lesson.judged("trust.2", exercise.value, student.value)
    return


@app.cell
def _(lesson):
    lesson.program("trust.3")
    return


@app.cell
def _(student):
    import optdyn

    def step(x, gradient, total, eta):
        return x, total  # your step goes here

    optdyn.check("trust.3", step, student=student.value)
    return


if __name__ == "__main__":
    app.run()
