"""What is measured once is kept, pages say what the result file says, and errors come with their reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmarks.quality import __main__ as main
from benchmarks.quality import charts, page, suite
from benchmarks.quality.__main__ import app
from benchmarks.quality.catalogue import load
from benchmarks.quality.charts import PLOTS
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.found import Found
from benchmarks.quality.peers import PEERS
from benchmarks.quality.peers import run as runs
from benchmarks.quality.reasons import alike, no_shared_key, status
from benchmarks.quality.report import read
from benchmarks.quality.suite import Method, Plan, measure_all, methods_of, tasks_of
from pseudonym.facts import Facts, read_facts
from pseudonym.profile import Combination, MinHash, load_profile
from pseudonym.record import Record

NAME = "synthetic-low"


def answer(dataset: Dataset, seed: int) -> Found:
    """Link the first two records of each body with each other, rightly or not."""
    rows = [
        (body, *frame["record_id"].iloc[:1], body, *frame["record_id"].iloc[1:2], 0.9, "link")
        for body, frame in dataset.bodies.items()
        if len(frame) > 1
    ]
    columns = ["reporter_a", "record_id_a", "reporter_b", "record_id_b", "probability", "decision"]
    return Found("m", "M", ("pairs",), pd.DataFrame(rows, columns=columns), seconds={"link": float(seed)})


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, list[int]]:
    """A plan of one data set, two seeds, our method and a peer; the list grows by the seed of each answer."""
    asked: list[int] = []

    def ours(dataset: Dataset, seed: int) -> Found:
        asked.append(seed)
        return answer(dataset, seed)

    def peer(dataset: Dataset, seed: int) -> Found:
        raise MemoryError

    source = tmp_path / "source.py"
    source.write_text("1", encoding="utf-8")
    methods = [Method("ours", ours, (source,)), Method("peer", peer, (source,))]
    monkeypatch.setattr(suite, "methods_of", lambda plan, name: methods)
    return Plan((NAME,), (2, 3), 60, None, peers=("peer",), cache=tmp_path / "answers"), asked


def run(plan: Plan) -> dict[str, Any]:
    return measure_all(plan, started=lambda _: None, done=lambda _: None)


def test_an_answer_is_found_once_and_again_when_the_source_changes(
    plan: tuple[Plan, list[int]], tmp_path: Path
) -> None:
    settings, asked = plan
    first = run(settings)
    assert asked == [2, 3]
    assert run(settings) == first
    assert asked == [2, 3]
    assert first[NAME]["methods"]["m"]["figures"]["seconds"] == {"mean": 2.5, "low": 2.0, "high": 3.0}
    run(replace(settings, persons=70))
    assert asked == [2, 3, 2, 3]
    (tmp_path / "source.py").write_text("2", encoding="utf-8")
    suite._digest.cache_clear()
    run(settings)
    assert asked == [2, 3, 2, 3, 2, 3]


def test_only_our_own_answers_hang_on_our_sources(
    plan: tuple[Plan, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = plan
    asked: list[int] = []

    def peer(dataset: Dataset, seed: int) -> Found:
        asked.append(seed)
        return answer(dataset, seed)

    monkeypatch.setattr(suite, "methods_of", lambda plan, name: [Method("peer", peer, None)])
    run(settings)
    run(settings)
    # Whoever keeps answers itself is asked each time, and nothing is kept a second time.
    assert asked == [2, 3, 2, 3]
    assert not settings.cache.exists()


def test_other_packages_keep_their_own_answers_and_the_ceiling_hangs_on_our_sources() -> None:
    plan = Plan(("febrl4",), (2,), 60, None, peers=PEERS)
    sources = {method.name: method.sources for method in methods_of(plan, "febrl4")}
    assert {name for name, found in sources.items() if found is None} == set(PEERS) - {"plaintext"}
    assert suite.ROOT / "src" in (sources["plaintext"] or ())


@pytest.mark.parametrize("peers", [True, False])
def test_measuring_again_forgets_what_peers_found_where_they_are_asked(
    peers: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {name: tmp_path / name for name in ("answers", "workers")}
    for folder in kept.values():
        (folder / "one").mkdir(parents=True)
    monkeypatch.setattr(main, "Plan", partial(Plan, cache=kept["answers"]))
    monkeypatch.setattr("benchmarks.quality.peers.KEPT", kept["workers"])
    monkeypatch.setattr(main, "_with_progress", lambda plan: {})
    monkeypatch.setattr(main, "write", lambda *_, **__: [])
    words = ["all", "--only", NAME, "--again", *([] if peers else ["--no-peers"])]
    assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
    assert {name: folder.exists() for name, folder in kept.items()} == {"answers": False, "workers": not peers}


def test_a_peer_that_fails_is_named_and_the_rest_goes_on(plan: tuple[Plan, list[int]]) -> None:
    found = run(plan[0])[NAME]
    assert found["failed"] == {"peer": "MemoryError"}
    assert list(found["methods"]) == ["m"]
    with pytest.raises(MemoryError):
        run(replace(plan[0], peers=()))


def test_the_coarse_profile_is_measured_where_it_has_an_aim() -> None:
    plan = Plan(("essnet", "febrl1"), (2, 3), 60, None)
    assert [method.name for method in methods_of(plan, "febrl1")] == ["encoded:case-registry"]
    assert len(methods_of(plan, "essnet")) == 2
    assert len(tasks_of(plan)) == 2 * (2 + 1)


def test_an_answer_is_kept_as_it_is(tmp_path: Path) -> None:
    found = answer(load(NAME, seed=1, persons=60), 1)
    found.save(tmp_path / "kept")
    again = Found.load(tmp_path / "kept")
    assert again.links.equals(found.links)
    assert replace(again, links=found.links) == found
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_the_page_says_what_the_result_file_says() -> None:
    shown = page.PAGE.read_text(encoding="utf-8").split(page.BEGIN)[1].split(page.END)[0].strip()
    assert shown == page.render(read())


@pytest.mark.parametrize("name", PLOTS)
def test_the_plots_are_of_the_result_file(name: str) -> None:
    text = (page.PAGE.parent / f"quality-{name}.svg").read_text(encoding="utf-8")
    assert page.digest(read()) in text


def test_persons_that_a_method_expects_are_shown_beside_those_found() -> None:
    document = read()
    sets = {NAME: document["figures"]["sets"][NAME]}
    figures = sets[NAME]["methods"]["encoded"]["figures"]

    def shown() -> tuple[list[float], bool]:
        lines = charts._persons(sets).axes[0].lines
        rings = [float(line.get_xdata()[0]) for line in lines if line.get_fillstyle() == "none"]
        return rings, "| +12.5 |" in page.render({**document, "figures": {"sets": sets}})

    figures["claimed"]["persons"] = None
    assert shown() == ([], False)
    figures["claimed"]["persons"] = dict.fromkeys(("mean", "low", "high"), 0.125)
    assert shown() == ([12.5], True)


def test_names_of_no_data_set_are_refused() -> None:
    refused = CliRunner().invoke(app, ["one", "febrl9"])
    assert refused.exit_code == 2
    assert CliRunner().invoke(app, ["errors", "essnet"]).exit_code == 2
    assert CliRunner().invoke(app, ["all", "--seeds", "one", "--only", NAME, "--no-peers"]).exit_code == 2


def facts(**fields: Any) -> Facts:
    return read_facts(Record("r", **fields), row=1, reference_date=date(2026, 1, 1), reporter="a")[0]


NAMED = {"given_names": "Anna", "family_names": "Lindqvist", "birth_date": "1999-03-20"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "no common number, date equal, names sound alike"),
        ({"birth_date": "1999-03-21"}, "no common number, date differs in one part, names sound alike"),
        ({"birth_date": "1999-04-21"}, "no common number, date differs, names sound alike"),
        ({"birth_date": "1999"}, "no common number, date in part, names sound alike"),
        ({"birth_date": None}, "no common number, date missing, names sound alike"),
        ({"family_names": "Ek"}, "no common number, date equal, one name sounds alike"),
        ({"family_names": "Ek", "given_names": "Bo"}, "no common number, date equal, names differ"),
        ({"family_names": "Ek", "given_names": None}, "no common number, date equal, name missing"),
        ({"family_names": "Anna", "given_names": "Lindqvist"}, "no common number, date equal, names exchanged"),
        ({"family_names": ["Ek", "Lindqvist"]}, "no common number, date equal, names sound alike"),
    ],
)
def test_two_records_stand_to_each_other_as_told(changed: dict[str, Any], told: str) -> None:
    assert status(facts(**NAMED), facts(**{**NAMED, **changed})) == told


def test_it_is_told_why_no_key_was_shared() -> None:
    encoding = load_profile("case-registry").encoding
    combination = next(key for key in encoding.match_keys if isinstance(key, Combination) and "number" in key.parts)
    minhash = next(key for key in encoding.match_keys if isinstance(key, MinHash))
    one, other = facts(**NAMED), facts(**{**NAMED, "birth_date": "1950-01-31"})
    told = no_shared_key(one, other, encoding)
    assert f"{combination.kind}: absent" in told
    assert f"{minhash.kind}: likeness {alike(one, other, minhash):.2f}" in told
    assert alike(one, one, minhash) == 1 > alike(one, other, minhash) > 0
    assert alike(one, facts(given_names="Bo"), minhash) == 0


def test_a_peer_is_measured_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    links = answer(load(NAME, seed=1, persons=60), 1).links
    report = {"seconds": {"wall": 2.0, "cpu": 3.0}, "peak_memory_mb": 5.0, "versions": {}}
    outcome = runs._Outcome({"links-pairs": links, "links-single-best": links}, None, report)
    monkeypatch.setattr(runs, "_outcome", lambda *_: outcome)
    plan = Plan((NAME,), (1,), 60, None, peers=("plaintext", "anonlink", "splink-single-best"))
    found = [method.find(load(NAME, seed=1, persons=60), 1) for method in methods_of(plan, NAME)[1:]]
    # This library's own decision is measured as it is on codes; that of others by the kind they say.
    assert [one.kinds for one in found] == [("pairs", "one-to-one"), ("one-to-one",), ("one-to-one",)]
    assert [one.probabilities for one in found] == [True, False, True]
    assert (found[0].seconds, found[0].processor_seconds) == ({"link": 2.0}, 3.0)


@pytest.mark.slow
def test_errors_are_shown_pair_by_pair(tmp_path: Path) -> None:
    words = ["errors", "synthetic-high", "--persons", "120", "--out", str(tmp_path)]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    table = pd.read_csv(tmp_path / "errors.csv", dtype={"given_names_a": str})
    assert "missed candidate" in set(table["kind"])
    candidates = table[table["kind"] == "missed candidate"]
    # What was never compared is listed by no registry, and yet what comparing would say is shown.
    assert candidates["probability"].isna().all()
    assert candidates["match_weight"].notna().all()
    assert (tmp_path / "errors.html").read_text(encoding="utf-8").count("<details>") == len(
        table.groupby(["kind", "reason"])
    )
