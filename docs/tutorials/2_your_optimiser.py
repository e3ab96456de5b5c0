"""
Your optimiser
==============

A method of your own is a ``NamedTuple`` of hyper-parameters and one kernel. It then runs on every problem, is counted,
swept, compared and resumed like those that come with optdyn.
"""

# %%
# The example is Lion (Chen et al. 2023): it steps along the signs of an average of gradients. Save this as ``mylab.py``:
#
# .. literalinclude:: ../tutorials/mylab.py
#    :lines: 1-43
#
# ``update`` moves ``point.x`` from one iterate to the next; the gradient there is in ``point.gradient``, and the scalar
# step, where there is one, goes to ``point.step_size[0]`` for the record. What is carried from step to step is the
# method's memory, which ``new_memory`` makes. The kernels are plain Python and are compiled when they first run; with
# ``NUMBA_DISABLE_JIT=1`` they stay plain Python, where a debugger stops.

from mylab import Lion

from dynamics import Adam, check_method, simulate
from plots import compare
from synthetic import quadratic, spectrum

# %%
# Before anything else: is it well made? :func:`dynamics.check_method` looks for calls that nobody counts, memory that
# begins as anything, decisions that differ between runs, arrays made at each step, and more; each finding names the line
# and the cure.

print(check_method(Lion(0.01)))

# %%
# Then it runs, on any problem:

problem = quadratic(eigenvalues=spectrum("logarithmic", dimension=100, condition_number=1e4), noise=0.01, rng=0)
lion = simulate(Lion(1e-3), problem, steps=5000, rng=0)
adam = simulate(Adam(1e-2), problem, steps=5000, rng=0)
print("Lion", lion.loss[-1], "Adam", adam.loss[-1])
figure = compare(problem, {"Lion": Lion(1e-3), "Adam": Adam(1e-2)}, steps=5000)

# %%
# The comparison is not fair yet: each method should have its best step size, found by one rule on equal budgets. That is
# what sweeps and :func:`plots.tuning.tune` are for, see :doc:`5_your_sweep`.
#
# A step size may be a number, an array, or a schedule; nothing had to be said for that.

from dynamics import cosine

print(simulate(Lion(cosine(1e-2, horizon=5000)), problem, steps=5000, rng=0).loss[-1])

# %%
# On the command line it is named by where it is. These two commands were run in the folder that holds ``mylab.py``:
#
# .. command::
#    :files: mylab.py
#
#    optdyn run quadratic mylab.py:Lion adam --set dimension=100 --set noise=0.01 --set step_size=0.001 --steps 3000 --plot both.png
#
# :doc:`../adding_a_method` says what else a method can tell about itself, and how one is tested.
