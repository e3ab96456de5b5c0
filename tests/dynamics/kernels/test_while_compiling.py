"""While a kernel is compiled numba remembers what it was told; afterwards it is as before."""

import gc
from threading import Thread

import numpy as np
import pytest
from llvmlite import binding
from llvmlite.binding import newpassmanagers
from numba.core import base, config, errors, event, ir, lowering, ssa
from numba.core.compiler_machinery import PassManager
from numba.core.cpu import CPUContext
from numba.core.inline_closurecall import InlineWorker
from numba.core.postproc import PostProcessor
from numba.core.registry import cpu_target
from numba.core.types import Type
from numba.core.types.functions import BaseFunction
from numba.core.typing.context import BaseContext, Context

from dynamics.kernels import first_time
from dynamics.kernels.cache import compiled
from dynamics.kernels.while_compiling import brief


def state():
    numba = [BaseFunction.get_call_type, InlineWorker.run_untyped_passes, PostProcessor.run, PassManager._runPass]
    numba += [BaseContext.resolve_value_type, CPUContext.load_additional_registries, Context.load_additional_registries]
    numba += [BaseContext.resolve_getattr, base._has_loc, ssa._run_block_rewrite, vars(lowering).get("str")]
    numba += [event.start_event, errors.new_error_context, Type.__hash__, hasattr(ir.Block, "__deepcopy__")]
    numba += [binding.get_process_triple, newpassmanagers.dump_refprune_stats]
    return [*numba, getattr(type(errors.termcolor()), "_markup", None), gc.isenabled()]


def fails(before):
    with brief():
        assert not gc.isenabled()
        assert errors.termcolor().errmsg("plain") == "plain"
        assert not any(now is then for now, then in zip(state()[:17], before[:17], strict=True))
        raise ZeroDivisionError


def test_numba_is_as_before_whatever_happens():
    before = state()
    with pytest.raises(ZeroDivisionError):
        fails(before)
    assert state() == before


def test_each_question_is_asked_once_for_one_kernel(monkeypatch):
    asked = []

    def answer(function, context, args, kws):
        asked.append(args)
        return len(asked)

    monkeypatch.setattr(BaseFunction, "get_call_type", answer)
    for _ in range(2):  # a later kernel asks anew: code may have been edited
        with brief():
            answers = [BaseFunction.get_call_type("+", None, args, {}) for args in (("x",), ("y",), ["x"])]
        assert answers[0] == answers[2] != answers[1]
    assert asked == [("x",), ("y",)] * 2


def test_a_place_that_code_is_for_is_looked_for_once_in_each_function(monkeypatch):
    asked = []
    monkeypatch.setattr(base, "_has_loc", lambda function: asked.append(function) or function is max)
    with brief():
        assert [base._has_loc(function) for function in (max, min, max, min)] == [True, False, True, False]
    assert asked == [max, min]


def test_each_attribute_of_a_type_is_looked_up_once(monkeypatch):
    asked = []
    monkeypatch.setattr(BaseContext, "resolve_getattr", lambda self, kind, name: asked.append((kind, name)))
    with brief():
        for kind, name in (("a", "x"), ("a", "y"), ("b", "x"), ("a", "x")):
            assert BaseContext.resolve_getattr(None, kind, name) is None
    assert asked == [("a", "x"), ("a", "y"), ("b", "x")]


def test_statements_are_written_down_where_they_are_to_be_printed(monkeypatch):
    with brief():
        assert lowering.str(1) == ""
    monkeypatch.setattr(config, "DEBUG_JIT", True)
    with brief():
        assert not hasattr(lowering, "str")


def says(k):
    print("step", k)
    return k


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_a_kernel_prints_words(capsys):
    assert compiled(says, (7,))(7) == 7
    assert capsys.readouterr().out == "step 7\n"


class Listener(event.Listener):
    """Counts events."""

    def __init__(self):
        self.seen = 0

    def on_start(self, event):
        self.seen += 1

    def on_end(self, event):
        self.seen += 1


def test_who_listens_to_numba_is_told():
    listener = Listener()
    with event.install_listener("numba:run_pass", listener), brief(), event.trigger_event("numba:run_pass"):
        pass
    assert listener.seen == 2


def fails_in_words():
    with errors.new_error_context("second"), errors.new_error_context("of {what}", what="three"):
        raise errors.TypingError("first")


def test_an_error_says_where_it_came_from():
    with brief(), pytest.raises(errors.TypingError, match=r"(?s)first.*of three.*second"):
        fails_in_words()


def test_what_a_constant_is_to_numba_is_what_it_was():
    types = cpu_target.typing_context
    types.refresh()
    constants = [
        max,
        len,
        abs,
        float,
        int,
        range,
        np.sqrt,
        np,
        np.float64,
        np.int64,
        ValueError,
        1,
        2.0,
        None,
        (1, 2.0),
    ]
    before = [types.resolve_value_type(constant) for constant in constants]
    with brief():
        assert [types.resolve_value_type(constant) for constant in constants] == before
        with pytest.raises(ValueError, match="Cannot determine"):
            types.resolve_value_type(test_what_a_constant_is_to_numba_is_what_it_was)


def test_another_thread_looks_at_all_that_numba_can_compile(monkeypatch):
    looked = []
    monkeypatch.setattr(first_time, "_look_at_everything", looked.append)
    contexts = (cpu_target.typing_context, cpu_target.target_context)
    with brief(everything=False):
        for context in contexts:
            context.load_additional_registries()
        assert looked == []
        thread = Thread(target=lambda: [context.load_additional_registries() for context in contexts])
        thread.start()
        thread.join()
    assert looked == list(contexts)
