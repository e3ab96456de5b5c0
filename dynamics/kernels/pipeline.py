"""How numba compiles a driver: as it compiles everything, but for the two things that nobody needs.

Python hands over the arguments by `dynamics.kernels.hand_over`. And the code is optimised once, as a whole with what is
inlined into it, not by itself before that.
"""

from typing import Any

from llvmlite import ir
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering

from dynamics.kernels.first_time import before_compiling
from dynamics.kernels.hand_over import HandOver


class _DriverCode(JITCodeLibrary):
    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout


class _LoweringOfDriver(Lower):
    def create_cpython_wrapper(self, release_gil: bool = False) -> None:
        module = self.context.create_module("wrapper")
        kind = self.context.call_conv.get_function_type(self.fndesc.restype, self.fndesc.argtypes)
        callee = ir.Function(module, kind, self.fndesc.llvm_func_name)
        made = (self.context, module, callee, self.fndesc, self.env)
        HandOver(*made, call_helper=self.call_helper, release_gil=release_gil).build()
        self.library.add_ir_module(module)


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerDriver(NativeLowering):
    _name = "optdyn_lower_driver"
    lowering_class = _LoweringOfDriver

    def run_pass(self, state: Any) -> bool:
        state.library = _DriverCode(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return super().run_pass(state)


class DriverPipeline(CompilerBase):
    """Compiles a kernel that Python calls."""

    def __init__(self, *arguments: Any) -> None:
        before_compiling()
        super().__init__(*arguments)

    def define_pipelines(self) -> list[PassManager]:
        """The passes of numba's, with our own lowering."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [(_LowerDriver if step is NativeLowering else step, name) for step, name in pipeline.passes]
        pipeline.finalize()
        return [pipeline]
