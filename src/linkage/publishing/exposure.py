"""What the registry's own records give away to somebody who reads the registry: shared match keys, and payload.

An attacker without any key sees which codes share a match key, and nothing inside a code that nobody shares. So the
share rate, the share of records that share a match key with another person, bounds what the measured attacks of
docs/threat-model.md can work with. It grows with the number of persons held, so a profile that was measured for
thousands of persons is not safe for millions: the registry counts what it really holds.

Payload travels as plain codes and is often the larger leak: a record whose payload nobody else has is found by whoever
knows these facts about one person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pyarrow as pa

from pseudonym.profile import Privacy

__all__ = ["Exposure", "KindExposure", "PayloadExposure", "judge_exposure"]

TOLERANCE: Final = 1.25
"""A share rate above the measured one by more than this factor is beyond what was measured, not within its error."""

MANY_UNIQUE: Final = 0.05
"""Share of persons with a payload of their own from which the payload is named as a leak."""

FEW: Final = 5
"""A payload that fewer persons have is counted as rare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindExposure:
    """How often one kind of match key is shared by different persons.

    Attributes:
        kind: Name of the kind in the profile.
        records: Records that share a match key of this kind with another person.
        groups: Match keys that two or more persons have.
        largest_group: Persons that share one match key, at most; 1 where none is shared.
    """

    kind: str
    records: int
    groups: int
    largest_group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadExposure:
    """How far payload tells persons apart.

    Attributes:
        items: The items, joined by ` + `.
        unique: Persons whose combination of codes nobody else has.
        rare: Persons whose combination fewer than five persons have, those with a combination of their own among them.
        guess: Chance that somebody who knows the items of one person, and guesses among the persons that have them, is
            right: the number of combinations divided by the number of persons.
    """

    items: str
    unique: int
    rare: int
    guess: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a registry gives away to its reader.

    Attributes:
        records: Current records.
        persons: Persons of the last run, each record not linked yet counted as one.
        linked: Whether persons are known; if not, two records of one person count as two persons.
        sharing: Records that share a match key of any kind with another person.
        kinds: By kind of match key, in the order of the profile.
        payload: By item and for all items together.
        measured: What the profile was measured for, or None.
        warnings: Sentences for the people who run the registry.
    """

    records: int
    persons: int
    linked: bool
    sharing: int
    kinds: tuple[KindExposure, ...]
    payload: tuple[PayloadExposure, ...]
    measured: Privacy | None
    warnings: tuple[str, ...]

    @property
    def share_rate(self) -> float:
        """Share of records that share a match key with another person, in [0, 1]; 0 without records."""
        return self.sharing / self.records if self.records else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Turn the figures into plain lists, strings and numbers, as `linkage privacy --json` prints them."""
        plain = {name: getattr(self, name) for name in ("records", "persons", "linked", "sharing", "share_rate")}
        return plain | {
            "kinds": [asdict(kind) for kind in self.kinds],
            "payload": [asdict(item) for item in self.payload],
            "measured": None if self.measured is None else self.measured.model_dump(),
            "warnings": list(self.warnings),
        }


def judge_exposure(
    counts: Mapping[str, int],
    groups: pa.Table,
    payload: Mapping[str, pa.Table],
    *,
    kinds: Sequence[str],
    measured: Privacy | None,
) -> Exposure:
    """Turn counts of a registry into figures and warnings.

    Args:
        counts: `records`, `persons`, `sharing`, and `linked` (0 or 1), as in `Exposure`.
        groups: Columns `kind` (number), `records`, `groups`, `largest`: a row a kind that is shared.
        payload: For each set of items, joined by ` + `, a table with a row a combination of codes and the column
            `persons`.
        kinds: Names of the kinds of match key, in the order of their numbers.
        measured: What the profile was measured for.

    Returns:
        The exposure.

    Sees: neither
    """
    found = {row["kind"]: row for row in groups.to_pylist()}
    by_kind = tuple(
        KindExposure(
            kind=name,
            records=found.get(number, {}).get("records", 0),
            groups=found.get(number, {}).get("groups", 0),
            largest_group=found.get(number, {}).get("largest", 1),
        )
        for number, name in enumerate(kinds)
    )
    by_items = tuple(_payload(items, table) for items, table in payload.items())
    return Exposure(
        records=counts["records"],
        persons=counts["persons"],
        linked=bool(counts["linked"]),
        sharing=counts["sharing"],
        kinds=by_kind,
        payload=by_items,
        measured=measured,
        warnings=tuple(_warnings(counts, by_items, measured)),
    )


def _payload(items: str, table: pa.Table) -> PayloadExposure:
    sizes = table["persons"].to_numpy()
    return PayloadExposure(
        items=items,
        unique=int((sizes == 1).sum()),
        rare=int(sizes[sizes < FEW].sum()),
        guess=len(sizes) / int(sizes.sum()) if len(sizes) else 0.0,
    )


def _warnings(counts: Mapping[str, int], payload: Sequence[PayloadExposure], measured: Privacy | None) -> Iterator[str]:
    rate = counts["sharing"] / counts["records"] if counts["records"] else 0.0
    if counts["records"] and not counts["linked"]:
        yield (
            "The records have not been linked: two records of one person count as two persons, so the share rate is "
            "too high. Run: linkage link REGISTRY."
        )
    if measured is None:
        yield "The profile states no measured share rate, so nothing says what this one means. Measure the profile."
    elif counts["linked"] and rate > measured.share_rate * TOLERANCE:
        yield (
            f"The share rate is {rate:.3f}, beyond the {measured.share_rate:.3f} that the profile was measured for. "
            "Remedy: a profile with narrower match keys from the next epoch on, or fewer records in one registry."
        )
    whole = payload[-1] if payload else None
    if whole is not None and counts["persons"] and whole.unique > MANY_UNIQUE * counts["persons"]:
        yield (
            f"{whole.unique} of {counts['persons']} persons have a payload of their own, and can be found by whoever "
            "knows it. Remedy: coarser codes or fewer items in the codebook, such as county for municipality."
        )
