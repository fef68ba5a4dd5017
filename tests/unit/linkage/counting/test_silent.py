"""What missing reports would have added, judged by those that came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from linkage.counting import (
    Drawn,
    Records,
    Request,
    Silence,
    default_rules,
    drawn_persons,
    parse_period,
    silences_of,
    silent_persons,
)
from linkage.counting.silent import PRIOR, WEIGHT
from tests.unit.linkage.counting.worlds import records_of

MONTHS = [f"2025-{month:02d}" for month in range(1, 9)]
REQUEST = Request(unit="person", role="victim", period=parse_period("2025"), by=(), rules=default_rules())


def covered(*rows: tuple[str, str | None, str]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        {
            name: pa.array(column, pa.string())
            for name, column in zip(("reporter", "period", "state"), columns, strict=True)
        }
    )


def row(person: str, reporter: str, month: str, **more: Any) -> dict[str, Any]:
    return {"person_id": person, "reporter": reporter, "period": month, "event_date": month, "role": "victim"} | more


def world(alone: int) -> tuple[Records, Drawn]:
    """Return records of persons that police alone knows, `alone` a month, and of some that others know too."""
    rows = [row(f"P{month}-{n}", "police", month) for month in MONTHS for n in range(alone)]
    rows += [row(f"both{month}", one, month) for month in MONTHS for one in ("police", "school")]
    rows += [row("twice", "police", month) for month in MONTHS[:2]]
    records = records_of(rows)
    return records, drawn_persons(records, [records.persons] * 20)


def test_missing_periods_are_those_of_the_table() -> None:
    rows = [("police", month, "reported") for month in MONTHS]
    rows += [("police", "2025-09", "silent"), ("police", "2026-01", "silent"), ("police", None, "reported")]
    rows += [("school", "2025", "never"), ("shelter", "2025-01", "zero")]
    police, school = silences_of(covered(*rows), parse_period("2025"))
    assert police == Silence("police", ("silent",), 1, 8, tuple(MONTHS))
    assert (school.missing, school.reported, school.has_figure) == (12, 0, False)
    assert silences_of(covered(*rows), None)[0].missing == 2


@pytest.mark.parametrize("alone", [0, 2, 7])
def test_a_missing_month_adds_what_the_others_add(alone: int) -> None:
    records, drawn = world(alone)
    found = silent_persons(records, REQUEST, drawn, [Silence("police", ("silent",), 2, 8, tuple(MONTHS))])
    # Who is known twice, or to somebody else, would be counted without the report.
    expected = _mean(alone * 8, 2)
    assert found.mean == pytest.approx(expected)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= alone * 2 <= found.high
    assert found.high - found.low < 2 * 2.6 * np.sqrt(expected + expected**2 / (alone * 8 + PRIOR)) + 1


def test_a_range_holds_what_months_of_one_rate_bring() -> None:
    rng, inside = np.random.default_rng(7), 0
    for _ in range(60):
        rows = [row(f"P{month}-{n}", "police", month) for month in MONTHS for n in range(rng.poisson(2.5))]
        records = records_of(rows)
        silence = Silence("police", ("silent",), 3, 8, tuple(MONTHS))
        found = silent_persons(records, REQUEST, drawn_persons(records, [records.persons]), [silence])
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= rng.poisson(2.5 * 3) <= found.high
    assert inside >= 54


def test_a_join_takes_from_what_a_report_adds() -> None:
    records, _ = world(1)
    labels = records.persons.copy()
    # In each draw one person that police alone knew is one that school knows.
    labels[0] = labels[8]
    drawn = drawn_persons(records, [labels] * 4)
    silence = Silence("police", ("silent",), 8, 8, tuple(MONTHS))
    assert silent_persons(records, REQUEST, drawn, [silence]).mean == pytest.approx(_mean(7, 8))


def test_many_reporters_that_alone_know_nobody_add_nearly_nobody() -> None:
    records, drawn = world(0)
    quiet = [Silence(f"r{number:03d}", ("silent",), 8, 8, tuple(MONTHS)) for number in range(200)]
    found = silent_persons(records, REQUEST, drawn, quiet)
    assert found.mean is not None
    assert found.mean < PRIOR


def _mean(seen: int, missing: int) -> float:
    """Return the expected number of one reporter with eight months."""
    return (seen + WEIGHT * (seen + PRIOR) / 8) * missing / (8 + WEIGHT)


def test_reporters_without_enough_reports_have_no_figure() -> None:
    records, drawn = world(1)
    few = Silence("school", ("silent",), 4, 2, tuple(MONTHS[:2]))
    found = silent_persons(records, REQUEST, drawn, [few])
    assert (found.mean, found.counted, found.uncounted) == (None, (), ("school",))
