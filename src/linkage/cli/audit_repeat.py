"""`linkage audit repeat`: compute the latest run again and say whether the same came out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import typer

from linkage.cli.options import (
    WAIT,
    JsonOption,
    KeyOption,
    RegistryArgument,
    ThreadsOption,
    WaitOption,
    registry_class,
)
from pseudonym.console import PARTIAL, print_json, progress, wrapped

if TYPE_CHECKING:
    from linkage.pipeline import Repetition

__all__ = ["EXAMPLE", "repeat"]

EXAMPLE: Final = """\b
Example: linkage audit repeat national
  Run 7 of 2026-04-02 was repeated: the same links and the same persons.
\b
After new submissions it cannot be repeated any more:
  Run 7 of 2026-04-02 was not repeated, because these have changed since: cases, records.
  Submissions since: 41 to 44. Erasures: 1.
  Link again, then repeat."""


def repeat(
    registry: RegistryArgument,
    registry_key: KeyOption = None,
    threads: ThreadsOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Compute the latest run again from what is stored, and say whether the same came out.

    Nothing is written. The audit log has digests of the records, cases, profile and model of the run, and of the links
    and persons that came out. If any of the former has changed, as after a submission or a purge, nothing is
    computed.
    """
    opened = registry_class().open(registry, registry_key=registry_key, threads=threads, wait=wait)
    from linkage.pipeline import LINK_STEPS

    with progress(*LINK_STEPS) as show:
        found = opened.audit.repeat(progress=show)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo("\n".join(map(wrapped, _lines(found))))
    if not found.same:
        raise typer.Exit(PARTIAL)


def _lines(found: Repetition) -> Iterator[str]:
    run = f"Run {found.run} of {found.linked_at[:10]}"
    if found.changed:
        yield f"{run} was not repeated, because these have changed since: {', '.join(found.changed)}."
        yield from _since(found)
        return
    if found.differs:
        yield f"{run} was repeated, and these came out otherwise: {', '.join(found.differs)}."
    else:
        yield f"{run} was repeated: the same links and the same persons."
    if found.altered:
        yield f"Not as the run stored them: {', '.join(found.altered)}. Somebody has changed the file."
    if found.libraries:
        yield f"Other versions than then: {', '.join(found.libraries)}."


def _since(found: Repetition) -> Iterator[str]:
    """Yield the lines about submissions, erasures and purges since the run."""
    if found.submissions is None and not found.erasures and not found.purged:
        yield "Neither a submission nor an erasure nor a purge has come since: somebody has changed the file."
        return
    first, last = found.submissions or (0, 0)
    came = "none" if found.submissions is None else f"{first} to {last}" if first < last else str(first)
    purged = f" Records purged: {found.purged}." if found.purged else ""
    yield f"Submissions since: {came}. Erasures: {found.erasures}.{purged}"
    yield "Link again, then repeat."
