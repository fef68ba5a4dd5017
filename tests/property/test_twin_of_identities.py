"""Codes of records with several identities are, bit for bit, those of the second implementation."""

import json
from datetime import date
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonym import profile_names
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from tests.vectors import reading, reference

REFERENCE = date(2026, 1, 1)
SECRET = bytes(range(32))


def several(*values):
    """Draw lists of few values, so that identities share some, in part or in another order."""
    return st.lists(st.sampled_from(["", *values]), max_size=4).map(tuple)


FIELDS = st.fixed_dictionaries(
    {
        "number": several("19811218-9876", "19811278-9873", "8112189876", "19900505-T857", "LMA-4711", "0000"),
        "number_type": several("personnummer", "samordningsnummer", "lma"),
        "number_level": several("osaker", "styrkt"),
        "foreign_number": several("1212", "121212", "P 77-1"),
        "given_names": several("Anna Maria", "Maria Anna", "Zo\u00eb", "Md Ali", "\u00c5sa"),
        "family_names": several("Berg", "Berg Holm", "Holm Berg", "von Platen", "Asa"),
        "birth_date": several("1981-12-18", "1981", "1982~", "2008-01-01", "1981-12"),
        "sex": st.sampled_from(["k", "", None]),
        "name_of_address": st.sampled_from(["", "Maria", None]),
        "report_date": st.sampled_from([None, "2025-04"]),
    }
)


def twins(name):
    """Return the encoder of a profile, and what its twin needs."""
    profile = json.loads(resources.files("pseudonym").joinpath("profiles", f"{name}.json").read_text(encoding="utf-8"))
    key = LinkageKey._from_secret(SECRET, project="test", epoch=1)
    encoder = Encoder(key, reporter="police", profile=name, reference_date=REFERENCE, keep_empty=True)
    return encoder, profile, reference.Keys.derive(SECRET, "test", 1, profile)


TWINS = {name: twins(name) for name in profile_names()}


@pytest.mark.slow
@pytest.mark.parametrize("name", TWINS)
@given(fields=FIELDS)
@settings(max_examples=settings().max_examples // 4)
def test_codes_are_those_of_the_second_implementation(name, fields):
    encoder, profile, keys = TWINS[name]
    (batch,) = encoder.batches([Record("r-1", **fields)])
    columns = (batch.codes.kind[0], batch.codes.match_key[0], batch.codes.content[0])
    fast = [(int(kind), key.tobytes(), content.tobytes()) for kind, key, content in zip(*columns, strict=True)]
    slow = reference.codes(reading.Record("r-1", **fields), profile, keys, "police", REFERENCE)
    assert fast == [(code.kind, code.match_key, code.content) for code in slow]
