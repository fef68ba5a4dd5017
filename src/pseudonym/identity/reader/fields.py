"""The columns of an input: fields, repeated fields, and the headers of case systems.

Only headers with the same meaning everywhere are recognised without `--column`. A diary number or file number
identifies a case in one system and a report in another, so its field is never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from pseudonym.identity.identities import MAX_IDENTITIES
from pseudonym.identity.reader.escapes import unescape
from pseudonym.identity.reader.mixed import unmix
from pseudonym.identity.record import IDENTITY_FIELDS
from pseudonym.wire.rows import RESERVED

__all__ = [
    "ALIASES",
    "BIRTH_PARTS",
    "DATE_FIELDS",
    "MAX_VALUES",
    "NAMES",
    "NAME_FIELDS",
    "RECORD_ID",
    "REPEATABLE",
    "SINGLE",
    "base_of",
    "fold_header",
    "is_identity_field",
    "known_fields",
]

RECORD_ID: Final = "record_id"

MAX_VALUES: Final = MAX_IDENTITIES
"""Maximum number of values per field of a record: more would be a list, not a person."""

REPEATABLE: Final = (
    "number",
    "number_type",
    "number_level",
    "foreign_number",
    "given_names",
    "family_names",
    "birth_date",
)
"""Fields that may have several values, in columns such as `number`, `number_2` … `number_8`."""

NAMES: Final = "names"
"""A column with the whole name, which is split into given and family names."""

BIRTH_PARTS: Final = ("birth_year", "birth_month", "birth_day")
"""Columns that are a birth date together."""

SINGLE: Final = (NAMES, *BIRTH_PARTS, "name_of_address", "sex")

DATE_FIELDS: Final = frozenset({"birth_date", "event_date", "report_date", "discovered_on", "outcome_date"})
NAME_FIELDS: Final = frozenset({"given_names", "family_names", NAMES, "name_of_address"})

ALIASES: Final[dict[str, str]] = {
    "personnummer": "number",
    "personnr": "number",
    "pers.nr": "number",
    "pnr": "number",
    "personal identity number": "number",
    "samordningsnummer": "number",
    "samordningsnr": "number",
    "samordn.nr": "number",
    "coordination number": "number",
    "personnummer/samordningsnummer": "number",
    "person- och samordningsnummer": "number",
    "person- eller samordningsnummer": "number",
    "passnummer": "foreign_number",
    "passnr": "foreign_number",
    "passport number": "foreign_number",
    "förnamn": "given_names",
    "förnamn(en)": "given_names",
    "alla förnamn": "given_names",
    "samtliga förnamn": "given_names",
    "given name": "given_names",
    "first name": "given_names",
    "first names": "given_names",
    "forename": "given_names",
    "forenames": "given_names",
    "efternamn": "family_names",
    "familjenamn": "family_names",
    "family name": "family_names",
    "last name": "family_names",
    "last names": "family_names",
    "surname": "family_names",
    "surnames": "family_names",
    "för- och efternamn": "names",
    "förnamn och efternamn": "names",
    "efternamn, förnamn": "names",
    "förnamn, efternamn": "names",
    "efternamn och förnamn": "names",
    "fullständigt namn": "names",
    "full name": "names",
    "tilltalsnamn": "name_of_address",
    "födelsedatum": "birth_date",
    "födelsetid": "birth_date",
    "födelsedag": "birth_date",
    "date of birth": "birth_date",
    "dob": "birth_date",
    "födelseår": "birth_year",
    "född år": "birth_year",
    "född månad": "birth_month",
    "född dag": "birth_day",
    "year of birth": "birth_year",
    "födelsemånad": "birth_month",
    "month of birth": "birth_month",
    "kön": "sex",
    "juridiskt kön": "sex",
    "gender": "sex",
    "fornavn": "given_names",
    "etternavn": "family_names",
    "efternavn": "family_names",
    "fødselsdato": "birth_date",
    "kjønn": "sex",
    "saksnummer": "case_id",
    "sagsnummer": "case_id",
    "ärendenummer": "case_id",
    "ärendenr": "case_id",
    "ärende_id": "case_id",
    "händelsedatum": "event_date",
    "rapportdatum": "report_date",
    "roll": "role",
}
"""Headers of case systems and the field of each; docs/how-to/prepare-a-file.md lists them."""

_BLANKS: Final = re.compile(r"[\s_\-\u00a0]+")
_PLACE: Final = re.compile(r"(.+)_([2-8])")


def known_fields(items: Iterable[str]) -> tuple[str, ...]:
    """Return the name of every column that can be read, including repeats.

    Args:
        items: The items of the codebook in use.
    """
    repeats = [f"{field}_{position}" for position in range(2, MAX_VALUES + 1) for field in REPEATABLE]
    return tuple(dict.fromkeys((RECORD_ID, *REPEATABLE, *SINGLE, *repeats, *RESERVED, *items)))


def base_of(field: str) -> tuple[str, int]:
    """Return the field of a column, and its position from 1: `number_3` is the third `number`."""
    match = _PLACE.fullmatch(field)
    if match is not None and match[1] in REPEATABLE:
        return match[1], int(match[2])
    return field, 1


def is_identity_field(field: str) -> bool:
    """Return whether a column (repeated or not) holds part of a person's identity."""
    base, _ = base_of(field)
    return base in IDENTITY_FIELDS or base in {NAMES, *BIRTH_PARTS, "name_of_address"}


def fold_header(name: str) -> str:
    """Fold a header for comparison: `Given names` and `given_names` are equal."""
    # A program that damages the letters of values damages those of the header too.
    composed = unicodedata.normalize("NFC", unmix(unescape(name))).strip("\ufeff \t\r\n\xa0").casefold()
    return _BLANKS.sub("_", composed)
