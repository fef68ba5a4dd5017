"""Payload and cases name persons by their households, and name nobody if they are not used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.attacks.on_registries import coarsening, households
from benchmarks.attacks.on_registries.coarsening import COARSER
from benchmarks.attacks.on_registries.households import attack, reported
from benchmarks.attacks.world.case_files import CaseWorld, Register, case_registry, make_case_world, read_cases
from pseudonym.profile import load_profile

COLUMNS = ["reporter", "case_id", "report_id", "role", "event_date", "report_date", "age", "sex", "municipality"]


def _register(*persons: tuple[str, str, str, int]) -> Register:
    birth, sex, municipality, household = zip(*persons, strict=True)
    days = np.array(birth, "datetime64[D]").astype(np.int64)
    words = np.array(["woman", "man"])
    return Register(
        days,
        np.array([int(np.flatnonzero(words == one)[0]) for one in sex]),
        np.array(municipality, object),
        np.array(household),
    )


FAMILIES = _register(
    ("2015-06-01", "woman", "0180", 0),
    ("2010-06-01", "man", "0180", 0),
    ("2015-07-01", "woman", "0180", 1),
    ("2016-07-01", "woman", "0180", 1),
    ("2010-05-01", "man", "1480", 2),
)


def _cases(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).replace({"": None})


def _candidates(cases: pd.DataFrame, person: list[int]) -> list[int]:
    return list(attack(reported(cases, np.array(person)), FAMILIES, rng=np.random.default_rng(1)).candidate)


def test_a_household_fits_that_has_a_member_for_everybody_in_the_case() -> None:
    cases = _cases(
        ("police", "c1", "r1", "victim", "2025-03", "2025-04", "7-12", "woman", "0180"),
        ("police", "c1", "r1", "victim", "2025-03", "2025-04", "13-15", "man", ""),
    )
    assert _candidates(cases, [0, 1]) == [0, 1]
    # Without the case the girl could be one of three, and the boy one of two.
    seen = reported(cases, np.array([0, 1]))
    sure = attack(seen, FAMILIES, rng=np.random.default_rng(1)).confidence
    unsure = attack(seen.alone(), FAMILIES, rng=np.random.default_rng(1)).confidence
    assert np.exp(sure).min() > 0.9
    assert np.exp(unsure).max() < 0.6


def test_records_of_several_months_narrow_the_birth_date() -> None:
    # A child who is six in May 2022 and seven in August was born in between: the fourth person is younger.
    cases = _cases(
        ("school", "", "r1", "", "2022-05", "2022-05", "0-6", "woman", "0180"),
        ("school", "", "r2", "", "2022-06", "2022-06", "7-12", "woman", "0180"),
    )
    assert _candidates(cases, [0, 0]) == [0]


def test_a_wrong_value_does_not_rule_a_person_out() -> None:
    cases = _cases(
        *[("police", f"c{n}", "r", "victim", "2025-03", "2025-03", "13-15", "man", "1480") for n in range(2)],
        ("police", "c3", "r", "victim", "2025-03", "2025-03", "13-15", "man", "0180"),
    )
    assert _candidates(cases, [0, 0, 0]) == [4]


def test_an_event_without_a_date_is_before_its_report() -> None:
    test = next(households._tests(_cases(("s", "", "", "", "", "2025-03", "0-6", "", "")).fillna("").iloc[0].to_dict()))
    fits = households._reads(test)(FAMILIES)
    # Those of 2010 were too old even then.
    assert fits.tolist() == [False, False, False, False, False]
    young = replace(FAMILIES, birth=FAMILIES.birth + 3 * 365)
    assert households._reads(test)(young).tolist() == [True, False, True, True, False]


def test_strangers_in_one_case_are_of_no_household() -> None:
    cases = _cases(
        ("police", "c1", "r1", "victim", "2025-03", "2025-04", "7-12", "woman", "0180"),
        ("police", "c1", "r1", "victim", "2025-03", "2025-04", "13-15", "man", "1480"),
    )
    first, second = _candidates(cases, [0, 1])
    assert second == 4
    assert first in (0, 2, 3)


@pytest.fixture(scope="module")
def world() -> CaseWorld:
    return make_case_world("children", 250, seed=1)


def _frame(world: CaseWorld) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the case files as a registry would show them, and the persons, linked without error."""
    names = {"age": "age_at_event", "sex": "sex_reported"}
    frames = []
    for reporter, table in world.tables.items():
        own = table.to_pandas()
        columns = {one: own.get(names.get(one, one), pd.Series(dtype=object)) for one in [*COLUMNS[1:], "record_id"]}
        frames.append(pd.DataFrame(columns, index=own.index).assign(reporter=reporter))
    cases = pd.concat(frames, ignore_index=True)
    person = [world.person[key] for key in zip(cases["reporter"], cases["record_id"], strict=True)]
    return cases, np.array(person)


def test_cases_name_more_and_coarser_payload_less(world: CaseWorld) -> None:
    cases, true = _frame(world)
    listed, person = np.unique(true, return_inverse=True)
    register = world.register().take(listed)

    def share(changed: pd.DataFrame, *, alone: bool = False, shuffled: bool = False) -> float:
        seen = reported(changed, person)
        own = register if not shuffled else register.take(np.random.default_rng(2).permutation(len(register)))
        found = attack(seen.alone() if alone else seen, own, rng=np.random.default_rng(1))
        return float((found.candidate == np.arange(len(listed))).mean())

    sent = share(cases)
    assert sent > 0.6
    assert sent > share(cases, alone=True) + 0.05
    assert share(cases, shuffled=True) < 0.05
    for name, change in COARSER.items():
        assert share(change(cases)) < sent, name
    assert share(coarsening._birth_months(cases, world.register(), true)) > 0.85
    assert share(coarsening._nothing(cases), alone=True) < 0.05


def test_the_statistics_unit_shows_what_reporters_sent_and_whom_linking_found(world: CaseWorld) -> None:
    with case_registry(world, load_profile("case-registry"), 1) as registry:
        cases = read_cases(registry)
    sent, _ = _frame(world)
    assert 0.95 * len(sent) < len(cases) <= len(sent)
    both = cases.merge(sent, on=["reporter", "record_id"], suffixes=("", "_sent"))
    assert len(both) == len(cases)
    for column in ("case_id", "role", "age", "sex", "municipality"):
        # The encoder fills in what it can tell from the identity.
        given = both[both[f"{column}_sent"].notna()]
        assert given[column].tolist() == given[f"{column}_sent"].tolist(), column
    assert both["event_date"].fillna("").tolist() == [text[:7] for text in both["event_date_sent"].fillna("")]
    persons = cases["person_id"].nunique()
    assert 0.9 < persons / len(set(world.person.values())) < 1.25


def test_whole_households_are_reported(world: CaseWorld) -> None:
    population = world.population
    reported_ = {population.household[person] for person in world.person.values()}
    assert max(reported_) < population.household.max()
    assert 200 < len(set(world.person.values())) <= 250


@pytest.mark.parametrize("broken", ["together", "values"])
def test_an_attack_that_ignores_its_input_is_noticed(broken: str) -> None:
    rows = [
        {"attack": "households", "population": "children", "setting": "closed", "re_identified": 0.5},
        {"attack": "payload alone", "population": "children", "setting": "closed", "re_identified": 0.3},
        {"attack": "households, birth months", "population": "children", "setting": "closed", "re_identified": 0.9},
        {"attack": "households, nothing sent", "population": "children", "setting": "closed", "re_identified": 0.001},
    ]
    assert all(coarsening._works(rows).values())
    change = {"together": (0, 0.3, "cases"), "values": (2, 0.01, "birth months")}[broken]
    rows[change[0]] |= {"re_identified": change[1]}
    assert not coarsening._works(rows)[change[2]]
