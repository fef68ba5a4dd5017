"""What passes between the two units of one process: notices, hand-overs, and the erasing that follows from them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final

from linkage.errors import NotErasedError, RegistryError
from linkage.intake.erasure import NOTICE_DUE
from linkage.linkage_unit.handing import HANDED_OVER, Since, make_hand_over, make_hand_over_since
from linkage.linkage_unit.notices import take_notice
from linkage.messages import Notice
from linkage.pipeline.settings import Settings
from linkage.pipeline.units import UnitName, Units
from linkage.progress import now
from linkage.statistics_unit.handing import mark_of, take_hand_over, take_hand_over_since
from linkage.statistics_unit.notices import make_notice
from linkage.store import Session

__all__ = ["Sessions", "erase", "give_notice", "hand_over", "is_due"]

Sessions = Mapping[UnitName, Session]
"""The open file of each unit that a registry has."""

_MARK_BYTES: Final = 16

_LAST_RUN: Final = "SELECT coalesce(max(run), 0) FROM runs"


def erase(units: Units) -> None:
    """Erase for good what was deleted at either unit, including what a killed process left.

    The codes of records that are gone are erased, what a killed run of linking did not hand over is handed over, and
    the files that still contain deleted rows are rewritten.

    Args:
        units: The registry.

    Raises:
        NotErasedError: Something could not be erased; what the files hold is unchanged, and the next call tries again.
    """
    try:
        with _reading(units) as sessions:
            behind, pending = _behind(sessions), _pending(sessions)
        if behind:
            pending = _settle(units)
        for unit in pending:
            units.stores[unit].rewrite()
    except RegistryError as error:
        raise NotErasedError(error) from None


def is_due(sessions: Sessions) -> bool:
    """Return whether `erase` has anything to do.

    Args:
        sessions: The open files of all units that the registry has.
    """
    return _behind(sessions) or bool(_pending(sessions))


@contextmanager
def _reading(units: Units) -> Iterator[Sessions]:
    """Open the files of all units for reading, in the order that everybody keeps to."""
    with ExitStack() as stack:
        yield {unit: stack.enter_context(store.session(write=False)) for unit, store in units.stores.items()}


def _behind(sessions: Sessions) -> bool:
    """Return whether one unit has not been told what the other one, in the same folder, knows."""
    if len(sessions) == 1:
        return False
    codes, cases = sessions["linkage"], sessions["statistics"]
    return bool(cases.get(NOTICE_DUE)) or codes.rows(_LAST_RUN) > cases.rows(_LAST_RUN)


def _pending(sessions: Sessions) -> list[UnitName]:
    """Return the units whose files still contain deleted rows."""
    return [unit for unit, session in sessions.items() if session.has_deleted]


def _settle(units: Units) -> list[UnitName]:
    """Tell each unit what the other one knows; return those whose files contain deleted rows then."""
    with units.sessions(write=True) as (codes, cases):
        digest = Settings.read(cases).profile.digest
        give_notice(codes, make_notice(cases, profile_digest=digest, at=now()), digest)
        hand_over(codes, cases, digest)
        # Nothing can have ceased to be live meanwhile, since both files are locked.
        cases.forget(NOTICE_DUE)
        return _pending({"linkage": codes, "statistics": cases})


def give_notice(codes: Session, notice: Notice, profile_digest: str) -> None:
    """Let the linkage unit take a notice.

    Args:
        codes: Its store, open for writing.
        notice: The notice.
        profile_digest: Digest of the profile of the registry.
    """
    take_notice(codes, notice, profile_digest=profile_digest, at=now())


def hand_over(codes: Session, cases: Session, profile_digest: str, *, since: Since | None = None) -> None:
    """Let the statistics unit take the hand-over.

    Args:
        codes: The store of the linkage unit, open for writing.
        cases: The store of the statistics unit, open for writing.
        profile_digest: Digest of the profile of the registry.
        since: What has changed since the last hand-over; None to hand over all.
    """
    mark = secrets.token_hex(_MARK_BYTES)
    if codes.get(HANDED_OVER):
        codes.forget(HANDED_OVER)
    if since is None or not _hand_over_since(codes, cases, since, profile_digest=profile_digest, mark=mark):
        made = make_hand_over(codes, profile_digest=profile_digest, at=now())
        take_hand_over(cases, made, profile_digest=profile_digest, at=now(), mark=mark)
    codes.set(HANDED_OVER, mark)


def _hand_over_since(codes: Session, cases: Session, since: Since, *, profile_digest: str, mark: str) -> bool:
    """Hand over what has changed; return whether the statistics unit could take it."""
    if not since.mark or mark_of(cases) != since.mark:
        return False
    changes = make_hand_over_since(codes, since, profile_digest=profile_digest, at=now())
    return take_hand_over_since(cases, changes, at=now(), mark=mark)
