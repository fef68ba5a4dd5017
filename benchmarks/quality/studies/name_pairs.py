"""Pairs of names for `python -m benchmarks.quality names`: true variants, different names, and their bearers.

The files are read by path and never shipped. Groups are split by a hash: sound rules were chosen on the development
half, and figures come from the check half.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

__all__ = ["CHECK", "DEVELOPMENT", "NameData", "Pair", "half", "read_names_data"]

DEVELOPMENT: Final = 0
CHECK: Final = 1

MIN_ALIGNMENT: Final = 0.75
"""Below this similarity to the group's commonest spelling, a row of a variant file is an alignment error."""

UNIVERSE: Final = 8000
"""Number of commonest names of each kind among which pairs of different names are counted."""

LABELLED: Final = {"given": "variants_given_pairs_labelled.csv", "surname": "variants_surname_pairs_labelled.csv"}
GROUPED: Final = {"arabic": "variants_arabic_script_to_latin.csv", "cyrillic": "variants_cyrillic_to_latin.csv"}
COUNTED: Final = {
    "given": ("scb2020_given_names_min10", "count_tilltal"),
    "surname": ("scb2020_surnames_min20", "count"),
}

Pair = tuple[str, str, int]
"""Two spellings and the number of bearers of the rarer one."""


@dataclass(frozen=True)
class NameData:
    """The data in the folder of names.

    Attributes:
        variants: Sets of pairs that are one name in two spellings, by set and half.
        different: Sets of pairs that people labelled as different names, by set and half.
        bearers: The commonest names with their number of bearers, by kind.
        known: All pairs that are variants in any file, in both orders.
    """

    variants: dict[str, dict[int, list[Pair]]]
    different: dict[str, dict[int, list[Pair]]]
    bearers: dict[str, dict[str, int]]
    known: frozenset[tuple[str, str]]


def half(group: str) -> int:
    """Return the half of a group, by a hash of its name.

    Args:
        group: The source form of a variant group, or the first name of a labelled pair.

    Returns:
        `DEVELOPMENT` or `CHECK`.
    """
    return hashlib.sha256(group.encode()).digest()[0] % 2


def read_names_data(folder: Path) -> NameData:
    """Read the files of a folder.

    Args:
        folder: The folder with the files of variants, labelled pairs and counts.

    Returns:
        The data.
    """
    variants: dict[str, dict[int, list[Pair]]] = defaultdict(lambda: {DEVELOPMENT: [], CHECK: []})
    different: dict[str, dict[int, list[Pair]]] = defaultdict(lambda: {DEVELOPMENT: [], CHECK: []})
    for name, file in GROUPED.items():
        for source, spellings in _groups(folder / file).items():
            for (one, n_one), (other, n_other) in combinations(spellings, 2):
                variants[name][half(source)].append((one, other, min(n_one, n_other)))
            variants[f"{name}_script"][half(source)] += [(source, one, bearers) for one, bearers in spellings]
    for name, file in LABELLED.items():
        for row in _rows(folder / file):
            if row.get("nickname", "0") == "1":
                continue  # No spelling rule can know that Bill is William.
            pair = (row["name"], row["variant"], min(int(row["scb_name"]), int(row["scb_variant"])))
            (variants if row["same"] == "1" else different)[name][half(row["name"])].append(pair)
    spelt = [
        pair for name, halves in variants.items() if not name.endswith("_script") for pair in halves[0] + halves[1]
    ]
    known = frozenset(pair for one, other, _ in spelt for pair in ((one, other), (other, one)))
    return NameData(dict(variants), dict(different), {kind: _counts(folder, kind) for kind in COUNTED}, known)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    zipped = path.with_name(path.name + ".gz")
    with gzip.open(zipped, "rt", encoding="utf-8") if not path.exists() else path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _groups(path: Path) -> dict[str, list[tuple[str, int]]]:
    groups = defaultdict(list)
    for row in _rows(path):
        if float(row["jw_to_top"]) >= MIN_ALIGNMENT:
            bearers = sum(int(row[column]) for column in ("scb_male_first", "scb_female_first", "scb_surname"))
            groups[row["source_form"]].append((row["latin_variant"], bearers))
    return groups


def _counts(folder: Path, kind: str) -> dict[str, int]:
    stem, column = COUNTED[kind]
    found: Counter[str] = Counter()
    for row in _rows(folder / f"{stem}.csv"):
        found[row["name"].lower()] += int(row[column])
    return dict(found.most_common(UNIVERSE))
