"""Run a data set through the commands `pseudonym` and `linkage`, as bodies and a registry would."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.keys import fixed_key_text
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.measures import best_threshold, link_figures, true_pairs
from pseudonym.profile import load_profile

__all__ = ["Outcome", "run"]


@dataclass(frozen=True)
class Outcome:
    """What one run measured; written to a result file as it is."""

    dataset: str
    title: str
    profile: str
    records: int
    bodies: int
    true_pairs: int
    pairs_compared: int
    candidate_recall: float | None
    default: dict[str, float]
    best_threshold: dict[str, float]
    persons: int
    true_persons: int
    seconds: dict[str, float]


def run(dataset: Dataset, *, profile: str, seed: int = 1, keep: Path | None = None) -> Outcome:
    """Encode, receive and link a data set with default settings and measure the result.

    Args:
        dataset: The data set.
        profile: Name or path of a profile.
        seed: Says which linkage key of no secrecy is used; figures move by a few thousandths between keys.
        keep: A folder for all files of the run; without it they are removed.
    """
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        return _run(dataset, profile=profile, seed=seed, folder=keep)
    with tempfile.TemporaryDirectory() as folder:
        return _run(dataset, profile=profile, seed=seed, folder=Path(folder))


def _run(dataset: Dataset, *, profile: str, seed: int, folder: Path) -> Outcome:
    seconds = {}
    key, registry = folder / "linkage.key", folder / "registry.duckdb"
    key.write_text(fixed_key_text(f"quality {seed}"), encoding="utf-8")
    began = time.perf_counter()
    submissions = []
    for body, frame in dataset.bodies.items():
        source, out = folder / f"{body}.csv", folder / f"{body}.parquet"
        frame.to_csv(source, index=False)
        submissions.append(out)
        _command(
            "pseudonym", "encode", source, "--key", key, "--reporter", body, "--profile", profile, "--out", out,
            "--sequence", "1", "--rejects", folder / f"{body}-rejects.csv", partial=True,
        )  # fmt: skip
    seconds["encode"] = _since(began)
    began = time.perf_counter()
    override = ["--allow-unguarded", "benchmark on fictional persons"] if profile == "clk" else []
    _command("linkage", "init", registry, "--profile", profile, *override)
    _command("linkage", "receive", registry, *submissions)
    seconds["receive"] = _since(began)
    began = time.perf_counter()
    _command("linkage", "link", registry)
    seconds["link"] = _since(began)
    _command("linkage", "export", "links", registry, "--out", folder / "links.csv")
    _command("linkage", "export", "persons", registry, "--out", folder / "persons.csv")
    return _measure(dataset, profile=profile, folder=folder, registry=registry, seconds=seconds)


def _measure(dataset: Dataset, *, profile: str, folder: Path, registry: Path, seconds: dict[str, float]) -> Outcome:
    text = {"record_id_a": str, "record_id_b": str, "reporter_a": str, "reporter_b": str}
    links = pd.read_csv(folder / "links.csv", dtype=text)
    persons = pd.read_csv(folder / "persons.csv", dtype=str)
    best, threshold = best_threshold(links, dataset.truth)
    compared, met = _candidates(registry, dataset.truth)
    total = true_pairs(dataset.truth)
    # Under an empty match key the candidates are those that a similarity filter lets through; nobody counts them.
    recall = None if load_profile(profile).unguarded else met / total if total else 1.0
    return Outcome(
        dataset=dataset.name,
        title=dataset.title,
        profile=profile,
        records=len(dataset.truth),
        bodies=len(dataset.bodies),
        true_pairs=total,
        pairs_compared=compared,
        candidate_recall=recall,
        default=asdict(link_figures(links, dataset.truth)),
        best_threshold={**asdict(best), "threshold": threshold},
        persons=persons["person_id"].nunique(),
        true_persons=dataset.truth["person"].nunique(),
        seconds=seconds,
    )


def _candidates(registry: Path, truth: pd.DataFrame) -> tuple[int, int]:
    """Count the pairs that the registry compared, and the true pairs that share a match key."""
    with duckdb.connect(str(registry), read_only=True) as store:
        store.register("truth", truth)
        compared = store.execute("SELECT n_pairs FROM runs ORDER BY run DESC LIMIT 1").fetchone()
        met = store.execute("""
            WITH known AS (
                SELECT r.rid, t.person FROM records r JOIN truth t USING (reporter, record_id)
            ), pairs AS (
                SELECT a.rid AS a, b.rid AS b FROM known a JOIN known b ON a.person = b.person AND a.rid < b.rid
            )
            SELECT count(DISTINCT (pairs.a, pairs.b)) FROM pairs
            JOIN codes x ON x.rid = pairs.a
            JOIN codes y ON y.rid = pairs.b AND y.kind = x.kind AND y.key_hi = x.key_hi AND y.key_lo = x.key_lo
        """).fetchone()
    assert compared is not None
    assert met is not None
    return int(compared[0]), int(met[0])


def _command(program: str, *words: str | Path, partial: bool = False) -> None:
    """Run a command of the library; status 3 (some fields left out) is allowed where `partial`."""
    command = [sys.executable, "-m", program, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in ({0, 3} if partial else {0}):
        raise SystemExit(f"{program} {words[0]} failed:\n{done.stderr}")


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 2)


def to_json(outcome: Outcome) -> str:
    """Write an outcome as JSON."""
    return json.dumps(asdict(outcome), indent=2)
