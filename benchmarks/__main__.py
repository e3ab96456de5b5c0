"""`python -m benchmarks`: optdyn beside hand-written C, NumPy, JAX, PyTorch and SciPy."""

import os
import sys

# Both are read when the libraries are loaded. Threads of OpenMP that wait by spinning would slow down whoever is timed
# next; threads of BLAS cost more than they bring at these sizes.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.command import main

if __name__ == "__main__":
    sys.exit(main())
