"""What a purge costs: how well later deliveries are linked to records whose shared match keys are gone.

Half of the records of each reporter come first and are linked. The others come after a purge of all of these, alone or
with the first ones sent again, and everything is linked again. Beside it stands the same without a purge.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from benchmarks.keys import fixed_key_text
from benchmarks.quality.data.datasets import Dataset, synthetic
from benchmarks.quality.figures.pairs import link_figures
from benchmarks.quality.figures.persons import groups_of, joined
from linkage.pipeline import Registry
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey

if TYPE_CHECKING:
    from benchmarks.population import ErrorLevel

__all__ = ["LEVELS", "VARIANTS", "cost_of_purging", "measure"]

VARIANTS: Final = ("never purged", "purged", "purged, and sent again")

LEVELS: Final[tuple[ErrorLevel, ...]] = ("low", "middle", "high")

_REFERENCE_DATE: Final = date(2026, 12, 31)


def measure(
    *, persons: int, seeds: Sequence[int], profile: str, say: Callable[[str], None] = lambda text: None
) -> list[dict[str, Any]]:
    """Measure all variants on synthetic case files of every level of errors.

    Args:
        persons: Persons in the population.
        seeds: Seeds of populations, keys and halves.
        profile: Name or path of a profile.
        say: Called with a line about each step.

    Returns:
        One row for each level and seed.
    """
    rows = []
    for level in LEVELS:
        for seed in seeds:
            found = cost_of_purging(synthetic(persons, level=level, seed=seed), profile=profile, seed=seed)
            rows.append({"level": level, "seed": seed, **found})
            f1 = ", ".join(f"{name} {figure['f1']:.4f}" for name, figure in found["variants"].items())
            say(f"{level}, seed {seed}: {f1}")
    return rows


def cost_of_purging(dataset: Dataset, *, profile: str, seed: int) -> dict[str, Any]:
    """Measure all variants on one data set.

    Args:
        dataset: Case files and truth.
        profile: Name or path of a profile.
        seed: Selects the linkage key and the halves.

    Returns:
        Records, share rate before and after the purge, share of the codes that it replaces, and for each variant the
        figures of pairs: links, and records that are one person.
    """
    encoder_of = {
        reporter: Encoder(
            LinkageKey.parse(fixed_key_text(f"purging {seed}")),
            reporter=reporter,
            profile=profile,
            reference_date=_REFERENCE_DATE,
            keep_empty=True,
        )
        for reporter in dataset.reporters
    }
    rng = np.random.default_rng([seed, 61])
    first = {reporter: rng.random(len(frame)) < 0.5 for reporter, frame in dataset.reporters.items()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def sent(title: str, sequence: int, chosen: Callable[[str], Any]) -> list[Path]:
            paths = []
            for reporter, frame in dataset.reporters.items():
                paths.append(folder / f"{reporter}-{title}")
                rows = frame[chosen(reporter)].reset_index(drop=True)
                encoder_of[reporter].write(paths[-1], rows, sequence=sequence, period="2026-01", on_fault="ignore")
            return paths

        begun = sent("first", 1, lambda reporter: first[reporter])
        rest = sent("rest", 2, lambda reporter: ~first[reporter])
        whole = sent("whole", 2, lambda reporter: np.ones(len(first[reporter]), bool))
        found: dict[str, Any] = {"records": len(dataset.truth), "variants": {}}
        for variant, later in zip(VARIANTS, (rest, rest, whole), strict=True):
            registry = Registry.create(folder / variant, profile=profile)
            _receive(registry, begun)
            registry.link()
            if variant != VARIANTS[0]:
                found["share_rate"] = round(registry.privacy().sharing.share_rate, 4)
                report = registry.purge(review_days=0)
                found["purged_codes"] = round(report.codes / _n_codes(registry), 5)
                found["share_rate_at_rest"] = round(registry.privacy().sharing.share_rate, 4)
            _receive(registry, later)
            expected = registry.link().expected_recall
            found["variants"][variant] = _figures(registry, dataset.truth) | {
                "expected_recall": None if expected is None else round(expected, 4)
            }
    return found


def _receive(registry: Registry, paths: Iterable[Path]) -> None:
    for path in paths:
        registry.receive(path, accept_replacements=True)


def _n_codes(registry: Registry) -> int:
    return registry.summary().records * sum(registry.settings.profile.encoding.codes_per_kind)


def _figures(registry: Registry, truth: pd.DataFrame) -> dict[str, float | int]:
    links = registry.links().to_pandas()
    pairs = link_figures(links[links["decision"] == "link"], truth)
    persons = registry.persons().to_pandas()
    together = joined(groups_of(persons, links, truth), truth)
    return {
        "f1": round(pairs.f1, 4),
        "precision": round(pairs.precision, 4),
        "recall": round(pairs.recall, 4),
        "joined_f1": round(together.f1, 4),
        "persons": int(persons["person_id"].nunique()),
    }
