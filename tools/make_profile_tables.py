"""Make the tables of u and m that the profiles ship: `python -m tools.make_profile_tables`.

u and m are the probabilities of each level of agreement for pairs of different persons and of one person
[Fellegi1969]. The registry cannot learn u: two random records share no match key, so it never compares them. Here all
records share one empty match key, and many linkage keys average out the chance of the hash functions. Both tables come
from a synthetic population, so the extra `benchmarks` is needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray

from benchmarks.keys import fixed_key_text
from benchmarks.quality.data.datasets import Dataset, synthetic
from benchmarks.quality.studies.field_tables import (
    ERROR_LEVEL,
    MATCH_PRIOR,
    PRIOR_STRENGTH,
    SMOOTHING,
    even_tables,
    levels_of,
    open_profile,
    swap_margin,
)
from linkage.linking.patterns import NAME_PAIR_FIELD, SWAPPED_FIELD
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import FieldTable, Profile, load_profile, parse_profile, profile_names

__all__ = ["first_values", "make_linking", "write_tables"]

COMMAND: Final = "python -m tools.make_profile_tables"

N_KEYS: Final = 20
"""Number of linkage keys over which the chance of the hash functions is averaged."""

NAME_STEPS: Final = (0.40625, 0.328125, 0.265625, 0.2109375, 0.15625, 0.1015625, 0.0078125)
"""Edges of a Bloom filter as shares of its bits, chosen on prototypes with eight levels; the last one means equal."""

EDGES: Final[dict[str, tuple[float, ...]]] = {
    "birth_year": (7.5, 5.5, 4.0, 2.5, 0.5),
    "birth_month": (1.0, 0.0),
    "birth_day": (1.0, 0.0),
    "serial": (2.0, 1.0, 0.0),
    "sex": (0.0,),
    "swapped": (),
}


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
    source = f"{COMMAND} --persons {n_persons} --pairs {n_pairs} --seed {seed}"
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
        records: Persons and their records, from all reporters.
        n_pairs: Random pairs of different persons.
        seed: Seed of the random pairs.

    Returns:
        The section without its source.
    """
    opened = open_profile(profile)
    tables = _even_tables(profile)
    counts = {"m": _zeros(tables), "u": _zeros(tables)}
    persons = pd.Series([person for person, _ in records])
    matches = np.array([pair for rows in persons.groupby(persons).indices.values() for pair in combinations(rows, 2)])
    rng = np.random.default_rng(seed)
    for index in range(N_KEYS):
        encoder = Encoder(
            LinkageKey.parse(fixed_key_text(f"{seed}.{index}")), reporter="tables", profile=opened, keep_empty=True
        )
        content = np.concatenate(
            [batch.codes.content[:, 0] for batch in encoder.batches([record for _, record in records])]
        )
        random_pairs = rng.integers(0, len(records), (n_pairs // N_KEYS, 2))
        different = persons.to_numpy()[random_pairs[:, 0]] != persons.to_numpy()[random_pairs[:, 1]]
        for kind, pairs in (("m", matches), ("u", random_pairs[different])):
            _add(counts[kind], levels_of(content, pairs, profile=profile, tables=tables))
    for column, table in enumerate(tables):
        if table.field == "serial":
            counts["u"][column] = _serial_shares(profile) * counts["u"][column].sum()
    return {
        "fields": [
            {"field": table.field, "edges": table.edges, "u": _shares(u), "m": _shares(m)}
            for table, u, m in zip(tables, counts["u"], counts["m"], strict=True)
        ],
        "swap_margin": swap_margin(profile),
        "prior_strength": PRIOR_STRENGTH,
        "match_prior": MATCH_PRIOR,
    }


def first_values(dataset: Dataset) -> list[tuple[str, Record]]:
    """Return the records of all reporters with the first value of each field only, so that each has a single content.

    Args:
        dataset: The data set.

    Returns:
        Persons and their records.
    """
    person = dataset.truth.set_index(["reporter", "record_id"])["person"]
    fields = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")
    records = []
    for reporter, frame in dataset.reporters.items():
        for row in frame.to_dict("records"):
            values = {name: row[name] for name in fields if isinstance(row.get(name), str)}
            # Two reporters may use the same id, and the encoder needs distinct ones.
            record_id = f"{reporter}:{row['record_id']}"
            records.append((person[reporter, row["record_id"]], Record(record_id, **values)))
    return records


def _even_tables(profile: Profile) -> tuple[FieldTable, ...]:
    """Return tables with the edges of each comparison field and even probabilities."""
    places = [place for place in profile.encoding.layout if place.field != NAME_PAIR_FIELD]
    edges = {place.field: _edges(place.field, place.n_bits) for place in places}
    if {"given_names", "family_names"} <= set(edges):
        edges[SWAPPED_FIELD] = ()
    return even_tables(edges.items())


def _edges(field: str, n_bits: int) -> tuple[float, ...]:
    return EDGES[field] if field in EDGES else tuple(step * n_bits for step in NAME_STEPS)


def _serial_shares(profile: Profile) -> NDArray[np.float64]:
    """Compute u of the serial from evenly distributed digits.

    The synthetic population uses only the serials 980 to 999, which are reserved for tests, so it cannot show how
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


def main(
    persons: Annotated[int, typer.Option(help="Persons of the synthetic population.")] = 20000,
    pairs: Annotated[int, typer.Option(help="Random pairs of different persons.")] = 4_000_000,
    seed: Annotated[int, typer.Option(help="Seed of the population and the pairs.")] = 1,
) -> None:
    """Make the tables of u and m from the synthetic population and write them into the profiles that ship."""
    for path in write_tables(n_persons=persons, n_pairs=pairs, seed=seed):
        typer.echo(f"Written: {path}")


if __name__ == "__main__":
    typer.run(main)
