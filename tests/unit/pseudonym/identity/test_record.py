"""A record takes text, several texts, and what data frames put where there is nothing; all else is refused aloud."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pseudonym.errors import InputError
from pseudonym.identity.record import Record, payload_of, text_of, texts_of
from pseudonym.identity.record_ids import RecordChecker


@pytest.mark.parametrize("value", [None, "", float("nan"), np.float64("nan"), np.float32("nan"), pd.NA, pd.NaT])
def test_missing_values_are_none(value):
    assert text_of(value, field="number") == ""
    assert texts_of(value, field="number") == ("",)
    assert texts_of([value, "a"], field="number") == ("", "a")


@pytest.mark.parametrize(
    "value", [19811218, 1981.0, np.int64(3), b"Anna", True, pd.Timestamp("2026-01-01"), {"a": 1}, ["Anna"], object()]
)
def test_other_types_are_refused(value):
    with pytest.raises(InputError) as caught:
        text_of(value, field="number")
    assert (caught.value.rule, caught.value.field) == ("input.type", "number")


@pytest.mark.parametrize("values", [[1], ("a", b"b"), [["a"]], np.array(["a"]), pd.Series(["a"]), {"a"}])
def test_several_values_are_a_list_or_tuple_of_texts(values):
    with pytest.raises(InputError):
        texts_of(values, field="number")


@pytest.mark.parametrize("value", [None, {}, float("nan"), np.float32("nan"), pd.NA, pd.NaT])
def test_a_missing_payload_is_an_empty_one(value):
    assert payload_of(value) == {}


@pytest.mark.parametrize("value", ["state", [("state", "x")], 1.0, pd.Series({"state": "x"}), 0])
def test_a_payload_that_is_not_a_mapping_is_refused(value):
    with pytest.raises(InputError) as caught:
        payload_of(value)
    assert (caught.value.rule, caught.value.field) == ("input.type", "payload")


def test_several_values_keep_their_places():
    assert texts_of(("a", None, "b"), field="number") == ("a", "", "b")
    assert texts_of([], field="number") == ()
    assert texts_of("a b", field="number") == ("a b",)


def test_a_subclass_of_text_is_text():
    assert text_of(np.str_("Anna"), field="number") == "Anna"


def test_an_id_that_is_a_number_is_refused():
    with pytest.raises(InputError) as caught:
        RecordChecker(reference_date=date(2026, 1, 1), reporter="police")(Record(17), 1)
    assert caught.value.field == "record_id"
