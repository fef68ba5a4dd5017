"""The receipt that goes back to a reporter: what became of its file, and what of it is missing.

It is made of what the reporter has sent and of its entries on the roster, and of nothing else: no other reporter, no
person, no link and no match key, so that it may be sent to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from linkage.answers.export import export_file
from pseudonym.output import Kind
from pseudonym.wire.signed_receipt import RECEIPT as FORMAT

__all__ = ["FORMAT", "MissingPeriod", "Refusal", "RefusedRows", "ReporterReceipt", "write_receipt"]

TITLE: Final = "Receipt {format} / Kvitto: {reporter}"
"""The first line of a receipt as text, in any language, by which an older one is recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRows:
    """The rows of a file that break one rule and were not used.

    Attributes:
        rule: The rule.
        sentence: What it says.
        rows: Their number.
        record_ids: The reporter's own ids of them, sorted; rows without a valid id have none.
    """

    rule: str
    sentence: str
    rows: int
    record_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a whole file was refused, and what the reporter can do."""

    rule: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPeriod:
    """A period for which nothing has come (`silent`), or came after its deadline (`late`).

    Attributes:
        period: The period.
        state: `silent` or `late`.
        due: Its deadline, or None without a roster.
    """

    period: str
    state: str
    due: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterReceipt:
    """What became of one file of a reporter.

    Attributes:
        reporter: Code of the reporter.
        kind: `delivery`, `complete`, `withdrawal` or `totals`.
        period: Reporting period, or None.
        sequence: Sequence number.
        outcome: "stored", "unchanged", "withdrawn", "superseded" (totals that have a newer version), "refused",
            or "held" until the registry has decided.
        received_at: When it was received or refused, in UTC.
        records: Number of records in it, or that a withdrawal names.
        new: Number of records that the registry did not have.
        changed: Number of records that replaced an older version.
        unchanged: Number of records that the registry had already.
        late: Number of records of which the registry had a newer version.
        refused: The rows that were not used, by rule.
        withdrawn: Number of records erased, because they were withdrawn or a complete delivery left them out.
        withdrawn_versions: Number of older versions erased with them.
        withdrawn_rows: Number of refused rows erased with them.
        withdrawn_cases: Number of cases that a withdrawal names and the registry had.
        withdrawn_totals: Number of totals files erased with them.
        cells: Number of cells of totals.
        unknown_records: Number of records that a withdrawal names and the registry did not have.
        unknown_cases: Number of cases that a withdrawal names and the registry did not have.
        quality: For each identity field, the numbers of records that lack it, or have it unreadable or marked; None if
            the file has no such figures.
        refusal: Why the file was refused, or None.
        missing_periods: Periods of this reporter that are silent or came late, in order.
        missing_before: Sequence numbers of files whose predecessor has not been received.
        key_id: Id of the linkage key with which the file was made, or None for totals.
        epoch: The linkage epoch, or None for totals.
        profile: Name of the profile, or None for a withdrawal or totals.
        profile_digest: Its digest, or None.
        codebook: Name and version of the codebook, or None.
        signed_with: Fingerprint of the key with which the reporter has signed the file; None for an open file, and for
            one that was refused.
        signature: The signature of the statistics unit over everything else, see `pseudonym.wire.signed_receipt`; None
            if its key was not at hand.
    """

    reporter: str
    kind: str
    period: str | None
    sequence: int
    outcome: str
    received_at: str
    records: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    late: int = 0
    refused: tuple[RefusedRows, ...] = ()
    withdrawn: int = 0
    withdrawn_versions: int = 0
    withdrawn_rows: int = 0
    withdrawn_cases: int = 0
    withdrawn_totals: int = 0
    cells: int = 0
    unknown_records: int = 0
    unknown_cases: int = 0
    quality: dict[str, dict[str, int]] | None = None
    refusal: Refusal | None = None
    missing_periods: tuple[MissingPeriod, ...] = ()
    missing_before: tuple[int, ...] = ()
    key_id: str | None
    epoch: int | None
    profile: str | None = None
    profile_digest: str | None = None
    codebook: str | None = None
    signed_with: str | None = None
    signature: dict[str, str] | None = None

    @property
    def n_refused(self) -> int:
        """Number of rows that were not used."""
        return sum(rows.rows for rows in self.refused)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage receipt --json` prints them."""
        result = {"format": FORMAT, **asdict(self)}
        refused = [rows | {"record_ids": list(rows["record_ids"])} for rows in result["refused"]]
        lists = {name: list(result[name]) for name in ("missing_periods", "missing_before")}
        return result | {"refused": refused} | lists


def write_receipt(receipt: ReporterReceipt, text: str, path: str | Path) -> None:
    """Write a receipt as JSON and as text, each whole or not at all, for their owner only.

    Args:
        receipt: The receipt.
        text: The same as text, whose first line is `TITLE`.
        path: The file without its ending; `.json` and `.txt` are added. An older receipt of the same reporter is
            replaced, any other file is not.

    Raises:
        ExportError: As for `linkage.answers.export.export_file`.
    """
    head = json.dumps({"format": FORMAT, "reporter": receipt.reporter}, indent=2).removesuffix("\n}")
    with export_file(f"{path}.json", Kind("receipt", _begins(f"{head},\n"))) as file:
        file.write(json.dumps(receipt.to_dict(), indent=2) + "\n")
    title = TITLE.format(format=FORMAT, reporter=receipt.reporter)
    with export_file(f"{path}.txt", Kind("receipt", _begins(f"{title}\n"))) as file:
        file.write(text + "\n")


def _begins(head: str) -> Callable[[IO[bytes]], bool]:
    return lambda file: file.read(len(head)) == head.encode()
