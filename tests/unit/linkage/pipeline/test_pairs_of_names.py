"""What the registry makes of two records by their names: exchanged, mirrored, cut, or those of nobody known."""

from __future__ import annotations

import pytest

from benchmarks.keys import fixed_key_text
from linkage.pipeline import Registry
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey

NUMBER = "198112189876"

MIRRORED = [
    ("Erik Larsson", "Lars Eriksson"),
    ("Hans Larsson", "Lars Hansson"),
    ("Jens Hansen", "Hans Jensen"),
    ("Peter Williams", "William Peters"),
    ("Ivan Petrov", "Petr Ivanov"),
    ("Ahmad Rahimi", "Rahim Ahmadi"),
]
EXCHANGED = [
    ("Amina", "Warsame", "Warsame", "Amina"),
    ("Amina Fatima", "Warsame", "Warsame", "Amina"),
    ("Ebba", "von Essen", "von Essen", "Ebba"),
    ("El Mehdi", "Amrani", "Amrani", "El Mehdi"),
]
PARTICLES = ["Al", "Ben", "Du", "Van", "Le"]
UNKNOWN = [
    ("Okänd pojke", "Okänd"),
    ("Ej känd", "Ej känd"),
    ("Okänt barn 1", None),
    ("Unknown female", "Unknown"),
    ("N", "N"),
    ("Jane", "Doe"),
    ("Flicka 2", None),
    ("Barn till Anna Berg", None),
    ("Ukjent gutt", "Ukjent"),
    ("Tuntematon", "Tuntematon"),
    ("Unbekanntes Mädchen", "Unbekannt"),
    ("Inconnue", "Inconnue"),
    ("Невідома", "Невідома"),
    ("غير معروف", "مجهول"),
    ("Ingen", "Ingen"),
    ("Person", "A"),
    ("لا يوجد", "لا يوجد"),
    ("不明", "不明"),
]


def linked(tmp_path, records_of, seed="names"):
    """Link records in an empty registry; return the records of each person."""
    key = LinkageKey.parse(fixed_key_text(seed))
    files = []
    for reporter, records in records_of.items():
        files.append(tmp_path / f"{reporter}.parquet")
        Encoder(key, reporter=reporter).write(files[-1], records, sequence=1, on_fault="ignore")
    registry = Registry.create(tmp_path / "r")
    registry.receive_all(files)
    registry.link()
    persons = {}
    for row in registry.persons().to_pylist():
        persons.setdefault(row["person_id"], set()).add(row["record_id"])
    return sorted(map(sorted, persons.values()))


def pair(tmp_path, one, other, seed="names"):
    """Return whether a record of the police and one of a school are one person."""
    return linked(tmp_path, {"police": [Record("p", **one)], "school": [Record("s", **other)]}, seed) == [["p", "s"]]


def named(given, family, birth_date="1979-06-30"):
    return {"given_names": given, "family_names": family, "birth_date": birth_date, "sex": "man"}


@pytest.mark.whole
@pytest.mark.parametrize(("one", "other"), MIRRORED)
def test_mirrored_names_are_two_persons(tmp_path, one, other):
    assert not pair(tmp_path, named(*one.split(), "1968"), named(*other.split(), "1968-09-03"))


@pytest.mark.whole
@pytest.mark.parametrize("names", EXCHANGED)
def test_names_of_which_whole_words_are_exchanged_are_one_person(tmp_path, names):
    assert pair(tmp_path, named(*names[:2]), named(*names[2:]))


@pytest.mark.whole
@pytest.mark.parametrize("name", PARTICLES)
def test_a_name_that_is_also_a_particle_is_found_again(tmp_path, name):
    assert pair(tmp_path, named(f"{name} Henrik", "Mossberg"), named(name, "Mossberg"))


@pytest.mark.whole
def test_unknown_persons_meet_nobody_and_each_is_a_person(tmp_path):
    dates = [None, "2010-05-05", "1990-01-01"]
    records_of = {
        reporter: [
            Record(f"{reporter}-{n}", given_names=given, family_names=family, birth_date=dates[n % 3], sex="kvinna")
            for n, (given, family) in enumerate(UNKNOWN)
        ]
        for reporter in ("police", "school")
    }
    assert len(linked(tmp_path, records_of)) == 2 * len(UNKNOWN)


@pytest.mark.whole
def test_a_valid_number_identifies_a_person_who_is_called_unknown(tmp_path):
    unknown = {"given_names": "Okänd", "family_names": "Okänd"}
    records = [Record("p1", number=NUMBER, **unknown), Record("p2", number="19811218-9877", **unknown)]
    others = [Record("s1", number=NUMBER, **unknown), Record("s2", number="19811218-9877", **unknown)]
    assert linked(tmp_path, {"police": records, "school": others}) == [["p1", "s1"], ["p2"], ["s2"]]


TWINS = [("Lovisa", "Vera"), ("Ida", "Eva"), ("Emil", "Axel"), ("Bo", "Åke"), ("Ali", "Omar"), ("Freja", "Saga")]
SPELLINGS = [("Mohammed", "Muhamed"), ("Yousef", "Yusuf"), ("Katarina", "Catharina"), ("Anna Lovisa", "Lovisa")]
KEYS = (
    "names",
    pytest.param("other names", marks=pytest.mark.slow),
    pytest.param("third names", marks=pytest.mark.slow),
)

under_each_key = pytest.mark.parametrize("seed", KEYS)
"""Which match keys meet is chance of the key. One is enough for every change."""


@pytest.mark.whole
@under_each_key
@pytest.mark.parametrize(("one", "other"), TWINS)
def test_twins_of_whom_each_reporter_knows_one_are_two(tmp_path, one, other, seed):
    first, second = (named(name, "Hammarfeldt", "2013-05-06") for name in (one, other))
    assert not pair(tmp_path, first, second, seed)


@pytest.mark.whole
def test_also_if_one_is_known_three_times(tmp_path):
    one, other = named("Lovisa", "Hammarfeldt", "2013-05-06"), named("Vera", "Hammarfeldt", "2013-05-06")
    records = {"police": [Record(f"p{n}", **one) for n in range(3)], "school": [Record("s", **other)]}
    assert linked(tmp_path, records) == [["p0", "p1", "p2"], ["s"]]


@pytest.mark.whole
@under_each_key
@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_names_that_sound_alike_are_one_person(tmp_path, one, other, seed):
    assert pair(tmp_path, named(one, "Warsame", "2013-05-06"), named(other, "Warsame", "2013-05-06"), seed)


@pytest.mark.whole
@under_each_key
@pytest.mark.parametrize(("one", "other"), [("Anna", "Hanna"), ("Maja", "Maria"), ("Ida", "Frida"), ("Alva", "Alma")])
def test_so_are_twins_whose_names_are_alike(tmp_path, one, other, seed):
    first, second = (named(name, "Hammarfeldt", "2013-05-06") for name in (one, other))
    assert not pair(tmp_path, first, second, seed)


OF_BOTH = [
    *(("Anna", "Hanna"), ("Ella", "Stella"), ("Alva Maria", "Vera Maria")),
    *(("Julia", "Julie"), ("Amir", "Amira"), ("Ida", "Ada"), ("Maja", "Maya")),
]
"""The last four sound alike."""


@pytest.mark.whole
@pytest.mark.parametrize(("one", "other"), OF_BOTH)
def test_where_both_are_known_to_both_each_is_one_of_two(tmp_path, one, other):
    twins = [named(name, "Hammarfeldt", "2013-05-06") for name in (one, other)]
    records = {r: [Record(f"{r}{n}", **twin) for n, twin in enumerate(twins)] for r in ("police", "school")}
    assert linked(tmp_path, records) == [["police0", "school0"], ["police1", "school1"]]


@pytest.mark.whole
@under_each_key
@pytest.mark.parametrize(
    "names", [("Anna", "Hanna", "Johanna"), ("Amir", "Samir", "Tamir"), ("Bella", "Ella", "Stella")]
)
def test_three_of_one_birth_are_three(tmp_path, names, seed):
    born = [named(name, "Hammarfeldt", "2013-05-06") for name in names]
    records = {r: [Record(f"{r}{n}", **one) for n, one in enumerate(born)] for r in ("police", "school")}
    assert linked(tmp_path, records, seed) == [[f"police{n}", f"school{n}"] for n in range(3)]


LITTLE = {
    "a family name and a year": [{"family_names": "Hammarfeldt", "birth_date": "1983"}] * 2,
    "a given name and a default date": [{"given_names": "Selam", "birth_date": "1996-01-01", "sex": "kvinna"}] * 2,
}


@pytest.mark.whole
@pytest.mark.parametrize("kind", LITTLE)
def test_what_hundreds_share_joins_nobody_within_a_reporter_either(tmp_path, kind):
    records = [Record(f"p{n}", **record) for n, record in enumerate(LITTLE[kind])]
    assert linked(tmp_path, {"police": records}) == [["p0"], ["p1"]]


@pytest.mark.whole
def test_siblings_with_default_dates_are_not_one_person_of_each_reporter(tmp_path):
    born = [named("Farah", "Hammarfeldt", "2010-01-01"), named("Zahra", "Hammarfeldt", "2012-01-01")]
    records = {r: [Record(f"{r}{n}", **one) for n, one in enumerate(born)] for r in ("police", "school")}
    persons = linked(tmp_path, records)
    assert not any({f"{r}0", f"{r}1"} <= set(person) for person in persons for r in records)


OTHERS = {
    "father and son": (named("Karl", "Hammarfeldt", "1951-12-24"), named("Karl", "Hammarfeldt", "1981-12-24")),
    "two of one birth date": (named("Per", "Andersson", "1979-03-02"), named("Per", "Johansson", "1979-03-02")),
    "two numbers": (
        {"number": "19811218-9876", **named("Karl", "Hammarfeldt", "1981-12-18")},
        {"number": "19811218-0131", **named("Karl", "Hammarfeldt", "1981-12-18")},
    ),
}


@pytest.mark.whole
@under_each_key
@pytest.mark.parametrize("kind", OTHERS)
def test_what_others_share_joins_nobody_in_a_small_registry(tmp_path, kind, seed):
    assert not pair(tmp_path, *OTHERS[kind], seed)


@pytest.mark.whole
@under_each_key
def test_a_family_name_in_another_alphabet_is_the_same(tmp_path, seed):
    one, other = (named("Oleksandr", family, "1986-11-23") for family in ("Sjevtjenko", "Shevchenko"))
    assert pair(tmp_path, one, other, seed)


@pytest.mark.whole
@under_each_key
def test_month_and_day_may_be_exchanged(tmp_path, seed):
    assert pair(tmp_path, *(named("Idun", "Sollerman", day) for day in ("2009-03-02", "2009-02-03")), seed)


@pytest.mark.whole
def test_records_without_a_date_do_not_join_whom_another_reporter_reported_often(tmp_path):
    dated, undated = named("Idun", "Sollerman", "2009-03-02"), named("Idun", "Sollerman", None)
    police, school = [Record(f"p{n}", **dated) for n in range(3)], [Record(f"s{n}", **undated) for n in range(2)]
    assert linked(tmp_path, {"police": police, "school": school}) == [["p0", "p1", "p2"], ["s0", "s1"]]


@pytest.mark.whole
@under_each_key
@pytest.mark.parametrize(("one", "other"), [("Saga", "Svea"), ("Abel", "Amanuel"), ("Alva", "Alvin")])
def test_siblings_with_birthdays_a_year_apart_are_two_where_both_are_known_to_both(tmp_path, one, other, seed):
    born = [named(one, "Hammarfeldt", "2012-06-14"), named(other, "Hammarfeldt", "2013-06-14")]
    records = {r: [Record(f"{r}{n}", **child) for n, child in enumerate(born)] for r in ("police", "school")}
    assert linked(tmp_path, records, seed) == [["police0", "school0"], ["police1", "school1"]]


@pytest.mark.whole
@under_each_key
@pytest.mark.parametrize(("name", "short"), [("Katarina", "Kattis"), ("Elisabeth", "Lisa"), ("Birgitta", "Gittan")])
def test_a_short_name_with_the_same_number_is_the_same_person(tmp_path, name, short, seed):
    one, other = ({"number": NUMBER, **named(given, "Hammarfeldt", "1981-12-18")} for given in (name, short))
    assert pair(tmp_path, one, other, seed)


@pytest.mark.whole
def test_also_if_both_reporters_know_both_names(tmp_path):
    one, other = (named(given, "Hammarfeldt", "1981-12-18") for given in ("Katarina", "Kattis"))
    police = [Record("p0", number=NUMBER, **one), Record("p1", number=NUMBER, **other)]
    school = [Record("s0", number=NUMBER, **one), Record("s1", **other)]
    assert linked(tmp_path, {"police": police, "school": school}) == [["p0", "p1", "s0", "s1"]]
