"""Reports: the progress and the results of a run of linking, and the status of a registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from linkage.pipeline.queries import has_changed
from linkage.pipeline.refit import refit_reasons
from linkage.pipeline.settings import Settings
from linkage.pipeline.stored_codebooks import StoredCodebook, read_codebooks
from linkage.store import Session

__all__ = ["LinkReport", "Progress", "Status", "now", "quiet"]

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the amount of work done, and the total, which is 0 if unknown."""

_SUBMISSIONS: Final = "SELECT count(*) FROM submissions WHERE kind NOT IN ('withdrawal', 'totals')"


def quiet(stage: str, done: int, total: int) -> None:
    """Show no progress."""


def now() -> str:
    """Return the current time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """The results of a run.

    Attributes:
        run: Number of the run.
        model: Number of the model that was used; None if there were no pairs to learn from.
        fitted: Whether that model was fitted in this run.
        records: Number of current records.
        pairs: Number of pairs of records that were compared.
        links: Number of pairs that are linked.
        review: Number of pairs for clerical review.
        persons: Number of unique persons.
        expected_precision: Expected share of the links that are correct, in [0, 1]. None without links.
        expected_recall: Expected share of the true matches that are linked, in [0, 1], see `linkage.linking.accuracy`.
            None without links.
        recall_is_bound: Whether `expected_recall` is only an upper bound, because the number of matches that were never
            compared could not be estimated.
        expected_persons: Expected number of persons: `persons`, corrected for missed and for false links, see
            `linkage.linking.person_count`. None if it cannot be estimated.
        persons_range: Lower and upper end of the range of that number, or None.
        erased: Number of records erased since the previous run.
        changes: Number of person events of each kind (created, merged, split, retired) since the previous run; persons
            retired by an erasure count as well.
        refit_due: Whether a new model should be fitted; `notes` say why, see `linkage.pipeline.refit`.
        notes: Constant sentences about the fit, for users.
        seconds: Duration of the run.
    """

    run: int
    model: int | None
    fitted: bool
    records: int
    pairs: int
    links: int
    review: int
    persons: int
    expected_precision: float | None
    expected_recall: float | None
    recall_is_bound: bool
    expected_persons: float | None
    persons_range: tuple[float, float] | None
    erased: int
    changes: dict[str, int]
    refit_due: bool
    notes: tuple[str, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain lists, strings and numbers, as `linkage link --json` prints it."""
        return asdict(self) | {"notes": list(self.notes), "seconds": round(self.seconds, 3)}


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
        expected_persons: See `LinkReport`.
        persons_range: See `LinkReport`.
        erase_pending: Whether the file still contains deleted rows; the next `receive`, `link` or `erase` erases them.
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
    expected_persons: float | None
    persons_range: tuple[float, float] | None
    erase_pending: bool

    @classmethod
    def read(cls, session: Session, settings: Settings) -> Status:
        """Read the status of an open registry."""
        query = (
            "SELECT model, created_at, last_submission, run, expected_precision, expected_recall, recall_is_bound,"
            " expected_persons, fewest_persons, most_persons"
            " FROM runs LEFT JOIN models USING (model) ORDER BY run DESC LIMIT 1"
        )
        nothing = None, None, 0, 0, None, None, True, None, None, None
        model, fitted_at, last, run, precision, recall, is_bound, *persons = (session.rows(query) or [nothing])[0]
        epoch, books = session.get("epoch"), tuple(read_codebooks(session))
        return cls(
            profile=f"{settings.profile.name} (version {settings.profile.version})",
            profile_digest=settings.profile.digest,
            codebook=books[-1].name,
            codebooks=books,
            epoch=int(epoch) if epoch else None,
            unguarded_reason=settings.unguarded_reason,
            submissions=session.rows("SELECT count(*) FROM submissions WHERE kind NOT IN ('withdrawal', 'totals')")[0][
                0
            ],
            erased=session.rows("SELECT coalesce(sum(n_records), 0)::BIGINT FROM erasures")[0][0],
            history=session.rows("SELECT count(*) FROM history")[0][0],
            linked=not has_changed(session, last, run),
            model=model,
            model_fitted_at=fitted_at,
            refit_due=model is not None and bool(refit_reasons(session, model)),
            expected_precision=precision,
            expected_recall=recall,
            recall_is_bound=is_bound,
            expected_persons=persons[0],
            persons_range=None if persons[0] is None else (persons[1], persons[2]),
            erase_pending=bool(session.get("erase_pending")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the status as plain strings and numbers, as `linkage summary --json` prints it."""
        return asdict(self)
