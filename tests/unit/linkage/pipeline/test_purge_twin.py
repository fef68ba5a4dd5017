"""A purge beside a plain one, which goes through all codes one by one and compares all pairs before and after."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from linkage.engines.duckdb import DuckDBEngine
from linkage.keys import RegistryKey
from linkage.linkage_unit import changed, shared_keys
from linkage.linkage_unit.deciphering import deciphering_engine
from linkage.linkage_unit.kept import with_kept
from linkage.linkage_unit.pairs import LeftOut, Pairs, compare_pairs, live_codes, read_records
from linkage.linkage_unit.purge_report import REVIEW_DAYS, PurgeReport
from linkage.linkage_unit.remembered import forget, read_remembered
from linkage.linkage_unit.run_digests import sums_of_keys, sums_of_records
from linkage.linkage_unit.stored_model import read_model
from linkage.pipeline import Registry
from linkage.progress import quiet
from tests.unit.linkage.helpers import PROFILE, Rec, dump, stored_codes, unit_store
from tests.unit.linkage.pipeline.clusters import answer, twin
from tests.unit.linkage.pipeline.invented import deliver, invented

pytestmark = pytest.mark.whole

Code = tuple[int, int, int, int, bytes]
"""Kind, both halves of the match key, rid and content."""


def crossed(seed: int, n: int) -> dict[str, list[Rec]]:
    """Invent records of few persons, many of which share match keys with others."""
    return invented(seed, n, persons=16, joins=0.4, blurred=True)


@dataclass
class Known:
    """What a plain purge starts from: codes, the person of each record, and pairs of persons that may be reviewed."""

    codes: list[Code]
    person: dict[int, str]
    open_pairs: set[tuple[int, int]]
    beside: set[frozenset[str]]

    @classmethod
    def of(cls, registry: Registry, days: int) -> Known:
        last = (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
        person = dict(
            dump(registry, "SELECT rid, person_id FROM linkage.persons JOIN linkage.records USING (rid) WHERE live")
        )
        settled = dict(
            dump(
                registry,
                f"SELECT rid, settled OR received_at[:10] <= '{last}' "
                "FROM linkage.records JOIN linkage.submissions USING (submission)",
            )
        )
        links = dump(registry, "SELECT rid_a, rid_b, decision FROM linkage.links")
        found = {
            (a, b)
            for a, b, decision in links
            if decision == "review" and person[a] != person[b] and not (settled[a] and settled[b])
        }
        beside = {frozenset((person[a], person[b])) for a, b in found}
        return cls(stored_codes(registry, "live"), person, found, beside)

    def lost(self) -> tuple[Counter[Code], set[int]]:
        """Return the codes that are to go, and the records that have a match key which not all of its persons keep."""
        by_key: dict[tuple[int, int], list[Code]] = defaultdict(list)
        for code in self.codes:
            by_key[code[0], code[1]].append(code)
        gone: Counter[Code] = Counter()
        sharing: set[int] = set()
        for codes in by_key.values():
            sizes = Counter(self.person[code[3]] for code in codes)
            clusters: list[set[str]] = []
            for person in sorted(sizes):
                near = [one for one in clusters if any(frozenset((person, other)) in self.beside for other in one)]
                clusters = [one for one in clusters if one not in near] + [{person}.union(*near)]
            clusters.sort(key=lambda cluster: (-sum(sizes[person] for person in cluster), min(cluster)))
            keeper = clusters[0]
            losing = [code for code in codes if self.person[code[3]] not in keeper]
            gone.update(losing)
            sharing |= {code[3] for code in codes} if losing else set()
        return gone, sharing


def all_pairs(registry: Registry) -> tuple[Pairs, LeftOut, list[str]]:
    """Compare all pairs by the codes that there are, with what is kept of some; also return the reporters."""
    key = RegistryKey.load(registry.registry_key)
    with unit_store(registry, "linkage").session(write=False) as session:
        records, model = read_records(session), read_model(session)
        assert model is not None
        engine, tables = deciphering_engine(session, key), model.model.fields
        pairs, left_out = compare_pairs(
            engine, records, registry.settings.profile, tables=tables, progress=quiet, codes=live_codes(session)
        )
        return with_kept(session, records, pairs), left_out, list(records.strata.reporters)


def check_remembered(registry: Registry) -> LeftOut:
    """Check that the next run takes over what a comparison of all pairs gives, and return what that leaves out."""
    pairs, left_out, reporters = all_pairs(registry)
    key = RegistryKey.load(registry.registry_key)
    with unit_store(registry, "linkage").session(write=False) as session:
        found, sums = read_remembered(session, key), sums_of_keys(session, key)
    assert found is not None
    for name in ("a", "b", "levels", "captures", "sound_alike"):
        assert np.array_equal(getattr(found.pairs, name), getattr(pairs, name)), name
    assert np.isnan(found.pairs.log_odds).all()
    assert np.array_equal(found.records.sums, sums_of_records(sums, found.records.rid))
    about = {name: found.about[name] for name in ("reporters", "n_crowded", "flooded")}
    assert about == {"reporters": reporters, "n_crowded": left_out.n_crowded, "flooded": left_out.flooded}
    assert (found.n_gone, len(found.touched), len(found.apart)) == (0, 0, 0)
    return left_out


def check_purge(registry: Registry, days: int) -> tuple[PurgeReport, LeftOut]:
    """Purge, and check what that leaves."""
    known, pairs = Known.of(registry, days), all_pairs(registry)[0]
    lost, sharing = known.lost()
    before = {name: dump(registry, f"SELECT * FROM {name} ORDER BY ALL") for name in ("linkage.links", "kept_pairs")}
    found = registry.purge(review_days=days)
    assert (found.codes, found.sharing, found.open) == (lost.total(), len(sharing), len(known.open_pairs))
    after = Counter(stored_codes(registry, "live"))
    left = Counter(known.codes) - lost
    assert not left - after
    fresh = after - left
    assert Counter((code[0], code[3]) for code in fresh.elements()) == Counter(
        (code[0], code[3]) for code in lost.elements()
    )
    halves, old = ([half for code in codes for half in code[1:3]] for codes in (fresh, known.codes))
    assert len({*halves, *old}) == len(halves) + len(set(old))
    of = known.person
    stays = [(a, b) in known.open_pairs or of[a] == of[b] for a, b in zip(pairs.a, pairs.b, strict=True)]
    if found.newly or found.codes or found.pairs:
        rows = zip(pairs.a, pairs.b, pairs.levels, pairs.captures, pairs.sound_alike, stays, strict=True)
        kept = [(a, b, levels.tobytes(), captures, alike) for a, b, levels, captures, alike, stay in rows if stay]
        assert dump(registry, "SELECT * FROM kept_pairs ORDER BY ALL") == kept
        check = check_remembered(registry)
    else:
        assert dump(registry, "SELECT * FROM kept_pairs ORDER BY ALL") == before["kept_pairs"]
        check = all_pairs(registry)[1]
    links = [
        row
        for row in before["linkage.links"]
        if known.person[row[0]] == known.person[row[1]] or row[:2] in known.open_pairs
    ]
    assert dump(registry, "SELECT * FROM linkage.links ORDER BY ALL") == links
    return found, check


def received_long_ago(registry: Registry, reporter: str) -> None:
    with unit_store(registry, "linkage").session(write=True) as session:
        session.rows("UPDATE submissions SET received_at = '2020-01-01T00:00:00Z' WHERE reporter = ?", reporter)


def check_next_run(registry: Registry) -> None:
    """Check that the next run finds what a run of all records finds."""
    full = twin(registry, f"full-{registry.linkage_status().n_records}-{len(list(registry.path.parent.iterdir()))}")
    one, other = registry.link(), full.link(full=True)
    assert one.full_run is None
    assert other.full_run == changed.ASKED
    assert _but_draws(answer(registry)) == _but_draws(answer(full))


def _but_draws(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    return found | {"runs": [row[:-1] for row in found["runs"]]}


def limit(monkeypatch: pytest.MonkeyPatch, *, group: int, of_reporter: int) -> None:
    """Leave out match keys that are much less common."""
    for name, most in (("MAX_GROUP", group), ("MAX_OF_REPORTER", of_reporter)):
        # The engine has the limits as default values.
        monkeypatch.setitem(DuckDBEngine.candidates.__kwdefaults__, name.lower(), most)
        monkeypatch.setattr(changed, name, most)
        monkeypatch.setattr(shared_keys, name, most)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("days", [0, REVIEW_DAYS])
def test_a_purge_leaves_what_a_plain_one_does_and_the_next_run_finds_what_a_full_one_finds(tmp_path, seed, days):
    registry = Registry.create(tmp_path / "r", profile=PROFILE)
    deliver(registry, 1, crossed(seed, 70))
    registry.link()
    received_long_ago(registry, "a")
    found, _ = check_purge(registry, days)
    assert found.codes
    assert found.pairs
    # A run after the purge, one with new records, and the purges of these.
    check_next_run(registry)
    check_purge(registry, days)
    deliver(registry, 2, {name: sent[:3] for name, sent in crossed(seed + 100, 30).items()})
    check_next_run(registry)
    check_purge(registry, 0)
    check_next_run(registry)


@pytest.mark.parametrize(("group", "of_reporter", "seed"), [(5, 500, 7), (1_000, 2, 5), (6, 3, 2), (6, 3, 6)])
@pytest.mark.parametrize("days", [0, REVIEW_DAYS])
def test_match_keys_that_others_have_lost_are_rare_enough_to_be_joined(
    tmp_path, monkeypatch, group, of_reporter, seed, days
):
    limit(monkeypatch, group=group, of_reporter=of_reporter)
    registry = Registry.create(tmp_path / "r", profile=PROFILE)
    deliver(registry, 1, crossed(seed, 70))
    registry.link()
    before, was_left_out, _ = all_pairs(registry)
    found, left_out = check_purge(registry, days)
    assert found.codes
    assert left_out.n_crowded + sum(left_out.flooded.values()) < was_left_out.n_crowded + sum(
        was_left_out.flooded.values()
    )
    # Some pairs met in no other match key.
    after = all_pairs(registry)[0]
    assert set(zip(after.a, after.b, strict=True)) - set(zip(before.a, before.b, strict=True))
    check_next_run(registry)


@pytest.mark.parametrize("days", [0, REVIEW_DAYS])
def test_a_purge_that_compares_all_pairs_again_leaves_the_same(tmp_path, days):
    registry = Registry.create(tmp_path / "r", profile=PROFILE)
    deliver(registry, 1, crossed(6, 70))
    registry.link()
    received_long_ago(registry, "b")
    other = twin(registry)
    with unit_store(other, "linkage").session(write=True) as session, session.transaction():
        forget(session)
    assert check_purge(registry, days)[0] == check_purge(other, days)[0]
    kept = [dump(one, "SELECT * FROM kept_pairs ORDER BY ALL") for one in (registry, other)]
    assert kept[0] == kept[1]
    check_next_run(other)
