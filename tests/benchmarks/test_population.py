"""Synthetic people and their case files: valid, equal for equal seeds, and as hard as they claim to be."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.population import (
    BODIES,
    LEVELS,
    ErrorRates,
    PopulationRates,
    ReportRates,
    make_population,
    make_reports,
    truth_table,
    write,
)
from benchmarks.population.entries import write_identities
from benchmarks.population.names import ORIGINS, heard
from benchmarks.population.numbers import assign_numbers, interim_numbers
from benchmarks.population.romanise import romanise
from linkage.persons import cannot_links
from pseudonym.codebook import load_codebook
from pseudonym.wire.rows import id_rule, value_rule

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def population():
    return make_population(3000, seed=7)


@pytest.fixture(scope="module")
def reports(population):
    return make_reports(population, seed=7)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(digits):
        product = int(digit) * (2 - place % 2)
        total += product // 10 + product % 10
    return total % 10 == 0


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(make_reports(make_population(300, seed=5), seed=6), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted([*(f"{body.code}.csv" for body in BODIES), "truth.csv"])
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_another_seed_gives_other_people() -> None:
    one, other = (make_population(300, seed=seed) for seed in (1, 2))
    assert (one.birth != other.birth).mean() > 0.9


@pytest.mark.parametrize("n", [1, 2, 17])
def test_there_are_as_many_people_as_asked_for(n: int) -> None:
    population = make_population(n, seed=3)
    assert len(population) == n == population.households.size.sum()
    make_reports(population, seed=3)


def test_refuses_a_population_of_nobody() -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_population(0, seed=1)


def test_the_reports_of_a_body_do_not_hang_on_the_others(population, reports) -> None:
    alone = make_reports(population, seed=7, bodies=BODIES[-1:])
    assert alone[BODIES[-1].code].table.equals(reports[BODIES[-1].code].table)


def test_numbers_are_valid_unique_and_of_the_test_range(population) -> None:
    numbers = [n for n in (*population.number, *population.earlier_number) if n is not None]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert re.fullmatch("[0-9]{12}", number)
        assert _luhn(number[2:])
        assert 980 <= int(number[8:11]) <= 999
        day = int(number[6:8])
        date(int(number[:4]), int(number[4:6]), day - 60 if day > 60 else day)
    assert population.beyond_test_range == 0


def test_a_number_tells_sex_and_month_of_its_person(population) -> None:
    for number, birth, sex in zip(population.number, population.birth.astype(str), population.sex, strict=True):
        if number is not None:
            assert int(number[10]) % 2 == sex
            assert number[:6] == birth[:7].replace("-", "")


def test_a_day_without_serials_left_sends_people_to_days_nearby() -> None:
    birth = np.full(50, np.datetime64("2001-01-01"))
    numbers, beyond = assign_numbers(birth, np.ones(50, dtype=bool), samordning=False)
    assert beyond == 0
    assert Counter(number[:8] for number in numbers) == {f"200101{day:02d}": 10 for day in range(1, 6)}


def test_a_month_without_serials_left_goes_below_the_test_range_and_says_so() -> None:
    birth = np.full(300, np.datetime64("2001-02-01"))
    numbers, beyond = assign_numbers(birth, np.zeros(300, dtype=bool), samordning=True)
    assert beyond == 300 - 28 * 10
    assert len(set(numbers)) == 300
    assert {number[:6] for number in numbers} == {"200102"}


def test_test_serials_are_used_evenly(population) -> None:
    serials = Counter(number[8:11] for number in population.number if number is not None)
    assert len(serials) == 20
    assert max(serials.values()) < 2 * min(serials.values())


def test_serials_of_the_whole_range_scatter() -> None:
    birth = np.full(300, np.datetime64("2001-02-03"))
    numbers, beyond = assign_numbers(birth, np.zeros(300, dtype=bool), samordning=False, serials="any")
    serials = [int(number[8:11]) for number in numbers]
    assert len(set(serials)) == 300
    assert 1 <= min(serials) < 100
    assert beyond == sum(serial < 980 for serial in serials)
    assert all(_luhn(number[2:]) for number in numbers)


def test_interim_numbers_have_a_letter_and_a_check_digit_where_asked_for() -> None:
    birth = np.full(200, np.datetime64("2012-03-04"))
    numbers = interim_numbers(birth, valid=np.arange(200) < 100, rng=np.random.default_rng(1))
    assert all(re.fullmatch("20120304T[0-9]{3}", number) for number in numbers)
    valid = [_luhn(number[2:].replace("T", "1")) for number in numbers]
    assert all(valid[:100])
    assert not all(valid[100:])


def test_record_ids_and_reserved_columns_pass_the_rules_of_the_wire(reports) -> None:
    for one in reports.values():
        ids = one.table["record_id"].to_pylist()
        assert ids == sorted(set(ids))
        assert [record_id for record_id in ids if id_rule(record_id)] == []
        for column in ("report_id", "case_id", "role", "event_date", "report_date", "status"):
            if column in one.table.column_names:
                assert not [value for value in one.table[column].to_pylist() if value and value_rule(column, value)]


def test_payload_is_of_the_example_codebook(reports) -> None:
    codebook = load_codebook("case-registry")
    for body in BODIES:
        table = reports[body.code].table
        days = [e or r for e, r in zip(*(table[c].to_pylist() for c in ("event_date", "report_date")), strict=True)]
        for item in body.items:
            for code, day in zip(table[item].to_pylist(), days, strict=True):
                codebook.check(item, code, date=day)


def test_bodies_have_different_fields(reports) -> None:
    headers = {tuple(one.table.column_names) for one in reports.values()}
    assert len(headers) == len(BODIES)
    assert "number" not in reports["shelter"].table.column_names
    assert "case_id" not in reports["school"].table.column_names


def test_two_roles_in_one_case_are_two_persons_here_too(reports) -> None:
    pairs = 0
    for reporter, one in reports.items():
        if "role" not in one.table.column_names:
            continue
        cases = pa.table(
            {
                "rid": np.arange(one.table.num_rows),
                "reporter": [reporter] * one.table.num_rows,
                "case_id": one.table["case_id"],
                "role": one.table["role"],
            }
        )
        found = cannot_links(cases)
        pairs += len(found)
        assert (one.person[found[:, 0]] != one.person[found[:, 1]]).all()
    assert pairs > 100


def test_persons_overlap_and_repeat(reports) -> None:
    known = {reporter: set(one.person.tolist()) for reporter, one in reports.items()}
    assert all(known.values())
    overlap = sum(len(known[a] & known[b]) for a in known for b in known if a < b)
    assert overlap > 200
    police = reports["police"]
    assert 1.2 < police.table.num_rows / len(set(police.person.tolist())) < 3


def test_there_are_siblings_twins_cousins_and_default_dates(population) -> None:
    keys = list(zip(population.household.tolist(), population.birth.tolist(), population.child.tolist(), strict=True))
    twins = [key for key, n in Counter(key for key in keys if key[2]).items() if n > 1]
    assert twins
    names = Counter(
        (g, f)
        for g, f, c in zip(
            population.given[:, 0].tolist(), population.family[:, 0].tolist(), population.child, strict=True
        )
        if c
    )
    assert max(names.values()) > 1
    new_year = sum(str(day).endswith("-01-01") for day in population.birth)
    assert new_year > 3 * len(population) / 365


def test_siblings_have_names_of_their_own(population) -> None:
    first = Counter(zip(population.household.tolist(), population.given[:, 0].tolist(), strict=True))
    assert sum(n > 1 for n in first.values()) < len(population) / 1000


def test_a_child_is_no_older_than_its_parents_and_no_event_comes_before_birth(population, reports) -> None:
    parent = ~population.child & (population.households.size[population.household] > 1)
    for household in np.unique(population.household[parent]):
        members = population.household == household
        parents, children = population.birth[members & parent], population.birth[members & population.child]
        assert not children.size or parents.max() < children.min()
    for one in reports.values():
        for person, day in zip(one.person, one.table["report_date"].to_pylist(), strict=True):
            assert population.birth[person] <= np.datetime64(day)


PERFECT = ErrorRates(**{f.name: 0.0 for f in fields(ErrorRates)})
CAREFUL = replace(
    BODIES[0], number="plain12", no_number=0, no_passport=0, no_name=0, no_sex=0, date_parts=(1, 0, 0, 0),
    native_letters=True,
)  # fmt: skip


def _written(population, days_after_change: int, **habits) -> dict[str, list[str | None]]:
    person = np.arange(len(population))
    day = population.changed + days_after_change
    columns = write_identities(
        population, person, day, body=replace(CAREFUL, **habits), rates=PERFECT, rng=np.random.default_rng(1)
    )
    return {name: column.tolist() for name, column in columns.items()}


def test_a_body_without_errors_writes_what_is_registered(population) -> None:
    text = population.names.vocabulary.text
    written = _written(population, 0)
    assert written["number"] == population.number.tolist()
    assert written["foreign_number"] == population.passport.tolist()
    assert written["birth_date"] == population.birth.astype(str).tolist()
    assert written["sex"] == [["kvinna", "man"][sex] for sex in population.sex]
    assert written["family_names"] == [" ".join(text[n] for n in row if n >= 0) for row in population.family]
    given = [" ".join(text[n] for n in row if n >= 0) for row in population.given]
    assert [name.replace("-", " ") for name in written["given_names"]] == [name.replace("-", " ") for name in given]


def test_a_name_and_a_number_are_the_former_ones_before_the_day_of_change(population) -> None:
    before = _written(population, -1)
    changed = [i for i, number in enumerate(population.earlier_number) if number is not None]
    assert len(changed) > 20
    assert all(before["number"][i] == population.earlier_number[i] for i in changed)
    renamed = np.flatnonzero(population.earlier_family >= 0)
    assert len(renamed) > 50
    former = population.names.vocabulary.text[population.earlier_family[renamed]]
    assert all(before["family_names"][i].startswith(name) for i, name in zip(renamed, former, strict=True))


def test_a_body_may_write_the_name_of_address_only(population) -> None:
    text = population.names.vocabulary.text
    called = _written(population, 0, given="called")["given_names"]
    for name, row, place, joined in zip(called, population.given, population.called, population.joined, strict=True):
        if joined and place < 2:
            assert name == f"{text[row[0]]}-{text[row[1]]}"
        else:
            assert name == text[row[place]]


@pytest.mark.parametrize(
    ("habits", "form"),
    [
        ({"number": "dash12"}, "[0-9]{8}-[0-9]{4}"),
        ({"number": "dash10"}, "[0-9]{6}-[0-9]{4}"),
        ({"number": "dash10", "interim": True}, "[0-9]{6}-[0-9T][0-9]{3}"),
    ],
)
def test_numbers_are_written_in_the_form_of_the_body(population, habits, form: str) -> None:
    numbers = [number for number in _written(population, 0, **habits)["number"] if number is not None]
    assert all(re.fullmatch(form, number) for number in numbers)
    assert any("T" in number for number in numbers) == ("interim" in habits)
    assert (len(numbers) == len(population)) == ("interim" in habits)


@pytest.mark.parametrize(
    "rate", [f.name for f in fields(ErrorRates) if f.name not in ("entered_anew", "number_missing")]
)
def test_every_error_changes_something_and_nothing_but_its_column(population, rate: str) -> None:
    person = np.arange(len(population))
    always = replace(PERFECT, **{rate: 0.8 / CAREFUL.errors})
    day = population.changed + 1
    clean, wrong = (
        write_identities(population, person, day, body=CAREFUL, rates=rates, rng=np.random.default_rng(1))
        for rates in (PERFECT, always)
    )
    hit = {name for name in clean if (clean[name] != wrong[name]).any()}
    columns = {
        "date": {"birth_date"},
        "day": {"birth_date"},
        "year": {"birth_date"},
        "sex": {"sex"},
        "number": {"number"},
    }
    expected = columns.get(rate.split("_")[0], {"given_names", "family_names"})
    expected |= {"foreign_number"} if rate == "number_typo" else set()
    assert hit
    assert hit <= expected


def _whole(reports, population) -> float:
    """Share of police records whose number is the person's."""
    one = reports["police"]
    numbers = [n and n.replace("-", "") for n in one.table["number"].to_pylist()]
    right = [n == population.number[p] for n, p in zip(numbers, one.person, strict=True) if n]
    return sum(right) / len(right)


def test_higher_levels_have_more_errors(population) -> None:
    shares = [_whole(make_reports(population, error_level=level, seed=7), population) for level in LEVELS]
    assert shares[0] > shares[1] > shares[2] > 0.5


def test_levels_are_a_third_and_twice_the_middle_and_never_certain() -> None:
    low, middle, high = (ErrorRates.at(level) for level in LEVELS)
    assert (low.typo, middle.typo, high.typo) == pytest.approx((0.04 / 3, 0.04, 0.08))
    assert max(getattr(high, f.name) for f in fields(high)) <= 0.9
    with pytest.raises(ValueError, match="low, middle or high"):
        ErrorRates.at("extreme")  # type: ignore[arg-type]  # a wrong level is the point


@pytest.mark.parametrize("table", [PopulationRates, ErrorRates, ReportRates])
def test_every_rate_has_a_note(table: type) -> None:
    hints = get_type_hints(table, include_extras=True)
    for f in fields(table):
        assert len(hints[f.name].__metadata__[0]) > 10


def test_every_number_of_a_body_is_described() -> None:
    described = type(BODIES[0]).__doc__ or ""
    assert [f.name for f in fields(BODIES[0]) if f"        {f.name}: " not in described] == []


def test_shares_of_origins_name_known_origins_and_sum_to_one() -> None:
    shares = dict(PopulationRates().origins)
    assert set(shares) == {origin.code for origin in ORIGINS}
    assert sum(shares.values()) == pytest.approx(1)


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


def test_truth_has_a_row_for_every_record(reports) -> None:
    truth = truth_table(reports)
    assert truth.column_names == ["reporter", "record_id", "person"]
    assert truth.num_rows == sum(one.table.num_rows for one in reports.values())
    assert truth.sort_by([("reporter", "ascending"), ("record_id", "ascending")]).equals(truth)


def test_files_may_have_headers_of_their_own(tmp_path: Path, reports) -> None:
    write(reports, tmp_path, headers={"school": {"given_names": "fornamn"}})
    with (tmp_path / "school.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert "fornamn" in header
    assert "given_names" not in header


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.population", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_command_writes_the_files(tmp_path: Path) -> None:
    done = _run("--persons", "50", "--seed", "3", "--level", "low", "--out", str(tmp_path / "files"))
    assert done.returncode == 0, done.stderr
    assert "police.csv" in done.stdout
    assert len(list((tmp_path / "files").iterdir())) == len(BODIES) + 1


def test_command_refuses_a_level_that_does_not_exist(tmp_path: Path) -> None:
    done = _run("--level", "extreme", "--out", str(tmp_path))
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []
