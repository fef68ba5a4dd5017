"""`linkage summary`: show what the registry holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import typer

from linkage.cli.codebook import codebook_line
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from linkage.cli.text import expectation_lines, persons_text, review_words
from pseudonym.console import print_json, table_text, wrapped

if TYPE_CHECKING:
    from linkage.answers import Summary
    from linkage.counting import PersonsExpected
    from linkage.pipeline import Status

__all__ = ["EXAMPLE", "summary", "summary_text"]

EXAMPLE: Final = """\b
Example: linkage summary national
  Records: 2841
  Unique persons: found 667, expected 624, range 594-654 (95 %), basis: by assumption
  Links: 9670; 24 pairs of persons for review (84 pairs of records)
  ...
  Persons known to both of two reporters:
    reporter              reporter              persons
    ...
    police                school                     59
  --json prints the same for programs."""


def summary(registry: RegistryArgument, wait: WaitOption = WAIT, as_json: JsonOption = False) -> None:
    """Show counts of records, persons, overlap and pairs of persons for review.

    For the staff of the registry: small counts are not suppressed, so do not publish this.
    """
    opened = registry_class().open(registry, wait=wait)
    found, status, expected = opened.summary(), opened.status(), opened.expected_persons()
    if as_json:
        told = None if expected is None else expected.to_dict()
        print_json(found.to_dict() | status.to_dict() | {"expected_persons": told})
    else:
        typer.echo(summary_text(found, status, expected))


def summary_text(summary: Summary, status: Status, expected: PersonsExpected | None) -> str:
    """Describe what the registry holds and how it is set up.

    Args:
        summary: What it holds.
        status: How it is set up.
        expected: How many persons it expects; None before the first run of link.
    """
    return "\n".join([*_figures(summary, status, expected), *_tables(summary), *_setup(summary, status)])


def _figures(summary: Summary, status: Status, expected: PersonsExpected | None) -> Iterator[str]:
    yield f"Records: {summary.records}"
    if expected is None:
        yield "Unique persons: unknown; link has not been run yet."
    else:
        yield wrapped(f"Unique persons: {persons_text(expected)}")
        yield f"Links: {summary.links}; {review_words(summary.review_persons, summary.review)}"
        yield from expectation_lines(status)
        model = "none" if status.model is None else f"{status.model}, fitted {status.model_fitted_at}"
        yield f"Last run of link: {summary.last_run} (model {model})"
        if status.refit_due:
            yield "The registry has outgrown the model: a refit is due (link --refit)."
        if not status.linked:
            yield (
                "link has not been run since the last submission or erasure, so persons and links are out of date "
                f"({summary.unlinked} records have no person yet)."
            )
    yield f"Rows in quarantine: {summary.quarantined}"


def _tables(summary: Summary) -> Iterator[str]:
    if summary.reporters:
        linked = summary.last_run is not None
        counts = [(row.reporter, row.records, row.persons if linked else "-") for row in summary.reporters]
        yield ""
        yield "By reporter (a person known to several reporters counts for each of them):"
        yield table_text(("reporter", "records", "persons"), counts)
    if summary.persons_by_reporters:
        yield ""
        yield "Persons by the number of reporters that know them:"
        yield table_text(("reporters", "persons"), summary.persons_by_reporters)
    if summary.overlap:
        yield ""
        yield "Persons known to both of two reporters:"
        shared = [(row.reporter_a, row.reporter_b, row.persons) for row in summary.overlap]
        yield table_text(("reporter", "reporter", "persons"), shared)


def _setup(summary: Summary, status: Status) -> Iterator[str]:
    yield ""
    yield f"Profile: {status.profile}"
    for one in reversed(status.codebooks):
        yield f"Codebook: {codebook_line(one)}"
    if summary.key_id is None:
        yield "Key id: not fixed; the first submission received will fix it."
    else:
        given = summary.key_id_fixed_by == "option"
        origin = "given when the registry was created" if given else "fixed by the first submission"
        epoch = f", epoch {status.epoch}" if status.epoch else ""
        yield f"Key id: {summary.key_id} ({origin}){epoch}"
    yield f"Submissions: {status.submissions}; record versions in history: {status.history}"
    if status.erased:
        yield f"Records erased because they were withdrawn or too old: {status.erased}"
    if status.erase_pending:
        yield "Deleted rows are still in the file; the next receive, link or erase will rewrite it."
    if status.unguarded_reason:
        yield "WARNING: under this profile every record is compared with every other."
        yield f"  Recorded reason: {status.unguarded_reason}"
