"""What a record takes on the wire, column by column, and how many match keys true pairs share.

A content can be opened under its own match key only, so a pair that meets under one key is compared by that key's
content or not at all. The second figure says how many pairs codes without contents would lose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from benchmarks.keys import fixed_key_text
from benchmarks.population import CODEBOOK, make_population, make_reports
from benchmarks.speed.run import REFERENCE_DATE
from pseudonym import load_codebook, load_profile
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_submission
from pseudonym.wire.schema import code_columns

__all__ = ["describe_keys", "measure_wire"]

CASES: Final = "case rows"
OTHER: Final = "other"
"""What is neither in a case row nor in a column of codes: columns without values, page headers and the footer."""

MANY: Final = 4
"""Pairs that share as many keys or more are counted together."""


def measure_wire(profile: str, persons: int, folder: Path, *, seed: int) -> dict[str, Any]:
    """Encode the files of synthetic reporters, and measure bytes and shared match keys.

    Args:
        profile: Name of a profile.
        persons: Number of persons.
        folder: Where the submissions go.
        seed: Seed of the population.

    Returns:
        The number of records, the bytes of a record by column, and what `describe_keys` returns.
    """
    key = LinkageKey.parse(fixed_key_text("speed"))
    n_bytes: Counter[str] = Counter()
    people: dict[int, list[frozenset[bytes]]] = {}
    n_records = 0
    for name, one in make_reports(make_population(persons, seed=seed), seed=seed).items():
        path = folder / f"{name}.parquet"
        encoder = Encoder(key, reporter=name, profile=profile, codebook=CODEBOOK, reference_date=REFERENCE_DATE)
        encoder.write(path, one.table, sequence=1, on_fault="ignore")
        n_bytes += column_bytes(path)
        person = dict(zip(one.table["record_id"].to_pylist(), one.person.tolist(), strict=True))
        for record_id, keys in match_keys(path, profile).items():
            people.setdefault(person[record_id], []).append(keys)
            n_records += 1
    shared = [len(a & b) for records in people.values() for a, b in combinations(records, 2)]
    return {
        "records": n_records,
        "bytes_a_record": {column: round(found / n_records, 1) for column, found in sorted(n_bytes.items())},
        "bytes": round(n_bytes.total() / n_records),
    } | describe_keys(shared)


def describe_keys(shared: Sequence[int]) -> dict[str, Any]:
    """Return how many match keys the records of a person share.

    Args:
        shared: For each pair of records of one person the number of match keys that both have.

    Returns:
        `pairs`, those that meet; `by_keys`, the share of these by the number of keys, the last one being that of
        `MANY` or more; `without_content`, the share that would meet under keys without contents alone, if every second
        key had none.
    """
    met = [number for number in shared if number]
    counts = Counter(min(number, MANY) for number in met)
    return {
        "pairs": len(met),
        "by_keys": {str(number): round(counts[number] / len(met), 4) for number in range(1, MANY + 1)},
        "without_content": round(sum(0.5**number for number in met) / len(met), 4),
    }


def column_bytes(path: Path) -> Counter[str]:
    """Return the bytes of each column of codes, of all case rows, and of what else a submission has."""
    metadata, found = pq.read_metadata(path), Counter[str]()
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        for column in map(group.column, range(group.num_columns)):
            name = column.path_in_schema if column.path_in_schema in code_columns() else OTHER
            found[name if index % 2 else CASES] += column.total_compressed_size
    found[OTHER] += path.stat().st_size - found.total()
    return found


def match_keys(path: Path, profile: str) -> dict[str, frozenset[bytes]]:
    """Return the match keys of each record, by its id, with their kinds."""
    submission = read_submission(path, profile=load_profile(profile), codebook=load_codebook(CODEBOOK))
    found: dict[bytes, set[bytes]] = {handle: set() for handle in submission.cases["record"].to_pylist()}
    codes = (submission.codes[name].to_pylist() for name in ("record", "kind", "match_key"))
    for handle, kind, match_key in zip(*codes, strict=True):
        found[handle].add(bytes([kind]) + match_key)
    ids = submission.cases["record_id"].to_pylist()
    return {record_id: frozenset(keys) for record_id, keys in zip(ids, found.values(), strict=True)}
