"""`linkage receive`: take in submissions, withdrawals and totals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.failures import failure
from linkage.cli.options import (
    WAIT,
    JsonOption,
    KeyOption,
    RegistryArgument,
    StatisticsKeyOption,
    ThreadsOption,
    WaitOption,
    registry_class,
)
from linkage.cli.receipt import Language, LanguageOption, write_receipts
from linkage.errors import (
    ExportError,
    HeldBackError,
    LinkageError,
    NearReporterError,
    NotErasedError,
    RefusedError,
    ReplacementError,
    UnitError,
    WithdrawalError,
)
from pseudonym.console import (
    PARTIAL,
    Unfinished,
    counted,
    fitted,
    print_failure,
    print_json,
    progress,
    say,
    wrapped,
    wrong_option,
)

if TYPE_CHECKING:
    from linkage.pipeline import Receipt

__all__ = ["EXAMPLE", "receive"]

EXAMPLE: Final = """\b
Example: linkage receive national police-2026-03.parquet school-2026-03.parquet
  police-2026-03.parquet: received 212 records: 12 new, 3 superseding an older version, ...
  school-2026-03.parquet: already received; nothing changed (school, period 2026-03, sequence 7)."""

_FOLDER: Final[dict[type[OSError], str]] = {
    FileNotFoundError: "The folder cannot be created: the folder above it does not exist.",
    FileExistsError: "This is a file, not a folder.",
    PermissionError: "The folder cannot be created: permission denied.",
    OSError: "The folder cannot be created.",
}
"""Why there is no folder for the receipts."""


def receive(
    registry: RegistryArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Submission files.")],
    registry_key: KeyOption = None,
    statistics_key: StatisticsKeyOption = None,
    threads: ThreadsOption = None,
    wait: WaitOption = WAIT,
    accept_reporter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE",
            help="Accept a new reporter although its code differs from a known one only in capitals or signs. "
            "Repeatable.",
        ),
    ] = None,
    accept_withdrawals: Annotated[
        bool,
        typer.Option(
            "--accept-withdrawals", help="Let a complete delivery erase more than 5 % of the records of its period."
        ),
    ] = False,
    accept_replacements: Annotated[
        bool,
        typer.Option(
            "--accept-replacements",
            help="Let a delivery change the identities in more than half of the records of its reporter.",
        ),
    ] = False,
    accept_sequence: Annotated[
        bool,
        typer.Option(
            "--accept-sequence", help="Accept sequence numbers that are far from the last one of their reporter."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; print the receipt of each file as if it came next.")
    ] = False,
    receipts: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            file_okay=False,
            help="Write a receipt for each reporter there, as text and as JSON; see linkage receipt. The folder is "
            "created if it does not exist.",
        ),
    ] = None,
    language: LanguageOption = Language.EN,
    as_json: JsonOption = False,
) -> None:
    """Receive submissions, withdrawals and totals, each whole or not at all.

    Rows that break a rule are quarantined; a file that does not fit is refused, and the others are received. The files
    of a reporter are received in the order of their sequence numbers, however they are named here.

    What a withdrawal names, and what a complete delivery leaves out, is erased for good. What should not be believed at
    once is held back until you decide ('linkage held list' shows it): a sequence number far from the reporter's last
    one, a delivery that changes most of its records, and, with a roster (linkage roster), a reporter that is not on it.
    Totals are kept apart from records; 'linkage totals' shows them.
    """
    if dry_run and receipts is not None:
        raise wrong_option("--receipts", "With --dry-run nothing is written, so there is no receipt: leave it out.")
    if receipts is not None:
        _create(receipts)
    opened = registry_class().open(
        registry, registry_key=registry_key, statistics_key=statistics_key, threads=threads, wait=wait
    )
    if receipts is not None and opened.unit == "linkage":
        # It knows neither periods nor record ids; nothing is received before this is said.
        raise UnitError("statistics", path=registry)
    failed: LinkageError | None = None
    try:
        with progress() as show:
            results = opened.receive_all(
                files,
                accept_withdrawals=accept_withdrawals,
                accept_replacements=accept_replacements,
                accept_sequence=accept_sequence,
                accept_reporters=accept_reporter or (),
                dry_run=dry_run,
                progress=show,
            )
    except NotErasedError as error:
        # What was received is stored, so its receipts come before the error.
        results, failed = error.results, error
    _print(files, results, as_json=as_json)
    if receipts is not None:
        try:
            write_receipts(opened, zip(files, results, strict=True), receipts, language=language, quiet=as_json)
        except ExportError as error:
            failed = failed or error
    document = [_to_json(path, result) for path, result in zip(files, results, strict=True)]
    if failed is not None:
        raise Unfinished(failed, document)
    if as_json:
        print_json(document)
    if any(isinstance(result, RefusedError) for result in results):
        raise typer.Exit(RefusedError.exit_status)
    if any(not isinstance(result, RefusedError) and result.partial for result in results):
        raise typer.Exit(PARTIAL)


def _print(files: list[Path], results: list[Receipt | RefusedError], *, as_json: bool) -> None:
    """Print what became of each file; under `--json` only what was refused, for people."""
    for path, result in zip(files, results, strict=True):
        if isinstance(result, RefusedError):
            print_failure("linkage", failure(result))
            if isinstance(result, HeldBackError):
                say(f"  Held back: {_origin(result)}.", err=True)
            if isinstance(result, NearReporterError):
                say(f"  The file says {result.reporter}; the registry knows {result.known}.", err=True)
            if isinstance(result, WithdrawalError):
                say(f"  It would erase {result.withdrawn} of {result.of} records.", err=True)
            if isinstance(result, ReplacementError):
                say(f"  It would change {result.replaced} of {result.of} records.", err=True)
        elif not as_json:
            typer.echo(_text(path, result))


def _create(folder: Path) -> None:
    """Create the folder of the receipts, before anything is received."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise wrong_option("--receipts", _FOLDER.get(type(error), _FOLDER[OSError])) from None


def _to_json(path: Path, result: Receipt | RefusedError) -> dict[str, object]:
    if isinstance(result, RefusedError):
        numbers: dict[str, object] = {}
        if isinstance(result, WithdrawalError):
            numbers = {"withdrawn": result.withdrawn, "of": result.of}
        elif isinstance(result, HeldBackError):
            numbers = {"reporter": result.reporter, "period": result.period, "sequence": result.sequence}
            if isinstance(result, ReplacementError):
                numbers |= {"replaced": result.replaced, "of": result.of}
        elif isinstance(result, NearReporterError):
            numbers = {"reporter": result.reporter, "known": result.known}
        outcome = "held" if isinstance(result, HeldBackError) else "refused"
        refusal = {"outcome": outcome, "rule": result.rule, "message": result.message, "hint": result.hint}
        return {"file": str(path), **refusal, **numbers}
    return {"file": str(path), **result.to_dict()}


def _text(path: Path, receipt: Receipt) -> str:
    """Describe what happened to one submission."""
    lines = [fitted(f"{path}: {_outcome(receipt)}"), *map(fitted, _erased(receipt))]
    if receipt.signed_with is not None:
        lines.append("  Signed by its reporter.")
    if receipt.dry_run:
        lines.append("  Nothing was written: this was a dry run.")
    if receipt.fixed_key_id:
        lines.append("  From now on every submission must carry the key id of this one.")
    if receipt.quarantined:
        lines.append(f"  Rows quarantined, by the rule they break: {receipt.n_quarantined}")
        lines += [f"    {count} x {rule}" for rule, count in receipt.quarantined.items()]
    if receipt.near_reporter is not None:
        lines.append(wrapped(f"  Warning: {_near(receipt)}"))
    lines += [wrapped(f"  Warning: {warning}") for warning in receipt.warnings]
    return "\n".join(lines)


def _near(receipt: Receipt) -> str:
    return (
        f"{receipt.reporter} is a new reporter, and its code differs by one letter from {receipt.near_reporter}, which "
        "the registry knows. If they are one, the reporter must withdraw this file (pseudonym withdraw --everything) "
        f"and encode again as {receipt.near_reporter}."
    )


def _erased(receipt: Receipt) -> Iterator[str]:
    verb = "Would be erased" if receipt.dry_run else "Erased"
    what = f"{counted(receipt.withdrawn, 'record')}, {counted(receipt.withdrawn_versions, 'older version')}"
    rows = f", {counted(receipt.withdrawn_rows, 'quarantined row')}" if receipt.withdrawn_rows else ""
    rows += f", {counted(receipt.withdrawn_totals, 'totals file')}" if receipt.withdrawn_totals else ""
    if receipt.withdrawal and receipt.outcome != "already received":
        yield f"  {verb}: {what}{rows}."
    elif receipt.withdrawn:
        yield f"  {verb}, because the complete delivery leaves them out: {what}{rows}."
    if receipt.unknown_records or receipt.unknown_cases:
        unknown = f"{counted(receipt.unknown_records, 'record')} and {counted(receipt.unknown_cases, 'case')}"
        yield f"  Named, but not in the registry: {unknown}."


def _origin(of: Receipt | HeldBackError) -> str:
    period = f", period {of.period}" if of.period else ""
    return f"{of.reporter}{period}, sequence {of.sequence}"


def _outcome(receipt: Receipt) -> str:
    book = f", codebook {receipt.codebook}" if receipt.codebook else ""
    origin = f"{_origin(receipt)}{book}"
    if receipt.outcome == "already received":
        return f"already received; nothing changed ({origin})."
    if receipt.withdrawal:
        return f"withdrawal ({origin})."
    if receipt.totals:
        older = "; a newer version is there" if receipt.outcome == "superseded" else ""
        return f"totals of {counted(receipt.cells, 'cell')}{older} ({origin})."
    if receipt.outcome == "unchanged":
        known = f"{counted(receipt.records, 'record')} known and unchanged"
        content = known if receipt.records else "nothing to report"
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
    return f"received {counted(receipt.records, 'record')}: {', '.join(counts) or 'none stored'} ({origin})."
