"""How a call ends: in a result, or in a refusal; anything else is a fault."""

import warnings

from dynamics import KernelError, MissingImplementation, Refusal
from tests.fuzz.targets import Target
from tests.fuzz.zoo import ZOO


def ends_well(target: Target, replaced: dict[str, str]) -> None:
    """Call a target with entries of the zoo in place of some arguments; whatever is no refusal gets out."""
    arguments = {**target.arguments, **{name: ZOO[label]() for name, label in replaced.items()}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers at the ends of their range overflow, and are told of by results
        try:
            target.function(**arguments)
        except (Refusal, MissingImplementation, KernelError):
            pass
        except Exception as error:
            given = ", ".join(f"{name}={label}" for name, label in replaced.items())
            raise AssertionError(f"{target.name}({given}) ends in {type(error).__name__}: {error}") from error
