"""Write a reporter's own totals: numbers by items of the codebook, for which no key is needed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pseudonym.codebook import Codebook
from pseudonym.encode.arguments import as_codebook, next_number
from pseudonym.encode.headers import checked_header
from pseudonym.errors import InputError
from pseudonym.output import Outputs
from pseudonym.wire import MAX_TOTAL, SPEC, Cell, CodebookReference, TotalsHeader, write_totals

__all__ = ["report_totals"]

SALT_BYTES: Final = 32


def report_totals(
    path: str | Path,
    numbers: Mapping[tuple[str | None, ...], int],
    *,
    reporter: str,
    period: str,
    sequence: int | None = None,
    unit: str,
    role: str = "victim",
    items: Sequence[str] = (),
    codebook: Codebook | str | Path | None = None,
    previous: str | Path | None = None,
    outputs: Outputs | None = None,
) -> TotalsHeader:
    """Write totals of a period.

    Args:
        path: The file; it appears under this name only once it is complete.
        numbers: A number for each cell: a code of each item, or None where it is not broken down by that item.
        reporter: The code of the reporter.
        period: The period, `YYYY` or `YYYY-MM`.
        sequence: The number of the file, higher than that of every file sent so far; default: the time in milliseconds.
        unit: What was counted: `person`, `case` or `report`.
        role: Among whom: `victim`, or `all` with those who accompanied them.
        items: The items, in the order of the codes.
        codebook: The codebook with the items, its name or its path; None if there are none.
        previous: The file of any kind that the reporter sent last, or its digest.
        outputs: A group of outputs to which the file belongs; it then appears when the group is committed.

    Returns:
        The header as written.

    Raises:
        InputError: `totals.empty` without any number, `totals.items` if the items are not distinct items of the
            codebook, `totals.cell` if a cell does not have one code or None for each item, or no whole number from 0
            on; `input.header` if another argument is malformed, `input.sequence` if the number is not above that of
            the file sent last.
        CodebookError: A code is not one of its item, or not valid in the period; as for `load_codebook`.
        SubmissionError: The file sent last cannot be read.
        OutputError: If the file cannot be written.

    Sees: neither
    """
    book = as_codebook(codebook)
    _check(numbers, items, book)
    number, before = next_number(sequence, previous)
    order = sorted(range(len(items)), key=lambda index: items[index])
    reference = book and CodebookReference(name=book.name, version=book.version, digest=book.digest)
    with checked_header():
        header = TotalsHeader.model_validate(
            {
                "spec": SPEC,
                "codebook": reference,
                "reporter": reporter,
                "period": period,
                "sequence": number,
                "previous": before,
                "unit": unit,
                "role": role,
                "items": tuple(items[index] for index in order),
                "cells": len(numbers),
                "salt": secrets.token_hex(SALT_BYTES),
                "content_digest": "0" * 64,
            }
        )
    for codes in numbers:
        for item, code in zip(items, codes, strict=True):
            if code is not None and book is not None:
                book.check(item, code, date=period)
    cells = [Cell(tuple(codes[i] for i in order), n) for codes, n in numbers.items()]
    return write_totals(path, header, cells, outputs=outputs)


def _check(numbers: Mapping[tuple[str | None, ...], int], items: Sequence[str], codebook: Codebook | None) -> None:
    if not numbers:
        raise InputError("totals.empty", "There is no number.", hint="If nothing was counted, give one number, 0.")
    known = codebook.by_name.keys() if codebook is not None else set()
    if isinstance(items, str) or not set(items) <= known or len(set(items)) < len(items):
        raise InputError("totals.items", "Items of totals are distinct items of the codebook.")
    if not all(len(codes) == len(items) for codes in numbers) or not all(map(_is_number, numbers.values())):
        raise InputError(
            "totals.cell", "A cell of totals has a code or None for each item, and a whole number from 0 to 4294967295."
        )


def _is_number(n: object) -> bool:
    return isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MAX_TOTAL
