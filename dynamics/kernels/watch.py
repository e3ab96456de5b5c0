"""Whether what machine code was made of is still so: looked at before each run, in microseconds."""

from types import CellType, FunctionType
from typing import Any

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "absent"})()


class Watch:
    """The names, cells, functions and arrays of users' code that a kernel was made of.

    optdyn's own code and released libraries stay as they are while a process lives, and are not in it.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[int, str], tuple[dict[str, Any], str, Any]] = {}
        self._cells: list[tuple[CellType, Any]] = []
        self._functions: list[tuple[FunctionType, Any, Any, Any]] = []
        self._contents: dict[int, tuple[Any, bytes]] = {}
        self._all = (self._names, self._cells, self._functions, self._contents)

    def __bool__(self) -> bool:
        """Whether there is anything to watch."""
        return any(self._all)

    def name(self, space: dict[str, Any], name: str, value: Any) -> None:
        """Watch what a name of a module means; ABSENT, where it means nothing yet."""
        self._names[id(space), name] = (space, name, value)

    def cell(self, cell: CellType, value: Any) -> None:
        """Watch a closed-over variable."""
        self._cells.append((cell, value))

    def function(self, function: FunctionType) -> None:
        """Watch a function's code, which editors that reload change in place."""
        self._functions.append((function, function.__code__, function.__defaults__, function.__kwdefaults__))

    def content(self, array: Any) -> None:
        """Watch the numbers in an array."""
        self._contents[id(array)] = (array, array.tobytes())

    def holds(self) -> bool:
        """Whether all is as it was."""
        if not any(self._all):
            return True
        try:
            return (
                all(space.get(name, ABSENT) is value for space, name, value in self._names.values())
                and all(
                    f.__code__ is code and f.__defaults__ is defaults and f.__kwdefaults__ == keywords
                    for f, code, defaults, keywords in self._functions
                )
                and all(cell.cell_contents is value for cell, value in self._cells)
                and all(array.tobytes() == content for array, content in self._contents.values())
            )
        except ValueError:  # a cell that is empty, now or then
            return False
