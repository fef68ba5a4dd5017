"""The encoder, which works on whole arrays, gives the bits of its slow twin, which goes code by code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import resources

import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.keys import fixed_key_text
from benchmarks.population import make_population, make_reports
from pseudonym import profile_names
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from tests.vectors import reading, reference

REFERENCE = date(2026, 1, 1)
FIELDS = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")


@cache
def _rows() -> list[dict[str, str | None]]:
    reports = make_reports(make_population(1000, seed=3), seed=3)
    return [row for one in reports.values() for row in one.table.to_pylist()]


def _records(n: int) -> list[Record]:
    """Take records of all reporters, every tenth of them with a second identity."""
    rows = _rows()[:: len(_rows()) // n][:n]
    records = [Record(f"r-{place}", **{name: row.get(name) for name in FIELDS}) for place, row in enumerate(rows)]
    for place in range(0, n, 10):
        other = records[(place + 7) % n]
        several = {name: (getattr(records[place], name), getattr(other, name)) for name in FIELDS[:-1]}
        records[place] = replace(records[place], **several)
    return records


@pytest.mark.whole
@pytest.mark.parametrize("n", [2, 8])
@pytest.mark.parametrize("name", profile_names())
def test_codes_are_those_of_the_slow_twin(name: str, n: int) -> None:
    profile = json.loads(resources.files("pseudonym").joinpath("profiles", f"{name}.json").read_text(encoding="utf-8"))
    keys = reference.Keys.derive(hashlib.sha256(b"twin").digest(), "benchmark", 1, profile)
    records = _records(n)
    encoder = Encoder(
        LinkageKey.parse(fixed_key_text("twin")),
        reporter="twin",
        profile=name,
        reference_date=REFERENCE,
        keep_empty=True,
    )
    (batch,) = encoder.batches(records)
    assert len(batch.record_ids) >= 0.9 * n
    by_id = {record.record_id: record for record in records}
    for place, record_id in enumerate(batch.record_ids):
        record = by_id[record_id]
        values = {field: getattr(record, field) for field in FIELDS}
        slow = reference.codes(reading.Record(record_id, **values), profile, keys, "twin", REFERENCE)
        codes = (column[place] for column in (batch.codes.kind, batch.codes.match_key, batch.codes.content))
        fast = [(int(kind), key.tobytes(), content.tobytes()) for kind, key, content in zip(*codes, strict=True)]
        assert fast == [(code.kind, code.match_key, code.content) for code in slow]
