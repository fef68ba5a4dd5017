"""Take the hand-over of the linkage unit: who each record is, and what the runs of linking found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.errors import HandOverError
from linkage.messages import HandOver, HandOverSince
from linkage.store import Session

__all__ = ["mark_of", "take_hand_over", "take_hand_over_since"]

HANDED_OVER: Final = "handed_over"
"""The entry of `meta` with the mark of the last hand-over, and the last erasure before it."""

_LAST_ERASURE: Final = "SELECT coalesce(max(erasure), 0) FROM erasures"

_NEW_RUNS: Final = "SELECT run, model, finished_at FROM runs WHERE run > ? ORDER BY run"

# Records that have been erased since are left out, and so are links with them.
_TAKE: Final = {
    "persons": """
        INSERT INTO persons SELECT rid, person_id, has FROM handed_persons JOIN records USING (reporter, handle)
    """,
    "links": """
        INSERT INTO links
        SELECT least(a.rid, b.rid), greatest(a.rid, b.rid), match_weight, log_odds, probability, decision, reason
        FROM handed_links
            JOIN records AS a ON a.reporter = reporter_a AND a.handle = handle_a
            JOIN records AS b ON b.reporter = reporter_b AND b.handle = handle_b
    """,
    "runs": "INSERT INTO runs SELECT * FROM handed_runs",
    # Those of persons whom an erasure has retired since the last run came with the hand-over after it.
    "events": """
        INSERT INTO person_events
        SELECT * FROM handed_events WHERE event NOT IN (SELECT event FROM person_events)
    """,
    "never_met": "INSERT INTO never_met SELECT * FROM handed_never_met",
    "draws": "INSERT INTO draws SELECT rid, component, labels FROM handed_draws JOIN records USING (reporter, handle)",
}

_EMPTY: Final = {
    name: f"DELETE FROM {'person_events' if name == 'events' else name}"
    for name in ("persons", "links", "runs", "events", "never_met", "draws")
}

_TAKE_AWAY: Final = {
    "persons": "DELETE FROM persons WHERE rid IN (SELECT rid FROM gone_persons JOIN records USING (reporter, handle))",
    "links": """
        DELETE FROM links USING (
            SELECT least(a.rid, b.rid) AS one, greatest(a.rid, b.rid) AS other
            FROM gone_links
                JOIN records AS a ON a.reporter = reporter_a AND a.handle = handle_a
                JOIN records AS b ON b.reporter = reporter_b AND b.handle = handle_b
        ) AS gone WHERE rid_a = one AND rid_b = other
    """,
    "draws": "DELETE FROM draws WHERE rid IN (SELECT rid FROM gone_draws JOIN records USING (reporter, handle))",
}

_LAST_DRAWS: Final = "SELECT run, draws FROM runs ORDER BY run DESC LIMIT 1"


def mark_of(session: Session) -> str:
    """Return the mark of the last hand-over; empty if rows have been erased since.

    Args:
        session: The store of the statistics unit.
    """
    mark, _, erasure = session.get(HANDED_OVER).partition(" ")
    return mark if erasure == str(session.rows(_LAST_ERASURE)[0][0]) else ""


def take_hand_over(session: Session, hand_over: HandOver, *, profile_digest: str, at: str, mark: str = "") -> None:
    """Replace persons, links, runs and events by those of a hand-over, in one transaction.

    Draws are kept if the linkage unit has purged its own since it handed over the same run.

    Args:
        session: The store of the statistics unit, open for writing.
        hand_over: The hand-over.
        profile_digest: Digest of the profile of this registry.
        at: The current time.
        mark: Its mark, by which the next one may say only what has changed; empty if that has to say all.

    Raises:
        HandOverError: `hand_over.profile` if it is of another registry, `hand_over.old` if a newer one was taken
            before.
    """
    if hand_over.profile_digest != profile_digest:
        raise HandOverError(
            "hand_over.profile",
            "The hand-over is of a registry with another profile; nothing was changed.",
            hint="Take the hand-over of the linkage unit of this registry.",
        )
    if hand_over.number < session.rows("SELECT coalesce(max(run), 0) FROM runs")[0][0]:
        raise HandOverError(
            "hand_over.old",
            "A newer hand-over was taken before; nothing was changed.",
            hint="Make a new one at the linkage unit: linkage hand-over make",
        )
    known = session.rows("SELECT coalesce(max(run), 0) FROM runs")[0][0]
    arriving = {f"handed_{name}": table for name, table in hand_over.tables.items()}
    with session.transaction(), session.registered(**arriving):
        last = session.rows(_LAST_DRAWS)
        for name in ("persons", "links", "runs", "events", "never_met"):
            session.run(_EMPTY[name])
            session.run(_TAKE[name])
        same = _take_draws(session, *(last[0] if last else (0, 0)))
        persons = hand_over.persons.num_rows
        _note(session, hand_over, known=known, persons=persons, mark=mark if same else "", at=at)


def take_hand_over_since(session: Session, changes: HandOverSince, *, at: str, mark: str) -> bool:
    """Change persons, links, draws, runs and events as the linkage unit has, in one transaction.

    Args:
        session: The store of the statistics unit, open for writing.
        changes: The changes.
        at: The current time.
        mark: As for `take_hand_over`.

    Returns:
        Whether they were taken; False, with nothing changed, if they follow another hand-over than the last, or the
        tables would not have the rows then that the linkage unit has.
    """
    if not changes.mark or mark_of(session) != changes.mark:
        return False
    known = session.rows("SELECT coalesce(max(run), 0) FROM runs")[0][0]
    arriving = {f"handed_{name}": table for name, table in changes.fresh.tables.items()}
    arriving |= {f"gone_{name}": table for name, table in changes.gone.items()}
    try:
        with session.transaction(), session.registered(**arriving):
            for statement in (*_TAKE_AWAY.values(), _EMPTY["runs"], _EMPTY["never_met"], *_TAKE.values()):
                session.run(statement)
            _check_counts(session, changes.counts)
            _note(session, changes.fresh, known=known, persons=changes.counts["persons"], mark=mark, at=at)
    except _OtherRowsError:
        return False
    return True


class _OtherRowsError(Exception):
    """The tables would not have the rows that the linkage unit has."""


def _check_counts(session: Session, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        if session.rows(f"SELECT count(*) FROM {name}") != [(count,)]:
            raise _OtherRowsError


def _note(session: Session, hand_over: HandOver, *, known: int, persons: int, mark: str, at: str) -> None:
    """Keep the mark, and log the hand-over with the runs after the last that was known."""
    session.set(HANDED_OVER, f"{mark} {session.rows(_LAST_ERASURE)[0][0]}" if mark else "")
    session.log("take hand-over", at=at, number=hand_over.number, persons=persons)
    for run, model, finished_at in session.rows(_NEW_RUNS, known):
        session.log("link", at=finished_at, run=run, model=model)


def _take_draws(session: Session, run: int, n_draws: int) -> bool:
    """Replace the draws, or keep those of the same run that only this unit has.

    Args:
        session: The store; it has the runs of the hand-over.
        run: The last run before.
        n_draws: Its number of draws here.

    Returns:
        Whether both units have the same draws now.
    """
    if n_draws and session.rows(_LAST_DRAWS) == [(run, 0)]:
        session.run("UPDATE runs SET draws = $draws WHERE run = $run", draws=n_draws, run=run)
        return False
    session.run(_EMPTY["draws"])
    session.run(_TAKE["draws"])
    return True
