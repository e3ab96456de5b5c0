"""Statistical claims taken together accuse true statements with at most 5 %: their levels add up to less."""

from theory.claims import claims

LEDGER_LEVEL = 0.05
LOCAL = 3 * 0.002  # those of trust_region.shares and of two claims in finite_shares, which are set inside the checks


def test_the_levels_of_all_claims_add_up_to_five_percent():
    modules = {entry.decide.__module__ for entry in claims()}
    assert len(modules) > 40
    levels = []
    for entry in claims():
        scope = entry.decide.__globals__ if hasattr(entry.decide, "__globals__") else entry.decide.func.__globals__
        code = entry.decide.__code__ if hasattr(entry.decide, "__code__") else entry.decide.func.__code__
        level = scope.get("ERROR_LEVEL")
        if level is not None and _uses_it(code, scope):
            levels.append(level)
    assert len(levels) >= 15, levels
    assert sum(levels) + LOCAL <= LEDGER_LEVEL


def _uses_it(code, scope, seen=()) -> bool:
    """Whether a function reads its module's level, or one of the module that it calls does, however far down."""
    helpers = [scope[name] for name in code.co_names if hasattr(scope.get(name), "__code__")]
    further = [each.__code__ for each in helpers if each.__globals__ is scope and each.__code__ not in seen]
    return "ERROR_LEVEL" in code.co_names or any(_uses_it(each, scope, (*seen, code)) for each in further)
