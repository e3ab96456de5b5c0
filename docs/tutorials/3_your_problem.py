"""
Your problem
============

A problem is a ``NamedTuple`` of arrays and numbers, and one kernel that returns the value and writes the gradient.
"""

# %%
# This one is the sum of log cosh(sⱼ xⱼ), a parabola at its minimum and a cone far from it. It goes into ``mylab.py`` too:
#
# .. literalinclude:: ../tutorials/mylab.py
#    :lines: 46-
#
# Gradients are written into ``out``, so that no step makes an array. Nothing else is needed for any first-order method.

import numpy as np
from mylab import LogCosh, valley

from dynamics import HeavyBall, MissingImplementation, TrustRegion, check_problem, simulate

# %%
# :func:`dynamics.check_problem` compares the gradient with differences of the value, at several points, and looks at
# what else the problem says of itself.

print(check_problem(valley(), x0=np.array([1.0, 1.0])))

# %%
# Run it. A problem without an initial point of its own needs ``x0``.

run = simulate(HeavyBall(0.5, beta=0.9), valley(), steps=200, x0=np.array([4.0, 2.0]), record_iterates=True)
print(run.status.name, run.loss[-1], run.x)
figure = run.plot()

# %%
# Another instance of the same problem runs at once: the machine code depends on the types and not on the numbers.

print(simulate(HeavyBall(0.5), LogCosh(np.array([1.0, 2.0])), steps=200, x0=[1.0, 1.0]).loss[-1])

# %%
# Ask for what the problem does not have, and you are told, before anything is compiled:

try:
    simulate(TrustRegion(), valley(), steps=10, x0=[1.0, 1.0])
except MissingImplementation as refusal:
    print(refusal)

# %%
# Mini-batches, Hessian products and an initial point are further kernels: :func:`dynamics.draw`,
# :func:`dynamics.sampled_gradient`, :func:`dynamics.hessian_product`, :func:`dynamics.initial_point`.
# What a problem knows of itself (its minimum, its constants) is told by ``synthetic.info``.
# :doc:`../kernels` says how kernels are run.
