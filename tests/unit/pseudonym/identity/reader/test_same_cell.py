"""The same cell gives the same value and the same faults, whatever kind of file it is in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from pseudonym.identity.reader import open_input
from tests.unit.pseudonym.workbooks import workbook

HEADER = ("record_id", "number", "foreign_number", "given_names", "family_names", "birth_date", "sex")
ROWS = (
    ("a-1", "800131-9801", "AB 12", " Anna ", "Berg; Lind", "1980-01-31", "Kvinna"),
    ("a-2", "19800131-9801", "'0123", "An\u200bna\u00a0", 'von "Platen"', " 1980-01", "f\u00a0"),
    ("a-3", '="8001319801"', "00123", "\u00c5sa, Karin", "\u738b\u738b", "19800131", "okänt"),
    ("a-4", "8.00E+11", "1.2E+05", "N.N.", "\u041f\u0435\u0442\u0440\u043e\u0432", "2008~", "girl"),
    ("a-5", "0", "-", "\ufeffErik", "O\u2019Brien", "2008\u00b13", "?"),
    ("a-6", "", "", "Line\nbreak", "tab\tinside", "1980-02-30", ""),
    ("a-7", "19800131", "x" * 300, "A" * 300, " \u3000 ", "31 januari 1980", "u"),
)

FORMS = {
    "utf_8": ("utf-8", ","),
    "utf_8_with_byte_order_mark": ("utf-8-sig", ";"),
    "utf_16": ("utf-16", "\t"),
    "utf_16_big_endian": ("utf-16-be", ";"),
    "pipes": ("utf-8", "|"),
}


def table(delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([HEADER, *ROWS])
    return text.getvalue()


def read(path: Path) -> tuple[list[dict[str, object]], list[list[tuple[str | None, str, str]]]]:
    rows = list(open_input(path))
    assert len(rows) == len(ROWS)
    faults = [[(fault.field, fault.rule, fault.effect) for fault in row.faults] for row in rows]
    return [dict(row.values) for row in rows], faults


@pytest.mark.parametrize("form", FORMS)
def test_a_cell_of_a_text_file_is_that_of_a_workbook(tmp_path: Path, form: str) -> None:
    encoding, delimiter = FORMS[form]
    data = table(delimiter).encode(encoding)
    (tmp_path / "cases.csv").write_bytes(b"\xfe\xff" + data if encoding == "utf-16-be" else data)
    (tmp_path / "cases.xlsx").write_bytes(workbook([HEADER, *ROWS]))
    values, faults = read(tmp_path / "cases.csv")
    assert (values, faults) == read(tmp_path / "cases.xlsx")
    assert values[0]["family_names"] == "Berg; Lind"
    assert any(faults)
