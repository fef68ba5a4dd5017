"""The result of a run of linking, as users see it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from linkage.growth import strangers_a_record

__all__ = ["LINK_STEPS", "LinkReport"]

LINK_STEPS: Final = ("candidates", "compare", "fit", "compete", "cluster", "store")
"""The stages of a run in their order; candidates are also joined to their fields, in turns with `compare`."""


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
        review: Number of pairs of records for clerical review.
        review_persons: Number of pairs of persons that these are.
        persons: Number of unique persons, as found; `Registry.expected_persons` says how many are expected.
        expected_precision: Expected share of the links that are correct, in [0, 1]. None without links, and where it is
            not known (`linkage.linking.proven`). Here and below, copies that one reporter sent count once
            (`linkage.linking.copies`).
        expected_recall: Expected share of the true matches that are linked, in [0, 1], see `linkage.linking.accuracy`.
            None without links.
        recall_is_bound: Whether `expected_recall` is only an upper bound, because the number of matches that were never
            compared could not be estimated.
        full_run: Why all records were compared and weighed; None if only those were that a change has touched. The
            result is the same, see `linkage.linkage_unit.changed`.
        new_records: Number of records that are new or have other codes since the previous run; None for a full run.
        weighed_again: Number of records that were grouped in this run, because they or others that they may be one
            person with have changed; all records in a full run.
        erased: Number of records erased since the previous run.
        changes: Number of person events of each kind (created, merged, split, retired) since the previous run; persons
            retired by an erasure count as well.
        refit_due: Whether a new model should be fitted; `notes` say why, see `linkage.linkage_unit.refit`.
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
    review_persons: int
    persons: int
    expected_precision: float | None
    expected_recall: float | None
    recall_is_bound: bool
    full_run: str | None
    new_records: int | None
    weighed_again: int
    erased: int
    changes: dict[str, int]
    refit_due: bool
    notes: tuple[str, ...]
    seconds: float

    @property
    def strangers_a_record(self) -> float:
        """With how many records of other persons a record was compared, on average; see `linkage.growth`."""
        return strangers_a_record(n_records=self.records, n_pairs=self.pairs, n_links=self.links)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain lists, strings and numbers, as `linkage link --json` prints it."""
        figures = {"strangers_a_record": round(self.strangers_a_record, 2), "seconds": round(self.seconds, 3)}
        return asdict(self) | {"notes": list(self.notes), **figures}
