"""`linkage export`: write persons or links to a CSV file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.options import WAIT, RegistryArgument, WaitOption, registry_class

if TYPE_CHECKING:
    import pyarrow as pa

    from linkage.pipeline import Registry

__all__ = ["LINKS_EXAMPLE", "PERSONS_EXAMPLE", "links", "persons"]

PERSONS_EXAMPLE: Final = """\b
Example: linkage export persons national.duckdb --out persons.csv
  persons.csv: 2841 rows.
  reporter,record_id,person_id
  police,pol-17,p...
A person id stays the same from run to run, unless records show that it was wrong."""

LINKS_EXAMPLE: Final = """\b
Example: linkage export links national.duckdb --out links.csv
  links.csv: 9841 rows.
  reporter_a,record_id_a,reporter_b,record_id_b,match_weight,probability,decision,reason
  police,pol-17,school,2026/0042,15.8371,0.198104,review,number of another person
\b
  decision  link: one person; review: someone should check; no link: listed from .01
  reason    why the decision differs from the probability, or the pair is left for review:
            docs/how-to/review-pairs.md"""

OutOption = Annotated[Path, typer.Option(help="The CSV file to write; an older one is replaced.")]


def persons(registry: RegistryArgument, out: OutOption, wait: WaitOption = WAIT) -> None:
    """Write each record with its person.

    One row per record, including persons met only once. Only the owner may read the file.
    """
    from linkage.answers import PERSONS_FILE, check_export, write_persons

    check_export(out, PERSONS_FILE)
    opened = registry_class().open(registry, wait=wait)
    _write(opened, write_persons, opened.persons(), out)


def links(registry: RegistryArgument, out: OutOption, wait: WaitOption = WAIT) -> None:
    """Write pairs of records with decision and reason.

    Each pair also has its match weight in bits and its probability. Only the owner may read the file.
    """
    from linkage.answers import LINKS_FILE, check_export, write_links

    check_export(out, LINKS_FILE)
    opened = registry_class().open(registry, wait=wait)
    _write(opened, write_links, opened.links(), out)


def _write(opened: Registry, writer: Callable[[pa.Table, Path], None], table: pa.Table, out: Path) -> None:
    writer(table, out)
    typer.echo(f"{out}: {table.num_rows} rows.")
    if not opened.status().linked:
        typer.echo(
            "Warning: the registry has changed since the last run of link, so this file is out of date.", err=True
        )
