"""The picture of coverage: every state is drawn and told, and nothing is fetched."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow as pa
import pytest

from linkage.answers.coverage_map import LOOKS, MARK, coverage_svg, write_coverage_map
from linkage.errors import ExportError

ROWS = [
    {"reporter": f"a<&{number}", "period": f"2026-0{number + 1}", "state": state} for number, state in enumerate(LOOKS)
]
TABLE = pa.Table.from_pylist([*ROWS, {"reporter": "b", "period": None, "state": "reported"}])


def test_every_state_has_its_letter_and_stands_in_the_description() -> None:
    svg = coverage_svg(TABLE)
    root = ET.fromstring(svg)
    names = {"svg": "http://www.w3.org/2000/svg"}
    said = root.findtext("svg:desc", namespaces=names) or ""
    assert "a<&0 2026-01 reported; a<&1 2026-02 zero; " in said
    assert "None" not in said
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {look.letter for look in LOOKS.values()} <= set(texts)
    assert {"a<&6", "2026-07", "held back"} <= set(texts)
    assert len({look.letter for look in LOOKS.values()}) == len(LOOKS)
    assert not re.findall(r'(?:href|src)="(?!#)', svg)


def test_equal_tables_give_equal_bytes() -> None:
    assert coverage_svg(TABLE) == coverage_svg(TABLE)


def test_nothing_to_draw() -> None:
    assert ET.fromstring(coverage_svg(TABLE.slice(0, 0))) is not None


def test_only_an_older_map_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "coverage.svg"
    write_coverage_map(TABLE, path)
    assert MARK in path.read_text(encoding="utf-8")
    write_coverage_map(TABLE.slice(0, 1), path)
    path.write_text("<svg/>")
    with pytest.raises(ExportError) as caught:
        write_coverage_map(TABLE, path)
    assert caught.value.rule == "export.exists"
