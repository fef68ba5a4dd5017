"""`linkage receive`: take in submissions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.failures import failure
from linkage.cli.options import (
    WAIT,
    JsonOption,
    KeyOption,
    RegistryArgument,
    ThreadsOption,
    WaitOption,
    registry_class,
)
from linkage.errors import RefusedError
from pseudonym.console import PARTIAL, print_failure, print_json, progress, wrapped

if TYPE_CHECKING:
    from linkage.pipeline import Receipt

__all__ = ["EXAMPLE", "receipt_text", "receive"]

EXAMPLE: Final = """\b
Example: linkage receive national.duckdb police-2026-03.parquet school-2026-03.parquet
  police-2026-03.parquet: received 212 records: 12 new, 3 superseding an older version, ...
  school-2026-03.parquet: already received; nothing changed (school, period 2026-03, sequence 7)."""


def receive(
    registry: RegistryArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Submission files.")],
    registry_key: KeyOption = None,
    threads: ThreadsOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Receive submissions, each whole or not at all.

    Exit status 0: all were received, now or earlier. 3: received, but rows that break a rule were quarantined, or
    records changed nothing because the registry holds them under a higher sequence number. 4: at least one file was
    refused and nothing of it was stored; the others were received. The order of the files does not matter.
    """
    opened = registry_class().open(registry, registry_key=registry_key, threads=threads, wait=wait)
    with progress() as show:
        results = opened.receive_all(files, progress=show)
    pairs = list(zip(files, results, strict=True))
    if as_json:
        print_json([_to_json(path, result) for path, result in pairs])
    for path, result in pairs:
        if isinstance(result, RefusedError):
            print_failure("linkage", failure(result))
        elif not as_json:
            typer.echo(receipt_text(path, result))
    if any(isinstance(result, RefusedError) for result in results):
        raise typer.Exit(RefusedError.exit_status)
    if any(not isinstance(result, RefusedError) and (result.n_quarantined or result.late) for result in results):
        raise typer.Exit(PARTIAL)


def _to_json(path: Path, result: Receipt | RefusedError) -> dict[str, object]:
    if isinstance(result, RefusedError):
        return {"file": str(path), "outcome": "refused", "rule": result.rule, "message": result.message}
    return {"file": str(path), **result.to_dict()}


def receipt_text(path: Path, receipt: Receipt) -> str:
    """Describe what happened to one submission."""
    lines = [f"{path}: {_outcome(receipt)}"]
    if receipt.fixed_key_id:
        lines.append("  From now on every submission must carry the key id of this one.")
    if receipt.quarantined:
        lines.append(f"  Rows quarantined, by the rule they break: {receipt.n_quarantined}")
        lines += [f"    {count} x {rule}" for rule, count in receipt.quarantined.items()]
    lines += [wrapped(f"  Warning: {warning}") for warning in receipt.warnings]
    return "\n".join(lines)


def _outcome(receipt: Receipt) -> str:
    period = f", period {receipt.period}" if receipt.period else ""
    origin = f"{receipt.reporter}{period}, sequence {receipt.sequence}"
    if receipt.outcome == "already received":
        return f"already received; nothing changed ({origin})."
    if receipt.outcome == "unchanged":
        content = f"all {receipt.records} records known and unchanged" if receipt.records else "nothing to report"
        return f"{content}; recorded for coverage ({origin})."
    counts = [
        f"{count} {name}"
        for count, name in (
            (receipt.new, "new"),
            (receipt.superseding, "superseding an older version"),
            (receipt.unchanged, "unchanged"),
            (receipt.late, "older than the current version, kept as history"),
        )
        if count
    ]
    return f"received {receipt.records} records: {', '.join(counts) or 'none stored'} ({origin})."
