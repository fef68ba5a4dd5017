"""The files of a sample: questions that go out, and answers that come back, as CSV that a spreadsheet can write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import SampleError
from linkage.intake.filled_in import FilledIn

__all__ = ["COLUMNS", "FIELDS", "RULES", "Answer", "read_answers", "rows_of_answers"]

COLUMNS: Final = ("question", "reporter", "record_id", "asked", "same_person", "wrong_fields")
"""The columns of both files. Each question has the record that was drawn (`asked` is yes) and those that were found to
be of the same person; who answers fills in the last two, and adds a row for each further record of the person."""

FIELDS: Final = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")
"""What may be named as wrong in a record."""

RULES: Final = {
    "sample.cells": "The row does not have as many cells as the header.",
    "sample.question": "The sample has no question with this number.",
    "sample.record": "The registry has no such record, or it is not linked.",
    "sample.repeated": "The question names the record twice.",
    "sample.same_person": "same_person is yes or no.",
    "sample.itself": "The record that was drawn is of its own person: same_person is yes.",
    "sample.missing": "The record that was drawn has no row.",
    "sample.fields": "wrong_fields names number, foreign_number, given_names, family_names, birth_date or sex.",
}

_REQUIRED: Final = frozenset({"question", "reporter", "record_id", "same_person"})
_YES: Final = {"yes": True, "ja": True, "no": False, "nej": False}

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of an answer.

    Attributes:
        question: Number of the question.
        rid: The record.
        same_person: Whether it is of the person of the question.
        wrong_fields: Its fields that are wrong, of `FIELDS`.
    """

    question: int
    rid: int
    same_person: bool
    wrong_fields: tuple[str, ...]


def rows_of_answers(rows: Iterable[Sequence[str]]) -> str:
    """Return a file with the rows, in the columns `COLUMNS`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def read_answers(path: Path, *, asked: Mapping[int, int], records: Mapping[Key, int]) -> list[Answer]:
    """Read answers and refuse the file if any row is bad.

    A question whose rows have no `same_person` at all is not answered, and is left out. A record without a row is not
    of the person.

    Args:
        path: A CSV file in UTF-8 with a header. Delimiters are commas, semicolons or tabs. The columns are those of
            `COLUMNS` in any order; `asked` and `wrong_fields` may be missing.
        asked: For each question the record that was drawn.
        records: The records by reporter and record id.

    Returns:
        The rows of all questions that are answered.

    Raises:
        SampleError: `sample.unreadable`, `sample.encoding`, `sample.columns`; `sample.rows` with `faults` if rows break
            rules.
    """
    lines = _FILE.rows(path)
    header = [cell.strip() for cell in next(lines, (0, []))[1]]
    if len(set(header)) < len(header) or not _REQUIRED <= set(header) <= set(COLUMNS):
        raise SampleError(
            "sample.columns",
            "Answers have the columns question, reporter, record_id and same_person, and may have asked and "
            "wrong_fields, each at most once.",
            hint="linkage sample questions REGISTRY --out FILE writes the file to fill in.",
            path=path,
        )
    found: dict[int, list[tuple[int, int, str, tuple[str, ...]]]] = {}
    faults: dict[int, str] = {}
    for line, cells in lines:
        if len(cells) != len(header):
            faults[line] = "sample.cells"
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        question = int(row["question"]) if row["question"].isascii() and row["question"].isdecimal() else 0
        rid = records.get((row["reporter"], row["record_id"]))
        fields = tuple(row.get("wrong_fields", "").replace(",", " ").split())
        if question not in asked:
            faults[line] = "sample.question"
        elif rid is None:
            faults[line] = "sample.record"
        elif not set(fields) <= set(FIELDS):
            faults[line] = "sample.fields"
        else:
            found.setdefault(question, []).append((line, rid, row["same_person"].lower(), tuple(sorted(set(fields)))))
    answers = []
    for question, rows in found.items():
        if not any(said for _, _, said, _ in rows):
            continue
        faults |= _faults(rows, asked[question])
        answers += [Answer(question, rid, _YES.get(said, False), fields) for _, rid, said, fields in rows]
    if faults:
        raise _bad_rows(path, sorted(faults.items()))
    return answers


def _faults(rows: Sequence[tuple[int, int, str, tuple[str, ...]]], asked: int) -> dict[int, str]:
    """Return the rules that rows of one question break, by line."""
    faults, seen = {}, set()
    for line, rid, said, _ in rows:
        if rid in seen:
            faults[line] = "sample.repeated"
        elif said not in _YES:
            faults[line] = "sample.same_person"
        elif rid == asked and not _YES[said]:
            faults[line] = "sample.itself"
        seen.add(rid)
    if not faults and asked not in seen:
        faults[rows[0][0]] = "sample.missing"
    return faults


def _bad_rows(path: Path, faults: list[tuple[int, str]]) -> SampleError:
    return SampleError(
        "sample.rows",
        "Rows of the answers break rules, so nothing was taken.",
        hint="Correct the lines and take the file again.",
        path=path,
        faults=tuple(faults),
        rules=RULES,
    )


_FILE: Final = FilledIn(
    SampleError, "sample", "answers to a sample", lambda path, line: _bad_rows(path, [(line, "sample.cells")])
)
