"""How much memory this process may take."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

__all__ = ["available_memory"]

_SYSTEM: Final = Path("/proc/meminfo")
_GROUP: Final = Path("/sys/fs/cgroup")

KIB: Final = 1024


def available_memory(*, system: Path = _SYSTEM, group: Path = _GROUP) -> int | None:
    """Return the bytes of memory that this process can get without making others give up theirs.

    Args:
        system: Where Linux says what is free.
        group: Where Linux says what a container may take.

    Returns:
        On Linux what is free or can be freed, within the limit of a container; elsewhere all memory of the machine;
        None where the system does not say it.
    """
    known = [found for found in (_free(system), _left(group)) if found is not None]
    return min(known) if known else _whole()


def _free(system: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, KeyError):
        lines = dict(line.split(":", 1) for line in system.read_text(encoding="utf-8").splitlines())
        return sum(int(lines[name].split()[0]) for name in ("MemAvailable", "SwapFree")) * KIB
    return None


def _left(group: Path) -> int | None:
    """Return what a container has left, with what it can free; None without a limit."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        most, taken = (int((group / name).read_text(encoding="utf-8")) for name in ("memory.max", "memory.current"))
        parts = dict(line.split() for line in (group / "memory.stat").read_text(encoding="utf-8").splitlines())
        return max(most - taken + int(parts["inactive_file"]), 0)
    return None


def _whole() -> int | None:
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None
