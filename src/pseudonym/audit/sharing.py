"""How many records of a submission share a match key with another person's, by kind and in all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pseudonym.audit.keys import Groups

__all__ = ["KindSharing", "Sharing", "count_sharing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSharing:
    """How often one kind of match key is shared by records of different persons.

    Attributes:
        kind: Name of the kind in the profile.
        codes: Codes of the kind that every record has.
        records: Records that share a match key of this kind with another person.
        groups: Match keys that two or more persons have.
        largest_group: Persons that share one match key, at most; 1 where none is shared.
    """

    kind: str
    codes: int
    records: int
    groups: int
    largest_group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Who shares match keys within a submission, records that are probably of one person counted as one person.

    Attributes:
        records: All records.
        persons: Records, those counted once that are probably of one person.
        sharing: Records that share a match key of any kind with another person.
        kinds: By kind, in the order of the profile.
        largest_person: Records that are probably of one person, at most.
        several_identities: Records that show that they have more than one identity: one match key twice.
    """

    records: int
    persons: int
    sharing: int
    kinds: tuple[KindSharing, ...]
    largest_person: int
    several_identities: int

    @property
    def share_rate(self) -> float:
        """Share of records that share a match key with another person, in [0, 1]; 0 without records."""
        return self.sharing / self.records if self.records else 0.0


def count_sharing(parts: Iterable[Groups], owner: NDArray[np.uint32], kinds: Sequence[tuple[str, int]]) -> Sharing:
    """Count who shares match keys.

    Args:
        parts: The match keys that are shared.
        owner: `(n,) uint32`: for each record the record that represents its person.
        kinds: Name and codes per record of each kind; `parts` holds no other kinds.

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
    return Sharing(
        records=n_records,
        persons=int((sizes > 0).sum()),
        sharing=int(sharing.any(axis=0).sum()),
        kinds=tuple(
            KindSharing(
                kind=name,
                codes=codes,
                records=int(sharing[number].sum()),
                groups=int(groups[number]),
                largest_group=int(largest[number]),
            )
            for number, (name, codes) in enumerate(kinds)
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
