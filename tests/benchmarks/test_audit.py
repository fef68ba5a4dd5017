"""Precision and recall of the repeats that `pseudonym check` finds, on synthetic case files with known truth."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.keys import fixed_key_text
from benchmarks.population.__main__ import main as make_people
from pseudonym import load_profile
from pseudonym.audit import audit
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey

pytestmark = pytest.mark.whole

REPORTERS = ("police", "school", "shelter", "social_services")


def test_most_repeats_are_found_and_few_others(tmp_path: Path) -> None:
    # The figures are quoted in docs/limitations.md and beside `repeats.MANY`.
    make_people(out=tmp_path, persons=1000, seed=1)
    with (tmp_path / "truth.csv").open(encoding="utf-8", newline="") as file:
        person = {(row["reporter"], row["record_id"]): row["person"] for row in csv.DictReader(file)}
    key = LinkageKey.parse(fixed_key_text("audit"))
    found = right = true = 0
    for reporter in REPORTERS:
        encoder = Encoder(key, reporter=reporter, keep_empty=True)
        encoder.write(tmp_path / "out", tmp_path / f"{reporter}.csv", on_fault="ignore")
        seen = audit(tmp_path / "out", profile=load_profile("case-registry"), codebook=None)
        assert seen.repeated_pairs == len(seen.listed)
        found += seen.repeated_pairs
        right += sum(person[reporter, one or ""] == person[reporter, other or ""] for one, other in seen.listed)
        true += sum(n * (n - 1) // 2 for n in Counter(p for (b, _), p in person.items() if b == reporter).values())
    print(f"found {right} of {true} pairs of one person, {found - right} of two")
    assert right > 0.85 * true
    assert right > 0.98 * found
