"""Sexes come out as docs/spec.md, section 4, says."""

import pytest

from pseudonym.characters import plain
from pseudonym.errors import FieldError
from pseudonym.identity.sex import read_sex


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
        ("flicka", "woman"),
        ("Tjej", "woman"),
        ("KV.", "woman"),
        ("girls", "woman"),
        ("Pojke", "man"),
        ("kille", "man"),
        ("M\u00e4n", "man"),
        ("icke-bin\u00e4r", "other"),
        ("-", None),
        ("n/a", None),
        ("uppgift saknas", None),
    ],
)
def test_sex(text, expected):
    assert read_sex(text) == expected


@pytest.mark.parametrize("text", ["1", "2", "x", "w", "person", "womann", "OKÖNT"])
def test_unreadable_sex(text):
    with pytest.raises(FieldError) as caught:
        read_sex(text)
    assert (caught.value.rule, caught.value.field) == ("sex.unknown", "sex")


def test_lone_surrogates_vanish():
    assert plain(" \ud800a\udc80 ") == "a"
