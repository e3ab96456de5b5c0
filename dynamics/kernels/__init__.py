"""How kernels become machine code: the policy, generic functions, the cache, the fingerprint of code."""
