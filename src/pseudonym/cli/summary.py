"""Text printed by `pseudonym encode`: what was read, what was written, and which rules were broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from pseudonym.console import OK, PARTIAL, print_json
from pseudonym.faults import RULES, Fault
from pseudonym.identity.reader import InputFile, is_identity_field
from pseudonym.wire import Header

__all__ = ["Result", "column_notices", "print_refused", "print_result", "unused_notice"]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a run, as the summary needs it."""

    header: Header
    faults: list[Fault]
    notices: tuple[str, ...]

    def count(self, effect: str) -> int:
        """Count the faults with one effect.

        Sees: neither
        """
        return sum(fault.effect == effect for fault in self.faults)

    @property
    def exit_status(self) -> int:
        """0 if everything was encoded, 3 if rows were rejected or values left out."""
        return PARTIAL if self.count("rejected") or self.count("left out") else OK


def column_notices(rows: InputFile) -> Iterator[str]:
    """Yield which columns were read and which were not, so that a misspelt header is noticed.

    Args:
        rows: The input.

    Yields:
        Sentences.

    Sees: neither
    """
    yield f"Read from the identity: {', '.join(filter(is_identity_field, rows.fields))}."
    if rows.columns.by_alias and rows.columns.headers:
        read = ", ".join(f"{rows.columns.headers[name]} as {name}" for name in rows.columns.by_alias)
        yield f"Swedish headers: {read}."
    yield from unused_notice(rows)


def unused_notice(rows: InputFile) -> Iterator[str]:
    """Yield the columns that were not read: by name, or as a count where a header might be an identity.

    Args:
        rows: The input.

    Yields:
        One sentence, or none if all columns were read.

    Sees: neither
    """
    if rows.unused_columns:
        yield f"Columns not read: {', '.join(rows.unused_columns)}."
    elif rows.columns.n_unused:
        yield f"Columns not read: {rows.columns.n_unused}."


def print_result(result: Result, out: Path, *, rejects: Path | None, as_json: bool) -> None:
    """Print the summary of a run as text or JSON.

    Args:
        result: The outcome of the run.
        out: The submission file.
        rejects: The rejects file, if there is one.
        as_json: Print JSON.

    Sees: neither
    """
    header = result.header
    if as_json:
        document = {
            "out": str(out),
            "records": header.records,
            "codes": header.codes,
            **_figures(result.faults),
            "notices": list(result.notices),
            "header": header.members(),
            "digest": header.digest,
        }
        print_json(document)
        return
    typer.echo(
        f"{out}: {header.records} records, {header.codes} codes, profile {header.profile}, sequence {header.sequence}."
    )
    for notice in result.notices:
        typer.echo(f"Note: {notice}")
    _print_faults(result.faults, rejects)


def print_refused(faults: list[Fault], rejects: Path | None, *, as_json: bool) -> None:
    """Print, as text or JSON, why no submission was written: the faults of an input that cannot be used as it is.

    Args:
        faults: The faults.
        rejects: The rejects file, if there is one.
        as_json: Print JSON.

    Sees: neither
    """
    if as_json:
        print_json({"out": None, **_figures(faults)})
        return
    typer.echo("No submission was written.")
    _print_faults(faults, rejects)


def _figures(faults: list[Fault]) -> dict[str, object]:
    """Return how many faults there are of each effect, and of each rule."""
    count = Counter(fault.effect for fault in faults)
    listed = [
        {"field": field, "rule": rule, "effect": effect, "count": number}
        for (field, rule, effect), number in _count_rules(faults)
    ]
    return {effect.replace(" ", "_"): count[effect] for effect in ("rejected", "left out", "marked")} | {
        "faults": listed
    }


def _count_rules(faults: list[Fault]) -> list[tuple[tuple[str, str, str], int]]:
    return sorted(Counter((fault.field or "row", fault.rule, fault.effect) for fault in faults).items())


def _print_faults(faults: list[Fault], rejects: Path | None) -> None:
    """Print the number of faults by rule, with the meaning of each rule."""
    if not faults:
        return
    count = Counter(fault.effect for fault in faults)
    typer.echo(
        f"Rows rejected: {count['rejected']}; values left out: {count['left out']}; "
        f"kept with a mark: {count['marked']}."
    )
    for (field, rule, effect), number in _count_rules(faults):
        typer.echo(f"  {number} x {field}: {effect} ({rule}). {RULES[rule]}")
    typer.echo(f"Listed in {rejects}." if rejects is not None else "Use --rejects FILE to list them row by row.")
