import pytest

from tests.dynamics.kernels.modules import Folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder on the path of imports, and a kernel cache of its own."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return Folder(tmp_path, monkeypatch)
