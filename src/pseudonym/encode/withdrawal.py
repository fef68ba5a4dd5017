"""Write a withdrawal: the ids of what the registry is to erase, or everything of a reporter."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Final

from pseudonym.encode.arguments import as_key, next_number
from pseudonym.encode.headers import checked_header
from pseudonym.errors import InputError
from pseudonym.keyed import LinkageKey
from pseudonym.output import Outputs
from pseudonym.wire import SPEC, WithdrawalHeader, id_rule, write_withdrawal

__all__ = ["withdraw"]

SALT_BYTES: Final = 32


def withdraw(
    path: str | Path,
    key: LinkageKey | str | Path,
    *,
    reporter: str,
    sequence: int | None = None,
    records: Collection[str] = (),
    cases: Collection[str] = (),
    everything: bool = False,
    period: str | None = None,
    previous: str | Path | None = None,
    outputs: Outputs | None = None,
) -> WithdrawalHeader:
    """Write a withdrawal of records and cases, or of everything that the reporter has sent.

    Args:
        path: The file; it appears under this name only once it is complete.
        key: The linkage key, or the path of its file; only the key id and the epoch are sent.
        reporter: The code of the reporter.
        sequence: The number of the withdrawal, higher than that of every submission so far; default: the time in
            milliseconds.
        records: Ids of records; repeated ones count once.
        cases: Ids of cases, whose records are all withdrawn; repeated ones count once.
        everything: Whether to withdraw everything; no ids are given then.
        period: With `everything`: only what was last delivered for this period, `YYYY` with its months or `YYYY-MM`.
        previous: The file of any kind that the reporter sent last, or its digest.
        outputs: A group of outputs to which the file belongs; it then appears when the group is committed.

    Returns:
        The header as written.

    Raises:
        InputError: `withdrawal.empty` if there is nothing to withdraw, `withdrawal.everything` if there are ids beside
            `everything`, `withdrawal.id` if an id breaks the rules for ids, `withdrawal.period` if there are ids and a
            period, `input.type` if ids are not texts in a collection, `input.header` if reporter, period or sequence
            is malformed, `input.sequence` if it is not above that of the file sent last.
        KeyFileError: As for `LinkageKey.load`.
        SubmissionError: The file sent last cannot be read.
        OutputError: If the file cannot be written.

    Sees: key
    """
    record_ids, case_ids = _ids(records), _ids(cases)
    if everything and (record_ids or case_ids):
        raise InputError(
            "withdrawal.everything", "A withdrawal is of everything, or of the records and cases that it names."
        )
    if not (everything or record_ids or case_ids):
        raise InputError(
            "withdrawal.empty",
            "The withdrawal names no record and no case.",
            hint="Name some. To withdraw everything that the reporter has sent, ask for that: everything=True.",
        )
    if period is not None and not everything:
        raise InputError("withdrawal.period", "A period is for a withdrawal of everything, not for records or cases.")
    used = as_key(key)
    number, before = next_number(sequence, previous)
    with checked_header():
        header = WithdrawalHeader(
            spec=SPEC,
            key_id=used.key_id,
            epoch=used.epoch,
            reporter=reporter,
            period=period,
            sequence=number,
            previous=before,
            records=len(record_ids),
            cases=len(case_ids),
            everything=everything,
            salt=secrets.token_hex(SALT_BYTES),
            content_digest="0" * 64,
        )
    return write_withdrawal(path, header, records=record_ids, cases=case_ids, outputs=outputs)


def _ids(ids: Collection[str]) -> frozenset[str]:
    """Return each id once."""
    # A single text would count as its letters.
    found = [] if isinstance(ids, str) else list(ids)
    if isinstance(ids, str) or not all(isinstance(one, str) for one in found):
        raise InputError("input.type", "Ids to be withdrawn are texts in a list or another collection.")
    if any(id_rule(one) is not None for one in found):
        raise InputError(
            "withdrawal.id",
            "An id to be withdrawn breaks the rules for ids, so it was never sent.",
            hint="An id has 1 to 64 characters, no white space at its ends, and not the shape of a Swedish number.",
        )
    return frozenset(found)
