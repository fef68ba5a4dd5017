"""The status of a registry: what it holds, and whether its results are up to date."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from linkage.intake.erasure import NOTICE_DUE
from linkage.pipeline.settings import Settings
from linkage.statistics_unit.queries import count_review, has_changed, has_outgrown
from linkage.statistics_unit.stored_codebooks import StoredCodebook, read_codebooks
from linkage.store import Session
from linkage.store.schema import FORMAT_VERSION

__all__ = ["Status"]

_SUBMISSIONS: Final = "SELECT count(*) FROM submissions WHERE kind NOT IN ('withdrawal', 'totals')"

_HELD: Final = """
SELECT (SELECT count(*) FROM records), (SELECT count(DISTINCT reporter) FROM submissions),
    count(DISTINCT period), min(period), max(period)
FROM submissions WHERE kind <> 'withdrawal'
"""
"""Numbers of records, reporters and periods, and the first and last period."""

_HELD_BACK: Final = "SELECT DISTINCT reporter FROM held_back WHERE dismissed_at IS NULL ORDER BY reporter"

_QUARANTINED: Final = "SELECT count(*) FROM quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The settings of a registry, and whether its results are up to date.

    Attributes:
        profile: Name and version of the profile.
        profile_digest: Its digest.
        codebook: Name of the newest codebook, or None.
        codebooks: All codebooks, the newest last, with the number of records that follow each.
        epoch: The linkage epoch, or None until one is fixed.
        unguarded_reason: Why a profile with an empty match key was allowed, or None.
        submissions: Number of submissions received.
        erased: Number of records that were withdrawn or became too old, and are erased.
        history: Number of record versions in the history.
        linked: Whether `link` has been run since the last submission, withdrawal or erasure that changed anything.
        model: Number of the model of the last run, or None.
        model_fitted_at: Time of its fit, in UTC, or None.
        refit_due: Whether the registry has outgrown it, as in `LinkReport`, but with the records that came since then.
        expected_precision: See `LinkReport`.
        expected_recall: See `LinkReport`.
        recall_is_bound: See `LinkReport`.
        erase_pending: Whether a file still contains deleted rows; the next `receive`, `link` or `erase` erases them.
        notice_due: Whether records were erased of which a linkage unit elsewhere still has the codes, until it takes
            the next notice.
        unit: `statistics` for a statistics unit on its own; None where both units are in one folder.
        format: Version of the file's tables.
        key_id: The key id that submissions must have, or None until one is fixed.
        n_records: Number of current records.
        n_reporters: Number of reporters that have sent anything.
        n_periods: Number of periods reported.
        first_period: The first of them, or None.
        last_period: The last of them, or None.
        last_run: End of the last run of `link` (UTC, ISO 8601), or None before the first.
        n_persons: Number of persons of that run, or None.
        quarantined: Number of rows in quarantine.
        held_back: Reporters in whose name files are held back.
        n_review: Number of pairs of records that the last run left for review.
        n_review_persons: Number of pairs of persons that these are.
        unpurged: Number of linked records whose codes no purge has seen, or None if the linkage unit is elsewhere.
    """

    profile: str
    profile_digest: str
    codebook: str | None
    codebooks: tuple[StoredCodebook, ...]
    epoch: int | None
    unguarded_reason: str | None
    submissions: int
    erased: int
    history: int
    linked: bool
    model: int | None
    model_fitted_at: str | None
    refit_due: bool
    expected_precision: float | None
    expected_recall: float | None
    recall_is_bound: bool
    erase_pending: bool
    notice_due: bool
    unit: str | None
    format: int
    key_id: str | None
    n_records: int
    n_reporters: int
    n_periods: int
    first_period: str | None
    last_period: str | None
    last_run: str | None
    n_persons: int | None
    quarantined: int
    held_back: tuple[str, ...]
    n_review: int
    n_review_persons: int
    unpurged: int | None

    @classmethod
    def read(
        cls, session: Session, settings: Settings, *, pending: bool, outdated: bool, unpurged: int | None
    ) -> Status:
        """Read the status from the store of the statistics unit.

        Args:
            session: That store.
            settings: The settings of the registry.
            pending: Whether the file of the linkage unit still contains deleted rows.
            outdated: Whether that unit knows that its last run is out of date.
            unpurged: Number of linked records there whose codes no purge has seen; None if that unit is elsewhere.
        """
        alone = unpurged is None
        query = (
            "SELECT model, model_fitted_at, last_submission, run, expected_precision, expected_recall, recall_is_bound,"
            " finished_at, n_persons"
            " FROM runs ORDER BY run DESC LIMIT 1"
        )
        nothing = None, None, 0, 0, None, None, True, None, None
        model, fitted_at, last, run, precision, recall, is_bound, ended, n_persons = (session.rows(query) or [nothing])[
            0
        ]
        epoch, books = session.get("epoch"), tuple(read_codebooks(session))
        due = bool(session.get(NOTICE_DUE))
        n_records, n_reporters, n_periods, first_period, last_period = session.rows(_HELD)[0]
        n_review, n_review_persons = count_review(session)
        return cls(
            profile=f"{settings.profile.name} (version {settings.profile.version})",
            profile_digest=settings.profile.digest,
            codebook=books[-1].name,
            codebooks=books,
            epoch=int(epoch) if epoch else None,
            unguarded_reason=settings.unguarded_reason,
            submissions=session.rows(_SUBMISSIONS)[0][0],
            erased=session.rows("SELECT coalesce(sum(n_records), 0)::BIGINT FROM erasures")[0][0],
            history=session.rows("SELECT count(*) FROM history")[0][0],
            linked=not (outdated or has_changed(session, last, run)),
            model=model,
            model_fitted_at=fitted_at,
            refit_due=model is not None and has_outgrown(session, model),
            expected_precision=precision,
            expected_recall=recall,
            recall_is_bound=is_bound,
            # In one folder the next command gives the notice itself, and erases.
            erase_pending=pending or session.has_deleted or (due and not alone),
            notice_due=due and alone,
            unit="statistics" if alone else None,
            format=FORMAT_VERSION,
            key_id=session.get("key_id") or None,
            n_records=n_records,
            n_reporters=n_reporters,
            n_periods=n_periods,
            first_period=first_period,
            last_period=last_period,
            last_run=ended,
            n_persons=n_persons,
            quarantined=session.rows(_QUARANTINED)[0][0],
            held_back=tuple(reporter for (reporter,) in session.rows(_HELD_BACK)),
            n_review=n_review,
            n_review_persons=n_review_persons,
            unpurged=unpurged,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the status as plain strings and numbers, as `linkage status --json` prints it."""
        return asdict(self)
