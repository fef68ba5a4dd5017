"""Whether the records that the linkage unit links have outgrown its model."""

from __future__ import annotations

from typing import Final

from linkage.growth import refit_reasons
from linkage.store import Session

__all__ = ["refit_reasons_of"]

_AT_FIT: Final = "SELECT n_records, last_submission FROM runs WHERE model = ? ORDER BY run LIMIT 1"

_NOW: Final = """
SELECT count(*), count(*) FILTER (reporter NOT IN
    (SELECT reporter FROM submissions WHERE submission <= ? AND n_records > 0))
FROM records WHERE live
"""


def refit_reasons_of(session: Session, number: int) -> tuple[str, ...]:
    """Return why a new model should be fitted, as `linkage.growth.refit_reasons` does.

    Args:
        session: The store of the linkage unit.
        number: Number of the model in use.
    """
    fitted_to, last_submission = session.rows(_AT_FIT, number)[0]
    n_records, n_new = session.rows(_NOW, last_submission)[0]
    return refit_reasons(fitted_to=fitted_to, n_records=n_records, n_new=n_new)
