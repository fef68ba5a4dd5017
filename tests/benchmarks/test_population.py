"""Synthetic people have valid numbers, follow the assumptions, and are as hard to distinguish as intended."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.population import (
    KINDS,
    LEVELS,
    REFERRALS,
    REPORTERS,
    Assumptions,
    ErrorRates,
    Plan,
    PopulationRates,
    ReportRates,
    errors_at,
    make_blocks,
    make_population,
    register_table,
)
from benchmarks.population.households import YEAR_DAYS
from benchmarks.population.invented import dossier_numbers, interim_numbers, reserve_numbers
from benchmarks.population.kinds import AGE_SHARES, age_table, read_ages
from benchmarks.population.name_counts import load_counts
from benchmarks.population.names import ORIGINS, heard
from benchmarks.population.numbers import NumberRegister, day_number, is_samordning, number_texts
from benchmarks.population.romanise import romanise


@pytest.fixture(scope="module")
def population():
    return make_population(4000, seed=7)


@pytest.fixture(scope="module")
def country():
    return make_population(12_000, seed=7, kind="national", serials="any")


def luhn(digits: str) -> bool:
    """Check a number by the textbook rule: double every other digit from the right, and add up the digits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += sum(divmod(int(digit) * (1 + place % 2), 10))
    return total % 10 == 0


def texts(codes: np.ndarray) -> list[str]:
    return [text for text in number_texts(codes, "plain12").tolist() if text is not None]


def ages(population) -> np.ndarray:
    last = np.datetime64(population.rates.reference_date)
    return ((last - population.birth).astype(np.int64) / YEAR_DAYS).astype(np.int64)


def test_another_seed_gives_other_people() -> None:
    one, other = (make_population(300, seed=seed) for seed in (1, 2))
    assert (one.birth != other.birth).mean() > 0.9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 17, 400])
def test_there_are_as_many_people_as_asked_for(kind: str, n: int) -> None:
    population = make_population(n, seed=3, kind=kind)
    assert len(population) == n == population.households.size.sum()
    assert (population.households.size > 0).all()


def test_refuses_a_population_of_nobody_and_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_population(0, seed=1)
    with pytest.raises(ValueError, match="kind"):
        make_population(1, seed=1, kind="martians")


# Numbers.


def test_numbers_are_valid_unique_and_of_the_test_range(population) -> None:
    ladder = population.ladder
    numbers = texts(np.r_[ladder.number, ladder.earlier])
    assert len(set(numbers)) == len(numbers) > 3000
    for number in numbers:
        assert re.fullmatch("[0-9]{12}", number)
        assert luhn(number[2:])
        assert 980 <= int(number[8:11]) <= 999
        day = int(number[6:8])
        date(int(number[:4]), int(number[4:6]), day - 60 if day > 60 else day)
    assert population.beyond_test_range == 0


def test_a_number_tells_sex_and_month_of_its_person(population) -> None:
    numbers = number_texts(population.ladder.number, "plain12")
    for number, birth, sex in zip(numbers, population.birth.astype(str), population.sex, strict=True):
        if number is not None:
            assert int(number[10]) % 2 == sex
            assert number[:6] == birth[:7].replace("-", "")


def test_the_type_of_a_number_follows_from_its_day(population) -> None:
    codes = population.ladder.number
    for code, number in zip(codes[codes >= 0], texts(codes), strict=True):
        assert is_samordning(np.array([code]))[0] == (int(number[6:8]) > 60)


def test_numbers_are_written_in_three_forms() -> None:
    register = NumberRegister()
    code = register.assign(np.array(["2001-02-03"], dtype="datetime64[D]"), np.array([True]), samordning=True)
    plain, dash, short = (number_texts(code, form)[0] for form in ("plain12", "dash12", "dash10"))
    assert plain.startswith("20010263")
    assert dash == f"{plain[:8]}-{plain[8:]}"
    assert short == dash[2:]
    assert number_texts(np.array([-1]), "plain12")[0] is None


def test_a_day_without_serials_left_sends_people_to_days_nearby() -> None:
    birth = np.full(50, np.datetime64("2001-01-01"))
    register = NumberRegister()
    numbers = texts(register.assign(birth, np.ones(50, dtype=bool), samordning=False))
    assert register.beyond_test_range == 0
    assert Counter(number[:8] for number in numbers) == {f"200101{day:02d}": 10 for day in range(1, 6)}


def test_a_month_without_serials_left_goes_below_the_test_range_and_says_so() -> None:
    birth = np.full(300, np.datetime64("2001-02-01"))
    register = NumberRegister()
    numbers = texts(register.assign(birth, np.zeros(300, dtype=bool), samordning=True))
    assert register.beyond_test_range == 300 - 28 * 10
    assert len(set(numbers)) == 300
    assert {number[:6] for number in numbers} == {"200102"}


@pytest.mark.whole
def test_a_register_never_gives_a_number_twice_and_says_when_none_is_left() -> None:
    register = NumberRegister("any")
    birth, man = np.full(499, np.datetime64("2001-02-01")), np.zeros(499, dtype=bool)
    numbers = [text for _ in range(28) for text in texts(register.assign(birth, man, samordning=False))]
    assert len(set(numbers)) == len(numbers) == 28 * 499
    assert all(luhn(number[2:]) and 1 <= int(number[8:11]) <= 998 for number in numbers)
    with pytest.raises(ValueError, match="more persons"):
        register.assign(birth[:1], man[:1], samordning=False)


def test_test_serials_are_used_evenly(population) -> None:
    serials = Counter(number[8:11] for number in texts(population.ladder.number))
    assert len(serials) == 20
    assert max(serials.values()) < 2 * min(serials.values())


def test_serials_of_the_whole_range_scatter() -> None:
    birth = np.full(300, np.datetime64("2001-02-03"))
    register = NumberRegister("any")
    serials = [int(n[8:11]) for n in texts(register.assign(birth, np.zeros(300, dtype=bool), samordning=False))]
    assert len(set(serials)) == 300
    assert 1 <= min(serials) < 100
    assert register.beyond_test_range == sum(serial < 980 for serial in serials)


def test_interim_numbers_have_a_letter_and_some_a_check_digit() -> None:
    lot = np.random.default_rng(1).integers(0, 1 << 40, 4000)
    day = np.repeat(day_number(np.array(["2012-03-04"], dtype="datetime64[D]")), 4000)
    numbers = interim_numbers(day, lot, PopulationRates()).tolist()
    assert all(re.fullmatch("120304-T([0-9]{3}|F[0-9]{2})", number) for number in numbers)
    plain = [number for number in numbers if "F" not in number]
    assert len(plain) / 4000 == pytest.approx(0.75, abs=0.03)
    # A tenth of the others has a right check digit by chance.
    valid = [luhn(number.replace("-", "").replace("T", "1")) for number in plain]
    assert np.mean(valid) == pytest.approx(0.3 + 0.7 * 0.1, abs=0.03)
    assert numbers == interim_numbers(day, lot, PopulationRates()).tolist()


def test_reserve_numbers_follow_the_forms_of_their_regions() -> None:
    n = 3000
    rng = np.random.default_rng(1)
    day = np.repeat(day_number(np.array(["1987-11-30"], dtype="datetime64[D]")), n)
    man = rng.random(n) < 0.5
    numbers, kinds = reserve_numbers(day, man, lot=rng.integers(0, 1 << 40, n), year=np.full(n, 2024), national=0.5)
    shares = Counter(kinds.tolist())
    assert shares["reserve_stockholm"] / n == pytest.approx(0.24, abs=0.03)
    assert shares["national_reserve"] / n == pytest.approx(shares["reserve_inera"] / n, abs=0.03)
    for number, kind, is_man in zip(numbers, kinds, man, strict=True):
        assert re.fullmatch(RESERVE_FORMS[kind], number), (number, kind)
        if kind in RESERVE_CHECKED:
            assert luhn(RESERVE_CHECKED[kind](number)), (number, kind)
        if kind in RESERVE_SEX:
            assert int(number[RESERVE_SEX[kind]]) % 2 == is_man


RESERVE_FORMS = {
    "reserve_stockholm": "992024[0-9]{6}",
    "reserve_vgr": "19871130[KMX][0-9]{3}",
    "reserve_skane": "19871130[A-Z][0-9]{3}",
    "reserve_varmland": "19871130S[FUXPL][0-9][A-Z]",
    "reserve_inera": "198711(3[2-9]|[45][0-9])[0-9]{4}",
    "national_reserve": "22871130[A-Z]{2}[0-9]{2}",
}
RESERVE_CHECKED = {
    "reserve_stockholm": lambda number: number[4:],
    "reserve_vgr": lambda number: number[2:].translate(str.maketrans("KMX", "578")),
    "reserve_inera": lambda number: number[2:],
}
RESERVE_SEX = {"reserve_stockholm": 10, "reserve_vgr": 10, "reserve_varmland": 10, "national_reserve": 10}


def test_dossier_numbers_are_each_persons_own() -> None:
    numbers = dossier_numbers(np.r_[np.arange(5000), 9_999_000 + np.arange(1000)])
    assert len(set(numbers)) == 6000
    assert all(re.fullmatch("[0-9]{8}", number) for number in numbers)


def test_the_ladder_has_the_shares_of_its_assumptions(country) -> None:
    rates, ladder, foreign = country.rates, country.ladder, country.foreign
    number = ladder.number
    assert (number[~foreign] >= 0).all()
    assert not is_samordning(number[~foreign]).any()
    residents = (number >= 0) & ~is_samordning(number)
    assert residents[foreign].mean() == pytest.approx(rates.personnummer, abs=0.02)
    assert is_samordning(number[foreign]).mean() == pytest.approx(rates.samordningsnummer, abs=0.02)
    renumbered = is_samordning(ladder.earlier)
    assert renumbered[foreign & residents].mean() == pytest.approx(rates.renumbered, abs=0.03)
    assert (ladder.level == 2).mean() == pytest.approx(rates.level_uncertain, abs=0.01)
    assert ladder.protected.mean() == pytest.approx(rates.protected, abs=0.0015)
    assert (ladder.earlier[ladder.protected] >= 0).all()


def test_a_change_of_legal_sex_changes_the_number() -> None:
    rates = replace(PopulationRates(), legal_sex=0.3)
    population = make_population(2000, seed=1, rates=rates)
    ladder = population.ladder
    assert ladder.legal_sex.sum() > 200
    before, after = ladder.earlier[ladder.legal_sex], ladder.number[ladder.legal_sex]
    assert (before // 10 % 2 == 1 - population.sex[ladder.legal_sex]).all()
    assert (after // 10 % 2 == population.sex[ladder.legal_sex]).all()
    assert (population.earlier_given[ladder.legal_sex] >= 0).all()


def test_a_default_date_may_have_a_number_of_a_nearby_day() -> None:
    rates = replace(PopulationRates(), default_date=0.9, nearby_day=0.5, personnummer=1.0, per_date=0.0)
    # The whole range of serials, so that it is not the test range that ran out of the day.
    population = make_population(4000, seed=1, rates=rates, serials="any")
    born = population.ladder.default_date & (population.ladder.number >= 0)
    assert set(np.char.partition(population.birth[born].astype(str), "-")[:, 2]) == {"01-01", "07-01"}
    day = population.ladder.number[born] // 10_000 // 2
    other = day != day_number(population.birth[born])
    assert other.mean() == pytest.approx(0.5, abs=0.05)
    month = (np.datetime64("1870-01-01") + day).astype("datetime64[M]")
    assert (month == population.birth[born].astype("datetime64[M]")).all()


# Ages and households.


def test_the_table_of_ages_is_of_the_whole_population() -> None:
    assert sum(women + men for _, women, men in AGE_SHARES) == pytest.approx(1000, abs=0.1)
    table = age_table()
    assert table.shape == (101, 2)
    assert table.sum() == pytest.approx(1)
    assert table[30:35].sum() == pytest.approx(0.07031, abs=1e-4)


def test_a_country_has_the_ages_of_the_table(country) -> None:
    table = age_table()
    found = np.zeros_like(table)
    np.add.at(found, (np.minimum(ages(country), 100), country.sex), 1 / len(country))
    by_group = np.add.reduceat(found - table, np.arange(0, 100, 10), axis=0)
    assert np.abs(by_group).max() < 0.008
    assert np.abs(by_group).sum() / 2 < 0.03


def test_a_country_follows_a_file_of_ages(tmp_path: Path) -> None:
    path = tmp_path / "ages.csv"
    rows = [f"{age},{sex},{100 if age < 40 else 0}" for age in range(0, 90) for sex in ("F", "M")]
    path.write_text("\n".join(["age,sex,pop", *rows, "100+,F,0"]), encoding="utf-8")
    plan = Plan(n_persons=2000, seed=1, kind="national", ages=read_ages(path))
    (population,) = make_blocks(plan)
    young = ages(population) < 40
    # Parents of older children may be older than the table allows; nobody else is.
    assert young.mean() > 0.7
    assert (ages(population)[~population.child & (population.households.size[population.household] < 2)] < 40).all()


@pytest.mark.parametrize("text", ["age,sex,pop\nx,F,1", "year,sex,pop\n1,F,1", "age,sex,pop\n1,Q,1", "age,sex,pop\n"])
def test_a_file_that_counts_nothing_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ages.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="file of ages"):
        read_ages(path)


def test_children_are_drawn_by_household_over_fourteen_years() -> None:
    population = make_population(5000, seed=2, kind="children")
    assert population.child.all()
    assert ages(population).max() == 13
    assert np.bincount(ages(population), minlength=14).min() > 5000 / 14 * 0.8
    assert (population.households.size[population.household] > 1).mean() > 0.5


def test_adults_are_alone_and_sparse() -> None:
    population = make_population(1500, seed=2, kind="adults")
    assert (population.households.size == 1).all()
    assert ages(population).min() >= 18
    assert len(np.unique(population.birth)) > 0.9 * 1500


@pytest.mark.parametrize(("kind", "per_date"), [("dense", 300), ("new_year", 900)])
def test_a_dense_population_has_many_persons_of_each_date(kind: str, per_date: int) -> None:
    population = make_population(per_date * 10, seed=2, kind=kind, serials="any")
    days, counts = np.unique(population.birth, return_counts=True)
    assert len(days) == 10
    assert counts.mean() == per_date
    assert counts.min() > per_date * 0.75
    if kind == "new_year":
        assert all(str(day).endswith("-01-01") for day in days)
    numbers = texts(population.ladder.number)
    assert len(set(numbers)) == len(numbers)


def test_twins_share_date_and_family_name(population) -> None:
    twins = population.twin
    assert twins.sum() > 5
    key = list(zip(population.household[twins].tolist(), population.birth[twins].tolist(), strict=True))
    assert set(Counter(key).values()) == {2}
    family = population.naming.family[twins]
    by_key: dict[tuple[int, int], set[int]] = {}
    start = population.names.vocabulary.start
    gendered = {i for i, origin in enumerate(ORIGINS) if origin.tradition == "gendered"}
    for place, (one, name) in enumerate(zip(key, family[:, 0].tolist(), strict=True)):
        if population.households.origin[population.household[twins][place]] not in gendered:
            by_key.setdefault(one, set()).add(int(start[name]))
    assert {len(names) for names in by_key.values()} == {1}


@pytest.mark.parametrize("kind", ["cases", "national", "children"])
def test_sweeping_twins_changes_their_share(kind: str) -> None:
    few, many = (
        make_population(3000, seed=1, kind=kind, rates=replace(PopulationRates(), twins=share, single=0.0)).twin.mean()
        for share in (0.0, 0.6)
    )
    assert few == 0
    assert many > 0.06


def test_there_are_cousins_with_equal_names(population) -> None:
    children = population.child
    pairs = Counter(
        zip(population.naming.given[children, 0].tolist(), population.naming.family[children, 0].tolist(), strict=True)
    )
    assert max(pairs.values()) > 1


def test_siblings_have_names_of_their_own(population) -> None:
    first = Counter(zip(population.household.tolist(), population.naming.given[:, 0].tolist(), strict=True))
    assert sum(n > 1 for n in first.values()) < len(population) / 1000


@pytest.mark.parametrize("kind", ["cases", "national"])
def test_a_child_is_younger_than_its_parents(kind: str) -> None:
    population = make_population(3000, seed=5, kind=kind)
    eldest = np.full(len(population.households.size), np.iinfo(np.int64).max)
    days = population.birth.astype(np.int64)
    child = population.child
    np.minimum.at(eldest, population.household[child], days[child])
    with_children = np.unique(population.household[child])
    parents = ~child & np.isin(population.household, with_children)
    assert parents.any()
    assert (days[parents] < eldest[population.household[parents]]).all()


# Names.


def test_shares_of_origins_name_known_origins_and_sum_to_one(population) -> None:
    shares = dict(PopulationRates().origins)
    assert set(shares) == {origin.code for origin in ORIGINS}
    assert sum(shares.values()) == pytest.approx(1)
    found = np.bincount(population.households.origin, minlength=len(ORIGINS)) / len(population.households.size)
    assert found == pytest.approx([shares[origin.code] for origin in ORIGINS], abs=0.03)


def test_names_have_other_spellings(population) -> None:
    vocabulary = population.names.vocabulary
    spelling = np.arange(len(vocabulary.text))
    other = vocabulary.other(spelling, np.random.default_rng(1))
    several = vocabulary.size > 1
    assert (other[several] != spelling[several]).all()
    assert (vocabulary.start[other] == vocabulary.start[spelling]).all()
    assert (other[~several] == spelling[~several]).all()
    assert vocabulary.other(np.array([-1]), np.random.default_rng(1)).tolist() == [-1]


@pytest.mark.parametrize(
    ("name", "spelling"),
    [("Karlsson", "Carlsson"), ("Lindqvist", "Lindkvist"), ("Gustafsson", "Gustavsson"), ("Wikström", "Vikström")],
)
def test_a_listener_writes_a_name_as_it_sounds(name: str, spelling: str) -> None:
    assert heard(name)[0] == name
    assert spelling in heard(name)


def test_a_cyrillic_name_has_the_spelling_of_each_country() -> None:
    assert romanise("Олександр", "ukrainian")[0] == "Oleksandr"
    assert romanise("Юлія", "ukrainian")[:3] == ("Iuliia", "Yuliya", "Julija")
    assert romanise("Шевченко", "ukrainian") == ("Shevchenko", "Sjevtjenko")


def test_names_of_a_folder_are_drawn_by_their_counts(tmp_path: Path) -> None:
    (tmp_path / "scb2020_given_names_min10.csv").write_text(
        "name,sex,count_fornamn,count_tilltal\nAlma,F,30,30\nBirgit,F,10,10\nCarl,M,5,5\nKhaled,M,9,9\n", "utf-8"
    )
    (tmp_path / "scb2020_surnames_min20.csv").write_text("name,count\nDal,70\nEk,30\nHaddad,50\n", "utf-8")
    rows = [f"turkish,{kind},{kind.lower()}name{'abcdefghijklmn'[i]},5,1,0,x" for kind in "FMS" for i in range(14)]
    rows += ["arabic,M,khaled,9,1,0,x", "arabic,S,haddad,50,1,0,x"]
    header = "origin,kind,name,scb_count_2020,n_origins,also_nordic_german,sources"
    (tmp_path / "origin_tagged_names.csv").write_text("\n".join([header, *rows]), "utf-8")
    names, digest = load_counts(tmp_path)
    assert re.fullmatch("[0-9a-f]{64}", digest)
    population = make_population(4000, seed=1, names=names)
    first = names.vocabulary.text[names.vocabulary.start[population.naming.given[:, 0]]]
    # Siblings never have one first name, so only persons alone follow the counts.
    alone = population.households.size[population.household] == 1
    swedish_women = alone & ~population.foreign & (population.sex == 0)
    assert set(first[swedish_women]) == {"Alma", "Birgit"}
    assert (first[swedish_women] == "Alma").mean() == pytest.approx(0.75, abs=0.06)
    assert set(first[~population.foreign & (population.sex == 1)]) == {"Carl"}
    turkish = population.households.origin[population.household] == [o.code for o in ORIGINS].index("turkish")
    assert all(re.fullmatch("[FM]name[a-n]", name) for name in first[turkish])


def test_a_folder_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="folder of names"):
        load_counts(tmp_path)


# Assumptions.


@pytest.mark.parametrize("table", [PopulationRates, ErrorRates, ReportRates])
def test_every_rate_has_a_note(table: type) -> None:
    hints = get_type_hints(table, include_extras=True)
    for f in fields(table):
        assert len(hints[f.name].__metadata__[0]) > 10


@pytest.mark.parametrize("one", [REPORTERS[0], REFERRALS[0]])
def test_every_number_of_a_reporter_or_path_is_described(one) -> None:
    described = inspect.getdoc(type(one)) or ""
    assert [f.name for f in fields(one) if f"\n    {f.name}: " not in described] == []


def test_every_assumption_has_a_name_of_its_own_and_can_be_set() -> None:
    rows = Assumptions().rows()
    assert len({row.name for row in rows}) == len(rows) > 250
    assert [row.name for row in rows if len(row.note) <= 10] == []
    same = Assumptions().set({row.name: str(row.value) for row in rows})
    assert same.values() == Assumptions().values()
    rates = [row.name for row in rows if isinstance(row.value, float)]
    changed = Assumptions().set(dict.fromkeys(rates, 0.25)).values()
    assert {changed[name] for name in rates} == {0.25}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("typoo", "0.1"), ("typo", "much"), ("typo", "1.5"), ("police.colour", "1"), ("mars.contact", "1"),
        ("more_children", "1"), ("twins", "-0.1"), ("origins", "1"), ("origins.martian", "1"),
    ],
)  # fmt: skip
def test_an_assumption_that_cannot_be_set_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        Assumptions().set({name: value})


def test_levels_are_a_third_and_twice_the_middle_and_never_certain() -> None:
    low, middle, high = (errors_at(level) for level in LEVELS)
    assert (low.typo, middle.typo, high.typo) == pytest.approx((0.04 / 3, 0.04, 0.08))
    assert low.hyphen_space == high.hyphen_space
    assert max(getattr(high, f.name) for f in fields(high)) <= 0.9
    unknown: Any = "extreme"
    with pytest.raises(ValueError, match="low, middle or high"):
        errors_at(unknown)


def test_a_register_of_the_people_holds_what_is_registered(population) -> None:
    table = register_table(population)
    assert table.num_rows == len(population)
    numbers = [number for number in table["number"].to_pylist() if number is not None]
    assert numbers == texts(population.ladder.number)
    assert table["birth_date"].to_pylist() == population.birth.astype(str).tolist()


def test_blocks_make_one_population(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.population.people.BLOCK", 700)
    blocks = list(make_blocks(Plan(n_persons=2000, seed=4)))
    assert [len(block) for block in blocks] == [700, 700, 600]
    assert [block.first_person for block in blocks] == [0, 700, 1400]
    assert blocks[1].first_household == len(blocks[0].households.size)
    numbers = [text for block in blocks for text in texts(np.r_[block.ladder.number, block.ladder.earlier])]
    assert len(set(numbers)) == len(numbers)
    alone = make_population(700, seed=4)
    assert (alone.birth == blocks[0].birth).all()
    assert (alone.ladder.number == blocks[0].ladder.number).all()
