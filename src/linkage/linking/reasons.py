"""Reasons: why a pair was decided as it was, where its own probability does not say it, and whose number it shares.

A number that is typed for the wrong person brings two persons together as nothing else does. Where two records share
one and neither the given names nor the sex agree, the pair counts against one person, whatever its odds, and somebody
looks: in the synthetic files 14 of 214 such pairs are one person. Where only the names disagree nothing tells a person
under another name from two persons: about six in ten of such pairs are one person, so these are at least looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.decide import LINK, LINK_FROM, REVIEW
from linkage.linking.patterns import SWAPPED_FIELD, ordered_levels
from linkage.linking.score import log_ratios
from pseudonym.profile import FieldTable

__all__ = ["OTHER_NAMES", "OTHER_PERSON", "REASONS", "THROUGH_OTHERS", "Standing", "number_conflicts", "reasons_of"]

OTHER_NAMES: Final = 1
OTHER_PERSON: Final = 2
"""What speaks against a shared number: the names; or the names and the sex."""

REASONS: Final = (
    "",
    "other records",
    "uncertain",
    "one number, other names",
    "number of another person",
    "roles in one case",
    "roles of other records",
    "other records disagree",
)
"""Names of the reason codes. Of links: none where the pair itself is probable, else `other records`, through which it
is one person; or `number of another person` where other records outweigh that. Of pairs for review: all others. Of
other pairs none."""

_PLAIN, _THROUGH, _UNCERTAIN, _NAMES, _PERSON, _ROLES, _OTHER_ROLES, _DISAGREE = range(len(REASONS))

THROUGH_OTHERS: Final = REASONS[_THROUGH]
"""The reason of a link that the pair alone would not be."""

_NUMBER: Final = "serial"
_DATE: Final = ("birth_year", "birth_month", "birth_day")
_SEX: Final = "sex"
_GIVEN: Final = "given_names"
_FAMILY: Final = "family_names"


class Standing(NamedTuple):
    """What holds a pair together or apart besides its own evidence; `(p,)` each.

    `apart` whether its records are two persons, `roles` whether they have two roles in one case, `other_roles` whether
    two other records of these persons have, `number` the code of `number_conflicts`.
    """

    apart: NDArray[np.bool_]
    roles: NDArray[np.bool_]
    other_roles: NDArray[np.bool_]
    number: NDArray[np.int8]


def number_conflicts(levels: NDArray[np.int8], tables: Sequence[FieldTable]) -> NDArray[np.int8]:
    """Find pairs that share a number and little else.

    A number is shared where all slots of the serial are equal and no part of the date speaks against a match. Names
    disagree where the given names speak against it; or the family names, where a given name is absent. A relative's
    number comes with the family name.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        tables: A table a field; without number, names or sex among them there is less to find, or nothing.

    Returns:
        `(p,) int8`: `OTHER_PERSON` where names and sex disagree; `OTHER_NAMES` where both names are there and disagree
        and the sex does not; else 0.
    """
    found = np.zeros(len(levels), np.int8)
    column = {table.field: place for place, table in enumerate(tables)}
    if _NUMBER not in column:
        return found
    whole = ordered_levels(tables[column[_NUMBER]]) - 1
    # Few pairs share a number, so the evidence of these alone is laid out.
    rows = np.flatnonzero(levels[:, column[_NUMBER]] == whole)
    evidence = log_ratios(levels[rows], tables)

    def against(field: str) -> NDArray[np.bool_]:
        return evidence[:, column[field]] < 0 if field in column else np.zeros(len(rows), bool)

    def present(field: str) -> NDArray[np.bool_]:
        return levels[rows, column[field]] >= 0 if field in column else np.zeros(len(rows), bool)

    shared = ~np.any([against(field) for field in _DATE], axis=0)
    if SWAPPED_FIELD in column:
        shared &= levels[rows, column[SWAPPED_FIELD]] != ordered_levels(tables[column[SWAPPED_FIELD]])
    names = against(_GIVEN) | (~present(_GIVEN) & against(_FAMILY))
    found[rows[shared & against(_GIVEN) & against(_FAMILY)]] = OTHER_NAMES
    found[rows[shared & names & against(_SEX)]] = OTHER_PERSON
    return found


def reasons_of(decisions: NDArray[np.int8], probability: NDArray[np.float64], standing: Standing) -> NDArray[np.int8]:
    """Say why each pair was decided as it was.

    Of several reasons the one that weighs most is given: roles, then the number, then other records.

    Args:
        decisions: `(p,) int8`, of one mind with the persons.
        probability: `(p,) float64`.
        standing: What else there is.

    Returns:
        `(p,) int8`, places in `REASONS`.
    """
    probable = probability >= LINK_FROM
    why = np.full(len(decisions), _PLAIN, np.int8)
    review = decisions == REVIEW
    why[(decisions == LINK) & ~probable] = _THROUGH
    why[review] = np.where(probable, np.where(standing.other_roles, _OTHER_ROLES, _DISAGREE), _UNCERTAIN)[review]
    # What the odds alone would have linked, something else than its names holds apart.
    why[review & ~probable & (standing.number == OTHER_NAMES)] = _NAMES
    why[standing.number == OTHER_PERSON] = _PERSON
    why[review & standing.roles] = _ROLES
    return why
