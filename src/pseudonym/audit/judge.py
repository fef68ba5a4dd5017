"""Warnings that a reporter should read before sending a submission, each with its remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pseudonym.audit.crowds import CrowdTally
from pseudonym.audit.fill import Fill
from pseudonym.audit.sharing import SubmissionSharing
from pseudonym.privacy import CROWD, CROWDED_CODES, MAX_OF_REPORTER
from pseudonym.profile import Privacy, Profile
from pseudonym.wire import Header

__all__ = ["Warned", "expected_share_rate", "judge"]

SIGMA: Final = 3.0
"""Standard deviations above the measured rate at which a warning is given: the rates of small files scatter."""

MANY_RECORDS: Final = 20
"""If more records than this appear to belong to one person, a placeholder or an internal number is more likely."""

LIMITS: Final[Mapping[str, Mapping[str, float]]] = {
    "number": {"missing": 0.4, "unreadable": 0.02, "marked": 0.1},
    "foreign_number": {"unreadable": 0.02},
    "given_names": {"missing": 0.05, "unreadable": 0.02, "marked": 0.05},
    "family_names": {"missing": 0.05, "unreadable": 0.02, "marked": 0.05},
    "birth_date": {"unreadable": 0.02, "marked": 0.05},
    "sex": {"unreadable": 0.02},
}
"""Highest share of records for each figure without a warning: about what the synthetic case files of police, social
services and Migrationsverket have at the middle error level, on which recall is measured. There one record in three
lacks the number."""

MIN_RECORDS: Final = 3
"""Records with a fault before a warning is given: one or two say nothing about a column."""

MANY_LACK_BOTH: Final = 0.1
"""Share of records that may lack both number and birth date."""

_SAYS: Final = {
    "missing": "{share} of the records have no {field}.",
    "unreadable": "{share} of the records have an unreadable {field}, which is left out.",
    "marked": "{share} of the records have a {field} that is a placeholder or invalid.",
}

_REMEDIES: Final = {
    ("number", "missing"): "Such records can be linked by names and date only, so fewer links are found and persons "
    "are counted more than once. Remedy: record numbers in the case system, foreign ones if there are no others.",
    ("number", "marked"): "An invalid number matches only the same number. Remedy: run 'pseudonym check' on "
    "the case file to see which rules are broken.",
}

_REMEDY: Final = "Remedy: run 'pseudonym check' on the case file to see which column is misread, and by which rule."


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning.

    Attributes:
        rule: A dotted constant, for programs.
        text: What is wrong and what helps.
    """

    rule: str
    text: str


def expected_share_rate(measured: Privacy, n_persons: int) -> float | None:
    """Return the share rate to expect for fewer or more persons than the profile was measured on.

    If every two persons share a match key with the same small probability, the share of persons who share none falls
    exponentially with their number. Some names are more common than others, so small files share a little more: 1.8 %
    for 250 of 5,000 children where this formula gives 1.6 %, and 18 % for 2,500 of them where it gives 15 %. A file of
    families shares far more, because siblings share match keys however few families there are.

    Args:
        measured: The measurement that the profile states.
        n_persons: The number of persons.

    Returns:
        The rate, in [0, 1]; None if the profile does not state how many persons were measured.
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
    sharing: SubmissionSharing,
    crowds: CrowdTally,
    entered_twice: int,
) -> Iterator[Warned]:
    """Yield the warnings for a submission.

    Args:
        header: The header.
        profile: The profile.
        faults: Number of records that break each rule for single rows.
        fill: How full contents are.
        sharing: How many records share match keys.
        crowds: How many codes very many records share.
        entered_twice: Number of pairs of records that cannot be told apart.

    Yields:
        Warnings, most serious first.
    """
    yield from _form(faults, fill, profile)
    yield from _density(sharing, profile)
    yield from _quality(header)
    if sharing.largest_person > MANY_RECORDS:
        yield Warned(
            "records.many",
            f"{sharing.largest_person} records appear to belong to one person. Remedy: check whether their number "
            "is a placeholder or an internal number.",
        )
    yield from _crowds(header, crowds)
    if entered_twice:
        yield Warned(
            "records.entered_twice",
            f"{entered_twice} pairs of records appear to belong to one person and agree in everything sent besides "
            "their codes. Remedy: send each report once, and send a changed record again under its old record id.",
        )


def _crowds(header: Header, crowds: CrowdTally) -> Iterator[Warned]:
    if crowds.largest > MAX_OF_REPORTER:
        yield Warned(
            "keys.flooded",
            f"{crowds.largest:,} records share a match key. A registry leaves out a key that more than "
            f"{MAX_OF_REPORTER} records of one reporter have. Remedy: look for a placeholder, or for records that are "
            "in the file many times.",
        )
    if crowds.n_codes > CROWDED_CODES * header.codes:
        yield Warned(
            "records.copies",
            f"{crowds.n_codes / header.codes:.1%} of the codes have a match key that more than {CROWD} records share: "
            "records are in the file many times, or many have the same placeholder. Remedy: send each record once.",
        )


def _form(faults: Mapping[str, int], fill: Fill, profile: Profile) -> Iterator[Warned]:
    for rule, count in sorted(faults.items()):
        yield Warned(rule, f"{count} records break the rule {rule}: the registry would quarantine them.")
    if profile.unguarded:
        yield Warned(
            "profile.unguarded",
            f"The profile {profile.name} lets every record be compared with every other, which reveals nearly all "
            "identities. Registries refuse it. Remedy: encode with case-registry or population.",
        )
    if fill.padded and not fill.looks_random:
        yield Warned(
            "content.not_random",
            "The contents do not look random although the profile pads them: they are constant, repeated or unpadded, "
            "and would show how long names are. Remedy: do not send the file; encode again with this program.",
        )


def _density(sharing: SubmissionSharing, profile: Profile) -> Iterator[Warned]:
    if profile.privacy is None:
        yield Warned(
            "profile.unmeasured",
            f"The profile {profile.name} states no measured share rate, so the rate of this file cannot be judged. "
            "Remedy: use a profile that was measured.",
        )
        return
    limit = profile.privacy.share_rate
    scatter = SIGMA * math.sqrt(limit * (1 - limit) / sharing.records) if sharing.records else 0.0
    if not profile.unguarded and sharing.share_rate > max(profile.privacy.highest_share_rate, limit + scatter):
        yield Warned(
            "density.share_rate",
            f"{sharing.share_rate:.1%} of the records share a match key with another person; the profile was measured "
            f"for {limit:.1%} ({profile.privacy.population}). Remedy: use the profile population, or put fewer records "
            "into one registry, such as one per year or group of reporters.",
        )


def _quality(header: Header) -> Iterator[Warned]:
    if header.quality is None:
        return
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
            f"Up to {lack_both / header.records:.1%} of the records have neither number nor birth date. They can "
            "hardly ever be linked, so persons are counted more than once. Remedy: record at least a year of birth.",
        )
