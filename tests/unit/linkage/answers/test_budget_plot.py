"""The picture of an error budget: all of it in words, bars that can be told apart without colour."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.answers import BudgetBeyond, BudgetPicture, BudgetStep, budget_svg, write_budget_plot
from linkage.errors import ExportError

pytestmark = pytest.mark.whole

SVG = "{http://www.w3.org/2000/svg}"

PICTURE = BudgetPicture(
    title="Error budget: Persons (victims), 2025 <&>",
    notes=("INTERNAL, NOT FOR RELEASE.", "Missing reporters (silent: school)."),
    found=711,
    steps=(
        BudgetStep("wrong links", 3.2, 0.0, 7.0),
        BudgetStep("undecided pairs", -12.4, -20.0, -5.0),
        BudgetStep("records that never met", -33.0, -52.0, -15.0),
    ),
    expected=668.8,
    low=648,
    high=690,
)


def texts(svg: str) -> set[str]:
    return {"".join(one.itertext()).strip() for one in ET.fromstring(svg).iter(f"{SVG}text")}


def test_every_figure_is_drawn_and_said() -> None:
    svg = budget_svg(PICTURE)
    said = ET.fromstring(svg).findtext(f"{SVG}desc") or ""
    for one in ("711", "+3.2 (+0 to +7)", "-12.4 (-20 to -5)", "-33.0 (-52 to -15)", "668.8 (648-690)"):
        assert one in said
        assert one in texts(svg)
    assert "wrong links" in texts(svg)
    assert said.startswith("INTERNAL, NOT FOR RELEASE. Missing reporters")
    assert "persons; the axis begins at 620, not at 0" in " ".join(texts(svg)) or "not at 0" in " ".join(texts(svg))
    assert ET.fromstring(svg).findtext(f"{SVG}title") == PICTURE.title
    assert budget_svg(PICTURE) == svg


def test_what_is_in_no_range_stands_after_what_is_expected() -> None:
    beyond = (
        BudgetBeyond("attribute conflicts", None, -3.0, 12.0),
        BudgetBeyond("silent reporters", 4.2, 1.0, 9.0),
        BudgetBeyond("wishes", None, None, None),
    )
    svg = budget_svg(replace(PICTURE, beyond=beyond))
    said = ET.fromstring(svg).findtext(f"{SVG}desc") or ""
    told = "attribute conflicts: -3 to +12; silent reporters: +4.2 (+1 to +9); wishes: no figure."
    assert said.endswith(f"Expected: 668.8 (648-690) persons. On top, in no range: {told}")
    labels = {"attribute conflicts, on top", "-3 to +12", "silent reporters, on top", "+4.2 (+1 to +9)", "no figure"}
    assert labels <= texts(svg)


def test_more_and_less_differ_without_colour() -> None:
    svg = budget_svg(PICTURE)
    colours = {one.lower() for one in re.findall(r"#[0-9a-fA-F]{6}", svg)}
    assert all(one[1:3] == one[3:5] == one[5:7] for one in colours)
    assert len(re.findall(r"<pattern ", svg)) == 2


@pytest.mark.parametrize("found", [0, 1, 5])
def test_small_counts_begin_at_0(found: int) -> None:
    step = BudgetStep("wrong links", 0.0, 0.0, 0.0)
    small = replace(PICTURE, found=found, steps=(step,), expected=float(found), low=found, high=found)
    assert "persons" in texts(budget_svg(small))


def test_only_a_picture_of_this_kind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "budget.svg"
    write_budget_plot(PICTURE, path)
    write_budget_plot(replace(PICTURE, found=700), path)
    assert "700" in path.read_text(encoding="utf-8")
    path.write_text("<svg>mine</svg>", encoding="utf-8")
    with pytest.raises(ExportError):
        write_budget_plot(PICTURE, path)
