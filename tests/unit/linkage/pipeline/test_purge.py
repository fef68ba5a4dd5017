"""A purge: what different persons share is gone, who is one person stays, and a redelivery brings codes back."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from linkage.cli import main
from linkage.cli import purge as command
from linkage.cli.status import next_commands
from linkage.errors import NotErasedError, NotLinkedError, SettingsError
from linkage.linkage_unit import new_codes
from linkage.linkage_unit.purge_report import REVIEW_DAYS
from linkage.linkage_unit.shared_keys import Beside
from linkage.linkage_unit.shared_keys import losers as find_losers
from linkage.pipeline import Registry
from linkage.pipeline.explain import NO_KEY, PURGED
from tests.registries import CopyOf
from tests.unit.linkage.helpers import (
    KINDS,
    PROFILE,
    Rec,
    crowd,
    dump,
    partition,
    plain_codes,
    registry_bytes,
    send,
    take_back,
    unit_store,
)

pytestmark = pytest.mark.whole

N = 20
TWIN = 100
"""A persona that shares one of its match keys, with its content, with persona 0."""


def siblings(reporter: str) -> list[Rec]:
    """Return a crowd, and a record that shares a match key with one of it and is another person by its role."""
    first, *others = crowd(reporter, range(N))
    case = {"case_id": f"{reporter}-case"}
    return [
        Rec(first.record_id, 0, case | {"role": "victim"}),
        *others,
        Rec(f"{reporter}-twin", TWIN, case | {"role": "accompanying_child"}, joins=0),
    ]


def linked(folder: Path) -> Registry:
    made = Registry.create(folder / "r", profile=PROFILE)
    made.receive_all([send(folder / name, name, 1, siblings(name)) for name in "ab"])
    made.link()
    return made


@pytest.fixture
def registry(copy_of: CopyOf) -> Registry:
    return copy_of(linked)


def shared_keys(registry: Registry) -> int:
    """Count the match keys that records of different persons have, in plain."""
    persons = dict(dump(registry, "SELECT rid, person_id FROM statistics.persons"))
    held = defaultdict(set)
    for _, high, low, rid, _ in plain_codes(registry):
        held[high, low].add(persons[rid])
    return sum(len(owners) > 1 for owners in held.values())


def codes_of(registry: Registry) -> dict[str, int]:
    return dict(dump(registry, "SELECT record_id, count(*) FROM coded GROUP BY record_id"))


def test_what_persons_share_is_gone_and_nothing_shows_where_it_was(registry):
    assert shared_keys(registry) > 0
    before, old = partition(registry), set(dump(registry, "SELECT batch, nonce FROM linkage.nonces"))
    stored = set(dump(registry, "SELECT key_hi, key_lo FROM codes"))
    found = registry.purge(review_days=0)
    # One person keeps the key that both had; of the other, each of two records loses a code.
    assert (found.records, found.newly, found.waiting, found.sharing, found.codes) == (2 * N + 2, 2 * N + 2, 0, 4, 2)
    assert shared_keys(registry) == 0
    assert (registry.privacy().sharing.share_rate, registry.privacy().settled) == (0.0, 2 * N + 2)
    assert partition(registry) == before
    # As many codes of each record as before, and all of them under new nonces, not only those that were replaced.
    assert set(codes_of(registry).values()) == {sum(KINDS)}
    assert not old & set(dump(registry, "SELECT batch, nonce FROM linkage.nonces"))
    assert not stored & set(dump(registry, "SELECT key_hi, key_lo FROM codes"))
    assert {flag for (flag,) in dump(registry, "SELECT settled FROM linkage.records")} == {True}


def test_the_replaced_codes_share_nothing_with_what_was_sent(registry):
    sent = {code[1:3] for code in plain_codes(registry)}
    contents = {code[-1] for code in plain_codes(registry)}
    registry.purge(review_days=0)
    new = [code for code in plain_codes(registry) if code[1:3] not in sent]
    assert len(new) == 2
    assert not {code[-1] for code in new} & contents
    assert len({half for code in new for half in code[1:3]}) == 4


def test_stored_pairs_of_different_persons_are_erased_at_both_units(registry):
    def apart() -> list[int]:
        return [
            dump(
                registry,
                f"SELECT count(*) FROM {unit}.links JOIN {unit}.persons a ON a.rid = rid_a "
                f"JOIN {unit}.persons b ON b.rid = rid_b WHERE a.person_id <> b.person_id",
            )[0][0]
            for unit in ("linkage", "statistics")
        ]

    links = registry.links().num_rows
    n_apart = apart()[0]
    assert n_apart > 0
    found = registry.purge(review_days=0)
    assert (found.pairs, apart()) == (n_apart, [0, 0])
    assert 0 < found.review <= found.pairs
    assert registry.links().num_rows == links - n_apart
    assert registry.status().erase_pending is registry.linkage_status().erase_pending is False


def test_nothing_of_the_old_codes_is_left_in_any_file(registry):
    before = registry_bytes(registry)
    old = [content for (content,) in dump(registry, "SELECT content FROM codes")]
    assert all(content in before for content in old)
    registry.purge(review_days=0)
    after = registry_bytes(registry)
    assert not any(content in after for content in old)


def test_who_is_one_person_stays_so_in_later_runs(registry):
    before = registry.persons()
    registry.purge(review_days=0)
    report = registry.link()
    assert registry.persons() == before
    assert not any(report.changes.values())
    assert (report.pairs, report.links) == (N + 1, N + 1)
    assert registry.link(refit=True).persons == N + 1


def test_how_a_pair_compared_is_kept_though_its_only_match_key_went(tmp_path):
    """Two records of one person meet by the key that the other person keeps, and stay together."""
    registry = Registry.create(tmp_path / "r", profile=PROFILE)
    records = {name: siblings(name) for name in "abc"}
    # At c only the twin, whose other match keys nobody has.
    records["c"] = [*crowd("c", range(1, N)), Rec("c-twin", TWIN, own=2, joins=0)]
    records["a"][-1], records["b"][-1] = (
        Rec(f"{name}-twin", TWIN, {"case_id": f"{name}-case", "role": "accompanying_child"}, joins=0) for name in "ab"
    )
    registry.receive_all([send(tmp_path / name, name, 1, some) for name, some in records.items()])
    registry.link()
    before = partition(registry)
    registry.purge(review_days=0)
    assert shared_keys(registry) == 0
    registry.link()
    assert partition(registry) == before


def test_a_second_purge_does_nothing_more(registry):
    registry.purge(review_days=0)
    stored = dump(registry, "SELECT key_hi FROM codes ORDER BY ALL")
    found = registry.purge(review_days=0)
    assert (found.newly, found.sharing, found.codes, found.pairs) == (0, 0, 0, 0)
    assert dump(registry, "SELECT key_hi FROM codes ORDER BY ALL") == stored
    assert registry.link().persons == N + 1


def test_pairs_that_may_be_reviewed_stay_as_they_are(registry):
    stored = dump(registry, "SELECT key_hi FROM codes ORDER BY ALL")
    found = registry.purge()
    assert (found.records, found.waiting, found.codes, found.pairs) == (0, 2 * N + 2, 0, 0)
    assert found.open > 0
    assert found.before == (datetime.now(UTC) - timedelta(days=90)).date().isoformat()
    assert dump(registry, "SELECT key_hi FROM codes ORDER BY ALL") == stored


def test_records_of_which_nothing_goes_wait_for_no_purge_any_more(tmp_path):
    registry = Registry.create(tmp_path / "r", profile=PROFILE)
    registry.receive(send(tmp_path / "a", "a", 1, crowd("a", range(N))))
    registry.link()
    assert registry.status().unpurged == N
    stored = dump(registry, "SELECT key_hi FROM codes ORDER BY ALL")
    registry.purge(dry_run=True)
    assert registry.status().unpurged == N
    found = registry.purge()
    assert (found.waiting, found.newly, found.codes, found.pairs) == (N, 0, 0, 0)
    assert registry.status().unpurged == 0
    assert dump(registry, "SELECT key_hi FROM codes ORDER BY ALL") == stored
    # Nothing was taken, so the run can be repeated.
    assert registry.audit.repeat().purged == 0


def test_a_record_that_is_older_keeps_what_its_person_shares_until_no_pair_of_the_two_may_be_reviewed(registry):
    _received_long_ago(registry, "a")
    found = registry.purge()
    # The pair of reporter a is erased; two others of the same persons may still be reviewed.
    assert (found.records, found.waiting, found.codes) == (N + 1, N + 1, 0)
    assert (found.pairs, found.open) == (1, 3)
    assert shared_keys(registry) > 0
    registry.link()
    assert registry.purge(review_days=0).newly == N + 1
    assert shared_keys(registry) == 0


def linked_with_a_stranger(folder: Path) -> Registry:
    made = Registry.create(folder / "s", profile=PROFILE)
    stranger = Rec("a-stranger", 200, joins=0, unlike=True)
    made.receive_all(
        [send(folder / "a", "a", 1, [*siblings("a"), stranger]), send(folder / "b", "b", 1, siblings("b"))]
    )
    made.link()
    return made


@pytest.fixture
def strangers(copy_of: CopyOf) -> Registry:
    """A registry in which a record also shares a match key with one that it has nothing else in common with."""
    return copy_of(linked_with_a_stranger)


def test_what_nobody_could_review_goes_at_once(strangers):
    persons, links, levels = strangers.persons(), strangers.links(), dump(strangers, "SELECT * FROM kept_pairs")
    assert not levels
    found = strangers.purge()
    # Persona 0 and its twin, who may be one, keep the key together; the stranger, who is neither, loses it.
    assert (found.records, found.waiting, found.codes, found.sharing, found.pairs) == (0, 2 * N + 3, 1, 5, 0)
    assert strangers.privacy().settled == 0
    assert (strangers.persons(), strangers.links()) == (persons, links)
    report = strangers.link()
    assert (strangers.persons(), not any(report.changes.values())) == (persons, True)
    again = strangers.links()
    assert again.drop(["match_weight", "probability"]) == links.drop(["match_weight", "probability"])
    assert again["match_weight"].to_pylist() == pytest.approx(links["match_weight"].to_pylist())
    assert strangers.purge().codes == 0


def test_stored_pairs_that_are_not_for_review_go_at_once(registry):
    with unit_store(registry, "linkage").session(write=True) as session:
        session.rows("UPDATE links SET decision = 'no link' WHERE decision = 'review'")
    found = registry.purge()
    assert (found.records, found.open, found.codes, found.pairs, found.review) == (0, 0, 2, 4, 0)
    assert shared_keys(registry) == 0
    assert {decision for (decision,) in dump(registry, "SELECT decision FROM statistics.links")} == {"link"}


def test_what_went_at_once_comes_back_with_a_redelivery_and_is_known_to_explain_and_repeat(tmp_path, strangers):
    plain = plain_codes(strangers)
    strangers.purge()
    assert plain_codes(strangers) != plain
    assert PURGED in strangers.explain("a/a-0", "a/a-stranger").notes
    assert strangers.audit.repeat().purged == 2 * N + 3
    stranger = Rec("a-stranger", 200, joins=0, unlike=True)
    strangers.receive_all(
        [send(tmp_path / "a2", "a", 2, [*siblings("a"), stranger]), send(tmp_path / "b2", "b", 2, siblings("b"))]
    )
    assert plain_codes(strangers) == plain


def test_of_a_group_the_largest_cluster_of_persons_that_may_be_one_keeps_the_key():
    def losers(sizes: dict[int, int], *joined: tuple[int, int]) -> list[int]:
        beside = Beside.of(*np.array(joined, np.int64).reshape(-1, 2).T)
        owner = np.array(sorted(sizes), np.int64)
        # A group of another key, of one person, stands before it.
        group = np.array([0] + [1] * len(owner))
        size = np.array([9] + [sizes[person] for person in owner.tolist()])
        lost = find_losers(group, np.r_[99, owner], size, beside)
        assert not lost[0]
        return owner[lost[1:]].tolist()

    assert losers({1: 1}) == []
    assert losers({1: 1, 2: 1}) == [2]
    assert losers({1: 1, 2: 2}) == [1]
    assert losers({1: 1, 2: 1}, (1, 2)) == []
    assert losers({1: 1, 2: 1, 3: 1}, (2, 3)) == [1]
    assert losers({1: 1, 2: 1, 3: 1, 4: 3}, (1, 2), (2, 3)) == [4]
    assert losers({1: 1, 2: 1, 3: 1, 4: 4}, (1, 2), (2, 3)) == [1, 2, 3]
    # A person beside whom somebody of no part in this group stands is on its own.
    assert losers({1: 1, 2: 2}, (1, 7)) == [1]


def _received_long_ago(registry: Registry, reporter: str) -> None:
    with unit_store(registry, "linkage").session(write=True) as session:
        session.rows("UPDATE submissions SET received_at = '2020-01-01T00:00:00Z' WHERE reporter = ?", reporter)


def test_what_is_sent_again_gets_its_codes_back_until_the_next_purge(tmp_path, registry):
    plain = plain_codes(registry)
    registry.purge(review_days=0)
    receipts = registry.receive_all([send(tmp_path / f"{name}2", name, 2, siblings(name)) for name in "ab"])
    assert [(receipt.outcome, receipt.unchanged) for receipt in receipts] == [("unchanged", N + 1)] * 2
    assert plain_codes(registry) == plain
    entries = [entry for entry in registry.audit_of("linkage").entries() if entry.act == "receive"]
    assert [entry.members.get("restored") for entry in entries] == [None, None, N + 1, N + 1]
    with pytest.raises(NotLinkedError) as caught:
        registry.purge(review_days=0)
    assert caught.value.rule == "purge.unlinked"
    # So the status does not propose a purge, although each record is unchanged.
    assert not registry.status().linked
    assert next_commands(registry.status(), tmp_path) == [f"linkage link {tmp_path}"]
    assert registry.link().persons == N + 1
    assert registry.status().linked
    # They came long ago, so they need no new review.
    assert registry.purge(review_days=0).codes == 2
    assert shared_keys(registry) == 0


def test_the_same_file_again_brings_nothing_back(tmp_path, registry):
    registry.purge(review_days=0)
    stored = plain_codes(registry)
    assert registry.receive(tmp_path / "a").outcome == "already received"
    assert plain_codes(registry) == stored


def test_a_corrected_record_is_compared_anew(tmp_path, registry):
    registry.purge(review_days=0)
    changed = [Rec("b-3", 500) if one.record_id == "b-3" else one for one in siblings("b")]
    registry.receive(send(tmp_path / "b2", "b", 2, changed))
    registry.link()
    assert frozenset({("b", "b-3")}) in partition(registry)
    assert frozenset({("a", "a-3")}) in partition(registry)


def test_what_was_kept_of_a_pair_goes_with_either_record(tmp_path, registry):
    registry.purge(review_days=0)
    assert dump(registry, "SELECT count(*) FROM kept_pairs") == [(N + 1,)]
    registry.receive(take_back(tmp_path / "w", "b", 2, records=["b-3", "b-4"]))
    assert dump(registry, "SELECT count(*) FROM kept_pairs") == [(N - 1,)]
    assert registry.link().persons == N + 1


def test_a_dry_run_counts_and_writes_nothing(registry):
    before = registry_bytes(registry)
    dry = registry.purge(review_days=0, dry_run=True)
    assert registry_bytes(registry) == before
    real = registry.purge(review_days=0)
    assert dry.to_dict() | {"dry_run": False} == real.to_dict()


def test_before_the_first_run_and_after_a_change_nothing_is_purged(tmp_path):
    def refusal(registry: Registry) -> str:
        with pytest.raises(NotLinkedError) as caught:
            registry.purge(review_days=0)
        return caught.value.rule

    registry = Registry.create(tmp_path / "r", profile=PROFILE)
    registry.receive(send(tmp_path / "a", "a", 1, siblings("a")))
    assert refusal(registry) == "registry.not_linked"
    registry.link()
    # Records that were never linked are left out, but a corrected one may be another person now.
    registry.receive(send(tmp_path / "b", "b", 1, siblings("b")))
    assert registry.purge(review_days=0, dry_run=True).records == N + 1
    registry.receive(send(tmp_path / "a2", "a", 2, [Rec("a-3", 500)]))
    assert refusal(registry) == "purge.unlinked"


def test_a_record_of_which_no_run_says_who_it_is_stops_a_purge(registry):
    with unit_store(registry, "linkage").session(write=True) as session:
        session.run("DELETE FROM persons WHERE rid = (SELECT min(rid) FROM persons)")
    stored = plain_codes(registry)
    with pytest.raises(NotLinkedError) as caught:
        registry.purge(review_days=0)
    assert caught.value.rule == "purge.unlinked"
    assert plain_codes(registry) == stored


@pytest.mark.parametrize("days", [-1, 36_501])
def test_a_review_window_must_be_possible(registry, days):
    with pytest.raises(SettingsError) as caught:
        registry.purge(review_days=days)
    assert caught.value.rule == "purge.days"


def test_stopped_half_way_nothing_has_changed(registry, monkeypatch):
    before = plain_codes(registry)
    monkeypatch.setattr(new_codes, "_random", lambda n, width: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        registry.purge(review_days=0)
    assert plain_codes(registry) == before
    assert shared_keys(registry) > 0


def test_codes_are_enciphered_in_parts(registry, monkeypatch):
    plain = dict.fromkeys(code[:3] for code in plain_codes(registry))
    monkeypatch.setattr(new_codes, "_CODES_AT_ONCE", 5 * sum(KINDS))
    registry.purge(review_days=0)
    assert shared_keys(registry) == 0
    assert len({code[:3] for code in plain_codes(registry)} - set(plain)) == 2
    numbers = dump(registry, "SELECT batch, number FROM codes ORDER BY ALL")
    assert all(one != other for one, other in pairwise(numbers))


def test_what_cannot_be_erased_is_said_with_the_numbers(registry, monkeypatch):
    from linkage.errors import RegistryError
    from linkage.store import Store

    def fail(self) -> None:
        raise RegistryError("registry.full", "The disk is full.")

    monkeypatch.setattr(Store, "rewrite", fail)
    with pytest.raises(NotErasedError) as caught:
        registry.purge(review_days=0)
    assert caught.value.results[0].codes == 2
    monkeypatch.undo()
    registry.purge(review_days=0)
    assert registry.status().erase_pending is False


def test_an_explanation_says_that_there_was_more(registry):
    assert PURGED not in registry.explain("a/a-0", "b/b-twin").notes
    registry.purge(review_days=0)
    notes = registry.explain("a/a-0", "b/b-twin").notes
    assert PURGED in notes
    assert NO_KEY not in notes


def test_the_log_has_numbers_and_repeating_says_why_it_does_not(registry):
    registry.purge(review_days=0)
    entry = next(entry for entry in registry.audit_of("linkage").entries() if entry.act == "purge")
    assert {name: entry.members[name] for name in ("records", "codes")} == {"records": 2 * N + 2, "codes": 2}
    found = registry.audit.repeat()
    assert (found.changed, found.purged) == (("records",), 2 * N + 2)
    registry.link()
    assert registry.audit.repeat().same


def test_the_default_of_the_command_is_that_of_the_library():
    assert command.REVIEW_DAYS == REVIEW_DAYS


def test_link_purges_if_asked(registry, capsys):
    def run(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["link", str(registry.path), *words])
        assert not ended.value.code
        return capsys.readouterr().out

    assert "Settled" not in run()
    text = run("--purge")
    assert text.index("unique persons") < text.index("Settled 0 records that came by ")
    numbers = json.loads(run("--purge", "--json"))
    assert (numbers["persons"], numbers["purge"]["open"], numbers["purge"]["codes"]) == (N + 1, 4, 0)


def test_the_command(registry, capsys):
    def run(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["purge", str(registry.path), *words])
        assert not ended.value.code
        return capsys.readouterr().out

    text = run("--review-days", "0", "--dry-run")
    assert f"Would settle {2 * N + 2} records that came by " in text
    assert f"; with them {2 * N + 2} of {2 * N + 2} records are settled." in text
    assert "to become random bytes: 2, of 4 records." in text
    assert text.rstrip().endswith("Nothing was written: this was a dry run.")
    assert "Left for review: what the persons of 4 pairs share." in run()
    assert json.loads(run("--review-days", "0", "--json"))["codes"] == 2
    assert "  Nothing that different persons share is left." in run("--review-days", "0")
    # Those of an earlier purge with a shorter window did not come by the day of this one.
    assert "Settled 0 records that came by " in run("--review-days", "30")
