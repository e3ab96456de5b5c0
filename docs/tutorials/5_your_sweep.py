"""
Your sweep, from laptop to cluster
==================================

Many runs over axes of parameters and over seeds; each run has the same bytes wherever and in whatever order it is
computed.
"""

# %%
# Axes are named parameters of the method or of the problem. Each combination is run with each seed; what comes back is
# an ``xarray.Dataset``.

import numpy as np

from dynamics import RSG, sweep
from synthetic import quadratic

made = sweep(
    RSG,
    quadratic,
    over={"step_size": np.geomspace(1e-2, 10, 13), "mu": [0.01, 0.1, 0.5]},
    fixed={"beta": 0.99, "dimension": 20, "condition_number": 100.0, "noise": 0.01},
    seeds=10,
    steps=500,
    reduce="last",
)
print(made.sizes)

# %%
# A run that failed counts as a failure and is never averaged away; the median of ten seeds at each setting:

median = made.loss.median("seed")
best = median.argmin(("step_size", "mu"))
print({name: float(made[name][index]) for name, index in best.items()}, float(median.min()))
figure = made.optdyn.plot()

# %%
# From the shell
# --------------
#
# With ``--out`` each block of runs is written once it is done. Whatever ends the command, a kill or a flat battery, the
# same command goes on; longer axes and further seeds add to what is there.
#
# .. command::
#
#    optdyn sweep quadratic rsg --over step_size=geom:1e-2:10:13 --over "mu=0.01,0.1,0.5" --set beta=0.99 --set dimension=20 --set condition_number=100 --set noise=0.01 --seeds 10 --steps 500 --out runs.zarr --plot heat.png
#
# .. command::
#
#    optdyn sweep --out runs.zarr --status
#
# A single run of the sweep, with all its records, is had again by :func:`dynamics.replay`.
#
# To several machines
# -------------------
#
# Any number of processes with the same ``--work`` share the blocks, on all machines that see the folder; nothing has to
# be set up. This one finds all done and adds five seeds:
#
# .. command::
#
#    optdyn sweep quadratic rsg --over step_size=geom:1e-2:10:13 --over "mu=0.01,0.1,0.5" --set beta=0.99 --set dimension=20 --set condition_number=100 --set noise=0.01 --seeds 15 --steps 500 --work runs.zarr
#
# Under a batch system that is an array job whose tasks all run this line. Where a dask cluster stands already,
# ``--dask tcp://scheduler:8786``, or ``backend=`` in Python, sends the blocks there. Ask beforehand how many runs, how
# long and how large with ``--dry-run``. :doc:`../sweeps` has the rest: what is kept, what is refused and why, and a
# billion runs on paper.
