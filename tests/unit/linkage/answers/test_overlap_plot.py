"""UpSet plots: each set in words and as dots, of many only the largest, and nothing that needs colour."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.answers import OverlapPicture, overlap_svg, write_overlap_plot
from linkage.errors import ExportError

pytestmark = pytest.mark.whole

SVG = "{http://www.w3.org/2000/svg}"

PICTURE = OverlapPicture(
    title="Persons (victims), 2025",
    notes=("INTERNAL, NOT FOR RELEASE.",),
    sets=((("police",), 5), (("police", "school"), 3), (("a.b-c", "school"), 1)),
)


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()).strip() for one in ET.fromstring(svg).iter(f"{SVG}text")]


def test_each_set_and_each_reporter_is_in_words():
    svg = overlap_svg(PICTURE)
    assert ET.fromstring(svg).findtext(f"{SVG}desc") == (
        "INTERNAL, NOT FOR RELEASE. Persons known to exactly these reporters: police: 5; police and school: 3; a.b-c "
        "and school: 1. To each: a.b-c: 1; police: 8; school: 4."
    )
    assert {"police (8)", "school (4)", "a.b-c (1)", "5", "3", "1"} <= set(texts(svg))
    assert "INTERNAL, NOT FOR RELEASE." in texts(svg)
    assert overlap_svg(PICTURE) == svg


def test_ranges_are_drawn_and_said():
    svg = overlap_svg(replace(PICTURE, ranges=((3, 6), (3, 3), (0, 2))))
    said = ET.fromstring(svg).findtext(f"{SVG}desc") or ""
    assert "police: 5 (3-6); police and school: 3; a.b-c and school: 1 (0-2)." in said
    assert {"(3-6)", "(0-2)"} <= {part for text in texts(svg) for part in text.split()}


def test_it_needs_no_colour_and_fetches_nothing():
    svg = overlap_svg(PICTURE)
    assert all(one[1:3] == one[3:5] == one[5:7] for one in re.findall(r"#[0-9a-f]{6}", svg))
    assert re.findall(r'(?:href|src)="(?!#)', svg) == []


def test_of_many_sets_and_reporters_the_largest_are_drawn():
    many = replace(PICTURE, sets=tuple(((f"r{number:02d}",), 100 - number) for number in range(60)))
    svg = overlap_svg(many)
    assert "35 other sets are not drawn." in texts(svg)
    assert "r24 (76)" in texts(svg)
    assert "r25 (75)" not in texts(svg)
    assert "r59: 41" in (ET.fromstring(svg).findtext(f"{SVG}desc") or "")


def test_nothing_can_be_drawn_too():
    assert "reporters: none. To each: none." in overlap_svg(replace(PICTURE, sets=()))


def test_only_an_older_picture_is_replaced(tmp_path: Path):
    write_overlap_plot(PICTURE, tmp_path / "p.svg")
    write_overlap_plot(replace(PICTURE, sets=()), tmp_path / "p.svg")
    (tmp_path / "other.svg").write_text("<svg/>", encoding="utf-8")
    with pytest.raises(ExportError, match=r"export\.exists"):
        write_overlap_plot(PICTURE, tmp_path / "other.svg")
