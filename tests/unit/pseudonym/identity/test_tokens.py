"""Tokens and combinations of identities, as docs/spec.md, sections 5 and 6, lists them."""

from datetime import date

import pytest

from pseudonym.identity.identities import read_identities
from pseudonym.identity.record import Record
from pseudonym.identity.tokens import (
    CombinationCodes,
    Combinations,
    content_classes,
    field_sources,
    minhash_sources,
    presence_source,
    rich_enough,
)
from pseudonym.profile import Combination, Segment, Weights

NAME = Segment(field="family_names", form="filter", bits=64, hashes=2)
SEX = Segment(field="sex", form="slots", bits=8, slots=1)
WEIGHTS = Weights(name_bigram=1, birth_date=2, serial=2, foreign_bigram=1)


def identities_of(**fields):
    record = Record("r-1", **fields)
    return read_identities(record, row=1, reference_date=date(2026, 3, 31), reporter="police")[0]


def identity_of(**fields):
    (identity,) = identities_of(**fields)
    return identity


def items_of(message):
    """Take a message apart into its items: the twin of `length_prefixed`."""
    items = []
    while message:
        end = 4 + int.from_bytes(message[:4], "little")
        items.append(message[4:end].decode())
        message = message[end:]
    return tuple(items)


def codes_of(identities, parts, codes, segments=(NAME,)):
    combinations = Combinations([Combination(kind="k", parts=tuple(parts.split()), codes=codes)])
    found = CombinationCodes()
    combinations.add_several(identities, content_classes(identities, segments), found)
    assert found.counts == [len(found.messages)]
    return [(index, items_of(message)[1:]) for index, message in zip(found.identity, found.messages, strict=True)]


def tokens_of(identity, field):
    return [token for source in field_sources(field) for token in source.tokens(source.value(identity))]


def presence(identity, field):
    source = presence_source(field)
    (token,) = source.tokens(source.value(identity))
    return token


def minhash_tokens(identity, weights):
    sources = minhash_sources(weights)
    if not rich_enough(identity, sources):
        return []
    return [
        (token, copy)
        for source, weight in sources
        for token in source.tokens(source.value(identity))
        for copy in range(weight)
    ]


def texts(tokens):
    return [text for _, text in tokens]


def test_a_year_has_the_tokens_of_seven_and_an_estimated_one_of_more():
    exact = tokens_of(identity_of(birth_date="2008"), "birth_year")
    assert texts(exact) == ["2005", "2006", "2007", "2008", "2009", "2010", "2011"]
    about = tokens_of(identity_of(birth_date="2008~1"), "birth_year")
    assert texts(about) == ["2004", *texts(exact), "2012"]
    for year in ("2007", "2008", "2009"):
        assert set(tokens_of(identity_of(birth_date=year), "birth_year")) < set(about)


def test_month_and_day_share_their_tokens():
    identity = identity_of(birth_date="2008-03-12")
    assert tokens_of(identity, "birth_month") == [("month_or_day", "0:0"), ("month_or_day", "1:3")]
    assert tokens_of(identity, "birth_day") == [("month_or_day", "0:1"), ("month_or_day", "1:2")]


@pytest.mark.parametrize("text", ["2008-01-01", "2008-07-01"])
def test_a_default_date_is_no_evidence_and_still_a_match_key(text):
    identities = identities_of(birth_date=text, given_names="Alexander", family_names="Lindqvist")
    (identity,) = identities
    assert tokens_of(identity, "birth_month") == tokens_of(identity, "birth_day") == []
    assert tokens_of(identity, "birth_year")
    assert [tag for (tag, _), _ in minhash_tokens(identity, WEIGHTS) if tag != "name"] == ["birth_year"] * 2
    assert codes_of(identities, "year month day", 1) == [(0, ("2008", *text.split("-")[1:]))]


def test_an_estimated_year_enters_no_match_key_and_no_token():
    identities = identities_of(birth_date="2008~", given_names="Alexander", family_names="Lindqvist")
    assert codes_of(identities, "year", 1) == []
    assert {tag for (tag, _), _ in minhash_tokens(identities[0], WEIGHTS)} == {"name"}
    assert {tag for tag, _ in tokens_of(identities[0], "record")} == {"name"}


def test_an_uncertain_number_is_a_match_key_and_no_evidence():
    identities = identities_of(number="19811278-9873", number_level="osaker")
    (identity,) = identities
    assert tokens_of(identity, "serial") == []
    assert not any(tag == "serial" for (tag, _), _ in minhash_tokens(identity, WEIGHTS))
    assert codes_of(identities, "number", 1) == [(0, ("samordningsnummer", "valid", "198112789873"))]


def test_a_local_number_shows_its_reporter_in_match_key_and_presence():
    identities = identities_of(number="19900505-T857")
    (identity,) = identities
    assert codes_of(identities, "number", 1) == [(0, ("interim", "text", "19900505T857", "police"))]
    assert presence(identity, "serial") == ("presence", "serial:interim:police")
    assert presence(identity_of(number="19811218-9876"), "serial") == ("presence", "serial:personnummer")


def test_identities_take_turns():
    identities = identities_of(given_names=["Ada Bodil", "Cilla"])
    (ada, bodil), (cilla,) = (identity.given.sounds for identity in identities)
    assert codes_of(identities, "name_sound", 3) == [(0, (ada,)), (1, (cilla,)), (0, (bodil,))]
    assert codes_of(identities, "name_sound", 1) == [(0, (ada,))]


def test_what_identities_share_comes_once_and_again_where_there_is_room():
    identities = identities_of(birth_date="1981-12-18", family_names=["Ek", "Berg", "Holm"])
    assert codes_of(identities, "year month day", 1) == [(0, ("1981", "12", "18"))]
    assert codes_of(identities, "year month day", 2) == [(0, ("1981", "12", "18")), (1, ("1981", "12", "18"))]
    assert [owner for owner, _ in codes_of(identities, "year month day", 9)] == [0, 1, 2]


def test_new_combinations_go_before_repeated_ones():
    identities = identities_of(
        birth_date=["1981-12-18", "1981-12-18", "1982-12-18"], family_names=["Ek", "Berg", "Holm"]
    )
    assert [(owner, items[0]) for owner, items in codes_of(identities, "year month day", 3)] == [
        (0, "1981"),
        (2, "1982"),
        (1, "1981"),
    ]


def test_equal_contents_are_not_repeated():
    identities = identities_of(birth_date="1981-12-18", family_names=["Ek", "Berg"], sex="k")
    assert content_classes(identities, (NAME, SEX)) == [0, 1]
    assert content_classes(identities, (SEX,)) == [0, 0]
    assert len(codes_of(identities, "year month day", 2, (SEX,))) == 1


def test_an_empty_match_key_is_one_code_of_the_first_identity():
    assert codes_of(identities_of(family_names=["Ek", "Berg"]), "", 1) == [(0, ())]


def test_an_unknown_person_has_no_combination_and_too_few_tokens_for_minhash():
    fields = {"given_names": "Ok\u00e4nd", "number": "19811218-9877", "birth_date": "1981-12-18", "sex": "man"}
    identity = identity_of(**fields)
    assert (identity.is_unknown, identity.number.valid) == (True, False)
    for parts in ("number", "year month day", "sex", ""):
        assert codes_of([identity], parts, 2) == []
        found = CombinationCodes()
        Combinations([Combination(kind="k", parts=tuple(parts.split()), codes=2)]).add_one(identity, found)
        assert (found.messages, found.identity, found.counts) == ([], [], [0])
    assert minhash_tokens(identity, WEIGHTS) == []
    assert codes_of([identity_of(**fields | {"given_names": "Ola"})], "year month day", 2) != []


def test_a_pair_of_names_is_the_leading_words_in_either_order():
    given = tokens_of(identity_of(given_names="Amina Fatima", family_names="von Warsame"), "name_pair")
    assert given == [("name_pair", "0:amina"), ("name_pair", "1:warsame")]
    assert tokens_of(identity_of(given_names="Warsame", family_names="Amina"), "name_pair") == given
    mirrored = [
        tokens_of(identity_of(given_names=given, family_names=family), "name_pair")
        for given, family in (("Hans", "Larsson"), ("Lars", "Hansson"))
    ]
    assert set(mirrored[0]).isdisjoint(mirrored[1])
    assert tokens_of(identity_of(given_names="Amina"), "name_pair") == []
    assert tokens_of(identity_of(family_names="Amina"), "name_pair") == []


@pytest.mark.parametrize("names", ["Karl Karlsson", "Eriksson Erik", "Mohammed Muhamad", "Jens Jensen"])
def test_names_of_which_one_begins_like_the_other_are_no_pair(names):
    given, family = names.split()
    assert tokens_of(identity_of(given_names=given, family_names=family), "name_pair") == []


def test_few_tokens_make_no_minhash():
    assert minhash_tokens(identity_of(given_names="Bo", birth_date="2008"), WEIGHTS) == []
    assert len(minhash_tokens(identity_of(given_names="Bo Eva", birth_date="2008"), WEIGHTS)) == 3 + 4 + 2
    rich = minhash_tokens(identity_of(given_names="Bodil", birth_date="2008-05-06"), WEIGHTS)
    assert len(rich) == 6 + 3 * 2
