"""What of numba is made ready before machine code from disk is used."""

import pytest

from dynamics.kernels import first_time


class Context:
    refreshed = 0

    def refresh(self):
        self.refreshed += 1


@pytest.mark.parametrize(("code", "refreshed"), [(b"plain", 0), (b"a _numba_hashsecret_siphash_k0 b", 1)])
def test_only_code_that_hashes_strings_needs_all_that_numba_compiles_with(monkeypatch, code, refreshed):
    monkeypatch.setattr(type(first_time.rtsys), "initialize", lambda runtime, context: None)
    context = Context()
    first_time.before_loading(context, code)
    assert context.refreshed == refreshed
