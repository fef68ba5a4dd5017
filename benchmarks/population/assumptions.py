"""Every rate that the synthetic people and reports rest on, with what it is taken from.

Almost none of these figures is known: no public source says how often a shelter misspells a name or how many persons
police and school both meet. They are guesses of the authors unless a note names a source, and a result that hangs on
one of them has to be shown for several values of it. That is why they stand here, by name, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Final, Literal

__all__ = ["BODIES", "LEVELS", "Body", "ErrorLevel", "ErrorRates", "PopulationRates", "ReportRates"]

ErrorLevel = Literal["low", "middle", "high"]
LEVELS: Final[tuple[ErrorLevel, ...]] = ("low", "middle", "high")

# The low level has a third of the middle rates, the high level twice as much.
_FACTORS: Final = {"low": 1 / 3, "middle": 1.0, "high": 2.0}
_HIGHEST: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationRates:
    """What the people are like, before any report. The note beside each value says what it is taken from."""

    reference_date: Annotated[date, "Arbitrary: the last day on which anything is reported."] = date(2025, 12, 31)
    years: Annotated[int, "Arbitrary: years of events before the reference date."] = 3
    origins: Annotated[
        tuple[tuple[str, float], ...],
        "Guess: shares of households. Reports name Romania, Nigeria, Thailand, Ukraine and Honduras for trafficking; no"
        " source gives the origin of children taken abroad.",
    ] = (
        ("swedish", 0.36), ("arabic", 0.14), ("somali", 0.08), ("afghan", 0.06), ("eritrean", 0.05), ("kurdish", 0.05),
        ("turkish", 0.03), ("ukrainian", 0.04), ("romanian", 0.04), ("bulgarian", 0.02), ("russian", 0.01),
        ("nigerian", 0.04), ("vietnamese", 0.02), ("thai", 0.02), ("latin_american", 0.02), ("maghreb", 0.01),
        ("finnish", 0.01),
    )  # fmt: skip
    single: Annotated[float, "Guess: share of households of one adult; victims of trafficking mostly come alone."] = (
        0.45
    )
    two_parents: Annotated[float, "Guess: share of families in which both parents are met."] = 0.6
    more_children: Annotated[
        float, "Guess: chance of one more child after each; 221 children in 119 cases (LVU, 2022) ask for siblings."
    ] = 0.55
    twins: Annotated[float, "Guess: share of last children who have a twin; about 1.4 % of births are of twins."] = 0.03
    cousins: Annotated[
        float,
        "Guess: share of families with the family name of another one, and one child with a cousin's given names.",
    ] = 0.03
    hyphen: Annotated[
        float, "About as SCB 2020, 3 % of all: of persons with several given names, first two joined."
    ] = 0.05
    called_other: Annotated[float, "Guess: share of persons not called by their first given name."] = 0.25
    double_family: Annotated[float, "Guess: share of persons with two family names where custom gives one."] = 0.07
    other_spelling: Annotated[float, "Guess: share of names registered in a spelling that is not the usual one."] = 0.3
    renamed: Annotated[float, "Guess: share of persons whose family name changes within the years of events."] = 0.08
    personnummer: Annotated[float, "Guess: share of households of other than Swedish origin with personnummer."] = 0.55
    samordningsnummer: Annotated[float, "Guess: share of the same with samordningsnummer; the rest has none."] = 0.2
    renumbered: Annotated[
        float, "Guess: share of persons of other than Swedish origin whose personnummer replaced a samordningsnummer."
    ] = 0.15
    default_date: Annotated[
        float, "Guess: share of persons of other than Swedish origin registered as born on 1 January or 1 July."
    ] = 0.06
    passport: Annotated[float, "Guess: share of persons who hold a passport."] = 0.8
    exposure_shape: Annotated[
        float, "Guess: shape of the gamma distribution of a household's exposure, which makes bodies overlap."
    ] = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRates:
    """How cases become reports, in all bodies alike. All are guesses; the note says of what."""

    also_victim: Annotated[float, "Another child of the case is a victim too, not an accompanying child."] = 0.35
    stays: Annotated[float, "A person of the case stands in a follow-up report too (the first victim always does)."] = (
        0.8
    )
    follow_up_days: Annotated[float, "Mean days from one report of a case to the next."] = 120.0
    late: Annotated[float, "A report comes late."] = 0.05
    late_factor: Annotated[float, "How many times the usual delay a late report takes."] = 10.0
    event_month_only: Annotated[float, "The date of the event is known to the month only."] = 0.1
    event_unknown: Annotated[float, "The date of the event is not known."] = 0.04
    confirmed: Annotated[float, "A first report is of a confirmed case, not of a suspicion."] = 0.3
    closed: Annotated[float, "A follow-up report closes the case."] = 0.4
    abroad: Annotated[float, "The country of a case is the one of the household's origin, if that is not Sweden."] = 0.7
    item_unknown: Annotated[float, "An item of the codebook is unknown."] = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """How often an identity is written down otherwise than it is, at the middle level of error.

    Rates are per person written down (an *entry*), before the factor of the body. All are guesses; the note says of
    what.
    """

    typo: Annotated[float, "Each name field: a letter lost, added, doubled, exchanged or hit beside."] = 0.04
    variant: Annotated[float, "Each name: another spelling of the same name, heard or transliterated."] = 0.12
    folded: Annotated[float, "All names without their marks: å as a, é as e."] = 0.05
    travel_letters: Annotated[float, "All names as in a machine-readable passport: Å as AA, Ö as OE."] = 0.01
    mojibake: Annotated[float, "All names as UTF-8 that was read as ISO 8859-1."] = 0.004
    swapped: Annotated[float, "Given and family names exchanged."] = 0.02
    part_lost: Annotated[float, "Each name field with several names: one of them left out."] = 0.06
    hyphen_lost: Annotated[float, "A hyphen written as a space or left out, where there is one."] = 0.3
    old_name: Annotated[float, "The former family name still in use after a change."] = 0.3
    alias: Annotated[float, "Another given name altogether."] = 0.005
    day_month: Annotated[float, "Day and month exchanged, where that is a date."] = 0.01
    date_digit: Annotated[float, "The day of birth wrong by one, or by ten."] = 0.012
    date_default: Annotated[float, "1 January of the birth year in place of the date."] = 0.02
    year_off: Annotated[float, "A birth year wrong by one to three years, month and day kept."] = 0.01
    sex_wrong: Annotated[float, "The other sex."] = 0.005
    number_missing: Annotated[float, "No number although the body asks for it and the person has one."] = 0.08
    number_typo: Annotated[float, "One digit wrong, or two neighbours exchanged."] = 0.015
    number_relative: Annotated[float, "The number of another member of the household."] = 0.006
    number_old: Annotated[float, "The former number still in use after a change."] = 0.25
    entered_anew: Annotated[float, "A follow-up report takes the identity down anew instead of copying it."] = 0.3

    @classmethod
    def at(cls, level: ErrorLevel) -> ErrorRates:
        """Give the rates of one level: a third of these, these, or twice these, none above .9."""
        if level not in _FACTORS:
            raise ValueError("the level must be low, middle or high")
        middle = cls()
        return cls(**{f.name: min(getattr(middle, f.name) * _FACTORS[level], _HIGHEST) for f in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """How one reporting body meets people and writes them down.

    Attributes:
        code: The reporter code.
        prefix: Beginning of its record ids.
        columns: The identity columns of its files.
        contact: Mean cases for a household of mean exposure that the body may meet; guess.
        meets: Whom it meets: `any`, `pupil` (aged 6 to 18), `foreign` (of other than Swedish origin), `family`
            (households with a child), `child_or_woman`.
        joins: Chance that another member of the household is written down in the case; guess.
        cases: Whether its reports carry a case and roles.
        follow_up: Mean number of later reports in a case; guess.
        delay_days: Mean days from event to report; guess.
        given: Which given names it writes: `all`, `called` or `first`.
        number: How it writes numbers: `dash12`, `plain12`, `dash10`, or nothing.
        interim: Whether it invents interim numbers (T-numbers) for persons without one.
        no_number: Chance that it knows no number, beside `number_missing`; guess.
        no_passport: Chance that it does not write down a passport; guess.
        no_name: Chance that a name field is empty; guess.
        no_sex: Chance that sex is empty; guess.
        sex_words: How it writes woman and man.
        date_parts: Chances of a full birth date, year and month, year only, and none; guess.
        native_letters: Whether it keeps letters outside ISO 8859-1, as a passport has them.
        capitals: Whether it writes family names in capitals.
        errors: Factor on all error rates; guess.
        items: The items of the codebook that it sends.
        finder: Its own code in the codebook's item `discovered_by`.
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
    interim: bool = False
    no_number: float = 0.0
    no_passport: float = 0.0
    no_name: float = 0.0
    no_sex: float = 0.0
    sex_words: tuple[str, str] = ("woman", "man")
    date_parts: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    native_letters: bool = False
    capitals: bool = False
    errors: float = 1.0
    items: tuple[str, ...] = ("kind_of_case", "municipality", "age_at_event", "sex_reported", "discovered_by")
    finder: str = "unknown"


BODIES: Final = (
    Body(
        code="police", prefix="pol", contact=0.55, joins=0.6, follow_up=0.5, delay_days=10, number="dash12",
        columns=("number", "foreign_number", "given_names", "family_names", "birth_date", "sex"), no_number=0.1,
        no_passport=0.9, no_name=0.01, no_sex=0.02, sex_words=("kvinna", "man"), finder="police",
        date_parts=(0.9, 0.02, 0.05, 0.03), errors=1.2,
    ),
    Body(
        code="school", prefix="sch", contact=0.6, meets="pupil", joins=0.4, cases=False, follow_up=0.2, delay_days=40,
        columns=("number", "given_names", "family_names", "birth_date"), given="called", number="dash10", interim=True,
        no_number=0.02, date_parts=(0.6, 0.0, 0.0, 0.4), errors=0.8, finder="school",
        items=("kind_of_case", "country", "municipality", "age_at_event"),
    ),
    Body(
        code="social_services", prefix="soc", contact=0.5, meets="family", joins=0.75, follow_up=0.6, delay_days=30,
        columns=("number", "given_names", "family_names", "birth_date", "sex"), number="plain12", no_number=0.08,
        no_sex=0.1, date_parts=(0.85, 0.03, 0.04, 0.08), sex_words=("K", "M"), finder="social_services",
    ),
    Body(
        code="migrationsverket", prefix="mig", contact=0.45, meets="foreign", joins=0.85, follow_up=0.2, delay_days=15,
        columns=("number", "foreign_number", "given_names", "family_names", "birth_date", "sex"), number="plain12",
        no_number=0.25, no_passport=0.4, date_parts=(0.97, 0.0, 0.03, 0.0), errors=0.5,
        sex_words=("K", "M"), finder="migration_agency", items=("kind_of_case", "age_at_event", "sex_reported"),
    ),
    Body(
        code="ud", prefix="ud", contact=0.3, joins=0.7, follow_up=0.3, delay_days=25, native_letters=True,
        columns=("foreign_number", "given_names", "family_names", "birth_date", "sex"), capitals=True, no_passport=0.2,
        date_parts=(0.95, 0.0, 0.02, 0.03), errors=0.7, sex_words=("F", "M"), finder="consular_service",
        items=("kind_of_case", "country", "age_at_event", "sex_reported"),
    ),
    Body(
        code="shelter", prefix="she", contact=0.3, meets="child_or_woman", joins=0.8, follow_up=0.4, delay_days=35,
        columns=("given_names", "family_names", "birth_date", "sex"), given="called", no_name=0.04, no_sex=0.03,
        date_parts=(0.45, 0.1, 0.35, 0.1), errors=1.8, sex_words=("kvinna", "man"), finder="shelter",
        items=("kind_of_case", "country", "age_at_event"),
    ),
)  # fmt: skip
