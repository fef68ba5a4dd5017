"""The pages about numbers say what the library does: words, digits and types stand there as in the code."""

import re

import pytest

from pseudonym.characters import DIGITS
from pseudonym.identity.numbers import KINDS, NUMBER_TYPES
from pseudonym.identity.numbers.spellings import LEVEL_WORDS, TYPE_WORDS, _key
from tests.paths import ROOT

SPEC = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8").split("### 4.5 ")[1].split("\n### ")[0].split("\n## ")[0]
PAGE = (ROOT / "docs" / "reference" / "numbers.md").read_text(encoding="utf-8")


def test_the_words_for_types_are_those_of_the_specification():
    rows = re.findall(r"^\| (?:`([a-z_]+)`[^|]*|no type is named) \| ([^|]+) \|$", SPEC, re.MULTILINE)
    documented = {type_: {_key("" if word == "blank" else word) for word in words.split(", ")} for type_, words in rows}
    assert documented == {type_: {_key(word) for word in words} for type_, words in TYPE_WORDS.items()}


def test_the_words_for_levels_are_those_of_the_specification():
    for level, words in LEVEL_WORDS.items():
        listed = re.search(rf"{f'`{level}`' if level else 'none'} \(([^)]+)\)", SPEC.split("`number_level`, which")[1])
        assert listed is not None
        documented = listed[1].replace("\n", " ").split(", ")
        assert {_key("" if word == "blank" else word) for word in documented} == {_key(word) for word in words}


def test_the_digits_are_those_of_the_specification():
    text = SPEC.split("To **tidy**")[0].replace("\n", " ")
    table = {}
    for pattern, value, count in (
        (r"from each of U\+([0-9A-F, ]+); it is 1 to 9", 0, 10),
        (r"for nine from each of U\+([0-9A-F, ]+);", 1, 9),
        (r"4 to 9 for six from U\+([0-9A-F]+);", 4, 6),
        (r" 0 for U\+([0-9A-F, ]+);", 0, 1),
        (r" 1 for U\+([0-9A-F, ]+);", 1, 1),
        (r" 2 for U\+([0-9A-F]+);", 2, 1),
        (r" 3 for U\+([0-9A-F]+)\.", 3, 1),
    ):
        found = re.search(pattern, text)
        assert found is not None
        for first in found[1].split(", "):
            table |= {int(first, 16) + step: str(value + step) for step in range(count)}
    assert table == DIGITS


@pytest.mark.parametrize("type_", NUMBER_TYPES)
def test_every_type_stands_in_both_tables(type_):
    assert re.search(rf"^\| `{type_}` \|", PAGE, re.MULTILINE)
    row = re.search(rf"^\| `{type_}` \|.*\| ([a-z]*) ?\|$", SPEC, re.MULTILINE)
    assert row is not None
    assert row[1] == ("" if type_ == "other" else KINDS[type_].inferred)
