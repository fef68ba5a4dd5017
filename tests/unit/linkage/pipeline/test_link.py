"""Linking: from received records to persons, reproducibly, and stored completely or not at all."""

from __future__ import annotations

import csv
import importlib
import itertools
import re
from collections import Counter

import pytest

from linkage import growth
from linkage.errors import NotLinkedError, SettingsError
from linkage.growth import NEW_REPORTERS, OUTGROWN, coarse_profile, strangers_a_record
from linkage.keys import RegistryKey
from linkage.linkage_unit.run import UNSETTLED
from linkage.linking.meeting import MeetingStrengths
from linkage.pipeline import Registry
from pseudonym.profile import Profile
from tests.unit.linkage.helpers import (
    PROFILE,
    UNGUARDED,
    Rec,
    crowd,
    dump,
    make_profile,
    partition,
    plain_codes,
    send,
    take_back,
)

RESULTS = ("models", "runs", "links", "persons", "person_events")


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


def results(registry: Registry) -> dict[str, list[tuple]]:
    return {table: sorted(dump(registry, f"SELECT * FROM {table}"), key=repr) for table in RESULTS}


def deliver(registry: Registry, *submissions: tuple[str, int, list[Rec]]) -> None:
    folder = registry.path.parent
    paths = [send(folder / f"{name}-{n}.parquet", name, n, records) for name, n, records in submissions]
    registry.receive_all(paths)


def deliver_to(registry: Registry, profile: Profile, records: dict[str, list[Rec]]) -> None:
    folder = registry.path.parent
    registry.receive_all([send(folder / name, name, 1, sent, profile=profile) for name, sent in records.items()])


def test_an_empty_registry_links(registry):
    report = registry.link()
    assert (report.records, report.pairs, report.persons, report.model) == (0, 0, 0, None)
    assert report.expected_precision is None
    assert registry.persons().num_rows == 0
    assert registry.links().num_rows == 0
    assert registry.summary().last_run is not None


def test_one_record_is_one_person(registry):
    deliver(registry, ("a", 1, crowd("a", [1])))
    assert registry.link().persons == 1
    (row,) = registry.persons().to_pylist()
    assert re.fullmatch("P[a-z2-7]{26}", row.pop("person_id"))
    assert row == {"reporter": "a", "record_id": "a-1"}


@pytest.mark.whole
def test_records_that_share_nothing_stay_apart(registry):
    deliver(registry, ("a", 1, crowd("a", range(5))), ("b", 1, crowd("b", range(5, 10))))
    report = registry.link()
    assert (report.records, report.pairs, report.links, report.persons) == (10, 0, 0, 10)


def test_persons_are_found_between_and_within_reporters(registry):
    twice = [*crowd("a", range(20)), Rec("again", 3)]
    deliver(registry, ("a", 1, twice), ("b", 1, crowd("b", range(10, 30))), ("c", 1, crowd("c", [15])))
    report = registry.link()
    assert (report.records, report.pairs, report.links, report.review, report.persons) == (42, 13, 13, 0, 30)
    groups = partition(registry)
    assert {("a", "a-3"), ("a", "again")} in groups
    assert {("a", "a-15"), ("b", "b-15"), ("c", "c-15")} in groups
    found = registry.summary()
    assert (found.persons, found.links, found.overlap_between("a", "b"), found.overlap_between("c", "b")) == (
        30,
        13,
        10,
        1,
    )
    assert report.expected_precision is None, "nothing checks it in so few records"
    assert 0.9 < report.expected_recall <= 1
    assert report.recall_is_bound, "a profile without bands"
    status = registry.status()
    assert status.expected_precision == report.expected_precision
    assert (status.expected_recall, status.recall_is_bound) == (report.expected_recall, report.recall_is_bound)
    assert report.to_dict()["expected_recall"] == report.expected_recall


@pytest.mark.whole
def test_matches_that_were_never_compared_are_estimated_from_those_that_met_seldom(tmp_path):
    bands = {"kind": "bands", "bands": 6, "rows": 6, "weights": {"name_bigram": 1}}
    profile = make_profile(match_keys=[bands])
    registry = Registry.create(tmp_path / "r.duckdb", profile=profile)
    # Of the pairs with a partner a third share no band, and the others one, two, three or all six.
    own = (6, 6, 5, 5, 4, 3, 3, 0, 6)
    sent = [Rec(f"b-{i}", i, own=own[i % len(own)]) for i in range(270)]
    deliver_to(registry, profile, {"a": crowd("a", range(270)), "b": sent})
    report = registry.link()
    assert (report.pairs, report.links) == (180, 180)
    assert not report.recall_is_bound
    assert 0.9 < report.expected_precision <= 1, "many persons are known to both"
    assert registry.status().expected_precision == report.expected_precision
    assert 0.4 < report.expected_recall < 0.7


@pytest.mark.whole
def test_a_record_of_several_identities_is_linked_through_the_one_that_fits(registry):
    far = tuple(range(40))
    sent = [*crowd("b", range(2, 20)), Rec("earlier name", 0, flips=far), Rec("both names", 1, flips=far, repeats=True)]
    deliver(registry, ("a", 1, crowd("a", range(20))), ("b", 1, sent))
    registry.link()
    weight = {row["record_id_b"]: row["match_weight"] for row in registry.links().to_pylist()}
    assert weight["both names"] == weight["b-5"] > weight["earlier name"] + 5
    assert max(Counter(code[:4] for code in plain_codes(registry)).values()) == 2


@pytest.mark.whole
def test_probable_pairs_are_stored_with_their_evidence(registry):
    flips = tuple(range(20))
    deliver(registry, ("a", 1, crowd("a", range(10))), ("b", 1, [Rec(f"b-{i}", i, flips=flips) for i in range(10)]))
    registry.link()
    weights = {row["match_weight"] for row in registry.links().to_pylist()}
    probabilities = [row["probability"] for row in registry.links().to_pylist()]
    assert len(probabilities) == 10
    assert all(0.01 <= probability <= 1 for probability in probabilities)
    (weight,) = weights
    other = Registry.create(registry.path.with_name("s.duckdb"), profile=PROFILE)
    deliver(other, ("a", 1, crowd("a", range(10))), ("b", 1, crowd("b", range(10))))
    other.link()
    assert weight < min(row["match_weight"] for row in other.links().to_pylist()) - 5


@pytest.mark.whole
def test_competition_that_does_not_converge_is_reported(registry, monkeypatch):
    deliver(registry, ("a", 1, crowd("a", range(20))), ("b", 1, crowd("b", range(20))))
    assert not any("converge" in note for note in registry.link().notes)
    competing = importlib.import_module("linkage.linking.compete")
    settle = competing.settle
    monkeypatch.setattr(competing, "settle", lambda *arguments: settle(*arguments) + 2)
    assert UNSETTLED.format(n=2) in registry.link().notes


@pytest.mark.whole
def test_meeting_strengths_are_used_for_clustering(registry, monkeypatch):
    clustering = importlib.import_module("linkage.linkage_unit.clustering")
    asked, given = [], []

    def measure_strengths(a, b, levels, labels):
        asked.append((len(a), len(levels), labels.tolist()))
        return MeetingStrengths((), 0.7)

    def cluster(*arguments, meeting=None, **options):
        given.append(meeting)
        return real(*arguments, meeting=meeting, **options)

    real = clustering.cluster
    monkeypatch.setattr(clustering, "measure_strengths", measure_strengths)
    monkeypatch.setattr(clustering, "cluster", cluster)
    deliver(registry, ("a", 1, crowd("a", range(4))), ("b", 1, crowd("b", range(4))))
    registry.link()
    assert [(n_pairs, n_levels, len(set(labels))) for n_pairs, n_levels, labels in asked] == [(4, 4, 4)]
    assert given[0] is None
    assert given[1].tolist() == [0.7] * 8
    # They are kept with the model: a later run measures nothing.
    registry.link(full=True)
    assert len(asked) == 1
    assert [strengths.tolist() for strengths in given[2:]] == [[0.7] * 8]


@pytest.mark.whole
def test_two_roles_in_one_case_are_two_persons_and_go_to_review(registry):
    roles = [{"case_id": "C", "role": role} for role in ("victim", "accompanying_child")]
    deliver(registry, ("a", 1, [Rec("x", 1, roles[0]), Rec("y", 1, roles[1]), *crowd("a", range(2, 9))]))
    report = registry.link()
    assert (report.links, report.review, report.review_persons, report.persons) == (0, 1, 1, 9)
    (row,) = registry.links().to_pylist()
    (queued,) = registry.review().to_pylist()
    assert queued == row | {"pair_of_persons": 1, "pairs_of_records": 1}
    assert (registry.summary().review_persons, registry.status().n_review_persons) == (1, 1)
    assert row["decision"] == "review"
    assert row["probability"] >= 0.5
    assert {("a", "x")} in partition(registry)


@pytest.mark.whole
def test_one_role_in_one_case_may_be_one_person(registry):
    same = {"case_id": "C", "role": "victim"}
    deliver(registry, ("a", 1, [Rec("x", 1, same), Rec("y", 1, same), *crowd("a", range(2, 9))]))
    registry.link()
    assert {("a", "x"), ("a", "y")} in partition(registry)


SUBMISSIONS = {
    "a1": ("a", 1, crowd("a", range(12))),
    "a2": ("a", 2, [Rec("a-3", 33), *crowd("a", range(12, 15))]),
    "b1": ("b", 1, [*crowd("b", range(6, 18)), Rec("b-33", 33, flips=(1, 2, 3))]),
    "c1": ("c", 1, [*crowd("c", range(0, 18, 4)), Rec("twice", 4)]),
}


ORDERS = list(itertools.permutations(SUBMISSIONS))[::5]


def _with_one_key(path) -> Registry:
    """Create a registry whose key is always the same, so that digests of records are too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RegistryKey, "generate", lambda: RegistryKey._from_secret(bytes(32)))
        return Registry.create(path, profile=PROFILE)


def _ids(registry: Registry) -> dict[tuple[str, str], str]:
    return {(row["reporter"], row["record_id"]): row["person_id"] for row in registry.persons().to_pylist()}


@pytest.fixture(scope="module")
def ids_in_order(tmp_path_factory) -> dict[tuple[str, str], str]:
    """Return the ids in a registry that received the submissions in order and then linked them."""
    registry = _with_one_key(tmp_path_factory.mktemp("in-order") / "r.duckdb")
    deliver(registry, *SUBMISSIONS.values())
    registry.link()
    return _ids(registry)


@pytest.mark.whole
@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_delivery_before_the_first_link_changes_neither_persons_nor_ids(tmp_path, ids_in_order, order):
    registry = _with_one_key(tmp_path / "r.duckdb")
    for name in order:
        deliver(registry, SUBMISSIONS[name])
    registry.link()
    groups = partition(registry)
    assert {("a", "a-3"), ("b", "b-33")} in groups
    assert {("a", "a-4"), ("c", "c-4"), ("c", "twice")} in groups
    assert len(groups) == 18
    assert sum(map(len, groups)) == 34
    assert _ids(registry) == ids_in_order


@pytest.mark.whole
def test_ids_of_persons_already_linked_stay_so_they_depend_on_when_link_was_run(tmp_path, ids_in_order):
    registry = _with_one_key(tmp_path / "r.duckdb")
    before: dict[tuple[str, str], str] = {}
    for name in ("c1", "b1", "a1", "a2"):
        deliver(registry, SUBMISSIONS[name])
        registry.link()
        after = _ids(registry)
        # The record that becomes another person is the only one whose id may change.
        assert {record for record, person in before.items() if after[record] != person} <= {("a", "a-3")}
        before = after
    assert after.keys() == ids_in_order.keys()
    assert after != ids_in_order


@pytest.mark.whole
def test_ids_stay_when_records_come_and_every_change_is_an_event(registry):
    deliver(registry, ("a", 1, crowd("a", range(5))))
    registry.link()
    before = {row["record_id"]: row["person_id"] for row in registry.persons().to_pylist()}
    deliver(registry, ("b", 1, crowd("b", range(3, 8))))
    report = registry.link()
    after = {row["record_id"]: row["person_id"] for row in registry.persons().to_pylist()}
    assert {name: after[name] for name in before} == before
    assert after["b-3"] == before["a-3"]
    assert report.changes == {"created": 3, "merged": 0, "split": 0, "retired": 0}
    events = dump(registry, "SELECT event, run, kind, person_id FROM person_events ORDER BY event")
    assert [event for event, *_ in events] == list(range(1, 9))
    assert [run for _, run, *_ in events] == [1] * 5 + [2] * 3
    assert len({person for *_, person in events}) == 8


@pytest.mark.whole
def test_a_record_that_becomes_another_splits_off(registry):
    deliver(registry, ("a", 1, crowd("a", range(5))), ("b", 1, crowd("b", range(5))))
    assert registry.link().persons == 5
    deliver(registry, ("b", 2, [Rec("b-0", 70)]))
    report = registry.link()
    assert report.persons == 6
    assert report.changes == {"created": 1, "merged": 0, "split": 1, "retired": 0}


@pytest.mark.whole
def test_linking_twice_changes_nothing(registry):
    deliver(registry, ("a", 1, crowd("a", range(9))), ("b", 1, crowd("b", range(5, 12))))
    registry.link()
    before = results(registry)
    report = registry.link()
    after = results(registry)
    assert (report.fitted, report.run, set(report.changes.values())) == (False, 2, {0})
    assert all(after[table] == before[table] for table in ("models", "links", "persons", "person_events"))


@pytest.mark.whole
def test_a_model_is_reused_until_a_new_one_is_fitted(registry):
    def stored():
        return dump(registry, "SELECT * FROM models ORDER BY model")

    def weights():
        return {row["match_weight"] for row in registry.links().to_pylist()}

    deliver(registry, ("a", 1, crowd("a", range(40))), ("b", 1, crowd("b", range(5, 45))))
    first = registry.link()
    (model,), by_first = stored(), weights()
    far = tuple(range(20))
    deliver(registry, ("c", 1, [Rec(f"c-{i}", i, flips=far) for i in range(40)]))
    second = registry.link()
    assert stored() == [model]
    assert by_first < weights(), "the stored model weighs old pairs as before"
    third = registry.link(refit=True)
    assert stored()[0] == model
    assert model[1] <= stored()[1][1] == registry.status().model_fitted_at, "each model has its date"
    assert not by_first & weights()
    assert [(report.model, report.fitted) for report in (first, second, third)] == [(1, True), (1, False), (2, True)]
    assert [model for (model,) in dump(registry, "SELECT model FROM models ORDER BY model")] == [1, 2]
    assert dump(registry, "SELECT run, model FROM runs ORDER BY run") == [(1, 1), (2, 1), (3, 2)]


@pytest.mark.whole
def test_a_model_without_pairs_to_learn_from_is_not_stored(registry):
    deliver(registry, ("a", 1, crowd("a", range(3))))
    assert (registry.link().model, registry.link().fitted) == (None, False)
    deliver(registry, ("b", 1, crowd("b", range(3))))
    report = registry.link()
    assert (report.model, report.fitted) == (1, True)


@pytest.mark.whole
def test_a_refit_is_due_once_the_records_have_more_than_doubled(registry):
    deliver(registry, ("a", 1, crowd("a", range(3))), ("b", 1, crowd("b", range(3))))
    assert _advice(registry.link()) == (False, set())
    assert not registry.status().refit_due
    deliver(registry, ("a", 2, crowd("a", range(9))))
    assert _advice(registry.link()) == (False, set()), "twice as many are not more than twice as many"
    deliver(registry, ("b", 2, crowd("b", range(4))))
    assert registry.status().refit_due, "before link has seen the new record"
    assert _advice(registry.link()) == (True, {OUTGROWN})
    assert _advice(registry.link()) == (True, {OUTGROWN}), "until there is a refit"
    assert _advice(registry.link(refit=True)) == (False, set())
    assert _advice(registry.link()) == (False, set())
    assert not registry.status().refit_due


@pytest.mark.whole
def test_a_refit_is_due_once_reporters_that_the_model_has_not_seen_have_over_a_third_of_the_records(registry):
    deliver(registry, ("a", 1, crowd("a", range(10))), ("b", 1, crowd("b", range(10))))
    registry.link()
    # Neither nothing to report nor a withdrawal is a record, so the model has not seen this reporter.
    deliver(registry, ("c", 1, []))
    registry.receive(take_back(registry.path.with_name("w"), "c", 2, records=["misspelt"]))
    assert _advice(registry.link(refit=True)) == (False, set())
    deliver(registry, ("c", 3, crowd("c", range(10))))
    assert _advice(registry.link()) == (False, set()), "a third is not more than a third"
    deliver(registry, ("d", 1, crowd("d", range(1))))
    assert _advice(registry.link()) == (True, {NEW_REPORTERS})
    assert _advice(registry.link(refit=True)) == (False, set())


@pytest.mark.whole
def test_a_profile_that_compares_each_record_with_many_strangers_is_called_too_coarse(registry, monkeypatch):
    deliver(registry, ("a", 1, [Rec("a-1", 1)]), ("b", 1, [Rec("b-1", 2, joins=1, unlike=True)]))
    report = registry.link()
    assert (report.records, report.pairs, report.links) == (2, 1, 0)
    assert report.to_dict()["strangers_a_record"] == registry.privacy().to_dict()["strangers_a_record"] == 1
    assert not _coarse(report.notes) | _coarse(registry.privacy().warnings)
    monkeypatch.setattr(growth, "MANY_STRANGERS", 0.9)
    notes = _coarse(registry.link().notes)
    assert notes == _coarse(registry.privacy().warnings)
    assert ["1 records of other persons" in note and "profile population" in note for note in notes] == [True]


def test_for_a_narrow_profile_the_remedy_is_another():
    assert "the profile population" in coarse_profile(10.1, profile="case-registry")[0]
    assert "one registry for each group" in coarse_profile(10.1, profile="population")[0]
    assert coarse_profile(10.0, profile="population") == ()
    assert strangers_a_record(n_records=0, n_pairs=0, n_links=0) == 0


def _coarse(sentences) -> set[str]:
    return {one for one in sentences if one.startswith("Each record was compared")}


def _advice(report) -> tuple[bool, set[str]]:
    assert report.to_dict()["refit_due"] is report.refit_due
    return report.refit_due, {OUTGROWN, NEW_REPORTERS} & set(report.notes)


@pytest.mark.whole
def test_links_older_than_the_records_are_reported(registry):
    deliver(registry, ("a", 1, crowd("a", range(3))))
    assert not registry.status().linked
    registry.link()
    assert registry.status().linked
    deliver(registry, ("a", 2, crowd("a", range(3))))
    assert registry.status().linked, "nothing has changed"
    deliver(registry, ("a", 3, crowd("a", range(4))))
    assert not registry.status().linked
    assert registry.summary().unlinked == 1
    assert registry.persons().num_rows == 3


@pytest.mark.whole
def test_without_a_run_there_are_no_persons(registry):
    deliver(registry, ("a", 1, crowd("a", range(3))))
    for ask in (registry.persons, registry.links):
        with pytest.raises(NotLinkedError):
            ask()
    assert registry.summary().last_run is None


STAGES = ("compare_pairs", "fit_model", "resolve", "_assign", "changed_tables", "store_difference", "_events_statement")


@pytest.mark.whole
@pytest.mark.parametrize("stage", STAGES)
def test_a_run_that_breaks_off_leaves_the_results_of_the_run_before(registry, monkeypatch, stage):
    deliver(registry, ("a", 1, crowd("a", range(5))))
    registry.link()
    before = results(registry)
    deliver(registry, ("b", 1, crowd("b", range(5))))
    with monkeypatch.context() as patch:

        def die(*_arguments, **_options):
            raise KeyboardInterrupt

        patch.setattr(importlib.import_module("linkage.linkage_unit.run"), stage, die)
        with pytest.raises(KeyboardInterrupt):
            registry.link()
    assert results(registry) == before
    assert registry.link().links == 5


@pytest.mark.whole
@pytest.mark.parametrize("then", ["link", "receive"])
def test_a_run_that_was_not_handed_over_is_so_by_whatever_writes_next(registry, monkeypatch, then):
    deliver(registry, ("a", 1, crowd("a", range(5))), ("b", 1, crowd("b", range(3, 8))))
    with monkeypatch.context() as patch:

        def die(*_arguments, **_options):
            raise KeyboardInterrupt

        patch.setattr(importlib.import_module("linkage.pipeline.linking"), "hand_over", die)
        with pytest.raises(KeyboardInterrupt):
            registry.link()
    assert registry.status().last_run is None
    assert dump(registry, "SELECT count(*) FROM linkage.runs") == [(1,)]
    if then == "link":
        assert registry.link().run == 2
    else:
        deliver(registry, ("a", 1, crowd("a", range(5))))
    assert registry.persons().num_rows == 10
    assert registry.summary().persons == 8
    same = dump(registry, "SELECT person_id, count(*) FROM linkage.persons GROUP BY ALL ORDER BY ALL")
    assert dump(registry, "SELECT person_id, count(*) FROM persons GROUP BY ALL ORDER BY ALL") == same


@pytest.mark.whole
def test_only_records_that_are_live_at_the_statistics_unit_are_linked(registry):
    deliver(registry, ("a", 1, crowd("a", range(5))), ("b", 1, crowd("b", range(5))))
    with registry._units.linkage.session(write=True) as codes:
        # As if a third submission had come to the linkage unit alone.
        codes.rows("UPDATE records SET reporter = 'c', sequence = 9 WHERE reporter = 'b' AND rid % 2 = 0")
    report = registry.link()
    waiting = dump(registry, "SELECT count(*) FROM linkage.records WHERE NOT live")[0][0]
    assert waiting > 0
    assert report.records == 10 - waiting
    assert dump(registry, "SELECT count(*) FROM linkage.codes JOIN linkage.records USING (rid) WHERE NOT live") != [
        (0,)
    ]


def test_a_profile_without_tables_is_refused_at_once(tmp_path):
    bare = PROFILE.model_copy(update={"linking": None})
    with pytest.raises(SettingsError) as caught:
        Registry.create(tmp_path / "r.duckdb", profile=bare)
    assert caught.value.rule == "profile.linking"
    assert not (tmp_path / "r.duckdb").exists()


@pytest.mark.whole
def test_a_match_key_shared_by_a_crowd_is_left_out_and_reported(tmp_path):
    # All have the same persona, as if the reporters wrote one placeholder for everybody.
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    deliver(registry, *((name, 1, [Rec(f"{name}-{place}", 1) for place in range(334)]) for name in "abc"))
    report = registry.link()
    assert (report.pairs, report.persons) == (0, 1_002)
    assert any("more than 1,000 records" in note for note in report.notes)


@pytest.mark.whole
def test_decisions_agree_with_the_persons(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    deliver(registry, ("a", 1, crowd("a", range(20))), ("b", 1, crowd("b", range(10, 30))))
    registry.link()
    person = {(row["reporter"], row["record_id"]): row["person_id"] for row in registry.persons().to_pylist()}
    links = registry.links().to_pylist()
    assert links
    for row in links:
        together = person[row["reporter_a"], row["record_id_a"]] == person[row["reporter_b"], row["record_id_b"]]
        assert together == (row["decision"] == "link")


@pytest.mark.whole
def test_an_unguarded_profile_compares_all_pairs(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=UNGUARDED, allow_unguarded="a test")
    paths = [send(tmp_path / name, name, 1, crowd(name, range(4)), profile=UNGUARDED) for name in "ab"]
    registry.receive_all(paths)
    registry.link()
    assert len(partition(registry)) == 4


STAGES = ["candidates", "join", "compare", "fit", "compete", "cluster", "store"]


@pytest.mark.whole
def test_progress_reports_the_stages(registry):
    deliver(registry, ("a", 1, crowd("a", range(5))), ("b", 1, crowd("b", range(5))))
    seen = []
    registry.link(progress=lambda *step: seen.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == STAGES
    rows = {total for stage, _, total in seen if stage == "compare"}
    assert len(rows) == 1
    assert ("join", *rows, *rows) in seen


@pytest.mark.whole
def test_python_use_fits_in_ten_lines(tmp_path):
    for name in "ab":
        send(tmp_path / f"{name}.parquet", name, 1, crowd(name, range(4)))
    from linkage import Registry as Lazy

    with Lazy.create(tmp_path / "r.duckdb", profile=PROFILE) as made:
        made.receive(tmp_path / "a.parquet")
        made.receive(tmp_path / "b.parquet")
        made.link()
        persons = made.persons()
    assert persons.column_names == ["reporter", "record_id", "person_id"]
    assert len(set(persons["person_id"].to_pylist())) == 4


@pytest.mark.whole
def test_exports_are_the_tables(registry, tmp_path):
    from linkage.answers import LINK_COLUMNS, write_links, write_persons

    deliver(registry, ("b", 1, crowd("b", range(3))), ("a", 1, crowd("a", range(2, 5))))
    registry.link()
    write_persons(registry.persons(), tmp_path / "persons.csv")
    write_links(registry.links(), tmp_path / "links.csv")
    rows = list(csv.DictReader((tmp_path / "persons.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["record_id"] for row in rows] == ["a-2", "a-3", "a-4", "b-0", "b-1", "b-2"]
    (link,) = csv.DictReader((tmp_path / "links.csv").read_text(encoding="utf-8").splitlines())
    assert tuple(link) == LINK_COLUMNS
    assert (link["record_id_a"], link["record_id_b"], link["decision"]) == ("a-2", "b-2", "link")
