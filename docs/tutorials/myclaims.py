"""Two claims about gradient descent on quadratics, one right and one that says too much."""

from theory.claims import Evidence, Hypothesis, Verdict, statement
from theory.claims.routes import symbolic

PAPER = "Me, On one step size (2026)"
ORDER = Hypothesis("0 < mu < L", lambda *, mu, L, **_: 0 < mu < L)


@statement(
    id="one_step.rate",
    paper=PAPER,
    number="Theorem 1",
    title="The factor of the best fixed step",
    statement_latex=r"\max_{\mu\le\lambda\le L}|1-\alpha\lambda|=\frac{L-\mu}{L+\mu},\quad\alpha=\frac{2}{\mu+L}",
    statement_words="With the step 2/(mu + L) the error along every eigenvector shrinks by this factor or more.",
    hypotheses=(ORDER,),
)
def rate(level, rng):
    import sympy as sp

    mu, L = sp.symbols("mu L", positive=True)
    step, bound = 2 / (mu + L), (L - mu) / (L + mu)
    return symbolic.identity(
        {"at the least curvature": 1 - step * mu - bound, "at the largest curvature": 1 - step * L + bound},
        arguments=("a linear function takes its extremes over an interval at the ends",),
        tightness=1.0,
        text="At both ends of the interval the factor is the bound, once with each sign.",
    )


@statement(
    id="one_step.always_down",
    paper=PAPER,
    number="section 2",
    title="Every step below 2/mu goes down",
    statement_latex=r"0<\alpha<\frac{2}{\mu}\;\Rightarrow\;f(x_{k+1})\le f(x_k)",
    statement_words="The loss falls in each step whose length is below 2/mu.",
    hypotheses=(ORDER,),
    quote="the loss falls in each step whose length is below 2/mu",
)
def always_down(level, rng):
    mu, L, step = 0.1, 1.0, 10.0  # below 2/mu = 20
    before, after = 0.5 * L, 0.5 * L * (1 - step * L) ** 2
    return Evidence(
        verdict=Verdict.REFUTED if after > before else Verdict.UNDECIDED,
        margin=after - before,
        trials=1,
        counterexample={"mu": mu, "L": L, "step": step, "start": 1.0, "losses": [before, after]},
        text=f"Along the largest curvature the step {step:g} takes the loss from {before:g} to {after:g}.",
    )
