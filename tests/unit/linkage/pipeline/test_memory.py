"""A run says what it takes before it begins, and does not begin what this machine has not the memory for."""

from __future__ import annotations

import json

import pytest

from linkage import cli
from linkage.engines.base import KeyCounts
from linkage.engines.duckdb import DuckDBEngine
from linkage.linkage_unit.forecast import (
    CONTENT_BYTES,
    NARROWER,
    STORE_LIMIT,
    Forecast,
    expected_under_population,
    purge_forecast,
)
from linkage.linkage_unit.remembered import forget
from linkage.machine import TooLargeError
from linkage.pipeline import Registry
from linkage.store.session import READ_MEMORY
from pseudonym.profile import load_profile
from tests.paths import ROOT
from tests.registries import CopyOf
from tests.unit.linkage.helpers import UNGUARDED, crowd, dump, send, unit_store
from tests.unit.linkage.pipeline.clusters import answer, several_reporters

RESULTS = ROOT / "benchmarks" / "results"

MEMORY = "linkage.pipeline.linking.available_memory"
PURGE_MEMORY = "linkage.pipeline.purging.available_memory"


@pytest.fixture
def registry(copy_of: CopyOf) -> Registry:
    return copy_of(several_reporters)


def test_a_run_that_would_not_fit_does_not_begin(registry, tmp_path, monkeypatch):
    linked = registry.link()
    registry.receive(send(tmp_path / "later.parquet", "d", 1, crowd("d", range(15, 35))))
    before = answer(registry)
    with monkeypatch.context() as patch:
        patch.setattr(MEMORY, lambda: 10**8)
        with pytest.raises(TooLargeError) as caught:
            registry.link()
        assert answer(registry) == before
        assert caught.value.rule == "link.memory"
        assert caught.value.records == linked.records + 20
        assert caught.value.needed > 10**8 == caught.value.available
        report = registry.link(beyond_memory=True)
    # Of few records all partners are counted.
    assert caught.value.pairs == report.pairs
    assert answer(registry) != before


@pytest.mark.parametrize("memory", [10**11, None])
def test_a_run_that_fits_begins_and_so_does_one_where_nobody_knows(registry, monkeypatch, memory):
    monkeypatch.setattr(MEMORY, lambda: memory)
    assert registry.link().records == 89


def test_an_empty_match_key_is_not_forecast(tmp_path, monkeypatch):
    monkeypatch.setattr(MEMORY, lambda: 1)
    made = Registry.create(tmp_path / "all", profile=UNGUARDED, allow_unguarded="a test")
    assert made.link().records == 0


def test_the_command_says_what_it_would_take(registry, capsys, monkeypatch):
    monkeypatch.setattr(MEMORY, lambda: 10**8)
    with pytest.raises(SystemExit) as caught:
        cli.main(["link", str(registry.path)])
    assert caught.value.code == 6
    said = " ".join(capsys.readouterr().err.split())
    assert "Linking 89 records would take about 0." in said
    assert "0.1 GB are available" in said
    assert "a record; nothing was changed" in said
    with pytest.raises(SystemExit) as caught:
        cli.main(["link", str(registry.path), "--beyond-memory"])
    assert caught.value.code == 0


@pytest.mark.parametrize(
    ("available", "on_cluster", "narrower", "said"),
    [
        (8, 20, 5, ["profile population: 5.0 GB, which would fit"]),
        (8, 20, 9, ["which would not fit either"]),
        (8, 6, None, ["--engine spark), which leaves 6.0 GB here"]),
        (8, 20, None, ["one registry for each group of years", "--beyond-memory"]),
    ],
)
def test_only_remedies_that_help_are_named(available, on_cluster, narrower, said):
    error = TooLargeError(
        records=10,
        pairs=25,
        needed=20 * 10**9,
        available=available * 10**9,
        on_cluster=on_cluster * 10**9,
        narrower=None if narrower is None else narrower * 10**9,
    )
    assert "25 pairs would be compared, 2.5 a record" in str(error)
    assert all(words in str(error) for words in said)
    assert ("--engine spark" in str(error)) == (on_cluster < available)
    assert ("population" in str(error)) == (narrower is not None)


def purged(registry: Registry) -> list[tuple]:
    """Return what a purge changes."""
    return [
        dump(registry, f"SELECT * FROM {table} ORDER BY ALL")
        for table in ("codes", "linkage.records", "linkage.links", "statistics.links", "kept_pairs", "linkage.draws")
    ]


def test_a_purge_that_would_not_fit_does_not_begin(registry, monkeypatch):
    report = registry.link()
    before, told = purged(registry), answer(registry)
    with monkeypatch.context() as patch:
        patch.setattr(PURGE_MEMORY, lambda: 10**8)
        for dry_run in (True, False):
            with pytest.raises(TooLargeError) as caught:
                registry.purge(review_days=0, dry_run=dry_run)
            assert (caught.value.rule, caught.value.act) == ("purge.memory", "purge")
            assert (caught.value.records, caught.value.pairs) == (report.records, report.pairs)
            assert caught.value.needed > 10**8 == caught.value.available
            assert (purged(registry), answer(registry)) == (before, told)
        assert registry.purge(review_days=0, beyond_memory=True).newly == report.records
    assert purged(registry) != before


@pytest.mark.parametrize("memory", [10**11, None])
def test_a_purge_that_fits_begins_and_so_does_one_where_nobody_knows(registry, monkeypatch, memory):
    monkeypatch.setattr(PURGE_MEMORY, lambda: memory)
    registry.link()
    assert registry.purge(review_days=0).newly == 89


def test_a_purge_that_compares_all_pairs_counts_them_first(registry, monkeypatch):
    report = registry.link()
    with unit_store(registry, "linkage").session(write=True) as session, session.transaction():
        forget(session)
        # What a purge takes over is known to be little, so that only what it compares is too much.
        session.run("UPDATE runs SET n_pairs = 0")
    before = purged(registry)
    with unit_store(registry, "linkage").session(write=False) as session:
        least = purge_forecast(session).purge_bytes
    monkeypatch.setattr(PURGE_MEMORY, lambda: least)
    with pytest.raises(TooLargeError) as caught:
        registry.purge(review_days=0)
    assert caught.value.rule == "purge.memory"
    assert (caught.value.records, caught.value.pairs) == (report.records, report.pairs)
    assert purged(registry) == before


def test_a_run_before_a_purge_does_not_begin_if_that_would_not_fit(registry, tmp_path, capsys, monkeypatch):
    registry.link()
    # This run compares new records only, so it says nothing of its own.
    registry.receive(send(tmp_path / "later.parquet", "a", 2, crowd("later", range(2))))
    before = answer(registry)
    monkeypatch.setattr(MEMORY, lambda: 10**8)
    monkeypatch.setattr(PURGE_MEMORY, lambda: 10**8)
    with pytest.raises(SystemExit) as caught:
        cli.main(["link", str(registry.path), "--purge"])
    assert caught.value.code == 6
    said = " ".join(capsys.readouterr().err.split())
    assert "Purging 89 records would take about 0." in said
    assert "a record; nothing was changed" in said
    assert answer(registry) == before
    with pytest.raises(SystemExit) as caught:
        cli.main(["link", str(registry.path), "--purge", "--beyond-memory"])
    assert caught.value.code == 0
    assert "Settled 0 records" in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        cli.main(["purge", str(registry.path)])
    assert caught.value.code == 6
    assert "Purging 91 records" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        cli.main(["purge", str(registry.path), "--beyond-memory"])
    assert caught.value.code == 0


def test_a_purge_takes_no_more_than_the_run_before_it():
    for power in range(3, 8):
        found = expected_under_population(10**power)
        assert found.purge_bytes <= found.embedded_bytes
    for profile in ("case-registry", "population"):
        for one in json.loads((RESULTS / f"speed-memory-{profile}.json").read_text(encoding="utf-8"))["figures"][
            "sizes"
        ]:
            counts = {name: one["expected"][name] for name in ("codes", "meeting", "rows", "pairs")}
            found = Forecast(one["records"], KeyCounts(**counts), load_profile(profile).encoding.content_bytes)
            assert found.purge_bytes <= found.embedded_bytes


def test_a_cluster_holds_the_codes_itself():
    found = Forecast(10**6, KeyCounts(codes=10**8, meeting=10**8, rows=10**7, pairs=10**5), 48)
    assert found.embedded_bytes > found.clustered_bytes + 10**9
    assert expected_under_population(2 * 10**7).embedded_bytes > 3 * expected_under_population(10**7).embedded_bytes


def test_constants_are_those_of_what_they_describe():
    encoding = load_profile(NARROWER).encoding
    assert encoding.content_bytes == CONTENT_BYTES
    assert f"{STORE_LIMIT // 10**6}MB" == READ_MEMORY


def test_the_curve_of_the_narrower_profile_is_the_measured_one():
    curve = json.loads((RESULTS / "speed-link-population.json").read_text(encoding="utf-8"))["figures"]["curve"]
    assert curve[-1]["records"] == 10**6
    for one in curve:
        expected = expected_under_population(one["records"])
        assert expected.counts.pairs == pytest.approx(one["link"]["pairs"], rel=0.05)


@pytest.mark.parametrize("profile", ["case-registry", "population"])
def test_memory_is_within_a_quarter_of_what_was_measured(profile):
    measured = json.loads((RESULTS / f"speed-memory-{profile}.json").read_text(encoding="utf-8"))["figures"]["sizes"]
    assert len(measured) >= 2
    for one in measured:
        counts = {name: one["expected"][name] for name in ("codes", "meeting", "rows", "pairs")}
        encoding = load_profile(profile).encoding
        found = Forecast(one["records"], KeyCounts(**counts), encoding.content_bytes)
        assert found.embedded_bytes == pytest.approx(one["peak_bytes"], rel=0.25)
        if "purge" in one:
            assert found.purge_bytes == pytest.approx(one["purge"]["peak_bytes"], rel=0.25)
        if profile == NARROWER:
            assert "purge" in one
            computed = expected_under_population(one["records"]).embedded_bytes
            assert computed == pytest.approx(one["peak_bytes"], rel=0.25)


def test_keys_that_might_not_fit_are_counted_by_themselves(registry, monkeypatch):
    read = []
    inner = DuckDBEngine.match_keys
    monkeypatch.setattr(DuckDBEngine, "match_keys", lambda *given: read.append(given) or inner(*given))
    monkeypatch.setattr(MEMORY, lambda: 10**12)
    registry.link(full=True)
    assert not read
    monkeypatch.setattr(MEMORY, lambda: 10**8)
    with pytest.raises(TooLargeError):
        registry.link(full=True)
    assert len(read) == 1
