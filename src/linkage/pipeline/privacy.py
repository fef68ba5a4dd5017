"""Count in the registry file what `linkage.answers` turns into the exposure of its records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa

from linkage.answers import Exposure, judge_exposure
from linkage.pipeline.settings import Settings
from linkage.store import Session

__all__ = ["read_exposure"]

# A record that is not linked yet counts as a person of its own.
_OWNERS: Final = """
CREATE OR REPLACE TEMP VIEW owners AS
SELECT rid, coalesce(person_id, 'record ' || rid) AS person FROM records LEFT JOIN persons USING (rid)
"""

_SHARED: Final = """
CREATE OR REPLACE TEMP TABLE shared_keys AS
SELECT kind, key_hi, key_lo, count(DISTINCT person) AS n_persons
FROM codes JOIN owners USING (rid) GROUP BY ALL HAVING count(DISTINCT person) > 1
"""

_BY_KIND: Final = """
SELECT kind, count(DISTINCT rid) AS records, count(DISTINCT (key_hi, key_lo)) AS groups, max(n_persons) AS largest
FROM codes JOIN shared_keys USING (kind, key_hi, key_lo) GROUP BY kind
"""

_SHARING: Final = "SELECT count(DISTINCT rid) FROM codes SEMI JOIN shared_keys USING (kind, key_hi, key_lo)"

_COUNTS: Final = "SELECT count(*), count(DISTINCT person), (SELECT count(*) FROM runs) FROM owners"

# A person with several records counts by the latest report, as a statistic would.
_PAYLOAD: Final = """
SELECT {items}, count(*) AS persons
FROM (SELECT person, arg_max(payload, coalesce(report_date, '')) AS payload FROM reports JOIN owners USING (rid)
      GROUP BY person)
GROUP BY ALL
"""

# Each record counts with the share of its submission: of which records a number is missing is not known.
_HEADERS: Final = """
SELECT reporter, header, count(*) AS records FROM records JOIN submissions USING (submission, reporter) GROUP BY ALL
"""

ITEM_SEPARATOR: Final = " + "


def read_exposure(session: Session, settings: Settings) -> Exposure:
    """Count who shares match keys and payload in an open registry.

    Args:
        session: The open registry; nothing in it is changed.
        settings: Its settings.

    Returns:
        The exposure.
    """
    session.run(_OWNERS)
    session.run(_SHARED)
    try:
        records, persons, n_runs = session.rows(_COUNTS)[0]
        counts = {
            "records": records,
            "persons": persons,
            "linked": int(n_runs > 0),
            "sharing": session.rows(_SHARING)[0][0],
        }
        groups = session.table(_BY_KIND)
        items = () if settings.codebook is None else settings.codebook.item_names
        combinations = [*((item,) for item in items), *([tuple(items)] if len(items) > 1 else [])]
        payload = {ITEM_SEPARATOR.join(names): _combinations(session, names) for names in combinations}
        rest = {item: [one for one in items if one != item] for item in items} if len(items) > 1 else {}
        without = {item: _combinations(session, names) for item, names in rest.items()}
        numberless = _numberless(session.rows(_HEADERS))
    finally:
        session.run("DROP TABLE shared_keys")
        session.run("DROP VIEW owners")
    kinds = [key.kind for key in settings.profile.encoding.match_keys]
    measured = settings.profile.privacy
    return judge_exposure(
        counts, groups, payload, kinds=kinds, measured=measured, numberless=numberless, without=without
    )


def _numberless(submissions: Iterable[tuple[str, str, int]]) -> dict[str, float]:
    """Reckon for each body how many of its current records have no number."""
    found: dict[str, float] = {}
    for reporter, header, n_records in submissions:
        told = json.loads(header)
        missing = told["quality"]["number"]["missing"] / told["records"]
        found[reporter] = found.get(reporter, 0.0) + missing * n_records
    return found


def _combinations(session: Session, items: Sequence[str]) -> pa.Table:
    """Count persons by their codes of some items; a person without a code has none as its code."""
    # The names of items are [a-z0-9_], so they can stand in a query.
    columns = ", ".join(f"payload['{item}'] AS {item}" for item in items)
    return session.table(_PAYLOAD.format(items=columns)) if items else pa.table({"persons": pa.array([], pa.int64())})
