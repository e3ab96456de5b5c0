"""Libraries that only some sweeps need."""

import importlib
from types import ModuleType

from dynamics.checks import MissingLibrary


def needs(library: str, extra: str) -> ModuleType:
    """The library, or a sentence that says by which extra it is installed."""
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise MissingLibrary(
            f'this needs {library}, which is not installed: python -m pip install "optdyn[{extra}]".'
        ) from error
