"""Run a data set through the commands `pseudonym` and `linkage`, as reporters and a registry would."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from benchmarks.keys import fixed_key_text
from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.pairs import true_pairs
from benchmarks.quality.found import Found
from benchmarks.registry_files import attached
from linkage import Registry
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import StoredCodes
from linkage.pipeline.units import Units
from pseudonym.profile import Profile, load_profile

__all__ = ["PACKAGES", "REGISTRY", "met_pairs", "run"]

REGISTRY: Final = "registry"

PACKAGES: Final = ("numpy", "duckdb", "numba", "scipy")


def run(dataset: Dataset, *, profile: str = "case-registry", seed: int = 1, keep: Path | None = None) -> Found:
    """Encode, receive and link a data set with default settings.

    Args:
        dataset: The data set.
        profile: Name or path of a profile.
        seed: Selects the public linkage key; figures vary by a few thousandths between keys.
        keep: Folder for all files of the run; without it they are removed.
    """
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        return _run(dataset, profile=profile, seed=seed, folder=keep)
    with tempfile.TemporaryDirectory() as folder:
        return _run(dataset, profile=profile, seed=seed, folder=Path(folder))


@dataclass
class _Meter:
    """Runs commands and sums their time and memory."""

    seconds: dict[str, float] = field(default_factory=dict)
    processor_seconds: float = 0.0
    peak_memory_mb: float = 0.0

    def command(self, stage: str, program: str, *words: str | Path, partial: bool = False) -> None:
        """Run a command of the library; status 3 (some fields left out) is allowed where `partial`."""
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as errors:
            peak = Path(folder) / "peak"
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.memory", peak, program, *map(str, words)],
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            self._wait(process)
            if process.returncode not in ({0, 3} if partial else {0}):
                errors.seek(0)
                raise SystemExit(f"{program} {words[0]} failed:\n{errors.read().decode(errors='replace')}")
            self.peak_memory_mb = max(self.peak_memory_mb, int(peak.read_text(encoding="utf-8") or 0) / 1e6)
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - began, 2)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        if not hasattr(os, "wait4"):  # Windows has no `resource`; there only wall time is measured.
            process.wait()
            return
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.processor_seconds += usage.ru_utime + usage.ru_stime


def _run(dataset: Dataset, *, profile: str, seed: int, folder: Path) -> Found:
    meter = _Meter()
    key, registry = folder / "linkage.key", folder / REGISTRY
    key.write_text(fixed_key_text(f"quality {seed}"), encoding="utf-8")
    key.chmod(0o600)
    submissions = []
    for reporter, frame in dataset.reporters.items():
        source, out = folder / f"{reporter}.csv", folder / f"{reporter}.parquet"
        frame.to_csv(source, index=False)
        submissions.append(out)
        meter.command(
            "encode", "pseudonym", "encode", source, "--key", key, "--reporter", reporter, "--profile", profile,
            "--keep-empty", "--out", out, "--sequence", "1", "--rejects", folder / f"{reporter}-rejects.csv",
            partial=True,
        )  # fmt: skip
    loaded = load_profile(profile)
    override = ["--allow-unguarded", "benchmark on fictional persons"] if loaded.unguarded else []
    meter.command("receive", "linkage", "init", registry, "--profile", profile, *override)
    meter.command("receive", "linkage", "receive", registry, *submissions)
    meter.command("link", "linkage", "link", registry)
    meter.command("export", "linkage", "export", "links", registry, "--out", folder / "links.csv")
    meter.command("export", "linkage", "export", "persons", registry, "--out", folder / "persons.csv")
    return _found(dataset, loaded, folder=folder, meter=meter)


def _found(dataset: Dataset, profile: Profile, *, folder: Path, meter: _Meter) -> Found:
    text = {"record_id_a": str, "record_id_b": str, "reporter_a": str, "reporter_b": str}
    last, met = _last_run(folder / REGISTRY), met_pairs(folder / REGISTRY, dataset.truth)
    total = true_pairs(dataset.truth)
    expected = Registry.open(folder / REGISTRY).expected_persons()
    return Found(
        method="encoded" if profile.name == "case-registry" else f"encoded-{profile.name}",
        title=f"this library, encoded, {profile.name}",
        kinds=("pairs", "one-to-one"),
        links=pd.read_csv(folder / "links.csv", dtype=text),
        persons=pd.read_csv(folder / "persons.csv", dtype=str),
        compared=int(last["n_pairs"]),
        # Under an empty match key a similarity filter chooses the candidates, and they are not counted.
        candidate_recall=None if profile.unguarded or not total else float(met["met"].sum()) / total,
        claimed={
            "precision": last["expected_precision"],
            "recall": last.get("expected_recall"),
            "recall_is_bound": last.get("recall_is_bound"),
            # The mean over draws; none where there are no draws.
            "persons": None if expected is None else expected.expected,
        },
        seconds=meter.seconds,
        processor_seconds=round(meter.processor_seconds, 2),
        peak_memory_mb=round(meter.peak_memory_mb, 1),
        versions={package: version(package) for package in PACKAGES},
        settings={"profile": profile.name, "version": profile.version, "digest": profile.digest},
    )


def _last_run(registry: Path) -> dict[str, Any]:
    with attached(registry) as store:
        rows = store.execute("SELECT * FROM linkage.runs ORDER BY run DESC LIMIT 1")
        assert rows.description is not None
        names = [column[0] for column in rows.description]
        (row,) = rows.fetchall()
    return dict(zip(names, row, strict=True))


def met_pairs(registry: Path, truth: pd.DataFrame) -> pd.DataFrame:
    """Return the true pairs, and whether they share a match key.

    Args:
        registry: The registry file.
        truth: `reporter`, `record_id`, `person`.

    Returns:
        `reporter_a`, `record_id_a`, `reporter_b`, `record_id_b`, `met`, one row per pair.
    """
    with attached(registry) as store:
        store.register("truth", truth[["reporter", "record_id", "person"]])
        store.register("codes", _plain_codes(registry))
        return store.execute("""
            WITH known AS (
                SELECT r.codes_rid AS rid, reporter, record_id, t.person
                FROM linked r JOIN truth t USING (reporter, record_id)
            ), pairs AS (
                SELECT a.rid AS rid_a, b.rid AS rid_b, a.reporter AS reporter_a, a.record_id AS record_id_a,
                    b.reporter AS reporter_b, b.record_id AS record_id_b
                FROM known a JOIN known b ON a.person = b.person AND a.rid < b.rid
            ), met AS (
                SELECT DISTINCT rid_a, rid_b FROM pairs
                JOIN codes x ON x.rid = rid_a
                JOIN codes y ON y.rid = rid_b AND y.kind = x.kind AND y.key_hi = x.key_hi AND y.key_lo = x.key_lo
            )
            SELECT reporter_a, record_id_a, reporter_b, record_id_b, m.rid_a IS NOT NULL AS met
            FROM pairs LEFT JOIN met m USING (rid_a, rid_b) ORDER BY pairs.rid_a, pairs.rid_b
        """).df()


def _plain_codes(registry: Path) -> pa.Table:
    """Read the match keys of a registry, which lie enciphered: `rid`, `kind`, `key_hi`, `key_lo`, one row per code."""
    key = RegistryKey.load(registry.with_name(f"{registry.name}.key"))
    with Units.open(registry).stores["linkage"].session(write=False) as session:
        codes = session.table("SELECT rid, kind, key_hi, key_lo, batch, number FROM codes")
        stored = (codes[name].to_numpy() for name in ("key_hi", "key_lo", "batch", "number"))
        high, low = StoredCodes(session, key).match_keys(*stored)
    return pa.table({"rid": codes["rid"], "kind": codes["kind"], "key_hi": high, "key_lo": low})
