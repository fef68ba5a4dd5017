"""Workers compile loops one at a time, so that each is compiled once: the next worker reads it from numba's cache.

In a new checkout, or after a change of them, all loops take half a minute of processor time, which each worker would
spend.
"""

from __future__ import annotations

from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

__all__ = ["compile_in_turn"]


def compile_in_turn() -> None:
    """Let numba in this process wait while it compiles in another one that has called this, in the same checkout."""
    if find_spec("numba") is None or find_spec("fcntl") is None:
        return
    import fcntl

    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.dispatcher import Dispatcher

    compile_now = Dispatcher.compile
    depth = 0

    def compile_when_alone(self: Any, signature: Any) -> Any:
        nonlocal depth
        # A loop that calls others compiles them meanwhile. Threads wait for numba's own lock.
        with global_compiler_lock, ExitStack() as turn:
            if depth == 0:
                fcntl.flock(turn.enter_context(Path(__file__).open("rb")), fcntl.LOCK_EX)
            depth += 1
            try:
                return compile_now(self, signature)
            finally:
                depth -= 1

    # Until the process ends.
    pytest.MonkeyPatch().setattr(Dispatcher, "compile", compile_when_alone)
