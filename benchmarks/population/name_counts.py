"""Real counts of names instead of Faker's and the curated lists, read from a folder and never part of this project.

The folder holds counts of the Swedish register (`scb2020_given_names*` with the columns name, sex, count_tilltal and
`scb2020_surnames*` with name, count) and, for other origins, `origin_tagged_names.csv` (origin, kind, name,
scb_count_2020, also_nordic_german). Tables of spellings, `variants_*_to_latin.csv`, are used if present. Origins with
too few names in the folder keep the built-in lists.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.names import ORIGINS, Builder, Names, Origin, Pool, heard, load_pool

__all__ = ["load_counts"]

# The folder's names for the origins.
_TAGS: Final = {
    "arabic": ("arabic",), "somali": ("somali",), "afghan": ("afghan_dari", "persian"),
    "eritrean": ("eritrean_ethiopian",), "kurdish": ("kurdish",), "turkish": ("turkish",),
    "ukrainian": ("ukrainian",), "romanian": ("romanian",), "bulgarian": ("bulgarian",), "russian": ("russian",),
    "nigerian": ("nigerian", "nigerian_yoruba", "nigerian_igbo", "nigerian_hausa"), "vietnamese": ("vietnamese",),
    "thai": ("thai",), "latin_american": ("spanish_latam", "spanish"), "maghreb": ("arabic_maghreb",),
    "finnish": ("finnish",),
}  # fmt: skip
_FEWEST: Final = 12
# Alignments in the tables of spellings below this similarity are noise, according to their authors.
_LEAST_SIMILARITY: Final = 0.75
_SHORTEST_MATCH: Final = 3

Entries = dict[str, float]


def load_counts(folder: Path) -> tuple[Names, str]:
    """Read names and their counts.

    Args:
        folder: The folder with the files, plain or compressed (`.gz`).

    Returns:
        The names, and a digest of the files read (64 hexadecimal digits).

    Raises:
        FileNotFoundError: A required file is missing.
        ValueError: A file does not have the expected columns.
    """
    source = _Source(folder)
    tagged, foreign = _tagged(source)
    spellings = _spellings(source)
    swedish = _swedish(source, foreign)
    builder = Builder()
    pools = []
    for origin in ORIGINS:
        lists = swedish if origin.code == "swedish" else _of_origin(tagged, origin)
        pools.append(load_pool(origin, builder) if lists is None else _pool(lists, origin, spellings, builder))
    return Names(builder.vocabulary(), tuple(pools)), source.digest.hexdigest()


class _Source:
    """Reads CSV files of a folder and computes a digest of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digest = hashlib.sha256()

    def rows(self, *patterns: str, needed: bool = True) -> Iterator[dict[str, str]]:
        """Yield the rows of the first file that matches one of the patterns."""
        found = [path for pattern in patterns for path in sorted(self.folder.glob(pattern))]
        if not found:
            if needed:
                raise FileNotFoundError(f"the folder of names has no file {patterns[0]}")
            return
        data = found[0].read_bytes()
        self.digest.update(hashlib.sha256(data).digest())
        text = (gzip.decompress(data) if found[0].suffix == ".gz" else data).decode("utf-8-sig")
        try:
            yield from csv.DictReader(io.StringIO(text, newline=""))
        except KeyError:
            raise ValueError(f"{found[0].name} does not have the expected columns") from None


def _swedish(source: _Source, foreign: set[str]) -> tuple[Entries, Entries, Entries]:
    """Read the register's counts, without names that only other origins use."""
    women: Entries = {}
    men: Entries = {}
    for row in source.rows("scb2020_given_names_min10.csv*", "scb2020_given_names*"):
        count = float(row["count_tilltal"] or 0)
        if count and row["name"].lower() not in foreign:
            (women if row["sex"] in ("F", "K") else men)[row["name"]] = count
    families = {
        row["name"]: float(row["count"])
        for row in source.rows("scb2020_surnames_min20.csv*", "scb2020_surnames*")
        if row["name"].lower() not in foreign
    }
    return women, men, families


def _tagged(source: _Source) -> tuple[dict[tuple[str, str], Entries], set[str]]:
    """Read names by origin and kind, and the set of names absent from Nordic and German lists."""
    tagged: dict[tuple[str, str], Entries] = defaultdict(dict)
    foreign = set()
    for row in source.rows("origin_tagged_names.csv*"):
        name = _capitalised(row["name"])
        tagged[row["origin"], row["kind"]][name] = float(row["scb_count_2020"] or 0) + 1
        if row["also_nordic_german"] != "1" and row["origin"] not in ("swedish", "danish", "norwegian", "german"):
            foreign.add(row["name"])
    return tagged, foreign


def _of_origin(tagged: dict[tuple[str, str], Entries], origin: Origin) -> tuple[Entries, Entries, Entries] | None:
    """Combine the lists of one origin; return None if one is too short."""
    lists: tuple[Entries, Entries, Entries] = ({}, {}, {})
    for tag in _TAGS.get(origin.code, ()):
        for entries, kind in zip(lists, "FMS", strict=True):
            entries.update(tagged.get((tag, kind), {}))
    needed = lists[:2] if origin.tradition == "father" else lists
    return lists if min(len(entries) for entries in needed) >= _FEWEST else None


def _spellings(source: _Source) -> dict[str, list[str]]:
    """Read the Latin spellings of each name, indexed by every spelling, in lower case."""
    groups: dict[str, list[str]] = defaultdict(list)
    for pattern in ("variants_arabic_script_to_latin.csv*", "variants_cyrillic_to_latin.csv*"):
        for row in source.rows(pattern, needed=False):
            if float(row["jw_to_top"] or 0) >= _LEAST_SIMILARITY and len(row["latin_variant"]) >= _SHORTEST_MATCH:
                groups[row["source_form"]].append(row["latin_variant"])
    found: dict[str, list[str]] = {}
    for group in groups.values():
        for name in group:
            found.setdefault(name, group)
    return found


def _pool(
    lists: tuple[Entries, Entries, Entries], origin: Origin, spellings: dict[str, list[str]], builder: Builder
) -> Pool:
    """Add the names of one origin to the vocabulary."""

    def indexes(entries: Entries) -> NDArray[np.int64]:
        return np.array([builder.add(_ways(name, origin, spellings)) for name in entries], dtype=np.int64)

    women, men, families = lists
    if origin.tradition == "father":
        families = {}
    # The register counts the forms for women and men separately, so both are in the list.
    family = indexes(families)
    return Pool(
        (indexes(women), indexes(men)),
        (_shares(women), _shares(men)),
        np.column_stack([family, family]).reshape(-1, 2),
        _shares(families),
    )


def _ways(name: str, origin: Origin, spellings: dict[str, list[str]]) -> Sequence[str]:
    """List the spellings of a name: those in the tables, or those it may be heard as."""
    group = spellings.get(name.lower(), []) if origin.code != "swedish" else []
    others = [_capitalised(other) for other in group if other != name.lower()]
    return [name, *others] if others else heard(name)


def _shares(entries: Entries) -> NDArray[np.float64]:
    counts = np.array(list(entries.values()), dtype=np.float64)
    return counts / counts.sum() if counts.size else counts


def _capitalised(name: str) -> str:
    return "-".join(" ".join(word.capitalize() for word in part.split(" ")) for part in name.split("-"))
