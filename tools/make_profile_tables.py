"""Make the tables that a profile ships: how distances fall for pairs of different persons (u) and of one person (m).

The registry cannot learn u: two random records share no match key, so it never sees them compared. Here they are
compared: under a copy of the profile whose only match key is empty, all records share it, and many keys in turn average
out the chance of the hash functions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.keys import fixed_key_text
from benchmarks.quality.datasets import Dataset, synthetic
from linkage.linking.compare import compare, levels
from linkage.linking.patterns import SWAPPED_FIELD, level_count
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import FieldTable, Profile, load_profile, parse_profile, profile_names
from pseudonym.wire import fixed_column

__all__ = ["first_values", "levels_of", "make_linking", "open_profile", "write_tables"]

N_KEYS: Final = 20
"""Keys over which the chance of the hash functions is averaged."""

SMOOTHING: Final = 0.5
"""Pseudo-count a level, so that nothing is impossible (Jeffreys)."""

ERROR_LEVEL: Final = "middle"

NAME_STEPS: Final = (0.40625, 0.328125, 0.265625, 0.2109375, 0.15625, 0.1015625, 0.0078125)
"""Edges of a filter as shares of its bits, chosen on the prototypes' eight levels; the last one means equal."""

EDGES: Final[dict[str, tuple[float, ...]]] = {
    "birth_year": (7.5, 5.5, 4.0, 2.5, 0.5),
    "birth_month": (1.0, 0.0),
    "birth_day": (1.0, 0.0),
    "serial": (2.0, 1.0, 0.0),
    "sex": (0.0,),
    "swapped": (),
}
SWAP_MARGIN_SHARE: Final = 0.25
"""A pair is swapped when this shows up in the differences of the name segments, as a share of a segment's bits."""

PRIOR_STRENGTH: Final = 20.0
"""Matches that the shipped m tables count for when the registry fits its own."""

MATCH_PRIOR: Final = 0.1
"""Matches a record of the smaller of two bodies, before anything is seen: they link because they share persons."""


def write_tables(*, n_persons: int, n_pairs: int, seed: int) -> Iterator[Path]:
    """Make the tables of every profile that ships and write them into its document.

    Args:
        n_persons: Persons of the synthetic population.
        n_pairs: Random pairs of different persons.
        seed: Seed of the population and of the pairs.

    Yields:
        The path of each profile written.
    """
    records = first_values(synthetic(n_persons, level=ERROR_LEVEL, seed=seed))
    source = f"python -m benchmarks.quality tables --persons {n_persons} --pairs {n_pairs} --seed {seed}"
    for name in profile_names():
        profile = load_profile(name)
        linking = make_linking(profile, records, n_pairs=n_pairs, seed=seed)
        path = Path(str(resources.files("pseudonym").joinpath("profiles", f"{name}.json")))
        document = json.loads(path.read_text(encoding="utf-8"))
        document["linking"] = {"source": source, **linking}
        path.write_text(parse_profile(json.dumps(document)).to_json(), encoding="utf-8", newline="\n")
        yield path


def make_linking(profile: Profile, records: list[tuple[str, Record]], *, n_pairs: int, seed: int) -> dict[str, object]:
    """Make the linking section of a profile.

    Args:
        profile: The profile.
        records: Persons and their records, of all bodies.
        n_pairs: Random pairs of different persons.
        seed: Seed of the random pairs.

    Returns:
        The section but for its source.
    """
    opened = open_profile(profile)
    tables = _empty_tables(profile)
    counts = {"m": _zeros(tables), "u": _zeros(tables)}
    persons = pd.Series([person for person, _ in records])
    matches = np.array([pair for rows in persons.groupby(persons).indices.values() for pair in combinations(rows, 2)])
    rng = np.random.default_rng(seed)
    for index in range(N_KEYS):
        encoder = Encoder(LinkageKey.parse(fixed_key_text(f"{seed}.{index}")), reporter="tables", profile=opened)
        content = np.concatenate(
            [batch.codes.content[:, 0] for batch in encoder.batches([record for _, record in records])]
        )
        random_pairs = rng.integers(0, len(records), (n_pairs // N_KEYS, 2))
        different = persons.to_numpy()[random_pairs[:, 0]] != persons.to_numpy()[random_pairs[:, 1]]
        for kind, pairs in (("m", matches), ("u", random_pairs[different])):
            _add(counts[kind], levels_of(content, pairs, profile=profile, tables=tables))
    for place, table in enumerate(tables):
        if table.field == "serial":
            counts["u"][place] = _serial_shares(profile) * counts["u"][place].sum()
    return {
        "fields": [
            {"field": table.field, "edges": table.edges, "u": _shares(u), "m": _shares(m)}
            for table, u, m in zip(tables, counts["u"], counts["m"], strict=True)
        ],
        "swap_margin": _swap_margin(profile),
        "prior_strength": PRIOR_STRENGTH,
        "match_prior": MATCH_PRIOR,
    }


def first_values(dataset: Dataset) -> list[tuple[str, Record]]:
    """Return the records of all bodies with the first value of each field: one content is compared with one.

    Args:
        dataset: The data set.

    Returns:
        Persons and their records.
    """
    person = dataset.truth.set_index(["reporter", "record_id"])["person"]
    fields = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")
    records = []
    for body, frame in dataset.bodies.items():
        for row in frame.to_dict("records"):
            values = {name: row[name] for name in fields if isinstance(row.get(name), str)}
            # Bodies may use one id twice; the encoder asks for distinct ones.
            record_id = f"{body}:{row['record_id']}"
            records.append((person[body, row["record_id"]], Record(record_id, **values)))
    return records


def open_profile(profile: Profile) -> Profile:
    """Copy a profile with one match key that all records share.

    Args:
        profile: The profile.
    """
    document = json.loads(profile.to_json())
    document["name"] = "tables"
    document["encoding"]["match_keys"] = [{"kind": "everybody", "parts": [], "codes": 1}]
    document.pop("linking", None)
    return parse_profile(json.dumps(document))


def _empty_tables(profile: Profile) -> tuple[FieldTable, ...]:
    """Return tables with the edges of each comparison field and even probabilities."""
    edges = {place.field: _edges(place.field, place.n_bits, form=place.form) for place in profile.encoding.layout}
    if {"given_names", "family_names"} <= set(edges):
        edges[SWAPPED_FIELD] = ()
    tables = []
    for field, steps in edges.items():
        even = (1 / level_count(field, steps),) * level_count(field, steps)
        tables.append(FieldTable(field=field, edges=steps, u=even, m=even))
    return tuple(tables)


def _edges(field: str, n_bits: int, *, form: str) -> tuple[float, ...]:
    return EDGES[field] if field in EDGES else tuple(step * n_bits for step in NAME_STEPS)


def _swap_margin(profile: Profile) -> float:
    widths = [place.n_bits for place in profile.encoding.layout if place.field == "given_names"]
    return SWAP_MARGIN_SHARE * widths[0] if widths else 0.0


def levels_of(
    content: NDArray[np.uint8], pairs: NDArray[np.int64], *, profile: Profile, tables: tuple[FieldTable, ...]
) -> NDArray[np.int8]:
    """Compare pairs of contents of one shared match key.

    Args:
        content: (n, content_bytes) uint8.
        pairs: (p, 2) rows of the contents.
        profile: The profile that the contents are of.
        tables: A table for each field.

    Returns:
        (p, f) int8, as `linkage.linking.compare.levels` gives them.
    """
    ordered, place = np.unique(np.sort(pairs, axis=1).reshape(-1, 2), axis=0, return_inverse=True)
    first, second = ordered.T
    columns = {
        "a": pa.array(first),
        "b": pa.array(second),
        "kind": pa.array(np.zeros(len(first), np.uint8)),
        "key": pa.array(np.zeros(len(first), np.uint64)),
        "content_a": fixed_column(content[first]),
        "content_b": fixed_column(content[second]),
    }
    batch = pa.RecordBatch.from_pydict(columns)
    return levels(compare(batch, profile.encoding.layout, swap_margin=_swap_margin(profile)), tables)[place.ravel()]


def _serial_shares(profile: Profile) -> NDArray[np.float64]:
    """Compute u of the serial from digits that are drawn evenly.

    The synthetic population uses only the serials from 980 to 999, which are kept for tests, so it cannot show how
    serials differ.
    """
    (segment,) = (segment for segment in profile.encoding.segments if segment.field == "serial")
    n_slots = segment.slots or 1
    differs = 0.9 * (1 - 2.0**-segment.bits)
    shares = [comb(n_slots, k) * differs**k * (1 - differs) ** (n_slots - k) for k in range(n_slots + 1)]
    edges = EDGES["serial"]
    return np.array([sum(shares[int(edges[0]) + 1 :]), *(shares[int(edge)] for edge in edges)])


def _zeros(tables: tuple[FieldTable, ...]) -> list[NDArray[np.float64]]:
    return [np.zeros(len(table.u)) for table in tables]


def _add(counts: list[NDArray[np.float64]], found: NDArray[np.int8]) -> None:
    for column, count in enumerate(counts):
        present = found[:, column][found[:, column] >= 0]
        count += np.bincount(present, minlength=len(count))


def _shares(counts: NDArray[np.float64]) -> list[float]:
    smoothed = counts + SMOOTHING
    return [float(f"{share:.9g}") for share in smoothed / smoothed.sum()]
