"""Run a peer in an environment of its own, on a folder of files."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.environment import environment

__all__ = ["CACHE", "PACKAGES", "Output", "PeerMissing", "interpreter", "run_worker"]

CACHE: Final = Path("build/peers")
"""Where the environments stand."""

PACKAGES: Final = {
    # With DuckDB 2.0 its one-to-one clustering compares all records with all, and takes 8 GB for 10,000 of them.
    "splink": ("splink==5.0.0", "duckdb==1.4.5"),
    "recordlinkage": ("recordlinkage==0.16", "pyarrow>=18"),
    "anonlink": ("anonlink==0.15.3", "clkhash==0.18.3", "pyarrow>=18"),
}
"""What each worker needs; the releases that decide are pinned, so that figures can be measured again."""

WORKERS: Final = Path(__file__).with_name("workers")


class PeerMissing(RuntimeError):
    """The packages of a peer cannot be installed here."""


@dataclass(frozen=True)
class Output:
    """What a worker wrote.

    Attributes:
        links: For each answer of the worker `a`, `b` (rows), `probability`, `linked`.
        candidates: `a`, `b` of the pairs that were compared; None where all are.
        report: Versions, seconds, memory.
    """

    links: dict[str, pd.DataFrame]
    candidates: pd.DataFrame | None
    report: dict[str, Any] = field(default_factory=dict)


def interpreter(worker: str) -> Path:
    """Give the interpreter of a worker; its environment is made where it does not stand yet.

    Args:
        worker: A key of `PACKAGES`.

    Raises:
        PeerMissing: The packages cannot be installed.
    """
    python = environment(CACHE / worker, PACKAGES[worker])
    if python is None:
        raise PeerMissing("the packages of this peer cannot be installed here")
    return python.absolute()


def run_worker(
    worker: str,
    records: pd.DataFrame,
    *,
    request: dict[str, Any],
    pairs: pd.DataFrame | None = None,
    task: str = "worker",
) -> Output:
    """Let a worker link records.

    Args:
        worker: A key of `PACKAGES`.
        records: As `benchmarks.quality.peers.records.plain_records` gives them.
        request: What the worker is told beside the records.
        pairs: The pairs to compare, `a` and `b` places in `records`; None to let the worker choose.
        task: `worker`, or `documented` for the example of the peer's own documents.

    Raises:
        PeerMissing: See `interpreter`.
        RuntimeError: The worker failed; what it had to say stands on the standard error.
    """
    python = interpreter(worker)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, records, request=request, pairs=pairs)
        # `-I`: no variable of ours decides what that interpreter imports; it finds the folder of the workers anyway.
        done = subprocess.run(
            [python, "-I", WORKERS, f"{worker}_{task}", folder], stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise RuntimeError("a worker failed")
        return _read(folder)


def _write(folder: Path, records: pd.DataFrame, *, request: dict[str, Any], pairs: pd.DataFrame | None) -> None:
    # Names of bodies enter the peers' SQL, so they are given numbers.
    body = "body" + pd.Series(pd.factorize(records["reporter"])[0], dtype="str")
    frame = records.drop(columns=["reporter", "record_id"]).assign(row=range(len(records)), body=body.to_numpy())
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / "records.parquet")
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    if pairs is not None:
        pq.write_table(pa.Table.from_pandas(pairs[["a", "b"]], preserve_index=False), folder / "pairs.parquet")


def _read(folder: Path) -> Output:
    tables = {path.stem: path for path in folder.glob("*.parquet")}
    candidates = tables.pop("candidates", None)
    return Output(
        links={name: pd.read_parquet(path) for name, path in tables.items() if name.startswith("links")},
        candidates=None if candidates is None else pd.read_parquet(candidates),
        report=json.loads((folder / "report.json").read_text(encoding="utf-8")),
    )
