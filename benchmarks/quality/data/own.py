"""Records of one's own with known truth, as a data set: any files that the library reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.quality.data.datasets import Dataset
from pseudonym.errors import InputError
from pseudonym.identity.reader import Row, open_input

__all__ = ["Own", "own_dataset"]

REPORTER: Final = "reporter"
PERSON: Final = "person_id"

_REPORTER_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

_MESSAGES: Final = {
    "own.no_records": "The files of records have no row that can be read.",
    "own.reporter": "A row of the records has no reporter, or one that is no code.",
    "own.repeated": "A record_id stands twice at one reporter.",
    "own.truth_columns": "The truth has no column person_id.",
    "own.truth_value": "A row of the truth lacks its record_id, its person_id or its reporter.",
    "own.truth_repeated": "The truth names a record twice.",
    "own.truth_unknown": "The truth names records that no file of records has.",
    "own.truth_missing": "Some records have no row in the truth.",
}

_HINTS: Final = {
    "own.reporter": "A code has 1 to 64 of the characters A-Z, a-z, 0-9, '.', '_' and '-'. Without a column reporter, "
    "each file is a reporter, by its name.",
    "own.truth_columns": "The columns are reporter,record_id,person_id; reporter may be left out if no record_id "
    "stands at two reporters.",
    "own.truth_value": "If a record_id stands at several reporters, the truth needs a column reporter.",
    "own.truth_unknown": "Compare the ids and the reporters; without a column reporter, each file is one, by its name.",
    "own.truth_missing": "Give every record its person; somebody met once has a person_id too.",
}

Key = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Own:
    """A data set of one's own.

    Attributes:
        dataset: The records and the truth.
        n_rejected: Number of rows of the records that cannot be read, which the truth may name.
    """

    dataset: Dataset
    n_rejected: int


def own_dataset(records: Sequence[Path], truth: Path, *, columns: Mapping[str, str] | None = None) -> Own:
    """Read records and their truth.

    Args:
        records: CSV files or workbooks as for `pseudonym encode`. A column `reporter` says whose record a row is;
            without one, each file is a reporter.
        truth: A CSV file or workbook with the columns `reporter`, `record_id`, `person_id`.
        columns: Names of the columns in the files of records, by field.

    Raises:
        InputError: As for `open_input`; `own.…` if the records and the truth do not fit together.
    """
    rows: dict[str, dict[str, Row]] = {}
    n_rejected = 0
    for path in records:
        for reporter, row in _rows(path, columns or {}):
            if reporter is None:
                n_rejected += 1
                continue
            if str(row.values["record_id"]) in rows.setdefault(reporter, {}):
                raise _error("own.repeated", row=row.line)
            rows[reporter][str(row.values["record_id"])] = row
    if not rows:
        raise _error("own.no_records")
    known = _truth(truth, {reporter: own.keys() for reporter, own in rows.items()}, n_rejected)
    frames = {reporter: _frame(own.values()) for reporter, own in rows.items()}
    return Own(Dataset("own", "Own records", frames, known), n_rejected)


def _rows(path: Path, columns: Mapping[str, str]) -> Iterator[tuple[str | None, Row]]:
    """Yield the rows of a file, each with its reporter; None for a row that cannot be read."""
    file = open_input(path, columns=columns, items=(REPORTER,))
    name = re.sub(r"[^A-Za-z0-9._-]", "-", path.stem)[:64]
    for row in file.rows():
        if row.rejected:
            yield None, row
            continue
        reporter = str(row.values.get(REPORTER, "")) if REPORTER in file.fields else name
        if not _REPORTER_CODE.fullmatch(reporter):
            raise _error("own.reporter", row=row.line)
        yield reporter, row


def _frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as a table with a column per value, as `pseudonym encode` reads it again."""
    flat = []
    for row in rows:
        values: dict[str, str] = {}
        for name, value in row.values.items():
            several = (value,) if isinstance(value, str) else value
            values |= {name if n == 1 else f"{name}_{n}": one for n, one in enumerate(several, start=1)}
        values.pop(REPORTER, None)
        flat.append(values)
    return pd.DataFrame(flat)


def _truth(path: Path, ids: Mapping[str, Iterable[str]], n_rejected: int) -> pd.DataFrame:
    """Read the truth, in the order of its file."""
    reporters_of: dict[str, list[str]] = {}
    for reporter, own in ids.items():
        for record_id in own:
            reporters_of.setdefault(record_id, []).append(reporter)
    persons = dict(_named(path, reporters_of))
    known = {(reporter, record_id) for record_id, reporters in reporters_of.items() for reporter in reporters}
    unknown = persons.keys() - known
    # Rows that cannot be read have an id too, which is not known here.
    if len(unknown) > n_rejected:
        raise _error("own.truth_unknown")
    if known - persons.keys():
        raise _error("own.truth_missing")
    rows = [(*key, person) for key, person in persons.items() if key in known]
    return pd.DataFrame(rows, columns=["reporter", "record_id", "person"])


def _named(path: Path, reporters_of: Mapping[str, list[str]]) -> Iterator[tuple[Key, str]]:
    file = open_input(path, items=(REPORTER, PERSON))
    if PERSON not in file.fields:
        raise _error("own.truth_columns")
    seen: set[Key] = set()
    for row in file.rows():
        record_id, person, reporter = (str(row.values.get(name, "")) for name in ("record_id", PERSON, REPORTER))
        if not reporter and REPORTER not in file.fields:
            # A record that no file has belongs to nobody, which is noticed later.
            reporters = reporters_of.get(record_id, ["-"])
            reporter = reporters[0] if len(reporters) == 1 else ""
        if not (record_id and person and reporter):
            raise _error("own.truth_value", row=row.line)
        if (reporter, record_id) in seen:
            raise _error("own.truth_repeated", row=row.line)
        seen.add((reporter, record_id))
        yield (reporter, record_id), person


def _error(rule: str, *, row: int | None = None) -> InputError:
    return InputError(rule, _MESSAGES[rule], hint=_HINTS.get(rule), row=row)
