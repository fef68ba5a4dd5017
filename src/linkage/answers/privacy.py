"""Privacy figures of a registry: what its records reveal to a reader of the registry, with warnings and remedies.

`pseudonym.privacy` defines the counts. The share rate grows with the number of persons, so a profile that was measured
on thousands of persons is not safe for millions: the registry counts what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from pseudonym.privacy import PayloadPrivacy, Sharing
from pseudonym.profile import Privacy

__all__ = ["RegistryPrivacy", "judge_privacy"]

MANY_UNIQUE: Final = 0.05
"""Share of persons with a unique payload above which a warning is given."""

MANY_NUMBERLESS: Final = 0.4
"""Share of records without a number above which a warning is given. In the synthetic case files on which recall is
measured, one record in three has none."""

MOST_REPORTERS: Final = 3
"""Number of reporters that a warning names: those with the most records without a number."""

CROWD: Final = 20
"""Number of persons with the same match key above which a placeholder is more likely than chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryPrivacy:
    """What a registry reveals to its reader.

    Attributes:
        sharing: How many current records share match keys. Persons are those of the last run; a record that is not
            linked yet counts as a person.
        linked: Whether there has been a run; if not, two records of one person count as two persons.
        settled: Number of current records that a purge has settled; see `linkage purge`.
        numberless: For each reporter, the estimated number of records without a Swedish number, from the figures in the
            headers of its submissions. Single records do not show whether they have one.
        payload: How far each item of the codebook, and all items together, tell persons apart.
        strangers: With how many records of other persons the last run compared a record, on average; None without a
            run. The more, the more can be concluded from what a record shares.
        measured: What the profile was measured for, or None.
        warnings: Sentences for those who run the registry.
    """

    sharing: Sharing
    linked: bool
    settled: int
    numberless: dict[str, float]
    payload: tuple[PayloadPrivacy, ...]
    strangers: float | None
    measured: Privacy | None
    warnings: tuple[str, ...]

    @property
    def numberless_rate(self) -> float | None:
        """Estimated share of records without a Swedish number, in [0, 1]; None if no submission says it."""
        if not self.numberless or not self.sharing.records:
            return None
        return sum(self.numberless.values()) / self.sharing.records

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain lists, strings and numbers, as `linkage privacy --json` prints them."""
        return {
            "records": self.sharing.records,
            "persons": self.sharing.persons,
            "linked": self.linked,
            "sharing": self.sharing.sharing,
            "share_rate": self.sharing.share_rate,
            "settled": self.settled,
            "strangers_a_record": None if self.strangers is None else round(self.strangers, 2),
            "numberless_rate": self.numberless_rate,
            "kinds": [asdict(kind) for kind in self.sharing.kinds],
            "payload": [asdict(item) for item in self.payload],
            "measured": None if self.measured is None else self.measured.model_dump(),
            "warnings": list(self.warnings),
        }


def judge_privacy(
    sharing: Sharing,
    payload: tuple[PayloadPrivacy, ...],
    *,
    linked: bool,
    settled: int,
    measured: Privacy | None,
    numberless: Mapping[str, float],
    unique_without: Mapping[str, int],
    strangers: float | None,
    coarse: tuple[str, ...],
) -> RegistryPrivacy:
    """Add warnings to the privacy figures of a registry.

    Args:
        sharing: How many records share match keys.
        payload: How far each item of the codebook, and all items together, tell persons apart; the latter come last.
        linked: Whether there has been a run.
        settled: Number of records that a purge has settled.
        measured: What the profile was measured for.
        numberless: For each reporter, the estimated number of records without a number.
        unique_without: For each item, the number of persons that all other items together make unique.
        strangers: With how many records of other persons the last run compared a record; None without a run.
        coarse: What `linkage.growth.coarse_profile` says of that.

    Returns:
        The figures and warnings.
    """
    found = RegistryPrivacy(
        sharing=sharing,
        linked=linked,
        settled=settled,
        numberless=dict(numberless),
        payload=payload,
        strangers=strangers,
        measured=measured,
        warnings=(),
    )
    warnings = (
        *_density(found),
        *coarse,
        *_numberless(found),
        *_crowds(found),
        *_unique_payload(found, unique_without),
    )
    return replace(found, warnings=warnings)


def _density(found: RegistryPrivacy) -> Iterator[str]:
    if found.sharing.records and not found.linked:
        yield (
            "The records have not been linked, so two records of one person count as two persons and the share rate is "
            "too high. Run: linkage link REGISTRY."
        )
    if found.measured is None:
        yield (
            "The profile states no measured share rate, so the rate of this registry cannot be judged. Remedy: from "
            "the next epoch, use a profile that was measured, such as case-registry."
        )
    elif found.linked and found.sharing.share_rate > found.measured.highest_share_rate:
        yield (
            f"The share rate is {found.sharing.share_rate:.3f}. The profile was measured for "
            f"{found.measured.share_rate:.3f}, so the measured risk is too low for this registry. Remedy: use one "
            "registry per year, or per group of reporters that must be counted together; from the next epoch, use the "
            "profile population, which finds fewer pairs."
        )


def _numberless(found: RegistryPrivacy) -> Iterator[str]:
    if found.numberless_rate is None or found.numberless_rate <= MANY_NUMBERLESS:
        return
    most = sorted(found.numberless, key=lambda reporter: -found.numberless[reporter])[:MOST_REPORTERS]
    yield (
        f"About {found.numberless_rate:.0%} of the records have no Swedish number. They can be linked by names and "
        "date only, so fewer links are found and persons are counted more than once. Most come from: "
        f"{', '.join(most)}. Remedy: ask these reporters to record numbers in their case systems, foreign ones if "
        "there are no others, and full dates of birth."
    )


def _crowds(found: RegistryPrivacy) -> Iterator[str]:
    for kind in found.sharing.kinds:
        if kind.largest_group > CROWD:
            yield (
                f"One match key of the kind {kind.kind} is shared by {kind.largest_group} persons: it comes from a "
                "placeholder, or from a very common name and date. Remedy: ask the reporters to leave unknown fields "
                "empty; if it is not a placeholder, use the profile population."
            )


def _unique_payload(found: RegistryPrivacy, unique_without: Mapping[str, int]) -> Iterator[str]:
    persons = found.sharing.persons
    together = found.payload[-1] if found.payload else None
    if together is None or together.unique <= MANY_UNIQUE * persons:
        return
    item = min(unique_without, key=lambda name: unique_without[name], default=None)
    best = "" if item is None else f" Without {item} it would be {unique_without[item]}."
    yield (
        f"{together.unique} of {persons} persons have a unique payload, so whoever knows it can find them.{best} "
        "Remedy: use coarser codes or fewer items in the codebook, such as county instead of municipality, or age "
        "groups."
    )
