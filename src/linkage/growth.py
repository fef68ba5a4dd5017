"""When a registry has outgrown its model or its profile (docs/how-to/link-again.md has the limits and their reason)."""

from __future__ import annotations

from typing import Final

__all__ = ["NEW_REPORTERS", "OUTGROWN", "coarse_profile", "refit_reasons", "strangers_a_record"]

GROWN: Final = 2
"""A refit is due if the registry has grown by more than this factor since the fit."""

NEW_PART: Final = 3
"""A refit is due if reporters that had sent no record before the fit have more than one record in this many: for pairs
with them the model has only averages over the other reporters."""

OUTGROWN: Final = "The registry has more than doubled since its model was fitted: a refit is due (link --refit)."
NEW_REPORTERS: Final = (
    "Reporters that the model has not seen have over a third of the records: a refit is due (link --refit)."
)

MANY_STRANGERS: Final = 10
"""Records of other persons with which a record is compared, on average, from which a profile is too coarse. It grows in
proportion to the registry."""

_TOO_COARSE: Final = (
    "Each record was compared with {strangers:.0f} records of other persons on average. This number grows with the "
    "registry: twice as many records need four times as many comparisons, and as much more memory. Remedy: {remedy}."
)
_NARROWER: Final = "population"
_TO_NARROWER: Final = f"from the next epoch, use the profile {_NARROWER}, which compares fewer"
_TO_PARTS: Final = "use one registry for each group of years or reporters that must be counted together"


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


def strangers_a_record(*, n_records: int, n_pairs: int, n_links: int) -> float:
    """Return with how many records of other persons a record was compared, on average.

    Args:
        n_records: Number of records.
        n_pairs: Number of pairs that were compared.
        n_links: Number of them that are linked; the others are taken for pairs of different persons.
    """
    return 2 * (n_pairs - n_links) / n_records if n_records else 0.0


def coarse_profile(strangers: float, *, profile: str) -> tuple[str, ...]:
    """Return a warning if too many records share match keys for a registry of this size, with a remedy.

    Args:
        strangers: See `strangers_a_record`.
        profile: Name of the profile.

    Returns:
        One sentence, or none.
    """
    if strangers <= MANY_STRANGERS:
        return ()
    return (_TOO_COARSE.format(strangers=strangers, remedy=_TO_PARTS if profile == _NARROWER else _TO_NARROWER),)
