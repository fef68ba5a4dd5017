"""The largest memory that a process has had, its own and nobody else's.

What the kernel says of a child that was waited for (`ru_maxrss`) has the memory of its parent in it, as of before it
became another program: a large benchmark makes every small command look large. So a process is asked for itself, and a
command is run as `python -m benchmarks.memory FILE MODULE [WORD...]`, which writes the bytes to the file.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Final

__all__ = ["peak_bytes"]

KIB: Final = 1024

_STATUS: Final = Path("/proc/self/status")


def peak_bytes() -> int | None:
    """Return the largest resident set that this process has had; None where the system does not tell."""
    if _STATUS.exists():
        lines = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) * KIB if "VmHWM" in lines else None
    try:
        import resource  # Unix only.
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts in bytes, others in KiB.
    return peak if sys.platform == "darwin" else peak * KIB


def _main(out: str, module: str, *words: str) -> None:
    sys.argv = [module, *words]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        Path(out).write_text(str(peak_bytes() or ""), encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
