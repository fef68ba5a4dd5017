"""A classic encoding of whole records, to measure others against (`python -m benchmarks.quality own --encoder`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pseudonym.classic.encoder import ClkEncoder, Feature
from pseudonym.identity.record import Record, Value, Values, text_of, texts_of

if TYPE_CHECKING:
    from bitarray import bitarray

__all__ = ["FEATURES", "encode_records", "plain_fields"]

NAME_BITS: Final = 200
SEX_BITS: Final = 50

NUMBER_CHARACTERS: Final = 10
"""A Swedish number is written with or without its century; its last characters are the same."""

FEATURES: Final = (
    Feature("given_names", bits=NAME_BITS),
    Feature("family_names", bits=NAME_BITS),
    Feature("birth_date", q=1, positional=True, bits=NAME_BITS),
    Feature("number", q=1, positional=True, bits=NAME_BITS),
    Feature("foreign_number", q=1, positional=True, bits=NAME_BITS),
    Feature("sex", whole=True, bits=SEX_BITS),
)
"""As the tutorial of clkhash and anonlink encodes such fields: bigrams of names, digits by their place."""

_SEXES: Final = {"f": "f", "k": "f", "w": "f", "m": "m"}
"""The sex by the first letter of its word, in English and Swedish."""

_SIGNS: Final = re.compile(r"[^0-9a-zà-ÿ]")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def plain_fields(record: Record) -> dict[str, str | None]:
    """Return the fields of a record as text, cleaned as usual and no more: lower case, no blanks at the ends.

    Args:
        record: The record. Where a field has several values, the first is used, and only a whole date.

    Returns:
        The fields of `FEATURES`; None where there is none.

    Sees: plaintext
    """
    date = _first(record.birth_date, "birth_date")
    return {
        "given_names": _first(record.given_names, "given_names") or None,
        "family_names": _first(record.family_names, "family_names") or None,
        "birth_date": date if _DAY.fullmatch(date) else None,
        "number": _SIGNS.sub("", _first(record.number, "number"))[-NUMBER_CHARACTERS:] or None,
        "foreign_number": _SIGNS.sub("", _first(record.foreign_number, "foreign_number")) or None,
        "sex": _SEXES.get(_lowered(record.sex, "sex")[:1]),
    }


def _first(values: Values, field: str) -> str:
    return next((text for text in (_lowered(value, field) for value in texts_of(values, field=field)) if text), "")


def _lowered(value: Value, field: str) -> str:
    return " ".join(text_of(value, field=field).lower().split())


def encode_records(records: Iterable[Record], secret: str | bytes) -> list[bitarray]:
    """Return the filters of records: 1,024 bits by independent hashes, a fixed number for each field.

    Args:
        records: The records.
        secret: The secret that all reporters share.

    Returns:
        A filter per record, in order.

    Raises:
        ClassicError: `classic.secret`, `classic.extra`.
        InputError: `input.type` for a value that is no text.

    Sees: plaintext and key
    """
    return ClkEncoder(FEATURES, secret, hashing="blake").encode_all(map(plain_fields, records))
