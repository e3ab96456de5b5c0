"""Machine code in one file, with a hash over its bytes: damage is seen before anything of it is loaded.

To load machine code is to execute it, and a pickle besides: see `dynamics.kernels.folder` for who may have written it.
"""

import hashlib
import os
import pickle
import uuid
from pathlib import Path
from typing import Any

from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from dynamics.kernels.first_time import before_loading
from dynamics.kernels.telling import tell

HEADER = b"optdyn machine code 1\n"
_LENGTH = len(HEADER) + hashlib.sha256().digest_size


class Store(_Cache):
    """The cache of a dispatcher that is compiled for one signature.

    Attributes
    ----------
    file
        Where the machine code is kept. A damaged file is told of once, and replaced.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def cache_path(self) -> str:
        """The folder of the file."""
        return str(self.file.parent)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function of the file, or None where there is none that can be used."""
        try:
            with self.file.open("rb") as file:
                if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid not in (os.getuid(), 0):
                    return self._damaged("it belongs to another user")
                content = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            return self._damaged(str(error.strerror).lower())
        payload = content[_LENGTH:]
        if content[:_LENGTH] != HEADER + hashlib.sha256(payload).digest():
            return self._damaged("its bytes are not those that were written")
        try:
            before_loading(target_context, payload)
            return CompileResult._rebuild(target_context, *pickle.loads(payload))
        except Exception as error:  # whatever a pickle of another installation ends in
            return self._damaged(f"{type(error).__name__}: {error}")

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled function, whole or not at all."""
        if data.library.has_dynamic_globals or any(not lifted.can_cache for lifted in data.lifted):
            return
        payload = dumps(data._reduce())
        temporary = self.file.with_name(f"{self.file.name}.{uuid.uuid4().hex[:16]}")
        try:
            try:
                temporary.write_bytes(HEADER + hashlib.sha256(payload).digest() + payload)
                if self.file.is_dir() and not self.file.is_symlink():
                    self.file.rmdir()
                os.replace(temporary, self.file)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            tell(
                f"compiled kernels can't be kept in {self.file.parent} ({error.strerror}), so the next process "
                f"compiles anew; make room there, or set NUMBA_CACHE_DIR to another folder."
            )

    def enable(self) -> None:
        """Nothing: a store is always on."""

    def disable(self) -> None:
        """Nothing: a store is always on."""

    def flush(self) -> None:
        """Forget what was kept."""
        self.file.unlink(missing_ok=True)

    def _damaged(self, why: str) -> None:
        tell(f"the compiled kernel {self.file} is damaged ({' '.join(why.split())}), and is compiled anew.")
