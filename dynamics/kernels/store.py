"""The machine code of one dispatcher in one file, as numba writes it."""

import pickle
from pathlib import Path
from typing import Any

from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from dynamics.kernels.files import damaged, keep, kept
from dynamics.kernels.first_time import before_loading


class Store(_Cache):
    """The cache of a dispatcher that is compiled for one signature.

    Attributes
    ----------
    file
        Where the machine code is kept. A damaged file is told of once, and replaced.
    everything
        Whether it may use what other packages add to numba: a user's may, ours don't.
    """

    def __init__(self, file: Path, everything: bool) -> None:
        self.file = file
        self.everything = everything

    @property
    def cache_path(self) -> str:
        """The folder of the file."""
        return str(self.file.parent)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function of the file, or None where there is none that can be used."""
        payload = kept(self.file)
        if payload is None:
            return None
        try:
            before_loading(target_context, payload, self.everything)
            return CompileResult._rebuild(target_context, *pickle.loads(payload))
        except Exception as error:  # whatever a pickle of another installation ends in
            damaged(self.file, f"{type(error).__name__}: {error}")
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled function."""
        if not (data.library.has_dynamic_globals or any(not lifted.can_cache for lifted in data.lifted)):
            keep(self.file, dumps(data._reduce()))

    def enable(self) -> None:
        """Nothing: a store is always on."""

    def disable(self) -> None:
        """Nothing: a store is always on."""

    def flush(self) -> None:
        """Forget what was kept."""
        self.file.unlink(missing_ok=True)
