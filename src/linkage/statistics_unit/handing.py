"""Take the hand-over of the linkage unit: who each record is, and what the runs of linking found."""

from __future__ import annotations

from typing import Final

from linkage.errors import HandOverError
from linkage.messages import HandOver
from linkage.store import Session

__all__ = ["take_hand_over"]

_NEW_RUNS: Final = "SELECT run, model, finished_at FROM runs WHERE run > ? ORDER BY run"

# Records that have been erased since are left out, and so are links with them.
_STATEMENTS: Final = (
    "DELETE FROM persons",
    """
    INSERT INTO persons SELECT rid, person_id, has FROM handed_persons JOIN records USING (reporter, handle)
    """,
    "DELETE FROM links",
    """
    INSERT INTO links
    SELECT least(a.rid, b.rid), greatest(a.rid, b.rid), match_weight, log_odds, probability, decision, reason
    FROM handed_links
        JOIN records AS a ON a.reporter = reporter_a AND a.handle = handle_a
        JOIN records AS b ON b.reporter = reporter_b AND b.handle = handle_b
    """,
    "DELETE FROM runs",
    "INSERT INTO runs SELECT * FROM handed_runs",
    "DELETE FROM person_events",
    "INSERT INTO person_events SELECT * FROM handed_events",
    "DELETE FROM never_met",
    "INSERT INTO never_met SELECT * FROM handed_never_met",
)


_DRAWS: Final = (
    "DELETE FROM draws",
    """
    INSERT INTO draws SELECT rid, component, labels FROM handed_draws JOIN records USING (reporter, handle)
    """,
)

_LAST_DRAWS: Final = "SELECT run, draws FROM runs ORDER BY run DESC LIMIT 1"


def take_hand_over(session: Session, hand_over: HandOver, *, profile_digest: str, at: str) -> None:
    """Replace persons, links, runs and events by those of a hand-over, in one transaction.

    Draws are kept if the linkage unit has purged its own since it handed over the same run.

    Args:
        session: The store of the statistics unit, open for writing.
        hand_over: The hand-over.
        profile_digest: Digest of the profile of this registry.
        at: The current time.

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
    with session.transaction():
        for name, table in hand_over.tables.items():
            source = f"handed_{name}"
            session.load(f"CREATE OR REPLACE TEMP TABLE {source} AS SELECT * FROM arriving", arriving=table)
        last = session.rows(_LAST_DRAWS)
        for statement in _STATEMENTS:
            session.run(statement)
        _take_draws(session, *(last[0] if last else (0, 0)))
        session.log("take hand-over", at=at, number=hand_over.number, persons=hand_over.persons.num_rows)
        for run, model, finished_at in session.rows(_NEW_RUNS, known):
            session.log("link", at=finished_at, run=run, model=model)
    for name in hand_over.tables:
        session.run(f"DROP TABLE handed_{name}")


def _take_draws(session: Session, run: int, n_draws: int) -> None:
    """Replace the draws, or keep those of the same run that only this unit has.

    Args:
        session: The store; it has the runs of the hand-over.
        run: The last run before.
        n_draws: Its number of draws here.
    """
    if n_draws and session.rows(_LAST_DRAWS) == [(run, 0)]:
        session.run("UPDATE runs SET draws = $draws WHERE run = $run", draws=n_draws, run=run)
        return
    for statement in _DRAWS:
        session.run(statement)
