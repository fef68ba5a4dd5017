"""When a registry has outgrown its model (docs/how-to/link-again.md has the limits and their reason)."""

from __future__ import annotations

from typing import Final

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


def refit_reasons(*, fitted_to: int, n_records: int, n_new: int) -> tuple[str, ...]:
    """Return why a new model should be fitted.

    A model knows the shares of the records and of the reporters to which it was fitted. The first one is often fitted
    to a first, small delivery. Keeping it keeps links that nobody has questioned, so a refit is never made unasked.

    Args:
        fitted_to: Number of records to which the model in use was fitted.
        n_records: Number of records now.
        n_new: Number of them that are of reporters that had sent none then.

    Returns:
        `OUTGROWN`, `NEW_REPORTERS`, both or neither.
    """
    found = ((OUTGROWN, n_records > GROWN * fitted_to), (NEW_REPORTERS, n_new * NEW_PART > n_records))
    return tuple(reason for reason, holds in found if holds)
