"""Reasons for decisions that a pair's own probability does not explain, and conflicts over shared numbers.

A number entered for the wrong person is the strongest cause of false links. If two records share a number but neither
the given names nor the sex agree, the pair counts as evidence of two persons, whatever its odds, and goes to review: in
the synthetic files, 14 of 214 of these pairs are one person. If only the names disagree, a person with a new name
cannot be distinguished from two persons: about six in ten of these pairs are one person, so at least they go to review.
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

__all__ = ["OTHER_NAMES", "OTHER_PERSON", "REASONS", "THROUGH_OTHERS", "Grounds", "number_conflicts", "reasons_of"]

OTHER_NAMES: Final = 1
OTHER_PERSON: Final = 2
"""Codes of conflicts over a shared number: the names disagree, or the names and the sex."""

REASONS: Final = (
    "",
    "other records",
    "uncertain",
    "one number, other names",
    "number of another person",
    "roles in one case",
    "roles of other records",
    "other records disagree",
    "records of one reporter",
    "too little to go by",
)
"""Names of the reason codes. A link has no reason if its own probability is high enough. Otherwise its reason is `other
records`, which connect the pair, or `number of another person` if other records outweigh that conflict. Pairs for
review have one of the other reasons, and all other pairs have none."""

_PLAIN, _THROUGH, _UNCERTAIN, _NAMES, _PERSON, _ROLES, _OTHER_ROLES, _DISAGREE, _BRIDGE, _LITTLE = range(len(REASONS))

THROUGH_OTHERS: Final = REASONS[_THROUGH]
"""The reason for a link whose own probability is too low."""

_NUMBER: Final = "serial"
_DATE: Final = ("birth_year", "birth_month", "birth_day")
_SEX: Final = "sex"
_GIVEN: Final = "given_names"
_FAMILY: Final = "family_names"


class Grounds(NamedTuple):
    """Grounds for deciding on a pair besides its own evidence; `(p,)` each.

    `apart` is whether its records are in different groups, `roles` whether they have two roles in one case,
    `other_roles` whether two other records of their groups do, `number` the code of `number_conflicts`, and `bridge`
    whether only records of one reporter would have put the two into one group (`linkage.linking.bridges`), and `weak`
    whether too many others would agree in the same fields (`linkage.linking.namesakes`).
    """

    apart: NDArray[np.bool_]
    roles: NDArray[np.bool_]
    other_roles: NDArray[np.bool_]
    number: NDArray[np.int8]
    bridge: NDArray[np.bool_]
    weak: NDArray[np.bool_]


def number_conflicts(levels: NDArray[np.int8], tables: Sequence[FieldTable]) -> NDArray[np.int8]:
    """Find pairs that share a number but disagree otherwise.

    A number is shared if all slots of the serial are equal and no part of the date counts against a match. Names
    disagree if the given names count against a match, or, if a given name is absent, the family names. Given names come
    first because a mistaken number is often a relative's, who has the same family name.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        tables: One table per field. If number, names or sex are not scored, fewer conflicts are found, or none.

    Returns:
        `(p,) int8`: `OTHER_PERSON` where names and sex disagree; `OTHER_NAMES` where both names are present and
        disagree but the sex does not; 0 elsewhere.
    """
    found = np.zeros(len(levels), np.int8)
    column = {table.field: index for index, table in enumerate(tables)}
    if _NUMBER not in column:
        return found
    whole = ordered_levels(tables[column[_NUMBER]]) - 1
    # Few pairs share a number, so only their evidence is computed.
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


def reasons_of(decisions: NDArray[np.int8], probability: NDArray[np.float64], grounds: Grounds) -> NDArray[np.int8]:
    """Return the reason for each decision.

    If several apply, the strongest is returned: roles, then the number, then too little evidence, a bridge, and other
    records.

    Args:
        decisions: `(p,) int8`, as `decide_pairs` returns them.
        probability: `(p,) float64`.
        grounds: The other grounds.

    Returns:
        `(p,) int8`, indices of `REASONS`.
    """
    probable = probability >= LINK_FROM
    why = np.full(len(decisions), _PLAIN, np.int8)
    review = decisions == REVIEW
    why[(decisions == LINK) & ~probable] = _THROUGH
    why[review] = np.where(probable, np.where(grounds.other_roles, _OTHER_ROLES, _DISAGREE), _UNCERTAIN)[review]
    why[review & probable & grounds.bridge] = _BRIDGE
    why[review & grounds.weak] = _LITTLE
    # The names are the reason only if the probability alone would not have made a link.
    why[review & ~probable & (grounds.number == OTHER_NAMES)] = _NAMES
    why[grounds.number == OTHER_PERSON] = _PERSON
    why[review & grounds.roles] = _ROLES
    return why
