"""Running a page's JavaScript without a browser: in Node where it is there, and the generated functions in Python."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SHELL = Path(__file__).parents[3] / "optdyn" / "lessons" / "page-shell"
NODE = shutil.which("node") or shutil.which("nodejs")
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not installed: scripts can't run outside a browser.")


def in_node(script: str) -> Any:
    """What a script that ends by `report(value)` reports."""
    assert NODE
    head = (
        "const report = (value) => console.log(JSON.stringify(value, (key, x) =>"
        " typeof x === 'number' && !Number.isFinite(x) ? String(x) : x));\n"
    )
    ended = subprocess.run([NODE, "-"], input=head + script, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def in_python(printed: str) -> Callable[..., Any]:
    """A generated function, read line by line into NumPy: it runs on arrays, by the text that the page holds."""
    found = re.fullmatch(r"function (\w+)\((.*?)\) \{\n(.*)\n\}", printed, re.DOTALL)
    assert found, printed
    lines = []
    for line in found[3].split("\n"):
        line = line.strip().rstrip(";").removeprefix("const ")
        line = re.sub(r"= (.+) \? (.+) : (.+)$", r"= np.where(\1, \2, \3)", line)
        for ours, theirs in (("&&", "&"), ("||", "|"), ("Math.max", "np.maximum"), ("Math.min", "np.minimum")):
            line = line.replace(ours, theirs)
        line = line.replace("Math.pow", "np.power").replace("Math.", "np.")
        line = line.replace("Infinity", "np.inf").replace("NaN", "np.nan")
        lines.append(f"    {line}")
    space: dict[str, Any] = {"np": np}
    exec(f"def {found[1]}({found[2]}):\n" + "\n".join(lines), space)
    return space[found[1]]
