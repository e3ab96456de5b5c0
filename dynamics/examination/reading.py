"""What a kernel's text gives away: arrays of the module that it reads, arrays that it makes in a loop."""

from collections.abc import Iterable
from types import FunctionType
from typing import Any

from dynamics.examination.report import Findings
from dynamics.kernels.generic import Generic
from dynamics.protocol.oracle import PROTOCOL
from dynamics.protocol.source import arrays_made, global_arrays
from dynamics.protocol.trees import is_named

STEADY = {"value_and_gradient", "value", "gradient", "sampled_gradient", "sampled_value_and_gradient", "update"}


def read_kernels(findings: Findings, thing: Any, functions: Iterable[Generic]) -> None:
    """Look through the kernels of a problem or a method, and of what is inside it."""
    findings.looked_at.append("arrays that kernels read from their module, or make")
    for part in _parts(thing):
        for function in functions:
            body = function.table.get(type(part))
            if isinstance(body, FunctionType):
                _read(findings, function, part, body)


def _read(findings: Findings, function: Generic, thing: Any, body: FunctionType) -> None:
    place = "a method's memory, made by new_memory" if function not in PROTOCOL else "a field `work` of the problem"
    for spot in global_arrays(body):
        findings.add(
            function,
            thing,
            f"reads `{spot.name}`, an array of its module that may change, and machine code keeps the numbers of today",
            f"make it a field, or read-only by {spot.name}.flags.writeable = False",
            file=spot.file,
            line=spot.line,
        )
    for spot, looping in arrays_made(body):
        if looping:
            what, cure = f"makes an array in a loop, {spot.name}", "make it once before the loop, better still in "
            findings.add(function, thing, what, cure + place, file=spot.file, line=spot.line)
        elif function.name in STEADY:
            what, cure = f"makes an array at each call, {spot.name}", "keep it in "
            findings.add(function, thing, what, cure + place, file=spot.file, line=spot.line)


def _parts(thing: Any) -> list[Any]:
    """A thing and the NamedTuples inside it."""
    inside = [part for value in thing if is_named(value) for part in _parts(value)]
    return [thing, *inside]
