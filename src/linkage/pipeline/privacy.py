"""Count in the registry file what its records reveal to a reader of the registry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from linkage.answers import RegistryPrivacy, judge_privacy
from linkage.pipeline.newest import newest_reports
from linkage.pipeline.settings import Settings
from linkage.pipeline.stored_codebooks import read_book
from linkage.store import Session
from pseudonym.privacy import MatchKeyPrivacy, PayloadPrivacy, Sharing, count_payload, item_sets

__all__ = ["read_privacy"]

# A record that is not linked yet counts as a person.
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
SELECT kind, count(DISTINCT rid) AS records, count(DISTINCT (key_hi, key_lo)) AS groups,
       max(n_persons) AS largest_group
FROM codes JOIN shared_keys USING (kind, key_hi, key_lo) GROUP BY kind
"""

_SHARING: Final = "SELECT count(DISTINCT rid) FROM codes SEMI JOIN shared_keys USING (kind, key_hi, key_lo)"

_COUNTS: Final = "SELECT count(*), count(DISTINCT person), (SELECT count(*) FROM runs) FROM owners"

# A person with several records has the payload of the latest report, as in a statistic.
_PAYLOAD: Final = """
SELECT {items}, count(*) AS persons
FROM (SELECT person, arg_max(payload, coalesce(report_date, '')) AS payload FROM newest_reports JOIN owners USING (rid)
      GROUP BY person)
GROUP BY ALL
"""

# A record does not show whether it has a number, so each counts with the share of its submission.
_HEADERS: Final = """
SELECT reporter, header, count(*) AS records FROM records JOIN submissions USING (submission, reporter) GROUP BY ALL
"""


def read_privacy(session: Session, settings: Settings) -> RegistryPrivacy:
    """Count how many records share match keys, and how far payload, in the newest codebook, tells persons apart.

    Args:
        session: The open registry, which is not changed.
        settings: Its settings.

    Returns:
        The figures, with warnings.
    """
    book = read_book(session)
    items = () if book is None else book.item_names
    session.run(_OWNERS)
    session.run(_SHARED)
    try:
        records, persons, n_runs = session.rows(_COUNTS)[0]
        sharing = Sharing(
            records=records,
            persons=persons,
            sharing=session.rows(_SHARING)[0][0],
            kinds=_kinds(session, [key.kind for key in settings.profile.encoding.match_keys]),
        )
        with newest_reports(session):
            payload = tuple(_payload(session, names) for names in item_sets(items))
            unique_without = _unique_without(session, items)
        numberless = _numberless(session.rows(_HEADERS))
    finally:
        session.run("DROP TABLE shared_keys")
        session.run("DROP VIEW owners")
    return judge_privacy(
        sharing,
        payload,
        linked=n_runs > 0,
        measured=settings.profile.privacy,
        numberless=numberless,
        unique_without=unique_without,
    )


def _kinds(session: Session, kinds: Sequence[str]) -> tuple[MatchKeyPrivacy, ...]:
    """Count the shared match keys of each kind, in the order of the profile."""
    shared = {row.pop("kind"): row for row in session.table(_BY_KIND).to_pylist()}
    return tuple(MatchKeyPrivacy(kind=kind, **shared.get(number, {})) for number, kind in enumerate(kinds))


def _payload(session: Session, items: Sequence[str]) -> PayloadPrivacy:
    """Count how far some items tell persons apart; a missing code counts as a code."""
    # Names of items match [a-z0-9_]+, so they are safe in a query.
    columns = ", ".join(f"payload['{item}'] AS {item}" for item in items)
    return count_payload(items, session.table(_PAYLOAD.format(items=columns))["persons"].to_numpy())


def _unique_without(session: Session, items: Sequence[str]) -> dict[str, int]:
    """Count for each item the persons that all other items together make unique."""
    others = {item: [other for other in items if other != item] for item in items}
    return {item: _payload(session, names).unique for item, names in others.items() if names}


def _numberless(submissions: Iterable[tuple[str, str, int]]) -> dict[str, float]:
    """Estimate for each reporter how many of its current records have no number."""
    found: dict[str, float] = {}
    for reporter, text, n_records in submissions:
        header = json.loads(text)
        if header["quality"] is None:
            # A submission of few records gives no figures.
            continue
        missing = header["quality"]["number"]["missing"] / header["records"]
        found[reporter] = found.get(reporter, 0.0) + missing * n_records
    return found
