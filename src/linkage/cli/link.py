"""`linkage link`: find the persons."""

from __future__ import annotations

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
from linkage.cli.purge import REVIEW_DAYS, purge_now
from linkage.cli.text import expectation_lines, persons_text, review_words
from pseudonym.console import print_json, progress, wrapped

if TYPE_CHECKING:
    from linkage.counting import PersonsExpected
    from linkage.pipeline import LinkReport

__all__ = ["EXAMPLE", "link", "link_text"]

_REFIT: Final = (
    "After a refit, probabilities and links differ from those of earlier runs. Persons keep their ids unless they "
    "merge or split, and every such change is recorded."
)

_ELSEWHERE: Final = "The statistics unit says how many persons are expected, once it has the hand-over of this run."

EXAMPLE: Final = """\b
Example: linkage link national
  Linked 2841 records: 667 unique persons.
    Pairs compared: 10455; links: 9670; 24 pairs of persons for review (84 pairs of records).
    ...
    Expected precision of the links: 0.9965.
    Expected recall: 0.9170 (including an estimate of matches that share no match key).
    Persons: found 667, expected 624, range 594-654 (95 %), basis: by assumption.
    Changes of person ids: 667 created.
  Expected figures are the model's own estimates; it does not know the truth. A match is a
  pair of records of one person, found or not; a link is a pair that was decided to be one.
  Who was not recognised counts twice, so that what was found often lies above the range."""


def link(
    registry: RegistryArgument,
    refit: Annotated[
        bool, typer.Option("--refit", help="Fit a new version of the model from all current records.")
    ] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="Compare and weigh all records, not only those touched by a change; same result."),
    ] = False,
    purge: Annotated[
        bool, typer.Option("--purge", help="Then purge what different persons share, as 'linkage purge' does.")
    ] = False,
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
    """Find the persons among all records received.

    The first run fits a model. Later runs use the same model, so person ids change only where records change, until
    --refit fits a new one. A note says when that is due: when the records have more than doubled since the fit, or when
    reporters that the model has not seen have over a third of them. With the same model, only new records are compared,
    and only records that they touch are weighed again; the result is that of a full run. If the run is interrupted, the
    results of the previous run remain.

    Before it begins, the run counts from match keys how many pairs there will be, and ends if they would take more
    memory than is available; the message says what would fit.

    With --engine spark a cluster joins the codes and compares the pairs, with the same answer. It gets the codes under
    a key of the run, and never the registry's own.
    """
    cluster = cluster_of(engine, remote, master, scratch)
    opened = registry_class().open(registry, registry_key=registry_key, threads=threads, wait=wait)
    from linkage.pipeline import LINK_STEPS

    with progress(*LINK_STEPS) as show:
        report = opened.link(
            refit=refit, full=full, cluster=cluster, beyond_memory=beyond_memory, then_purge=purge, progress=show
        )
    expected = None if opened.unit == "linkage" else opened.expected_persons()
    said: dict[str, Any] = report.to_dict() | {"expected_persons": None if expected is None else expected.to_dict()}
    if not as_json:
        typer.echo(link_text(report, expected))
    if purge:
        numbers = purge_now(
            opened, REVIEW_DAYS, cluster=cluster, beyond_memory=beyond_memory, as_json=as_json, before=said
        )
        said |= {"purge": numbers}
    if as_json:
        print_json(said)


def link_text(report: LinkReport, expected: PersonsExpected | None) -> str:
    """Describe the result of a run.

    Args:
        report: What the run found.
        expected: How many persons the statistics unit expects; None if it is elsewhere.
    """
    persons = _ELSEWHERE if expected is None else f"Persons: {persons_text(expected)}."
    fitted = "fitted in this run" if report.fitted else "fitted in an earlier run"
    model = "No model: there were no pairs to learn from" if report.model is None else f"Model {report.model}, {fitted}"
    changes = ", ".join(f"{count} {kind}" for kind, count in report.changes.items() if count)
    review = review_words(report.review_persons, report.review)
    lines = [
        f"Linked {report.records} records: {report.persons} unique persons.",
        f"  Pairs compared: {report.pairs}; links: {report.links}; {review}.",
        f"  Compared with records of other persons: {report.strangers_a_record:.1f} a record.",
        f"  {model}; run {report.run}, {report.seconds:.1f} seconds.",
        f"  {_scope(report)}.",
        *(f"  {line}." for line in expectation_lines(report)),
        wrapped(f"  {persons}"),
        *([f"  Records erased since the previous run: {report.erased}."] if report.erased else []),
        f"  Changes of person ids: {changes or 'none'}.",
        *(wrapped(f"  Note: {note}") for note in report.notes),
        *([wrapped(f"  {_REFIT}")] if report.refit_due else []),
    ]
    return "\n".join(lines)


def _scope(report: LinkReport) -> str:
    """Return which records were compared and weighed."""
    if report.new_records is None:
        return f"Full run: {report.full_run}"
    return f"{report.new_records:,} new records; {report.weighed_again:,} of {report.records:,} records weighed again"
