"""The assumptions about synthetic people and their reports: every rate by name, with its source.

Almost none of these figures is known: no public source says how often a shelter misspells a name, or how many persons
both police and schools meet. They are the authors' guesses unless a note names a source, and a result that depends on
one must be shown for several values of it. Therefore they are collected here by name; the habits of each reporter are
in `reporters`, and `assumptions` combines them all in one table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

__all__ = ["ErrorRates", "PopulationRates", "ReportRates"]

Origins = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationRates:
    """Rates of the people before any report; each note gives the source."""

    reference_date: Annotated[date, "Arbitrary: the last day of reporting."] = date(2025, 12, 31)
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
    per_date: Annotated[float, "None: persons per birth date; 0 takes birth dates from the ages of the kind."] = 0.0
    new_year_only: Annotated[float, "None: share of birth dates that are 1 January, if `per_date` is set."] = 0.0

    single: Annotated[float, "Guess: share of one-adult households; victims of trafficking are mostly alone."] = 0.45
    single_woman: Annotated[float, "Source: 234 women and 139 men met by regional coordinators in 2023."] = 0.63
    single_youngest: Annotated[float, "Guess: lowest age of a single person."] = 16.0
    single_oldest: Annotated[
        float, "Guess: highest age of a single person; the mean in police files of 2008-2010 is 27."
    ] = 60.0
    couple: Annotated[float, "Guess: share of adults without children at home who live in couples (national)."] = 0.5
    two_parents: Annotated[float, "Guess: share of families with both parents."] = 0.6
    more_children: Annotated[
        float, "Guess: chance of one more child after each; 221 children in 119 cases (LVU, 2022) imply siblings."
    ] = 0.55
    youngest_child: Annotated[float, "Guess: highest age of a family's youngest child, in years."] = 16.0
    sibling_gap_shortest: Annotated[float, "Guess: shortest gap between siblings, in years."] = 1.0
    sibling_gap_longest: Annotated[float, "Guess: longest gap between siblings, in years."] = 4.5
    parent_youngest: Annotated[float, "Guess: lowest age of a parent at the birth of the first child."] = 18.0
    parent_oldest: Annotated[float, "Guess: highest age of a parent at the birth of the first child."] = 40.0
    twins: Annotated[float, "Guess: share of last children who have a twin; about 1.4 % of births are twin births."] = (
        0.03
    )
    cousins: Annotated[
        float,
        "Guess: share of families with another family's name and one child with a cousin's given names.",
    ] = 0.03

    hyphen: Annotated[
        float,
        "Close to SCB 2020 (3 % of all): share of persons with several given names whose first two are joined.",
    ] = 0.05
    called_other: Annotated[float, "Guess: share of persons whose name of address is not their first given name."] = (
        0.25
    )
    double_family: Annotated[float, "Guess: share of persons with two family names where one is customary."] = 0.07
    other_spelling: Annotated[float, "Guess: share of names registered in an unusual spelling."] = 0.3
    passport_spelling: Annotated[
        float, "Guess: share of persons of non-Swedish origin whose passport and residence permit card differ in"
        " spelling."
    ] = 0.35  # fmt: skip
    renamed: Annotated[float, "Guess: share of persons whose family name changes within the years of events."] = 0.08
    alias: Annotated[float, "Guess: share of persons who also use another name."] = 0.03
    alias_given: Annotated[float, "Guess: share of these whose other name has the same first name."] = 0.5
    alias_date: Annotated[float, "Guess: share of these who also use another birth date."] = 0.5

    personnummer: Annotated[float, "Guess: share of households of non-Swedish origin with personnummer."] = 0.55
    samordningsnummer: Annotated[float, "Guess: share of the same with samordningsnummer; the rest have no number."] = (
        0.2
    )
    renumbered: Annotated[
        float, "Guess: share of persons of non-Swedish origin whose personnummer replaced a samordningsnummer."
    ] = 0.15
    newly_numbered: Annotated[
        float, "Guess: share of persons of non-Swedish origin whose first number was assigned within the years of"
        " events."
    ] = 0.12  # fmt: skip
    level_likely: Annotated[float, "Guess: share of samordningsnummer with the level sannolik."] = 0.2
    level_uncertain: Annotated[float, "Guess: share of samordningsnummer with the level osäker."] = 0.15
    level_raised: Annotated[float, "Guess: share whose level was raised one step within the years."] = 0.25
    number_corrected: Annotated[
        float, "Close to [Ludvigsson2009]: 75,638 persons had changed number by 2008, mostly for a wrong date or sex."
    ] = 0.005
    corrected_sex: Annotated[
        float, "Guess: share of these whose number had the wrong sex; the rest had another day."
    ] = 0.5
    legal_sex: Annotated[float, "Guess: share whose legal sex, and with it the number, changes within the years."] = (
        0.0005
    )
    protected: Annotated[float, "Guess: share who get a new number and name as protection within the years."] = 0.003
    default_date: Annotated[
        float, "Guess: share of persons of non-Swedish origin registered as born on 1 January or 1 July."
    ] = 0.06
    default_january: Annotated[float, "Guess: share of these on 1 January."] = 0.75
    nearby_day: Annotated[
        float, "Guess: share of these whose number has another day of the month (eight such dates were full in 2009)."
    ] = 0.15
    age_assessed: Annotated[
        float, "Guess: share of minors of non-Swedish origin whose age was assessed, with the date 1 January."
    ] = 0.05
    interim_valid: Annotated[
        float, "Guess: share of interim numbers with a letter and three digits that have a check digit."
    ] = 0.3
    interim_tf: Annotated[
        float, "Guess: share of interim numbers of schools written as TF and two digits (form: IVO)."
    ] = 0.25
    reserve_national: Annotated[
        float, "Guess: share of national reserve numbers where the region has no form of its own."
    ] = 0.5
    assessed_off: Annotated[
        float, "Guess: share of a reporter's estimates that differ from the registered year by one to three years."
    ] = 0.3
    asylum: Annotated[float, "Guess: share of households of non-Swedish origin with a dossier number."] = 0.5
    passport: Annotated[float, "Guess: share of persons who hold a passport."] = 0.8
    exposure_shape: Annotated[
        float, "Guess: shape of the gamma distribution of household exposure, which makes reporters overlap."
    ] = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRates:
    """Rates of reporting, the same for all reporters; guesses unless a note names a source."""

    contact: Annotated[float, "Factor on every reporter's cases."] = 1.0
    also_victim: Annotated[float, "Another child in the case is a victim, not an accompanying child."] = 0.35
    siblings_together: Annotated[
        float, "A child's case concerns all children of the household; exit bans had 28 children in 19 files."
    ] = 0.3
    batches: Annotated[float, "Police actions that find several adults at one time and place, per 1,000 persons."] = 0.5
    batch_size: Annotated[float, "Mean persons per batch; one batch of 42 berry pickers is known (2023)."] = 8.0
    referrals: Annotated[float, "Factor on the share of cases referred, for all paths."] = 1.0
    handed_over: Annotated[float, "The receiver of a referred case also reports another person in it."] = 0.85
    copied_spelling: Annotated[float, "The receiver copies the names as the sender wrote them."] = 0.5
    repeated: Annotated[float, "A reporter reports a case twice, as two cases."] = 0.03
    repeat_days: Annotated[float, "Mean days between the two."] = 10.0
    stays: Annotated[float, "A person in the case is also in a follow-up report (victims always are)."] = 0.8
    follow_up_days: Annotated[float, "Mean days between reports of a case."] = 120.0
    late: Annotated[float, "A report is late."] = 0.05
    late_factor: Annotated[float, "Factor on the delay of a late report."] = 10.0
    event_month_only: Annotated[float, "Only the month of the event is known."] = 0.1
    event_unknown: Annotated[float, "The date of the event is unknown."] = 0.04
    confirmed: Annotated[float, "A first report is of a confirmed case, not a suspected one."] = 0.3
    closed: Annotated[float, "A follow-up report closes the case."] = 0.4
    abroad: Annotated[float, "The country of a case is that of the household's origin, if that is not Sweden."] = 0.7
    place_concentration: Annotated[
        float, "Concentration of cases in few municipalities: 1 is even, more is less even."
    ] = 3.0
    kind_decay: Annotated[float, "Frequency of each kind of case relative to the one before it."] = 0.5
    second_code: Annotated[float, "A second code is drawn for a codebook item that may have several."] = 0.15
    naturalised: Annotated[float, "A person is a citizen of Sweden, alone or too."] = 0.5
    item_unknown: Annotated[float, "A codebook item is unknown."] = 0.08
    protected_left_out: Annotated[
        float, "A person with protected identity is left out of the reports, as required."
    ] = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """Rates at which identities are written wrongly, at the middle level of error.

    Rates are per person written down (an *entry*), before the reporter's factor. All are guesses.
    """

    typo: Annotated[
        float, "Each name field: a letter lost, added, doubled, swapped or replaced by a neighbouring key."
    ] = 0.04
    variant: Annotated[float, "Each name: another spelling of the same name, heard or transliterated."] = 0.12
    nickname: Annotated[float, "A nickname instead of the given names: Fredde for Fredrik, Moh for Mohammad."] = 0.0
    folded: Annotated[float, "All names without their marks: å as a, é as e."] = 0.05
    travel_letters: Annotated[float, "All names as in the machine-readable zone of a passport: Å as AA, Ö as OE."] = (
        0.01
    )
    mojibake: Annotated[float, "All names as UTF-8 read as ISO 8859-1."] = 0.004
    swapped: Annotated[float, "Given and family names exchanged."] = 0.02
    part_lost: Annotated[float, "Each name field with several names: one is left out."] = 0.06
    hyphen_lost: Annotated[float, "Each name field with a hyphen: written as a space or left out."] = 0.3
    hyphen_space: Annotated[float, "Share of these written as a space; the same at all levels."] = 0.7
    old_name: Annotated[float, "The former family name still in use after a change."] = 0.3
    false_name: Annotated[float, "The alias instead of the name, for a person who has one."] = 0.25
    name_placeholder: Annotated[float, "The reporter's placeholder (okänd, NN) instead of a name."] = 0.006
    day_month: Annotated[float, "Day and month exchanged, if the result is a date."] = 0.01
    date_digit: Annotated[float, "The day of birth wrong by one, or by ten."] = 0.012
    day_by_one: Annotated[float, "Share of these wrong by one; the same at all levels."] = 0.7
    date_default: Annotated[float, "1 January of the birth year instead of the date."] = 0.02
    date_placeholder: Annotated[float, "1900-01-01 instead of the birth date."] = 0.004
    year_off: Annotated[float, "A birth year wrong by one to three years; month and day are right."] = 0.01
    sex_wrong: Annotated[float, "The other sex."] = 0.005
    number_missing: Annotated[float, "No number, although the reporter asks for it and the person has one."] = 0.08
    number_typo: Annotated[float, "One wrong digit, or two neighbours exchanged."] = 0.015
    digits_exchanged: Annotated[float, "Share of these with two neighbours exchanged; the same at all levels."] = 0.3
    number_relative: Annotated[float, "The number of another member of the household."] = 0.006
    number_borrowed: Annotated[float, "The number of a stranger."] = 0.001
    number_old: Annotated[float, "The former number still in use after a change."] = 0.25
    number_placeholder: Annotated[float, "Zeros or a word where there is no number."] = 0.05
    entered_anew: Annotated[float, "A follow-up report writes the identity anew instead of copying it."] = 0.3
