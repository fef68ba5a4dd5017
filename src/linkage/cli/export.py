"""`linkage export`: write persons or links to a file, or to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final, Literal

import typer

from linkage.cli.options import WAIT, KeyOption, RegistryArgument, WaitOption, registry_class
from linkage.errors import ExportError
from pseudonym.console import say

if TYPE_CHECKING:
    from linkage.pipeline import Registry

__all__ = [
    "LINKS_EXAMPLE",
    "PERSONS_EXAMPLE",
    "STANDARD_OUTPUT",
    "LocaleOption",
    "links",
    "opened_output",
    "persons",
]

PERSONS_EXAMPLE: Final = """\b
Example: linkage export persons national --out persons.csv
  persons.csv: 2841 rows.
  reporter,record_id,person_id
  police,pol-17,p...
A person id stays the same from run to run, unless records show that it was wrong. It tells
nothing about the person: not when it was first known, nor how many there are.
\b
For a recipient: linkage export persons national --for statistics --out persons.csv
For a Swedish Excel: linkage export persons national --out persons.xlsx
  or as CSV: --out persons.csv --locale sv
For another program: linkage export persons national --out -"""

LINKS_EXAMPLE: Final = """\b
Example: linkage export links national --out links.csv
  links.csv: 9841 rows.
  reporter_a,record_id_a,reporter_b,record_id_b,match_weight,probability,decision,reason
  police,pol-17,school,2026/0042,15.8371,0.198104,review,number of another person
\b
To review: linkage export links national --review --out review.csv
  review.csv has two columns more: the number of the pair of persons, and its pairs of records.
  The first rows are one pair of records for each pair of persons, the most probable first.
\b
  decision  link: one person; review: someone should check; no link: listed from .01
  reason    why the decision differs from the probability, or the pair is left for review:
            docs/how-to/review-pairs.md"""

STANDARD_OUTPUT: Final = Path("-")

OutOption = Annotated[
    Path,
    typer.Option(
        metavar="FILE",
        help="The file to write: .csv, .parquet or .xlsx; an older one is replaced. - for standard output, as CSV.",
    ),
]
RecipientOption = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="RECIPIENT", help="For whom the file is; the audit log has it with the number of rows."
    ),
]
LocaleOption = Annotated[
    Literal["en", "sv"],
    typer.Option(help="sv: CSV as a Swedish spreadsheet opens it, with semicolons and decimal commas."),
]


def persons(
    registry: RegistryArgument,
    out: OutOption,
    recipient: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="RECIPIENT", help="Person ids for this recipient alone. Default: those of the registry."
        ),
    ] = None,
    registry_key: KeyOption = None,
    locale: LocaleOption = "en",
    wait: WaitOption = WAIT,
) -> None:
    """Write each record with its person.

    One row per record, including persons met only once. Only the owner may read the file. In CSV a record id that a
    spreadsheet could take for a formula, such as '=1', has an apostrophe in front. The audit log gets an entry before
    the file is written, so the registry must be writable.

    With --for, which needs the registry key, the ids of persons are others for each recipient: two recipients cannot
    tell by them which persons both know. The rows are those of all reporters, and their record ids join two files too,
    so hand on no more of them than the recipient may have.
    """
    from linkage.answers import PERSONS_FILE, check_table_export, write_persons

    if out != STANDARD_OUTPUT:
        check_table_export(out, PERSONS_FILE, locale=locale)
    opened = registry_class().open(registry, registry_key=registry_key, wait=wait)
    table = opened.exports.persons(recipient=recipient, form=_form(out))
    with opened_output(out) as target:
        write_persons(table, target, locale=locale)
    _report(opened, out, table.num_rows)


def links(
    registry: RegistryArgument,
    out: OutOption,
    review: Annotated[
        bool, typer.Option("--review", help="Only pairs for review, one for each pair of persons first.")
    ] = False,
    recipient: RecipientOption = None,
    locale: LocaleOption = "en",
    wait: WaitOption = WAIT,
) -> None:
    """Write pairs of records with decision and reason.

    Each pair also has its match weight in bits and its probability. Only the owner may read the file. In CSV a record
    id that a spreadsheet could take for a formula has an apostrophe in front. The audit log gets an entry before the
    file is written, so the registry must be writable.

    With --review the file has what is left for review: first the most probable pair of records of each pair of persons,
    then all others, each with the number of its pair of persons.
    """
    from linkage.answers import LINKS_FILE, REVIEW_FILE, check_table_export, write_links, write_review

    if out != STANDARD_OUTPUT:
        check_table_export(out, REVIEW_FILE if review else LINKS_FILE, locale=locale)
    opened = registry_class().open(registry, wait=wait)
    table = opened.exports.links(recipient=recipient, form=_form(out), review=review)
    with opened_output(out) as target:
        (write_review if review else write_links)(table, target, locale=locale)
    _report(opened, out, table.num_rows)


def _form(out: Path) -> str:
    """Return in what the rows leave: the suffix of the file, whose name may say more than the log should have."""
    return "standard output" if out == STANDARD_OUTPUT else out.suffix.removeprefix(".").lower()


@contextmanager
def opened_output(out: Path) -> Iterator[Path | IO[bytes]]:
    """Yield where to write: the path, or standard output, whose reader may stop before the end.

    Args:
        out: The path; `-` for standard output.

    Raises:
        ExportError: `export.closed` if standard output was closed before everything was written.
    """
    if out != STANDARD_OUTPUT:
        yield out
        return
    try:
        yield sys.stdout.buffer
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would write what is left once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ExportError("export.closed", "Standard output was closed before everything was written.") from None


def _report(opened: Registry, out: Path, n_rows: int) -> None:
    """Print what was written, on standard error if the rows went to standard output."""
    say(f"{out}: {n_rows} rows.", err=out == STANDARD_OUTPUT)
    if not opened.status().linked:
        say("Warning: the registry has changed since the last run of link, so this file is out of date.", err=True)
