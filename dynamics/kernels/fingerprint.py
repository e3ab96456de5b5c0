"""A name for machine code, by all that it was made of."""

import hashlib
import platform
import sys
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.registry import cpu_target

from dynamics.kernels.reach import Reach

# Settings of numba's that change what is compiled.
_SETTINGS = ("OPT", "BOUNDSCHECK", "LOOP_VECTORIZE", "SLP_VECTORIZE", "DISABLE_INTEL_SVML", "DEBUGINFO_DEFAULT")


def _runtime() -> bytes:
    """The sources of types, lowerings and the policy: they shape machine code without being called by it."""
    rooms = (Path(__file__).parents[1] / room for room in ("kernels", "vectors"))
    return hashlib.sha256(b"".join(file.read_bytes() for room in rooms for file in sorted(room.glob("*.py")))).digest()


# Read now, when they are imported too: later they may have been edited.
RUNTIME = _runtime()


def fingerprint(reached: Reach, signature: tuple[Any, ...]) -> str:
    """A name for the machine code of what was reached, for arguments of these numba types, on this processor."""
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version, platform.machine())
    settings = [(name, getattr(numba.config, name, None)) for name in _SETTINGS]
    target = cpu_target.target_context.codegen().magic_tuple()
    digest = hashlib.sha256(repr((versions, settings, target, signature)).encode())
    digest.update(RUNTIME)
    digest.update(reached.digest)
    return digest.hexdigest()[:32]
