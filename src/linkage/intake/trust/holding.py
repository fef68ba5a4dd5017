"""Keep which files were held back, and why, until the registry's staff has decided.

The file itself stays where it came by: its codes are not yet under the registry's own key, and nobody knows yet whether
it should be believed. What is kept is enough to find it again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from linkage.errors import RecordError
from linkage.intake.database import Database
from linkage.intake.ledger import AnyHeader, kind_of, sealed
from linkage.keys import UnitKey

__all__ = ["HeldFile", "dismiss", "hold_back", "read_held"]

_READ: Final = """
SELECT held, reporter, kind, period, sequence, n_records, rule, held_at, dismissed_at FROM held_back
WHERE $dismissed OR dismissed_at IS NULL ORDER BY held
"""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that was held back.

    Attributes:
        held: Its number in the list.
        reporter: The reporter that it names, which need not be the one that sent it.
        kind: `delivery`, `complete`, `withdrawal` or `totals`.
        period: Its period, or None.
        sequence: Its sequence number.
        records: Number of records in it, or that a withdrawal names; 0 for totals.
        rule: Why it is held back.
        held_at: When it came, in UTC.
        dismissed_at: When the staff decided not to receive it, or None.
    """

    held: int
    reporter: str
    kind: str
    period: str | None
    sequence: int
    records: int
    rule: str
    held_at: str
    dismissed_at: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain strings and numbers, as `linkage held list --json` prints them."""
        return asdict(self)


def hold_back(database: Database, header: AnyHeader, *, rule: str, key: UnitKey, at: str) -> None:
    """Keep that a file was held back: who sent it, for which period, under which number, when, and why.

    Args:
        database: The registry, open for writing.
        header: The header of the file.
        rule: The rule by which it is held back.
        key: The key of the statistics unit, under which the digest is kept.
        at: The current time. If the same file comes again, the first time stays; if it was dismissed, it waits again.
    """
    digest = sealed(key, header.digest)
    with database.transaction():
        known = database.rows("SELECT held, rule, dismissed_at FROM held_back WHERE digest = ?", digest)
        if known and known[0][1:] == (rule, None):
            return
        if known:
            number = known[0][0]
            database.rows("UPDATE held_back SET rule = ?, dismissed_at = NULL WHERE held = ?", rule, number)
        else:
            number = _insert(database, header, digest, rule=rule, at=at)
        told = {"reporter": header.reporter, "period": header.period, "sequence": header.sequence}
        database.log("hold back", at=at, held=number, kind=kind_of(header), digest=digest, rule=rule, **told)


def _insert(database: Database, header: AnyHeader, digest: str, *, rule: str, at: str) -> int:
    """Add a file to the list, and return its number."""
    number: int = database.rows("SELECT coalesce(max(held), 0) + 1 FROM held_back")[0][0]
    database.rows(
        "INSERT INTO held_back VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        *(number, digest, header.reporter, kind_of(header), header.period, header.sequence),
        *(header.members().get("records", 0), rule, at),
    )
    return number


def read_held(database: Database, *, dismissed: bool = False) -> list[HeldFile]:
    """Read which files are held back.

    Args:
        database: The registry.
        dismissed: Whether to read those too that were dismissed.

    Returns:
        The files, in the order in which they came.
    """
    return [HeldFile(*row) for row in database.query(_READ, dismissed=dismissed)]


def dismiss(database: Database, held: int, *, at: str) -> HeldFile:
    """Decide that a file is not received; it no longer waits.

    Args:
        database: The registry, open for writing.
        held: Its number.
        at: The current time.

    Returns:
        The file.

    Raises:
        RecordError: `held.unknown` if no file with this number waits.
    """
    found = {one.held: one for one in read_held(database)}
    if held not in found:
        raise RecordError(
            "held.unknown", "No file with this number is held back.", hint="See: linkage held list REGISTRY"
        )
    database.rows("UPDATE held_back SET dismissed_at = ? WHERE held = ?", at, held)
    one = found[held]
    database.log("dismiss", at=at, held=held, reporter=one.reporter, period=one.period, sequence=one.sequence)
    return one
