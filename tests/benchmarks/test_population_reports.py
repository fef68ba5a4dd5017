"""Synthetic reporters write by their own habits, with errors at the assumed rates, and in agreement with the truth."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.population import (
    LEVELS,
    REPORTERS,
    TRUTH_COLUMNS,
    Assumptions,
    ErrorRates,
    Reporter,
    make_population,
    make_reports,
    truth_table,
    write,
)
from benchmarks.population.contacts import WAYS, draw_rows
from benchmarks.population.desk import FLAGS, Desk
from benchmarks.population.entries import write_identities
from benchmarks.population.entry_names import draft_names
from benchmarks.population.numbers import number_texts
from linkage.statistics_unit.constraints import cannot_links
from pseudonym.codebook import load_codebook
from pseudonym.wire.rows import id_rule, value_rule

PERFECT = ErrorRates(**{f.name: 0.0 for f in fields(ErrorRates)})
CAREFUL = Reporter(
    code="careful", prefix="car", contact=1.0, number="plain12", native_letters=True, sex_words=("kvinna", "man"),
    columns=("number", "foreign_number", "given_names", "family_names", "birth_date", "sex"),
)  # fmt: skip
LISTS_ALL = replace(
    CAREFUL, second=1.0, dossier=1.0,
    columns=("number", "number_type", "number_level", "number_2", "number_type_2", "number_level_2", "given_names",
             "name_of_address", "family_names", "given_names_2", "family_names_2", "birth_date", "birth_date_2", "sex"),
)  # fmt: skip


@pytest.fixture(scope="module")
def population():
    return make_population(3000, seed=7)


@pytest.fixture(scope="module")
def reports(population):
    return make_reports(population, seed=7)


@pytest.fixture(scope="module")
def truth(reports):
    return truth_table(reports).to_pylist()


@pytest.fixture(scope="module")
def eventful():
    """Make people many of whom change number, sex or name."""
    settings = {"renumbered": 0.3, "renamed": 0.3, "alias": 0.3, "protected": 0.1, "legal_sex": 0.05, "age_assessed": 0}
    return make_population(3000, seed=7, rates=Assumptions().set(settings | {"newly_numbered": 0}).population)


def written(population, days_after_change: int = 0, reporter: Reporter = CAREFUL, errors: ErrorRates = PERFECT):
    day = population.ladder.changed + days_after_change
    desk = Desk(population, np.arange(len(population)), day, reporter, errors, np.random.default_rng(1))
    return write_identities(desk, *draft_names(desk))


def lists(population, days_after_change: int = 0, reporter: Reporter = CAREFUL) -> dict[str, list[str | None]]:
    return {name: column.tolist() for name, column in written(population, days_after_change, reporter).columns.items()}


def numbers_of(codes: np.ndarray) -> list[str | None]:
    return number_texts(codes, "plain12").tolist()


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(make_reports(make_population(300, seed=5), seed=6), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted([*(f"{reporter.code}.csv" for reporter in REPORTERS), "truth.csv"])
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize("n", [1, 2, 17])
def test_a_population_of_few_people_can_report(n: int, tmp_path: Path) -> None:
    write(make_reports(make_population(n, seed=3), seed=3), tmp_path)
    assert len(list(tmp_path.iterdir())) == len(REPORTERS) + 1


def test_record_ids_and_reserved_columns_pass_the_rules_of_the_wire(reports) -> None:
    for one in reports.values():
        ids = one.table["record_id"].to_pylist()
        assert ids == sorted(set(ids))
        assert [record_id for record_id in ids if id_rule(record_id)] == []
        dates = ("event_date", "discovered_on", "report_date", "outcome_date")
        for column in ("report_id", "case_id", "role", *dates, "status", "case_state"):
            if column in one.table.column_names:
                assert not [value for value in one.table[column].to_pylist() if value and value_rule(column, value)]


def test_payload_is_of_the_example_codebook(reports) -> None:
    codebook = load_codebook("case-registry")
    for reporter in REPORTERS:
        table = reports[reporter.code].table
        days = [e or r for e, r in zip(*(table[c].to_pylist() for c in ("event_date", "report_date")), strict=True)]
        for item in reporter.items:
            for value, day in zip(table[item].to_pylist(), days, strict=True):
                if value is not None:
                    codebook.check_value(item, value, date=day)
            assert set(table[item].to_pylist()) - {None, "unknown"}


def test_a_record_may_have_several_codes_of_an_item(reports) -> None:
    codebook = load_codebook("case-registry")
    many = {item.name for item in codebook.items if item.many}
    several = {
        item
        for code, one in reports.items()
        for item in next(reporter.items for reporter in REPORTERS if reporter.code == code)
        if any(value and " " in value for value in one.table[item].to_pylist())
    }
    assert several == many


def test_every_item_of_the_codebook_is_sent_by_some_reporter() -> None:
    sent = {item for reporter in REPORTERS for item in reporter.items}
    assert sent == set(load_codebook("case-registry").by_name)


def test_reporters_have_different_fields(reports) -> None:
    headers = {tuple(one.table.column_names) for one in reports.values()}
    assert len(headers) == len(REPORTERS)
    assert "number" not in reports["shelter"].table.column_names
    assert "number" not in reports["ud"].table.column_names
    assert "case_id" not in reports["school"].table.column_names
    assert {"number_type", "number_level", "number_2"} <= set(reports["migrationsverket"].table.column_names)


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


def test_no_event_comes_before_birth_and_no_report_after_the_last_day(population, reports) -> None:
    last = np.datetime64(population.rates.reference_date)
    for one in reports.values():
        reported = np.array(one.table["report_date"].to_pylist(), dtype="datetime64[D]")
        assert (population.birth[one.person] <= reported).all()
        assert (reported <= last).all()


def rows_of(population, **settings: float):
    assumed = Assumptions().set(settings)
    return draw_rows(population, assumed, np.random.default_rng(1)), [reporter.code for reporter in assumed.reporters]


def test_cases_are_sent_on_with_their_persons_and_their_event(population) -> None:
    rows, codes = rows_of(population, **{"school>police.share": 1.0, "handed_over": 1.0})
    first = rows.report == 0
    by_row = {row: i for i, row in enumerate(rows.row.tolist()) if first[i] and rows.how[i] != WAYS.index("repeat")}
    sent = np.flatnonzero(first & (rows.how == WAYS.index("referral")))
    assert len(sent) > 200
    for i in sent.tolist():
        j = by_row.get(int(rows.source[i]))
        if j is not None:
            assert rows.person[i] == rows.person[j]
            assert rows.event[i] == rows.event[j]
            assert rows.reported[i] >= rows.reported[j]
            assert rows.reporter[i] != rows.reporter[j]
    pairs = Counter((codes[rows.reporter[by_row[s]]], codes[rows.reporter[i]]) for i in sent.tolist()
                    if (s := int(rows.source[i])) in by_row)  # fmt: skip
    assert pairs["school", "police"] > 50
    paths = {(path.sender, path.receiver) for path in Assumptions().referrals}
    assert set(pairs) <= paths


def test_sweeping_referrals_changes_how_many_cases_are_sent_on(population) -> None:
    none, some, many = (
        (rows_of(population, referrals=factor)[0].how == WAYS.index("referral")).sum() for factor in (0, 1, 3)
    )
    assert none == 0
    assert many > 1.5 * some > 0


def test_a_batch_finds_adults_of_one_origin_at_one_time_and_place(population) -> None:
    rows, codes = rows_of(population, batches=5)
    batch = np.flatnonzero((rows.how == WAYS.index("batch")) & (rows.report == 0))
    assert set(rows.reporter[batch]) == {codes.index("police")}
    origin = population.households.origin[population.household[rows.person]]
    cases = [batch[rows.case[batch] == case] for case in np.unique(rows.case[batch])]
    assert len(cases) > 5
    assert np.mean([len(case) for case in cases]) > 4
    for case in cases:
        assert len(set(rows.person[case].tolist())) == len(case)
        for values in (origin, rows.event, rows.reported, rows.place):
            assert len(set(values[case].tolist())) == 1
        assert rows.age[case].min() >= 18


def test_siblings_are_taken_abroad_together_as_often_as_assumed(population) -> None:
    def all_reported(share: float) -> float:
        rows, codes = rows_of(population, siblings_together=share, also_victim=0, **{"social_services.joins": 0})
        mine = (
            (rows.reporter == codes.index("social_services")) & (rows.how == 0) & (rows.report == 0) & (rows.age < 18)
        )
        sizes = np.bincount(rows.case[mine])
        return float((sizes[sizes > 0] > 1).mean())

    assert all_reported(0.0) == 0
    assert all_reported(1.0) > 0.3


def test_some_cases_are_recorded_twice(population) -> None:
    rows, _ = rows_of(population, repeated=0.5)
    share = (rows.how == WAYS.index("repeat")).mean()
    assert 0.25 < share < 0.4


def test_a_sender_s_spelling_is_taken_over(population) -> None:
    assumed = Assumptions().set({"copied_spelling": 1.0, "typo": 0.5})
    reports = make_reports(population, seed=1, assumed=assumed)
    copied = FLAGS.index("copied_spelling")
    found = 0
    spelled = defaultdict(set)
    for code, one in reports.items():
        names = zip(one.table["given_names"].to_pylist(), one.table["family_names"].to_pylist(), strict=True)
        for person, name in zip(one.person.tolist(), names, strict=True):
            spelled[code, person].add(name)
    one = reports["police"]
    rows = np.flatnonzero(one.flags >> copied & 1)
    given, family = one.table["given_names"].to_pylist(), one.table["family_names"].to_pylist()
    senders = ("school", "social_services")
    for i in rows.tolist():
        found += any((given[i], family[i]) in spelled[code, int(one.person[i])] for code in senders)
    assert len(rows) > 50
    # Names may still be exchanged or lost by the receiver; with half of all names mistyped chance gives far fewer.
    assert found / len(rows) > 0.85


def test_a_reporter_without_errors_writes_what_is_registered(eventful) -> None:
    text, naming = eventful.names.vocabulary.text, eventful.naming
    columns = lists(eventful)
    free = ~eventful.ladder.protected
    assert columns["number"] == numbers_of(eventful.ladder.number)
    assert np.array(columns["foreign_number"])[free].tolist() == eventful.passport[free].tolist()
    assert columns["birth_date"] == eventful.birth.astype(str).tolist()
    assert columns["sex"] == [["kvinna", "man"][sex] for sex in eventful.sex]
    assert columns["family_names"] == [" ".join(text[n] for n in row if n >= 0) for row in naming.family]
    given = [" ".join(text[n] for n in row if n >= 0) for row in naming.given]
    assert [name.replace("-", " ") for name in columns["given_names"]] == [name.replace("-", " ") for name in given]


def test_name_number_and_sex_are_the_former_ones_before_the_day_of_change(eventful) -> None:
    before = lists(eventful, -1)
    ladder = eventful.ladder
    changed = np.flatnonzero(ladder.earlier >= 0)
    assert len(changed) > 200
    assert [before["number"][i] for i in changed] == numbers_of(ladder.earlier[changed])
    renamed = np.flatnonzero(eventful.earlier_family >= 0)
    former = eventful.names.vocabulary.text[eventful.earlier_family[renamed]]
    assert all(before["family_names"][i].startswith(name) for i, name in zip(renamed, former, strict=True))
    for i in np.flatnonzero(ladder.legal_sex):
        assert before["sex"][i] == ["man", "kvinna"][eventful.sex[i]]
        assert before["given_names"][i].startswith(eventful.names.vocabulary.text[eventful.earlier_given[i]])


def test_whoever_got_a_number_late_had_none_before() -> None:
    rates = Assumptions().set({"newly_numbered": 0.5, "renumbered": 0}).population
    population = make_population(2000, seed=1, rates=rates)
    ladder = population.ladder
    late = ladder.first > np.datetime64("1900-01-01")
    assert late[population.foreign & (ladder.number >= 0)].mean() == pytest.approx(0.5, abs=0.06)
    desk = Desk(population, np.arange(2000), ladder.first - 1, CAREFUL, PERFECT, np.random.default_rng(1))
    numbers = write_identities(desk, *draft_names(desk)).columns["number"]
    assert all(number is None for number in numbers[late])


def test_several_identities_stand_beside_each_other(eventful) -> None:
    columns = lists(eventful, 1, LISTS_ALL)
    text, ladder = eventful.names.vocabulary.register, eventful.ladder
    earlier = numbers_of(ladder.earlier)
    dossiers = 0
    for i in range(len(eventful)):
        hidden = ladder.protected[i]
        second, kind = columns["number_2"][i], columns["number_type_2"][i]
        if earlier[i] is not None and not hidden:
            assert second == earlier[i]
            assert kind == ("samordningsnummer" if int(second[6:8]) > 60 else "personnummer")
        elif second is not None:
            assert kind == "dossier"
            assert not hidden
        dossiers += kind == "dossier" or columns["number_type"][i] == "dossier"
        assert (columns["number_level_2"][i] is not None) == (kind == "samordningsnummer")
        assert (columns["number_level"][i] is not None) == (columns["number_type"][i] == "samordningsnummer")
        alias = eventful.alias[i, 1]
        name = alias if alias >= 0 else eventful.earlier_family[i]
        assert columns["family_names_2"][i] == (None if hidden or name < 0 else text[name])
        assert (columns["given_names_2"][i] is None) == (hidden or alias < 0)
        called = eventful.naming.called[i]
        address = text[eventful.naming.given[i, called]] if called else None
        assert columns["name_of_address"][i] == address
    assert dossiers > 300


def test_nothing_leads_from_a_protected_identity_to_the_former_one() -> None:
    settings = {"protected": 0.3, "protected_left_out": 0.3, "number_old": 0.9, "old_name": 0.9, "alias": 0.5}
    population = make_population(2000, seed=2, rates=Assumptions().set(settings).population)
    reports = make_reports(population, seed=2, assumed=Assumptions.at("high").set(settings))
    ladder = population.ladder
    former = {n for n in number_texts(ladder.earlier[ladder.protected], "plain12") if n}
    cases: dict[str, set[str]] = defaultdict(set)
    after = 0
    passports: dict[str, set[str]] = defaultdict(set)
    invented: dict[str, set[str]] = defaultdict(set)
    for one in reports.values():
        truth = one.truth.to_pylist()
        for row, true_row in zip(one.table.to_pylist(), truth, strict=True):
            if true_row["protected"] == "yes":
                after += 1
                assert true_row["person"].endswith("-protected")
                for name in ("number", "number_2"):
                    assert (row.get(name) or "").replace("-", "") not in former
                assert row.get("family_names_2") is None
            if true_row["number_is"] != "mistyped" and row.get("foreign_number"):
                passports[row["foreign_number"]].add(true_row["person"])
            if true_row["number_is"] == "invented":
                invented[row["number"]].add(true_row["person"])
            if "case_id" in row:
                cases[row["case_id"]].add(true_row["person"])
    assert after > 100
    for persons in (*cases.values(), *passports.values(), *invented.values()):
        assert not any(f"{person}-protected" in persons for person in persons)


@pytest.mark.whole
def test_most_reports_leave_protected_persons_out(population) -> None:
    settings = {"protected": 0.3}
    people = make_population(2000, seed=2, rates=Assumptions().set(settings).population)

    def share(left_out: float) -> float:
        reports = make_reports(people, seed=2, assumed=Assumptions().set(settings | {"protected_left_out": left_out}))
        rows = truth_table(reports)["protected"].to_pylist()
        return rows.count("yes") / len(rows)

    assert share(1.0) == 0
    assert 0 < share(0.9) < share(0.0) / 4


def test_a_reporter_may_write_the_name_of_address_only(population) -> None:
    text, naming = population.names.vocabulary.text, population.naming
    called = lists(population, reporter=replace(CAREFUL, given="called"))["given_names"]
    for name, row, place, joined in zip(called, naming.given, naming.called, naming.joined, strict=True):
        if joined and place < 2:
            assert name == f"{text[row[0]]}-{text[row[1]]}"
        else:
            assert name == text[row[place]]


def test_ud_writes_the_passport_s_spelling(population) -> None:
    vocabulary, naming = population.names.vocabulary, population.naming
    other = population.passport_step > 0
    assert other[population.foreign].mean() == pytest.approx(population.rates.passport_spelling, abs=0.05)
    names = lists(population, reporter=replace(CAREFUL, spelling="passport"))["family_names"]
    same = [name.split(" ")[0] == vocabulary.text[row[0]] for name, row in zip(names, naming.family, strict=True)]
    several = vocabulary.size[naming.family[:, 0]] > 1
    assert np.array(same)[~other].all()
    assert np.array(same)[other & several].mean() == 0


@pytest.mark.parametrize(
    ("habits", "form"),
    [
        ({"number": "dash12"}, "[0-9]{8}-[0-9]{4}"),
        ({"number": "dash10"}, "[0-9]{6}-[0-9]{4}"),
        ({"number": "dash10", "invents": "interim"}, "[0-9]{6}-([0-9T][0-9]{3}|TF[0-9]{2})"),
    ],
)
def test_numbers_are_written_in_the_form_of_the_reporter(population, habits, form: str) -> None:
    numbers = [
        number for number in lists(population, reporter=replace(CAREFUL, **habits))["number"] if number is not None
    ]
    assert all(re.fullmatch(form, number) for number in numbers)
    assert any("T" in number for number in numbers) == ("invents" in habits)
    assert (len(numbers) == len(population)) == ("invents" in habits)


def test_a_plus_stands_in_short_numbers_from_a_hundred_years_on() -> None:
    population = make_population(3000, seed=1, kind="adults", rates=Assumptions().set({"years": 1}).population)
    birth = population.birth.copy()
    birth[:50] -= 36_600
    object.__setattr__(population, "birth", np.maximum(birth, np.datetime64("1900-01-02")))
    numbers = lists(population, reporter=replace(CAREFUL, number="dash10"))["number"]
    hundred = population.ladder.changed.astype("datetime64[Y]") - population.birth.astype("datetime64[Y]")
    for number, years in zip(numbers, hundred.astype(np.int64), strict=True):
        if number is not None:
            assert number[6] == ("+" if years >= 100 else "-")


def test_reserve_numbers_stand_where_a_person_has_none(population) -> None:
    result = written(population, reporter=replace(CAREFUL, invents="reserve"))
    invented = population.ladder.number < 0
    assert all(kind.startswith(("reserve_", "national_")) for kind in result.number_kind[invented])
    assert set(result.number_kind[~invented]) <= {"personnummer", "samordningsnummer", *result.number_kind[invented]}
    again = written(population, 30, reporter=replace(CAREFUL, invents="reserve"))
    same = result.columns["number"][invented] == again.columns["number"][invented]
    assert same.all()


def test_estimated_years_have_a_margin(population) -> None:
    registered = lists(population)["birth_date"]
    assert population.age_assessed.sum() > 20
    assert all(registered[i].endswith("-01-01") for i in np.flatnonzero(population.age_assessed))
    dates = lists(population, reporter=replace(CAREFUL, estimates=True))["birth_date"]
    other_year = 0
    for text, assessed, birth in zip(dates, population.age_assessed, population.birth.astype(str), strict=True):
        if assessed:
            assert re.fullmatch("[0-9]{4}~[123]", text)
            assert abs(int(text[:4]) - int(birth[:4])) <= 3
            other_year += text[:4] != birth[:4]
        else:
            assert text == birth
    assert 0 < other_year < 0.6 * population.age_assessed.sum()
    rough = lists(population, reporter=replace(CAREFUL, approximate=0.4))["birth_date"]
    assert np.mean(["~" in text for text in rough]) == pytest.approx(0.4, abs=0.05)


ERRORS = [name for name in FLAGS if name not in ("typo_given", "typo_family", "approximate", "copied_spelling")]
COLUMNS = {
    "number": {"number"},
    "date": {"birth_date"},
    "day": {"birth_date"},
    "year": {"birth_date"},
    "sex": {"sex"},
}


@pytest.mark.parametrize("rate", ["typo", *ERRORS])
def test_every_error_changes_something_and_nothing_but_its_column(eventful, rate: str) -> None:
    clean = written(eventful, 1)
    wrong = written(eventful, 1, errors=replace(PERFECT, **{rate: 0.8}))
    hit = {name for name in clean.columns if (clean.columns[name] != wrong.columns[name]).any()}
    expected = COLUMNS.get(rate.split("_")[0], {"given_names", "family_names"})
    expected = expected | ({"foreign_number"} if rate == "number_typo" else set())
    assert hit
    assert hit <= expected
    flags = ("typo_given", "typo_family") if rate == "typo" else (rate,)
    marked = np.zeros(len(eventful), dtype=bool)
    for flag in flags:
        marked |= (wrong.flags >> FLAGS.index(flag) & 1).astype(bool)
    changed = np.zeros(len(eventful), dtype=bool)
    for name in hit:
        changed |= clean.columns[name] != wrong.columns[name]
    # What is marked may come out unchanged (a name exchanged with an equal one); what has changed is marked.
    assert marked[changed].all()
    assert (clean.flags == 0).all()


@pytest.mark.parametrize(
    ("rate", "flag"),
    [("typo", "typo_given"), ("swapped", "swapped"), ("date_default", "date_default"), ("year_off", "year_off"),
     ("sex_wrong", "sex_wrong"), ("name_placeholder", "name_placeholder"), ("date_placeholder", "date_placeholder")],
)  # fmt: skip
@pytest.mark.parametrize("share", [0.05, 0.2])
def test_sweeping_an_error_changes_its_share_accordingly(population, rate: str, flag: str, share: float) -> None:
    marked = written(population, errors=replace(PERFECT, **{rate: share})).flags >> FLAGS.index(flag) & 1
    # A name has two fields to be unknown in.
    expected = 1 - (1 - share) ** (2 if rate == "name_placeholder" else 1)
    assert marked.mean() == pytest.approx(expected, abs=0.025)


@pytest.mark.whole
def test_higher_levels_have_more_errors(population) -> None:
    shares = []
    for level in LEVELS:
        rows = truth_table(make_reports(population, error_level=level, seed=7))["errors"].to_pylist()
        shares.append(sum(map(bool, rows)) / len(rows))
    assert shares[0] < shares[1] < shares[2] < 0.9


def test_the_truth_tells_what_stands_in_the_record(population, reports, truth) -> None:
    assert tuple(truth[0]) == TRUTH_COLUMNS
    assert len(truth) == sum(one.table.num_rows for one in reports.values())
    assert [(row["reporter"], row["record_id"]) for row in truth] == sorted(
        (row["reporter"], row["record_id"]) for row in truth
    )
    numbers = numbers_of(population.ladder.number)
    by_id = {(row["reporter"], row["record_id"]): row for row in truth}
    seen = Counter()
    for code, one in reports.items():
        if "number" not in one.table.column_names:
            continue
        for record_id, number, person in zip(
            one.table["record_id"].to_pylist(), one.table["number"].to_pylist(), one.person.tolist(), strict=True
        ):
            true_row = by_id[code, record_id]
            seen[true_row["number_is"]] += 1
            assert (number is None) == (true_row["number_is"] == "none")
            if true_row["number_is"] == "mistyped":
                assert "number_typo" in true_row["errors"]
            if true_row["number_is"] == "registered" and true_row["errors"] == "":
                digits = re.sub("[^0-9]", "", number)
                now, before = numbers[person], numbers_of(population.ladder.earlier[[person]])[0]
                assert any(known and known.endswith(digits) for known in (now, before))
    assert set(seen) == {
        "none", "registered", "former", "relative", "borrowed", "mistyped", "invented", "placeholder"
    }  # fmt: skip


def test_the_truth_tells_households_twins_and_origins(population, truth) -> None:
    twins = {f"person-{n:06d}" for n in np.flatnonzero(population.twin).tolist()}
    assert {row["person"].removesuffix("-protected") for row in truth if row["twin"] == "yes"} <= twins
    assert {row["origin"] for row in truth} >= {"swedish", "arabic", "somali"}
    assert {row["how"] for row in truth} == set(WAYS)
    for row in truth[::50]:
        person = int(re.search("[0-9]+", row["person"])[0])
        assert row["household"] == f"household-{population.household[person]:06d}"


def test_files_may_have_headers_of_their_own(tmp_path: Path, reports) -> None:
    write(reports, tmp_path, headers={"school": {"given_names": "fornamn"}})
    with (tmp_path / "school.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert "fornamn" in rows[0]
    assert "given_names" not in rows[0]
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == reports["school"].table.num_rows + 1


def test_a_name_with_a_comma_is_quoted(tmp_path: Path, reports) -> None:
    one = reports["shelter"]
    place = one.table.column_names.index("given_names")
    names = pa.array(["Eva, kallad Evi"] * one.table.num_rows)
    odd = replace(one, table=one.table.set_column(place, "given_names", names))
    write({"shelter": odd}, tmp_path)
    with (tmp_path / "shelter.csv").open(encoding="utf-8", newline="") as file:
        assert {row["given_names"] for row in csv.DictReader(file)} == {"Eva, kallad Evi"}
