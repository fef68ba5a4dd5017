"""The words of a receipt in both languages."""

from __future__ import annotations

import re

import pytest

from linkage.answers.receipt_text import MAX_IDS, receipt_text
from linkage.answers.receipt_words import LANGUAGES, REMEDIES, SWEDISH_RULES, WORDS, remedy, rule_sentence
from linkage.answers.reporter_receipt import RefusedRows, ReporterReceipt
from pseudonym.faults import RULES
from pseudonym.wire import RESERVED


def test_both_languages_fill_in_the_same() -> None:
    for words in (*WORDS.values(), *REMEDIES.values()):
        assert sorted(re.findall(r"{\w*}", words.en)) == sorted(re.findall(r"{\w*}", words.sv))
        assert words.en != words.sv


def test_every_rule_that_the_registry_applies_has_a_swedish_sentence() -> None:
    assert set(SWEDISH_RULES) <= set(RULES)
    # Whether an id is an identity, and when somebody was born, only the reporter can tell.
    heads = ("record_id", *RESERVED, "payload", "codes")
    broken = {
        rule for rule in RULES if rule.split(".")[0] in heads and not rule.endswith((".is_identity", ".before_birth"))
    }
    assert broken == set(SWEDISH_RULES)
    assert rule_sentence("role.unknown", "sv").startswith("En roll")
    assert rule_sentence("number.form", "sv") == RULES["number.form"]
    assert rule_sentence("role.unknown") == RULES["role.unknown"]


def test_every_refusal_has_a_remedy() -> None:
    assert remedy("submission.content").startswith("Write the file again")
    assert remedy("submission.content", "sv").startswith("Skriv filen på nytt")
    assert "newest codebook" in remedy("submission.codebook_ended")
    assert remedy("submission.sequence_used", "sv").startswith("Koda på nytt")


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_lists_of_ids_are_cut(language: str) -> None:
    ids = tuple(f"id-{n:03d}" for n in range(MAX_IDS + 5))
    receipt = ReporterReceipt(
        reporter="police",
        kind="delivery",
        period=None,
        sequence=1,
        outcome="stored",
        received_at="2026-04-02T12:00:00+00:00",
        records=30,
        refused=(RefusedRows(rule="role.unknown", sentence="", rows=len(ids) + 2, record_ids=ids),),
        key_id="0" * 32,
        epoch=1,
    )
    text = receipt_text(receipt, language)
    assert ids[MAX_IDS - 1] in text
    assert ids[MAX_IDS] not in text
    assert {"en": "and 5 more", "sv": "och 5 till"}[language] in text
    assert {"en": "2 without an id", "sv": "2 utan ett id"}[language] in text
    assert text.startswith("Receipt linkage-receipt/1 / Kvitto: police\n")
    assert receipt.to_dict()["refused"][0]["record_ids"] == list(ids)
