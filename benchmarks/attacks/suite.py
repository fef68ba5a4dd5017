"""A whole run: every trial over all seeds, positive controls, quality, and gates."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from benchmarks.attacks.controls import Control, controls
from benchmarks.attacks.evidence.scenes import Scene
from benchmarks.attacks.gates import Verdict, judge
from benchmarks.attacks.metrics import Tally, pool, wilson
from benchmarks.attacks.on_codes import keyholder
from benchmarks.attacks.trials import SEEDS, Trial, run_trial
from benchmarks.cache import Cache, sources
from benchmarks.quality.data.datasets import Dataset, essnet, synthetic
from benchmarks.quality.figures.pairs import link_figures
from benchmarks.quality.found import Found
from benchmarks.quality.run import run as run_quality
from pseudonym.profile import Profile

__all__ = [
    "QUALITY_PERSONS",
    "SOURCES",
    "Run",
    "cpu_seconds",
    "linked",
    "measure",
    "quality_datasets",
    "quality_rows",
]

QUALITY_PERSONS: Final = {"quick": 1000, "full": 3000}
"""Persons in the synthetic case files on which recall and F1 are measured; other suites leave quality out."""

SIZES: Final = ((1, 1), (2, 2), (3, 9), (10, 99), (100, 0))
"""Ranges of group sizes in the figures; 0 means no upper bound."""

SOURCES: Final = (
    "benchmarks/attacks/world",
    "benchmarks/attacks/evidence",
    "benchmarks/attacks/on_codes",
    "benchmarks/attacks/metrics.py",
    "benchmarks/attacks/trials.py",
    "benchmarks/population",
    "src/pseudonym/identity",
    "src/pseudonym/keyed",
    "src/pseudonym/encode",
)
"""What the counts of a trial depend on: all that `trials` imports, and what it encodes with."""

Say = Callable[[str], None]


@dataclass
class Run:
    """The results of a run so far.

    Attributes:
        profile: The name of the profile.
        profile_digest: Its digest.
        rows: A row per trial, and the rows of quality.
        controls: The positive controls.
        facts: Figures without a gate.
        verdicts: The verdicts on the gates.
        digests: Digest of the plaintexts by scenario and seed.
        cpu_seconds: Processor time of the whole run.
    """

    profile: str
    profile_digest: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    cpu_seconds: float = 0.0

    @property
    def broken(self) -> bool:
        """Whether a positive control failed, so that an attack does not work."""
        return any(not control.works for control in self.controls)

    @property
    def failed(self) -> bool:
        """Whether the run fails: a control is broken or a gate is missed."""
        return self.broken or any(verdict.missed for verdict in self.verdicts)

    def figures(self) -> dict[str, Any]:
        """Return the results as JSON types, with one digest over all data."""
        document = asdict(self)
        joined = "\n".join(f"{scenario} {digest}" for scenario, digest in sorted(self.digests.items()))
        return document | {"data_digest": hashlib.sha256(joined.encode()).hexdigest(), "failed": self.failed}


def measure(
    profile: Profile,
    trials: Sequence[Trial],
    *,
    seeds: Sequence[int] = SEEDS,
    quality: Iterable[dict[str, Any]] = (),
    control_records: int = 1000,
    gates: str | None = None,
    kept: Cache | None = None,
    say: Say = lambda text: None,
) -> Run:
    """Run trials, controls and gates.

    Args:
        profile: The profile under attack.
        trials: The trials to run.
        seeds: Seeds of populations and keys; the counts are added up.
        quality: The profile's rows of quality.
        control_records: Records in each positive control; 0 leaves the controls out.
        gates: The profile whose gates apply; by default the one under attack.
        kept: Counts of trials measured earlier, and where those of this run are added; their processor time counts too.
        say: Called with a line about each step.

    Returns:
        The results.
    """
    began = cpu_seconds()
    run = Run(profile.name, profile.digest)
    if control_records:
        say("positive controls")
        for control in controls(control_records):
            run.controls.append(control)
            say(f"control {control.name}: {control.weak:.1%}")
    counts, facts = _all_counts(profile, trials, seeds, run, kept or Cache(None), say)
    run.rows += [_row(trial, pool(counts[trial]), facts[trial] | {"seeds": len(counts[trial])}) for trial in trials]
    run.rows += quality
    _join(run.rows)
    run.facts["keyholder"] = keyholder.figures(profile)
    run.verdicts = judge(gates or profile.name, run.rows)
    run.cpu_seconds = round(run.cpu_seconds + cpu_seconds() - began, 1)
    return run


def cpu_seconds() -> float:
    """Return the processor time of this process and its finished children, which other programs do not affect."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _all_counts(
    profile: Profile, trials: Sequence[Trial], seeds: Sequence[int], run: Run, kept: Cache, say: Say
) -> tuple[dict[Trial, list[Tally]], dict[Trial, dict[str, Any]]]:
    """Run trials by scenario and seed, so that each registry is encoded once and then released."""
    counts: dict[Trial, list[Tally]] = {trial: [] for trial in trials}
    facts: dict[Trial, dict[str, Any]] = {}
    for scenario in sorted({trial.scenario for trial in trials}):
        here = [trial for trial in trials if trial.scenario == scenario]
        for turn, seed in enumerate(seeds[: max(trial.seeds or len(seeds) for trial in here)]):
            scene = Scene(scenario, profile, seed)
            for trial in (trial for trial in here if turn < (trial.seeds or len(seeds))):
                found = _counted(scene, trial, run, kept)
                run.digests[f"{scenario.title()} seed {seed}"] = found["world"]
                counts[trial].append(Tally(**found["tally"]))
                # Figures that are not counts are those of the first seed.
                facts.setdefault(trial, found["facts"])
                say(f"{trial.name()}, seed {seed}: {counts[trial][-1].share:.2%} ({found['seconds']:.0f} s)")
    return counts, facts


def _counted(scene: Scene, trial: Trial, run: Run, kept: Cache) -> dict[str, Any]:
    """Run one trial on one seed, or return what an earlier run counted and add its processor time."""
    measured = False

    def measure() -> dict[str, Any]:
        nonlocal measured
        measured, began = True, cpu_seconds()
        tally, own = run_trial(scene, trial)
        facts = own | _sharing(scene)
        seconds = round(cpu_seconds() - began, 1)
        return {"tally": asdict(tally), "facts": facts, "world": scene.world.digest, "seconds": seconds}

    # The number of seeds of a trial does not change what one seed gives.
    asked = asdict(replace(trial, seeds=0))
    inputs = {"profile": scene.profile.digest, "trial": asked, "seed": scene.seed, "sources": sources(*SOURCES)}
    found: dict[str, Any] = kept.get(inputs, measure)
    if not measured:
        run.cpu_seconds += found["seconds"]
    return found


def _sharing(scene: Scene) -> dict[str, Any]:
    """Return the share rate and group sizes, by kind of match key and for the largest group of each record."""
    view, keys = scene.view, scene.profile.encoding.match_keys
    by_kind = {}
    for kind, key in enumerate(keys):
        sizes = view.group_size[:, view.kind == kind]
        by_kind[key.kind] = {"sharing": round(float((sizes > 1).any(axis=1).mean()), 4), "largest": int(sizes.max())}
    largest = view.group_size.max(axis=1)
    largest_group = {
        (f"{low}-{high}" if high else f"{low}+"): round(
            float(((largest >= low) & ((largest <= high) | (high == 0))).mean()), 4
        )
        for low, high in SIZES
    }
    return {"share_rate": round(float(scene.shares.mean()), 4), "kinds": by_kind, "largest_group": largest_group}


def _row(trial: Trial, tally: Tally, facts: dict[str, Any]) -> dict[str, Any]:
    scenario = trial.scenario
    setting = "closed" if scenario.closed else "open" if scenario.factor > 1 else f"overlap {scenario.overlap:.0%}"
    return {
        "attack": trial.attack,
        "title": trial.name(),
        "population": scenario.population,
        "setting": setting,
        "n": scenario.n,
        "factor": scenario.factor,
        "overlap": scenario.overlap,
        "numbers": scenario.numbers,
        "known": trial.known,
        "payload": trial.payload or trial.attack == "payload",
        **tally.figures(),
        **facts,
        **_share_limit(tally),
    }


def _share_limit(tally: Tally) -> dict[str, float]:
    """Return the upper limit of the share rate over all seeds, for its gate."""
    sharing, _ = tally.groups.get("sharing", (0, 0))
    return {"share_upper_limit": round(wilson(sharing, tally.records)[1], 4)}


def _join(rows: list[dict[str, Any]]) -> None:
    """Add recall and F1 to every row, since re-identification means little without them."""
    quality = {row["population"]: row for row in rows if row["attack"] == "quality"}
    for row in rows:
        gain = quality.get("synthetic-middle" if row.get("numbers", True) else "synthetic-middle-numberless")
        if gain is not None and row["attack"] != "quality":
            row |= {"candidate_recall": gain["candidate_recall"], "f1": gain["f1"]}


def quality_datasets(persons: int, data: Path | None) -> list[Dataset]:
    """Make the data sets for recall and F1: the case files as they are, records with a number only, without numbers.

    Args:
        persons: Persons of the synthetic case files.
        data: Folder with the ESSnet files, if available.
    """
    base = synthetic(persons, level="middle", seed=1)
    return [base, _with_numbers(base), _numberless(base), *([essnet(data)] if data is not None else [])]


def quality_rows(profile: Profile, *, persons: int, data: Path | None, say: Say) -> list[dict[str, Any]]:
    """Measure recall and F1 of the default decision on all of `quality_datasets`.

    Args:
        profile: The profile.
        persons: Persons of the synthetic case files.
        data: Folder with the ESSnet files, if available.
        say: Called with a line about each step.

    Returns:
        Rows for the results.
    """
    rows = []
    for dataset in quality_datasets(persons, data):
        say(f"quality on {dataset.title}")
        found = linked(dataset, profile)
        rows.append(
            {
                "attack": "quality",
                "title": dataset.title,
                "population": dataset.name,
                "setting": "any",
                "known": 0.0,
                "payload": False,
                "candidate_recall": found.candidate_recall,
                **asdict(link_figures(found.links, dataset.truth)),
            }
        )
    return rows


def linked(dataset: Dataset, profile: Profile) -> Found:
    """Run the commands of reporters and registry on a data set, with any profile."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile.json"
        path.write_text(profile.to_json(), encoding="utf-8")
        return run_quality(dataset, profile=profile.name if profile.name == "clk" else str(path))


def _with_numbers(dataset: Dataset) -> Dataset:
    """Keep the records that have a Swedish number."""
    frames = {name: frame[frame["number"].notna()] for name, frame in dataset.reporters.items() if "number" in frame}
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    kept = {(name, record) for name, frame in frames.items() for record in frame["record_id"]}
    held = [pair in kept for pair in zip(dataset.truth["reporter"], dataset.truth["record_id"], strict=True)]
    return Dataset(f"{dataset.name}-number", f"{dataset.title}, with a number", frames, dataset.truth[held])


def _numberless(dataset: Dataset) -> Dataset:
    """Remove all numbers; names and dates are left."""
    frames = {
        name: frame[[column for column in frame if not column.startswith(("number", "foreign_number"))]]
        for name, frame in dataset.reporters.items()
    }
    return Dataset(f"{dataset.name}-numberless", f"{dataset.title}, without numbers", frames, dataset.truth)
