"""Words are compared in one form, however a system writes them."""

import pytest

from pseudonym.words import MAX_WORD_CHARACTERS, folded, folded_words, meanings


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Kvinna", "KVINNA"),
        (" kv. ", "KV"),
        ("medf\u00f6ljande-vuxen", "MEDFOLJANDEVUXEN"),
        ("medfo\u0308ljande\u00a0vuxen", "MEDFOLJANDEVUXEN"),
        ("(NULL)", "NULL"),
        ("N/A", "NA"),
        ("-", ""),
        ("urn:oid:1.2.752.74.9.1", "12752749" + "1"),
        ("https://electronichealth.se/identifier/LMA-nummer", "LMANUMMER"),
        ("\u212a", "\u212a"),
        ("K\u0130", "K\u0130"),
    ],
)
def test_folded(text, form):
    assert folded(text) == form


def test_a_prefix_is_taken_once():
    assert folded("URN:OID:URN:OID:1") == "URNOID1"


def test_a_long_text_is_folded_too():
    assert folded("a" * (MAX_WORD_CHARACTERS + 1)) == "A" * (MAX_WORD_CHARACTERS + 1)


def test_meanings_and_lists():
    assert meanings({"open": ["\u00f6ppen", "p\u00e5 g\u00e5ng"]}) == {"OPPEN": "open", "PAGANG": "open"}
    assert folded_words(["ok\u00e4nd", "Okand"]) == {"OKAND"}
