"""A generated section lies between its marks in a page, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.pages import markdown_table, read_section, replace_section, write_section

PAGE = "before\n<!-- a:begin -->\nold\n<!-- a:end -->\nafter\n"


def test_a_section_takes_the_place_of_the_one_before() -> None:
    new = replace_section(PAGE, "a", "new")
    assert new == "before\n<!-- a:begin -->\nnew\n<!-- a:end -->\nafter\n"
    assert replace_section(new, "a", "old") == PAGE


@pytest.mark.parametrize("text", ["{b} old", "old {e}", "{b} {b} {e}", "{b} {e} {e}", "{e} {b}"])
def test_a_mark_that_is_missing_repeated_or_misplaced_is_seen(text: str) -> None:
    page = text.format(b="<!-- a:begin -->", e="<!-- a:end -->")
    with pytest.raises(ValueError, match="a generated section"):
        replace_section(page, "a", "new")


def test_a_section_is_read_as_it_was_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    assert read_section(page, "a") == "old"
    assert read_section(write_section(page, "a", "two\n\nparts"), "a") == "two\n\nparts"


def test_numbers_stand_to_the_right_where_a_table_says_so() -> None:
    assert markdown_table(["a", "b"], [["1", "2"]], "lr") == "| a | b |\n| --- | --: |\n| 1 | 2 |"
    assert markdown_table(["a"], []) == "| a |\n| --- |"
