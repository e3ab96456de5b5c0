"""While a kernel is compiled numba remembers what it was told; afterwards it is as before."""

import gc

import pytest
from numba.core import errors
from numba.core.types.functions import BaseFunction

from dynamics.kernels.while_compiling import brief


def state():
    return BaseFunction.get_call_type, getattr(type(errors.termcolor()), "_markup", None), gc.isenabled()


def fails(before):
    with brief():
        assert not gc.isenabled()
        assert errors.termcolor().errmsg("plain") == "plain"
        assert state()[0] is not before[0]
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
