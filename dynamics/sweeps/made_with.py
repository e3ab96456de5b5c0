"""By what a sweep is made: versions, optdyn's code, and that of the user's classes and factories."""

import hashlib
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numba
import numpy as np

from dynamics.kernels.code import digest_of_file
from dynamics.kernels.reach import reach
from dynamics.protocol import method, oracle
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.users import users_things

_HERE = Path(__file__).parents[2]


def made_with(plan: Plan) -> dict[str, str]:
    """Versions and hashes of code, by words that a sentence can use."""
    users = {f"the code of {thing.__qualname__}": _users_code(thing) for thing in users_things(plan)}
    return versions() | users


def versions() -> dict[str, str]:
    """What is the same for all sweeps of this process."""
    return {
        "optdyn": _version(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "numba": "off" if numba.config.DISABLE_JIT else numba.__version__,
        "optdyn's code": _own_code(),
    }


@cache
def _own_code() -> str:
    """A hash of what methods, problems and whatever runs them do; with nothing of the command line or figures."""
    digest = hashlib.sha256()
    for package in ("dynamics", "synthetic"):
        for file in sorted((_HERE / package).rglob("*.py")):
            digest.update(f"{file.relative_to(_HERE).as_posix()}\n".encode())
            digest.update(digest_of_file(file.read_bytes()))
    return digest.hexdigest()[:16]


def _users_code(thing: Any) -> str:
    """A hash of what a class or factory does, as it is in this process; helpers and kernels are followed."""

    def followed() -> Any:
        return _kernels, thing

    reached = reach(followed, [])
    file = getattr(sys.modules.get(thing.__module__), "__file__", None)
    if not reached.on_disk and file:  # the walk met what only this process knows
        return digest_of_file(Path(file).read_bytes()).hex()[:16]
    return reached.digest.hex()[:16]


def _kernels() -> Any:
    """What a class may implement; never called, but followed."""
    return (
        method.update,
        method.new_memory,
        method.before_draw,
        oracle.value_and_gradient,
        oracle.value,
        oracle.sampled_value_and_gradient,
        oracle.sampled_gradient,
        oracle.sampled_value,
        oracle.draw,
        oracle.new_sample,
        oracle.hessian_product,
        oracle.hessian,
        oracle.sampled_hessian_product,
        oracle.initial_point,
        oracle.summands,
    )


def _version() -> str:
    try:
        return version("optdyn")
    except PackageNotFoundError:
        return "not installed"
