"""Canonical JSON is what `rfc8785` writes, however it is written; what has no such form is refused alike."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from pseudonym import canonical, load_codebook
from pseudonym.canonical import canonical_json

NUMBERS = st.integers(-(2**55), 2**55) | st.floats() | st.booleans() | st.none()
TEXTS = st.text() | st.text(st.characters(min_codepoint=0xD700, max_codepoint=0x10FFF)) | st.text('\x00\x1f\x7f"\\/é')
VALUES = st.recursive(NUMBERS | TEXTS, lambda one: st.lists(one, max_size=4) | st.dictionaries(TEXTS, one, max_size=4))


def outcome(write: Callable[[Any], bytes], value: Any) -> bytes | str:
    """Return what is written, or the kind of error."""
    try:
        return write(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        return type(error).__name__


@given(VALUES)
def test_it_is_what_rfc8785_writes(value):
    assert outcome(canonical_json, value) == outcome(rfc8785.dumps, value)


class Word(enum.StrEnum):
    """Text of another type."""

    ONE = "one"


@pytest.mark.parametrize(
    "value",
    [
        {"\ud7ff": 1, "\ue000": 2, "\U00010000": 3},
        {"é": 1, "e\u0301": 2, "z": 3, "": 4},
        ["\x00\x08\t\n\x0c\r\x1f\x7f", '\u2028"\\/'],
        [2**53 - 1, -(2**53) + 1, True, None, (1, [])],
        [2**53],
        [0.1, 1e21, 5.0],
        ["\ud800"],
        {1: 2},
        [Word.ONE, {Word.ONE: 1}],
        [float("nan")],
    ],
    ids=str,
)
def test_edges(value):
    assert outcome(canonical_json, value) == outcome(rfc8785.dumps, value)


def test_a_codebook_is_written_without_rfc8785(monkeypatch):
    document = load_codebook("case-registry").model_dump(mode="json", exclude={"groupings", "synonyms"})
    expected = rfc8785.dumps(document)
    monkeypatch.setattr(canonical.rfc8785, "dumps", None)
    assert canonical_json(document) == expected
