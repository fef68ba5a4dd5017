"""The reporters: whom each meets, which fields it has, how it writes them, and to whom it refers cases.

The fields of a reporter follow the reports of Jämställdhetsmyndigheten (2024:3, 2025:4): a shelter may know a name and
an approximate age, a school a name and an interim number, the consular service the names in the passport, the police
aliases and several birth dates, Migrationsverket the spelling of the permit card and a dossier number. The paths
follow them too: police, Migrationsverket and shelters refer cases to the regional coordinator, who refers them to
social services; schools and social services refer to the police; social services and the consular service both know a
child who is abroad. Every number is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["REFERRALS", "REPORTERS", "Referral", "Reporter"]

_EVENT: Final = ("state", "purpose", "context", "exploitation", "offence", "country")
_PERSON: Final = ("age_at_event", "sex_reported")
_MEASURES: Final = ("measures_earlier", "measures_present", "measures_planned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """How one reporter (a reporting body) meets people and writes them down.

    Attributes:
        code: The reporter code.
        prefix: Prefix of its record ids.
        columns: The identity columns of its files; those that end in `_2` hold a second identity.
        contact: Mean cases per household of mean exposure that the reporter may meet; guess.
        meets: Whom it meets: `any`, `pupil` (aged 6 to 18), `foreign` (of non-Swedish origin), `family` (households
            with a child), `child_or_woman`.
        joins: Chance that another member of the household is included in the case; guess.
        cases: Whether its reports have cases and roles.
        follow_up: Mean number of follow-up reports per case; guess.
        delay_days: Mean days from event to report; guess.
        given: The given names it writes: `all`, `called` or `first`.
        number: How it writes numbers: `dash12`, `plain12`, `dash10`, or not at all.
        invents: The numbers it invents for persons without one: `interim` (T-numbers of schools), `reserve` (reserve
            numbers of the regions), or none.
        dossier: Chance that it knows a person's dossier number; guess.
        second: Chance that it writes a second identity where it has columns for one and the person has one; guess.
        no_number: Chance that it knows no number, in addition to `number_missing`; guess.
        no_passport: Chance that it does not write the passport number; guess.
        no_name: Chance that a name field is empty; guess.
        no_sex: Chance that sex is empty; guess.
        sex_words: Its words for woman and man.
        date_parts: Chances of a full birth date, year and month, year only, and none; guess.
        approximate: Chance that it writes a birth year with a margin instead of a date; guess.
        estimates: Whether it writes the year with a margin for persons of assessed age; other reporters write the
            registered 1 January.
        spelling: `permit` (as registered, which is as on the residence permit card) or `passport`.
        native_letters: Whether it keeps letters outside ISO 8859-1, as in passports.
        capitals: Whether it writes family names in capitals.
        placeholders: The words it types for unknown names.
        errors: Factor on all error rates; guess.
        items: The codebook items it sends.
        finder: Its own code in the codebook item `discovered_by`.
    """

    code: str
    prefix: str
    columns: tuple[str, ...]
    contact: float
    meets: str = "any"
    joins: float = 0.5
    cases: bool = True
    follow_up: float = 0.3
    delay_days: float = 20.0
    given: str = "all"
    number: str | None = None
    invents: str | None = None
    dossier: float = 0.0
    second: float = 0.6
    no_number: float = 0.0
    no_passport: float = 0.0
    no_name: float = 0.0
    no_sex: float = 0.0
    sex_words: tuple[str, str] = ("woman", "man")
    date_parts: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    approximate: float = 0.0
    estimates: bool = False
    spelling: str = "permit"
    native_letters: bool = False
    capitals: bool = False
    placeholders: tuple[str, ...] = ("okänd", "NN")
    errors: float = 1.0
    items: tuple[str, ...] = (*_EVENT, *_PERSON, "municipality", "discovered_by")
    finder: str = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A path along which cases are referred from one reporter to another.

    Attributes:
        sender: The code of the referring reporter.
        receiver: The code of the reporter that reports the case as its own.
        share: Share of the sender's cases that are referred; guess.
        delay_days: Mean days from the sender's report to the receiver's; guess.
        of: The cases concerned: `any`, or by the youngest victim `child` or `adult`.
    """

    sender: str
    receiver: str
    share: float
    delay_days: float
    of: str = "any"

    @property
    def code(self) -> str:
        """The name of the path, `sender>receiver`."""
        return f"{self.sender}>{self.receiver}"


_NUMBERS: Final = ("number", "number_type", "number_2", "number_type_2")
_NAMES: Final = ("given_names", "family_names")

REPORTERS: Final = (
    Reporter(
        code="police", prefix="pol", contact=0.55, joins=0.6, follow_up=0.5, delay_days=10, number="dash12",
        columns=("number", "foreign_number", *_NAMES, "given_names_2", "family_names_2", "birth_date", "birth_date_2",
                 "sex"),
        no_number=0.1, no_passport=0.9, no_name=0.01, no_sex=0.02, sex_words=("kvinna", "man"), finder="police",
        date_parts=(0.9, 0.02, 0.05, 0.03), errors=1.2, placeholders=("Okänd", "NN", "N.N."),
        items=(*_EVENT, *_PERSON, "travelled_with", "police_report", "municipality", "discovered_by"),
    ),
    Reporter(
        code="school", prefix="sch", contact=0.6, meets="pupil", joins=0.4, cases=False, follow_up=0.2, delay_days=40,
        columns=("number", *_NAMES, "birth_date"), given="called", number="dash10", invents="interim",
        no_number=0.02, date_parts=(0.6, 0.0, 0.0, 0.4), errors=0.8, finder="school",
        items=("state", "country", "municipality", "age_at_event", "schooling", "school_absence", "contact",
               "family_missing"),
    ),
    Reporter(
        code="social_services", prefix="soc", contact=0.5, meets="family", joins=0.75, follow_up=0.6, delay_days=30,
        columns=("number", "number_2", "given_names", "name_of_address", "family_names", "family_names_2", "birth_date",
                 "sex"),
        number="plain12", no_number=0.08, no_sex=0.1, date_parts=(0.85, 0.03, 0.04, 0.08), sex_words=("K", "M"),
        second=0.5, finder="social_services", placeholders=("okänd", "uppgift saknas"),
        items=(*_EVENT, *_PERSON, *_MEASURES, "outcome", "police_report", "consular_contact", "lives_with", "origin",
               "disability", "earlier_reports", "earlier_crime", "municipality", "discovered_by"),
    ),
    Reporter(
        code="migrationsverket", prefix="mig", contact=0.45, meets="foreign", joins=0.85, follow_up=0.2, delay_days=15,
        columns=("number", "number_type", "number_level", "number_2", "number_type_2", "number_level_2",
                 "foreign_number", *_NAMES, "birth_date", "sex"),
        number="plain12", dossier=0.95, estimates=True, no_number=0.25, no_passport=0.4, errors=0.5,
        date_parts=(0.97, 0.0, 0.03, 0.0), sex_words=("K", "M"), finder="migration_agency",
        items=("exploitation", "offence", *_PERSON, "citizenship", "birth_country"),
    ),
    Reporter(
        code="ud", prefix="ud", contact=0.3, joins=0.7, follow_up=0.3, delay_days=25, native_letters=True,
        columns=("foreign_number", *_NAMES, "birth_date", "sex"), capitals=True, no_passport=0.2, spelling="passport",
        date_parts=(0.95, 0.0, 0.02, 0.03), errors=0.7, sex_words=("F", "M"), finder="consular_service",
        items=("state", "purpose", "outcome", "country", "present_country", "consular_contact", "citizenship",
               *_PERSON),
        placeholders=("UNKNOWN",),
    ),
    Reporter(
        code="shelter", prefix="she", contact=0.3, meets="child_or_woman", joins=0.8, follow_up=0.4, delay_days=35,
        columns=(*_NAMES, "birth_date", "sex"), given="called", no_name=0.04, no_sex=0.03, approximate=0.12,
        estimates=True,
        date_parts=(0.5, 0.1, 0.25, 0.15), errors=1.8, sex_words=("kvinna", "man"), finder="shelter",
        items=("context", "exploitation", "country", "support", "help_accepted", "age_at_event"),
        placeholders=("okänd", "?", "NN"),
    ),
    Reporter(
        code="health_care", prefix="hea", contact=0.25, joins=0.2, follow_up=0.4, delay_days=10, number="dash12",
        columns=("number", "number_type", "given_names", "name_of_address", "family_names", "birth_date", "sex"),
        invents="reserve", no_number=0.03, no_sex=0.01, date_parts=(0.8, 0.0, 0.0, 0.2), errors=0.7,
        sex_words=("kvinna", "man"), finder="health_care", items=("state", "exploitation", *_PERSON, "disability"),
        placeholders=("Okänd",),
    ),
    Reporter(
        code="regional_coordinator", prefix="reg", contact=0.02, joins=0.5, follow_up=0.6, delay_days=20,
        columns=(*_NUMBERS, "foreign_number", *_NAMES, "given_names_2", "family_names_2", "birth_date", "sex"),
        number="dash12", dossier=0.4, no_number=0.3, no_passport=0.6, no_name=0.02, no_sex=0.02, approximate=0.06,
        estimates=True,
        date_parts=(0.8, 0.04, 0.08, 0.08), errors=1.3, sex_words=("kvinna", "man"), finder="regional_coordinator",
        placeholders=("okänd", "NN"),
        items=("exploitation", "labour_sector", "offence", "victim_identified", "age_at_first_exploitation", *_PERSON,
               "country", "citizenship", "support", "help_accepted", "police_report", "municipality", "discovered_by"),
    ),
)  # fmt: skip

REFERRALS: Final = (
    Referral(sender="police", receiver="regional_coordinator", share=0.35, delay_days=7, of="adult"),
    Referral(sender="migrationsverket", receiver="regional_coordinator", share=0.2, delay_days=21, of="adult"),
    Referral(sender="shelter", receiver="regional_coordinator", share=0.25, delay_days=10, of="adult"),
    Referral(sender="regional_coordinator", receiver="social_services", share=0.4, delay_days=14),
    Referral(sender="regional_coordinator", receiver="shelter", share=0.15, delay_days=3),
    Referral(sender="school", receiver="social_services", share=0.45, delay_days=10),
    Referral(sender="school", receiver="police", share=0.15, delay_days=14),
    Referral(sender="health_care", receiver="social_services", share=0.35, delay_days=7, of="child"),
    Referral(sender="social_services", receiver="police", share=0.43, delay_days=20, of="child"),
    Referral(sender="social_services", receiver="ud", share=0.2, delay_days=12, of="child"),
    Referral(sender="ud", receiver="social_services", share=0.3, delay_days=15, of="child"),
)
