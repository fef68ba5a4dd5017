"""A design option, measured: should u be refined from histograms of random pairs of the bodies' own records?

The probabilities of chance agreement (u) ship with the profile. A body could compare random pairs of its own records
and send the registry nothing but histograms of their levels. Here that is done with all records of a data set, and the
very same commands link it with the shipped tables and with these. Random pairs of one person are not told apart, since
no body could.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.keys import fixed_key_text
from benchmarks.quality.catalogue import load
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.found import Found
from benchmarks.quality.run import run
from benchmarks.quality.suite import CACHE, ROOT, Method, answer
from benchmarks.quality.tables import first_values, levels_of, open_profile
from benchmarks.results import RESULTS, filled
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import FieldTable, Profile, load_profile

__all__ = [
    "BEGIN", "END", "NAME", "PAGE", "PERSONS", "PROFILE", "SETS", "counts_of", "measure_sets", "read", "refined",
    "render", "write_page",
]  # fmt: skip

NAME: Final = "own-u"
PROFILE: Final = "case-registry"
PERSONS: Final = 3000

SETS: Final = (
    "febrl1", "febrl2", "febrl3", "febrl4", "fake1000", "rldata500", "foreigners", "essnet-overlap-2",
    "synthetic-middle",
)  # fmt: skip
"""Data sets of a whole measurement: of one body, of two and of eight, Swedish and not."""

PAIRS: Final = 1_000_000
KEYS: Final = 4
"""Keys over which the chance of the hash functions is averaged; each has a share of the pairs."""

STRENGTH: Final = 20.0
"""Random pairs that the shipped table counts for."""

LEAST: Final = 100
"""Pairs that must have a field for its table to be refined."""

KEPT: Final = ("serial",)
"""Fields that keep the shipped table: it is computed from digits that are drawn evenly."""

WAYS: Final = {"shipped": "shipped", "own": "own pairs"}

PAGE: Final = ROOT / "docs" / "explanation" / "chance-agreement.md"
BEGIN: Final = "<!-- own-u:begin -->"
END: Final = "<!-- own-u:end -->"

Counts = Mapping[str, NDArray[np.float64]]


def counts_of(records: list[Record], profile: Profile, *, seed: int, n_pairs: int = PAIRS) -> dict[str, Any]:
    """Count the levels of random pairs of records.

    Args:
        records: The records, with distinct ids.
        profile: A profile with tables, whose edges say what the levels are.
        seed: Of the pairs, and of the keys of no secrecy.
        n_pairs: Pairs that are drawn; those of a record with itself are left out.

    Returns:
        For each field `(levels,) float64`, the pairs at each level; absent ones are not counted.
    """
    assert profile.linking is not None
    tables, opened, rng = profile.linking.fields, open_profile(profile), np.random.default_rng(seed)
    counts = {table.field: np.zeros(len(table.u)) for table in tables}
    for index in range(KEYS):
        encoder = Encoder(LinkageKey.parse(fixed_key_text(f"own u {seed}.{index}")), reporter="own", profile=opened)
        content = np.concatenate([batch.codes.content[:, 0] for batch in encoder.batches(records)])
        pairs = rng.integers(0, len(records), (n_pairs // KEYS, 2))
        found = levels_of(content, pairs[pairs[:, 0] != pairs[:, 1]], profile=profile, tables=tables)
        for column, table in zip(found.T, tables, strict=True):
            counts[table.field] += np.bincount(column[column >= 0], minlength=len(table.u))
    return counts


def refined(profile: Profile, counts: Counts) -> Profile:
    """Copy a profile with u from counts, the shipped table as a prior; its digest stays what it was.

    Args:
        profile: The profile.
        counts: As `counts_of` gives them.
    """
    assert profile.linking is not None
    fields = tuple(_refined(table, counts[table.field]) for table in profile.linking.fields)
    return profile.model_copy(update={"linking": profile.linking.model_copy(update={"fields": fields})})


def _refined(table: FieldTable, counts: NDArray[np.float64]) -> FieldTable:
    if table.field in KEPT or counts.sum() < LEAST:
        return table
    u = counts + STRENGTH * np.array(table.u)
    return table.model_copy(update={"u": tuple((u / u.sum()).tolist())})


def _linked(dataset: Dataset, seed: int, *, own: bool) -> Found:
    """Link with the shipped tables or with those of the data set's own pairs."""
    if not own:
        return run(dataset, profile=PROFILE, seed=seed)
    profile = load_profile(PROFILE)
    records = [record for _, record in first_values(dataset)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own-u.json"
        path.write_text(refined(profile, counts_of(records, profile, seed=seed)).to_json(), encoding="utf-8")
        return run(dataset, profile=str(path), seed=seed)


def measure_sets(
    names: tuple[str, ...], *, seed: int, persons: int, data: Path | None, told: Callable[[str], None]
) -> dict[str, Any]:
    """Link data sets with the shipped u and with their own.

    Args:
        names: Data sets of the catalogue.
        seed: Of keys, random pairs, and what is synthetic.
        persons: Persons whom synthetic bodies meet.
        data: Folder of the files that are not part of this project.
        told: Told of each answer before it is found. Answers are kept where those of `suite` are.

    Returns:
        What the option is (`profile`, `persons`, `pairs`, `strength`, `least`), and `sets`: for each its `title` and,
        for `shipped` and `own`, the figures of the default decision and at the best threshold.
    """
    sets: dict[str, Any] = {}
    for name in names:
        dataset = load(name, seed=seed, persons=persons, data=data)
        sets[name] = {"title": dataset.title}
        for way in WAYS:
            told(f"{name}, u {WAYS[way]}")
            own = way == "own"
            sources = (ROOT / "src", *((Path(__file__), Path(__file__).with_name("tables.py")) if own else ()))
            method = Method(f"{NAME}:{way}" if own else f"encoded:{PROFILE}", partial(_linked, own=own), sources)
            sets[name][way] = _figures(answer(dataset, method, seed, folder=CACHE)[1])
    about = {"profile": PROFILE, "persons": persons, "pairs": PAIRS, "strength": STRENGTH, "least": LEAST}
    return {**about, "sets": sets}


def _figures(measured: dict[str, Any]) -> dict[str, float | None]:
    pairs, claimed = measured["pairs"], measured["claimed"]
    wanted = ("precision", "recall", "f1", "best_f1", "best_threshold")
    return {
        **{name: pairs[name] for name in wanted},
        **{name: claimed[name] for name in ("precision_gap", "recall_gap")},
        "persons_error": measured["persons_error"],
    }


def read(folder: Path = RESULTS) -> dict[str, Any]:
    """Read the result file."""
    document: dict[str, Any] = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
    return document


def render(document: dict[str, Any]) -> str:
    """Render the table as Markdown.

    Args:
        document: The result file.
    """
    header = ["data", "u", "F1 (best)", "precision", "recall", "claimed − true precision", "claimed − true recall"]
    rows = [
        [found["title"] if way == "shipped" else "", title, *_cells(found[way])]
        for found in document["figures"]["sets"].values()
        for way, title in WAYS.items()
    ]
    lines = [header, ["---"] * len(header), *rows]
    about = f"`{document['command']}`; seed {document['seed']}; commit {document['commit'][:12]}, {document['date']}."
    return "\n".join([about, "", *("| " + " | ".join(line) + " |" for line in lines)])


def _cells(figures: dict[str, float | None]) -> list[str]:
    gaps = (figures[name] for name in ("precision_gap", "recall_gap"))
    return [
        f"{figures['f1']:.3f} ({figures['best_f1']:.3f})",
        f"{figures['precision']:.3f}",
        f"{figures['recall']:.3f}",
        *("–" if gap is None else f"{gap:+.3f}" for gap in gaps),
    ]


def write_page(document: dict[str, Any], path: Path = PAGE) -> Path:
    """Put the table between its marks.

    Args:
        document: The result file.
        path: The page.
    """
    text = filled(path.read_text(encoding="utf-8"), BEGIN, END, render(document))
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
