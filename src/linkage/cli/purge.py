"""`linkage purge`: take away what different persons have in common and nobody reviews any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from linkage.cli.cluster import EngineName, EngineOption, MasterOption, RemoteOption, ScratchOption, cluster_of
from linkage.cli.options import (
    WAIT,
    BeyondMemoryOption,
    JsonOption,
    KeyOption,
    RegistryArgument,
    ThreadsOption,
    WaitOption,
    registry_class,
)
from linkage.errors import NotErasedError
from pseudonym.console import Unfinished, counted, print_json, progress

if TYPE_CHECKING:
    from linkage.pipeline import Cluster, PurgeReport, Registry

__all__ = ["EXAMPLE", "REVIEW_DAYS", "purge", "purge_now"]

REVIEW_DAYS: Final = 90
"""As in `linkage.linkage_unit.purge_report`, which needs the extra."""

EXAMPLE: Final = """\b
Example: linkage purge national --dry-run
  Would settle 290 records that came by 2026-01-10; with them 2310 of 2841 records are settled.
    Left for review: what the persons of 54 pairs share.
    Codes that different persons share, to become random bytes: 1210, of 604 records.
    Stored pairs of different persons to be erased: 211, of which 140 are for review.
  Nothing was written: this was a dry run."""


def purge(
    registry: RegistryArgument,
    review_days: Annotated[
        int,
        typer.Option(
            min=0, max=36_500, help="Days during which pairs may be reviewed; records that came before are settled."
        ),
    ] = REVIEW_DAYS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; show what would be taken away.")] = False,
    engine: EngineOption = EngineName.EMBEDDED,
    remote: RemoteOption = None,
    master: MasterOption = None,
    scratch: ScratchOption = None,
    beyond_memory: BeyondMemoryOption = False,
    registry_key: KeyOption = None,
    threads: ThreadsOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Take away, for good, what different persons have in common and nobody reviews any more.

    Match keys that different persons share show how similar these are, and much of that is enough to name them. After
    this each stays with one person; the codes of the others become random bytes, and stored pairs of different persons
    are erased. Persons of whom a pair is for review keep both until the review window is over. Records of one person
    stay together, with what their comparison showed. If linking has missed that two records are one person, what they
    share is gone. A record that its reporter sends again, in a file with a new sequence number, gets its codes back
    until the next purge. Run it after each 'linkage link'; the files are rewritten. Delete copies and backups yourself.

    A purge ends before it has changed anything if it would take more memory than is available.
    """
    cluster = cluster_of(engine, remote, master, scratch)
    opened = registry_class().open(registry, registry_key=registry_key, threads=threads, wait=wait)
    numbers = purge_now(
        opened, review_days, cluster=cluster, dry_run=dry_run, beyond_memory=beyond_memory, as_json=as_json
    )
    if as_json:
        print_json(numbers)


def purge_now(
    opened: Registry,
    review_days: int,
    *,
    cluster: Cluster | None,
    as_json: bool,
    dry_run: bool = False,
    beyond_memory: bool = False,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Purge, and print what was taken away unless it is to be printed as JSON.

    Args:
        opened: The registry.
        review_days: Days during which pairs may be reviewed.
        cluster: Where to compare pairs; None for this process.
        as_json: Whether the caller prints the result.
        dry_run: Whether to write nothing.
        beyond_memory: Whether to begin even if more memory is expected to be needed than there is.
        before: What the same command has done before, to be printed if the purge fails half-way.

    Returns:
        The numbers, as JSON types.

    Raises:
        Unfinished: What was taken from the tables is still in a file.
        LinkageError: As `Registry.purge` raises them.
    """
    from linkage.pipeline import PURGE_STEPS

    try:
        with progress(*PURGE_STEPS) as show:
            found = opened.purge(
                review_days=review_days, dry_run=dry_run, cluster=cluster, beyond_memory=beyond_memory, progress=show
            )
    except NotErasedError as error:
        if not error.results:
            raise
        # It is taken from the tables, so the numbers come before the error.
        (found,) = error.results
        if not as_json:
            typer.echo("\n".join(_lines(found)))
        numbers = found.to_dict()
        raise Unfinished(error, numbers if before is None else {**before, "purge": numbers}) from None
    if not as_json:
        typer.echo("\n".join(_lines(found)))
    return found.to_dict()


def _lines(found: PurgeReport) -> Iterator[str]:
    total = counted(found.records + found.waiting, "record")
    settled = "Would settle" if found.dry_run else "Settled"
    newly = counted(found.newly, "record")
    yield f"{settled} {newly} that came by {found.before}; with them {found.records} of {total} are settled."
    if found.open:
        yield f"  Left for review: what the persons of {counted(found.open, 'pair')} share."
    if not (found.codes or found.pairs):
        yield f"  Nothing {'else ' if found.open else ''}that different persons share is left."
    else:
        became, erased = ("to become", "to be erased") if found.dry_run else ("now", "erased")
        of = counted(found.sharing, "record")
        yield f"  Codes that different persons share, {became} random bytes: {found.codes}, of {of}."
        yield (
            f"  Stored pairs of different persons {erased}: {found.pairs}, of which {found.review} "
            f"{'are' if found.dry_run else 'were'} for review."
        )
    if found.dry_run:
        yield "Nothing was written: this was a dry run."
