"""Write a withdrawal: the ids of what the registry is to erase, or everything of a reporter."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from pseudonym.encode.encoder import HEADER_FORMS
from pseudonym.errors import InputError
from pseudonym.keyed import LinkageKey
from pseudonym.wire import SPEC, WithdrawalHeader, id_rule, write_withdrawal

__all__ = ["withdraw"]

SALT_BYTES: Final = 32


def withdraw(
    path: str | Path,
    key: LinkageKey,
    *,
    reporter: str,
    sequence: int,
    records: Collection[str] = (),
    cases: Collection[str] = (),
    period: str | None = None,
    previous: str | None = None,
) -> WithdrawalHeader:
    """Write a withdrawal of records and cases; without any, of everything that the reporter has sent.

    Args:
        path: The file; it appears under this name only once it is complete.
        key: The linkage key, of which only the key id and the epoch are sent.
        reporter: The code of the reporter.
        sequence: The number of the withdrawal, higher than that of every submission so far.
        records: Ids of records; repeated ones count once.
        cases: Ids of cases, whose records are all withdrawn; repeated ones count once.
        period: Without ids: only what was delivered for this period, `YYYY` with its months or `YYYY-MM`.
        previous: The digest of the reporter's previous submission.

    Returns:
        The header as written.

    Raises:
        InputError: `withdrawal.id` if an id breaks the rules for ids, `withdrawal.period` if there are ids and a
            period, `input.header` if reporter, period or sequence is malformed.
        OutputError: If the file cannot be written.

    Sees: key
    """
    if any(id_rule(one) is not None for one in (*records, *cases)):
        raise InputError(
            "withdrawal.id",
            "An id to be withdrawn breaks the rules for ids, so it was never sent.",
            hint="An id has 1 to 64 characters, no white space at its ends, and not the shape of a Swedish number.",
        )
    if period is not None and (records or cases):
        raise InputError("withdrawal.period", "A period is for a withdrawal of everything, not for records or cases.")
    try:
        header = WithdrawalHeader(
            spec=SPEC,
            key_id=key.key_id,
            epoch=key.epoch,
            reporter=reporter,
            period=period,
            sequence=sequence,
            previous=previous,
            records=len(set(records)),
            cases=len(set(cases)),
            everything=not (records or cases),
            salt=secrets.token_hex(SALT_BYTES),
            content_digest="0" * 64,
        )
    except ValidationError as error:
        name = str(error.errors(include_input=False)[0]["loc"][0])
        raise InputError("input.header", HEADER_FORMS.get(name, "The header is malformed."), field=name) from None
    return write_withdrawal(path, header, records=set(records), cases=set(cases))
