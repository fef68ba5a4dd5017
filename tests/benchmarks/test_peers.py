"""Peers are given what they ask for and nothing more; what they find is read as they meant it."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.pairs import link_figures
from benchmarks.quality.found import LINK_COLUMNS
from benchmarks.quality.peers import PEERS, documented, outside, peers_of, run_peer
from benchmarks.quality.peers import run as runs
from benchmarks.quality.peers.ceiling import link_plaintext, plaintext_linking
from benchmarks.quality.peers.ours import candidate_pairs, coarse, receive
from benchmarks.quality.peers.outside import KEPT, PACKAGES, Output, request_of, run_worker
from benchmarks.quality.peers.plaintext import FIELDS, Plaintext
from benchmarks.quality.peers.records import normalised_records, plain_records
from benchmarks.quality.peers.workers.common import Job, within
from benchmarks.results import read_result
from linkage.linking.compare import EXTRA
from pseudonym.identity.dates import Birth
from pseudonym.identity.identities import Identity
from pseudonym.identity.names import read_name

NAMES = ("anna berg", "bertil ek", "cecilia ask", "david holm", "eva lind", "fredrik dahl", "greta moss", "hugo sten")


def two_reporters(n: int = 24) -> Dataset:
    """Return two reporters that know the same persons, the second with a slip in every third name."""
    given = [NAMES[i % 8].split()[0] for i in range(n)]
    family = [f"{NAMES[(i // 8 + i) % 8].split()[1]}{chr(97 + i % 20)}son" for i in range(n)]
    date = [f"{1950 + i}-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(n)]
    person = [f"p{i}" for i in range(n)]
    slipped = [name[:-1] if i % 3 == 0 else name for i, name in enumerate(family)]
    frames = {}
    for reporter, names in (("one", family), ("two", slipped)):
        columns = {"given_names": given, "family_names": names, "birth_date": date, "person": person}
        frames[reporter] = pd.DataFrame({"record_id": [f"{reporter}-{i}" for i in range(n)], **columns})
    return Dataset.of("two", "Two reporters", frames)


def dataset_of(**columns: list[object]) -> Dataset:
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"record_id": [f"r{i}" for i in range(n)], **columns, "person": [f"p{i}" for i in range(n)]})
    return Dataset.of("made", "Made", {"reporter": frame})


# What peers are given.


def test_plain_records_are_cleaned_and_no_more():
    records = plain_records(
        dataset_of(
            given_names=[" Åsa  MARIE", "", None],
            birth_date=["1980-02-03", "1980", "3/2 80"],
            number=["19800203-9998", "8002039998", float("nan")],
            sex=["Kvinna", "M", "okänd"],
        )
    )
    assert list(records) == ["reporter", "record_id", "given_names", "birth_date", "number", "sex"]
    assert records["given_names"].tolist() == ["åsa marie", None, None]
    assert records["birth_date"].tolist() == ["1980-02-03", None, None]
    assert records["number"].tolist() == ["8002039998", "8002039998", None]
    assert records["sex"].tolist() == ["f", "m", None]


def test_a_field_that_no_record_has_is_left_out():
    records = plain_records(dataset_of(given_names=["a"], number=[None]))
    assert "number" not in records


def test_normalised_records_are_read_by_this_library():
    identity = Identity(given=read_name("Åsa-Marie"), birth=Birth(1980, 2, 3), sex="woman")
    partial = Identity(given=read_name("Åsa"), birth=Birth(1980))
    frame = pd.DataFrame(
        {"reporter": ["a", "a"], "record_id": ["1", "2"], "identities": [(identity, partial), (partial,)]}
    )
    records = normalised_records(frame)
    assert records["given_names"].tolist() == ["asa marie", "asa"]
    assert records["birth_date"].tolist() == ["1980-02-03", None]
    assert records["sex"].tolist() == ["woman", None]


def test_a_worker_is_told_no_truth_and_no_name_of_a_reporter(tmp_path):
    given = outside._given(plain_records(two_reporters()))
    outside._write(tmp_path, given, request={"seed": 7}, pairs=pd.DataFrame({"a": [0], "b": [5]}))
    job = Job(tmp_path)
    assert job.request == {"seed": 7}
    assert job.reporters == ["reporter0", "reporter1"]
    assert job.fields == ["given_names", "family_names", "birth_date"]
    assert job.records["row"].to_pylist() == list(range(48))
    assert job.pairs().to_pydict() == {"a": [0], "b": [5]}


@pytest.mark.whole
def test_the_registry_gives_the_candidates_in_both_directions_of_time(tmp_path):
    dataset = two_reporters()
    received = receive(dataset, coarse(), seed=1, folder=tmp_path)
    assert received.identities["record_id"].nunique() == 48
    pairs = candidate_pairs(received)
    assert not pairs.duplicated().any()
    assert (pairs["a"] < pairs["b"]).all()
    person = dataset.truth.set_index(["reporter", "record_id"])["person"]
    people = person.loc[list(received.identities[["reporter", "record_id"]].itertuples(index=False, name=None))]
    people = people.to_numpy()
    assert (people[pairs["a"]] == people[pairs["b"]]).sum() == 24


# What is made of what they find.


def found_links() -> Output:
    frame = pd.DataFrame({"a": [0, 1], "b": [24, 26], "probability": [0.9, 0.2], "linked": [True, False]})
    report = {"seconds": {"wall": 1.0, "cpu": 2.0}, "peak_memory_mb": 3.0, "versions": {"splink": "5"}}
    return Output({"links-pairs": frame, "links-single-best": frame[:1]}, frame[["a", "b"]], report)


@pytest.fixture
def worker(monkeypatch):
    """Stand in the place of the workers, and note what they are asked."""
    asked = []

    def run_worker(name, records, *, request, keep, pairs=None):
        assert keep == KEPT
        asked.append((name, len(records), request, pairs))
        return found_links()

    monkeypatch.setattr(runs, "run_worker", run_worker)
    monkeypatch.setattr(runs, "_latest", {})
    return asked


def test_an_answer_names_records_and_decisions(worker):
    answer = run_peer("splink", two_reporters(), seed=3)
    assert list(answer.links) == list(LINK_COLUMNS)
    assert answer.links.iloc[0].tolist() == ["one", "one-0", "two", "two-0", 0.9, "link"]
    assert answer.links["decision"].tolist() == ["link", "no link"]
    assert answer.candidate_recall == pytest.approx(1 / 24)
    assert (answer.kinds, answer.probabilities, answer.versions) == (("pairs",), True, {"splink": "5"})
    assert (answer.seconds, answer.processor_seconds, answer.peak_memory_mb) == ({"link": 1.0}, 2.0, 3.0)
    assert worker[0][2] == {"seed": 3}


def test_one_run_of_splink_answers_twice_and_another_seed_runs_anew(worker):
    dataset = two_reporters()
    both = [run_peer(name, dataset, seed=1) for name in ("splink", "splink-single-best")]
    assert [len(answer.links) for answer in both] == [2, 1]
    assert [answer.kinds for answer in both] == [("pairs",), ("one-to-one",)]
    assert len(worker) == 1
    run_peer("splink", dataset, seed=2)
    run_peer("splink", two_reporters(), seed=2)
    assert len(worker) == 3


def test_our_candidates_go_with_our_normalisation(worker):
    run_peer("splink-ours", two_reporters(), seed=1)
    name, n_records, _, pairs = worker[0]
    assert (name, n_records) == ("splink", 48)
    assert len(pairs) >= 24


def test_peers_that_link_across_reporters_are_left_out_with_one_reporter():
    one = dataset_of(given_names=["a"])
    assert peers_of(two_reporters()) == PEERS
    assert set(PEERS) - set(peers_of(one)) == {"splink-single-best", "splink-ours-single-best", "anonlink"}
    with pytest.raises(ValueError, match="only one"):
        run_peer("anonlink", one, seed=1)


def test_within_gives_each_pair_once_with_the_smaller_row_first():
    assert within([[3, 1, 2], [7]]) == [(1, 2), (1, 3), (2, 3)]


# What is kept of it.


@pytest.fixture
def processes(monkeypatch, tmp_path):
    """Stand in the place of processes, and note what each of them was given; the sources of the workers are copied."""
    given = []

    def process(command, **_):
        job = Job(command[-1])
        given.append((job.request, job.records.to_pydict(), None if job.pairs() is None else job.pairs().to_pydict()))
        links = pa.table({"a": [0], "b": [1], "probability": [0.5], "linked": [len(given) % 2 == 1]})
        job.answer("pairs", links)
        job.answer("single-best", links)
        job.candidates(links.select(["a", "b"]))
        job.report((), seen=len(given))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(outside, "WORKERS", Path(shutil.copytree(outside.WORKERS, tmp_path / "workers")))
    monkeypatch.setattr(outside, "interpreter", lambda _: Path("python"))
    monkeypatch.setattr(outside.subprocess, "run", process)
    return given


def test_what_a_worker_wrote_is_kept_whole(processes, tmp_path):
    records, request = plain_records(two_reporters()), {"seed": 1}
    first, second = (run_worker("splink", records, request=request, keep=tmp_path / "kept") for _ in "ab")
    assert len(processes) == 1
    assert first.report == second.report
    assert first.report["seen"] == 1
    assert sorted(second.links) == ["links-pairs", "links-single-best"]
    for name, links in first.links.items():
        pd.testing.assert_frame_equal(links, second.links[name])
    pd.testing.assert_frame_equal(first.candidates, second.candidates)
    (place,) = (tmp_path / "kept").iterdir()
    assert not (place / "records.parquet").exists()


def test_any_change_of_what_an_answer_hangs_on_runs_a_worker_again(processes, tmp_path, monkeypatch):
    records, pairs = plain_records(two_reporters()), pd.DataFrame({"a": [0, 1], "b": [5, 6]})

    def ask(worker="splink", records=records, seed=1, pairs=pairs, task="worker"):
        before = len(processes)
        for _ in "ab":
            run_worker(worker, records, request={"seed": seed}, pairs=pairs, task=task, keep=tmp_path / "kept")
        return len(processes) - before

    assert ask() == 1
    assert ask(seed=2) == 1
    assert ask(worker="anonlink") == 1
    assert ask(task="documented") == 1
    assert ask(pairs=None) == 1
    assert ask(pairs=pairs.assign(b=[5, 7])) == 1
    changed = records.copy()
    changed.loc[3, "given_names"] = None
    assert ask(records=changed) == 1
    assert ask(records=records.drop(columns="birth_date")) == 1
    # What the worker is not told makes no difference.
    assert ask(records=records.assign(record_id="other", reporter=records["reporter"] + "'")) == 0
    monkeypatch.setitem(PACKAGES, "splink", ("splink==6",))
    assert ask() == 1
    source = outside.WORKERS / "splink_worker.py"
    source.write_text(source.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert ask() == 1
    assert ask() == 0


def test_without_a_folder_nothing_is_kept(processes):
    records = plain_records(two_reporters())
    seen = [run_worker("splink", records, request={"seed": 1}).report["seen"] for _ in "ab"]
    assert seen == [1, 2]


def test_nothing_is_kept_of_a_worker_that_failed(processes, tmp_path, monkeypatch):
    process = outside.subprocess.run

    def fails(command, **_):
        process(command)
        return SimpleNamespace(returncode=1)

    monkeypatch.setattr(outside.subprocess, "run", fails)
    with pytest.raises(RuntimeError, match="failed"):
        run_worker("splink", plain_records(two_reporters()), request={"seed": 1}, keep=tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_peer_that_draws_nothing_gets_no_seed(worker):
    dataset = two_reporters()
    for seed in (1, 2):
        run_peer("recordlinkage", dataset, seed=seed)
        run_peer("anonlink", dataset, seed=seed)
    assert [request for _, _, request, _ in worker] == [{}, {"seed": 1}, {}, {"seed": 2}]


def test_workers_read_a_seed_where_they_are_told_one():
    for name in PACKAGES:
        sources = outside.WORKERS.glob(f"{name}_*.py")
        reads = any('request["seed"]' in source.read_text(encoding="utf-8") for source in sources)
        assert reads == ("seed" in request_of(name, seed=1))


# The ceiling.


def identity(given: str, family: str, birth: Birth | None = None) -> Identity:
    return Identity(given=read_name(given), family=read_name(family), birth=birth or Birth())


def distances(one: tuple[Identity, ...], other: tuple[Identity, ...]) -> dict[str, float]:
    plaintext = Plaintext([one, other])
    found = plaintext.compare(np.array([0]), np.array([1]), n_keys=np.ones(1, np.int32))
    return dict(zip(FIELDS, found.distances[0].tolist(), strict=True))


def test_names_differ_by_one_minus_dice_of_their_bigrams():
    # _an nn na a_ and _an na a_: three in common of four and three.
    found = distances((identity("Anna", "Berg"),), (identity("Ana", "Berg"),))
    grams = [set(read_name(name).grams) for name in ("Anna", "Ana")]
    dice = 2 * len(grams[0] & grams[1]) / sum(map(len, grams))
    assert found["given_names"] == pytest.approx(1 - dice)
    assert found["family_names"] == 0
    assert found["swapped"] == 0
    assert np.isnan([found[field] for field in ("birth_year", "serial", "sex", "foreign_number")]).all()


def test_exchanged_names_are_swapped_and_dates_exchanged():
    one = identity("Anna", "Berg", Birth(1980, 2, 3))
    found = distances((one,), (identity("Berg", "Anna", Birth(1981, 3, 2)),))
    assert (found["swapped"], found["given_names"], found["family_names"]) == (EXTRA, 0, 0)
    assert found["birth_month"] == EXTRA
    assert np.isnan(found["birth_day"])
    assert found["birth_year"] == 2
    assert distances((one,), (one,))["birth_month"] == 0


def test_the_closest_of_several_identities_are_compared():
    other = identity("Cecilia", "Holm", Birth(1999, 9, 9))
    found = distances((other, identity("Anna", "Berg")), (identity("Anna", "Berg"), identity("Eva", "Lind")))
    assert (found["given_names"], found["family_names"]) == (0, 0)


@pytest.mark.slow
def test_plaintext_links_as_the_library_does():
    dataset = two_reporters(60)
    found = link_plaintext(dataset, seed=1)
    figures = link_figures(found["links"], dataset.truth)
    assert (figures.precision, figures.recall) == (1, 1)
    assert len(found["candidates"]) >= 60
    tables = {table.field: table for table in plaintext_linking().fields}
    assert tables["given_names"].m[-1] > 0.5 > tables["given_names"].u[-1]
    assert tables["serial"].u[-1] == pytest.approx(1e-4, rel=0.5)


# The packages themselves.


def test_the_result_file_says_that_peers_do_what_their_documents_say():
    figures = read_result("peers-documented")["figures"]
    assert set(figures) == set(PACKAGES) == set(documented.DOCUMENTED)
    assert all(one["here"]["as_documented"] for one in figures.values())
    assert all(
        pin.split("==")[1] == figures["splink"]["here"]["versions"][pin.split("==")[0]] for pin in PACKAGES["splink"]
    )


# Each has an environment of its own, which is made here and needs a package index.
@pytest.mark.slow
@pytest.mark.parametrize("peer", ["splink", "recordlinkage", "anonlink"])
def test_a_peer_links_two_reporters(peer):
    dataset = two_reporters(200)
    answer = run_peer(peer, dataset, seed=1)
    figures = link_figures(answer.links, dataset.truth)
    assert figures.precision > 0.95
    assert answer.peak_memory_mb > 50
    assert answer.processor_seconds > 0


def test_the_workers_import_nothing_of_ours():
    folder = importlib.resources.files("benchmarks.quality.peers").joinpath("workers")
    for path in folder.iterdir():
        if path.name.endswith(".py"):
            text = path.read_text(encoding="utf-8")
            assert "from benchmarks" not in text
            assert "from pseudonym" not in text
