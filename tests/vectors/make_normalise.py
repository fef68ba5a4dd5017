"""Make normalise.json: texts of names, dates, sexes, numbers and ids, and what docs/spec.md reads from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.vectors import cases, edges, number_texts, read_names, reading, texts
from tests.vectors.read_ids import tells_identity
from tests.vectors.read_marks import marks
from tests.vectors.read_words import read_word
from tests.vectors.rule_words import rule_words
from tests.vectors.tables import tables, tables_digest

__all__ = ["given", "normalise", "persons", "vectors"]

Vectors = Iterator[dict[str, Any]]


def persons(record: reading.Record) -> list[reading.Identity]:
    return reading.identities(record, texts.REFERENCE_DATE, cases.REPORTER)


def given(record: reading.Record) -> dict[str, Any]:
    """Return the fields that a record has; a field that it lacks is absent."""
    return {name: value for name, value in vars(record).items() if value is not None}


def _names() -> Vectors:
    for name, text, *first in (*texts.NAMES, *edges.NAMES):
        yield _name(name, text, *first)
    for name, text in texts.FAMILY_NAMES:
        yield _name(name, text, field="family_names")


def _name(name: str, text: str, first: str = "", *, field: str = "given_names") -> dict[str, Any]:
    found = read_names.read_name(text, first, field) or read_names.NO_NAME
    return {"name": name, "text": text, "first": first or None, "field": field, **found._asdict()}


def _date(born: reading.BirthDate | None) -> dict[str, str | None] | None:
    return born._asdict() if born else None


def _dates() -> Vectors:
    for name, text in (*texts.DATES, *edges.DATES):
        yield {"name": name, "text": text, "date": _date(reading.read_date(text))}


def _sexes() -> Vectors:
    for name, text in (*texts.SEXES, *edges.SEXES):
        yield {"name": name, "text": text, "sex": reading.read_sex(text)}


def _numbers() -> Vectors:
    for name, text, today, *words in (*number_texts.NUMBERS, *edges.NUMBERS):
        type_word, level_word, *_ = *words, "", ""
        number = reading.read_number(text, today, type_word, level_word)
        told = dict(zip(("number_type", "number_level"), words, strict=False))
        read = {**number._asdict(), "birth_date": _date(number.birth_date)} if number else None
        yield {"name": name, "text": text, "reference_date": today.isoformat(), **told, "number": read}


def _centuries() -> Vectors:
    for name, text, today, births in number_texts.CENTURIES:
        born = [found for text_ in births if (found := reading.read_date(text_))]
        number = reading.read_number(text, today, births=born)
        yield {
            "name": name,
            "text": text,
            "reference_date": today.isoformat(),
            "birth_dates": list(births),
            "number": {**number._asdict(), "birth_date": _date(number.birth_date)} if number else None,
        }


def _foreign_numbers() -> Vectors:
    for name, text in (*number_texts.FOREIGN_NUMBERS, *edges.FOREIGN_NUMBERS):
        yield {"name": name, "text": text, "foreign_number": reading.read_foreign_number(text)}


def _rules() -> Vectors:
    for rule, word, folded, sound in rule_words():
        yield {"name": rule, "word": word, "folded": folded, "sound": sound}


def _words() -> Vectors:
    for column, table in (("role", "roles"), ("status", "statuses"), ("case_state", "case_states")):
        for meaning, words in tables()[table].items():
            yield from ({"name": f"{column} {one}", "text": one, "column": column, "meaning": meaning} for one in words)
    for name, column, text in texts.WORDS:
        yield {"name": name, "text": text, "column": column, "meaning": read_word(column, text)}


def _ids() -> Vectors:
    for name, text, record in edges.IDS:
        yield {"name": name, "text": text, "record": given(record), "tells": tells_identity(text, persons(record))}


def _marks() -> Vectors:
    for name, record in edges.MARKED:
        yield {"name": name, "record": given(record), **marks(record, texts.REFERENCE_DATE)}


SECTIONS: Final[dict[str, Callable[[], Vectors]]] = {
    "names": _names,
    "dates": _dates,
    "sexes": _sexes,
    "numbers": _numbers,
    "centuries": _centuries,
    "foreign_numbers": _foreign_numbers,
    "words": _words,
    "ids": _ids,
    "marks": _marks,
    "rules": _rules,
}


def vectors() -> Iterator[tuple[str, Any]]:
    """Yield the vectors one by one, each with its section and name."""
    for section, make in SECTIONS.items():
        yield from ((f"{section} {vector['name']}", vector) for vector in make())


def normalise() -> dict[str, Any]:
    return {"tables": tables_digest(), **{section: list(make()) for section, make in SECTIONS.items()}}
