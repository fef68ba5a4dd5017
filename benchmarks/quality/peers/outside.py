"""Run a peer in its own environment, on a folder of files, and cache its output.

The output depends on the input, the worker and its packages, and on nothing else in this project. Answers are cached
under these, so that a change of this library does not repeat the runs of peers.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.environment import environment
from benchmarks.paths import BUILD
from benchmarks.quality.whole import whole

__all__ = ["CACHE", "DRAWING", "KEPT", "PACKAGES", "Output", "PeerMissing", "interpreter", "request_of", "run_worker"]

CACHE: Final = BUILD / "peers"
"""Folder of the environments."""

KEPT: Final = BUILD / "quality" / "workers"
"""Folder of the cached answers of workers."""

PACKAGES: Final = {
    # With DuckDB 2.0 its one-to-one clustering compares all records with each other: 8 GB for 10,000 records.
    "splink": ("splink==5.0.0", "duckdb==1.4.5"),
    "recordlinkage": ("recordlinkage==0.16", "pyarrow>=18"),
    "anonlink": ("anonlink==0.15.3", "clkhash==0.18.3", "pyarrow>=18"),
}
"""Packages of each worker; the releases that matter are pinned, so that figures can be reproduced."""

DRAWING: Final = ("splink", "anonlink")
"""Workers that use the seed: for random pairs to estimate u, and for the secret of the filters."""

WORKERS: Final = Path(__file__).with_name("workers")

_DIGITS: Final = 24
"""Hexadecimal digits of the digest in the name of a cached answer."""


class PeerMissing(RuntimeError):
    """The packages of a peer cannot be installed here."""


@dataclass(frozen=True, eq=False)
class Output:
    """The output of a worker.

    Attributes:
        links: For each answer of the worker `a`, `b` (rows), `probability`, `linked`.
        candidates: `a`, `b` of the pairs that were compared; None if all were.
        report: Versions, seconds, memory.
    """

    links: dict[str, pd.DataFrame]
    candidates: pd.DataFrame | None
    report: dict[str, Any] = field(default_factory=dict)


def interpreter(worker: str) -> Path:
    """Return the interpreter of a worker; its environment is created if it does not exist.

    Args:
        worker: A key of `PACKAGES`.

    Raises:
        PeerMissing: The packages cannot be installed.
    """
    python = environment(CACHE / worker, PACKAGES[worker])
    if python is None:
        raise PeerMissing("the packages of this peer cannot be installed here")
    return python.absolute()


def request_of(worker: str, *, seed: int) -> dict[str, Any]:
    """Return the request to a worker beside the records: the seed, if it uses one.

    Args:
        worker: A key of `PACKAGES`.
        seed: Seed of its random choices.
    """
    return {"seed": seed} if worker in DRAWING else {}


def run_worker(
    worker: str,
    records: pd.DataFrame,
    *,
    request: dict[str, Any],
    pairs: pd.DataFrame | None = None,
    task: str = "worker",
    keep: Path | None = None,
) -> Output:
    """Run a worker on records, or read its cached answer for the same records.

    Seconds and memory of a cached answer are those of the run that made it.

    Args:
        worker: A key of `PACKAGES`.
        records: The table from `benchmarks.quality.peers.records.plain_records`.
        request: Settings for the worker beside the records.
        pairs: The pairs to compare, `a` and `b` indices in `records`; None if the worker chooses.
        task: `worker`, or `documented` for the example in the peer's documentation.
        keep: Folder of cached answers, such as `KEPT`; None to run the worker and cache nothing.

    Raises:
        PeerMissing: See `interpreter`.
        RuntimeError: The worker failed; its output is on standard error.
    """
    given = _given(records)
    if keep is None:
        with tempfile.TemporaryDirectory() as name:
            _run(worker, task, given, request=request, pairs=pairs, out=Path(name))
            return _read(Path(name))
    place = keep / f"{worker}-{_key(worker, task, given, request=request, pairs=pairs)}"
    if not place.exists():
        with whole(place) as out:
            _run(worker, task, given, request=request, pairs=pairs, out=out)
    return _read(place)


def _run(
    worker: str,
    task: str,
    given: pd.DataFrame,
    *,
    request: dict[str, Any],
    pairs: pd.DataFrame | None,
    out: Path,
) -> None:
    """Run a worker, which writes its output to a folder."""
    python = interpreter(worker)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, given, request=request, pairs=pairs)
        # `-I`: our environment variables do not affect what it imports; it still finds the folder of the workers.
        done = subprocess.run(
            [python, "-I", WORKERS, f"{worker}_{task}", folder], stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise RuntimeError("a worker failed")
        for written in (*folder.glob("links-*.parquet"), folder / "candidates.parquet", folder / "report.json"):
            if written.exists():
                shutil.move(written, out / written.name)


def _given(records: pd.DataFrame) -> pd.DataFrame:
    """Replace what a worker must not see: names of reporters, which enter the peers' SQL, and record ids."""
    names = "reporter" + pd.Series(pd.factorize(records["reporter"])[0], dtype="str")
    return records.drop(columns=["reporter", "record_id"]).assign(row=range(len(records)), reporter=names.to_numpy())


def _key(worker: str, task: str, given: pd.DataFrame, *, request: dict[str, Any], pairs: pd.DataFrame | None) -> str:
    """Return the name of an answer, from all that it depends on: the worker's input, source and packages."""
    about = [worker, task, PACKAGES[worker], request, given.to_dict("list")]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for source in sorted(WORKERS.glob("*.py")):
        digest.update(source.name.encode() + hashlib.sha256(source.read_bytes()).digest())
    if pairs is not None:
        digest.update(pairs[["a", "b"]].to_numpy("<i8").tobytes())
    return digest.hexdigest()[:_DIGITS]


def _write(folder: Path, given: pd.DataFrame, *, request: dict[str, Any], pairs: pd.DataFrame | None) -> None:
    pq.write_table(pa.Table.from_pandas(given, preserve_index=False), folder / "records.parquet")
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
