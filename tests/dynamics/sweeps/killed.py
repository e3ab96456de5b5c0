"""A script that is killed, and goes on: each child of it dies by SIGKILL at its n-th touch of the store's files.

Children are forked, so that what is imported and compiled is there at once.
"""

import os
import signal
import sys
import traceback
from pathlib import Path

from dynamics.sweeps.store import opened
from tests.dynamics.sweeps.stores import chunks, swept

EVENTS = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir")


def die_at(touch: int, path: Path) -> None:
    """Kill this process at the given touch of the store, if it comes so far."""
    left = [touch]

    def hook(event, arguments):
        if event in EVENTS and path.name in str(arguments[0]):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def go_on(path: Path, touch: int) -> bool:
    """Run the sweep in a child that dies at the given touch; whether it got to its end."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
        return not os.WIFSIGNALED(status)
    try:
        die_at(touch, path)
        swept(path)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main(folder: Path, touches: range) -> None:
    """Kill at each of the touches, a store each, then once more with all kills on one store; print the count."""
    swept()  # compiles
    undisturbed = folder / "undisturbed.zarr"
    assert go_on(undisturbed, -1)
    kills = 0
    for touch in touches:
        path = folder / f"{touch}.zarr"
        kills += not go_on(path, touch)
        assert go_on(path, -1)
        assert opened(path).hash() == opened(undisturbed).hash(), touch
        assert chunks(path) == chunks(undisturbed), touch
    path = folder / "again.zarr"
    while not go_on(path, 150):
        kills += 1
    assert opened(path).hash() == opened(undisturbed).hash()
    assert chunks(path) == chunks(undisturbed)
    assert not list(folder.glob(".*"))
    print(kills)


if __name__ == "__main__":
    main(Path(sys.argv[1]), range(*map(int, sys.argv[2:])))
