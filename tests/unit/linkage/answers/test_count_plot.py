"""Pictures of counts: all of it in words, nothing that needs colour, and nothing that is fetched."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.answers import CountPicture, counts_svg, write_count_plot
from linkage.errors import ExportError

pytestmark = pytest.mark.whole

SVG = "{http://www.w3.org/2000/svg}"

SERIES = CountPicture(
    title="Persons (victims) by year and kind",
    notes=("INTERNAL, NOT FOR RELEASE.", "Preliminary."),
    by=("year", "kind"),
    cells=tuple(((year, kind), n) for year, n in (("2024", 3), ("2025", 0)) for kind in ("taken", "kept")),
    breaks=(("2025", "roster: school is expected from 2025 on"),),
    labels={"kind": {"taken": "Taken <abroad> & $x$"}},
)
BARS = replace(SERIES, by=("kind",), cells=((("taken",), 3), (("kept",), 0)), breaks=())


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()).strip() for one in ET.fromstring(svg).iter(f"{SVG}text")]


def description(svg: str) -> str:
    return ET.fromstring(svg).findtext(f"{SVG}desc") or ""


@pytest.mark.parametrize("picture", [SERIES, BARS, replace(BARS, by=(), cells=(((), 7),))])
def test_each_figure_is_in_words_with_what_stands_beside_it(picture):
    svg = counts_svg(picture)
    said = description(svg)
    assert said.startswith("INTERNAL, NOT FOR RELEASE. Preliminary. Persons: ")
    for _, n in picture.cells:
        assert f": {n}" in said
    assert "INTERNAL, NOT FOR RELEASE." in texts(svg)
    root = ET.fromstring(svg)
    assert (root.get("role"), root.findtext(f"{SVG}title")) == ("img", picture.title)
    assert counts_svg(picture) == svg


@pytest.mark.parametrize("picture", [SERIES, BARS])
def test_ranges_are_drawn_and_said(picture):
    spans = tuple((n, n) if n == 0 else (1, 2) for _, n in picture.cells)
    svg, without = counts_svg(replace(picture, spans=spans)), counts_svg(picture)
    assert "3 (1-2)" in description(svg)
    assert "0 (" not in description(svg), "a range of one number says nothing more"
    # Each range has a stop at both ends, and ranges of one number are not drawn.
    n_ranges = sum(low < high for low, high in spans)
    assert svg.count("<use ") - without.count("<use ") == 2 * n_ranges
    assert counts_svg(replace(picture, spans=tuple((n, n) for _, n in picture.cells))) == without


def test_a_break_is_drawn_and_said():
    svg = counts_svg(SERIES)
    assert "break" in texts(svg)
    assert "The series breaks before 2025: roster: school is expected from 2025 on." in description(svg)
    assert "break" not in texts(counts_svg(replace(SERIES, breaks=())))


def test_lines_are_told_apart_without_colour():
    svg = counts_svg(SERIES)
    assert {"Taken <abroad> & $x$: 0", "kept: 0"} <= set(texts(svg))
    # Every colour is a shade of grey.
    colours = set(re.findall(r"#[0-9a-f]{6}", svg))
    assert colours
    assert all(one[1:3] == one[3:5] == one[5:7] for one in colours)
    assert len(set(re.findall(r"stroke-dasharray: ([^;\"]+)", svg))) >= 2


def test_nothing_is_fetched():
    svg = counts_svg(SERIES)
    assert re.findall(r'(?:href|src)="(?!#)', svg) == []
    assert "<script" not in svg


def test_of_many_only_the_largest_are_drawn_and_it_says_so():
    kinds = tuple(f"k{number:02d}" for number in range(50))
    series = replace(SERIES, cells=tuple(((year, kind), int(kind[1:])) for kind in kinds for year in ("2024", "2025")))
    svg = counts_svg(series)
    assert "The 42 lines with the lowest counts are not drawn." in texts(svg)
    assert "k49: 49" in texts(svg)
    assert "k00: 0" not in texts(svg)
    bars = replace(BARS, cells=tuple(((kind,), int(kind[1:])) for kind in kinds))
    assert "The 10 cells with the lowest counts are not drawn." in texts(counts_svg(bars))
    assert "k00: 0" in description(counts_svg(bars))
    # Many small cells before a large one leave it its place.
    ties = replace(BARS, cells=(*(((kind,), 1) for kind in kinds), (("most",), 9)))
    assert {"most", "9", "k38"} <= set(texts(counts_svg(ties)))
    assert "k39" not in texts(counts_svg(ties))


@pytest.mark.parametrize("picture", [SERIES, BARS])
def test_nothing_can_be_drawn_too(picture):
    assert description(counts_svg(replace(picture, cells=()))).endswith("Persons: none." if picture is BARS else "on.")


def test_a_long_label_is_cut_in_the_picture_and_whole_in_words():
    name = " + ".join(f"reporter_{number}" for number in range(20))
    for picture in (replace(BARS, cells=(((name,), 3),)), replace(SERIES, cells=((("2024", name), 3),))):
        svg = counts_svg(picture)
        assert any(text.startswith("reporter_0") and "…" in text for text in texts(svg))
        assert name in description(svg)


def test_only_an_older_picture_is_replaced(tmp_path: Path):
    write_count_plot(SERIES, tmp_path / "p.svg")
    write_count_plot(BARS, tmp_path / "p.svg")
    assert (tmp_path / "p.svg").read_text(encoding="utf-8") == counts_svg(BARS)
    (tmp_path / "other.svg").write_text("<svg/>", encoding="utf-8")
    with pytest.raises(ExportError, match=r"export\.exists"):
        write_count_plot(BARS, tmp_path / "other.svg")
