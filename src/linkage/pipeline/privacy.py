"""Count what the records of both units reveal to a reader of the registry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np

from linkage.answers import RegistryPrivacy, judge_privacy
from linkage.growth import coarse_profile, strangers_a_record
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import deciphering_engine
from linkage.pipeline.settings import Settings
from linkage.statistics_unit.newest import newest_reports
from linkage.statistics_unit.stored_codebooks import read_book
from linkage.store import Session
from pseudonym.privacy import MatchKeyPrivacy, PayloadPrivacy, Sharing, count_payload, item_sets

__all__ = ["read_privacy"]

_HALF: Final = 32
"""Bits below the number of a group, for that of a person."""

# A record that is not linked yet counts as a person.
_OWNERS: Final = """
CREATE OR REPLACE TEMP VIEW owners AS
SELECT rid, coalesce(person_id, 'record ' || rid) AS person FROM records LEFT JOIN persons USING (rid)
"""

_PERSONS: Final = "SELECT rid, dense_rank() OVER (ORDER BY person) FROM owners ORDER BY rid"

_COUNTS: Final = "SELECT count(*), count(DISTINCT person), (SELECT count(*) FROM runs) FROM owners"

# A person with several records has the payload of the latest report, as in a statistic. Dates are mostly known to the
# month, and of the reports of one month the record that came last counts.
_PAYLOAD: Final = """
SELECT {items}, count(*) AS persons
FROM (SELECT person, arg_max(payload, (coalesce(report_date, ''), rid)) AS payload
      FROM newest_reports JOIN owners USING (rid) GROUP BY person)
GROUP BY ALL
"""

# A record does not show whether it has a number, so each counts with the share of its submission.
_HEADERS: Final = """
SELECT reporter, header, count(*) AS records FROM records JOIN submissions USING (submission, reporter)
GROUP BY submission, reporter, header ORDER BY reporter, submission
"""


def read_privacy(codes: Session, cases: Session, settings: Settings, *, key: RegistryKey) -> RegistryPrivacy:
    """Count how many records share match keys, and how far payload, in the newest codebook, tells persons apart.

    Args:
        codes: The store of the linkage unit, which is not changed.
        cases: The store of the statistics unit, likewise.
        settings: Its settings.
        key: The registry key.

    Returns:
        The figures, with warnings.
    """
    book = read_book(cases)
    items = () if book is None else book.item_names
    with _owners(cases):
        records, persons, n_runs = cases.rows(_COUNTS)[0]
        with newest_reports(cases):
            payload = tuple(_payload(cases, names) for names in item_sets(items))
            unique_without = _unique_without(cases, items)
    with _owners(codes):
        sharing, kinds = _count_sharing(codes, key, [one.kind for one in settings.profile.encoding.match_keys])
    numberless = _numberless(cases.rows(_HEADERS))
    strangers = _strangers(codes)
    return judge_privacy(
        Sharing(records=records, persons=persons, sharing=sharing, kinds=kinds),
        payload,
        linked=n_runs > 0,
        settled=codes.rows("SELECT count(*) FROM records WHERE live AND settled")[0][0],
        measured=settings.profile.privacy,
        numberless=numberless,
        unique_without=unique_without,
        strangers=strangers,
        coarse=coarse_profile(strangers or 0.0, profile=settings.profile.name),
    )


def _strangers(codes: Session) -> float | None:
    """Return with how many records of other persons the last run compared a record; None if there was no run."""
    runs = codes.rows("SELECT n_records, n_pairs, n_links FROM runs ORDER BY run DESC LIMIT 1")
    if not runs:
        return None
    n_records, n_pairs, n_links = runs[0]
    return strangers_a_record(n_records=n_records, n_pairs=n_pairs, n_links=n_links)


@contextmanager
def _owners(session: Session) -> Iterator[None]:
    """Offer the view `owners` in the store of a unit: the person of each record."""
    session.run(_OWNERS)
    try:
        yield
    finally:
        session.run("DROP VIEW owners")


def _count_sharing(session: Session, key: RegistryKey, kinds: Sequence[str]) -> tuple[int, tuple[MatchKeyPrivacy, ...]]:
    """Count the records that share a match key with another person, in all and by kind, in the order of the profile."""
    rid, person = np.array(session.rows(_PERSONS), np.int64).reshape(-1, 2).T
    sharing = np.zeros((len(kinds), len(rid)), np.bool_)
    groups, largest = np.zeros(len(kinds), np.int64), np.ones(len(kinds), np.int64)
    for part in deciphering_engine(session, key).match_keys("codes"):
        kind, record = part["kind"][0].as_py(), np.searchsorted(rid, part["rid"].to_numpy())
        # They are hashes, so half of a match key is enough to tell keys apart.
        group = np.unique(part["key_hi"].to_numpy(), return_inverse=True)[1]
        # Each person of a group once, as two numbers in one.
        members = np.unique(group << _HALF | person[record])
        persons = np.bincount(members >> _HALF)
        several = persons > 1
        sharing[kind, record[several[group]]] = True
        groups[kind] += several.sum()
        largest[kind] = max(largest[kind], persons.max())
    found = zip(kinds, sharing.sum(axis=1).tolist(), groups.tolist(), largest.tolist(), strict=True)
    return int(sharing.any(axis=0).sum()), tuple(
        MatchKeyPrivacy(kind=name, records=records, groups=n_groups, largest_group=most)
        for name, records, n_groups, most in found
    )


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
