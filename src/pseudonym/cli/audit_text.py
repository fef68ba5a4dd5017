"""Text printed by `pseudonym check` for a submission: counts, names of match keys and items, record ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer

from pseudonym.audit import Audit
from pseudonym.cli.text import print_table, share
from pseudonym.console import wrapped
from pseudonym.wire import QUALITY_RECORDS

__all__ = ["print_audit"]

SHOWN: Final = 10
"""Number of pairs of record ids that are shown; `--json` lists up to a thousand."""


def print_audit(path: Path, found: Audit) -> None:
    """Print what a submission reveals to its reader, and the warnings for its reporter.

    Args:
        path: The submission.
        found: The counts and warnings.

    Sees: neither
    """
    header = found.header
    typer.echo(
        wrapped(
            f"{path}: a submission of {header.reporter}, period {header.period or 'none'}, sequence {header.sequence}: "
            f"{header.records:,} records, {header.codes:,} codes, profile {header.profile}. Digests and counts fit."
        )
    )
    if header.records:
        _print_identity(found)
        _print_sharing(found)
        _print_repeats(found)
        _print_payload(found)
    for warned in found.warnings:
        typer.echo("\n" + wrapped(f"WARNING: {warned.text} ({warned.rule})"))
    typer.echo("" if found.warnings else "\nNo warnings.")


def _print_identity(found: Audit) -> None:
    n_records = found.header.records
    quality = found.header.quality
    if quality is None:
        typer.echo(f"\nIdentity fields: not counted, because the file has fewer than {QUALITY_RECORDS} records.")
    else:
        typer.echo("\nIdentity fields, counted at encoding (records):")
        rows = [
            (name, share(one.missing, n_records), share(one.unreadable, n_records), share(one.marked, n_records))
            for name, one in quality.items()
        ]
        print_table(("field", "missing", "unreadable", "placeholder or invalid"), rows)
    fill = found.fill
    if fill.padded:
        typer.echo(
            wrapped(
                f"Contents: {'as' if fill.looks_random else 'NOT as'} random bits, so they show no length of a name: "
                f"{100 * fill.mean:.2f} % ones, spread {fill.spread:.4f} (random: 50 %, {fill.random_spread:.4f})."
            )
        )
    else:
        typer.echo(
            wrapped(
                f"Contents: not padded; {100 * fill.mean:.1f} % ones, from {100 * fill.lowest:.1f} to "
                f"{100 * fill.highest:.1f} %: more ones mean a longer name."
            )
        )


def _print_sharing(found: Audit) -> None:
    sharing = found.sharing
    typer.echo("\nMatch keys shared with another person; known attacks without the key work on these:")
    rows = [
        (
            kind.kind,
            str(key.n_codes),
            share(kind.records, sharing.records),
            f"{kind.groups:,}",
            f"{kind.largest_group:,}",
        )
        for key, kind in zip(found.profile.encoding.match_keys, sharing.kinds, strict=True)
    ]
    print_table(("match key", "codes per record", "records that share", "shared keys", "persons in the largest"), rows)
    typer.echo(
        wrapped(f"Records that share any match key: {share(sharing.sharing, sharing.records)}.{_measured(found)}")
    )
    if sharing.several_identities:
        several = share(sharing.several_identities, sharing.records)
        typer.echo(f"Records that visibly have several identities: {several}.")


def _measured(found: Audit) -> str:
    measured, expected = found.profile.privacy, found.expected_share_rate
    if measured is None:
        return ""
    text = f" The profile was measured for {100 * measured.share_rate:.1f} %: {measured.population}."
    if expected is not None:
        text += f" With {found.sharing.persons:,} such persons, {100 * expected:.1f} % is expected; families raise it."
    return text


def _print_repeats(found: Audit) -> None:
    sharing = found.sharing
    typer.echo(
        "\n"
        + wrapped(
            f"Records that appear to belong to one person: {found.repeated_pairs:,} pairs, so about "
            f"{sharing.persons:,} persons in {sharing.records:,} records. This is right if a person was reported "
            "twice, wrong if one report was entered twice."
        )
    )
    for line in _pairs(found):
        typer.echo(f"  {line}")
    if found.repeated_pairs > SHOWN:
        typer.echo("  ... (--json lists up to a thousand)")


def _pairs(found: Audit) -> Iterator[str]:
    for number, (first, second) in enumerate(found.listed[:SHOWN]):
        same = ", equal in everything else that is sent" if number < found.entered_twice else ""
        yield f"{first or '(not shown)'} and {second or '(not shown)'}{same}"


def _print_payload(found: Audit) -> None:
    if not found.payload:
        return
    n_records = found.header.records
    typer.echo("\nPayload, which is sent in the clear (records):")
    names = [one.items for one in found.payload[:-1]] + ["all together"]
    if len(found.payload) == 1:
        names = [found.payload[0].items]
    rows = [
        (name, share(filled, n_records), f"{one.unique:,}", f"{one.rare:,}")
        for name, one, filled in zip(names, found.payload, found.filled, strict=True)
    ]
    print_table(("items", "filled", "unique to one record", "shared by fewer than five"), rows)
