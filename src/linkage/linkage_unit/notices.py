"""Take a notice of the statistics unit: link what is live, keep apart what is different, erase what is gone."""

from __future__ import annotations

from typing import Final

from linkage.errors import NoticeError
from linkage.linkage_unit.handing import HANDED_OVER
from linkage.messages import Notice
from linkage.store import Session

__all__ = ["LAST_NOTICE", "take_notice"]

LAST_NOTICE: Final = "notice"
"""The entry of `meta` with the number of the last notice."""

ERASED: Final = "erased_since_run"
"""The entry of `meta` with the number of records erased since the last run."""

_LIVE: Final = """
UPDATE records SET live = (reporter, handle) IN (SELECT (reporter, handle) FROM notice_live)
WHERE live <> ((reporter, handle) IN (SELECT (reporter, handle) FROM notice_live))
"""

# What the statistics unit does not know yet waits. It never will know what is older than a withdrawal.
_GOING: Final = """
CREATE OR REPLACE TEMP TABLE going_records AS
SELECT rid FROM records LEFT JOIN notice_closed AS closed USING (reporter)
WHERE NOT live AND (records.sequence < coalesce(closed.sequence, 0)
    OR (reporter, records.sequence) IN (SELECT (reporter, sequence) FROM notice_seen))
"""

# A split or a merger joins two persons. If one of them ends here, who the other was is content, and goes too.
_FORGET_OTHERS: Final = """
UPDATE person_events SET other_person_id = NULL
WHERE other_person_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM (
        SELECT person_id FROM persons GROUP BY person_id HAVING bool_and(rid IN (SELECT rid FROM going_records))
    ) AS ending WHERE ending.person_id IN (person_events.person_id, person_events.other_person_id))
"""

# A person id that has no record left is retired at once, since its rows in `persons` go too. The event is counted among
# those of the next run, which reports it.
_RETIRE: Final = """
INSERT INTO person_events
SELECT (SELECT coalesce(max(event), 0) FROM person_events) + row_number() OVER (ORDER BY person_id), $at,
    (SELECT coalesce(max(run), 0) + 1 FROM runs), 'retired', person_id, NULL
FROM persons GROUP BY person_id HAVING bool_and(rid IN (SELECT rid FROM going_records))
"""

_DELETE: Final = (
    *(
        f"DELETE FROM {table} WHERE rid IN (SELECT rid FROM going_records)"
        for table in ("codes", "pair_nonces", "persons", "draws", "records")
    ),
    *(
        f"DELETE FROM {table} USING going_records AS going WHERE going.rid IN (rid_a, rid_b)"
        for table in ("links", "kept_pairs")
    ),
)

_APART: Final = """
INSERT INTO apart
SELECT DISTINCT least(a.rid, b.rid), greatest(a.rid, b.rid)
FROM notice_apart AS pair JOIN records AS a ON a.reporter = pair.reporter AND a.handle = pair.handle_a
    JOIN records AS b ON b.reporter = pair.reporter AND b.handle = pair.handle_b
WHERE a.rid <> b.rid
"""


def take_notice(session: Session, notice: Notice, *, profile_digest: str, at: str) -> int:
    """Bring the linkage unit in line with a notice, in one transaction.

    Args:
        session: Its store, open for writing.
        notice: The notice.
        profile_digest: Digest of the profile of this registry.
        at: The current time.

    Returns:
        Number of records whose codes were erased.

    Raises:
        NoticeError: `notice.profile` if it is of another registry, `notice.old` if a newer one was taken before.
    """
    if notice.profile_digest != profile_digest:
        raise NoticeError(
            "notice.profile",
            "The notice is of a registry with another profile; nothing was changed.",
            hint="Take the notice of the statistics unit of this registry.",
        )
    if notice.number < int(session.get(LAST_NOTICE, "0")):
        raise NoticeError(
            "notice.old",
            "A newer notice was taken before; nothing was changed.",
            hint="Make a new one at the statistics unit: linkage notice make",
        )
    with session.transaction():
        for name, table in notice.tables.items():
            source = f"notice_{name}"
            session.load(f"CREATE OR REPLACE TEMP TABLE {source} AS SELECT * FROM arriving", arriving=table)
        session.run(_LIVE)
        session.run(_GOING)
        n_going: int = session.rows("SELECT count(*) FROM going_records")[0][0]
        if n_going:
            _erase(session, n_going, at=at)
        session.run("DELETE FROM apart")
        if notice.apart.num_rows:
            session.run(_APART)
        session.set(LAST_NOTICE, str(notice.number))
        session.log("take notice", at=at, number=notice.number, live=notice.live.num_rows, erased=n_going)
    for name in notice.tables:
        session.run(f"DROP TABLE notice_{name}")
    return n_going


def _erase(session: Session, n_going: int, *, at: str) -> None:
    session.run(_FORGET_OTHERS)
    session.run(_RETIRE, at=at)
    for statement in _DELETE:
        session.run(statement)
    session.set_all({ERASED: str(int(session.get(ERASED, "0")) + n_going), HANDED_OVER: ""})
    session.mark_deleted()
