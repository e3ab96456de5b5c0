"""What numba looks for while it is imported, and optdyn has no use for: numba is told that it isn't there, or later."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["without_the_needless"]

# numba imports scipy to see that it is not older than 1.0, and yaml for a file of settings.
_NEEDLESS = {"scipy": "numba", "yaml": "numba.core.config"}
_SETTINGS = ".numba_config.yaml"


@contextmanager
def without_the_needless() -> Iterator[None]:
    """Within it numba is imported without scipy, yaml and importlib.metadata, a seventh of the time that it all takes.

    Whoever else imports them meanwhile, in this thread or in another one, gets them.
    """
    if "numba" in sys.modules:
        yield
        return
    finder = _Absent()
    sys.meta_path.insert(0, finder)
    vars(importlib).setdefault("metadata", _METADATA)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        if vars(importlib).get("metadata") is _METADATA:
            del importlib.metadata
        _read_settings_later(sys.modules.get("numba.core.config"))


def _read_settings_later(config: Any) -> None:
    """numba looks for its file of settings whenever it compiles: what reads it is imported once there is one."""
    if config is not None and not getattr(config, "_HAVE_YAML", True) and find_spec("yaml") is not None:
        config._HAVE_YAML, config.yaml = True, _Yaml


class _Yaml:
    """What numba asks of yaml."""

    @staticmethod
    def safe_load(file: Any) -> Any:
        return import_module("yaml").safe_load(file)


class _Metadata:
    """importlib.metadata, imported once something is asked of it, with half of the network and mail modules.

    numba asks it for packages that add to numba, once it compiles a user's kernel.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module("importlib.metadata"), name)


_METADATA: Any = _Metadata()


class _Absent:
    """Says to numba that a module is not installed."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name in _NEEDLESS and _importer() == _NEEDLESS[name] and not (name == "yaml" and os.path.exists(_SETTINGS)):
            raise ModuleNotFoundError(f"{name} is not needed", name=name)


def _importer() -> str | None:
    """The module whose import statement is at work."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return None if frame is None else frame.f_globals.get("__name__")
