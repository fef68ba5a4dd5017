"""Who is counted in a period: the persons, cases or reports that have a record of it in the role asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from linkage.counting.periods import Period
from linkage.counting.records import ROLES, Records

__all__ = ["ROLE_NAMES", "UNITS", "Role", "Selection", "Unit", "select"]

Unit = Literal["person", "case", "report"]
Role = Literal["victim", "accompanying_adult", "accompanying_child", "all"]

UNITS: Final = ("person", "case", "report")
ROLE_NAMES: Final = ("victim", "accompanying_adult", "accompanying_child", "all")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Selection:
    """What is counted, and which records say something about it.

    Attributes:
        unit: `(n,) int64`, the person, case or report of each record that belongs to one that is counted; -1 for all
            other records. For persons these are records in any role and of any time.
        inside: `(n,) bool`, whether such a record is of the period.
        units: The numbers of those that are counted, ascending.
    """

    unit: NDArray[np.int64]
    inside: NDArray[np.bool_]
    units: NDArray[np.int64]

    def only(self, keep: NDArray[np.bool_]) -> Selection:
        """Return the selection with fewer units.

        Args:
            keep: `(m,) bool`, which of the units stay.
        """
        kept = self.units[keep]
        belongs = np.isin(self.unit, kept)
        return Selection(unit=np.where(belongs, self.unit, -1), inside=self.inside & belongs, units=kept)

    def scope(self, *, whole: bool) -> NDArray[np.int64]:
        """Return the unit of each record that may answer: of the period, or of any time."""
        return self.unit if whole else np.where(self.inside, self.unit, -1)


def select(
    records: Records, *, unit: Unit, role: Role, period: Period | None, meeting: NDArray[np.bool_] | None = None
) -> Selection:
    """Select what is counted.

    Args:
        records: The records.
        unit: What is counted.
        role: In which role; `all` for every one.
        period: When; None for all times.
        meeting: `(n,) bool`, the records that meet a definition; None if there is none.

    Returns:
        The selection. A person is counted if one of its records is of the role and the period; records that are not
        linked are of no person. Of cases and reports only records of the role count.
    """
    in_role = np.ones(records.n, np.bool_) if role == "all" else records.roles == ROLES.index(role)
    inside = records.inside(period)
    of = {"person": records.persons, "case": records.cases, "report": records.reports}[unit] if records.n else _NONE
    counts = (of >= 0) & inside & in_role
    if meeting is not None:
        counts &= meeting
    units = np.unique(of[counts])
    belongs = np.isin(of, units)
    if unit != "person":
        belongs &= in_role
    return Selection(unit=np.where(belongs, of, -1), inside=inside & belongs, units=units)


_NONE: Final = np.zeros(0, np.int64)
