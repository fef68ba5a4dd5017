"""Linking again with the model of the last run: it costs what has changed, and gives what a full run gives."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from linkage.keys import RegistryKey
from linkage.linkage_unit import changed, fitting
from linkage.linkage_unit.remembered import read_remembered
from linkage.linking.model import Model
from linkage.pipeline import Registry, exchange
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, partition, take_back
from tests.unit.linkage.pipeline.invented import PERSONS, REPORTERS, deliver, invented


def copy_of(registry: Registry, name: str) -> Registry:
    """Copy a registry with its keys."""
    path = registry.path.parent / name
    for there in (path, Path(f"{path}.key"), Path(f"{path}.statistics.key")):
        shutil.rmtree(there, ignore_errors=True)
        there.unlink(missing_ok=True)
    shutil.copytree(registry.path, path)
    for ending in ("key", "statistics.key"):
        shutil.copy(f"{registry.path}.{ending}", f"{path}.{ending}")
    return Registry.open(path)


def answer(registry: Registry) -> dict[str, list[tuple]]:
    """Return all that a run has found, but when and how it was run."""
    events = dump(registry, "SELECT event, run, kind, person_id, other_person_id FROM linkage.person_events")
    tables = {table: dump(registry, f"SELECT * FROM linkage.{table}") for table in ("links", "persons", "never_met")}
    figures = dump(registry, "SELECT * EXCLUDE (started_at, finished_at, draws) FROM linkage.runs ORDER BY run")
    models = dump(registry, "SELECT model, parameters FROM linkage.models")
    return {name: sorted(rows) for name, rows in tables.items()} | {
        "events": sorted(events, key=repr),
        "run": figures[-1:],
        "models": models,
    }


def drawn(registry: Registry) -> list[tuple]:
    return dump(registry, "SELECT rid, component, labels FROM linkage.draws ORDER BY rid")


def check_draws(registry: Registry, other: Registry) -> None:
    """Check that the same records vary as after a full run, and that no draw joins two components."""
    assert [(rid, len(labels)) for rid, _, labels in drawn(registry)] == [
        (rid, len(labels)) for rid, _, labels in drawn(other)
    ]
    parts: list[set[frozenset[int]]] = []
    for one in (registry, other):
        of: dict[int, set[int]] = {}
        for rid, component, _ in drawn(one):
            of.setdefault(component, set()).add(rid)
        parts.append({frozenset(members) for members in of.values()})
    assert parts[0] == parts[1]


NAMED = "SELECT rid, reporter || '/' || hex(handle) AS name FROM {unit}.records"
HANDED = {
    "persons": "SELECT name, person_id, has FROM {unit}.persons JOIN named USING (rid)",
    "draws": "SELECT name, component, labels FROM {unit}.draws JOIN named USING (rid)",
    "links": """
        SELECT least(a.name, b.name), greatest(a.name, b.name), match_weight, log_odds, probability, decision, reason
        FROM {unit}.links JOIN named AS a ON a.rid = rid_a JOIN named AS b ON b.rid = rid_b
    """,
    "events": "SELECT * FROM {unit}.person_events",
    "never_met": "SELECT * FROM {unit}.never_met",
    "runs": "SELECT run, model, n_records, n_pairs, n_links, n_persons, draws FROM {unit}.runs",
}


def check_handed_over(registry: Registry) -> None:
    """Check that the statistics unit has all that the linkage unit has."""
    for query in HANDED.values():
        linkage, statistics = (
            dump(registry, f"WITH named AS ({NAMED}) {query} ORDER BY ALL".format(unit=unit))
            for unit in ("linkage", "statistics")
        )
        assert linkage == statistics


def link_both(registry: Registry, name: str = "copy") -> Registry:
    """Link a registry, and a copy of it in a full run, and check that both find the same; return the copy."""
    full = copy_of(registry, name)
    report, other = registry.link(), full.link(full=True)
    assert other.full_run == changed.ASKED
    assert report.full_run is None
    assert answer(registry) == answer(full)
    check_draws(registry, full)
    check_handed_over(registry)
    check_handed_over(full)
    assert report.weighed_again <= report.records
    assert registry.audit.repeat().same
    return full


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


@pytest.mark.whole
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_pieces_in_any_order_give_what_one_run_gives(registry, seed):
    rng = np.random.default_rng(seed)
    deliver(registry, 1, invented(seed, 60))
    first = registry.link()
    assert first.full_run == changed.MODEL
    whole = copy_of(registry, "whole")
    rest = [(reporter, one) for reporter, sent in invented(seed + 100, 40).items() for one in sent]
    rest = [(reporter, Rec(f"x{one.record_id}", *vars_of(one))) for reporter, one in rest]
    order = rng.permutation(len(rest))
    cuts = np.sort(rng.choice(np.arange(1, len(rest)), 3, replace=False))
    for sequence, piece in enumerate(np.split(order, cuts), start=2):
        deliver(registry, sequence, of_reporters([rest[number] for number in piece]))
        link_both(registry)
    deliver(whole, 2, of_reporters(rest))
    assert whole.link().full_run is None
    assert partition(registry) == partition(whole)
    weights = [dump(one, "SELECT log_odds, match_weight FROM linkage.links ORDER BY ALL") for one in (registry, whole)]
    assert weights[0] == weights[1]


def vars_of(record: Rec) -> tuple:
    return (record.persona, record.values, record.payload, record.flips, 0, False, record.own, record.joins)


def of_reporters(rows: list[tuple[str, Rec]]) -> dict[str, list[Rec]]:
    return {name: [one for reporter, one in rows if reporter == name] for name in REPORTERS}


@pytest.mark.whole
def test_new_records_cost_what_they_touch(registry):
    deliver(registry, 1, {name: crowd(name, range(40)) for name in REPORTERS})
    registry.link()
    deliver(registry, 2, {"a": [Rec("new", 7), Rec("alone", 50)]})
    report = registry.link()
    # Person 7 has a record at each reporter.
    assert (report.full_run, report.new_records, report.weighed_again, report.records) == (None, 2, 5, 122)
    assert frozenset({("a", "new"), *((name, f"{name}-7") for name in REPORTERS)}) in partition(registry)


@pytest.mark.whole
def test_what_is_withdrawn_or_sent_anew_touches_its_own(registry):
    deliver(registry, 1, invented(5, 70))
    registry.link()
    sent = invented(5, 70)
    gone = [one.record_id for one in sent["a"][:3]]
    registry.receive(take_back(registry.path.parent / "back.parquet", "a", 2, records=gone))
    link_both(registry)
    # Other codes under the same ids, and one that is as it was.
    again = [Rec(one.record_id, one.persona + 3, flips=one.flips) for one in sent["b"][:4]]
    deliver(registry, 2, {"b": [*again, *sent["b"][4:5]]})
    link_both(registry)


@pytest.mark.whole
def test_the_same_file_twice_touches_nothing(registry):
    sent = invented(6, 50)
    deliver(registry, 1, sent)
    registry.link()
    before, ranges = answer(registry), drawn(registry)
    deliver(registry, 1, sent)
    deliver(registry, 2, sent)
    report = registry.link()
    assert (report.full_run, report.new_records, report.weighed_again) == (None, 0, 0)
    after = answer(registry)
    assert {name: rows for name, rows in after.items() if name != "run"} == {
        name: rows for name, rows in before.items() if name != "run"
    }
    assert drawn(registry) == ranges
    assert ranges


@pytest.mark.whole
def test_numbers_of_drawn_components_do_not_grow_from_run_to_run(registry, monkeypatch):
    # No link is sure, so each person varies.
    monkeypatch.setattr("linkage.linking.draws.SURE", 100.0)
    deliver(registry, 1, {name: crowd(name, range(20)) for name in ("a", "b")})
    registry.link()
    assert {component for _, component, _ in drawn(registry)} == set(range(20))
    for sequence in (2, 3):
        deliver(registry, sequence, {"a": [Rec(f"late-{sequence}", 7)]})
        assert registry.link().weighed_again == sequence + 1
        # Readers make arrays as long as these numbers are high.
        assert {component for _, component, _ in drawn(registry)} == set(range(20))
    assert len(drawn(registry)) == 42


@pytest.mark.whole
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda registry: deliver(registry, 2, {"d": crowd("d", [1])}), changed.REPORTERS),
    ],
)
def test_what_needs_a_full_run_says_so(registry, change, reason):
    deliver(registry, 1, invented(7, 50))
    registry.link()
    change(registry)
    assert registry.link().full_run == reason
    # The run after it need not be full again.
    deliver(registry, 3, {"a": [Rec("late", 1)]})
    link_both(registry)


@pytest.mark.whole
def test_after_a_purge_new_records_are_compared_and_all_weighed(registry):
    first = invented(7, 60)
    # Others who share half of their match keys with a person, and nothing else.
    first["c"] += [Rec(f"other-{n}", PERSONS + n, joins=n, unlike=True) for n in range(8)]
    deliver(registry, 1, first)
    registry.link()
    assert registry.purge(review_days=0).codes
    link_both(registry)
    deliver(registry, 2, {"a": [Rec("late", 1), Rec("later", 30)]})
    link_both(registry)
    registry.purge(review_days=0)
    # One that was purged comes again, and has its codes back.
    deliver(registry, 3, {"b": first["b"][:5], "c": [*first["c"][-3:], Rec("last", 2)]})
    link_both(registry)


@pytest.mark.whole
def test_a_refit_is_a_full_run(registry):
    deliver(registry, 1, invented(7, 50))
    registry.link()
    assert registry.link(refit=True).full_run == changed.MODEL


@pytest.mark.whole
def test_another_version_of_a_library_needs_a_full_run(registry, monkeypatch):
    deliver(registry, 1, invented(7, 30))
    registry.link()
    monkeypatch.setattr(changed, "libraries", lambda: {"numpy": "0"})
    assert registry.link().full_run == changed.LIBRARIES


@pytest.mark.whole
@pytest.mark.parametrize("most", ["MAX_GROUP", "MAX_OF_REPORTER"])
def test_a_match_key_that_becomes_too_common_needs_a_full_run(registry, monkeypatch, most):
    records = {name: [Rec(f"{name}-{number}", number // 3) for number in range(30)] for name in REPORTERS}
    limit = 9 if most == "MAX_GROUP" else 3
    names = {"MAX_GROUP": "max_group", "MAX_OF_REPORTER": "max_of_reporter"}
    duckdb = importlib.import_module("linkage.engines.duckdb").DuckDBEngine
    # The engine has the limit as a default value.
    monkeypatch.setitem(duckdb.candidates.__kwdefaults__, names[most], limit)
    monkeypatch.setattr(changed, most, limit)
    deliver(registry, 1, records)
    registry.link()
    deliver(registry, 2, {"a": [Rec("one more", 4)]})
    full = copy_of(registry, "copy")
    assert registry.link().full_run == changed.CROWD_NEW
    full.link(full=True)
    assert answer(registry) == answer(full)
    # It is as common as before, so nothing but the new record is compared.
    deliver(registry, 3, {"a": [Rec("another", 4)]})
    link_both(registry)
    # If a record goes, a match key may be rare enough again.
    registry.receive(take_back(registry.path.parent / "back.parquet", "a", 4, records=["one more"]))
    assert registry.link().full_run == changed.CROWD_GONE


@pytest.mark.whole
def test_a_killed_run_leaves_the_one_before_and_the_next_ends_equal(registry, monkeypatch):
    deliver(registry, 1, invented(8, 60))
    registry.link()
    deliver(registry, 2, {"a": [Rec("late", 1), Rec("later", 2)]})
    before, ranges = answer(registry), drawn(registry)
    result = importlib.import_module("linkage.linkage_unit.result")
    with monkeypatch.context() as patch:

        def killed(*arguments, **options):
            raise KeyboardInterrupt

        # The last that is written before the transaction ends.
        patch.setattr(result, "remember", killed)
        with pytest.raises(KeyboardInterrupt):
            registry.link()
    assert answer(registry) == before
    assert drawn(registry) == ranges
    link_both(registry)


@pytest.mark.whole
def test_nothing_that_is_remembered_lies_plain_or_outlives_a_record(registry):
    deliver(registry, 1, invented(9, 60))
    registry.link()
    key = RegistryKey.load(registry.registry_key)
    with registry._units.linkage.session(write=False) as session:
        before = read_remembered(session, key)
        stored = b"".join(data for _, data in session.rows("SELECT part, data FROM remembered"))
    for column in (before.pairs.a, before.pairs.log_odds, before.pairs.levels[:40], before.records.label):
        assert column.tobytes()[:64] not in stored
    gone = [one.record_id for one in invented(9, 60)["a"][:1]]
    ((rid,),) = dump(
        registry,
        "SELECT l.rid FROM linkage.records AS l JOIN statistics.records AS s USING (reporter, handle) "
        f"WHERE record_id = '{gone[0]}'",
    )
    assert rid in before.pairs.a or rid in before.pairs.b
    registry.receive(take_back(registry.path.parent / "back.parquet", "a", 2, records=gone))
    assert dump(registry, f"SELECT * FROM linkage.pair_nonces WHERE rid = {rid}") == []
    with registry._units.linkage.session(write=False) as session:
        after = read_remembered(session, key)
    assert rid not in {*after.pairs.a.tolist(), *after.pairs.b.tolist(), *after.records.rid.tolist()}
    assert after.n_gone == 1
    assert len(after.touched)


@pytest.fixture
def whole_hand_overs(monkeypatch) -> list[int]:
    """Note the numbers of hand-overs that say all."""
    numbers: list[int] = []
    take = exchange.take_hand_over

    def taken(session, hand_over, **options):
        numbers.append(hand_over.number)
        take(session, hand_over, **options)

    monkeypatch.setattr(exchange, "take_hand_over", taken)
    return numbers


@pytest.mark.whole
def test_the_statistics_unit_is_told_what_has_changed(registry, whole_hand_overs):
    deliver(registry, 1, invented(11, 50))
    registry.link()
    assert whole_hand_overs == [1]
    deliver(registry, 2, {"a": [Rec("late", 1), Rec("later", 2)]})
    link_both(registry)
    registry.link(full=True)
    check_handed_over(registry)
    assert set(whole_hand_overs) == {1}
    # What is erased is erased from both at once, and the events of its persons change: then all is said.
    whole_hand_overs.clear()
    registry.receive(take_back(registry.path.parent / "back.parquet", "a", 3, records=["late"]))
    assert whole_hand_overs == [3]
    registry.link()
    check_handed_over(registry)
    deliver(registry, 4, {"b": [Rec("last", 1)]})
    registry.link()
    assert whole_hand_overs == [3]
    check_handed_over(registry)


def other_mark(registry: Registry, unit: str) -> None:
    with getattr(registry._units, unit).session(write=True) as session:
        session.set("handed_over", "another 0")


def lost_row(registry: Registry, table: str) -> None:
    with registry._units.statistics.session(write=True) as session:
        session.run(f"DELETE FROM {table} WHERE rowid = (SELECT min(rowid) FROM {table})")


@pytest.mark.whole
@pytest.mark.parametrize(
    "change",
    [
        lambda registry: other_mark(registry, "linkage"),
        lambda registry: other_mark(registry, "statistics"),
        lambda registry: lost_row(registry, "persons"),
        lambda registry: lost_row(registry, "links"),
        lambda registry: lost_row(registry, "draws"),
    ],
)
def test_units_that_do_not_agree_are_told_all(registry, whole_hand_overs, change):
    deliver(registry, 1, invented(12, 50))
    registry.link()
    deliver(registry, 2, {"a": [Rec("late", 49)]})
    change(registry)
    registry.link()
    assert whole_hand_overs == [1, 2]
    check_handed_over(registry)


@pytest.mark.whole
def test_a_hand_over_that_was_killed_is_made_up_for_in_whole(registry, whole_hand_overs, monkeypatch):
    deliver(registry, 1, invented(13, 50))
    registry.link()
    deliver(registry, 2, {"a": [Rec("late", 1)]})
    with monkeypatch.context() as patch:

        def killed(*arguments, **options):
            raise KeyboardInterrupt

        patch.setattr(exchange, "take_hand_over_since", killed)
        with pytest.raises(KeyboardInterrupt):
            registry.link()
    # Whoever writes next hands it over.
    deliver(registry, 3, {"a": [Rec("later", 2)]})
    assert whole_hand_overs == [1, 2]
    registry.link()
    assert whole_hand_overs == [1, 2]
    check_handed_over(registry)


@pytest.mark.whole
def test_what_partners_show_is_remembered_by_the_model_of_the_next_run(registry, monkeypatch):
    def by_tables(pairs, reporter, tables, weights, *, few=None):
        """Return evidence that is another with other tables."""
        apart = np.full(len(pairs.a), sum(table.m[-1] for table in tables))
        return apart, np.zeros(len(pairs.a)), weights or (1.0, 1.0, 1.0, 1.0)

    monkeypatch.setattr(fitting, "_weighed_against", by_tables)
    deliver(registry, 1, {name: crowd(name, range(40)) for name in REPORTERS})
    registry.link()
    ((text,),) = dump(registry, "SELECT parameters FROM linkage.models")
    assert [table.m for table in Model.from_json(text).fields] != [table.m for table in PROFILE.linking.fields]
    deliver(registry, 2, {"a": [Rec("late", 1)]})
    link_both(registry)
