"""What the synthetic people and their reports are assumed to be like: every rate by name, with what it is taken from.

Almost none of these figures is known: no public source says how often a shelter misspells a name or how many persons
police and school both meet. They are guesses of the authors unless a note names a source, and a result that hangs on
one of them has to be shown for several values of it. That is why they stand here, by name, and nowhere else; the habits
of each body stand in `bodies`, and `assumptions` puts all of them into one table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

__all__ = ["ErrorRates", "PopulationRates", "ReportRates"]

Origins = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationRates:
    """What the people are like, before any report. The note beside each value says what it is taken from."""

    reference_date: Annotated[date, "Arbitrary: the last day on which anything is reported."] = date(2025, 12, 31)
    years: Annotated[int, "Arbitrary: years of events before the reference date."] = 3
    origins: Annotated[
        Origins,
        "Guess: shares of households. Reports name Romania, Nigeria, Thailand, Ukraine and Honduras for trafficking; no"
        " source gives the origin of children taken abroad.",
    ] = (
        ("swedish", 0.36), ("arabic", 0.14), ("somali", 0.08), ("afghan", 0.06), ("eritrean", 0.05), ("kurdish", 0.05),
        ("turkish", 0.03), ("ukrainian", 0.04), ("romanian", 0.04), ("bulgarian", 0.02), ("russian", 0.01),
        ("nigerian", 0.04), ("vietnamese", 0.02), ("thai", 0.02), ("latin_american", 0.02), ("maghreb", 0.01),
        ("finnish", 0.01),
    )  # fmt: skip
    per_date: Annotated[float, "None: persons a birth date; 0 leaves birth dates to the ages of the kind."] = 0.0
    new_year_only: Annotated[float, "None: share of the birth dates that are 1 January, where `per_date` is set."] = 0.0

    single: Annotated[float, "Guess: share of households of one adult; victims of trafficking mostly come alone."] = (
        0.45
    )
    single_woman: Annotated[float, "Source: 234 women and 139 men met by regional coordinators in 2023."] = 0.63
    single_youngest: Annotated[float, "Guess: lowest age of a person alone."] = 16.0
    single_oldest: Annotated[
        float, "Guess: highest age of a person alone; the police files of 2008-2010 have a mean of 27."
    ] = 60.0
    couple: Annotated[float, "Guess: of adults without children at home, those who live in couples (national)."] = 0.5
    two_parents: Annotated[float, "Guess: share of families in which both parents are met."] = 0.6
    more_children: Annotated[
        float, "Guess: chance of one more child after each; 221 children in 119 cases (LVU, 2022) ask for siblings."
    ] = 0.55
    youngest_child: Annotated[float, "Guess: a family's youngest child is at most as old, in years."] = 16.0
    sibling_gap_shortest: Annotated[float, "Guess: shortest gap between siblings, in years."] = 1.0
    sibling_gap_longest: Annotated[float, "Guess: longest gap between siblings, in years."] = 4.5
    parent_youngest: Annotated[float, "Guess: lowest age of a parent at the birth of the first child."] = 18.0
    parent_oldest: Annotated[float, "Guess: highest age of a parent at the birth of the first child."] = 40.0
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
    passport_spelling: Annotated[
        float, "Guess: share of persons of other than Swedish origin whose passport spells them otherwise than the"
        " residence permit card does."
    ] = 0.35  # fmt: skip
    renamed: Annotated[float, "Guess: share of persons whose family name changes within the years of events."] = 0.08
    alias: Annotated[float, "Guess: share of persons who go by another name as well."] = 0.03
    alias_given: Annotated[float, "Guess: of these, those whose other name has the same first name."] = 0.5
    alias_date: Annotated[float, "Guess: of these, those who go by another birth date as well."] = 0.5

    personnummer: Annotated[float, "Guess: share of households of other than Swedish origin with personnummer."] = 0.55
    samordningsnummer: Annotated[float, "Guess: share of the same with samordningsnummer; the rest has none."] = 0.2
    renumbered: Annotated[
        float, "Guess: share of persons of other than Swedish origin whose personnummer replaced a samordningsnummer."
    ] = 0.15
    newly_numbered: Annotated[
        float, "Guess: of persons of other than Swedish origin, those whose first number came within the years of"
        " events."
    ] = 0.12  # fmt: skip
    level_likely: Annotated[float, "Guess: share of samordningsnummer of the level sannolik."] = 0.2
    level_uncertain: Annotated[float, "Guess: share of samordningsnummer of the level osäker."] = 0.15
    level_raised: Annotated[float, "Guess: share whose level was one lower until a day within the years."] = 0.25
    number_corrected: Annotated[
        float, "About as [Ludvigsson2009]: 75,638 persons had changed number by 2008, mostly for a wrong date or sex."
    ] = 0.005
    corrected_sex: Annotated[float, "Guess: of these, those whose number had the other sex; the rest another day."] = (
        0.5
    )
    legal_sex: Annotated[float, "Guess: share whose legal sex changes within the years, and the number with it."] = (
        0.0005
    )
    protected: Annotated[float, "Guess: share who get a new number and name for protection within the years."] = 0.003
    default_date: Annotated[
        float, "Guess: share of persons of other than Swedish origin registered as born on 1 January or 1 July."
    ] = 0.06
    default_january: Annotated[float, "Guess: of these, on 1 January."] = 0.75
    nearby_day: Annotated[
        float, "Guess: of these, those whose number has another day of the month (eight such dates had none left 2009)."
    ] = 0.15
    age_assessed: Annotated[
        float, "Guess: share of minors of other than Swedish origin whose age is an estimate, with a date of 1 January."
    ] = 0.05
    interim_valid: Annotated[float, "Guess: interim numbers of a letter and three digits with a check digit."] = 0.3
    interim_tf: Annotated[float, "Guess: interim numbers of schools written as TF and two digits (form: IVO)."] = 0.25
    reserve_national: Annotated[
        float, "Guess: reserve numbers that are national ones, where the region has no form of its own."
    ] = 0.5
    assessed_off: Annotated[
        float, "Guess: estimates of a body that are one to three years off the year that is registered."
    ] = 0.3
    asylum: Annotated[float, "Guess: share of households of other than Swedish origin with a dossier number."] = 0.5
    passport: Annotated[float, "Guess: share of persons who hold a passport."] = 0.8
    exposure_shape: Annotated[
        float, "Guess: shape of the gamma distribution of a household's exposure, which makes bodies overlap."
    ] = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRates:
    """How cases become reports, in all bodies alike: guesses unless a source is named; the note says of what."""

    contact: Annotated[float, "Factor on the cases of every body."] = 1.0
    also_victim: Annotated[float, "Another child of the case is a victim too, not an accompanying child."] = 0.35
    siblings_together: Annotated[
        float, "A case of a child concerns all children of the household; 28 children in 19 files of exit bans."
    ] = 0.3
    batches: Annotated[float, "Police actions that find several adults at one time and place, a 1,000 persons."] = 0.5
    batch_size: Annotated[float, "Mean persons found in one; one batch of 42 berry pickers is known (2023)."] = 8.0
    referrals: Annotated[float, "Factor on the share of cases sent on, for all referral paths."] = 1.0
    handed_over: Annotated[float, "Another person of a case sent on is reported by the receiver too."] = 0.85
    copied_spelling: Annotated[float, "The receiver takes the names as the sender wrote them."] = 0.5
    repeated: Annotated[float, "A case is taken down twice by one body, as two cases."] = 0.03
    repeat_days: Annotated[float, "Mean days from the one to the other."] = 10.0
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
    place_concentration: Annotated[float, "Few municipalities have most cases: 1 is even, more is less so."] = 3.0
    kind_decay: Annotated[float, "Each kind of case is so many times as frequent as the one before it."] = 0.5
    item_unknown: Annotated[float, "An item of the codebook is unknown."] = 0.08
    protected_left_out: Annotated[float, "A person of protected identity is left out of the reports, as is due."] = 0.9


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
    hyphen_space: Annotated[float, "Of these, those with a space; a form, the same at all levels."] = 0.7
    old_name: Annotated[float, "The former family name still in use after a change."] = 0.3
    false_name: Annotated[float, "The alias of a person who has one in place of the name."] = 0.25
    name_placeholder: Annotated[float, "A word of the body (okänd, NN) in place of a name."] = 0.006
    day_month: Annotated[float, "Day and month exchanged, where that is a date."] = 0.01
    date_digit: Annotated[float, "The day of birth wrong by one, or by ten."] = 0.012
    day_by_one: Annotated[float, "Of these, those wrong by one; a form, the same at all levels."] = 0.7
    date_default: Annotated[float, "1 January of the birth year in place of the date."] = 0.02
    date_placeholder: Annotated[float, "1900-01-01 in place of the birth date."] = 0.004
    year_off: Annotated[float, "A birth year wrong by one to three years, month and day kept."] = 0.01
    sex_wrong: Annotated[float, "The other sex."] = 0.005
    number_missing: Annotated[float, "No number although the body asks for it and the person has one."] = 0.08
    number_typo: Annotated[float, "One digit wrong, or two neighbours exchanged."] = 0.015
    digits_exchanged: Annotated[float, "Of these, those of two neighbours; a form, the same at all levels."] = 0.3
    number_relative: Annotated[float, "The number of another member of the household."] = 0.006
    number_borrowed: Annotated[float, "The number of a stranger."] = 0.001
    number_old: Annotated[float, "The former number still in use after a change."] = 0.25
    number_placeholder: Annotated[float, "Zeros or a word in place of a number, where there is none."] = 0.05
    entered_anew: Annotated[float, "A follow-up report takes the identity down anew instead of copying it."] = 0.3
