"""`linkage codebook`: add a version of the codebook, end an older one, list them, and show which series break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from linkage.cli.text import read_day
from pseudonym.codebook import codebook_names
from pseudonym.console import counted, offering, print_json, table_text, wrapped

if TYPE_CHECKING:
    from linkage.answers import Series
    from linkage.pipeline import CodebookChange, StoredCodebook

__all__ = [
    "ADD_EXAMPLE",
    "BREAKS_EXAMPLE",
    "END_EXAMPLE",
    "LIST_EXAMPLE",
    "add",
    "breaks",
    "codebook_line",
    "end",
    "list_codebooks",
]

ADD_EXAMPLE: Final = """\b
Example: linkage codebook add national cases-2.json --map cases-1-to-2.json \
--accept-old-until 2028-06-30
  Codebook added: cases 2 (digest ...).
  Older codebooks are accepted until 2028-06-30.
  Codes whose series continues: 411; merged: 2; new: 12; ended: 1. See: linkage codebook breaks."""

LIST_EXAMPLE: Final = """\b
Example: linkage codebook list national
    codebook  added       accepted until  records  digest
    cases 1   2026-01-08  2028-06-30         2841  2f0c...
    cases 2   2026-11-29  (newest)             12  91ab..."""

END_EXAMPLE: Final = """\b
Example: linkage codebook end national 1 --on 2027-06-30
  cases 1 is accepted until 2027-06-30.
    WARNING: The codebook has new items and must be used in less than 18 months. ...
    New items: reached_by."""

BREAKS_EXAMPLE: Final = """\b
Example: linkage codebook breaks national
  From cases 1 to cases 2, since 2026-11-29; the older one is accepted until 2028-06-30:
    item   code     series  older codes
    state  taken    merged  kind/taken, kind/held
    state  unknown  new     -
      Reason: ...
  Without a break: 411 codes."""

NO_CODEBOOK: Final = "no codebook"
"""What stands in place of a codebook in a registry that was created without one."""

_KINDS: Final = {
    "continues": "Codes whose series continues",
    "changed": "changed in meaning",
    "merged": "merged",
    "split": "split",
    "regrouped": "merged and split",
    "new": "new",
    "ended": "ended",
}


def add(
    registry: RegistryArgument,
    codebook: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The new codebook: a file, or the name of one that ships.",
            autocompletion=offering(codebook_names),
        ),
    ],
    codebook_map: Annotated[
        Path | None,
        typer.Option("--map", help="The file that says what became of the codes. Default: every code stays."),
    ] = None,
    accept_old_until: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="The last day (UTC) on which older codebooks are accepted. Default: until 'codebook end'.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; change nothing.")] = False,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Add a new version of the codebook; older ones are accepted beside it until they end.

    Records stay as they were sent, and their answers are read in the new codebook by the map. A code that is not in the
    map keeps its item and its text; if the new codebook does not have it, the command says which item is missing, and
    changes nothing.
    """
    day = None if accept_old_until is None else read_day(accept_old_until, option="--accept-old-until")
    opened = registry_class().open(registry, wait=wait)
    found = opened.codebooks.add(codebook, codebook_map=codebook_map, accept_old_until=day, dry_run=dry_run)
    _print(found, _added(found), as_json=as_json)


def list_codebooks(registry: RegistryArgument, wait: WaitOption = WAIT, as_json: JsonOption = False) -> None:
    """List the codebooks of the registry, until when each is accepted, and how many records follow it."""
    found = registry_class().open(registry, wait=wait).codebooks.list()
    if as_json:
        print_json([one.to_dict() for one in found])
        return
    rows = [(one.title, one.added_at[:10], _until(one), one.records, one.digest or "-") for one in found]
    typer.echo(table_text(("codebook", "added", "accepted until", "records", "digest"), rows))


def end(
    registry: RegistryArgument,
    version: Annotated[
        str,
        typer.Argument(
            metavar="VERSION", help="Its version, or its digest; 'none' for submissions without a codebook."
        ),
    ],
    on: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The last day (UTC) on which it is accepted.")],
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Set the last day on which an older codebook is accepted; a later day lets it be accepted again.

    Records that follow it stay.
    """
    day = read_day(on, option="--on")
    found = registry_class().open(registry, wait=wait).codebooks.end(version, day)
    subject = "Submissions without a codebook are" if found.digest is None else f"{found.codebook} is"
    _print(found, [f"{subject} accepted until {found.accepted_until}."], as_json=as_json)


def breaks(
    registry: RegistryArgument,
    item: Annotated[str | None, typer.Option(help="Show only this item, with the codes that continue.")] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show which series break between the codebooks of the registry, since when and why.

    A series is what one code counts over the years. It continues if the code stands for exactly one older code. It is
    merged if it stands for several, split if the older code became several of the item, new if it stands for none; and
    ended if nothing became of the older code. The reasons are those of the maps.
    """
    found = registry_class().open(registry, wait=wait).codebooks.breaks(item=item)
    if as_json:
        print_json([one.to_dict() for one in found])
    else:
        typer.echo("\n".join(_breaks(found, whole=item is not None)))


def codebook_line(one: StoredCodebook) -> str:
    """Describe one codebook, for the summary."""
    until = "newest" if one.newest else f"accepted until {one.accepted_until or 'it is ended'}"
    return f"{one.title} ({until}; {counted(one.records, 'record')})"


def _print(found: CodebookChange, lines: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print_json(found.to_dict())
        return
    for line in lines:
        typer.echo(wrapped(line))
    for warning in found.warnings:
        typer.echo(wrapped(f"  WARNING: {warning}"))
        typer.echo(wrapped(f"  New items: {', '.join(found.new_items)}."))


def _added(found: CodebookChange) -> Iterator[str]:
    verb = "Codebook fits, but was not added" if found.dry_run else "Codebook added"
    yield f"{verb}: {found.codebook} (digest {found.digest})."
    older = "Submissions without a codebook" if found.previous == NO_CODEBOOK else "Older codebooks"
    are = "would be" if found.dry_run else "are"
    yield f"  {older} {are} accepted until {found.accepted_until or 'linkage codebook end sets a day'}."
    counts = [f"{_KINDS[kind]}: {found.series[kind]}" for kind in _KINDS if kind in found.series]
    text = "; ".join(counts)
    yield f"  {text[:1].upper()}{text[1:]}. See: linkage codebook breaks."


def _until(one: StoredCodebook) -> str:
    return "(newest)" if one.newest else one.accepted_until or "(no end)"


def _breaks(found: Sequence[Series], *, whole: bool) -> Iterator[str]:
    if not found:
        yield "Nothing is compared: fewer than two codebooks have codes."
        return
    shown = sorted((one for one in found if whole or one.kind != "continues"), key=lambda one: one.since or "")
    for (old, new, since, until), series in groupby(shown, key=lambda one: (one.old, one.new, one.since, one.until)):
        rows = list(series)
        begun = "without a break" if since is None else f"since {since}"
        yield wrapped(f"From {old} to {new}, {begun}; the older one is accepted {_last_day(until)}:")
        yield table_text(("item", "code", "series", "older codes"), [_row(one) for one in rows])
        yield from _reasons(rows)
    n_others = Counter(one.kind for one in found)["continues"]
    if n_others and not whole:
        yield f"Without a break: {counted(n_others, 'code')}."


def _last_day(until: str | None) -> str:
    return "without an end" if until is None else f"until {until}"


def _row(one: Series) -> tuple[str, str, str, str]:
    before = "-" if one.kind == "ended" else ", ".join(one.before) or "-"
    return one.item, one.code, one.kind, before


def _reasons(rows: Iterable[Series]) -> Iterator[str]:
    """Yield each reason once, with the codes that it is given for."""
    codes: dict[str, list[str]] = {}
    for one in rows:
        if one.reason is not None:
            codes.setdefault(one.reason["en"], []).append(f"{one.item}/{one.code}")
    for reason, names in codes.items():
        yield wrapped(f"  Reason for {', '.join(names)}: {reason}")
