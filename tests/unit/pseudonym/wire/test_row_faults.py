"""Rules that are found column by column are those that are found row by row, in the same order."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest

from pseudonym import load_codebook
from pseudonym.codebook import Codebook, CodebookError, parse_codebook
from pseudonym.wire import case_faults
from pseudonym.wire.rows import RESERVED, day_rule, id_rule, value_rule
from pseudonym.wire.schema import case_schema

BOOK = load_codebook("case-registry")
SEVERAL = ("codebook.several", "codebook.too_many", "codebook.order")

IDS = ("r-1", "17", " 17", "", "201107139824", "a" * 64, "a" * 65, "r-1\n", "=r", "å-1", None)
VALUES = {
    "record_id": IDS[:-1],
    "report_id": IDS,
    "case_id": IDS,
    "role": ("victim", "Victim", "", None),
    "status": ("suspected", "confirmed ", None),
    "case_state": ("open", "shut", None),
}
DATES = ("2024-02", "2024-02-29", "2023-02-29", "2024", "1890-01", "2095-12", "", "x" * 300, None, None)


def rule_of_row(case: Mapping[str, str | None], book: Codebook | None) -> str | None:
    """Return the first rule that one row breaks: the slow twin."""
    broken = id_rule(str(case["record_id"]))
    if broken is not None:
        return f"record_id.{broken}"
    days = frozenset[str]() if book is None else book.days
    for column in RESERVED:
        value = case[column]
        broken = None if value is None else value_rule(column, value) or day_rule(column, value, days)
        if broken is not None:
            return broken
    for item in () if book is None else book.item_names:
        value = case[f"payload.{item}"]
        if value is None:
            continue
        try:
            book.check_value(item, value, date=case["event_date"] or case["report_date"])
        except CodebookError as error:
            return "payload.several" if error.rule in SEVERAL else "payload.unknown_code"
    return None


def rows(n: int, book: Codebook | None, *, faulty: float, seed: int) -> pa.Table:
    """Return case rows, of which some values break rules, and some depend on the date beside them."""
    draw = np.random.default_rng(seed)
    items = () if book is None else book.item_names
    columns = {"record": [bytes([index % 256]) * 16 for index in range(n)]}
    for column in ("record_id", *RESERVED):
        values = VALUES.get(column, DATES)
        chosen = [values[index] if draw.random() < faulty else values[0] for index in draw.integers(0, len(values), n)]
        columns[column] = chosen
    for item in items:
        codes = [code.code for code in book.by_name[item].codes]
        values = [*codes, " ".join(codes[:2]), " ".join(codes[:2][::-1]), "no such code", "", *[None] * len(codes)]
        columns[f"payload.{item}"] = [
            values[index] if draw.random() < faulty else None for index in draw.integers(0, len(values), n)
        ]
    return pa.table(columns, schema=case_schema(items))


def expired(book: Codebook) -> Codebook:
    """Return a codebook in which some codes are valid for a time only."""
    document = book.model_dump(mode="json")
    for item in document["items"]:
        for index, code in enumerate(item["codes"]):
            code |= {0: {"valid_to": "2020-12-31"}, 1: {"valid_from": "2024-02-10"}}.get(index % 3, {})
    return parse_codebook(json.dumps(document))


@pytest.mark.parametrize("book", [None, BOOK, expired(BOOK)], ids=["none", "case-registry", "expired"])
@pytest.mark.parametrize("faulty", [0.0, 0.02, 0.3])
def test_rules_are_those_of_single_rows(book: Codebook | None, faulty: float) -> None:
    cases = rows(400, book, faulty=faulty, seed=int(faulty * 100))
    expected = [(5 + row, rule_of_row(case, book)) for row, case in enumerate(cases.to_pylist())]
    found = case_faults(cases, codebook=book, first_row=5)
    assert [(fault.row, fault.rule) for fault in found] == [(row, rule) for row, rule in expected if rule is not None]
    assert {(fault.field, fault.effect) for fault in found} <= {(None, "rejected")}
    assert len({fault.rule for fault in found}) > 10 or faulty < 0.3
    # Columns in several pieces, and none.
    assert case_faults(pa.concat_tables([cases.slice(0, 7), cases.slice(7)]), codebook=book, first_row=5) == found
    assert case_faults(cases.slice(0, 0), codebook=book) == []


def test_the_earlier_column_decides_and_the_date_beside_a_value() -> None:
    book = expired(BOOK)
    item = next(name for name in book.item_names if len(book.by_name[name].codes) > 2)
    old, new, always = (code.code for code in book.by_name[item].codes[:3])
    base = dict.fromkeys(case_schema(book.item_names).names) | {"record": bytes(16), "record_id": "r"}
    told = [
        ({f"payload.{item}": old, "event_date": "2021"}, "payload.unknown_code"),
        ({f"payload.{item}": old, "event_date": "2020"}, None),
        ({f"payload.{item}": old, "report_date": "2021"}, "payload.unknown_code"),
        ({f"payload.{item}": old, "event_date": "2020", "report_date": "2021"}, None),
        ({f"payload.{item}": old}, None),
        ({f"payload.{item}": new, "event_date": "2024-01"}, "payload.unknown_code"),
        ({f"payload.{item}": always, "event_date": "1999"}, None),
        ({f"payload.{item}": "no such", "event_date": ""}, "event_date.form"),
        ({f"payload.{item}": "no such", "role": "no", "status": "no"}, "role.unknown"),
        ({"record_id": "=1", "role": "no"}, "record_id.formula"),
    ]
    cases = pa.Table.from_pylist([base | one for one, _ in told], schema=case_schema(book.item_names))
    found = {fault.row: fault.rule for fault in case_faults(cases, codebook=book)}
    assert [found.get(row) for row in range(len(told))] == [rule for _, rule in told]
