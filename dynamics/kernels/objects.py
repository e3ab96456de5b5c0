"""Functions in LLVM's own text as machine code, kept on disk: loading takes milliseconds, making ten times as long."""

import hashlib
from functools import cache
from typing import Any, NamedTuple

import llvmlite
import llvmlite.binding as llvm
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from dynamics.kernels.files import damaged, keep, kept
from dynamics.kernels.folder import cache_folder

NAME = "NAME"  # that a text calls its function


class Processor(NamedTuple):
    """What machine code is made for, as numba makes its own."""

    triple: str
    name: str
    features: str


@cache
def address_of(text: str) -> int:
    """The address of the function that a text defines as `@NAME`; no address of anything else is in the text."""
    with global_compiler_lock:
        processor = Processor(*cpu_target.target_context.codegen().magic_tuple())
        made_of = "\n".join((text, *processor, llvmlite.__version__))
        name = f"object_{hashlib.sha256(made_of.encode()).hexdigest()[:32]}"
        file = cache_folder() / f"{name}.o"
        code = kept(file)
        if code is not None:
            try:
                return _loaded(code, name, processor)
            except RuntimeError as error:
                damaged(file, str(error))
        code = _machine(processor).emit_object(llvm.parse_assembly(text.replace(f"@{NAME}", f"@{name}")))
        keep(file, code)
        return _loaded(code, name, processor)


_engines: list[Any] = []  # which hold the code


def _loaded(code: bytes, name: str, processor: Processor) -> int:
    engine = llvm.create_mcjit_compiler(
        llvm.parse_assembly(f'target triple = "{processor.triple}"'), _machine(processor)
    )
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    address = engine.get_function_address(name)
    if not address:
        raise RuntimeError("its function is missing")
    _engines.append(engine)
    return int(address)


def _machine(processor: Processor) -> Any:
    target = llvm.Target.from_triple(processor.triple)
    static = target.name.startswith("x86")
    return target.create_target_machine(
        cpu=processor.name,
        features=processor.features,
        opt=1,
        reloc="static" if static else "default",
        codemodel="jitdefault",
        jit=True,
    )
