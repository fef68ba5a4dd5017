"""Peak memory of a process, without that of its parent.

The peak that the kernel reports for a child (`ru_maxrss`) includes the memory of its parent before `exec`, so a large
benchmark makes every small command look large. Each process therefore measures itself:
`python -m benchmarks.memory FILE MODULE [WORD...]` runs a module and writes its peak in bytes to the file.
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
    """Return the peak resident set size of this process in bytes; None if the system does not report it."""
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
