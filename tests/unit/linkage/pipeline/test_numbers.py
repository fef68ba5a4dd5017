"""What equal and unequal numbers do, from the reporter's record to the registry's decision, at several rates of error.

Around the pairs that are looked at stand persons whom both reporters know, so that the model learns from matches of the
same error rate.
"""

from __future__ import annotations

import random
from functools import cache

import pytest

from benchmarks.keys import fixed_key_text
from linkage.pipeline import Registry
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import load_profile

# Every rate of error takes a run of the whole pipeline.
pytestmark = pytest.mark.whole

GIVEN = (
    ("Anna", "Lena", "Maria", "Sara", "Eva", "Ingrid", "Birgitta", "Gunilla", "Yvonne", "Charlotte"),
    ("Erik", "Karl", "Nils", "Hugo", "Per", "Oskar", "Gustaf", "Viktor", "Torbjörn", "Fredrik"),
)
FAMILY = (
    "Berg",
    "Lund",
    "Holm",
    "Dahl",
    "Nordin",
    "Ek",
    "Sandberg",
    "Wallin",
    "Hedström",
    "Fransson",
    "Öberg",
    "Ågren",
)
SEXES = ("woman", "man")
N_PERSONS = 140


def with_check_digit(digits: str) -> str:
    """Append the check digit to nine digits: double every other, add up, and fill up to the next ten."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    return digits + str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def number(date: str, serial: int, *, samordning: bool = False) -> str:
    """Return a valid number: date with a two-digit year, three digits of the serial, and check digit."""
    year, month, day = date.split("-")
    whole = with_check_digit(f"{year[2:]}{month}{int(day) + 60 * samordning:02d}{serial:03d}")
    return f"{year[:2]}{whole[:6]}-{whole[6:]}"


def person(place: int) -> dict:
    """Invent a person with number, names, date and sex."""
    rng = random.Random(place)
    sex = rng.randrange(2)
    date = f"{rng.randint(1960, 1999)}-{rng.randint(1, 12):02d}-{rng.randint(2, 28):02d}"
    return {
        "number": number(date, 2 * rng.randrange(490) + (sex == 1)),
        "given_names": " ".join(rng.sample(GIVEN[sex], 2)),
        "family_names": f"{rng.choice(FAMILY)} {rng.choice(FAMILY)}",
        "birth_date": date,
        "sex": SEXES[sex],
    }


def with_errors(values: dict, rate: float, rng: random.Random) -> dict:
    """Drop a letter of a name, and drop the number, each at the given rate."""
    found = dict(values)
    for field in ("given_names", "family_names"):
        if rng.random() < rate:
            place = rng.randrange(len(found[field]))
            found[field] = found[field][:place] + found[field][place + 1 :]
    if rng.random() < rate:
        del found["number"]
    return found


def with_number_of(place: int, **values) -> dict:
    return {"number": person(place)["number"], **values}


def other_sex(place: int) -> str:
    return SEXES[person(place)["sex"] == "woman"]


STRANGE = {"given_names": "Xuân Quỳnh", "family_names": "Mbugua Otieno"}
"""Names that share hardly any bigram with those of the crowd."""

TWIN = {"given_names": "Zuzanna Iwona"}


def cases() -> dict[str, tuple[dict, dict]]:
    """Return the pairs under test: the records of the police, and those of the school."""
    pairs = {
        "borrowed": (person(0), with_number_of(0, **STRANGE, sex=other_sex(0))),
        "borrowed, own date": (person(1), with_number_of(1, **STRANGE, sex=other_sex(1), birth_date="1971-03-09")),
        "of a relative": (
            person(2),
            with_number_of(
                2, given_names=TWIN["given_names"], family_names=person(2)["family_names"], sex=other_sex(2)
            ),
        ),
        "other names": (person(3), with_number_of(3, **STRANGE, sex=person(3)["sex"])),
        "other names, sex unknown": (person(4), with_number_of(4, **STRANGE)),
        "married": (person(5), person(5) | {"family_names": STRANGE["family_names"]}),
        "sex mistyped": (person(6), person(6) | {"sex": other_sex(6)}),
        "number alone": (person(7), with_number_of(7)),
        "no number": (person(8), {name: value for name, value in person(8).items() if name != "number"}),
        "another number": (person(9), person(9) | {"number": number(person(9)["birth_date"], 987)}),
        "twin": (person(10), person(10) | TWIN | {"number": number(person(10)["birth_date"], 123)}),
        "namesake": (person(11), person(11) | {"birth_date": "1958-11-30", "number": number("1958-11-30", 321)}),
        "other type": (person(12), person(12) | {"number": number(person(12)["birth_date"], 987, samordning=True)}),
        "corrected": (person(13), person(13) | {"number": [number("1970-01-02", 222), person(13)["number"]]}),
    }
    return pairs


@cache
def _explained(rate: float, folder, key_name: str = "numbers") -> dict:
    """Encode, receive and link, and explain every case."""
    profile, key = load_profile("case-registry"), LinkageKey.parse(fixed_key_text(key_name))
    rng = random.Random(1)
    pairs = cases()
    police = [Record(f"p-{name}", **one) for name, (one, _) in pairs.items()]
    school = [Record(f"s-{name}", **other) for name, (_, other) in pairs.items()]
    for place in range(len(pairs), N_PERSONS):
        police.append(Record(f"p{place}", **with_errors(person(place), rate, rng)))
        school.append(Record(f"s{place}", **with_errors(person(place + 20), rate, rng)))
    # A reporter that knows only the later number of the person whose number was corrected.
    care = [Record("c-later", **(person(13) | {"number": number("1970-01-02", 222)}))]
    # One that knows of the borrowed number and nothing else: it goes with the one as well as with the other.
    care.append(Record("c-bridge", **with_number_of(0)))
    care += [Record(f"c{place}", **with_errors(person(place), rate, rng)) for place in range(60, 110)]
    registry = Registry.create(folder / "r.duckdb", profile=profile)
    for reporter, records in {"police": police, "school": school, "care": care}.items():
        Encoder(key, reporter=reporter, profile=profile).write(folder / f"{reporter}.parquet", records, sequence=1)
        registry.receive(folder / f"{reporter}.parquet")
    registry.link()
    found = {name: registry.explain(f"police/p-{name}", f"school/s-{name}") for name in pairs}
    found["later"] = registry.explain("police/p-corrected", "care/c-later")
    found["bridges"] = [
        registry.explain(f"{reporter}-borrowed", "care/c-bridge") for reporter in ("police/p", "school/s")
    ]
    found["rows"] = {(row["record_id_a"], row["record_id_b"]): row for row in registry.links().to_pylist()}
    return found


@pytest.fixture(scope="module", params=[0.0, 0.1, 0.3])
def explained(request, tmp_path_factory):
    return _explained(request.param, tmp_path_factory.mktemp("numbers"))


def fields(explanation):
    return {field.field: field for field in explanation.fields}


@pytest.mark.parametrize("case", cases())
def test_an_explanation_compares_as_the_run_did(explained, case):
    row = explained["rows"].get((f"p-{case}", f"s-{case}"))
    if row is not None:
        assert explained[case].match_weight == pytest.approx(row["match_weight"], abs=1e-9)


@pytest.mark.parametrize("case", ["borrowed", "borrowed, own date", "of a relative"])
def test_a_number_of_another_person_goes_to_review(explained, case):
    found = explained[case]
    assert fields(found)["serial"].weight > 0, "the number is shared"
    assert (found.decision, found.reason, found.persons.same) == ("review", "number of another person", False)
    row = explained["rows"][f"p-{case}", f"s-{case}"]
    assert (row["decision"], row["reason"]) == ("review", "number of another person")


def test_a_record_that_goes_with_both_does_not_make_one_person_of_them(explained):
    bridges = explained["bridges"]
    assert sum(bridge.persons.same for bridge in bridges) == 1
    assert all(bridge.probability > 0.5 for bridge in bridges)


@pytest.mark.parametrize("case", ["other names", "other names, sex unknown"])
def test_one_number_under_two_names_is_looked_at(explained, case):
    found = explained[case]
    assert found.probability < 0.5
    assert (found.decision, found.reason) == ("review", "one number, other names")


@pytest.mark.parametrize("case", ["married", "sex mistyped", "number alone"])
def test_an_equal_number_is_strong_where_names_or_sex_do_not_disagree(explained, case):
    found = explained[case]
    assert (found.decision, found.persons.same) == ("link", True)
    assert found.probability > 0.95


def test_an_unequal_number_is_strong_evidence_against(explained):
    unequal, none = explained["another number"], explained["no number"]
    assert fields(unequal)["serial"].weight < -4
    assert fields(none)["serial"].outcome == "absent"
    assert explained["another number"].before < none.before


def test_namesakes_with_numbers_of_their_own_are_not_linked(explained):
    found = explained["namesake"]
    assert not found.persons.same
    assert found.probability is None or found.probability < 0.1


@pytest.mark.parametrize(
    "place", [place if place < 2 else pytest.param(place, marks=pytest.mark.slow) for place in range(8)]
)
def test_twins_with_numbers_of_their_own_are_not_linked(tmp_path, place):
    """Each reporter knows one of them, so both lack a partner, which alone would speak for a match."""
    assert not _explained(0.1, tmp_path, f"twins {place}")["twin"].persons.same


def test_numbers_of_two_types_are_missing_to_each_other(explained):
    found = explained["other type"]
    assert (fields(found)["serial"].outcome, fields(found)["serial"].weight) == ("absent", 0)
    assert (found.decision, found.persons.same) == ("link", True)


def test_an_earlier_and_a_later_number_of_one_person_are_no_conflict(explained):
    assert fields(explained["corrected"])["serial"].weight > 0
    assert explained["corrected"].persons.same
    # The police know only the earlier number and the care only the later one; the school knows both.
    assert explained["later"].persons.same
    assert explained["later"].persons.records[0] == 3
