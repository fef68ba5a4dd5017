"""Count the records of a submission that share a match key with another person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pseudonym.audit.keys import Groups
from pseudonym.privacy import MatchKeyPrivacy, Sharing

__all__ = ["SubmissionSharing", "count_sharing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionSharing(Sharing):
    """Sharing within a submission, where records that probably belong to one person count as one person.

    Attributes:
        largest_person: Largest number of records that probably belong to one person.
        several_identities: Number of records with the same match key twice, which shows that they have more than one
            identity.
    """

    largest_person: int
    several_identities: int


def count_sharing(parts: Iterable[Groups], owner: NDArray[np.uint32], kinds: Sequence[str]) -> SubmissionSharing:
    """Count the records that share match keys, by kind and in all.

    Args:
        parts: The shared match keys.
        owner: `(n,) uint32`: for each record the record that represents its person.
        kinds: Name of each kind; `parts` holds no other kinds.

    Returns:
        The counts.
    """
    n_records = len(owner)
    sharing = np.zeros((len(kinds), n_records), np.bool_)
    twice = np.zeros(n_records, np.bool_)
    groups, largest = np.zeros(len(kinds), np.int64), np.ones(len(kinds), np.int64)
    for part in parts:
        twice[part.twice] = True
        persons = _persons(part, owner)
        several = persons > 1
        sharing[part.kind[part.group[several[part.group]]], part.record[several[part.group]]] = True
        np.add.at(groups, part.kind[several], 1)
        np.maximum.at(largest, part.kind, persons)
    sizes = np.bincount(owner, minlength=1)
    return SubmissionSharing(
        records=n_records,
        persons=int((sizes > 0).sum()),
        sharing=int(sharing.any(axis=0).sum()),
        kinds=tuple(
            MatchKeyPrivacy(
                kind=name,
                records=int(sharing[number].sum()),
                groups=int(groups[number]),
                largest_group=int(largest[number]),
            )
            for number, name in enumerate(kinds)
        ),
        largest_person=int(sizes.max()),
        several_identities=int(twice.sum()),
    )


def _persons(part: Groups, owner: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Count the persons of each group."""
    person = owner[part.record]
    order = np.lexsort((person, part.group))
    group, person = part.group[order], person[order]
    new = np.concatenate([[True], (group[1:] != group[:-1]) | (person[1:] != person[:-1])])[: len(group)]
    return np.bincount(group[new], minlength=len(part.kind))
