"""
Your first run
==============

A problem whose spectrum and noise you choose, a method, and what became of it.
"""

# %%
# A problem is made by a function. This is a quadratic in a hundred dimensions with eigenvalues from 1e-4 to 1, whose
# gradients carry noise; ``rng`` is the seed of all that is random in it.

from dynamics import RSG, simulate
from synthetic import quadratic, spectrum

problem = quadratic(eigenvalues=spectrum("logarithmic", dimension=100, condition_number=1e4), noise=0.01, rng=0)

# %%
# A method is a class with its hyper-parameters. :class:`dynamics.RSG` steps along a moving average of gradients, mixed
# with the newest one; with ``mu=0`` it is the heavy ball, with ``mu=1-beta`` Nesterov's method.

run = simulate(RSG(step_size=2.0, beta=0.99, mu=0.1), problem, steps=20_000, rng=0)
print(run)

# %%
# A run says how it ended: all steps taken, converged, diverged, or interrupted, with the step at which it happened. A run
# that diverged never passes for one that worked. Losses are counted over what they cost, in full-batch gradients.

print(run.status.name, run.loss[-1], run.gradients[-1])
figure = run.plot()

# %%
# The same seed gives the same bytes, today and on the next machine of that kind:

again = simulate(RSG(step_size=2.0, beta=0.99, mu=0.1), problem, steps=20_000, rng=0)
assert (again.x == run.x).all()

# %%
# From the shell it is one command. It prints the table, draws the picture and keeps the run, which can be resumed:
#
# .. command::
#
#    optdyn run quadratic rsg --set dimension=100 --set condition_number=1e4 --set noise=0.01 --set step_size=2 --set beta=0.99 --steps 20000 --plot loss.png --out run.npz
#
# .. command::
#
#    optdyn run quadratic rsg --steps 500 --resume run.npz --out run.npz
#
# Where to go on: `optdyn list methods` and `optdyn list problems` say what there is;
# :doc:`2_your_optimiser` puts your own beside it.
