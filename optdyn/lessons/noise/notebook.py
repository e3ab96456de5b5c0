"""Noise irons the landscape, with the library itself: `marimo edit noise.py`."""

import marimo

app = marimo.App(app_title="Noise irons the landscape")


@app.cell
def _():
    import marimo as mo

    from optdyn.lessons.notebooks import Notebook

    lesson = Notebook("noise")
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
    setting = lesson.controls("delta", "gamma", "law", "steps", delta=0.5)
    lesson.desk(setting)
    return (setting,)


@app.cell
def _(first, lesson, setting):
    # Rastrigin's function in one dimension, and what is left of it after averaging over the noise.
    lesson.covered(first.value)

    import matplotlib.pyplot as plt
    import numpy as np

    from synthetic import rastrigin, smoothed, value

    landscape, delta = rastrigin(1), setting.value["delta"]
    averaged = smoothed(landscape, delta, noise=setting.value["law"]) if delta > 0 else landscape
    xs = np.linspace(-3.5, 3.5, 701)
    figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
    axes.plot(xs, [value(landscape, [x]) for x in xs], color="0.6", label="Rastrigin's function")
    axes.plot(xs, [value(averaged, [x]) for x in xs], "--", label=f"smoothed, δ = {delta:g}")
    axes.set(xlabel="x", ylabel="f, and its average")
    axes.legend()
    figure
    return averaged, landscape, np, plt


@app.cell
def _(averaged, first, landscape, lesson, np, plt, setting):
    # Descent on f, on its average, and down a ladder of averages that ends in f itself.
    lesson.covered(first.value)

    from dynamics import GradientDescent, GraduatedDescent, simulate
    from synthetic import graduated
    from theory.sigma_nice import attenuation

    steps, law, rungs = int(setting.value["steps"]), setting.value["law"], 10
    levels = 0.7 * setting.value["gamma"] ** np.arange(rungs)
    each = max(steps // (rungs + 1), 1)
    # One over the largest curvature on each rung, and on f: 2, and what is left of the cosine's 10(2π)².
    left = attenuation(1, 2 * np.pi * np.append(levels, 0.0), noise=law)
    safe = 1 / (2 + 10 * (2 * np.pi) ** 2 * np.abs(left))
    climb = np.repeat(safe, each)[:steps]
    climb = np.append(climb, np.full(steps - climb.size, safe[-1]))
    ladder = graduated(landscape, levels, noise=law)
    runs = {
        "on f": simulate(GradientDescent(safe[-1]), landscape, steps=steps, x0=[3.0], record_iterates=True),
        "on its average": simulate(GradientDescent(0.1), averaged, steps=steps, x0=[3.0], record_iterates=True),
        f"ladder, γ = {setting.value['gamma']:g}": simulate(
            GraduatedDescent(climb, stage_steps=each),
            ladder, steps=steps, x0=[3.0], record_iterates=True,
        ),
    }  # fmt: skip
    paths, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
    for (words, run), style in zip(runs.items(), ("-", "--", "-."), strict=True):
        ax.plot(run.iteration, np.asarray(run.iterates)[:, 0], style, label=words)
    ax.axhline(0, color="0.5", lw=0.8)
    ax.set(xlabel="gradients", ylabel="x", title="The global minimiser is 0", ylim=(-3.5, 3.5))
    ax.legend()
    paths
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

    claim("sigma_nice.degree_of_smoothing").check()
    return


@app.cell
def _(mo):
    student = mo.ui.text(label="Your name decides on your numbers:", value="Ada Lovelace")
    student
    return (student,)


@app.cell
def _(lesson, student):
    exercise = lesson.exercise("noise.1", student.value)
    exercise
    return (exercise,)


@app.cell
def _(exercise, lesson, student):
    lesson.judged("noise.1", exercise.value, student.value)
    return


@app.cell
def _(lesson):
    lesson.program("noise.3")
    return


@app.cell
def _(student):
    import optdyn

    def step(x, right, left, delta, eta):
        return x  # your step goes here

    optdyn.check("noise.3", step, student=student.value)
    return


if __name__ == "__main__":
    app.run()
