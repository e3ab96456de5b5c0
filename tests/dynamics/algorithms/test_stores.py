"""No method writes its memory by a mask, which takes as long as some twenty plain stores where it is not AVX-512's."""

import platform
import re

import numba
import numpy as np
import pytest

from dynamics import AMSGrad, new_memory, simulate, update
from dynamics.kernels.policy import KERNEL_OPTIONS
from dynamics.protocol.canonical import canonical
from dynamics.vectors.vector import has_wide_registers
from synthetic import quadratic


def stepped(method, oracle, point, memory, k):
    update(method, oracle, point, memory, k)


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="there is no machine code without numba's compiler")
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names instructions of x86")
@pytest.mark.skipif(has_wide_registers(), reason="AVX-512 stores by a mask as quickly as without")
def test_the_largest_average_of_amsgrad_is_stored_without_a_mask():
    method = canonical(AMSGrad(0.1))
    kernel = numba.njit(**KERNEL_OPTIONS)(stepped)
    point = simulate(method, quadratic(eigenvalues=np.ones(64)), steps=0, x0=np.ones(64)).state.point
    kernel(method, None, point, new_memory(method, 64), 0)
    code = kernel.inspect_asm(kernel.signatures[0])
    assert re.search(r"\bvsqrtpd\b", code)
    assert not re.search(r"\bvmaskmovpd\s+%ymm\d+, %ymm\d+, [^%]*\(", code)
