"""While a kernel is compiled numba remembers what it was told; afterwards it is as before."""

import gc

import pytest
from numba.core import errors, event, ir
from numba.core.compiler_machinery import PassManager
from numba.core.inline_closurecall import InlineWorker
from numba.core.postproc import PostProcessor
from numba.core.types import Type
from numba.core.types.functions import BaseFunction

from dynamics.kernels.while_compiling import brief


def state():
    numba = [BaseFunction.get_call_type, InlineWorker.run_untyped_passes, PostProcessor.run, PassManager._runPass]
    numba += [event.start_event, errors.new_error_context, Type.__hash__, hasattr(ir.Block, "__deepcopy__")]
    return [*numba, getattr(type(errors.termcolor()), "_markup", None), gc.isenabled()]


def fails(before):
    with brief():
        assert not gc.isenabled()
        assert errors.termcolor().errmsg("plain") == "plain"
        assert not any(now is then for now, then in zip(state()[:8], before[:8], strict=True))
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
