"""When a registry has outgrown its model (docs/how-to/link-again.md has the limits and their reason)."""

from __future__ import annotations

from typing import Final

from linkage.store import Session

__all__ = ["NEW_REPORTERS", "OUTGROWN", "refit_reasons"]

GROWN: Final = 2
"""A refit is due if the registry has grown by more than this factor since the fit."""

NEW_PART: Final = 3
"""A refit is due if reporters that had sent no record before the fit have more than one record in this many: for pairs
with them the model has only averages over the other reporters."""

OUTGROWN: Final = "The registry has more than doubled since its model was fitted: a refit is due (link --refit)."
NEW_REPORTERS: Final = (
    "Reporters that the model has not seen have over a third of the records: a refit is due (link --refit)."
)

_AT_FIT: Final = "SELECT n_records, last_submission FROM runs WHERE model = ? ORDER BY run LIMIT 1"

_NOW: Final = """
SELECT count(*), count(*) FILTER (reporter NOT IN
    (SELECT reporter FROM submissions WHERE submission <= ? AND n_records > 0 AND kind <> 'withdrawal'))
FROM records
"""


def refit_reasons(session: Session, number: int) -> tuple[str, ...]:
    """Say why a new model should be fitted.

    A model knows the shares of the records and of the reporters to which it was fitted. The first one is often fitted
    to a first, small delivery. Keeping it keeps links that nobody has questioned, so a refit is never made unasked.

    Args:
        session: The open registry.
        number: Number of the model in use.

    Returns:
        `OUTGROWN`, `NEW_REPORTERS`, both or neither.
    """
    fitted_to, last_submission = session.rows(_AT_FIT, number)[0]
    n_records, n_new = session.rows(_NOW, last_submission)[0]
    found = ((OUTGROWN, n_records > GROWN * fitted_to), (NEW_REPORTERS, n_new * NEW_PART > n_records))
    return tuple(reason for reason, holds in found if holds)
