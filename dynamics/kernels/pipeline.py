"""How numba compiles a driver, and what is inlined into it: as it compiles everything, but for what nobody needs.

Python hands over a driver's arguments by `dynamics.kernels.hand_over`, and its code is optimised once, as a whole with
what is inlined into it, not by itself before that. Nobody calls an inlined function, so it gets no machine code. Long
generic functions that are called instead (`dynamics.kernels.pieces`) come to the driver's code once that is optimised.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from llvmlite import binding, ir
from numba.core import config
from numba.core.cgutils import normalize_ir_text
from numba.core.codegen import CodeLibrary, JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.fastmathpass import rewrite_module
from numba.core.typed_passes import (
    AnnotateTypes,
    InlineOverloads,
    IRLegalization,
    NativeLowering,
    NopythonRewrites,
    NopythonTypeInference,
)

from dynamics.kernels.beside import beside, second_thread
from dynamics.kernels.first_time import before_counting
from dynamics.kernels.hand_over import HandOver
from dynamics.kernels.lowering import ValueLower, drop_unused
from dynamics.kernels.pieces import Piece, piece
from dynamics.kernels.shortening import Shorten


class _Code(JITCodeLibrary):
    def add_ir_module(self, ir_module: ir.Module) -> None:
        """Take code in."""
        drop_unused(ir_module)
        super().add_ir_module(ir_module)

    def add_linking_library(self, library: Any) -> None:
        """Let other functions be taken in."""
        super().add_linking_library(library)
        if hasattr(library, "_reload_init"):  # since numba 0.63
            self._reload_init.update(library._reload_init)

    def finalize(self) -> None:
        """Take other functions in, or calls of them, and optimise the whole."""
        for library in dict.fromkeys(self._linking_libraries):
            ours = isinstance(library, _InlinedCode)
            code = library.taken_in() if ours else library._get_module_for_linking()
            self._final_module.link_in(code, preserve=True)
        self._optimize_final_module()
        self._final_module.verify()
        self._finalize_final_module()


class _InlinedCode(_Code):
    """LLVM's code of a function, for others to take in. LLVM works at it while Python goes on to the next."""

    may_be_called = False  # if it is long

    def __init__(self, codegen: Any, name: str) -> None:
        CodeLibrary.__init__(self, codegen, name)  # what numba does beyond that asks LLVM, which may be at work
        self._linking_libraries: list[Any] = []
        self._shared_module: Any = None
        self._written: list[str] = []  # LLVM's code, until it has read it
        self.piece: Piece | None = None  # where it is called
        self.environments: dict[str, Any] = {}  # numba's, by name, of the functions in it

    def add_ir_module(self, ir_module: ir.Module) -> None:
        """Take code in, as text."""
        drop_unused(ir_module)
        self._written.append(normalize_ir_text(str(ir_module)))

    def finalize(self) -> None:
        """Let LLVM read the code and optimise it."""
        self._finalized = True
        self._optimised = beside(self._optimise)

    def _optimise(self) -> None:
        empty = self._codegen._create_empty_module(self.name)
        self._final_module, *modules = (binding.parse_assembly(text) for text in (str(empty), *self._written))
        self._written.clear()
        for module in modules:
            module.verify()
            self.add_llvm_module(module)
        super().finalize()

    @property
    def codegen(self) -> Any:
        """Itself, for `set_env`: there is no machine code yet that an environment could be written into."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Keep an environment until there is."""
        self.environments[name] = environment

    def get_pointer_to_function(self, name: str) -> int:
        """Nothing: there is no machine code."""
        self._ensure_finalized()
        return 0

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self.may_be_called |= any(getattr(part, "may_be_called", False) for part in self._linking_libraries)
        self.piece = piece(self._final_module) if self.may_be_called else None
        if self.piece is None:
            self._prepare()

    def taken_in(self) -> Any:
        """What our own libraries take in: the function, or a call of it."""
        self._optimised()
        return self.piece.call if self.piece else super()._get_module_for_linking()

    def _get_module_for_linking(self) -> Any:
        """What numba's take in: with all that is called."""
        whole = self.taken_in().clone()
        _add_called(whole, self)
        return whole

    def _prepare(self) -> None:
        """Let LLVM rewrite the code as it does before it makes machine code (loops above all), but make none.

        Who takes the code in gets it so from numba, and other code would have other sums reassociated. LLVM makes no
        machine code of a function that it is told to be available elsewhere.
        """
        linkages = [(function, function.linkage) for function in self.get_defined_functions()]
        for function, _ in linkages:
            function.linkage = "available_externally"
        self._codegen._tm.emit_object(self._final_module)
        for function, linkage in linkages:
            function.linkage = linkage


class _CalledCode(_InlinedCode):
    """The same of one that is called if it is long, and so is what asks for it."""

    may_be_called = True


class _DriverCode(_Code):
    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        super()._optimize_final_module()
        _add_called(self._final_module, self)

    def _finalize_specific(self) -> None:
        super()._finalize_specific()
        for name, environment in _environments(self).items():
            if self._codegen._engine.is_symbol_defined(name):
                self._codegen.set_env(name, environment)


def _environments(library: Any) -> dict[str, Any]:
    """The environments of what a library has taken in, at any depth."""
    return {name: its for part in _parts(library) for name, its in getattr(part, "environments", {}).items()}


def _add_called(module: Any, library: Any) -> None:
    """Add to a module the functions that a library calls, at any depth."""
    for part in dict.fromkeys(_parts(library)):
        if getattr(part, "piece", None):
            module.link_in(part.piece.code, preserve=True)


def _parts(library: Any) -> Iterator[Any]:
    """A library and all that it has taken in, at any depth."""
    yield library
    for part in library._linking_libraries:
        yield from _parts(part)


class _LoweringOfDriver(ValueLower):
    def create_cpython_wrapper(self, release_gil: bool = False) -> None:
        module = self.context.create_module("wrapper")
        kind = self.context.call_conv.get_function_type(self.fndesc.restype, self.fndesc.argtypes)
        callee = ir.Function(module, kind, self.fndesc.llvm_func_name)
        made = (self.context, module, callee, self.fndesc, self.env)
        HandOver(*made, call_helper=self.call_helper, release_gil=release_gil).build()
        for function in module.functions:
            if not function.is_declaration:
                function.attributes.update(("noinline", "optnone"))
        self.library.add_ir_module(module)


def _finish(context: Any, module: ir.Module, library: Any) -> None:
    """What numba does with a function's code, but for its runtime, which counts references."""
    if context.fastmath:
        rewrite_module(module, context.fastmath)


class _Lowering(NativeLowering):
    """Lowers into a library of another kind."""

    code: type[JITCodeLibrary]

    def run_pass(self, state: Any) -> bool:
        state.library = self.code(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        if not (state.flags.nrt or state.targetctx.is32bit):
            state.targetctx.post_lowering = partial(_finish, state.targetctx)
        return super().run_pass(state)


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerDriver(_Lowering):
    _name = "optdyn_lower_driver"
    lowering_class = _LoweringOfDriver
    code = _DriverCode


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerInlined(_Lowering):
    _name = "optdyn_lower_inlined"
    lowering_class = ValueLower
    code = _InlinedCode


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerCalled(_LowerInlined):
    _name = "optdyn_lower_called"
    code = _CalledCode


# What a function without counts of references doesn't need: arithmetic on whole arrays made one loop, which makes an
# array, the places where variables are dropped, and the one function of numba's that it takes in once types are known,
# the truth value of None.
_FOR_REFERENCES: frozenset[type] = frozenset({InlineOverloads, NopythonRewrites, IRLegalization})


class _Pipeline(CompilerBase):
    """The passes of numba's that are needed, with our own lowering."""

    lowering: type[_Lowering]

    def __init__(
        self, types: Any, code: Any, library: Any, arguments: Any, returns: Any, flags: Any, others: Any
    ) -> None:
        if flags.nrt:
            before_counting(types, code)
        super().__init__(types, code, library, arguments, returns, flags, others)

    def define_pipelines(self) -> list[PassManager]:
        """The one list of passes."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        left_out = set() if config.ANNOTATE or config.HTML else {AnnotateTypes}
        if left_out and not self.state.flags.nrt:
            left_out |= _FOR_REFERENCES
        steps = [(step, name) for step, name in pipeline.passes if step not in left_out]
        if self.state.flags.enable_ssa:
            steps.insert([step for step, _ in steps].index(NopythonTypeInference), (Shorten, "shorten"))
        pipeline.passes = [(self.lowering if step is NativeLowering else step, name) for step, name in steps]
        pipeline.finalize()
        return [pipeline]


class DriverPipeline(_Pipeline):
    """Compiles a kernel that Python calls."""

    lowering = _LowerDriver

    def compile_extra(self, func: Any) -> Any:
        """Compile a function, with a second thread."""
        with second_thread():
            return super().compile_extra(func)


class InlinedPipeline(_Pipeline):
    """Compiles a function that is always inlined."""

    lowering = _LowerInlined


class CalledPipeline(_Pipeline):
    """Compiles a function that is called where it is long, and inlined where it is short."""

    lowering = _LowerCalled
