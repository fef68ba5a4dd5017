"""How much memory this process may take, and the error where that is too little."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final, Literal

from linkage.errors import RegistryError

__all__ = ["TooLargeError", "available_memory"]

_SYSTEM: Final = Path("/proc/meminfo")
_GROUP: Final = Path("/sys/fs/cgroup")

KIB: Final = 1024

_ACTS: Final = {
    "link": "Linking {} records would take about {} of memory, and {} are available: {} pairs would be compared",
    "purge": "Purging {} records would take about {} of memory, and {} are available: they have {} pairs",
}


class TooLargeError(RegistryError):
    """This machine has not the memory that `link` or `purge` is expected to take; nothing was changed.

    Attributes:
        act: What was to begin.
        records: Number of records.
        pairs: Expected number of pairs to be compared.
        needed: Expected bytes of memory.
        available: Bytes of memory that were available.
        on_cluster: Expected bytes in the process that links if a cluster compares the pairs; None if one would.
        narrower: Expected bytes under the profile `population`; None if that is the profile.
    """

    def __init__(
        self,
        *,
        records: int,
        pairs: int,
        needed: int,
        available: int,
        on_cluster: int | None,
        narrower: int | None,
        act: Literal["link", "purge"] = "link",
    ) -> None:
        """Store the numbers, and say what would fit."""
        remedies = []
        if on_cluster is not None and on_cluster <= available:
            remedies.append(f"let a cluster compare the pairs (--engine spark), which leaves {_gb(on_cluster)} here")
        if narrower is not None:
            verdict = "would fit" if narrower <= available else "would not fit either"
            remedies.append(f"from the next epoch, use the profile population: {_gb(narrower)}, which {verdict}")
        remedies.append("use one registry for each group of years or reporters that must be counted together")
        remedies.append("begin all the same, if the machine can swap (--beyond-memory)")
        expected = _ACTS[act].format(records, _gb(needed), _gb(available), pairs)
        super().__init__(
            f"{act}.memory",
            f"{expected}, {pairs / max(records, 1):.1f} a record; nothing was changed.",
            hint=f"Free or add memory, or: {'; or '.join(remedies)}.",
        )
        self.act = act
        self.records = records
        self.pairs = pairs
        self.needed = needed
        self.available = available
        self.on_cluster = on_cluster
        self.narrower = narrower


def _gb(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB"


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
