"""`linkage audit`: read the audit log, verify that it is as it was written, and print its head."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from linkage.audit_log import RULES
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from linkage.cli.text import read_day
from linkage.errors import AuditError
from pseudonym.console import PARTIAL, Unfinished, print_json, say, table_text, wrapped, wrong_option

if TYPE_CHECKING:
    from linkage.audit_log import Entry, Verification
    from linkage.pipeline.audit import Audit
    from linkage.pipeline.units import UnitName

__all__ = ["HEAD_EXAMPLE", "LIST_EXAMPLE", "VERIFY_EXAMPLE", "head", "list_entries", "verify"]

VERIFY_EXAMPLE: Final = """\b
Example: linkage audit verify national --head 9c1f...
  The log is as it was written: 41 entries from 2026-03-02 to 2026-04-02.
  Sealed: 38, and each seal is right. They cover the entries up to 41.
  The head that was kept is that of entry 36; 5 entries have come since.
  Head: 5be0..."""

HEAD_EXAMPLE: Final = """\b
Example: linkage audit head national
  5be07c41...
\b
Keep it where nobody who can write to the registry can change it, such as in a letter or a diary:
  linkage audit head national >> /elsewhere/heads.txt"""

LIST_EXAMPLE: Final = """\b
Example: linkage audit list national --since 2026-04-01
  entry  time (UTC)           actor  act             members
  40     2026-04-02T12:00:07  anna   link            run=7 model=2 ...
  41     2026-04-02T12:04:31  anna   export persons  form=csv recipient=Statistics rows=2841 run=7"""

BROKEN: Final = "The audit log is not as it was written: somebody has changed the file outside this library."

UNPROVEN: Final = "Nothing proves the entries from {first} on: whoever can write to the file could have written them."

DIGEST_DIGITS: Final = 8
"""Digits of a digest that the list shows; `--json` has all of them."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


UnitOption = Annotated[
    Literal["linkage", "statistics"] | None,
    typer.Option(
        help="Whose log. Default: that of the statistics unit, or of the only one; it has the runs of link too."
    ),
]


def _log_of(registry: Path, unit: UnitName | None, wait: float) -> Audit:
    opened = registry_class().open(registry, wait=wait)
    return opened.audit if unit is None else opened.audit_of(unit)


def verify(
    registry: RegistryArgument,
    head: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="The head that was kept elsewhere, as linkage audit head printed it."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The key file of the unit. Default: where other commands look.")
    ] = None,
    unit: UnitOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Check whether the audit log is as it was written.

    Every entry has the digest of the one before, so an entry that was edited, removed, exchanged or inserted is seen.
    The seals show it even if all digests were made to fit; checking them needs the key of the unit. Only a head
    that was kept elsewhere shows that the end was cut off.
    """
    if head is not None and not _DIGEST.fullmatch(head):
        raise wrong_option("--head", "Write the 64 characters 0-9 and a-f that linkage audit head printed.")
    found = _log_of(registry, unit, wait).verify(head=head, key_file=key)
    if not found.whole:
        for fault in found.faults:
            say(f"Entry {fault.entry}: {RULES[fault.rule]} ({fault.rule})", err=True)
        error = AuditError(
            found.faults[0].rule, BROKEN, hint="docs/how-to/audit.md says what to do about it.", path=registry
        )
        raise Unfinished(error, found.to_dict())
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo("\n".join(map(wrapped, _lines(found))))
    if not found.proven:
        raise typer.Exit(PARTIAL)


def head(
    registry: RegistryArgument, unit: UnitOption = None, wait: WaitOption = WAIT, as_json: JsonOption = False
) -> None:
    """Print the head of the audit log: the digest of its last entry.

    Kept elsewhere, it shows later that no entry up to this one was changed or cut off: 'linkage audit verify --head'.
    """
    number, digest = _log_of(registry, unit, wait).head()
    if as_json:
        print_json({"entry": number, "head": digest})
    else:
        typer.echo(digest)


def list_entries(
    registry: RegistryArgument,
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Only entries of this day, in UTC, and later.")
    ] = None,
    unit: UnitOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show what was done with the registry, when and by whom.

    No entry names a record, a person or a case. 'linkage audit verify' says whether the entries are as they were
    written.
    """
    day = "" if since is None else read_day(since, option="--since").isoformat()
    entries = _log_of(registry, unit, wait).entries(since=day)
    if as_json:
        print_json([entry.to_dict() for entry in entries])
    else:
        typer.echo(_table(entries) if entries else "The log has no entries of these days.")


def _lines(found: Verification) -> Iterator[str]:
    days = f"{(found.first_at or '')[:10]} to {(found.last_at or '')[:10]}"
    begin = "The log is as it was written" if found.proven else "The chain is whole"
    yield f"{begin}: {found.entries} {'entry' if found.entries == 1 else 'entries'} from {days}."
    yield _seals(found)
    if found.kept is not None:
        since = found.entries - found.kept
        came = "none has come since" if not since else f"{since} {'has' if since == 1 else 'have'} come since"
        yield f"The head that was kept is that of entry {found.kept}; {came}."
    if not found.proven:
        first = max(found.covered, found.kept or 0) + 1
        yield f"{UNPROVEN.format(first=first)} The key would, or a head that was kept elsewhere."
    yield f"Head: {found.head}"


def _seals(found: Verification) -> str:
    if not found.checked:
        return f"Sealed: {found.sealed}; the seals were not checked, because the key of the unit is not at hand."
    others = found.sealed - found.checked
    beside = f" {others} more by another key were not checked." if others else ""
    return f"Sealed: {found.checked}, and each seal is right. They cover the entries up to {found.covered}.{beside}"


def _table(entries: list[Entry]) -> str:
    header = ("entry", "time (UTC)", "actor", "act", "members")
    rows = [(one.number, one.at[:19], _actor(one), one.act, " ".join(_members(one))) for one in entries]
    return table_text(header, rows)


def _actor(entry: Entry) -> str:
    return entry.actor if entry.actor == entry.account else f"{entry.actor} ({entry.account})"


def _members(entry: Entry) -> Iterator[str]:
    """Yield the members as words; what has members of its own as JSON."""
    for name, value in sorted(entry.members.items()):
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        yield f"{name}={_DIGEST.sub(lambda found: f'{found[0][:DIGEST_DIGITS]}...', text)}"
