"""`linkage receipt`: print the receipt that goes back to a reporter, and write receipts for `linkage receive`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.options import (
    WAIT,
    JsonOption,
    RegistryArgument,
    StatisticsKeyOption,
    WaitOption,
    registry_class,
    reporters,
)
from linkage.errors import RefusedError, RegistryKeyError
from pseudonym.console import print_json, say

if TYPE_CHECKING:
    from linkage.pipeline import Receipt, Registry

__all__ = ["EXAMPLE", "Language", "LanguageOption", "receipt", "write_receipts"]

EXAMPLE: Final = """\b
Example: linkage receipt national police --sequence 7
  Receipt linkage-receipt/1 / Kvitto: police
\b
  Reporter: police. Period: 2026-03. Sequence number: 7.
  Received 2026-04-02 12:00 (UTC): stored.
  You have signed the file.
\b
  Records in the file: 212
    new: 12
    replacing an older version: 3
    unchanged: 195
    not used, because they break a rule: 2
\b
  Rows that were not used. Correct them and send them again, with a higher sequence number:
    2 x role.unknown: A role is victim, accompanying_adult or accompanying_child.
      pol-17, pol-18
\b
  Missing:
    2026-02: nothing has come; it was due on 2026-03-30.
  ..."""


class Language(StrEnum):
    """The languages of a receipt."""

    EN = "en"
    SV = "sv"


LanguageOption = Annotated[Language, typer.Option(help="Language of the text; JSON is the same in both.")]


def receipt(
    registry: RegistryArgument,
    reporter: Annotated[
        str, typer.Argument(metavar="REPORTER", help="Code of the reporter.", autocompletion=reporters)
    ],
    sequence: Annotated[
        int | None, typer.Option(min=0, help="Sequence number of the file. Default: the one received last.")
    ] = None,
    language: LanguageOption = Language.EN,
    statistics_key: StatisticsKeyOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Print the receipt that goes back to a reporter for a file.

    It says what became of the records, which rows were not used and why, how complete the identities are, and what is
    missing. It says nothing about other reporters, persons or links, so it may be sent. What came later does not change
    it; only ids of rows that were erased since are left out.

    As JSON (--json) it has the signature of the statistics unit, by which the reporter knows who has written it. The
    key is read where it is expected; if it is under a pass phrase, you are asked for that only with --statistics-key.
    """
    opened = registry_class().open(registry, wait=wait)
    found = opened.receipt(reporter, sequence=sequence, key_file=statistics_key)
    if as_json:
        print_json(found.to_dict())
        if found.signature is None:
            _say_unsigned(opened.why_unsigned(), many=False)
        return
    from linkage.answers import receipt_text

    typer.echo(receipt_text(found, language.value))


def write_receipts(
    opened: Registry,
    pairs: Iterable[tuple[Path, Receipt | RefusedError]],
    folder: Path,
    *,
    language: Language,
    quiet: bool,
) -> None:
    """Write a receipt for each file that was received or refused.

    Args:
        opened: The registry.
        pairs: Each file with its result.
        folder: Where they are written.
        language: The language of the text.
        quiet: Whether to print no line for each receipt.

    Raises:
        ExportError: A receipt cannot be written.
    """
    from linkage.answers import receipt_text, write_receipt

    written: Counter[Path] = Counter()
    unsigned = False
    for path, result in pairs:
        if isinstance(result, RefusedError):
            made = opened.refusal_receipt(path, result)
            if made is None:
                say(f"{path}: no receipt, because its header does not say whose it is.", err=True)
                continue
            ending = "-refused"
        else:
            made, ending = opened.receipt(result.reporter, sequence=result.sequence), ""
        target = folder / f"receipt-{made.reporter}-{made.sequence}{ending}"
        written[target] += 1
        if written[target] > 1 and made.refusal is not None:
            # Another file with the same number was refused too.
            target = target.with_name(f"{target.name}-{written[target]}")
        write_receipt(made, receipt_text(made, language.value), target)
        unsigned = unsigned or made.signature is None
        if not quiet:
            say(f"{target}.json, {target.name}.txt: receipt for {made.reporter}.")
    if unsigned:
        _say_unsigned(opened.why_unsigned(), many=True)


def _say_unsigned(why: RegistryKeyError | None, *, many: bool) -> None:
    """Say that receipts are not signed, why, and what to do."""
    what = "The receipts are" if many else "The receipt is"
    say(f"{what} not signed, so anybody could have written {'them' if many else 'it'}.", err=True)
    if why is None:
        return
    say(f"  {why.message.removesuffix('.')} ({why.rule}).", err=True)
    remedy = why.hint or ""
    if why.rule == "statistics_key.wrapped" or many:
        remedy = "To sign: linkage receipt REGISTRY REPORTER --json --statistics-key FILE"
    say(f"  {remedy}", err=True)
