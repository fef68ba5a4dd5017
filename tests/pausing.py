"""A run on a cluster that can be caught in the middle: each process that compares says which it is, and waits.

`at_work` starts it as a program of its own, `python -m tests.pausing`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from linkage.engines.spark import session
from linkage.errors import ClusterError
from linkage.linkage_unit import pairs
from linkage.pipeline import Cluster, Registry

__all__ = ["SECONDS", "Run", "at_work"]

SECONDS: Final = 300
"""How long to wait for a step that takes some, before something is wrong."""

RETRIES: Final = 2
"""Of a server that was killed nobody should wait for a minute."""


@dataclass(frozen=True)
class Run:
    """A run in a process of its own that has begun to compare pairs.

    Attributes:
        process: The process that links.
        comparing: The number of a process that compares.
    """

    process: subprocess.Popen[str]
    comparing: int
    _go_on: Path

    def ended(self) -> str:
        """Let it go on, and return what it says: the rule of an error, or nothing."""
        self._go_on.touch()
        said, _ = self.process.communicate(timeout=SECONDS)
        return said


@contextmanager
def at_work(registry: Registry, remote: str, scratch: Path) -> Iterator[Run]:
    """Begin a run on a cluster, and wait until it compares pairs.

    Args:
        registry: What is linked.
        remote: The address of the cluster.
        scratch: Its folder for codes.
    """
    marks, go_on = (registry.path.with_name(name) for name in ("at-work", "go-on"))
    marks.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pausing", *map(str, (registry.path, remote, scratch, marks, go_on))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        until = time.monotonic() + SECONDS
        while not (found := list(marks.iterdir())):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield Run(process, int(found[0].name), go_on)
    finally:
        process.kill()
        process.communicate()


def _link(path: str, remote: str, scratch: str, marks: str, go_on: str) -> None:
    # A function within a function goes to the workers as it is; they need not have this module.
    def waiting(batch: pa.RecordBatch, **options: Any) -> pa.RecordBatch:
        import os
        import time
        from pathlib import Path

        from linkage.linking.compared import compare_rows

        (Path(marks) / str(os.getpid())).touch()
        for _ in range(600):
            if Path(go_on).exists():
                break
            time.sleep(0.1)
        return compare_rows(batch, **options)

    vars(session)["RETRIES"] = RETRIES
    vars(pairs)["compare_rows"] = waiting
    try:
        Registry.open(path).link(cluster=Cluster(remote, scratch, partitions=3))
    except ClusterError as error:
        print(error.rule)


if __name__ == "__main__":
    _link(*sys.argv[1:])
