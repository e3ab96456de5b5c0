"""A sentence for the user about something that doesn't stop a run."""

import sys
import warnings
from functools import cache


@cache
def tell(sentence: str) -> None:
    """Warn, once a process; where warnings are errors, write to the terminal: the run goes on all the same."""
    try:
        warnings.warn(sentence, stacklevel=2)
    except UserWarning:
        print(f"optdyn: warning: {sentence}", file=sys.stderr)
