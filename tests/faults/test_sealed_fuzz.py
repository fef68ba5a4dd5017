"""Whatever is done to a sealed file, both units refuse it with a rule, in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.faults.sealed_fuzz import OPENERS, ORIGINALS, REPORTER, accepted
from tests.paths import ROOT

RULES = {
    *("sealed.content", "sealed.digest", "sealed.header", "sealed.key", "sealed.length", "sealed.not_one"),
    *("sealed.other_unit", "sealed.recipient", "sealed.signature", "sealed.signer", "sealed.spec", "sealed.suite"),
}


def test_altered_files_are_refused() -> None:
    assert accepted(60) == []


@pytest.mark.whole
def test_more_altered_files_are_refused_each_by_a_rule_of_its_own() -> None:
    refused: Counter[str] = Counter()
    assert accepted(600, seed=2, refused=refused) == []
    assert refused.keys() <= RULES
    # Otherwise the alterations would be of one kind.
    assert len(refused) >= 8


@pytest.mark.slow
def test_twelve_thousand_altered_files_are_refused_in_little_memory() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.sealed_fuzz", "12000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(run.stdout)
    assert (found["files"], found["accepted"]) == (12_000, [])
    assert found["refused"].keys() <= RULES
    assert found["megabytes"] < 64


def test_the_files_are_opened_as_they_are(tmp_path) -> None:
    from pseudonym.wire.sealed import open_part

    for data in ORIGINALS.values():
        (tmp_path / "sealed").write_bytes(data)
        with open_part(tmp_path / "sealed", signer=REPORTER.public, opener=OPENERS["statistics"], folder=tmp_path):
            pass
