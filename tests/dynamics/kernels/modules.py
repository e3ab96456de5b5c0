"""Modules of a user, written, imported and edited within a test."""

import importlib
import sys
from pathlib import Path
from types import ModuleType


class Folder:
    """A folder on the path of imports."""

    def __init__(self, path: Path, monkeypatch) -> None:
        self.path = path
        monkeypatch.syspath_prepend(str(path))
        monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(self, name: str, text: str) -> None:
        file = self.path.joinpath(*name.split("."))
        if file.is_dir():
            file = file / "__init__"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".py").write_text(text)
        importlib.invalidate_caches()

    def load(self, name: str) -> ModuleType:
        """The module `name`, imported anew."""
        for known in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
            del sys.modules[known]
        return importlib.import_module(name)
