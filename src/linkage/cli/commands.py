"""The commands of `linkage`."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from linkage.cli.explain_text import explanation_text
from linkage.cli.text import coverage_text, link_text, privacy_text, receipt_text, summary_text
from linkage.errors import ExportError, LinkageError, RefusedError, missing_extra
from pseudonym.console import PARTIAL, Failure, print_failure, print_json, progress

if TYPE_CHECKING:
    import pyarrow as pa

    from linkage.intake import Receipt
    from linkage.pipeline import Registry

__all__ = ["app", "explain_error"]

_ORDER: Final = """\b
The usual order:
  linkage init national.duckdb
  linkage receive national.duckdb police-2026-03.parquet school-2026-03.parquet
  linkage link national.duckdb
  linkage summary national.duckdb
  linkage privacy national.duckdb
  linkage export persons national.duckdb --out persons.csv

\b
Look at pairs left for review:
  linkage export links national.duckdb --out links.csv
  linkage explain national.duckdb police/pol-17 school/2026/0042 --svg pair.svg

Receive and link again whenever new submissions come. 'linkage COMMAND --help' shows what each of them prints."""

_INIT: Final = """\b
Example: linkage init national.duckdb --codebook case-registry --registry-key /secure/national.key
  Registry made: national.duckdb (profile case-registry).
  Its own key: /secure/national.key. Keep it apart from the registry file, and keep a backup.
  No key id given: the first submission received will fix it."""

_RECEIVE: Final = """\b
Example: linkage receive national.duckdb police-2026-03.parquet school-2026-03.parquet
  police-2026-03.parquet: received 212 records: 12 new, 3 superseding an older version, ...
  school-2026-03.parquet: already received; nothing changed (school, period 2026-03, sequence 7)."""

_LINK: Final = """\b
Example: linkage link national.duckdb
  Linked 2841 records: 676 unique persons.
    Pairs compared: 10390; links: 9644; pairs for review: 162.
    ...
    Expected precision of the links: 0.9977.
    Expected recall: 0.8944 (with an estimate of the matches that share no match key).
    Changes of person ids: 676 created.
  Expectations are the model's own, which does not know the truth. A match is a pair of
  records of one person, found or not; a link is one that was found. A registry large enough
  is also told how many persons it would have if every record were recognised."""

_EXPLAIN: Final = """\b
Example: linkage explain national.duckdb police/pol-17 school/2026/0042 --svg pair.svg
  Shared match keys: 2 (2 number)
    field        difference  level     m       u         weight
    given_names  0.00 bits   7 of 0-7  0.6593  0.000585  +10.14
    ...
    before competition  +4.10   probability 0.9449
  Decision: link (one person).
  Of the second record the body is school and the id 2026/0042.
  docs/how-to/review-pairs.md reads such an explanation line by line."""

_PRIVACY: Final = """\b
Example: linkage privacy national.duckdb
  Share rate (records that share a match key with another person): 0.1345
    The profile was measured for 0.3540: 5,000 children born over 14 years, ...
    match key       records that share it  shared keys  persons in the largest
    number                             13            5                       2
    ...
  WARNING: 588 of 676 persons have a unique payload, ... Remedy: use coarser codes or ..."""

_COVERAGE: Final = """\b
Example: linkage coverage national.duckdb --through 2026-03
    body    period   state     submissions  records
    police  2026-02  reported            1      212
    police  2026-03  SILENT              0        0
    school  2026-03  zero                1        0
  zero: the body said that it had nothing to report. SILENT: it said nothing."""

_SUMMARY: Final = """\b
Example: linkage summary national.duckdb
  Records: 2841
  Unique persons: 676
  Links: 9644; pairs for review: 162
  ...
  Persons known to both of two bodies:
    body    body    persons
    police  school       41
  --json has the same for programs."""

_LINKS: Final = """\b
Example: linkage export links national.duckdb --out links.csv
  links.csv: 9841 rows.
  reporter_a,record_id_a,reporter_b,record_id_b,match_weight,probability,decision,reason
  police,pol-17,school,2026/0042,15.8371,0.198104,review,number of another person
\b
  decision  link: one person; review: somebody should look; no link: listed from .01 on
  reason    why the probability was not followed, or a pair waits: docs/how-to/review-pairs.md"""

_PERSONS: Final = """\b
Example: linkage export persons national.duckdb --out persons.csv
  persons.csv: 2841 rows.
  reporter,record_id,person_id
  police,pol-17,p...
A person id stays the same from run to run, unless records show that it was wrong."""

PERIOD = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")
HEAD_BYTES = 1024
"""Enough of a file to see that it is a key: its warning and the beginning of its line."""

app = typer.Typer(
    name="linkage",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Link records that reporting bodies have encoded, and count unique persons, without reading whose they are.",
    epilog=_ORDER,
)
export = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Write persons or links to a CSV file.",
    epilog="Example: linkage export persons national.duckdb --out persons.csv",
)
app.add_typer(export, name="export")

_Registry = Annotated[Path, typer.Argument(metavar="REGISTRY", help="The registry file.")]
_Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
_Threads = Annotated[int | None, typer.Option(min=1, help="Threads to use. Default: as many as there are cores.")]
_Wait = Annotated[
    float, typer.Option(min=0, max=86400, help="Seconds to wait for another process that uses the registry.")
]
_Key = Annotated[
    Path | None,
    typer.Option(help="File of the registry's own key. Default: LINKAGE_REGISTRY_KEY, else REGISTRY.key beside it."),
]
_Out = Annotated[Path, typer.Option(help="The CSV file to write; one that stands there is replaced.")]

WAIT: Final = 5.0

_Content = TypeVar("_Content")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"linkage {_installed_version()}")
        raise typer.Exit


def _installed_version() -> str:
    try:
        return metadata.version("pseudonym-linkage")
    except metadata.PackageNotFoundError:
        return "(run from a source tree)"


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Link records that reporting bodies have encoded, and count unique persons."""


@app.command(epilog=_INIT)
def init(
    registry: Annotated[Path, typer.Argument(metavar="REGISTRY", help="New registry file; nothing is overwritten.")],
    profile: Annotated[str, typer.Option(help="Name of a profile, or a profile file.")] = "case-registry",
    key_id: Annotated[
        str | None, typer.Option(help="Key id that submissions must carry. Default: that of the first one received.")
    ] = None,
    codebook: Annotated[
        str | None, typer.Option(help="Codebook of the payload: a file, or the name of one that ships.")
    ] = None,
    registry_key: _Key = None,
    allow_unguarded: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Allow a profile that compares every record with every other; recorded."),
    ] = None,
) -> None:
    """Make a new registry, and a key of its own for it.

    The registry stores every code under its own key, which no body knows. Keep that key apart from the registry file
    and back it up: without it nothing more can be received.
    """
    made = _registry_class().create(
        registry,
        profile=profile,
        key_id=key_id,
        codebook=codebook,
        registry_key=registry_key,
        allow_unguarded=allow_unguarded,
    )
    typer.echo(f"Registry made: {registry} (profile {made.settings.profile.name}).")
    typer.echo(f"Its own key: {made.registry_key}. Keep it apart from the registry file, and keep a backup.")
    if key_id is None:
        typer.echo("No key id given: the first submission received will fix it.")


@app.command(epilog=_RECEIVE)
def receive(
    registry: _Registry,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Submission files.")],
    registry_key: _Key = None,
    threads: _Threads = None,
    wait: _Wait = WAIT,
    as_json: _Json = False,
) -> None:
    """Receive submissions, each whole or not at all.

    Exit status 0: all received whole, or received before. 3: received, but rows that break a rule were put in
    quarantine. 4: at least one file was refused; nothing of it was stored, and the others stand. The order of the
    files does not matter.
    """
    opened = _registry_class().open(registry, registry_key=registry_key, threads=threads, wait=wait)
    with progress() as show:
        results = opened.receive_all(files, progress=show)
    pairs = list(zip(files, results, strict=True))
    if as_json:
        print_json([_receive_json(path, result) for path, result in pairs])
    for path, result in pairs:
        if isinstance(result, RefusedError):
            print_failure("linkage", _failure(result))
        elif not as_json:
            typer.echo(receipt_text(path, result))
    if any(isinstance(result, RefusedError) for result in results):
        raise typer.Exit(RefusedError.exit_status)
    if any(not isinstance(result, RefusedError) and result.n_quarantined for result in results):
        raise typer.Exit(PARTIAL)


def _receive_json(path: Path, result: Receipt | RefusedError) -> dict[str, object]:
    if isinstance(result, RefusedError):
        return {"file": str(path), "outcome": "refused", "rule": result.rule, "message": result.message}
    return {"file": str(path), **result.to_dict()}


@app.command(epilog=_LINK)
def link(
    registry: _Registry,
    refit: Annotated[
        bool, typer.Option("--refit", help="Fit the model anew from all records, as a new version of it.")
    ] = False,
    threads: _Threads = None,
    wait: _Wait = WAIT,
    as_json: _Json = False,
) -> None:
    """Find the persons among all records received.

    The first run fits a model; later runs use it, so that person ids change only where records do. If the run is
    interrupted, the results of the run before stand.
    """
    opened = _registry_class().open(registry, threads=threads, wait=wait)
    with progress() as show:
        report = opened.link(refit=refit, progress=show)
    if as_json:
        print_json(report.to_dict())
    else:
        typer.echo(link_text(report))


@app.command(epilog=_SUMMARY)
def summary(registry: _Registry, wait: _Wait = WAIT, as_json: _Json = False) -> None:
    """Show records, unique persons, the overlap between bodies, and what waits for review.

    For those who run the registry: small counts are shown as they are, so this is nothing to publish.
    """
    opened = _registry_class().open(registry, wait=wait)
    found, status = opened.summary(), opened.status()
    if as_json:
        print_json(found.to_dict() | status.to_dict())
    else:
        typer.echo(summary_text(found, status))


@app.command(epilog=_EXPLAIN)
def explain(
    registry: _Registry,
    record_a: Annotated[str, typer.Argument(metavar="BODY/RECORD_ID", help="A record: its body, a slash, its id.")],
    record_b: Annotated[str, typer.Argument(metavar="BODY/RECORD_ID", help="Another record.")],
    svg: Annotated[Path | None, typer.Option(help="Draw the sum as a waterfall into this SVG file too.")] = None,
    wait: _Wait = WAIT,
    as_json: _Json = False,
) -> None:
    """Show why two records are, or are not, taken for one person.

    For each field how many bits of weight it gave, what competed, what was decided and why; never a value, a match key
    or a bit string. A record is named as the exports name it, body and id with a slash between them; only the first
    slash divides, so an id may hold more. Bits are log2 of odds: +1 doubles the odds that it is one person.
    """
    found = _registry_class().open(registry, wait=wait).explain(record_a, record_b)
    if svg is not None:
        from linkage.answers import write_waterfall

        _put(write_waterfall, found, svg, option="--svg")
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(explanation_text(found))


@app.command(epilog=_PRIVACY)
def privacy(registry: _Registry, wait: _Wait = WAIT, as_json: _Json = False) -> None:
    """Show what the records at hand give away to whoever reads the registry, against what was measured.

    The share rate is the share of records that share a match key with another person: known attacks work on those.
    Payload is counted beside it, as it is often the larger leak. Run it after every link; it names the remedy.
    """
    found = _registry_class().open(registry, wait=wait).privacy()
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(privacy_text(found))


@app.command(epilog=_COVERAGE)
def coverage(
    registry: _Registry,
    through: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Expect periods up to this one: 2026-03 or 2026.")
    ] = None,
    wait: _Wait = WAIT,
    as_json: _Json = False,
) -> None:
    """Show who reported, sent an empty period, or was silent, period by period."""
    if through is not None and not PERIOD.fullmatch(through):
        raise typer.BadParameter("--through is 2026-03 or 2026.")
    rows = _registry_class().open(registry, wait=wait).coverage(through=through).to_pylist()
    if as_json:
        print_json(rows)
    else:
        typer.echo(coverage_text(rows))


@export.command(epilog=_PERSONS)
def persons(registry: _Registry, out: _Out, wait: _Wait = WAIT) -> None:
    """Write each record with its person, one row a record, persons met once too."""
    from linkage.answers import write_persons

    opened = _registry_class().open(registry, wait=wait)
    _write(opened, write_persons, opened.persons(), out)


@export.command(epilog=_LINKS)
def links(registry: _Registry, out: _Out, wait: _Wait = WAIT) -> None:
    """Write pairs of records with match weight (bits), probability, decision and reason."""
    from linkage.answers import write_links

    opened = _registry_class().open(registry, wait=wait)
    _write(opened, write_links, opened.links(), out)


def _put(writer: Callable[[_Content, Path], None], content: _Content, out: Path, *, option: str) -> None:
    """Write a file where nothing stands that must not be replaced."""
    try:
        if _is_precious(out):
            raise typer.BadParameter(f"{option} must not replace a key, a submission, a registry or a device.")
        writer(content, out)
    except OSError:
        raise ExportError(
            "export.unwritable", "The file cannot be written: no space, no permission, or no such folder.", path=out
        ) from None


def _write(opened: Registry, writer: Callable[[pa.Table, Path], None], table: pa.Table, out: Path) -> None:
    _put(writer, table, out, option="--out")
    typer.echo(f"{out}: {table.num_rows} rows.")
    if not opened.status().linked:
        typer.echo("Warning: link has not been run since the last submission; newer records are missing.", err=True)


def _is_precious(path: Path) -> bool:
    """Recognise, by how it begins, a file that an export must not replace."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        return True
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    return head.startswith(b"PAR1") or head[8:12] == b"DUCK" or b"-SECRET-" in head


def _registry_class() -> type[Registry]:
    """Load the pipeline, which needs the extra `registry`; help and version do not."""
    try:
        from linkage.pipeline import Registry
    except ModuleNotFoundError as error:
        explained = missing_extra(error)
        if explained is None:
            raise
        raise explained from None
    return Registry


def explain_error(error: Exception) -> Failure | None:
    """Return what the user is shown for an error of `linkage`, or None for any other error."""
    return _failure(error) if isinstance(error, LinkageError) else None


def _failure(error: LinkageError) -> Failure:
    path = "" if error.path is None else f"{error.path}: "
    return Failure(f"{path}{error.message} ({error.rule})", error.hint, error.exit_status)
