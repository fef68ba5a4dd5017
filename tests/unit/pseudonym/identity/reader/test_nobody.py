"""Words for somebody whom nobody knows that the frozen tables lack."""

from __future__ import annotations

import pytest

from benchmarks.keys import fixed_key_text
from pseudonym.encode import Encoder
from pseudonym.errors import FieldError
from pseudonym.identity.names import read_name
from pseudonym.identity.reader.nobody import UNKNOWN, is_nobody, is_nobody_together
from pseudonym.identity.reader.nobody_words import says_nobody
from pseudonym.keyed import LinkageKey

NOBODY = [
    *("Fingerad", "OSPECIFICERAT", "Namn okänt", "(framgår ej)", "Nobody", "k. A.", "senza nome", "fără nume"),
    *("Magac la'aan", "Magac la\u2019aan", "Không rõ", "Bê nav"),
    *("لا يوجد", "غير معلوم", "نامشخص", "نەناسراو", "ዘይተፈልጠ", "ስም የለም", "Немає", "не известна"),
    *("不明", "無名氏", "미상", "ไม่ทราบ", "अज्ञात", "άγνωστος", "לא ידוע"),
]
PHRASES = [
    *("Obekant äldre dam", "Okänd svensk kvinna", "Oidentifierad kropp", "Namn ej noterat", "har inget namn"),
    *("Ville ej uppge namn", "Identitet ej styrkt", "går ej att läsa", "Avidentifierat", "Se journal"),
    *("Unidentified body", "No name given", "Name not stated", "Onbekend meisje", "Non précisé", "Uomo sconosciuto"),
    *("Neznámá žena", "Bilinmeyen kadın", "Fëmijë i panjohur", "Nane anav", "Naag aan la aqoon", "Ẩn danh"),
    *("فتاة مجهولة", "مرد ناشناس", "ዘይተፈልጠ ወዲ", "невідома особа", "未知女孩", "不明男性", "เด็กหญิงไม่ทราบชื่อ"),
]
SOMEBODY_AFTER_ALL = [
    *("Obekant Lind", "Ej Nordin", "No Name Karim", "Data Noto", "Kusin", "Namn", "Barn", "Saknas", "Ali Majhul Karim"),
    *("女孩", "王明", "未知明", "เด็กหญิง สมศรี", "ولد", "مرد"),
]
SOMEBODY = ["Bu Ming", "Ming", "Nemo", "Nina", "Inga", "Ingen", "Baby", "明", "Fingal", "Nobodyson", "محمد", "Неля"]
TOGETHER = [("Ingen", "Ingen"), ("Baby", "Baby"), ("Person", "A"), ("person", "1"), ("Kvinna", "Offer"), ("Elev", "B")]
TOGETHER += [
    ("Kusin till", "okänd"),
    ("Vittne 2", "Vittne 2"),
    ("Utländsk medborgare", "Okänd"),
    ("Wife of", "Unknown"),
]
TOGETHER += [("Tom", "tom"), ("Bu ming", "Bu Ming"), ("Xx", "Yyy"), ("مولود", "مجهول")]
APART = [
    *(("A", "Person"), ("Agneta", "Person"), ("Baby", "Person"), ("Baby", "Andersson"), ("Nina", "Ingen")),
    *(("Inga", "Barn"), ("Boy", "Barn"), ("A", "B"), ("Son", "Na"), ("Ingen", ""), ("", "Baby")),
    *(("Bror", "Okänd"), ("Van", "Okänd"), ("Tom", "Okänd"), ("Vittne", "Lind"), ("Bu Ming", "Zhang"), ("Aa", "Berg")),
]


@pytest.mark.parametrize("text", NOBODY)
def test_a_field_that_says_that_nobody_knows(text):
    assert is_nobody(text)


@pytest.mark.parametrize("text", PHRASES)
def test_phrases_are_read_word_by_word(text):
    assert is_nobody(text)


@pytest.mark.parametrize("text", SOMEBODY_AFTER_ALL)
def test_one_word_that_is_not_known_or_says_nothing_makes_a_name(text):
    assert not is_nobody(text)


@pytest.mark.parametrize("text", SOMEBODY)
def test_names_and_parts_of_such_words_are_names(text):
    assert not is_nobody(text)


def test_a_long_text_is_no_such_word():
    assert is_nobody("Nobody" + " " * 30)
    assert not is_nobody("Nobody" + " " * 40)


@pytest.mark.parametrize("text", ["男人士不明", "未知 女孩 3", "不明", "人不知道"])
def test_a_text_without_spaces_is_divided_in_any_way(text):
    # 男人, 人士, 男 and 人 are words, 士 is none.
    assert says_nobody(text)


@pytest.mark.parametrize("text", ["男人士", "女孩", "王不明", "不明王", "3", ""])
def test_a_text_without_spaces_that_cannot_be_divided_or_says_nothing(text):
    assert not says_nobody(text)


def test_words_that_can_be_divided_in_many_ways_take_no_longer():
    # 男人 is a word, and so are 男 and 人: with every division tried, this would not end.
    assert not says_nobody("男人" * 200)
    assert says_nobody("男人" * 200 + "不明")
    assert not says_nobody("男人" * 200 + "王")


@pytest.mark.parametrize(("given", "family"), TOGETHER)
def test_two_fields_that_have_nothing_else(given, family):
    assert is_nobody_together(given, family)


@pytest.mark.parametrize(("given", "family"), APART)
def test_two_fields_of_which_one_may_be_a_name(given, family):
    assert not is_nobody_together(given, family)


def test_what_such_words_become_is_a_placeholder():
    with pytest.raises(FieldError) as raised:
        read_name(UNKNOWN)
    assert raised.value.rule == "name.placeholder"


def unknown(*rows):
    """Return the ids of the records of unknown persons."""
    encoder = Encoder(LinkageKey.parse(fixed_key_text("nobody")), reporter="police")
    report = encoder.encode([{"record_id": f"r{n}", "birth_date": "1998-04-23"} | row for n, row in enumerate(rows)])
    return [fault.row - 1 for fault in report.faults if fault.rule == "identity.unknown"]


def test_rows_with_such_words_are_of_unknown_persons():
    rows = [
        {"given_names": "不明", "family_names": "不明"},
        {"given_names": "Ming", "family_names": "Bu"},
        {"given_names": "Ingen", "family_names": "Ingen"},
        {"given_names": "Nina", "family_names": "Ingen"},
        {"names": "لا يوجد"},
        {"given_names": "Ingen", "family_names": "Ingen", "number": "19980423-2388"},
        {"given_names": "Fingerad", "family_names": "Rostami"},
    ]
    assert unknown(*rows) == [0, 2, 4]
