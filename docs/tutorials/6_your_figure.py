"""
Your figure
===========

A figure is a command and its data: ``compute`` works out the numbers, ``draw`` puts them on paper, and beside the picture
there is a file that says how to make it again.
"""

# %%
# Save this as ``myfigure.py``. A module with ``TITLE``, ``compute`` and ``draw`` is a figure:
#
# .. literalinclude:: ../tutorials/myfigure.py

import myfigure

dataset = myfigure.compute(points=60)
print(dataset)
figure = myfigure.draw(dataset)

# %%
# The command makes the picture, the data as CSV and NetCDF, and the sidecar. ``--set`` changes a parameter of
# ``compute``, and ``--size`` says what it is drawn for: a column, a page or a slide.
#
# .. command::
#    :files: myfigure.py
#
#    optdyn figure myfigure.py --set points=60
#
# Anybody who has the picture can compute it again from the sidecar and be told whether the numbers agree:
#
# .. command::
#
#    optdyn figure myfigure.py --verify figures/myfigure.png
#
# The figures of the papers are made in the same way; :doc:`../figures` shows them.
