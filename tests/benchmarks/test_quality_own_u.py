"""Tables from a data set's own pairs are what they say, and the page is that of the result file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.quality import own_u
from benchmarks.quality.__main__ import app
from benchmarks.quality.datasets import Dataset, synthetic
from benchmarks.quality.found import Found
from benchmarks.quality.tables import first_values
from benchmarks.results import RESULTS
from linkage.linking.patterns import level_count
from pseudonym.encode import Record
from pseudonym.profile import FieldTable, Profile, load_profile, parse_profile

PROFILE = load_profile(own_u.PROFILE)
N_PAIRS = 1 << 10


def tables(profile: Profile) -> dict[str, FieldTable]:
    assert profile.linking is not None
    return {table.field: table for table in profile.linking.fields}


def counts(**changed: list[float]) -> dict[str, Any]:
    """Return a thousand pairs at each level, where nothing else is said."""
    even = {field: np.full(len(table.u), 1000.0) for field, table in tables(PROFILE).items()}
    return {**even, **{field: np.array(values) for field, values in changed.items()}}


def records(given: list[str]) -> list[Record]:
    return [Record(f"r{place}", given_names=name, family_names="Lind") for place, name in enumerate(given)]


def test_the_shipped_table_counts_for_twenty_pairs() -> None:
    shipped, own = tables(PROFILE)["sex"], tables(own_u.refined(PROFILE, counts(sex=[70.0, 110.0])))["sex"]
    assert own.u == pytest.approx([(70 + 20 * shipped.u[0]) / 200, (110 + 20 * shipped.u[1]) / 200])
    assert (own.m, own.edges) == (shipped.m, shipped.edges)


def test_what_hardly_a_pair_has_and_the_serial_keep_the_shipped_table() -> None:
    own = tables(own_u.refined(PROFILE, counts(sex=[50.0, 49.0])))
    assert own["sex"] == tables(PROFILE)["sex"]
    assert own["serial"] == tables(PROFILE)["serial"]
    assert own["birth_year"] != tables(PROFILE)["birth_year"]


def test_a_refined_profile_is_valid_and_its_codes_are_the_same() -> None:
    nothing = {field: [1e6] + [0.0] * (len(table.u) - 1) for field, table in tables(PROFILE).items()}
    refined = parse_profile(own_u.refined(PROFILE, counts(**nothing)).to_json())
    assert refined.digest == PROFILE.digest
    assert all(sum(table.u) == pytest.approx(1) for table in tables(refined).values())


def test_levels_are_counted_of_different_records() -> None:
    found = own_u.counts_of(records(["Anna", "Birgitta"]), PROFILE, seed=1, n_pairs=N_PAIRS)
    names = found["family_names"]
    # Half of the draws are of a record with itself; all others share the family name and not the given one.
    assert names[-1] == names.sum() < 0.6 * N_PAIRS
    assert found["given_names"][-1] == 0
    assert found["given_names"].sum() == names.sum() > 0.4 * N_PAIRS
    assert found["sex"].sum() == 0
    same = own_u.counts_of(records(["Anna", "Birgitta"]), PROFILE, seed=1, n_pairs=N_PAIRS)
    assert all((found[field] == same[field]).all() for field in found)
    assert {field: len(count) for field, count in found.items()} == {
        field: level_count(field, table.edges) for field, table in tables(PROFILE).items()
    }


def test_both_ways_are_linked_and_only_one_has_other_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    used = []

    def run(dataset: Dataset, *, profile: str, seed: int) -> Found:
        used.append((load_profile(profile), seed))
        links = {f"{name}_{side}": [] for side in "ab" for name in ("reporter", "record_id")}
        frame = pd.DataFrame({**links, "probability": np.zeros(0), "decision": []})
        return Found("encoded", "M", ("pairs",), frame, seconds={"link": 1.0})

    monkeypatch.setattr(own_u, "run", run)
    monkeypatch.setattr(own_u, "CACHE", tmp_path)
    monkeypatch.setattr(own_u, "PAIRS", N_PAIRS)
    told: list[str] = []
    found = own_u.measure_sets(("synthetic-low",), seed=3, persons=60, data=None, told=told.append)
    assert told == ["synthetic-low, u shipped", "synthetic-low, u own pairs"]
    assert [seed for _, seed in used] == [3, 3]
    assert used[0][0] == PROFILE
    assert used[1][0].digest == PROFILE.digest
    assert tables(used[1][0])["family_names"].u != tables(PROFILE)["family_names"].u
    assert found["sets"]["synthetic-low"]["own"]["recall"] == 0


def test_the_first_value_of_each_field_stands_for_a_record() -> None:
    dataset = synthetic(60, level="low", seed=1)
    found = first_values(dataset)
    assert len(found) == len(dataset.truth)
    assert len({record.record_id for _, record in found}) == len(found)
    assert {person for person, _ in found} == set(dataset.truth["person"])


def test_a_run_of_some_data_sets_leaves_the_documents_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sets = own_u.read()["figures"]
    monkeypatch.setattr(own_u, "measure_sets", lambda names, **_: {**sets, "sets": {}})
    before = own_u.PAGE.read_bytes(), (RESULTS / "own-u.json").read_bytes()
    done = CliRunner().invoke(app, ["own-u", "--only", "febrl1", "--out", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    assert own_u.read(tmp_path)["command"].endswith("--only febrl1")
    assert (own_u.PAGE.read_bytes(), (RESULTS / "own-u.json").read_bytes()) == before


def test_the_page_says_what_the_result_file_says() -> None:
    shown = own_u.PAGE.read_text(encoding="utf-8").split(own_u.BEGIN)[1].split(own_u.END)[0].strip()
    document = own_u.read()
    assert shown == own_u.render(document)
    assert set(document["figures"]["sets"]) == set(own_u.SETS)
    assert "+changes" not in document["commit"]
