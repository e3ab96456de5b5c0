"""What takes long to make in files, with a hash over its bytes: damage is seen before anything of it is used.

To load machine code is to execute it: see `dynamics.kernels.folder` for who may have written it.
"""

import hashlib
import os
import uuid
from pathlib import Path

from dynamics.kernels.telling import tell

HEADER = b"optdyn made this 1\n"
_LENGTH = len(HEADER) + hashlib.sha256().digest_size


def kept(file: Path) -> bytes | None:
    """What `keep` put into a file; None where there is none that can be used."""
    try:
        with file.open("rb") as opened:
            ours = not hasattr(os, "getuid") or os.fstat(opened.fileno()).st_uid in (os.getuid(), 0)
            content = opened.read() if ours else b""
    except FileNotFoundError:
        return None
    except OSError as error:
        damaged(file, str(error.strerror).lower())
        return None
    payload = content[_LENGTH:]
    if not ours:
        damaged(file, "it belongs to another user")
    elif content[:_LENGTH] != _head(payload):
        damaged(file, "its bytes are not those that were written")
    else:
        return payload
    return None


def keep(file: Path, payload: bytes) -> None:
    """Put what was made into a file, whole or not at all."""
    temporary = file.with_name(f"{file.name}.{uuid.uuid4().hex[:16]}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o755)  # somebody may have taken the folder away
        try:
            temporary.write_bytes(_head(payload) + payload)
            if file.is_dir() and not file.is_symlink():
                file.rmdir()
            os.replace(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        tell(
            f"compiled kernels and typeset formulas can't be kept in {file.parent} ({error.strerror}), so the next "
            f"process makes them anew; make room there, or set NUMBA_CACHE_DIR to another folder."
        )


def damaged(file: Path, why: str) -> None:
    """Say why a file can't be used; what it holds is made anew."""
    tell(f"{file} is damaged ({' '.join(why.split())}): what it held is made anew.")


def _head(payload: bytes) -> bytes:
    return HEADER + hashlib.sha256(payload).digest()
