"""Receiving: which submissions are refused, which version of a record is current, and what receipts contain."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from linkage.errors import NotErasedError, RefusedError, RegistryBusy, RegistryKeyError, SettingsError
from linkage.intake import Receipt
from linkage.intake.ledger import FUTURE, PREVIOUS_MISSING
from linkage.keys import RegistryKey, StatisticsKey
from linkage.linkage_unit.pairs import read_records
from linkage.linkage_unit.rekey import rekey
from linkage.pipeline import Registry
from linkage.reading import Expected, verify
from pseudonym.codebook import load_codebook, parse_codebook
from pseudonym.profile import load_profile
from pseudonym.wire import fixed_bytes, open_submission, read_submission
from tests.unit.codebooks import book_of
from tests.unit.linkage.helpers import (
    IDENTITY,
    KEY_ID,
    OTHER_KEY_ID,
    OTHER_PROFILE,
    PROFILE,
    UNGUARDED,
    Rec,
    crowd,
    dump,
    header_digest,
    plain_codes,
    registry_bytes,
    send,
)

# Together these take too long for the quick run.
pytestmark = pytest.mark.whole

BOOK = load_codebook("case-registry")

TABLES = ("submissions", "records", "codes", "nonces", "cases", "reports", "history", "quarantine", "meta")
OF_LINKAGE = ("linkage.submissions", "linkage.records", "linkage.meta")


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


def counts(registry: Registry) -> dict[str, int]:
    return {table: len(rows) for table, rows in everything(registry).items() if table in TABLES}


def everything(registry: Registry) -> dict[str, list[tuple]]:
    return {table: sorted(dump(registry, f"SELECT * FROM {table}"), key=repr) for table in (*TABLES, *OF_LINKAGE)}


def current(registry: Registry) -> list[tuple]:
    """Return the current version of each record with its plain codes and payload, without rids and times."""
    codes = defaultdict(list)
    for *key, rid, content in plain_codes(registry):
        codes[rid].append((*key, content))
    found = dump(
        registry,
        """
        SELECT rid, reporter, record_id, sequence, digest, case_id, role, report_id, status, payload
        FROM records JOIN cases USING (rid) JOIN reports USING (rid) ORDER BY reporter, record_id
        """,
    )
    return [(*row, codes[rid]) for rid, *row in found]


# Creating a registry.


def test_create_makes_a_registry_and_its_keys(tmp_path):
    made = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    keys = ["r.duckdb.key", "r.duckdb.statistics.key"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["r.duckdb", *keys]
    assert sorted(entry.name for entry in made.path.iterdir()) == ["linkage.duckdb", "statistics.duckdb"]
    assert [made.registry_key, made.statistics_key] == [tmp_path / key for key in keys]
    opened = Registry.open(tmp_path / "r.duckdb")
    assert opened.settings.profile == PROFILE
    assert opened.summary().key_id is None


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"profile": "none-such"}, "profile.unknown"),
        ({"profile": UNGUARDED}, "registry.unguarded"),
        ({"profile": UNGUARDED, "allow_unguarded": "  "}, "registry.unguarded"),
        ({"profile": "clk"}, "registry.unguarded"),
        ({"profile": PROFILE, "allow_unguarded": "why not"}, "registry.guarded"),
        ({"profile": PROFILE, "key_id": "12"}, "registry.key_id"),
        ({"profile": PROFILE, "key_id": KEY_ID.upper()}, "registry.key_id"),
    ],
)
def test_settings_that_are_refused_leave_nothing(tmp_path, options, rule):
    with pytest.raises(SettingsError) as caught:
        Registry.create(tmp_path / "r.duckdb", **options)
    assert caught.value.rule == rule
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_codebook_is_refused(tmp_path):
    with pytest.raises(SettingsError):
        Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=tmp_path / "none.json")
    assert list(tmp_path.iterdir()) == []


def test_an_override_is_recorded(tmp_path):
    Registry.create(tmp_path / "r.duckdb", profile=UNGUARDED, allow_unguarded="research on synthetic records")
    assert Registry.open(tmp_path / "r.duckdb").status().unguarded_reason == "research on synthetic records"


def test_shipped_profiles_come_back_from_the_file(tmp_path):
    Registry.create(tmp_path / "r.duckdb", codebook="case-registry")
    settings = Registry.open(tmp_path / "r.duckdb").settings
    assert settings.profile == load_profile("case-registry")
    assert settings.codebook == BOOK


def test_the_registry_key_may_be_elsewhere(tmp_path, monkeypatch):
    place = tmp_path / "safe" / "key"
    place.parent.mkdir()
    Registry.create(tmp_path / "r.duckdb", profile=PROFILE, registry_key=place)
    sent = send(tmp_path / "a.parquet", "a", 1, crowd("a", [1]))
    assert not (tmp_path / "r.duckdb.key").exists()
    with pytest.raises(RegistryKeyError):
        Registry.open(tmp_path / "r.duckdb").receive(sent)
    assert Registry.open(tmp_path / "r.duckdb", registry_key=place).receive(sent).new == 1
    monkeypatch.setenv("LINKAGE_REGISTRY_KEY", str(place))
    assert Registry.open(tmp_path / "r.duckdb").receive(sent).outcome == "already received"


def test_a_key_of_another_registry_is_refused_before_anything_is_stored(tmp_path, registry):
    other = Registry.create(tmp_path / "other.duckdb", profile=PROFILE)
    before = everything(registry)
    wrong = Registry.open(registry.path, registry_key=other.registry_key)
    with pytest.raises(RegistryKeyError) as caught:
        wrong.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", [1])))
    assert caught.value.rule == "registry_key.other"
    assert everything(registry) == before


def test_the_registry_file_does_not_contain_the_registry_key(tmp_path, registry):
    registry.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", range(50))))
    text = registry.registry_key.read_text().splitlines()[-1].split(".")[1]
    data = registry_bytes(registry)
    import base64

    secret = base64.b32decode(text + "====")
    assert len(secret) == 32
    for shape in (secret, secret.hex().encode(), text.encode(), base64.b64encode(secret)):
        assert shape not in data


# What a submission stores.


def test_a_submission_is_stored_with_all_that_belongs_to_it(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=BOOK)
    item = BOOK.item_names[0]
    code = json.loads(BOOK.to_json())["items"]
    code = next(entry for entry in code if entry["name"] == item)["codes"][0]["code"]
    values = {"case_id": "C1", "role": "victim", "report_id": "R1", "event_date": "2026", "status": "suspected"}
    values |= {"case_state": "closed", "discovered_on": "2026-02", "outcome_date": "2026-04"}
    records = [Rec("x", 1, values, {item: code}), Rec("y", 2)]
    receipt = registry.receive(send(tmp_path / "a.parquet", "a", 7, records, codebook=BOOK))
    shown = {"codebook": "case-registry 2", "fixed_key_id": True}
    assert receipt == Receipt(outcome="stored", reporter="a", period="2026-03", sequence=7, records=2, new=2, **shown)
    assert dump(registry, "SELECT rid, reporter, record_id, sequence, submission FROM records ORDER BY rid") == [
        (1, "a", "x", 7, 1),
        (2, "a", "y", 7, 1),
    ]
    assert dump(registry, "SELECT * FROM cases ORDER BY rid") == [(1, "C1", "victim"), (2, None, None)]
    assert dump(registry, "SELECT * FROM reports ORDER BY rid") == [
        (1, "R1", "2026", None, "suspected", "closed", "2026-02", "2026-04", {item: code}, 1),
        (2, *[None] * 7, {}, 1),
    ]
    assert dump(registry, "SELECT rid, kind, count(*) FROM coded GROUP BY ALL ORDER BY ALL") == [
        (1, 0, 1),
        (1, 1, 2),
        (2, 0, 1),
        (2, 1, 2),
    ]


def test_stored_codes_are_not_the_ones_that_were_sent(tmp_path, registry):
    path = send(tmp_path / "a.parquet", "a", 1, crowd("a", range(20)))
    registry.receive(path)
    sent = read_submission(path, profile=PROFILE, codebook=None).codes
    data = registry_bytes(registry)
    assert len(sent) == 60
    for column in ("match_key", "content"):
        assert not any(value in data for value in sent[column].to_pylist())


def test_records_of_one_persona_share_their_keys_in_the_registry(tmp_path, registry):
    registry.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", [1, 2])))
    registry.receive(send(tmp_path / "b.parquet", "b", 1, crowd("b", [2, 3])))
    contents = defaultdict(list)
    for *key, _, content in plain_codes(registry):
        contents[tuple(key)].append(content)
    shared = [found for found in contents.values() if len(found) > 1]
    assert [(len(found), len(set(found))) for found in shared] == [(2, 1)] * 3


# Refused submissions.


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("submission.profile", {"profile": OTHER_PROFILE}),
        ("submission.codebook", {"codebook": BOOK}),
        ("submission.key_id", {"key_id": OTHER_KEY_ID}),
        ("submission.epoch", {"epoch": 2}),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_stored(tmp_path, registry, rule, options):
    registry.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", [1])))
    before = everything(registry)
    with pytest.raises(RefusedError) as caught:
        registry.receive(send(tmp_path / "b.parquet", "b", 1, crowd("b", [1]), **options))
    assert caught.value.rule == rule
    assert caught.value.path == tmp_path / "b.parquet"
    assert everything(registry) == before


def test_another_codebook_is_refused(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=BOOK)
    document = json.loads(BOOK.to_json())
    other = parse_codebook(json.dumps(document | {"version": "another"}))
    with pytest.raises(RefusedError) as caught:
        registry.receive(send(tmp_path / "a.parquet", "a", 1, [Rec("x", 1)], codebook=other))
    assert caught.value.rule == "submission.codebook"
    assert counts(registry)["records"] == 0


def test_a_key_id_given_at_the_start_holds_from_the_first_submission(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, key_id=OTHER_KEY_ID)
    with pytest.raises(RefusedError):
        registry.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", [1])))
    registry.receive(send(tmp_path / "b.parquet", "a", 1, crowd("a", [1]), key_id=OTHER_KEY_ID, epoch=3))
    found = registry.summary()
    assert (found.key_id, found.key_id_fixed_by, registry.status().epoch) == (OTHER_KEY_ID, "option", 3)


def test_the_first_submission_fixes_the_key_id(tmp_path, registry):
    receipts = [registry.receive(send(tmp_path / "p", "a", number, crowd("a", [number]))) for number in (1, 2)]
    assert [receipt.fixed_key_id for receipt in receipts] == [True, False]
    found = registry.summary()
    assert (found.key_id, found.key_id_fixed_by, registry.status().epoch) == (KEY_ID, "first submission", 1)


@pytest.mark.parametrize("place", ["start", "middle", "end", "cut", "empty", "text", "missing", "folder"])
def test_a_damaged_file_is_refused_whole(tmp_path, registry, place):
    path = send(tmp_path / "a.parquet", "a", 1, crowd("a", range(30)))
    data = bytearray(path.read_bytes())
    spots = {"start": 40, "middle": len(data) // 2, "end": len(data) - 300}
    if place in spots:
        data[spots[place]] ^= 0x10
    path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "text": b"a,b\n"}.get(place, data))
    if place in {"missing", "folder"}:
        path.unlink()
    if place == "folder":
        path.mkdir()
    before = everything(registry)
    with pytest.raises(RefusedError) as caught:
        registry.receive(path)
    assert caught.value.rule.startswith("submission.")
    assert everything(registry) == before


def test_the_same_submission_twice_changes_nothing_and_says_so(tmp_path, registry):
    path = send(tmp_path / "a.parquet", "a", 1, crowd("a", range(5)))
    registry.receive(path)
    before = everything(registry)
    assert registry.receive(path).outcome == "already received"
    assert everything(registry) == before


def test_the_same_rows_made_again_are_the_same_submission(tmp_path, registry):
    registry.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", range(20))))
    quality = {name: {"missing": 1, "unreadable": 0, "marked": 0} for name in IDENTITY}
    again = send(tmp_path / "again.parquet", "a", 1, crowd("a", range(20)), quality=quality)
    assert registry.receive(again).outcome == "already received"


@pytest.mark.parametrize("change", [{"records": crowd("a", range(6))}, {"period": "2026-04"}, {"records": []}])
def test_another_submission_under_a_used_number_is_refused(tmp_path, registry, change):
    registry.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", range(5))))
    before = everything(registry)
    with pytest.raises(RefusedError) as caught:
        registry.receive(send(tmp_path / "b.parquet", "a", 1, **({"records": crowd("a", range(5))} | change)))
    assert caught.value.rule == "submission.sequence_used"
    assert everything(registry) == before


def test_reporters_number_their_submissions_independently(tmp_path, registry):
    for reporter in ("a", "b"):
        assert registry.receive(send(tmp_path / reporter, reporter, 1, crowd("x", [1]))).new == 1
    assert counts(registry)["records"] == 2


# Current versions.


def test_new_content_supersedes_and_the_old_codes_are_gone(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1, {"case_id": "C1"}), Rec("y", 2)]))
    old = codes_of(registry, 1)
    receipt = registry.receive(send(tmp_path / "2", "a", 2, [Rec("x", 3, {"case_id": "C2"}), Rec("y", 2)]))
    assert (receipt.new, receipt.superseding, receipt.unchanged, receipt.late) == (0, 1, 1, 0)
    assert dump(registry, "SELECT rid, record_id, sequence, submission FROM records ORDER BY rid") == [
        (1, "x", 2, 2),
        (2, "y", 2, 1),
    ]
    assert dump(registry, "SELECT * FROM cases ORDER BY rid") == [(1, "C2", None), (2, None, None)]
    new = codes_of(registry, 1)
    assert len(new) == 6
    assert not new & old
    history = dump(
        registry, "SELECT reporter, record_id, sequence, submission, case_id, octet_length(digest) FROM history"
    )
    assert history == [("a", "x", 1, 1, "C1", 32)]


def test_a_superseded_code_is_nowhere_in_the_file(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(60))))
    old = [content for (content,) in dump(registry, "SELECT content FROM codes")]
    assert sum(content in registry_bytes(registry) for content in old) > 100, "the test is blind"
    changed = [Rec(f"a-{i}", 1000 + i) for i in range(60)]
    registry.receive(send(tmp_path / "2", "a", 2, changed), accept_replacements=True)
    data = registry_bytes(registry)
    assert not any(content in data for content in old)
    assert dump(registry, "SELECT count(*) FROM codes") == [(180,)]


def test_a_killed_erasure_is_completed_later(tmp_path, registry, monkeypatch):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(60))))
    old = [content for (content,) in dump(registry, "SELECT content FROM codes")]
    with monkeypatch.context() as patch:

        def die(_store):
            raise KeyboardInterrupt

        patch.setattr("linkage.store.Store.rewrite", die)
        changed = [Rec(f"a-{i}", 1000 + i) for i in range(60)]
        with pytest.raises(KeyboardInterrupt):
            registry.receive(send(tmp_path / "2", "a", 2, changed), accept_replacements=True)
    assert any(content in registry_bytes(registry) for content in old), "the test is blind"
    assert registry.status().erase_pending
    registry.receive(tmp_path / "2")
    data = registry_bytes(registry)
    assert not any(content in data for content in old)
    assert not registry.status().erase_pending


def test_an_erasure_that_a_busy_registry_puts_off_is_an_error(tmp_path, registry, monkeypatch):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    with monkeypatch.context() as patch:

        def busy(_store):
            raise RegistryBusy("registry.busy", "Busy.")

        patch.setattr("linkage.store.Store.rewrite", busy)
        with pytest.raises(NotErasedError) as caught:
            registry.receive(send(tmp_path / "2", "a", 2, [Rec("a-1", 9)]))
    assert [receipt.superseding for receipt in caught.value.results] == [1]
    assert "is still in the registry file. Busy." in caught.value.message
    assert "remains stored" in caught.value.hint
    assert registry.status().erase_pending
    registry.link()
    assert not registry.status().erase_pending


def test_a_change_of_payload_alone_supersedes(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1, {"status": "suspected"})]))
    receipt = registry.receive(send(tmp_path / "2", "a", 2, [Rec("x", 1, {"status": "confirmed"})]))
    assert receipt.superseding == 1
    assert dump(registry, "SELECT status FROM reports") == [("confirmed",)]
    assert dump(registry, "SELECT status FROM history") == [("suspected",)]


def test_the_same_content_under_a_new_number_counts_for_coverage_only(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(5))))
    before = everything(registry)
    receipt = registry.receive(send(tmp_path / "2", "a", 2, crowd("a", range(5)), period="2026-04"))
    assert (receipt.outcome, receipt.unchanged, receipt.new) == ("unchanged", 5, 0)
    after = everything(registry)
    assert all(after[table] == before[table] for table in ("codes", "cases", "reports", "history"))
    states = [(row["period"], row["state"]) for row in registry.coverage().to_pylist()]
    assert states == [("2026-03", "reported"), ("2026-04", "reported")]


def test_nothing_to_report_is_received(tmp_path, registry):
    receipt = registry.receive(send(tmp_path / "1", "a", 1))
    assert (receipt.outcome, receipt.records) == ("unchanged", 0)
    assert [(row["period"], row["state"]) for row in registry.coverage().to_pylist()] == [("2026-03", "zero")]
    assert registry.receive(send(tmp_path / "2", "a", 2, period="2026-05")).outcome == "unchanged"
    assert registry.receive(tmp_path / "2").outcome == "already received"
    assert [row["state"] for row in registry.coverage().to_pylist()] == ["zero", "silent", "zero"]


OLD_BOOK = book_of("0", {"kind": (False, "a b")})


@pytest.mark.parametrize("of_registry", [None, BOOK], ids=["registry without", "registry with"])
@pytest.mark.parametrize("of_file", [None, BOOK, OLD_BOOK], ids=["none", "the one that ships", "another"])
def test_an_empty_period_follows_no_codebook(tmp_path, of_registry, of_file):
    made = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=of_registry)
    path = send(tmp_path / "1", "a", 1, codebook=of_file)
    assert (made.receive(path).outcome, made.receive(path).outcome) == ("unchanged", "already received")
    assert [row["state"] for row in made.coverage().to_pylist()] == ["zero"]
    if of_file is not of_registry:
        with pytest.raises(RefusedError) as caught:
            made.receive(send(tmp_path / "2", "a", 2, crowd("a", [1]), codebook=of_file))
        assert caught.value.rule == "submission.codebook"


def test_an_empty_complete_delivery_under_another_codebook_erases(tmp_path):
    made = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=BOOK)
    made.receive(send(tmp_path / "1", "a", 1, crowd("a", [1]), codebook=BOOK))
    receipt = made.receive(send(tmp_path / "2", "a", 2, complete=True), accept_withdrawals=True)
    assert (receipt.withdrawn, counts(made)["records"]) == (1, 0)


def test_an_empty_period_with_other_columns_is_refused(tmp_path, registry):
    path = send(tmp_path / "1", "a", 1, codebook=BOOK)
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["payload.state"]).append_column("note", table["record_id"]), path)
    with pytest.raises(RefusedError) as caught:
        registry.receive(path)
    assert caught.value.rule == "submission.columns"


@pytest.mark.parametrize(("period", "warns"), [("2062-03", True), ("2026-03", False), (None, False)])
def test_a_period_that_has_not_begun_is_a_warning(tmp_path, registry, period, warns):
    assert (FUTURE in registry.receive(send(tmp_path / "1", "a", 1, period=period)).warnings) is warns


VERSIONS = {
    1: [Rec("x", 1), Rec("y", 10), Rec("w", 20)],
    2: [Rec("x", 2), Rec("y", 10)],
    3: [Rec("x", 1), Rec("z", 30), Rec("w", 21)],
    4: [Rec("y", 11), Rec("z", 30)],
}


@pytest.fixture(scope="module")
def in_order(tmp_path_factory) -> list[tuple]:
    """Return the contents of a registry that received the versions in order."""
    folder = tmp_path_factory.mktemp("in-order")
    return _received(folder, sorted(VERSIONS))


def _received(folder: Path, order: Sequence[int]) -> list[tuple]:
    """Return the contents of a registry with a fixed key after receiving the submissions in this order."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (RegistryKey, StatisticsKey):
            patch.setattr(kind, "generate", partial(kind._from_secret, bytes(32)))
        registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    for sequence in order:
        registry.receive(send(folder / str(sequence), "a", sequence, VERSIONS[sequence]))
    return current(registry)


ORDERS = [*itertools.permutations((1, 2, 3)), (4, 3, 2, 1), (2, 4, 1, 3)]


@pytest.mark.parametrize("order", [order if 4 in order else (*order, 4) for order in ORDERS])
def test_the_order_of_delivery_does_not_matter(tmp_path, in_order, order):
    found = _received(tmp_path, order)
    assert [row[1:3] for row in found] == [("w", 3), ("x", 3), ("y", 4), ("z", 4)]
    assert found == in_order


def test_the_order_of_files_does_not_matter_at_all(tmp_path):
    paths = [send(tmp_path / f"{name}{n}", name, n, crowd(name, range(n, n + 4))) for name in "ab" for n in (1, 2)]
    results = []
    for number, order in enumerate((paths, paths[::-1], paths[2:] + paths[:2])):
        registry = Registry.create(tmp_path / f"r{number}", profile=PROFILE)
        receipts = registry.receive_all(order)
        assert [receipt.reporter + str(receipt.sequence) for receipt in receipts] == [path.name for path in order]
        results.append(
            dump(registry, "SELECT rid, reporter, record_id, sequence, submission FROM records ORDER BY rid")
        )
    assert results[0] == results[1] == results[2]
    assert len(results[0]) == 10


def test_one_refused_file_does_not_stop_the_others(tmp_path, registry):
    good = send(tmp_path / "a.parquet", "a", 1, crowd("a", [1]))
    bad = send(tmp_path / "b.parquet", "b", 1, crowd("b", [1]), profile=OTHER_PROFILE)
    also = send(tmp_path / "c.parquet", "c", 1, crowd("c", [1]))
    results = registry.receive_all([tmp_path / "none", bad, also, good, good])
    kinds = [result.rule if isinstance(result, RefusedError) else result.outcome for result in results]
    assert kinds == ["submission.unreadable", "submission.profile", "stored", "stored", "already received"]
    assert counts(registry)["records"] == 2


@pytest.mark.parametrize("one", ["ab", b"ab", Path("ab")])
def test_one_path_is_not_taken_for_several(registry, one):
    with pytest.raises(TypeError, match="receive takes one"):
        registry.receive_all(one)


def test_rids_are_never_reused(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    with registry._units.sessions(write=True) as (codes, cases):
        for table in ("records", "cases", "reports"):
            cases.rows(f"DELETE FROM {table} WHERE rid = 3")
        for table in ("records", "codes"):
            codes.rows(f"DELETE FROM {table} WHERE rid = 3")
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(2))))
    assert [rid for (rid,) in dump(registry, "SELECT rid FROM records ORDER BY rid")] == [1, 2, 4, 5]
    assert [rid for (rid,) in dump(registry, "SELECT rid FROM linkage.records ORDER BY rid")] == [1, 2, 4, 5]


# Quarantine.

BROKEN = [
    Rec("8112189876", 1),
    Rec("x", 2, {"role": "bystander"}),
    Rec("y", 3, {"event_date": "2026-02-30"}),
    Rec("v", 4, missing=1),
]


def test_faulty_rows_go_to_quarantine_and_the_others_are_stored(tmp_path, registry):
    receipt = registry.receive(send(tmp_path / "1", "a", 1, [*BROKEN, *crowd("a", range(5, 8))]))
    assert receipt.quarantined == {
        "codes.counts": 1,
        "event_date.form": 1,
        "record_id.number_like": 1,
        "role.unknown": 1,
    }
    assert (receipt.new, receipt.n_quarantined, receipt.outcome) == (3, 4, "stored")
    assert counts(registry) | {"meta": 0} == {
        "submissions": 1,
        "records": 3,
        "codes": 9,
        "nonces": 1,
        "cases": 3,
        "reports": 3,
        "history": 0,
        "quarantine": 4,
        "meta": 0,
    }
    rows = dump(registry, "SELECT reporter, record_id, sequence, submission, rule FROM quarantine ORDER BY rule")
    assert rows == [
        ("a", "v", 1, 1, "codes.counts"),
        ("a", "y", 1, 1, "event_date.form"),
        ("a", None, 1, 1, "record_id.number_like"),
        ("a", "x", 1, 1, "role.unknown"),
    ]
    assert registry.summary().quarantined == 4


DATES = ("event_date", "report_date", "discovered_on", "outcome_date")


def test_days_without_a_reason_go_to_quarantine(tmp_path, registry):
    days = [Rec(column, number, {column: "2026-03-01"}) for number, column in enumerate(DATES)]
    months = [Rec(f"month {column}", 10 + number, {column: "2026-03"}) for number, column in enumerate(DATES)]
    receipt = registry.receive(send(tmp_path / "1", "a", 1, [*days, *months, Rec("year", 20, {"event_date": "2026"})]))
    assert (receipt.new, receipt.quarantined) == (5, {f"{column}.day": 1 for column in sorted(DATES)})
    # A date that breaks another rule is named by that.
    receipt = registry.receive(send(tmp_path / "2", "a", 2, [Rec("no day", 21, {"event_date": "2026-02-30"})]))
    assert receipt.quarantined == {"event_date.form": 1}


def test_days_for_which_the_codebook_gives_a_reason_are_stored(tmp_path):
    book = book_of("1", {"kind": (False, "A")}, days=("event_date",))
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=book)
    records = [Rec("event", 1, {"event_date": "2026-03-01"}), Rec("report", 2, {"report_date": "2026-03-01"})]
    receipt = registry.receive(send(tmp_path / "1", "a", 1, records, codebook=book))
    assert (receipt.new, receipt.quarantined) == (1, {"report_date.day": 1})
    assert dump(registry, "SELECT event_date FROM reports") == [("2026-03-01",)]


def test_an_id_that_may_be_a_number_is_not_written_down(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("8112189876", 1), Rec("19811218-9876", 2, missing=1)]))
    data = registry_bytes(registry)
    assert b"8112189876" not in data
    assert b"19811218" not in data
    assert counts(registry)["quarantine"] == 2


def test_a_broken_version_does_not_supersede(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1)]))
    receipt = registry.receive(send(tmp_path / "2", "a", 2, [Rec("x", 2, {"role": "bystander"})]))
    assert (receipt.superseding, receipt.n_quarantined) == (0, 1)
    assert dump(registry, "SELECT record_id, sequence FROM records") == [("x", 1)]


def test_a_file_of_faulty_rows_only_is_received(tmp_path, registry):
    receipt = registry.receive(send(tmp_path / "1", "a", 1, BROKEN))
    assert (receipt.new, receipt.n_quarantined) == (0, 4)
    assert registry.receive(tmp_path / "1").outcome == "already received"


# Warnings.


def test_a_gap_before_a_submission_is_seen(tmp_path, registry):
    first = send(tmp_path / "1", "a", 1, crowd("a", [1]))
    second = send(tmp_path / "2", "a", 2, crowd("a", [2]), previous=header_digest(first))
    third = send(tmp_path / "3", "a", 3, crowd("a", [3]), previous=header_digest(second))
    assert registry.receive(first).warnings == ()
    assert registry.receive(third).warnings == (PREVIOUS_MISSING,)
    assert registry.receive(second).warnings == ()


def test_a_submission_of_another_reporter_fills_no_gap(tmp_path, registry):
    first = send(tmp_path / "1", "a", 1, crowd("a", [1]))
    registry.receive(first)
    other = send(tmp_path / "2", "b", 2, crowd("b", [2]), previous=header_digest(first))
    assert registry.receive(other).warnings == (PREVIOUS_MISSING,)


# Interruptions.


@pytest.mark.parametrize(
    ("module", "stage"),
    [
        *(("linkage.intake.admit", stage) for stage in ("_incoming", "_store_faults", "_fix_key_id", "store_header")),
        *(("linkage.linkage_unit.admit", stage) for stage in ("CodeStore", "_fix_key_id")),
    ],
)
def test_an_error_half_way_leaves_nothing(tmp_path, registry, monkeypatch, module, stage):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(4))))
    path = send(tmp_path / "2", "a", 2, [Rec("a-1", 99), *crowd("a", range(5, 9)), *BROKEN])
    before = everything(registry)
    with monkeypatch.context() as patch:

        def die(*_arguments, **_options):
            raise KeyboardInterrupt

        patch.setattr(importlib.import_module(module), stage, die)
        with pytest.raises(KeyboardInterrupt):
            registry.receive(path)
    assert everything(registry) == before
    assert registry.receive(path).new == 4


@pytest.mark.parametrize("unit", ["linkage", "statistics"])
def test_a_process_killed_between_the_two_units_is_completed_by_the_same_file(tmp_path, registry, monkeypatch, unit):
    first = [*crowd("a", range(4)), Rec("z", 50)]
    changed = [Rec("a-1", 99), Rec("a-2", 2, {"status": "suspected"}), *crowd("a", range(3, 9)), *BROKEN]
    whole = Registry.create(tmp_path / "whole", profile=PROFILE, existing_key=True, registry_key=registry.registry_key)
    for one in (registry, whole):
        one.receive(send(tmp_path / "1", "a", 1, first))
    path = send(tmp_path / "2", "a", 2, changed, complete=True)
    expected = whole.receive(path, accept_withdrawals=True)

    def die(*_arguments, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if unit == "linkage":
            # The linkage unit has stored its codes, the statistics unit nothing.
            patch.setattr(importlib.import_module("linkage.intake.admit"), "store_receipt", die)
        else:
            # Both have stored the file, and the codes of what it leaves out are still there.
            patch.setattr(importlib.import_module("linkage.pipeline.exchange"), "_settle", die)
        with pytest.raises(KeyboardInterrupt):
            registry.receive(path, accept_withdrawals=True)
    assert everything(registry) != everything(whole)
    again = registry.receive(path, accept_withdrawals=True)
    if unit == "linkage":
        assert again == expected
        assert (again.superseding, again.withdrawn) == (2, 2)
    else:
        assert again.outcome == "already received"
    assert current_ids(registry) == current_ids(whole)
    assert counts(registry) == counts(whole)
    assert dump(registry, "SELECT count(*) FROM linkage.records") == dump(whole, "SELECT count(*) FROM linkage.records")
    assert not registry.status().erase_pending


def current_ids(registry: Registry) -> list[tuple]:
    """Which codes each record has, deciphered: each registry has nonces of its own."""
    names = dict(dump(registry, "SELECT rid, record_id FROM records"))
    return sorted((names[rid], *code) for *code, rid, content in plain_codes(registry))


def codes_of(registry: Registry, rid: int) -> set[object]:
    """Return the match keys and the contents of a record, deciphered."""
    own = [code for code in plain_codes(registry) if code[3] == rid]
    return {code[:3] for code in own} | {code[-1] for code in own}


def test_progress_is_reported(tmp_path, registry):
    seen = []
    path = send(tmp_path / "1", "a", 1, crowd("a", range(4)))
    registry.receive(path, progress=lambda *step: seen.append(step))
    assert seen == [("verify", 0, 0), ("verify", 4, 4), ("store", 12, 12)]


# Files that change between the two readings.


@pytest.fixture
def between_readings(monkeypatch):
    """Run an action after a file was verified and before it is stored."""
    admit = importlib.import_module("linkage.intake").admit

    def set_action(action):
        def admit_after(*arguments, **options):
            action()
            return admit(*arguments, **options)

        monkeypatch.setattr(importlib.import_module("linkage.pipeline.desks"), "admit", admit_after)

    return set_action


@pytest.mark.parametrize(
    "other",
    [
        {"sequence": 2, "records": crowd("a", range(5, 9))},
        {"sequence": 1, "records": crowd("a", range(5, 9))},
        {"sequence": 1, "records": crowd("a", range(5, 8))},
        {"sequence": 1, "records": []},
    ],
    ids=["another number", "other records", "fewer records", "no record"],
)
def test_a_file_that_was_exchanged_between_two_readings_is_refused(tmp_path, registry, between_readings, other):
    path = send(tmp_path / "1", "a", 1, crowd("a", range(4)))
    instead = send(tmp_path / "2", "a", **other)
    given, before = path.read_bytes(), everything(registry)
    between_readings(lambda: path.write_bytes(instead.read_bytes()))
    with pytest.raises(RefusedError) as caught:
        registry.receive(path)
    assert caught.value.rule == "submission.changed"
    assert everything(registry) == before
    between_readings(lambda: None)
    path.write_bytes(given)
    assert registry.receive(path).new == 4


def test_rows_that_were_exchanged_under_the_same_header_are_refused(tmp_path, registry, between_readings):
    path = send(tmp_path / "1", "a", 1, crowd("a", range(4)))
    other = send(tmp_path / "2", "a", 1, crowd("a", range(5, 9)))
    header = pq.read_metadata(path).metadata
    rows = pq.ParquetFile(other)
    with pq.ParquetWriter(tmp_path / "3", rows.schema_arrow, use_dictionary=False, store_schema=False) as writer:
        for group in range(rows.num_row_groups):
            writer.write_table(rows.read_row_group(group))
        names = (b"pseudonym.submission", b"pseudonym.digest")
        writer.add_key_value_metadata({name.decode(): header[name].decode() for name in names})
    before = everything(registry)
    between_readings(lambda: path.write_bytes((tmp_path / "3").read_bytes()))
    with pytest.raises(RefusedError) as caught:
        registry.receive(path)
    assert caught.value.rule == "submission.changed"
    assert everything(registry) == before


@pytest.mark.parametrize("damage", ["cut", "gone", "altered"])
def test_a_file_that_was_damaged_between_two_readings_is_refused(tmp_path, registry, between_readings, damage):
    path = send(tmp_path / "1", "a", 1, crowd("a", range(4)))
    data, before = bytearray(path.read_bytes()), everything(registry)
    data[len(data) // 3] ^= 1
    actions = {"cut": lambda: os.truncate(path, 100), "gone": path.unlink, "altered": lambda: path.write_bytes(data)}
    between_readings(actions[damage])
    with pytest.raises(RefusedError) as caught:
        registry.receive(path)
    assert caught.value.rule.startswith("submission.")
    assert everything(registry) == before


def test_codes_are_held_for_one_part_of_a_file_only(tmp_path, registry, monkeypatch):
    monkeypatch.setattr("pseudonym.wire.writer.GROUP_RECORDS", 5)
    monkeypatch.setattr("linkage.reading.kept.KEPT_BYTES", 0)
    path = send(tmp_path / "1", "a", 1, crowd("a", range(23)))
    at_rest, held = importlib.import_module("linkage.linkage_unit.at_rest"), []
    rekey = at_rest.rekey

    def noted(key, kind, match_key):
        held.append(len(kind))
        return rekey(key, kind, match_key)

    monkeypatch.setattr(at_rest, "rekey", noted)
    assert registry.receive(path).new == 23
    assert held == [15, 15, 15, 15, 9]
    verified = verify(path, Expected(PROFILE, codebooks=(None,), key_id=None, epoch=None))
    assert verified.cases.nbytes < 23 * 100
    assert verified._kept.nbytes == 0


@pytest.mark.parametrize("fit", [True, False])
def test_codes_stay_in_memory_if_all_of_them_fit_and_are_read_again_otherwise(tmp_path, registry, monkeypatch, fit):
    monkeypatch.setattr("pseudonym.wire.writer.GROUP_RECORDS", 5)
    path = send(tmp_path / "1", "a", 1, crowd("a", range(25)))
    with open_submission(path, profile=PROFILE, codebook=None) as (_, turns):
        given = [turn.codes for turn in turns]
    total = sum(codes.nbytes for codes in given)
    monkeypatch.setattr("linkage.reading.kept.KEPT_BYTES", total - (not fit))
    read, again = [], importlib.import_module("linkage.reading.refusals").codes_again
    monkeypatch.setattr("linkage.reading.refusals.codes_again", lambda *seen: read.extend(seen[2]) or again(*seen))
    verified = verify(path, Expected(PROFILE, codebooks=(None,), key_id=None, epoch=None))
    assert verified._kept.nbytes == (total if fit else 0)
    assert list(verified.codes()) == given
    assert len(read) == (0 if fit else 5)
    # A file that was only touched is read again, whatever is in memory.
    os.utime(path)
    read.clear()
    assert list(verified.codes()) == given
    assert len(read) == 5


def test_objects_that_hold_codes_or_digests_do_not_show_them(tmp_path, registry):
    path = send(tmp_path / "1", "a", 1, crowd("a", range(2)))
    submission = read_submission(path, profile=PROFILE, codebook=None)
    verified = verify(path, Expected(PROFILE, codebooks=(None,), key_id=None, epoch=None))
    kind, match_key = (submission.codes[name] for name in ("kind", "match_key"))
    stored = rekey(RegistryKey.generate(), kind.to_numpy(), fixed_bytes(match_key))
    registry.receive(path)
    with registry._units.linkage.session(write=False) as session:
        records = read_records(session)
    for held in (submission, verified, stored, records):
        assert re.fullmatch(r"<[\w.]+ object at 0x[0-9a-fA-F]+>", repr(held))


def test_the_repr_shows_no_path(registry):
    assert repr(registry) == "<Registry profile='test'>"
    assert str(Path(registry.path)) not in repr(registry)


def test_the_file_contains_no_plain_digest_of_what_a_reporter_sent(registry, tmp_path):
    # A digest covers the codes, so anybody with the linkage key could test guesses against it.
    first = send(tmp_path / "1", "a", 1, [Rec("x", 1)])
    second = send(tmp_path / "2", "a", 2, [Rec("x", 1, flips=(1,))], previous=header_digest(first))
    plain = set()
    for path in (first, second):
        submission = read_submission(path, profile=PROFILE, codebook=None)
        registry.receive(path)
        plain |= {submission.digest, submission.content_digest, *(d.hex() for d in submission.record_digests)}
        plain |= {d.hex() for d in (*submission.code_digests, *submission.case_digests)}
    held = repr(everything(registry))
    data = registry_bytes(registry)
    for digest in plain:
        assert digest not in held
        assert digest.encode() not in data
        assert bytes.fromhex(digest) not in data
