"""The pages about numbers say what the library does, and the tables hold what Unicode says of digits."""

import re
import unicodedata

import pytest

from pseudonym.characters import DIGITS
from pseudonym.identity.numbers import KINDS, LEVELS, NUMBER_TYPES
from pseudonym.identity.numbers.spellings import LEVEL_WORDS, TYPE_WORDS
from pseudonym.words import folded
from tests.paths import ROOT

SPEC = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8").split("### 4.5 ")[1].split("\n### ")[0].split("\n## ")[0]
PAGE = (ROOT / "docs" / "reference" / "numbers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("words", "names"), [(TYPE_WORDS, NUMBER_TYPES), (LEVEL_WORDS, LEVELS)])
def test_no_word_of_the_tables_has_two_meanings(words, names):
    assert set(words) - {"", "lma"} == set(names)
    keys = [word for listed in words.values() for word in set(map(folded, listed))]
    assert len(keys) == len(set(keys))


def test_digits_of_the_tables_are_those_of_unicode():
    wrong = [point for point, digit in DIGITS.items() if unicodedata.digit(chr(point), int(digit)) != int(digit)]
    assert wrong == []


@pytest.mark.parametrize("type_", NUMBER_TYPES)
def test_every_type_stands_in_both_tables(type_):
    assert re.search(rf"^\| `{type_}` \|", PAGE, re.MULTILINE)
    row = re.search(rf"^\| `{type_}` \|.*\| ([a-z]*) ?\|$", SPEC, re.MULTILINE)
    assert row is not None
    assert row[1] == ("" if type_ == "other" else KINDS[type_].inferred)
