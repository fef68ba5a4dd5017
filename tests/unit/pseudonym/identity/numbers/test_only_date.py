"""A birth date is no number: everybody born on that day would have it."""

from datetime import date

import pytest

from pseudonym.errors import FieldError
from pseudonym.identity.numbers import read_number

REFERENCE = date(2026, 3, 31)
DATES = [
    *("110713", "20110713", "2011-07-13", "11-07-13", "13-07-2011", "13.7.2011", "13/7-2011", "07/13/2011", "130711"),
    *("20110773", "110773", "2011-07", "2011", "20110700", "2011-07-13T00:00:00Z", "13.07.2011 00:00", "20110713.0"),
]
FILLERS = ["-", "-0000", "-XXXX", "****", "-????", "-....", "____", "-T", "TFXX", "-000", "-nnnn"]


def rule_of(text, **options):
    with pytest.raises(FieldError) as caught:
        read_number(text, reference_date=REFERENCE, **options)
    return caught.value.rule


@pytest.mark.parametrize("text", DATES)
def test_a_date_is_a_placeholder(text):
    assert rule_of(text) == "number.placeholder"
    assert rule_of(f" \u200b{text} ") == "number.placeholder"
    assert rule_of(text, type="personnummer") == "number.placeholder"


@pytest.mark.parametrize("born", ["110713", "20110713", "2011-07-13", "110773"])
@pytest.mark.parametrize("filler", FILLERS)
def test_so_is_one_with_fillers(born, filler):
    assert rule_of(born + filler) == "number.placeholder"


@pytest.mark.parametrize(
    ("text", "type_"),
    [("320732", "other"), ("20111301", "other"), ("10-123456", "other"), ("110713-1", "other"), ("4711", "other"),
     ("110713-2382", "personnummer"), ("20110713-T238", "interim"), ("20110713A1B2", "other")],
)  # fmt: skip
def test_other_texts_are_numbers(text, type_):
    assert read_number(text, reference_date=REFERENCE).type == type_


def test_a_dossier_number_may_look_like_a_date():
    number = read_number("20110713", reference_date=REFERENCE, type="dossier")
    assert (number.type, number.compact) == ("dossier", "20110713")


@pytest.mark.parametrize("text", ["urn:oid:1.2.752.129.2.1.3.1", "1.2.752.129.2.1.3.1|", "1.2.752.74.9.1|110713"])
def test_a_system_without_a_number_is_none(text):
    assert rule_of(text) in {"number.placeholder", "number.no_digit"}
