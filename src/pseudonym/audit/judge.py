"""What a body should know before it sends a submission: warnings, each with its remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pseudonym.audit.fill import Fill
from pseudonym.audit.sharing import Sharing
from pseudonym.profile import Privacy, Profile
from pseudonym.wire import Header

__all__ = ["Warned", "expected_share_rate", "judge"]

SIGMA: Final = 3.0
"""Few records scatter: below so many standard deviations above the measured rate nothing is said."""

MANY_RECORDS: Final = 20
"""Records that seem to be of one person from which a placeholder or a number of the body is likelier."""

LIMITS: Final[Mapping[str, Mapping[str, float]]] = {
    "number": {"missing": 0.4, "unreadable": 0.02, "marked": 0.1},
    "foreign_number": {"unreadable": 0.02},
    "given_names": {"missing": 0.05, "unreadable": 0.02, "marked": 0.05},
    "family_names": {"missing": 0.05, "unreadable": 0.02, "marked": 0.05},
    "birth_date": {"unreadable": 0.02, "marked": 0.05},
    "sex": {"unreadable": 0.02},
}
"""Shares of records up to which a figure of a field is as in the synthetic case files of police, social services and
Migrationsverket at the middle error level, by which recall is measured: one record in three lacks the number."""

MIN_RECORDS: Final = 3
"""One row or two say nothing of a column."""

MANY_LACK_BOTH: Final = 0.1
"""Share of records that may lack both number and birth date."""

_SAYS: Final = {
    "missing": "{share} of the records have no {field}.",
    "unreadable": "{share} of the records have a value of {field} that cannot be read and is left out.",
    "marked": "{share} of the records have a value of {field} that is a placeholder, or not as it should be.",
}

_REMEDIES: Final = {
    ("number", "missing"): "Such records meet others by names and date alone: they are found less often, and "
    "persons are counted more than once. Remedy: take numbers into the case system, foreign ones if there are no "
    "others.",
    ("number", "marked"): "A number that is not valid meets only equal ones. Remedy: 'pseudonym check' on the case "
    "file lists the rules that are broken.",
}

_REMEDY: Final = "Remedy: 'pseudonym check' on the case file shows which column is misread, and by which rule."


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning.

    Attributes:
        rule: A dotted constant, for programs.
        text: What is the matter and what helps.
    """

    rule: str
    text: str


def expected_share_rate(measured: Privacy, n_persons: int) -> float | None:
    """Return the share rate to expect of fewer or more persons than the profile was measured with.

    If each person meets each other by the same small chance, the share that meets nobody is a power of their number.
    Some names are commoner than others, so few persons share somewhat more: of 250 of 5,000 children 1.8 %, where this
    says 1.6 %, of 2,500 of them 18 %, where it says 15 %. In a file of families it is far more, since brothers and
    sisters come together however few there are.

    Args:
        measured: What the profile was measured for.
        n_persons: How many there are.

    Returns:
        The rate, in [0, 1]; None where it is not said how many persons were measured.
    """
    if measured.persons is None:
        return None
    meets_nobody: float = (1 - measured.share_rate) ** (max(n_persons - 1, 0) / (measured.persons - 1))
    return 1 - meets_nobody


def judge(
    header: Header,
    profile: Profile,
    *,
    faults: Mapping[str, int],
    fill: Fill,
    sharing: Sharing,
    entered_twice: int,
) -> Iterator[Warned]:
    """Say what the body should know.

    Args:
        header: The header.
        profile: The profile.
        faults: For each rule for single rows how many records break it.
        fill: How full contents are.
        sharing: Who shares match keys.
        entered_twice: Pairs of records that nothing tells apart.

    Yields:
        Warnings, the gravest first.
    """
    yield from _form(faults, fill, profile)
    yield from _density(sharing, profile)
    yield from _quality(header)
    if sharing.largest_person > MANY_RECORDS:
        yield Warned(
            "records.many",
            f"{sharing.largest_person} records seem to be of one person. Remedy: see whether their number is a "
            "placeholder, or one of the body's own.",
        )
    if entered_twice:
        yield Warned(
            "records.entered_twice",
            f"{entered_twice} pairs of records seem to be of one person, and agree in all that is sent beside their "
            "codes. Remedy: send a report once; a record that changed is sent again under the same record id.",
        )


def _form(faults: Mapping[str, int], fill: Fill, profile: Profile) -> Iterator[Warned]:
    for rule, count in sorted(faults.items()):
        yield Warned(rule, f"{count} records break the rule {rule}: the registry would put them in quarantine.")
    if profile.unguarded:
        yield Warned(
            "profile.unguarded",
            f"The profile {profile.name} lets every record be compared with every other, and so gives nearly all "
            "identities away. Registries refuse it. Remedy: encode with case-registry or population.",
        )
    if fill.padded and not fill.looks_random:
        yield Warned(
            "content.not_random",
            "The contents are not as random bits, though the profile pads them: constant, repeated or unpadded. They "
            "would show how long names are. Remedy: do not send the file; encode anew with this program.",
        )


def _density(sharing: Sharing, profile: Profile) -> Iterator[Warned]:
    if profile.privacy is None:
        yield Warned(
            "profile.unmeasured",
            f"The profile {profile.name} states no measured share rate, so nothing says what that of this file "
            "means. Remedy: a profile that was measured.",
        )
        return
    limit = profile.privacy.share_rate
    scatter = SIGMA * math.sqrt(limit * (1 - limit) / sharing.records) if sharing.records else 0.0
    if not profile.unguarded and sharing.share_rate > max(profile.privacy.highest_share_rate, limit + scatter):
        yield Warned(
            "density.share_rate",
            f"{sharing.share_rate:.1%} of the records share a match key with another person; the profile was measured "
            f"for {limit:.1%} ({profile.privacy.population}). Remedy: the profile population, or fewer records in one "
            "registry: one for each year or group of bodies.",
        )


def _quality(header: Header) -> Iterator[Warned]:
    for field, limits in LIMITS.items():
        for figure, limit in limits.items():
            count = getattr(header.quality[field], figure)
            if count >= MIN_RECORDS and count > limit * header.records:
                says = _SAYS[figure].format(share=f"{count / header.records:.1%}", field=field)
                remedy = _REMEDIES.get((field, figure), _REMEDY)
                yield Warned(f"{field}.{figure}", f"{says} {remedy}")
    lack_both = min(header.quality[field].missing for field in ("number", "birth_date"))
    if lack_both >= MIN_RECORDS and lack_both > MANY_LACK_BOTH * header.records:
        yield Warned(
            "identity.thin",
            f"Up to {lack_both / header.records:.1%} of the records have neither number nor birth date. They meet "
            "hardly any other, so that persons are counted more than once. Remedy: a year of birth at least.",
        )
