"""What the registry says of a linkage run, while it lasts and afterwards, and of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from linkage.pipeline.settings import Settings
from linkage.store import Session

__all__ = ["LinkReport", "Progress", "Status"]

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the work done and the work there is; 0 when that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """What a run found.

    Attributes:
        run: Number of the run.
        model: Number of the model that was used, or None when there was no pair to learn from.
        fitted: Whether that model was fitted in this run.
        records: Current records.
        pairs: Pairs of records that were compared.
        links: Pairs decided as one person.
        review: Pairs left for a person to look at.
        persons: Unique persons.
        expected_precision: The share of the links that the model expects to be right, in [0, 1]. None without links.
        expected_recall: The share of all pairs of records of one person that are links, in [0, 1], see
            `linkage.linking.accuracy`. None without links.
        recall_is_bound: Whether `expected_recall` is an upper bound, as matches that were never compared could not be
            estimated.
        expected_persons: How many persons there are expected to be: `persons`, less one for each that is only a record
            not recognised, and more for those put together wrongly, see `linkage.linking.person_count`. None where that
            cannot be estimated.
        persons_range: The least and the greatest of the range that this number is in; None likewise.
        changes: Number of person events of each kind (created, merged, split, retired).
        notes: Constant sentences about the fit, for a person to read.
        seconds: How long it took.
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
    changes: dict[str, int]
    notes: tuple[str, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Turn the report into plain lists, strings and numbers, as `linkage link --json` prints it."""
        return asdict(self) | {"notes": list(self.notes), "seconds": round(self.seconds, 3)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a registry is set up, and how far its work has come.

    Attributes:
        profile: Name and version of the profile.
        profile_digest: Its digest.
        codebook: Name of the codebook, or None.
        epoch: The linkage epoch, or None as long as none is fixed.
        unguarded_reason: Why a profile with an empty match key was allowed, or None.
        submissions: Number of submissions received.
        history: Number of record versions that are no longer in force.
        linked: Whether `link` has been run since the last delivery that changed anything.
        model: Number of the model of the last run, or None.
        model_fitted_at: When it was fitted, in UTC, or None.
        expected_precision: See `LinkReport`.
        expected_recall: Likewise.
        recall_is_bound: Likewise.
        expected_persons: Likewise.
        persons_range: Likewise.
        erase_pending: Whether the file still holds deleted codes; the next `receive` or `link` erases them.
    """

    profile: str
    profile_digest: str
    codebook: str | None
    epoch: int | None
    unguarded_reason: str | None
    submissions: int
    history: int
    linked: bool
    model: int | None
    model_fitted_at: str | None
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
            "SELECT model, created_at, last_submission, expected_precision, expected_recall, recall_is_bound,"
            " expected_persons, fewest_persons, most_persons"
            " FROM runs LEFT JOIN models USING (model) ORDER BY run DESC LIMIT 1"
        )
        nothing = None, None, 0, None, None, True, None, None, None
        model, fitted_at, last, precision, recall, is_bound, *persons = (session.rows(query) or [nothing])[0]
        newer = "SELECT count(*) FROM submissions WHERE outcome = 'stored' AND submission > ?"
        epoch = session.get("epoch")
        return cls(
            profile=f"{settings.profile.name} (version {settings.profile.version})",
            profile_digest=settings.profile.digest,
            codebook=None if settings.codebook is None else settings.codebook.name,
            epoch=int(epoch) if epoch else None,
            unguarded_reason=settings.unguarded_reason,
            submissions=session.rows("SELECT count(*) FROM submissions")[0][0],
            history=session.rows("SELECT count(*) FROM history")[0][0],
            linked=not session.rows(newer, last)[0][0],
            model=model,
            model_fitted_at=fitted_at,
            expected_precision=precision,
            expected_recall=recall,
            recall_is_bound=is_bound,
            expected_persons=persons[0],
            persons_range=None if persons[0] is None else (persons[1], persons[2]),
            erase_pending=bool(session.get("erase_pending")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Turn the status into plain strings and numbers, as `linkage summary --json` prints it."""
        return asdict(self)
