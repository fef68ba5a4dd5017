"""The roster as the registry keeps it: every change with its time, of which the last one for each entry holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pyarrow as pa

from linkage.errors import RosterError
from linkage.intake.database import Database
from linkage.intake.roster.entry import COLUMNS, RULES, Entry, entry_of
from linkage.intake.roster.periods import first_month, last_month, normal_period

__all__ = [
    "RosterChange",
    "end_entry",
    "read_roster",
    "remove_entries",
    "set_entry",
    "store_entries",
    "unknown_sources",
]

_CURRENT: Final = f"""
SELECT {", ".join(column if column not in {"from", "until"} else f"{column}_period" for column in COLUMNS)}
FROM roster WHERE changed_at <= coalesce($at, changed_at) AND reporter = coalesce($reporter, reporter)
QUALIFY NOT removed AND change = max(change) OVER (PARTITION BY reporter, from_period)
ORDER BY reporter, from_period
"""

_NEXT: Final = "SELECT coalesce(max(change), 0) + 1 FROM roster"

_DATED: Final = frozenset({"every", "due_days", "reports"})
"""What changes which periods are expected, or when they are late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterChange:
    """What a change of the roster did, or would do.

    Attributes:
        added: Reporter and first period of each new entry.
        changed: The same for entries that were there with other values.
        unchanged: The same for entries that were there already.
        not_named: Reporters on the roster that the file does not name; they stay as they are.
        dry_run: Whether nothing was written.
    """

    added: tuple[tuple[str, str], ...]
    changed: tuple[tuple[str, str], ...]
    unchanged: tuple[tuple[str, str], ...]
    not_named: tuple[str, ...] = ()
    dry_run: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and strings, as `linkage roster import --json` prints them."""
        result = asdict(self)
        for name in ("added", "changed", "unchanged"):
            result[name] = [{"reporter": reporter, "from": period} for reporter, period in getattr(self, name)]
        return result | {"not_named": list(self.not_named)}


def read_roster(database: Database, reporter: str | None = None, *, at: str | None = None) -> list[Entry]:
    """Read the entries that hold.

    Args:
        database: The registry.
        reporter: Code of the reporter whose entries are read; by default all are.
        at: Read the roster as it was at this time; by default as it is.

    Returns:
        The entries, sorted by reporter and first period.
    """
    entries = []
    for row in database.query(_CURRENT, at=at, reporter=reporter):
        entry = entry_of(dict(zip(COLUMNS, row, strict=True)))
        assert isinstance(entry, Entry)  # Only entries are stored.
        entries.append(entry)
    return sorted(entries, key=lambda entry: (entry.reporter, entry.begins))


def store_entries(
    database: Database, entries: Sequence[Entry], *, at: str, whole_file: bool = False, dry_run: bool = False
) -> RosterChange:
    """Add or change entries, in one transaction.

    Args:
        database: The registry, open for writing.
        entries: The entries; each replaces the one with the same reporter and first period.
        at: The current time.
        whole_file: Whether to name the reporters that are not among them.
        dry_run: Whether to write nothing.

    Returns:
        What was added and changed.
    """
    with database.transaction():
        old = {(entry.reporter, entry.begins): entry for entry in read_roster(database)}
        found: dict[str, list[Entry]] = {"added": [], "changed": [], "unchanged": []}
        rows: list[tuple[Entry, bool]] = []
        for entry in entries:
            before = old.get((entry.reporter, entry.begins))
            effect = "added" if before is None else "unchanged" if before == entry else "changed"
            found[effect].append(entry)
            if before is not None and before.from_period != entry.from_period:
                rows.append((before, True))
            if effect != "unchanged":
                rows.append((entry, False))
        if not dry_run:
            _append(database, rows, at=at)
        named = {entry.reporter for entry in entries}
        others = sorted({reporter for reporter, _ in old} - named) if whole_file else ()
    keys = {effect: tuple((entry.reporter, entry.from_period) for entry in those) for effect, those in found.items()}
    return RosterChange(**keys, not_named=tuple(others), dry_run=dry_run)


def set_entry(database: Database, reporter: str, values: Mapping[str, str], *, at: str) -> RosterChange:
    """Add an entry, or change one.

    Without a first period the last entry of the reporter is corrected. With one, the entry that begins then is
    corrected or added, with the values of the one that held until then.

    Args:
        database: The registry, open for writing.
        reporter: Code of the reporter.
        values: The columns to set; an empty text clears one.
        at: The current time.

    Returns:
        What was added or changed.

    Raises:
        RosterError: A member of `RULES`; `roster.from_missing` if what is expected would change without a first period.
    """
    roster = read_roster(database)
    own = [entry for entry in roster if entry.reporter == reporter]
    if own and "from" not in values:
        _check_dated(own[-1], values)
    entry = entry_of({"reporter": reporter, **_base(own, values), **values})
    if isinstance(entry, str):
        raise _broken(entry)
    if unknown_sources([entry], {one.reporter for one in roster}):
        raise _broken("roster.cases_from")
    return store_entries(database, [entry], at=at)


def _check_dated(entry: Entry, values: Mapping[str, str]) -> None:
    """Refuse a change by which periods that are over would be judged."""
    cells = entry.cells()
    if any(name in values and set(values[name].split()) != set(cells[name].split()) for name in _DATED):
        raise RosterError(
            "roster.from_missing",
            "How often, what and by when a reporter reports cannot change without a first period: earlier periods "
            "would be judged by the new values.",
            hint="Add --from and the first period for which it holds.",
        )


def _base(own: Sequence[Entry], values: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of the entry that is changed, or of the one that holds until the new one begins."""
    if not own:
        return {}
    first = normal_period(values["from"], "month") if "from" in values else own[-1].from_period
    if first is None:
        # Said by the rule for first periods.
        return own[-1].cells()
    base = next((entry for entry in reversed(own) if entry.begins <= first_month(first)), own[0])
    cells = base.cells()
    if base.until_period is not None and last_month(base.until_period) < first_month(first):
        # It reports again after a time in which it did not.
        cells["until"] = ""
    return cells


def end_entry(database: Database, reporter: str, until: str, *, at: str) -> RosterChange:
    """End the last entry of a reporter.

    Args:
        database: The registry, open for writing.
        reporter: Code of the reporter.
        until: The last period that is expected.
        at: The current time.

    Returns:
        What was changed.

    Raises:
        RosterError: `roster.unknown` if it is not on the roster, `roster.until` for a period that cannot be the last.
    """
    own = _own(read_roster(database), reporter)
    entry = entry_of(own[-1].cells() | {"until": until})
    if isinstance(entry, str) or entry.until_period is None:
        raise _broken("roster.until")
    return store_entries(database, [entry], at=at)


def remove_entries(database: Database, reporter: str, *, at: str) -> tuple[tuple[str, str], ...]:
    """Remove a reporter that was entered by mistake.

    Args:
        database: The registry, open for writing.
        reporter: Code of the reporter.
        at: The current time.

    Returns:
        Reporter and first period of each entry that was removed.

    Raises:
        RosterError: `roster.unknown` if it is not on the roster, `roster.has_sent` if anything of it was received,
            `roster.referred` if another entry names it.
    """
    roster = read_roster(database)
    own = _own(roster, reporter)
    if database.rows("SELECT 1 FROM submissions WHERE reporter = ? LIMIT 1", reporter):
        raise RosterError(
            "roster.has_sent",
            "The reporter has sent something, so its entries stay: coverage of past periods needs them.",
            hint="End it: linkage roster end REGISTRY REPORTER --until PERIOD",
        )
    if any(reporter in entry.cases_from for entry in roster):
        raise RosterError(
            "roster.referred",
            "Another reporter gets cases from this one.",
            hint="Change that one first, with --cases-from.",
        )
    with database.transaction():
        _append(database, [(entry, True) for entry in own], at=at)
    return tuple((entry.reporter, entry.from_period) for entry in own)


def unknown_sources(entries: Iterable[Entry], known: Collection[str]) -> list[Entry]:
    """Return the entries that get cases from a reporter that is not known."""
    return [entry for entry in entries if not set(entry.cases_from) <= set(known)]


def _own(roster: Sequence[Entry], reporter: str) -> list[Entry]:
    own = [entry for entry in roster if entry.reporter == reporter]
    if not own:
        raise RosterError(
            "roster.unknown", "The reporter is not on the roster.", hint="See: linkage roster list REGISTRY"
        )
    return own


def _append(database: Database, rows: Sequence[tuple[Entry, bool]], *, at: str) -> None:
    """Append changes: each entry, and whether it is removed."""
    first = database.rows(_NEXT)[0][0]
    columns: dict[str, list[Any]] = {
        "change": list(range(first, first + len(rows))),
        "changed_at": [at] * len(rows),
        "removed": [removed for _, removed in rows],
    }
    cells = [entry.cells() for entry, _ in rows]
    columns |= {column: [row[column] for row in cells] for column in COLUMNS}
    if not rows:
        return
    database.load("INSERT INTO roster SELECT * FROM source", source=pa.table(columns))
    n_removed = sum(removed for _, removed in rows)
    database.log(
        "roster",
        at=at,
        first_change=first,
        last_change=first + len(rows) - 1,
        entered=len(rows) - n_removed,
        removed=n_removed,
    )


def _broken(rule: str) -> RosterError:
    return RosterError(rule, RULES[rule], hint="See docs/how-to/roster.md, or: linkage roster set --help")
