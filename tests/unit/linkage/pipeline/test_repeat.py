"""A run of linking can be repeated, and what has changed since is named."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.errors import NotLinkedError, RegistryKeyError
from linkage.linkage_unit import run_digests
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, send, take_back, unit_store

pytestmark = pytest.mark.whole

_LINKED = "SELECT min(rid_a) FROM links WHERE decision = 'link'"


def cases(reporter: str, personas: range) -> list[Rec]:
    """Return records of which each two are a case with different roles."""
    roles = ("victim", "accompanying_adult")
    return [
        Rec(f"{reporter}-{n}", n, {"case_id": f"{reporter}/{n // 2}", "role": roles[n % 2]}, flips=(n % 3,))
        for n in personas
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry that has been linked, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    registry.receive(send(folder / "a", "a", 1, cases("a", range(30))))
    registry.receive(send(folder / "b", "b", 1, cases("b", range(10, 40))))
    registry.link()
    return folder


@pytest.fixture
def registry(made: Path, tmp_path: Path) -> Registry:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Registry.open(tmp_path / "r.duckdb")


def edit(registry: Registry, statement: str) -> None:
    with unit_store(registry, "linkage").session(write=True) as session:
        session.rows(statement)


def test_the_run_that_fits_a_model_and_the_run_that_uses_it_are_repeated(registry):
    for number in (1, 2):
        found = registry.audit.repeat()
        assert (found.run, found.same) == (number, True)
        assert found.to_dict() == {
            "run": number,
            "linked_at": registry.status().last_run,
            "changed": [],
            "submissions": None,
            "erasures": 0,
            "purged": 0,
            "libraries": [],
            "differs": [],
            "altered": [],
            "same": True,
        }
        registry.link()


def test_nothing_was_linked_yet(tmp_path):
    registry = Registry.create(tmp_path / "new.duckdb", profile=PROFILE)
    with pytest.raises(NotLinkedError):
        registry.audit.repeat()
    registry.link()
    assert registry.audit.repeat().same


def test_the_key_is_needed(registry):
    registry.registry_key.unlink()
    with pytest.raises(RegistryKeyError):
        registry.audit.repeat()


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("DELETE FROM apart", ("cases",)),
        ("UPDATE apart SET rid_b = rid_b + 1 WHERE rid_a = 3", ("cases",)),
        ("DELETE FROM codes WHERE rid = 3 AND kind = 0", ("records",)),
        ("UPDATE codes SET key_lo = key_lo + 1 WHERE rid = 3 AND kind = 0", ("records",)),
        ("UPDATE records SET handle = unhex(md5('other')) WHERE rid = 3", ("cases", "records")),
        ("UPDATE records SET live = false WHERE rid = 3", ("cases", "records")),
        ('UPDATE models SET parameters = json_merge_patch(parameters, \'{"note": "another"}\')', ("model",)),
    ],
)
def test_what_was_changed_by_hand_is_named_and_no_submission_is_blamed(registry, statement, changed):
    edit(registry, statement)
    found = registry.audit.repeat()
    assert (found.changed, found.submissions, found.erasures, found.same) == (changed, None, 0, False)


@pytest.mark.parametrize(
    ("statement", "altered"),
    [
        ("UPDATE links SET decision = 'no link' WHERE rid_a = (SELECT max(rid_a) FROM links)", ("links",)),
        ("DELETE FROM links WHERE rid_a = (SELECT max(rid_a) FROM links)", ("links",)),
        ("UPDATE links SET probability = probability - .00001", ("links",)),
        (f"UPDATE persons SET person_id = 'other' WHERE rid = ({_LINKED})", ("persons",)),
    ],
)
def test_results_that_were_changed_by_hand_are_named(registry, statement, altered):
    edit(registry, statement)
    found = registry.audit.repeat()
    assert (found.changed, found.differs, found.altered, found.same) == ((), (), altered, False)


def test_contents_that_were_changed_give_another_result(registry):
    edit(registry, "UPDATE codes SET content = (SELECT min(content) FROM codes)")
    found = registry.audit.repeat()
    assert found.changed == ()
    assert "links" in found.differs
    assert found.altered == ()


def test_persons_are_told_apart_by_their_records_and_not_by_their_ids(registry):
    edit(registry, "UPDATE persons SET person_id = 'x' || person_id")
    assert registry.audit.repeat().same


def test_submissions_and_erasures_since_the_run_are_named(tmp_path, registry):
    registry.receive(send(tmp_path / "c", "c", 1, crowd("c", [1])))
    registry.receive(take_back(tmp_path / "w", "a", 2, records=["a-1"]))
    found = registry.audit.repeat()
    assert (found.changed, found.submissions, found.erasures) == (("cases", "records"), (3, 3), 1)
    registry.link()
    assert registry.audit.repeat().same


def test_a_correction_of_the_payload_alone_changes_nothing(tmp_path, registry):
    known = cases("a", range(30))
    corrected = [replace(one, values={**one.values, "status": "suspected"}) for one in known]
    assert registry.receive(send(tmp_path / "a2", "a", 2, corrected)).superseding == 30
    assert registry.audit.repeat().same


def test_other_versions_of_libraries_are_named(registry, monkeypatch):
    monkeypatch.setattr("linkage.linkage_unit.repeat.libraries", lambda: {**run_digests.libraries(), "numba": "0"})
    found = registry.audit.repeat()
    assert (found.libraries, found.same) == (("numba",), True)


def test_the_digests_depend_on_what_was_sent_and_not_on_its_order(tmp_path, registry):
    # With the keys of the first one, since digests of codes are sealed under both.
    keys = {"registry_key": registry.registry_key, "statistics_key": registry.statistics_key}
    again = Registry.create(tmp_path / "again.duckdb", profile=PROFILE, **keys, existing_key=True)
    again.receive(tmp_path / "b")
    again.link()
    again.receive(tmp_path / "a")
    again.link(refit=True)
    one, two = (dict(one.audit_of("linkage").entries(act="link")[-1].members) for one in (registry, again))
    assert one["inputs"] == two["inputs"]
    assert one["results"] == two["results"]
    other = Registry.create(tmp_path / "other.duckdb", profile=PROFILE)
    other.receive_all([tmp_path / "a", tmp_path / "b"])
    other.link()
    assert other.audit_of("linkage").entries(act="link")[-1].members["inputs"]["records"] != one["inputs"]["records"]
