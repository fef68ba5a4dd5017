"""Erasing what is too old: which date counts, and that partial dates are old only when all of their days are."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import partial

import pytest

from linkage.cli import main
from linkage.errors import SettingsError
from linkage.pipeline import Registry
from tests.unit.codebooks import book_of
from tests.unit.linkage import helpers
from tests.unit.linkage.helpers import PROFILE, Rec, dump, registry_bytes

pytestmark = pytest.mark.whole

LIMIT = date(2021, 6, 15)
# Only a codebook with a reason lets reporters send days, beside months and years.
BOOK = book_of("1", {"kind": (False, "A")}, days=("event_date", "report_date"))
send = partial(helpers.send, codebook=BOOK)


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=BOOK)


def dated(event: str | None, report: str | None = None) -> dict[str, str]:
    return {name: value for name, value in (("event_date", event), ("report_date", report)) if value is not None}


def left(registry: Registry) -> list[str]:
    return [row[0] for row in dump(registry, "SELECT record_id FROM records ORDER BY record_id")]


def test_which_date_counts(registry, tmp_path):
    old = [
        Rec("old-day", 1, dated("2021-06-14")),
        Rec("old-month", 2, dated("2021-05")),
        Rec("old-year", 3, dated("2020")),
        Rec("old-event-new-report", 4, dated("2021-06-14", "2026-01-01")),
        Rec("old-report", 5, dated(None, "2021-06-14")),
    ]
    new = [
        Rec("day", 6, dated("2021-06-15")),
        Rec("month", 7, dated("2021-06")),
        Rec("year", 8, dated("2021")),
        Rec("new-event-old-report", 9, dated("2021-06-15", "2001-01-01")),
        Rec("period", 10),
    ]
    registry.receive(send(tmp_path / "1", "a", 1, [*old, *new], period="2026-03"))
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("old-period", 11)], period="2020"))
    registry.receive(send(tmp_path / "3", "a", 3, [Rec("same-year", 12)], period="2021"))
    registry.receive(send(tmp_path / "4", "b", 1, [Rec("received-now", 13)], period=None))
    seen = registry_bytes(registry)
    (shown,) = registry.erase_before(LIMIT, dry_run=True)
    assert registry_bytes(registry) == seen
    assert (shown.reporter, shown.records, shown.versions, shown.rows) == ("a", 6, 0, 0)
    assert (shown.first, shown.last) == ("2020", "2021-06-14")
    assert registry.erase_before(LIMIT) == [shown]
    assert left(registry) == sorted([*(record.record_id for record in new), "same-year", "received-now"])
    assert registry.erase_before(LIMIT) == []
    assert dump(registry, "SELECT reason, reporter, n_records FROM erasures") == [("retention", "a", 6)]
    assert not registry.status().erase_pending


def test_of_months_all_days_must_be_before_the_limit(tmp_path):
    registry = Registry.create(tmp_path / "months.duckdb", profile=PROFILE)
    records = [Rec(month, number, dated(month)) for number, month in enumerate(("2021-05", "2021-06", "2021-07"))]
    registry.receive(helpers.send(tmp_path / "1", "a", 1, records))
    for limit, remain in ((date(2021, 6, 30), ["2021-06", "2021-07"]), (date(2021, 7, 1), ["2021-07"])):
        registry.erase_before(limit)
        assert left(registry) == remain


def test_rows_in_quarantine_go_by_the_period_for_which_they_were_sent(registry, tmp_path):
    for number, period in enumerate(("2020", "2026-03"), start=1):
        registry.receive(send(tmp_path / period, "a", number, [Rec(period, number, missing=1)], period=period))
    (shown,) = registry.erase_before(LIMIT)
    assert (shown.records, shown.versions, shown.rows) == (0, 0, 1)
    assert dump(registry, "SELECT record_id FROM quarantine") == [("2026-03",)]


def test_a_day_still_to_come_is_refused(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1, dated("2026"))]))
    with pytest.raises(SettingsError) as caught:
        registry.erase_before(date.today() + timedelta(days=1))
    assert caught.value.rule == "erase.future"
    assert left(registry) == ["x"]


def test_older_versions_go_alone_or_with_their_record(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1, dated("2020-01-01")), Rec("y", 2, dated("2026-01-01"))]))
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("x", 1, dated("2026-01-01")), Rec("y", 2, dated("2020-01-01"))]))
    (found,) = registry.erase_before(LIMIT)
    assert (found.records, found.versions) == (1, 2)
    assert left(registry) == ["x"]
    assert dump(registry, "SELECT count(*) FROM history") == [(0,)]


def test_the_command(registry, tmp_path, capsys):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1, dated("2020-01-01")), Rec("y", 2, dated("2026"))]))

    def command(*words: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["erase", str(registry.path), *map(str, words)])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((printed.out + printed.err).split())

    status, text = command("--before", LIMIT, "--dry-run")
    assert status == 0
    assert "Older than 2021-06-15, and would be erased:" in text
    assert "a 1 0 0 0 2020-01-01 2020-01-01 Nothing was written: this was a dry run." in text
    assert left(registry) == ["x", "y"]
    status, text = command("--before", LIMIT, "--json")
    assert (status, json.loads(text)["reporters"][0]["records"]) == (0, 1)
    assert left(registry) == ["y"]
    assert command("--before", LIMIT) == (0, "Nothing is older than 2021-06-15.")
    for other in ("15.6.2021", "20210615", "2021-W24-2", "2021-06-31"):
        status, text = command("--before", other)
        assert (status, "Write a day as YYYY-MM-DD, such as 2026-03-31." in text) == (2, True), other
    status, text = command("--before", "2206-06-15")
    assert (status, "everything would be erased" in text) == (5, True)


@pytest.mark.parametrize("unit", ["linkage", "statistics"])
def test_what_could_not_be_erased_from_the_file_is_counted_and_tried_again(registry, tmp_path, capsys, unit):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1, dated("2020-01-01")), Rec("y", 2, dated("2026"))]))
    # A folder with the name of the new file keeps it from being written.
    in_the_way = registry.path / f".{unit}.duckdb.rewrite"
    in_the_way.mkdir()
    with pytest.raises(SystemExit) as ended:
        main(["erase", str(registry.path), "--before", str(LIMIT), "--json"])
    printed = capsys.readouterr()
    assert ended.value.code == 6
    assert json.loads(printed.out)["reporters"][0]["records"] == 1
    assert "is still in the registry file" in printed.err
    assert (left(registry), registry.status().erase_pending) == (["y"], True)
    in_the_way.rmdir()
    assert registry.erase_before(LIMIT) == []
    assert not registry.status().erase_pending
