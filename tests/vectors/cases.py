"""What the vectors are made of: test keys, small profiles, a codebook, records. No real person is in here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from tests.vectors.reading import Record
from tests.vectors.tables import tables_digest
from tests.vectors.texts import with_check_digit, with_wrong_check_digit

__all__ = [
    "CODEBOOK",
    "FINER_CODEBOOK",
    "KEYS",
    "RECORDS",
    "REPORTER",
    "combined_profile",
    "record_profile",
    "small_profile",
    "submission_profile",
    "synthetic_records",
    "wide_profile",
]

REPORTER: Final = "body-1"

KEYS: Final = (
    ("counting_bytes", bytes(range(32)), "test-project", 1),
    ("all_zero", bytes(32), "a", 999_999_999),
    ("all_ones", b"\xff" * 32, "0-project-name-of-32-characters-", 42),
    ("hashed", hashlib.sha256(b"pseudonym test key, known to everybody").digest(), "test-project", 2),
)
"""Name, secret, project, epoch. Everybody has these keys: data encoded under them are as good as printed."""


def _profile(name: str, *, padded: bool, match_keys: list[Any], segments: list[Any]) -> dict[str, Any]:
    return {
        "format": "pseudonym-profile/1",
        "name": name,
        "version": 1,
        "purpose": "Test vectors. Not for data.",
        "encoding": {
            "spec": 3,
            "tables": tables_digest(),
            "padded": padded,
            "match_keys": match_keys,
            "segments": segments,
        },
    }


def _combination(kind: str, parts: str, codes: int) -> dict[str, Any]:
    return {"kind": kind, "parts": parts.split(), "codes": codes}


def _minhash(kind: str, bands: int, rows: int, weights: dict[str, int]) -> dict[str, Any]:
    return {"kind": kind, "bands": bands, "rows": rows, "weights": weights}


def _filter(field: str, bits: int, hashes: int) -> dict[str, Any]:
    return {"field": field, "form": "filter", "bits": bits, "hashes": hashes}


def _slots(field: str, bits: int, slots: int = 1) -> dict[str, Any]:
    return {"field": field, "form": "slots", "bits": bits, "slots": slots}


def combined_profile() -> dict[str, Any]:
    """Return a padded profile with every part, MinHash of odd rows, and slots that end inside a byte."""
    weights = {"name_bigram": 1, "birth_date": 2, "serial": 2, "foreign_bigram": 1}
    return _profile(
        "test-combined",
        padded=True,
        match_keys=[
            _combination("number", "number", 2),
            _combination("date", "year month day", 3),
            _combination("year_month_sound", "year month name_sound", 3),
            _combination("sound_day", "name_sound_2 day", 2),
            _combination("pair", "sound_pair", 2),
            _combination("sex_names", "sex given_sound family_sound", 3),
            _combination("foreign", "foreign_number", 1),
            _minhash("bands", 3, 3, weights),
        ],
        segments=[
            _slots("sex", 3),
            _filter("given_names", 64, 2),
            _filter("family_names", 64, 2),
            _filter("foreign_number", 32, 3),
            _filter("birth_year", 32, 1),
            _slots("birth_month", 4, 2),
            _slots("birth_day", 4, 2),
            _slots("serial", 5, 4),
        ],
    )


def record_profile() -> dict[str, Any]:
    """Return an unpadded profile with an empty match key and one filter over the whole record."""
    return _profile(
        "test-record",
        padded=False,
        match_keys=[
            _combination("all", "", 1),
            _combination("foreign", "foreign_number", 2),
            _combination("pairs", "sound_pair", 8),
            _combination("year_sex", "year sex", 1),
        ],
        segments=[_filter("record", 128, 2), _filter("birth_year", 32, 1), _filter("foreign_number", 64, 1)],
    )


def wide_profile() -> dict[str, Any]:
    """Return a profile whose filters need several pad blocks and more hashes than one block holds."""
    return _profile(
        "test-wide",
        padded=True,
        match_keys=[
            _combination("date", "year month day", 1),
            _minhash("bands", 2, 1, {"name_bigram": 1, "serial": 1}),
        ],
        segments=[
            _filter("given_names", 512, 9),
            _slots("serial", 16, 4),
            _filter("family_names", 256, 17),
            _slots("name_pair", 12, 2),
        ],
    )


def small_profile() -> dict[str, Any]:
    """Return the profile of digest_10000.json."""
    return _profile(
        "test-small",
        padded=True,
        match_keys=[
            _combination("number", "number", 1),
            _combination("date", "year month day", 1),
            _combination("pair", "sound_pair", 2),
            _minhash("bands", 2, 2, {"name_bigram": 1, "birth_date": 1, "serial": 1}),
        ],
        segments=[
            _filter("given_names", 64, 2),
            _filter("family_names", 64, 2),
            _filter("birth_year", 32, 1),
            _slots("birth_month", 4, 2),
            _slots("birth_day", 4, 2),
            _slots("serial", 8, 4),
            _slots("sex", 8),
        ],
    )


def submission_profile(name: str = "test-submission") -> dict[str, Any]:
    """Return the profile of the submissions; the one named test-tiny has one code of 8 bytes a record."""
    if name == "test-tiny":
        return _profile(
            name, padded=True, match_keys=[_combination("date", "year month day", 1)], segments=[_slots("sex", 8)]
        )
    return _profile(
        name,
        padded=True,
        match_keys=[_combination("date", "year month day", 1), _combination("pair", "sound_pair", 2)],
        segments=[_filter("given_names", 32, 2), _filter("family_names", 32, 2), _slots("sex", 8)],
    )


def _both(text: str) -> dict[str, str]:
    return {"sv": f"{text}, på svenska", "en": text}


def _item(name: str, *, many: bool) -> dict[str, Any]:
    texts = {member: _both(f"{member} of {name}") for member in ("label", "definition", "purpose", "basis")}
    return {"name": name, **texts, "many": many}


def _code(code: str) -> dict[str, Any]:
    return {"code": code, "label": _both(code), "definition": None, "valid_from": None, "valid_to": None}


CODEBOOK: Final[dict[str, Any]] = {
    "format": "pseudonym-codebook/2",
    "name": "test-codebook",
    "version": "1",
    "title": {"sv": "Testvektorernas kodbok", "en": "Codebook of the test vectors"},
    "items": [
        {
            **_item("kind_of_case", many=False),
            "codes": [
                _code("A"),
                {
                    **_code("B.1"),
                    "definition": {"sv": "Det andra.", "en": "The second."},
                    "valid_from": "2026-01-01",
                    "valid_to": "2026-06-30",
                },
            ],
        },
        {**_item("country", many=False), "codes": [_code("SE")]},
        {**_item("purpose", many=True), "codes": [_code(f"p{n}") for n in range(1, 18)]},
    ],
    "groupings": [
        {
            "name": "letter",
            "item": "kind_of_case",
            "label": {"sv": "Bokstav", "en": "Letter"},
            "groups": [{"group": "b", "label": {"sv": "B", "en": "B"}, "codes": ["B.1"]}],
        }
    ],
}

FINER_CODEBOOK: Final[dict[str, Any]] = {
    **CODEBOOK,
    "version": "2",
    "finer": [
        {"name": name, "reason": {"sv": "M\u00e4ts i dagar.", "en": "Measured in days."}}
        for name in ("report_date", "outcome_date")
    ],
}
"""The same with a reason to send the day of two dates."""


def _record_cases() -> Iterator[tuple[str, Record]]:
    full = with_check_digit("800131980", "19", "-")
    yield (
        "everything",
        Record("r1", full, "DK 310180-9999", "Anna Maria", "Lindstr\u00f6m Berg", "1980-01-31", "kvinna"),
    )
    yield "nothing_but_a_record_id", Record("r2")
    yield "names_alone", Record("r3", given_names="Erik", family_names="Holm")
    yield "one_name_alone", Record("r4", given_names="Erik")
    yield "names_exchanged", Record("r5", full, None, "Lindstr\u00f6m Berg", "Anna Maria", "1980-01-31", "kvinna")
    yield (
        "more_combinations_than_codes",
        Record("r6", None, None, "Ada Bodil Cilla Disa", "Ek Falk", "1975-12-03", "f"),
    )
    yield "equal_sounds", Record("r7", None, None, "Filip", "Philip", "1999-06-15", "M")
    yield "equal_sound_beginnings", Record("r8", None, None, "Karl Karin", "Karlsson", "1999-06-15", "o")
    yield "birth_date_from_the_number", Record("r9", with_check_digit("120229983", "20"), None, "Noor", "Ali")
    yield (
        "birth_date_field_wins_and_is_partial",
        Record("r10", with_check_digit("120229983", "20"), None, "Noor", "Ali", "2012-03"),
    )
    yield "birth_year_alone", Record("r11", None, None, "Noor", "Ali", "2012", "kvinna")
    yield (
        "samordningsnummer_nothing_known",
        Record("r12", with_check_digit("850060991", "19"), None, "Samir", "Haddad", None, "man"),
    )
    yield "samordningsnummer_month_unknown", Record("r13", with_check_digit("850075991", "19"), family_names="Haddad")
    yield (
        "number_with_wrong_check_digit_gives_no_date",
        Record("r14", with_wrong_check_digit("800131984", "19"), None, "Eva", "Sj\u00f6"),
    )
    yield "number_with_plus", Record("r15", with_check_digit("200131985", sign="+"), None, "Elsa", "Ek")
    yield "interim", Record("r16", with_check_digit("900505T85", "19"), None, "Ola", "\u00c5s")
    yield "number_of_type_other", Record("r17", "LMA-4711", None, "Ivan", "Petrov", "1991-09-09", "male")
    yield "number_of_type_other_three_characters", Record("r18", "471")
    yield "foreign_number_alone", Record("r19", foreign_number="X1-2345-Z")
    yield (
        "other_scripts",
        Record("r20", None, "\u0661\u0662", "\u738b\u738b \U00020bb7", "\u041f\u0435\u0442\u0440\u043e\u0432", "1970"),
    )
    yield "unreadable_fields", Record("r21", "#?", "--", "123", "..", "1980-02-30", "x")
    yield from _several_identities()
    yield from _dates()
    yield from _numbers()
    yield "long_names", Record("\u00e4rende 22", None, None, "abcdefghij" * 20, "Maria " * 33, "1960-10-10", "k")


NAMES: Final = ("Ada", "Bo", "Cia", "Dan", "Eva", "Fia", "Gun", "Hans", "Ida")


def _several_identities() -> Iterator[tuple[str, Record]]:
    one, two = with_check_digit("850061991", "19"), with_check_digit("850131992", "19")
    yield (
        "two_names_of_one_person",
        Record("s1", one, None, "Samir", ("Haddad", "El-Haddad"), "1985-01-31", "man"),
    )
    yield (
        "two_of_all",
        Record("s2", (one, two), ("AB 1", "CD 2"), ("Samir", "Sam"), ("Haddad", "Berg"), ("1985-02-03",)),
    )
    yield (
        "a_blank_among_the_values",
        Record("s3", ("", two), None, "Samir", ("Haddad", None, "Berg"), (None, "1985-02-03")),
    )
    yield "equal_values", Record("s4", (two, two), None, ("Samir", "samir"), ("Haddad", "Haddad"), "1985-01-31")
    yield "unreadable_first_value", Record("s5", ("#", two), None, "Samir", "Haddad", ("1985-02-30", "1985-02-28"))
    yield "eight_names", Record("s6", None, None, "Samir", NAMES[:8], "1985-02-03")
    yield "nine_names", Record("s7", None, None, "Samir", NAMES, "1985-02-03")
    yield "same_content_twice", Record("s8", ("LMA-4711", "LMA-4712"), None, "Samir", "Haddad", "1985-02-03")
    yield "date_of_the_number_is_another", Record("s9", two, None, "Samir", ("Haddad", "Berg"), "1985-02-03", "man")
    yield "dates_of_two_numbers_are_others", Record("s10", (one, two), None, "Samir", "Haddad", "1985-02-03")
    yield "name_of_address", Record("s11", None, None, "Karl Anders", "Ek", "1985-02-03", name_of_address="Anders")
    yield "name_of_address_alone", Record("s12", None, None, None, "Ek", "1985-02-03", name_of_address="Anders")
    yield (
        "name_of_address_with_two_names",
        Record("s13", None, None, ("Karl Anders", "Carl"), "Ek", "1985-02-03", name_of_address="Anders"),
    )


def _dates() -> Iterator[tuple[str, Record]]:
    names = {"given_names": "Noor Jamila", "family_names": "Ali Hassan"}
    number = with_check_digit("080715983", "20")
    yield "about_a_year", Record("d1", birth_date="2008~", **names)
    yield "about_a_year_with_margin", Record("d2", birth_date="2008\u00b13", **names)
    yield "about_a_year_and_number_within", Record("d3", number, birth_date="2010~", **names)
    yield "about_a_year_and_number_without", Record("d4", number, birth_date="2011~", **names)
    yield "first_of_january", Record("d5", birth_date="2008-01-01", **names)
    yield "first_of_july", Record("d6", birth_date="2008-07-01", **names)
    yield "first_of_february", Record("d7", birth_date="2008-02-01", **names)
    yield "day_unknown_and_number", Record("d8", number, birth_date="2008-07-00", **names)
    yield "placeholder_and_number", Record("d9", number, birth_date="1900-01-01", **names)
    yield "month_unknown", Record("d10", birth_date="2008-00-15", **names)


def _numbers() -> Iterator[tuple[str, Record]]:
    names = {"given_names": "Noor Jamila", "family_names": "Ali Hassan"}
    young, old = with_check_digit("080715983"), with_check_digit("300715983")
    yield "century_by_the_reference_date", Record("n1", old, **names)
    yield "century_by_the_report_date", Record("n2", old, report_date="2030-07", event_date="2020", **names)
    yield "century_by_the_event_date", Record("n3", young, event_date="2007", **names)
    yield "level_osaker", Record("n4", with_check_digit("850061991", "19"), number_level="osaker", **names)
    yield "level_sannolik", Record("n5", with_check_digit("850061991", "19"), number_level="sannolik", **names)


RECORDS: Final = tuple(_record_cases())

GIVEN: Final = ("Anna", "Erik", "Maria", "Lars", "Fatima", "Ali", "\u00c5sa", "Bj\u00f6rn", "Philip", "Zo\u00eb")
FAMILY: Final = (
    "Andersson",
    "Berg",
    "Lindqvist",
    "\u00d6berg",
    "Hassan",
    "Nguyen",
    "Sj\u00f6",
    "von Platen",
    "Ek",
    "\u738b",
)


def synthetic_records(n: int) -> Iterator[Record]:
    """Return the first `n` records of digest_10000.json, made so that a program in any language can make them.

    Record `i` (from 0) draws from the 32 bytes `SHA-256("synthetic record " + dec(i))`; `x[k]` is byte `k`.
    Lists are those above, counted from 0; "absent" means that the field is null.

    - `record_id`: `"s" + dec(i)`.
    - `given_names`: `GIVEN[x[0] mod 10]`; if `x[1] < 64`, then a space and `GIVEN[x[2] mod 10]`; absent if `x[3] < 8`.
    - `family_names`: `FAMILY[x[4] mod 10]`; if `x[5] < 32`, then `-` and `FAMILY[x[6] mod 10]`; absent if `x[7] < 8`.
    - The date: year `1930 + x[8] mod 95`, month `1 + x[9] mod 12`, day `1 + x[10] mod 28`.
    - `number`: `YYYYMMDD`, the serial `980 + x[11] mod 20`, and the check digit. If `x[12] < 32`, 60 is added to the
      day first. If `x[13] < 16`, the check digit is one more (modulo 10) than the right one. If `x[14] < 64`, the first
      two digits are left out. Absent if `x[15] < 32`.
    - `birth_date`: `YYYY-MM-DD`; if `x[16] < 16`, `YYYY-MM`; if `16 <= x[16] < 32`, `YYYY`; absent if `x[17] < 64`.
    - `sex`: `woman`, `man`, `other`, absent by `x[18] mod 4` = 0, 1, 2, 3.
    - `foreign_number`: absent.
    """
    for i in range(n):
        x = hashlib.sha256(f"synthetic record {i}".encode()).digest()
        given = GIVEN[x[0] % 10] + (f" {GIVEN[x[2] % 10]}" if x[1] < 64 else "")
        family = FAMILY[x[4] % 10] + (f"-{FAMILY[x[6] % 10]}" if x[5] < 32 else "")
        year, month, day = 1930 + x[8] % 95, 1 + x[9] % 12, 1 + x[10] % 28
        nine = f"{year % 100:02d}{month:02d}{day + 60 * (x[12] < 32):02d}{980 + x[11] % 20}"
        make = with_wrong_check_digit if x[13] < 16 else with_check_digit
        number = make(nine, "" if x[14] < 64 else str(year // 100))
        born = f"{year}-{month:02d}-{day:02d}"[: 7 if x[16] < 16 else 4 if x[16] < 32 else 10]
        yield Record(
            record_id=f"s{i}",
            number=None if x[15] < 32 else number,
            given_names=None if x[3] < 8 else given,
            family_names=None if x[7] < 8 else family,
            birth_date=None if x[17] < 64 else born,
            sex=("woman", "man", "other", None)[x[18] % 4],
        )
