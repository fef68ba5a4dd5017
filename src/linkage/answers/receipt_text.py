"""A receipt for a reporter as text, in Swedish or English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from linkage.answers.receipt_words import WORDS, remedy, rule_sentence
from linkage.answers.reporter_receipt import FORMAT, TITLE, MissingPeriod, RefusedRows, ReporterReceipt
from pseudonym.console import table_text, wrapped

__all__ = ["receipt_text"]

MAX_IDS: Final = 20
"""Record ids that are listed for one rule; all of them are in the JSON form."""


def receipt_text(receipt: ReporterReceipt, language: str = "en") -> str:
    """Lay out a receipt as text.

    Args:
        receipt: The receipt.
        language: `en` or `sv`.

    Returns:
        Lines without a final line end. The first one is the same in every language.
    """
    parts = (_origin, _counts, _refused, _quality, _refusal, _missing, _documents)
    blocks = ["\n".join(wrapped(line) for line in part(receipt, language)) for part in parts]
    blocks.append(_say("only", language))
    title = TITLE.format(format=FORMAT, reporter=receipt.reporter)
    return "\n\n".join([title, *(block for block in blocks if block)])


def _say(key: str, language: str, **values: Any) -> str:
    text: str = getattr(WORDS[key], language)
    return text.format(**values)


def _origin(receipt: ReporterReceipt, language: str) -> Iterator[str]:
    period = receipt.period or _say("no period", language)
    yield _say("origin", language, reporter=receipt.reporter, period=period, sequence=receipt.sequence)
    at = receipt.received_at[: len("YYYY-MM-DDTHH:MM")].replace("T", " ")
    yield _say("received", language, at=at, outcome=_say(receipt.outcome, language))
    if receipt.refusal is None:
        yield _say("unsigned" if receipt.signed_with is None else "signed", language)


def _counts(receipt: ReporterReceipt, language: str) -> Iterator[str]:
    if receipt.refusal is None:
        what = {"withdrawal": "named", "totals": "cells"}.get(receipt.kind, "records")
        yield _say(what, language, n=receipt.cells if receipt.kind == "totals" else receipt.records)
        numbers = (
            ("new", receipt.new),
            ("changed", receipt.changed),
            ("same", receipt.unchanged),
            ("late", receipt.late),
            ("not used", receipt.n_refused),
        )
        yield from ("  " + _say(key, language, n=n) for key, n in numbers if n)
    values = receipt.to_dict()
    if receipt.withdrawn or receipt.withdrawn_versions or receipt.withdrawn_rows:
        yield _say("erased", language, **values)
    if receipt.withdrawn_totals:
        yield _say("erased totals", language, **values)
    if receipt.unknown_records or receipt.unknown_cases:
        yield _say("unknown", language, **values)


def _refused(receipt: ReporterReceipt, language: str) -> Iterator[str]:
    if receipt.refused:
        yield _say("rows", language)
    for rows in receipt.refused:
        yield f"  {rows.rows} x {rows.rule}: {rule_sentence(rows.rule, language)}"
        yield "    " + "; ".join(_ids(rows, language))


def _ids(rows: RefusedRows, language: str) -> Iterator[str]:
    if rows.record_ids:
        yield ", ".join(rows.record_ids[:MAX_IDS])
    if len(rows.record_ids) > MAX_IDS:
        yield _say("more", language, n=len(rows.record_ids) - MAX_IDS)
    if len(rows.record_ids) < rows.rows:
        yield _say("without id", language, n=rows.rows - len(rows.record_ids))


def _quality(receipt: ReporterReceipt, language: str) -> Iterator[str]:
    if receipt.kind == "withdrawal" or receipt.refusal is not None or not receipt.records:
        return
    if receipt.quality is None:
        yield _say("no quality", language)
        return
    yield _say("quality", language)
    figures = ("missing", "unreadable", "marked")
    header = [_say(name, language) for name in ("field", *figures)]
    rows = [(field, *(counts[figure] for figure in figures)) for field, counts in receipt.quality.items()]
    yield from table_text(header, rows).splitlines()


def _refusal(receipt: ReporterReceipt, language: str) -> Iterator[str]:
    if receipt.refusal is not None:
        yield _say("why", language, message=receipt.refusal.message, rule=receipt.refusal.rule)
        yield _say("do", language, remedy=remedy(receipt.refusal.rule, language))


def _missing(receipt: ReporterReceipt, language: str) -> Iterator[str]:
    if not receipt.missing_periods and not receipt.missing_before:
        yield _say("nothing", language)
        return
    yield _say("is missing", language)
    for period in receipt.missing_periods:
        yield "  " + _say(_words_of(period), language, period=period.period, due=period.due)
    for sequence in receipt.missing_before:
        yield "  " + _say("before", language, n=sequence)


def _words_of(period: MissingPeriod) -> str:
    if period.state == "late":
        return "came late"
    return "silent" if period.due is None else "silent due"


def _documents(receipt: ReporterReceipt, language: str) -> Iterator[str]:
    values = receipt.to_dict()
    if receipt.key_id is not None:
        yield _say("key", language, **values)
    if receipt.profile is not None:
        yield _say("profile", language, **values)
    if receipt.codebook is not None:
        yield _say("codebook", language, **values)
