"""Build the C references with the system's compiler."""

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from benchmarks.machine import processor

SOURCES = Path(__file__).parent
REQUIRED = ["-O3", "-fPIC", "-std=gnu11"]
WANTED = ["-march=native", "-ffast-math", "-fopenmp", "-mprefer-vector-width=512"]
PLAIN = ["-march=native"]  # all that the sources named here get besides: code as anybody writes and compiles it
PLAIN_SOURCES = ("plain",)
LIBRARIES = ["-lm", "-lmvec"]


class Unavailable(Exception):
    """A peer that can't run here; the message is one sentence for the reader."""


@cache
def library() -> ctypes.CDLL:
    """The references as one shared library, built anew when sources, compiler, flags or processor have changed."""
    compiler = _compiler()
    flags = [*REQUIRED, *(flag for flag in WANTED if _works(compiler, [flag]))]
    libraries = [name for name in LIBRARIES if _works(compiler, [name])]
    sources = sorted(SOURCES.glob("*.[ch]"))
    key = hashlib.sha256("\0".join([compiler_version(), processor(), *flags, *PLAIN, *libraries]).encode())
    for source in sources:
        key.update(source.read_bytes())
    target = build_folder() / f"reference-{key.hexdigest()[:16]}.so"
    if not target.exists():
        _build(compiler, flags, libraries, [source for source in sources if source.suffix == ".c"], target)
    return ctypes.CDLL(str(target))


def build_folder() -> Path:
    """Where libraries are kept: in the user's cache folder."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "optdyn" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def compiler_version() -> str:
    """The first line of what the compiler says of itself."""
    return _run([_compiler(), "--version"]).stdout.splitlines()[0]


def _compiler() -> str:
    for name in (os.environ.get("CC"), "gcc", "clang", "cc"):
        if name and shutil.which(name):
            return name
    raise Unavailable("there is no C compiler (gcc, clang or cc; or name one in CC), so the column of C is left out.")


def _build(compiler: str, flags: list[str], libraries: list[str], sources: list[Path], target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        objects = [str(Path(folder) / f"{source.stem}.o") for source in sources]
        for source, made in zip(sources, objects, strict=True):
            plain = [*REQUIRED, *(flag for flag in PLAIN if flag in flags)]
            _checked([compiler, *(plain if source.stem in PLAIN_SOURCES else flags), "-c", str(source), "-o", made])
        # Linked without -ffast-math: with it, loading the library would flush denormals to zero in the whole process.
        linking = [flag for flag in flags if flag == "-fopenmp"]
        made = str(Path(folder) / target.name)
        _checked([compiler, "-shared", *linking, *objects, "-o", made, *libraries])
        os.replace(made, target)


def _checked(command: list[str]) -> None:
    done = _run(command)
    if done.returncode:
        first = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise Unavailable(f"the C references don't compile here ({first}), so the column of C is left out.")


def _works(compiler: str, flags: list[str]) -> bool:
    """Whether a program that does nothing can be built with these flags."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "nothing.c"
        source.write_text("int main(void) { return 0; }\n")
        return _run([compiler, str(source), "-Werror", *flags, "-o", str(Path(folder) / "nothing")]).returncode == 0


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
