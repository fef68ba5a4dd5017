"""The table of a log in a store: write the next entry, read entries, read the head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from linkage.audit_log.actor import account_name, actor_name
from linkage.audit_log.acts import check_members
from linkage.audit_log.entry import FIRST, Entry, SealingKey, digest_of, parse_entry, seal_of
from linkage.errors import AuditError

__all__ = ["AUDIT_TABLE", "Log", "first_row", "head", "read_entries", "write_entry"]

AUDIT_TABLE: Final = (
    "entry BIGINT PRIMARY KEY, content VARCHAR NOT NULL, digest VARCHAR NOT NULL, sealed_by VARCHAR, seal VARCHAR"
)
"""The columns of the table `audit_log`: the number and the text of each entry, its digest, what identifies the key that
sealed it, and the seal. Rows are only ever added."""

_LAST: Final = "SELECT entry, digest FROM audit_log ORDER BY entry DESC LIMIT 1"

_READ: Final = "SELECT content, sealed_by FROM audit_log ORDER BY entry"

Row = tuple[int, str, str, str | None, str | None]


class Log(Protocol):
    """An open store that has the table, such as `linkage.store.Session`."""

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a query with `?` for each value and fetch all rows."""
        ...


def first_row(act: str, members: Mapping[str, Any], *, at: str, unit: str, key: SealingKey) -> Row:
    """Return the first row of the table of a new store, which is always sealed.

    Members that are None are left out.

    Args:
        act: What makes the store.
        members: What is known of the act.
        at: The current time, in UTC.
        unit: The unit whose log it is.
        key: Its key.
    """
    return _row(0, FIRST, act, members, at=at, unit=unit, key=key)


def write_entry(log: Log, act: str, members: Mapping[str, Any], *, at: str, unit: str, key: SealingKey | None) -> None:
    """Write the next entry, within the transaction of the caller.

    Args:
        log: The store, open for writing.
        act: A key of `linkage.audit_log.acts.ACTS`.
        members: What is known of the act; those that are None are left out.
        at: The current time, in UTC.
        unit: The unit whose log it is.
        key: Its key; None if it is not at hand, so that the entry is not sealed.

    Raises:
        AuditError: `audit.empty` if the log has no entry, not even the first, which was removed.
        ValueError: The act, or a member, is none that a log may hold.
    """
    last = log.rows(_LAST)
    if not last:
        raise AuditError(
            "audit.empty",
            "The audit log has no entry, although every store begins with one: it was removed.",
            hint="Restore the backup of the file, and find out who could write to it.",
        )
    number, previous = last[0]
    row = _row(number, previous, act, members, at=at, unit=unit, key=key)
    log.rows("INSERT INTO audit_log VALUES (?, ?, ?, ?, ?)", *row)


def _row(
    last: int, previous: str, act: str, members: Mapping[str, Any], *, at: str, unit: str, key: SealingKey | None
) -> Row:
    """Return the row after the one that has this number and digest."""
    check_members(act, members)
    entry = Entry(
        number=last + 1,
        at=at,
        act=act,
        actor=actor_name(),
        account=account_name(),
        unit=unit,
        members={name: value for name, value in members.items() if value is not None},
        previous=previous,
    )
    text = entry.text
    digest = digest_of(text)
    seal = (None, None) if key is None else (key.check, seal_of(digest, key))
    return (entry.number, text, digest, *seal)


def read_entries(log: Log, *, since: str = "", act: str | None = None) -> Iterator[Entry]:
    """Yield the entries in their order, as they are in the file; `verify` says whether they are as they were written.

    Args:
        log: The open store.
        since: Only entries at this time or later; it may be the beginning of a time, such as a day.
        act: Only entries of this act.

    Raises:
        AuditError: `audit.content` if the text of an entry cannot be read.
    """
    for text, sealed_by in log.rows(_READ):
        try:
            entry = parse_entry(text, sealed_by)
        except ValueError:
            raise AuditError(
                "audit.content",
                "The audit log has an entry that this library has not written.",
                hint="See which one: linkage audit verify REGISTRY",
            ) from None
        if entry.at >= since and act in {None, entry.act}:
            yield entry


def head(log: Log) -> tuple[int, str]:
    """Return the number and the digest of the last entry; 0 and zeros if there is none."""
    last = log.rows(_LAST)
    return last[0] if last else (0, FIRST)
