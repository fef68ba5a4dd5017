"""The status of the linkage unit: what it holds, and what it waits for, as far as it knows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from linkage.linkage_unit.admit import RESTORED
from linkage.linkage_unit.notices import ERASED, LAST_NOTICE
from linkage.linkage_unit.refit import refit_reasons_of
from linkage.store import Session
from linkage.store.schema import FORMAT_VERSION
from pseudonym.profile import Profile

__all__ = ["LinkageStatus", "is_linked", "is_outdated", "unpurged_records"]

_HELD: Final = """
SELECT (SELECT count(*) FROM submissions), (SELECT count(DISTINCT reporter) FROM submissions),
    count(*) FILTER (live), count(*) FILTER (NOT live)
FROM records
"""

_LAST_RUN: Final = """
SELECT finished_at, n_persons, n_review, model, last_submission, notice FROM runs ORDER BY run DESC LIMIT 1
"""

_UNPURGED: Final = "SELECT count(*) FROM records SEMI JOIN persons USING (rid) WHERE live AND NOT purged"

_NEWER: Final = "SELECT 1 FROM records WHERE live AND submission > ? LIMIT 1"


def is_linked(session: Session) -> bool:
    """Return whether `link` has been run since anything changed among the live records.

    Args:
        session: The store of the linkage unit.
    """
    runs = session.rows(_LAST_RUN)
    if not runs:
        return False
    *_, last_submission, followed = runs[0]
    waits = int(session.get(ERASED, "0")) or session.get(RESTORED) or int(session.get(LAST_NOTICE, "0")) != followed
    return not waits and not session.rows(_NEWER, last_submission)


def is_outdated(session: Session) -> bool:
    """Return whether anything has changed among the live records since the last run; False before the first.

    Purged codes that came back are known here only: for the statistics unit, the records are unchanged.

    Args:
        session: The store of the linkage unit.
    """
    return bool(session.rows("SELECT 1 FROM runs LIMIT 1")) and not is_linked(session)


def unpurged_records(session: Session) -> int:
    """Count the linked records whose codes no purge has seen, so that they show what different persons share.

    Args:
        session: The store of the linkage unit.
    """
    return int(session.rows(_UNPURGED)[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkageStatus:
    """The settings of the linkage unit, what it holds, and whether its last run is up to date.

    It knows no periods, no codebook and no record ids: those are at the statistics unit.

    Attributes:
        profile: Name and version of the profile.
        profile_digest: Its digest.
        key_id: The key id that submissions must have, or None until one is fixed.
        epoch: The linkage epoch, or None until one is fixed.
        format: Version of the file's tables.
        submissions: Number of submissions whose codes were received.
        n_reporters: Number of reporters that sent them.
        n_records: Number of records that the last notice calls live, and that are linked.
        waiting: Number of records whose codes came, and which the last notice does not know.
        notice: Number of the last notice that was taken, or None before the first.
        linked: Whether `link` has been run since anything changed among the live records.
        last_run: End of the last run of `link` (UTC, ISO 8601), or None before the first.
        n_persons: Number of persons of that run, or None.
        n_review: Number of pairs that it left for review, or None.
        model: Number of its model, or None.
        refit_due: Whether the live records have outgrown the model.
        erase_pending: Whether the file still contains deleted rows.
        unpurged: Number of linked records whose codes no purge has seen.
    """

    profile: str
    profile_digest: str
    key_id: str | None
    epoch: int | None
    format: int
    submissions: int
    n_reporters: int
    n_records: int
    waiting: int
    notice: int | None
    linked: bool
    last_run: str | None
    n_persons: int | None
    n_review: int | None
    model: int | None
    refit_due: bool
    erase_pending: bool
    unpurged: int

    @classmethod
    def read(cls, session: Session, profile: Profile) -> LinkageStatus:
        """Read the status from the store of the linkage unit.

        Args:
            session: That store.
            profile: The profile of the registry.
        """
        submissions, n_reporters, n_records, waiting = session.rows(_HELD)[0]
        runs = session.rows(_LAST_RUN)
        ended, n_persons, n_review, model, _, _ = runs[0] if runs else (None,) * 6
        epoch, notice = session.get("epoch"), session.get(LAST_NOTICE)
        return cls(
            profile=f"{profile.name} (version {profile.version})",
            profile_digest=profile.digest,
            key_id=session.get("key_id") or None,
            epoch=int(epoch) if epoch else None,
            format=FORMAT_VERSION,
            submissions=submissions,
            n_reporters=n_reporters,
            n_records=n_records,
            waiting=waiting,
            notice=int(notice) if notice else None,
            linked=is_linked(session),
            last_run=ended,
            n_persons=n_persons,
            n_review=n_review,
            model=model,
            refit_due=model is not None and bool(refit_reasons_of(session, model)),
            erase_pending=session.has_deleted,
            unpurged=unpurged_records(session),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain strings and numbers, as `linkage status --json` prints them at a linkage unit on its own."""
        return {"unit": "linkage", **asdict(self)}
