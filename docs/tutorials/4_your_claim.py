"""
Your claim
==========

A sentence of a paper that can be checked becomes a claim: the sentence, its hypotheses, and a check that returns
evidence. The check is run by whoever reads it.
"""

# %%
# The claim of this page: *gradient descent with the step 2/(μ + L) shrinks the error on every quadratic by the factor
# (κ − 1)/(κ + 1) or more.* A check that knows no more than numbers can support it, and an identity of symbols proves it.
# Save this as ``myclaims.py``:
#
# .. literalinclude:: ../tutorials/myclaims.py
#
# Each statement says what it needs in order to be true. A trial that does not meet a hypothesis is void; it is no support.

import myclaims
import numpy as np

from theory.claims import claims_in

found = claims_in(myclaims)
for claim in found:
    print(claim.id, "-", claim.title)

# %%
# Run one. The evidence has the verdict, the steps that were decided, and what they stand on:

evidence = found[0].check("quick", np.random.default_rng(0))
print(evidence.verdict)
for step in evidence.steps:
    print(step)

# %%
# From the shell all of them are checked, and explained. The second one says too much, and a counterexample refutes it:
#
# .. command::
#    :files: myclaims.py
#    :status: 0
#
#    optdyn verify myclaims.py
#
# `proved` is said only where every step is decided by a machine; steps that are argued in words are listed and counted.
# :doc:`../verdicts` has the rule, and :doc:`../ledger` the claims of the five papers. A package for a whole paper, with
# verdicts on file, is made by `optdyn new`; see :doc:`../authors`.
