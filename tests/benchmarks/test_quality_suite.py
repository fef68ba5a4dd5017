"""What is measured once is kept, pages say what the result file says, and errors come with their reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmarks.pages import read_section
from benchmarks.quality import __main__ as main
from benchmarks.quality import suite
from benchmarks.quality.__main__ import app
from benchmarks.quality.data.catalogue import load
from benchmarks.quality.data.datasets import Dataset, febrl
from benchmarks.quality.found import Found
from benchmarks.quality.pages import charts, page
from benchmarks.quality.pages.charts import PLOTS
from benchmarks.quality.pages.report import read, write
from benchmarks.quality.peers import PEERS
from benchmarks.quality.peers import run as runs
from benchmarks.quality.studies import errors
from benchmarks.quality.studies.alternatives import alternatives, could_be
from benchmarks.quality.studies.reasons import alike, no_shared_key, status
from benchmarks.quality.suite import Method, Plan, measure_all, methods_of, tasks_of
from linkage.linking.model import Model, RivalRate, StratumPrior
from linkage.linking.rivals import RIVALS
from linkage.linking.score import log_ratios, score
from linkage.linking.strata import Strata
from pseudonym.identity.identities import Identity, read_identities
from pseudonym.identity.record import Record
from pseudonym.profile import Combination, FieldTable, MinHash, load_profile

NAME = "synthetic-low"


def answer(dataset: Dataset, seed: int) -> Found:
    """Link the first two records of each reporter with each other, rightly or not."""
    rows = [
        (reporter, *frame["record_id"].iloc[:1], reporter, *frame["record_id"].iloc[1:2], 0.9, "link")
        for reporter, frame in dataset.reporters.items()
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


@pytest.mark.whole
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


@pytest.mark.whole
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


@pytest.mark.whole
def test_data_sets_that_are_not_measured_are_kept_with_their_commit(tmp_path: Path) -> None:
    last = read()
    sets = last["figures"]["sets"]
    measured = sets["febrl1"] | {"title": "Measured again"}
    write(Plan(("febrl1",), (2, 3, 4), 3000, None), {"febrl1": measured}, keep_sets=True, out=tmp_path)
    found = read(tmp_path)
    assert found["figures"]["sets"] == sets | {"febrl1": measured}
    assert list(found["figures"]["sets"]) == list(sets)
    assert found["command"].endswith(" --only febrl1 --no-peers --keep-sets")
    said = f"Measured then: Measured again. All other data sets: commit {last['commit'][:12]}."
    assert said in (tmp_path / "quality.md").read_text(encoding="utf-8")


@pytest.mark.whole
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
    assert vars(replace(again, links=found.links)) == vars(found)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_the_page_says_what_the_result_file_says() -> None:
    assert read_section(page.PAGE, page.SECTION) == page.render(read())


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.whole
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


def identities(**fields: Any) -> tuple[Identity, ...]:
    return read_identities(Record("r", **fields), row=1, reference_date=date(2026, 1, 1), reporter="a")[0]


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
def test_the_relation_of_two_records_is_described(changed: dict[str, Any], told: str) -> None:
    assert status(identities(**NAMED), identities(**{**NAMED, **changed})) == told


def test_it_is_explained_why_no_key_was_shared() -> None:
    encoding = load_profile("case-registry").encoding
    combination = next(key for key in encoding.match_keys if isinstance(key, Combination) and "number" in key.parts)
    minhash = next(key for key in encoding.match_keys if isinstance(key, MinHash))
    one, other = identities(**NAMED), identities(**{**NAMED, "birth_date": "1950-01-31"})
    told = no_shared_key(one, other, encoding)
    assert f"{combination.kind}: absent" in told
    assert f"{minhash.kind}: likeness {alike(one, other, minhash):.2f}" in told
    assert alike(one, one, minhash) == 1 > alike(one, other, minhash) > 0
    assert alike(one, identities(given_names="Bo"), minhash) == 0


def test_a_peer_is_measured_by_the_kind_of_its_links(monkeypatch: pytest.MonkeyPatch) -> None:
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


TABLES = tuple(
    FieldTable(field=field, edges=(1.0, 0.0) if field != "swapped" else (), u=(1 - 2 * u, u, u), m=(0.002, 0.098, 0.9))
    for field, u in (("given_names", 1e-3), ("family_names", 1e-3), ("birth_year", 1e-2), ("birth_month", 0.04),
                     ("birth_day", 0.02), ("serial", 1e-4))
)  # fmt: skip
FIELDS = [table.field for table in TABLES]
EQUAL, ABSENT, DIFFERENT = 2, -1, 0
DATE = {"birth_year": EQUAL, "birth_month": EQUAL, "birth_day": EQUAL}


def model(**changed: Any) -> Model:
    shares = tuple(1e-5 for _ in RIVALS)
    stratum = [StratumPrior(ends, 10_000, 10.0, 1e-3, 1e-3, shares) for ends in (("a", "a"), ("a", "b"), ("b", "b"))]
    rates = tuple(RivalRate(name, 1e-3, 1e-3) for name in RIVALS)
    return replace(Model(TABLES, tuple(stratum), 0.1, 0.1, 0.1, rates, 1, True), **changed)


def weighed(*pairs: dict[str, int], reporters: tuple[str, str] = ("a", "a"), by: Model | None = None) -> Any:
    levels = np.array([[pair.get(field, ABSENT) for field in FIELDS] for pair in pairs], np.int8)
    sides = tuple([reporter] * len(pairs) for reporter in reporters)
    found = alternatives(levels, (sides[0], sides[1]), model=by or model(), strata=Strata.of({"a": 100, "b": 100}))
    return found, list(could_be(found, log_ratios(levels, TABLES) / np.log(2), levels, FIELDS))


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        (
            {"given_names": DIFFERENT, "family_names": EQUAL, **DATE},
            "could be twins: family name and birth date agree, given names differ",
        ),
        ({"family_names": EQUAL, **DATE}, ""),
        (
            {"given_names": EQUAL, "family_names": EQUAL, **dict.fromkeys(DATE, DIFFERENT)},
            "could be namesakes: both names agree, birth date differs",
        ),
        (
            {"given_names": DIFFERENT, "family_names": DIFFERENT, **DATE, "serial": EQUAL},
            "could be one number of two persons: number and birth date agree, given names differ",
        ),
        ({"given_names": EQUAL, "family_names": EQUAL, **DATE}, ""),
        # Chance explains it better than any rival.
        (dict.fromkeys(FIELDS, DIFFERENT), ""),
        ({"given_names": DIFFERENT, "birth_day": EQUAL}, ""),
    ],
)
def test_a_rival_is_named_where_it_explains_a_pair_better_than_a_match(levels: dict[str, int], told: str) -> None:
    _, (found,) = weighed(levels)
    assert found == told


def test_how_common_rivals_are_decides_whether_there_is_one() -> None:
    twins = {"family_names": EQUAL, **DATE}
    assert weighed(twins)[1] == [""]
    often = tuple(replace(stratum, rival_shares=(0.1,) * len(RIVALS)) for stratum in model().strata)
    told = "could be twins: family name and birth date agree, no given names or number"
    assert weighed(twins, by=model(strata=often))[1] == [told]
    # What is common in another stratum is not so in this.
    only_b = tuple(replace(one, rival_shares=two.rival_shares) if one.reporters == ("b", "b") else one
                   for one, two in zip(model().strata, often, strict=True))  # fmt: skip
    assert weighed(twins, by=model(strata=only_b))[1] == [""]
    assert weighed(twins, by=model(strata=only_b), reporters=("b", "b"))[1] == [told]


def test_odds_without_competition_are_those_of_records_without_partners() -> None:
    pair = {"given_names": EQUAL, "family_names": EQUAL}
    strata = Strata.of({"a": 100, "b": 100})
    levels = np.array([[pair.get(field, ABSENT) for field in FIELDS]], np.int8)
    within = score(levels, strata.numbers(np.array([0]), np.array([0])), model(), strata=strata).log_odds
    assert weighed(pair)[0].free == pytest.approx(within, abs=2e-3)
    free = []
    for odds in (1e-3, 1e-2):
        changed = tuple(replace(stratum, partner_odds=odds) for stratum in model().strata)
        free.append(weighed(pair, reporters=("a", "b"), by=model(strata=changed))[0].free)
    assert free[1] - free[0] == pytest.approx(np.log(10))


ROW = {
    "kind": "missed decision", "said": "", "probability": 0.2, "free": 3.0, "rival": "could be twins",
    "evidence": "too little", "reporter_a": "a", "record_id_a": "1", "reporter_b": "b", "record_id_b": "1",
    "place_a": 0, "place_b": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "best", "told"),
    [
        ({}, {("a", "1", "b"): 0.9}, errors.COMPETES),
        ({}, {("b", "1", "a"): 0.9}, errors.COMPETES),
        ({}, {("a", "1", "c"): 0.9}, errors.CROWDED),
        ({}, {("a", "1", "b"): 0.4}, errors.CROWDED),
        # Within a reporter nothing competes, whoever else is there.
        ({"reporter_b": "a", "record_id_b": "2"}, {("a", "1", "a"): 0.9, ("a", "2", "a"): 0.9}, "could be twins"),
        # Nothing was lost to a partner where the pair would be none without one.
        ({"free": -1.0}, {("a", "1", "b"): 0.9}, "could be twins"),
        ({"free": -1.0, "rival": ""}, {("a", "1", "b"): 0.9}, "too little"),
        ({"probability": 0.6}, {("a", "1", "b"): 0.9}, errors.HELD_APART),
        ({"said": "one number, other names"}, {}, "kept apart: one number, other names"),
        ({"said": "uncertain"}, {("a", "1", "b"): 0.9}, errors.COMPETES),
    ],
)
def test_competition_is_named_between_reporters_and_where_it_decided(
    changed: dict[str, Any], best: dict[tuple[str, str, str], float], told: str
) -> None:
    frame = pd.DataFrame({"record_id": ["1", "2"], "given_names": ["Anna", "Eva"], "person": ["p", "p"]})
    records = errors._Records.of(Dataset.of("two", "Two", {"a": frame}))
    assert errors._reason({**ROW, **changed}, records, load_profile("case-registry"), best)[0] == told


@pytest.mark.slow
def test_in_one_reporter_nothing_competes_and_what_was_compared_is_shown(tmp_path: Path) -> None:
    found = errors.find_errors(febrl(1), profile="case-registry", seed=2, folder=tmp_path)
    missed = found.pairs[found.pairs["kind"] == "missed decision"]
    reasons = missed["reason"]
    assert not reasons.str.startswith("competition").any()
    assert reasons.str.startswith("could be twins").any()
    assert reasons.str.startswith("could be namesakes").any()
    # The weights shown are those by which the registry decided, where it lists the pair.
    weights = missed[[f"weight {field}" for field in found.fields]].sum(axis=1)
    assert (weights - missed["match_weight"]).abs().max() < 0.1


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
