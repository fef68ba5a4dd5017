"""Real counts of names in place of Faker's lists and the curated ones: read from a folder, never part of this project.

The folder holds counts of the Swedish register (`scb2020_given_names*` with the columns name, sex, count_tilltal and
`scb2020_surnames*` with name, count) and, for other origins, `origin_tagged_names.csv` (origin, kind, name,
scb_count_2020, also_nordic_german). Tables of spellings of one name, `variants_*_to_latin.csv`, are used where they lie
there. Origins of which the folder knows too few names keep the lists that ship.
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

# What the folder calls the origins.
_TAGS: Final = {
    "arabic": ("arabic",), "somali": ("somali",), "afghan": ("afghan_dari", "persian"),
    "eritrean": ("eritrean_ethiopian",), "kurdish": ("kurdish",), "turkish": ("turkish",),
    "ukrainian": ("ukrainian",), "romanian": ("romanian",), "bulgarian": ("bulgarian",), "russian": ("russian",),
    "nigerian": ("nigerian", "nigerian_yoruba", "nigerian_igbo", "nigerian_hausa"), "vietnamese": ("vietnamese",),
    "thai": ("thai",), "latin_american": ("spanish_latam", "spanish"), "maghreb": ("arabic_maghreb",),
    "finnish": ("finnish",),
}  # fmt: skip
_FEWEST: Final = 12
# Alignments of the tables of spellings below this likeness are noise, as their makers say.
_LIKENESS: Final = 0.75
_SHORTEST_MATCH: Final = 3

Entries = dict[str, float]


def load_counts(folder: Path) -> tuple[Names, str]:
    """Read names and their counts.

    Args:
        folder: Where the files lie, plain or with the ending `.gz`.

    Returns:
        The names, and a digest of the files that were read (64 hexadecimal digits).

    Raises:
        FileNotFoundError: A file that is needed is not there.
        ValueError: A file has other columns.
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
    """Reads CSV files of a folder and digests what it reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digest = hashlib.sha256()

    def rows(self, *patterns: str, needed: bool = True) -> Iterator[dict[str, str]]:
        """Go through the rows of the first file that has one of the names."""
        found = [path for pattern in patterns for path in sorted(self.folder.glob(pattern))]
        if not found:
            if needed:
                raise FileNotFoundError(f"the folder of names holds no {patterns[0]}")
            return
        data = found[0].read_bytes()
        self.digest.update(hashlib.sha256(data).digest())
        text = (gzip.decompress(data) if found[0].suffix == ".gz" else data).decode("utf-8-sig")
        try:
            yield from csv.DictReader(io.StringIO(text, newline=""))
        except KeyError:
            raise ValueError(f"{found[0].name} has other columns than expected") from None


def _swedish(source: _Source, foreign: set[str]) -> tuple[Entries, Entries, Entries]:
    """Read the register's counts without the names that only other origins have."""
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
    """Read names by origin and kind, and the set of those that no Nordic or German list has."""
    tagged: dict[tuple[str, str], Entries] = defaultdict(dict)
    foreign = set()
    for row in source.rows("origin_tagged_names.csv*"):
        name = _capitalised(row["name"])
        tagged[row["origin"], row["kind"]][name] = float(row["scb_count_2020"] or 0) + 1
        if row["also_nordic_german"] != "1" and row["origin"] not in ("swedish", "danish", "norwegian", "german"):
            foreign.add(row["name"])
    return tagged, foreign


def _of_origin(tagged: dict[tuple[str, str], Entries], origin: Origin) -> tuple[Entries, Entries, Entries] | None:
    """Join the lists of one origin; None where one of them is too short."""
    lists: tuple[Entries, Entries, Entries] = ({}, {}, {})
    for tag in _TAGS.get(origin.code, ()):
        for entries, kind in zip(lists, "FMS", strict=True):
            entries.update(tagged.get((tag, kind), {}))
    needed = lists[:2] if origin.tradition == "father" else lists
    return lists if min(len(entries) for entries in needed) >= _FEWEST else None


def _spellings(source: _Source) -> dict[str, list[str]]:
    """Read which Latin spellings one name has, by each of them, in lower case."""
    groups: dict[str, list[str]] = defaultdict(list)
    for pattern in ("variants_arabic_script_to_latin.csv*", "variants_cyrillic_to_latin.csv*"):
        for row in source.rows(pattern, needed=False):
            if float(row["jw_to_top"] or 0) >= _LIKENESS and len(row["latin_variant"]) >= _SHORTEST_MATCH:
                groups[row["source_form"]].append(row["latin_variant"])
    found: dict[str, list[str]] = {}
    for group in groups.values():
        for name in group:
            found.setdefault(name, group)
    return found


def _pool(
    lists: tuple[Entries, Entries, Entries], origin: Origin, spellings: dict[str, list[str]], builder: Builder
) -> Pool:
    """Put the names of one origin into the vocabulary."""

    def places(entries: Entries) -> NDArray[np.int64]:
        return np.array([builder.add(_ways(name, origin, spellings)) for name in entries], dtype=np.int64)

    women, men, families = lists
    if origin.tradition == "father":
        families = {}
    # The register counts the forms of women and men apart, so both are in the list as they are borne.
    family = places(families)
    return Pool(
        (places(women), places(men)),
        (_shares(women), _shares(men)),
        np.column_stack([family, family]).reshape(-1, 2),
        _shares(families),
    )


def _ways(name: str, origin: Origin, spellings: dict[str, list[str]]) -> Sequence[str]:
    """List the spellings of a name: those of the tables, or those that it may be heard as."""
    group = spellings.get(name.lower(), []) if origin.code != "swedish" else []
    others = [_capitalised(other) for other in group if other != name.lower()]
    return [name, *others] if others else heard(name)


def _shares(entries: Entries) -> NDArray[np.float64]:
    counts = np.array(list(entries.values()), dtype=np.float64)
    return counts / counts.sum() if counts.size else counts


def _capitalised(name: str) -> str:
    return "-".join(" ".join(word.capitalize() for word in part.split(" ")) for part in name.split("-"))
