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
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import pyarrow as pa

from pseudonym.profile import Privacy

__all__ = ["Exposure", "KindExposure", "PayloadExposure", "judge_exposure"]

MANY_UNIQUE: Final = 0.05
"""Share of persons with a payload of their own from which the payload is named as a leak."""

FEW: Final = 5
"""A payload that fewer persons have is counted as rare."""

MANY_NUMBERLESS: Final = 0.4
"""Share of records without a number from which it is named: the synthetic case files by which recall is measured have
none in one record of three."""

MOST_BODIES: Final = 3
"""Bodies that are named as those with most of the records in question."""

CROWD: Final = 20
"""Persons with one match key from which a placeholder is likelier than chance, and each of them is like many others."""


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
        numberless: For each body about how many of its records have no Swedish number, by the figures that came with
            its submissions. Of one record it is not known.
        kinds: By kind of match key, in the order of the profile.
        payload: By item and for all items together.
        measured: What the profile was measured for, or None.
        warnings: Sentences for the people who run the registry.
    """

    records: int
    persons: int
    linked: bool
    sharing: int
    numberless: dict[str, float]
    kinds: tuple[KindExposure, ...]
    payload: tuple[PayloadExposure, ...]
    measured: Privacy | None
    warnings: tuple[str, ...]

    @property
    def share_rate(self) -> float:
        """Share of records that share a match key with another person, in [0, 1]; 0 without records."""
        return self.sharing / self.records if self.records else 0.0

    @property
    def numberless_rate(self) -> float:
        """About the share of records without a Swedish number, in [0, 1]; 0 without records."""
        return sum(self.numberless.values()) / self.records if self.records else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Turn the figures into plain lists, strings and numbers, as `linkage privacy --json` prints them."""
        names = ("records", "persons", "linked", "sharing", "share_rate", "numberless_rate")
        return {name: getattr(self, name) for name in names} | {
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
    numberless: Mapping[str, float] | None = None,
    without: Mapping[str, pa.Table] | None = None,
) -> Exposure:
    """Turn counts of a registry into figures and warnings.

    Args:
        counts: `records`, `persons`, `sharing`, and `linked` (0 or 1), as in `Exposure`.
        groups: Columns `kind` (number), `records`, `groups`, `largest`: a row a kind that is shared.
        payload: For each set of items, joined by ` + `, a table with a row a combination of codes and the column
            `persons`; all items last.
        kinds: Names of the kinds of match key, in the order of their numbers.
        measured: What the profile was measured for.
        numberless: For each body about how many of its records have no number.
        without: For each item the same table as in `payload`, of all items but that one.

    Returns:
        The exposure.
    """
    found = {row["kind"]: row for row in groups.to_pylist()}
    plain = Exposure(
        records=counts["records"],
        persons=counts["persons"],
        linked=bool(counts["linked"]),
        sharing=counts["sharing"],
        numberless=dict(numberless or {}),
        kinds=tuple(
            KindExposure(
                kind=name,
                records=found.get(number, {}).get("records", 0),
                groups=found.get(number, {}).get("groups", 0),
                largest_group=found.get(number, {}).get("largest", 1),
            )
            for number, name in enumerate(kinds)
        ),
        payload=tuple(_payload(items, table) for items, table in payload.items()),
        measured=measured,
        warnings=(),
    )
    spared = {item: _payload(item, table).unique for item, table in (without or {}).items()}
    warnings = (*_density(plain), *_numberless(plain), *_crowds(plain), *_unique_payload(plain, spared))
    return replace(plain, warnings=warnings)


def _payload(items: str, table: pa.Table) -> PayloadExposure:
    sizes = table["persons"].to_numpy()
    return PayloadExposure(
        items=items,
        unique=int((sizes == 1).sum()),
        rare=int(sizes[sizes < FEW].sum()),
        guess=len(sizes) / int(sizes.sum()) if len(sizes) else 0.0,
    )


def _density(found: Exposure) -> Iterator[str]:
    if found.records and not found.linked:
        yield (
            "The records have not been linked: two records of one person count as two persons, so the share rate is "
            "too high. Run: linkage link REGISTRY."
        )
    if found.measured is None:
        yield (
            "The profile states no measured share rate, so nothing says what this one means. Remedy: from the next "
            "epoch on a profile that was measured, such as case-registry."
        )
    elif found.linked and found.share_rate > found.measured.highest_share_rate:
        yield (
            f"The share rate is {found.share_rate:.3f}, beyond the {found.measured.share_rate:.3f} that the profile "
            "was measured for, so the measured risk is too low for this registry. Remedy: a registry for each year, or "
            "for each group of bodies that has to be counted together; from the next epoch on the profile population, "
            "which finds fewer pairs."
        )


def _numberless(found: Exposure) -> Iterator[str]:
    if found.numberless_rate <= MANY_NUMBERLESS:
        return
    bodies = ", ".join(sorted(found.numberless, key=lambda body: -found.numberless[body])[:MOST_BODIES])
    yield (
        f"About {found.numberless_rate:.0%} of the records have no Swedish number, and meet others by names and date "
        f"alone: they are found less often, and persons are counted more than once. Most come from: {bodies}. "
        "Remedy: ask these bodies to take numbers into their case systems, foreign ones where there are no others, and "
        "a full date of birth."
    )


def _crowds(found: Exposure) -> Iterator[str]:
    for kind in found.kinds:
        if kind.largest_group > CROWD:
            yield (
                f"One match key of the kind {kind.kind} is shared by {kind.largest_group} persons: a placeholder that "
                "stands for a value, or a name and date that very many have. Remedy: ask the bodies to leave unknown "
                "fields empty; the profile population, if it is not a placeholder."
            )


def _unique_payload(found: Exposure, spared: Mapping[str, int]) -> Iterator[str]:
    whole = found.payload[-1] if found.payload else None
    if whole is None or whole.unique <= MANY_UNIQUE * found.persons:
        return
    item = min(spared, key=lambda one: spared[one], default=None)
    best = "" if item is None else f" Without {item} it would be {spared[item]}."
    yield (
        f"{whole.unique} of {found.persons} persons have a payload of their own, and can be found by whoever knows it."
        f"{best} Remedy: coarser codes or fewer items in the codebook, such as county for municipality or groups of "
        "ages."
    )
