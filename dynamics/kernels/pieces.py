"""Long functions that are called and not inlined: LLVM optimises them once, not again in all that they are part of.

What others take in instead is a call of that function with the arguments that it uses, some twenty; a problem and a
method, passed by value, are two hundred.
"""

import re
from typing import Any, NamedTuple

import llvmlite.binding as llvm

LONG = 300  # lines of LLVM's code; a call costs what a few of them do


class Piece(NamedTuple):
    """A function in LLVM's code, in two modules."""

    code: Any  # the function itself, under a name of its own
    call: Any  # one of its former name, to be inlined, that calls it


def piece(module: Any) -> Piece | None:
    """The one function that an optimised module defines, if it is long."""
    function, *others = (each for each in module.functions if not each.is_declaration)
    before, _, definition = str(module).partition("\ndefine ")
    _, _, rest = definition.partition(" {\n")
    body, end, after = rest.partition("\n}\n")
    if others or body.count("\n") < LONG:
        return None
    # What is of this linkage is linked in though nobody has asked for it yet, and may be there twice.
    # Of attributes come those of the function, of what it returns, and of its arguments, where there are any.
    kept = str(next(iter(function.attributes)), "utf-8").replace("alwaysinline", "noinline")
    # numba before 0.66 notes there which functions may be given what is counted; nothing that is given to this one is.
    after = re.sub(rf"@{re.escape(function.name)}(?![\w.$-])", "null", after)
    result = str(function.global_value_type).partition(" (")[0]
    everything = list(function.arguments)
    used = [argument for argument in everything if re.search(rf"{re.escape(_name(argument))}(?![\w.$-])", body)]
    name = f'@"called.{function.name}"'
    takes, gives = ", ".join(map(_with_attributes, used)), ", ".join(map(str, used))
    code = f"{before}\ndefine weak_odr {result} {name}({takes}) {kept} {{\n{body}{end}{after}"
    call = f"""
    target datalayout = "{module.data_layout}"
    target triple = "{module.triple}"
    declare {result} {name}({takes}) {kept}
    define linkonce_odr {result} @"{function.name}"({", ".join(map(str, everything))}) alwaysinline {{
      %result = call {result} {name}({gives})
      ret {result} %result
    }}
    """
    return Piece(llvm.parse_assembly(code), llvm.parse_assembly(call))


def _name(argument: Any) -> str:
    return str(argument).rpartition(" ")[2]


def _with_attributes(argument: Any) -> str:
    attributes = (str(attribute, "utf-8") for attribute in argument.attributes)
    return " ".join((str(argument.type), *attributes, _name(argument)))
