"""The records of a data set as input to a peer: one table of text fields.

There are two forms. One is cleaned as the peers' documentation recommends: lower case, no white space at the ends,
empty texts as missing, one form for dates, numbers and sexes. The other is read by this library: names folded to plain
letters, numbers read by their type, a date taken from the number if its field is empty.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.quality.data.datasets import Dataset
from pseudonym.encode import Encoder
from pseudonym.faults import Fault
from pseudonym.identity.dates import Birth
from pseudonym.identity.identities import Identity
from pseudonym.identity.reader import open_input, read_records
from pseudonym.identity.record import Record
from pseudonym.identity.record_ids import RecordChecker

__all__ = ["FIELDS", "input_records", "normalised_records", "plain_records", "read_identities"]

FIELDS: Final = ("given_names", "family_names", "birth_date", "number", "foreign_number", "sex")
"""Fields that this library compares; a peer receives those that the data set has."""

NUMBER_CHARACTERS: Final = 10
"""A Swedish number is written with or without century; its last characters are the same."""

SEXES: Final = {"f": "f", "k": "f", "w": "f", "m": "m"}
"""The sex by the first letter of its name, in English and Swedish."""

DATE: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def plain_records(dataset: Dataset) -> pd.DataFrame:
    """Clean the records as the peers' documentation recommends, and no further.

    If a reporter has several values of a field, the first is used: the peers do not support several.

    Args:
        dataset: The data set.

    Returns:
        `reporter`, `record_id`, and those of `FIELDS` that any reporter has, as text or None, ordered by reporter.
    """
    frames = []
    for reporter, frame in dataset.reporters.items():
        columns = {name: frame[name].map(_CLEAN[name]) for name in FIELDS if name in frame}
        frames.append(pd.DataFrame({"reporter": reporter, "record_id": frame["record_id"].astype(str), **columns}))
    return _table(frames)


def _table(frames: list[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(frames, ignore_index=True)
    whole = whole.dropna(axis="columns", how="all")
    return whole.astype(object).where(whole.notna(), None)


def _text(value: object) -> str:
    return " ".join(value.lower().split()) if isinstance(value, str) else ""


def _clean_number(value: object) -> str | None:
    return re.sub("[^0-9a-z]", "", _text(value)) or None


_CLEAN: Final[dict[str, Callable[[object], str | None]]] = {
    "given_names": lambda value: _text(value) or None,
    "family_names": lambda value: _text(value) or None,
    "birth_date": lambda value: _text(value) if DATE.fullmatch(_text(value)) else None,
    "number": lambda value: (_clean_number(value) or "")[-NUMBER_CHARACTERS:] or None,
    "foreign_number": _clean_number,
    "sex": lambda value: SEXES.get(_text(value)[:1]),
}


def input_records(dataset: Dataset) -> dict[str, list[Record]]:
    """Read the case files of the reporters as `pseudonym encode` reads them.

    Args:
        dataset: The data set.

    Returns:
        The records of each reporter.
    """
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for reporter, frame in dataset.reporters.items():
            path = Path(folder) / f"{reporter}.csv"
            frame.to_csv(path, index=False)
            rejected: list[Fault] = []
            found[reporter] = [
                record for _, record, _ in read_records(open_input(path).rows(), (), rejected, present=())
            ]
    return found


def read_identities(records: dict[str, list[Record]], encoder: Callable[[str], Encoder]) -> pd.DataFrame:
    """Read the identities of records as the encoder reads them.

    Args:
        records: The records of each reporter.
        encoder: Returns the encoder of a reporter, whose reference date is used.

    Returns:
        `reporter`, `record_id`, `identities`, without records that would not be encoded.
    """
    rows = []
    for reporter, own in records.items():
        day = encoder(reporter).reference_date or date.today()
        check = RecordChecker(reference_date=day, reporter=reporter, keep_empty=True)
        for row, record in enumerate(own, start=1):
            identities, _ = check(record, row)
            if identities is not None:
                rows.append((reporter, record.record_id, identities))
    return pd.DataFrame(rows, columns=["reporter", "record_id", "identities"])


def normalised_records(identities: pd.DataFrame) -> pd.DataFrame:
    """Return the first identity of each record as text fields.

    Args:
        identities: The table from `read_identities`.

    Returns:
        A table like that of `plain_records`.
    """
    rows = [_normalised(several[0]) for several in identities["identities"]]
    return _table([pd.concat([identities[["reporter", "record_id"]], pd.DataFrame(rows, columns=FIELDS)], axis=1)])


def _normalised(identity: Identity) -> tuple[str | None, ...]:
    number = None if identity.number is None else identity.number.compact
    names = (" ".join(name.words) or None for name in (identity.given, identity.family))
    return (*names, _whole_date(identity.birth), number, identity.foreign_number, identity.sex)


def _whole_date(birth: Birth) -> str | None:
    if None in (birth.exact_year, birth.month, birth.day):
        return None
    return f"{birth.year:04d}-{birth.month:02d}-{birth.day:02d}"
