"""What shared match keys and payload reveal, counted alike for a submission and for a registry.

A reader without any key sees which codes share a match key. The share rate, which is the share of records that share a
match key with another person, limits what the attacks of docs/threat-model.md can use. Payload is sent in the clear:
whoever knows the payload of a person can find the person's record if no other person has the same payload.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CROWD",
    "CROWDED_CODES",
    "MAX_OF_REPORTER",
    "MatchKeyPrivacy",
    "PayloadPrivacy",
    "Sharing",
    "count_payload",
    "item_sets",
]

CROWD: Final = 20
"""More records of one file than this with one match key are a crowd: no person is met so often, and no match key of the
synthetic case files is so common."""

CROWDED_CODES: Final = 0.05
"""Share of a submission's codes in crowds above which there is a warning."""

MAX_OF_REPORTER: Final = 500
"""Records of one reporter that may share a match key; linking leaves out all of them if there are more. It is half of
what all reporters together may have, so that no reporter can switch off a match key for the others."""

FEW: Final = 5
"""A combination of codes that fewer hold is counted as rare."""

ITEM_SEPARATOR: Final = " + "


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchKeyPrivacy:
    """How often different persons share match keys of one kind.

    Attributes:
        kind: Name of the kind in the profile.
        records: Number of records that share a match key of this kind with another person.
        groups: Number of match keys that two or more persons share.
        largest_group: Largest number of persons that share one match key; 1 if none is shared.
    """

    kind: str
    records: int = 0
    groups: int = 0
    largest_group: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """How many records share match keys with another person.

    Attributes:
        records: Number of records.
        persons: Number of persons, as far as the records show who they are.
        sharing: Number of records that share a match key of any kind with another person.
        kinds: For each kind of match key, in the order of the profile.
    """

    records: int
    persons: int
    sharing: int
    kinds: tuple[MatchKeyPrivacy, ...]

    @property
    def share_rate(self) -> float:
        """Share of records that share a match key with another person, in [0, 1]; 0 without records."""
        return self.sharing / self.records if self.records else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadPrivacy:
    """How far some payload items tell their holders apart: the records of a submission, the persons of a registry.

    Attributes:
        items: Names of the items, joined by ` + `.
        unique: Number of holders whose combination of codes no other has.
        rare: Number of holders whose combination fewer than five have, the unique ones included.
        guess: Probability of picking the right holder by chance among those that have the same combination, averaged
            over all holders: the number of combinations divided by the number of holders; 0 without holders.
    """

    items: str
    unique: int
    rare: int
    guess: float


def count_payload(items: Sequence[str], sizes: NDArray[np.integer[Any]]) -> PayloadPrivacy:
    """Count how far some items tell their holders apart.

    Args:
        items: Names of the items.
        sizes: `(c,)`, number of holders of each combination of their codes, at least 1.

    Returns:
        The counts.
    """
    return PayloadPrivacy(
        items=ITEM_SEPARATOR.join(items),
        unique=int((sizes == 1).sum()),
        rare=int(sizes[sizes < FEW].sum()),
        guess=len(sizes) / int(sizes.sum()) if len(sizes) else 0.0,
    )


def item_sets(items: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the sets of items that are counted: each item alone, and all together if there are several."""
    return [*((item,) for item in items), *([tuple(items)] if len(items) > 1 else [])]
