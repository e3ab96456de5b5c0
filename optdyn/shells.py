"""Commands to be copied into any shell: bash, zsh, PowerShell and cmd agree on plain words and on double quotes."""

import re
import shlex
from collections.abc import Iterable

__all__ = ["joined"]


def joined(words: Iterable[str]) -> str:
    """A command line of these words.

    Words with a comma are quoted, since PowerShell takes it for a list; those that double quotes do not hold together
    in all shells are quoted as a POSIX shell needs it.

    Examples
    --------
    >>> print(joined(["optdyn", "figure", "my figures/one.py", "--set", "mu=[0.0, 0.1]", "--set", "beta=0.9"]))
    optdyn figure "my figures/one.py" --set "mu=[0.0, 0.1]" --set beta=0.9
    """
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    if re.fullmatch(r"[\w./:=+-]+", word, re.ASCII):
        return word
    return f'"{word}"' if word and not re.search(r'["$`\\!%]', word) else shlex.quote(word)
