"""What is made from figures stands between its marks in a document, and nothing else is touched."""

from __future__ import annotations

import pytest

from benchmarks.results import filled


def test_a_part_takes_the_place_of_the_one_before() -> None:
    text = "before\n<b>\nold\n<e>\nafter\n"
    assert filled(text, "<b>", "<e>", "new") == "before\n<b>\nnew\n<e>\nafter\n"
    assert filled(filled(text, "<b>", "<e>", "new"), "<b>", "<e>", "old") == text


@pytest.mark.parametrize("text", ["<b> old", "old <e>", "<b> <b> <e>", "<b> <e> <e>", "<e> <b>"])
def test_a_mark_that_is_missing_or_repeated_is_seen(text: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        filled(text, "<b>", "<e>", "new")
