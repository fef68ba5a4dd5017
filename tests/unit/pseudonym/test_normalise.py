"""Sexes and foreign numbers come out as docs/spec.md, section 4, says."""

import pytest

from pseudonym.errors import FieldError
from pseudonym.normalise import foreign_number, sex


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kvinna", "woman"),
        ("F", "woman"),
        ("k", "woman"),
        ("female", "woman"),
        ("MAN", "man"),
        ("m", "man"),
        ("male", "man"),
        ("annat", "other"),
        ("o", "other"),
        ("Okänt", None),
        ("OKÄND", None),
        ("oka\u0308nt", None),
        ("U", None),
        (" ", None),
        ("unknown", None),
    ],
)
def test_sex(text, expected):
    assert sex(text) == expected


@pytest.mark.parametrize("text", ["1", "x", "flicka", "womann", "OKÖNT"])
def test_unreadable_sex(text):
    with pytest.raises(FieldError) as caught:
        sex(text)
    assert (caught.value.rule, caught.value.field) == ("sex.unknown", "sex")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab 12-34/5", "AB12345"),
        ("\u00a0AB\u2009\u201312\u200b", "AB12"),
        ("мп 123", "мп123"),
        (" -/. ", None),
        ("", None),
        ("a" * 40, "A" * 32),
    ],
)
def test_foreign_number(text, expected):
    assert foreign_number(text) == expected


def test_lone_surrogates_vanish():
    assert foreign_number("A\udc801") == "A1"
    assert foreign_number("\ud800") is None
