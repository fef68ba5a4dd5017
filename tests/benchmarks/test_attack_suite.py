"""The attack suite: profiles, gates and controls, the results of a run, and the output of the command."""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmarks.attacks.__main__ import app
from benchmarks.attacks.controls import compare, controls
from benchmarks.attacks.evidence.scenes import Scenario
from benchmarks.attacks.frontier import command as frontier
from benchmarks.attacks.frontier import own_tables
from benchmarks.attacks.frontier.sweep import EDGE_VARIANTS, VARIANTS, bare_kinds, build, measure_point
from benchmarks.attacks.gates import GATES, SHARE_RATES, Gate, judge
from benchmarks.attacks.metrics import Tally
from benchmarks.attacks.suite import SOURCES, Run, measure, quality_datasets
from benchmarks.attacks.trials import ATTACKS, SUITES, Trial
from benchmarks.attacks.world.populations import KINDS
from benchmarks.attacks.world.recall import candidate_recall, records_of_frame
from benchmarks.attacks.world.variants import content_only, exact_only, unpadded
from benchmarks.cache import Cache
from benchmarks.quality.data.datasets import Dataset
from linkage.linking.compare import comparison_fields
from pseudonym.profile import Combination, MinHash, Weights, load_profile
from tests.paths import ROOT
from tools import make_profile_tables

COARSE = ROOT / "benchmarks" / "profiles" / "coarse.json"
"""A profile with large groups, so that even a few records share match keys."""

# Profiles, gates, suite.


def test_variants_keep_their_promised_parts() -> None:
    base = load_profile("case-registry")
    exact = exact_only(base)
    assert exact is not None
    assert [key.kind for key in exact.encoding.match_keys] == [
        key.kind for key in base.encoding.match_keys if isinstance(key, Combination)
    ]
    assert exact_only(build("mh80x8", base)) is None
    assert content_only(base).encoding.segments == base.encoding.segments
    assert content_only(base).unguarded
    assert not unpadded(base).encoding.padded


@pytest.mark.parametrize("description", dict.fromkeys([*VARIANTS, *EDGE_VARIANTS]))
def test_every_profile_of_the_sweep_can_be_built(description: str) -> None:
    assert build(description, load_profile("case-registry")).name.startswith("sweep-")


def test_descriptions_set_weights_and_segments() -> None:
    base = load_profile("case-registry")
    built = build("number+mh10x3w1.0.4.2+seg32+h2", base).encoding
    banded = built.match_keys[1]
    assert isinstance(banded, MinHash)
    assert banded.weights.model_dump(exclude_none=True) == {
        "name_bigram": 1, "serial": 4, "foreign_bigram": 2,
    }  # fmt: skip
    assert (built.segments[0].bits, built.segments[0].hashes) == (32, 2)
    with pytest.raises(ValueError, match="unknown block"):
        build("number+nonsense", base)


def test_weights_are_given_by_name_and_minhash_several_times() -> None:
    base = load_profile("case-registry")
    keys = build("number+mh10x3:name_bigram=1,birth_date=3+mh10x3w1.0.4.2", base).encoding.match_keys
    weights = [key.weights.model_dump(exclude_none=True) for key in keys if isinstance(key, MinHash)]
    assert weights == [{"name_bigram": 1, "birth_date": 3}, {"name_bigram": 1, "serial": 4, "foreign_bigram": 2}]
    for name in Weights.model_fields:
        key = build(f"mh10x3:{name}=2", base).encoding.match_keys[0]
        assert isinstance(key, MinHash)
        assert key.weights.model_dump(exclude_none=True) == {name: 2}
    with pytest.raises(ValueError, match="unknown weights: colour"):
        build("mh10x3:colour=1", base)


def test_filters_are_half_as_long_and_slots_stay() -> None:
    base = load_profile("case-registry")
    halved = build(f"{EDGE_VARIANTS[0]}+half", base).encoding
    for one, other in zip(base.encoding.segments, halved.segments, strict=True):
        assert one.bits == other.bits * (2 if one.form == "filter" else 1)
    assert halved.content_bytes < base.encoding.content_bytes


def test_blocks_change_the_segments_that_they_name_and_only_those() -> None:
    base = load_profile("case-registry")
    changed = build(f"{EDGE_VARIANTS[0]}+foreign8+year8+h2", base).encoding
    different = {
        one.field: (other.bits, other.hashes)
        for one, other in zip(base.encoding.segments, changed.segments, strict=True)
        if one != other
    }
    names = base.encoding.segments[0].bits
    assert different == {
        "given_names": (names, 2), "family_names": (names, 2), "foreign_number": (8, 2), "birth_year": (8, 1),
    }  # fmt: skip


@pytest.mark.whole
def test_other_segments_have_tables_that_fit_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_tables, "PERSONS", 60)
    monkeypatch.setattr(own_tables, "PAIRS", 2000)
    monkeypatch.setattr(make_profile_tables, "N_KEYS", 2)
    base = load_profile("case-registry")
    short = own_tables.with_tables(build("number+seg32", base))
    assert base.linking is not None
    assert short.linking is not None
    edges = {table.field: table.edges for table in short.linking.fields}
    for table in base.linking.fields:
        halved = table.field in ("given_names", "family_names")
        assert edges[table.field] == tuple(edge / 2 if halved else edge for edge in table.edges)
    assert short.linking.swap_margin == base.linking.swap_margin / 2
    # Equal segments under other match keys have the same tables, which are made once.
    monkeypatch.setattr(own_tables, "make_linking", None)
    assert own_tables.with_tables(build("foreign+mh10x3+seg32", base)).linking is short.linking


def test_the_edge_fingerprint_is_a_figure_of_a_point_if_it_is_asked_for() -> None:
    base, scenario = load_profile("case-registry"), Scenario("dense", 120)
    description = "number+mh60x4w3.5.0.0"
    seen = measure_point(description, base, scenario, seeds=(1,), edges=True).re_identified
    hidden = measure_point(f"{description}+bare_all", base, scenario, seeds=(1,), edges=True).re_identified
    assert seen["edges"] > hidden["edges"] + 0.1
    assert {"upper edges", "edges 20%", "upper edges 20%"} <= set(seen)
    assert "edges" not in measure_point(description, base, scenario, seeds=(1,)).re_identified


def test_contents_without_a_field_keep_the_tables_that_fit_them() -> None:
    base = load_profile("case-registry")
    built = build("number+mh10x3+no_sex+no_given", base)
    assert {"sex", "given_names"}.isdisjoint(segment.field for segment in built.encoding.segments)
    assert built.linking is not None
    assert [table.field for table in built.linking.fields] == list(comparison_fields(built.encoding.layout))
    assert "swapped" not in comparison_fields(built.encoding.layout)


def test_bare_codes_follow_the_description() -> None:
    base = load_profile("case-registry")
    found = {}
    for bare in ("bare_exact", "bare_minhash", "bare_all"):
        description = f"number+mh10x3+date_pair+{bare}"
        profile = build(description, base)
        assert profile.digest == build("number+mh10x3+date_pair", base).digest
        found[bare] = bare_kinds(description, profile)
    assert found == {"bare_exact": {0, 2}, "bare_minhash": {1}, "bare_all": {0, 1, 2}}


@pytest.mark.slow
def test_an_attacker_without_contents_finds_less() -> None:
    base = load_profile("case-registry")
    scenario = Scenario("children", 300)
    with_contents, without = (
        measure_point(f"number+mh20x3{end}", base, scenario, seeds=(1,), open_factor=2) for end in ("", "+bare_all")
    )
    assert without.re_identified["20%"] < with_contents.re_identified["20%"] - 0.05
    assert set(without.re_identified) >= {"unseeded", "1%", "20%", "open 1%", "upper open 20%"}
    assert without.bytes_a_record == 22 * 17 < with_contents.bytes_a_record


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "cache.jsonl"
    asked = []

    def compute() -> list[int]:
        asked.append(1)
        return [len(asked)]

    first = Cache(path)
    assert first.get({"seed": 1, "profile": "a"}, compute) == [1]
    assert first.get({"profile": "a", "seed": 1}, compute) == [1]
    assert first.get({"profile": "b", "seed": 1}, compute) == [2]
    path.write_text(path.read_text(encoding="utf-8") + '{"key": "cut of', encoding="utf-8")
    assert Cache(path).get({"seed": 1, "profile": "b"}, compute) == [2]
    assert Cache(None).get({"seed": 1, "profile": "b"}, compute) == [3]


def _two_reporters(datasets: list[Dataset]) -> list[Dataset]:
    names = ("police", "social_services")
    return [
        replace(
            one,
            reporters={name: one.reporters[name] for name in names},
            truth=one.truth[one.truth["reporter"].isin(names)],
        )
        for one in datasets
    ]


@pytest.mark.slow
def test_a_sweep_writes_recall_f1_and_a_command_that_can_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two reporters show the same as eight, and each is a process to wait for.
    monkeypatch.setattr(frontier, "quality_datasets", lambda *asked: _two_reporters(quality_datasets(*asked)))
    variants = ["number+mh10x4", "number+mh10x4+bare_minhash"]
    words = [
        "frontier", "--n", "150", "--persons", "150", "--population", "children-numberless", "--cache",
        str(tmp_path / "c.jsonl"), "--out", str(tmp_path),
    ]  # fmt: skip
    for variant in variants:
        words += ["--variant", variant]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    document = json.loads((tmp_path / "frontier.json").read_text(encoding="utf-8"))
    assert all(f"--variant {variant}" in document["command"] for variant in variants)
    first, second = document["figures"]
    assert (first["name"], first["data"]) == ("children-numberless", "synthetic-middle-numberless")
    assert 0 < first["gains"][first["data"]]["f1"] < 1
    assert second["gains"][second["data"]]["f1"] is None
    assert first["gains"][first["data"]]["recall"] == second["gains"][second["data"]]["recall"]
    assert (tmp_path / "frontier-children-numberless.svg").exists()
    lines = (tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines()
    assert CliRunner().invoke(app, words).exit_code == 0
    assert (tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines() == lines


def test_recall_counts_pairs_that_meet() -> None:
    reporters = {
        "a": pd.DataFrame({"record_id": ["1", "2"], "number": ["200001019998", None], "given_names": ["Ada", "Bo"]}),
        "b": pd.DataFrame(
            {"record_id": ["1", "2"], "number": ["x1234", "200001019998"], "number_2": [None, None],
             "given_names": ["Bo", "Eva"]}
        ),
    }  # fmt: skip
    truth = pd.DataFrame(
        [("a", "1", "p"), ("a", "2", "q"), ("b", "1", "q"), ("b", "2", "p")],
        columns=["reporter", "record_id", "person"],
    )
    found = candidate_recall(Dataset("t", "T", reporters, truth), build("number", load_profile("case-registry")))
    assert found == pytest.approx(1 / 2)
    frame = pd.DataFrame({"number": ["1", "2"], "number_2": ["", "3"], "noise": ["x", "y"]})
    assert [record.number for record in records_of_frame(frame)] == ["1", ("2", "3")]


def test_gates_name_attacks_and_populations_that_exist() -> None:
    trials = SUITES["full"]
    for gates in GATES.values():
        for gate in gates:
            assert gate.attack in {*ATTACKS, "quality"}
            assert (gate.at_most is None) != (gate.at_least is None)
            if gate.attack != "quality":
                assert gate.population in KINDS
                assert any(
                    trial.attack == gate.attack and trial.scenario.population == gate.population for trial in trials
                )


def test_a_gate_uses_the_worst_row_and_reports_what_was_not_measured() -> None:
    row = {"attack": "known", "population": "children", "setting": "closed", "known": 0.01, "payload": False}
    rows = [
        row | {"upper_limit": 0.004, "top_precision": 0.1},
        row | {"upper_limit": 0.031, "top_precision": 0.5, "payload": True},
        row | {"upper_limit": 0.032, "top_precision": 0.5, "numbers": False},
        row | {"upper_limit": 0.021, "top_precision": 0.1},
    ]
    verdicts = {verdict.gate: verdict for verdict in judge("case-registry", rows)}
    closed = Gate("known", "children", "closed", 0.01, at_most=0.02).title()
    assert (verdicts[closed].state, verdicts[closed].figure) == ("missed", 0.021)
    assert {verdict.state for verdict in verdicts.values()} == {"missed", "met", "not measured"}
    assert judge("clk", rows) == []


@pytest.mark.parametrize("profile", sorted(SHARE_RATES))
def test_the_share_rate_may_not_be_far_above_the_one_that_the_profile_states(profile: str) -> None:
    stated = load_profile(profile).privacy
    assert stated is not None
    assert stated.share_rate < SHARE_RATES[profile][1] < stated.share_rate + 0.02


def test_a_profile_that_shares_more_misses_the_gate_of_the_share_rate() -> None:
    trials = [Trial("refinement", Scenario("children", 500))]
    states = {}
    for profile in ("case-registry", str(COARSE)):
        run = measure(load_profile(profile), trials, seeds=(1,), gates="case-registry", control_records=0)
        states[profile] = next(v.state for v in run.verdicts if "share upper limit" in v.gate)
        (row,) = run.rows
        assert row["share_rate"] < row["share_upper_limit"] < row["share_rate"] + 0.07
    assert states == {"case-registry": "met", str(COARSE): "missed"}


def test_a_broken_attack_fails_the_run() -> None:
    def falls(weak: float, strong: float, chance: float) -> bool:
        return weak >= 0.95

    good, bad = (Tally(100, hits, 50, 1, 1.0, {}) for hits in (98, 90))
    assert compare("clk", good, None, works=falls).works
    run = Run("x", "0", controls=[compare("clk", bad, None, works=falls)])
    assert run.broken
    assert run.failed
    assert run.figures()["failed"]


@pytest.mark.slow
def test_weak_encodings_are_broken() -> None:
    found = {control.name: control for control in controls(600)}
    assert {name: control.works for name, control in found.items()} == {
        "clk": True, "public rows": True, "frequencies": True, "patterns": True, "no pad": True,
        "known, shared keys": True, "known, contents": True, "edges, shared keys": True, "edges, contents": True,
    }  # fmt: skip
    assert found["frequencies"].weak > 0.3 > 0.05 > (found["frequencies"].strong or 0)
    assert found["patterns"].weak > 0.3


@pytest.mark.whole
def test_a_small_quick_suite_runs_from_end_to_end() -> None:
    small = [
        replace(
            trial,
            scenario=replace(trial.scenario, n=120, factor=min(trial.scenario.factor, 3)),
            known=trial.known and 0.2,
        )
        for trial in SUITES["quick"]
    ]
    price = {"attack": "quality", "population": "synthetic-middle", "setting": "any", "known": 0.0, "payload": False}
    price |= {"candidate_recall": 0.99, "f1": 0.98}
    trials = list(dict.fromkeys(small))
    profile = load_profile("population")
    run = measure(profile, trials, seeds=(1,), quality=[price], control_records=0, gates="case-registry")
    rows = run.figures()["rows"]
    assert {row["attack"] for row in rows} == {*ATTACKS, "quality"}
    assert {row["population"] for row in rows} >= {"children", "adults", "dense", "new_year"}
    for row in rows[:-1]:
        assert 0 <= row["re_identified"] <= row["upper_limit"] <= 1
        assert (row["f1"], row["candidate_recall"]) == (0.98, 0.99) or not row["numbers"]
        assert {"share_rate", "chance", "top_precision"} <= set(row)
        assert sum(row["largest_group"].values()) == pytest.approx(1, abs=1e-3)
    assert {verdict.state for verdict in run.verdicts} >= {"met", "not measured"}
    assert run.cpu_seconds > 0


@pytest.mark.slow
def test_a_run_reports_its_figures_and_the_digest_of_its_data() -> None:
    trials = [Trial("refinement", Scenario("children", 40)), Trial("payload", Scenario("children", 40))]
    quality = [{"attack": "quality", "population": "synthetic-middle", "candidate_recall": 0.9, "f1": 0.8}]
    runs = [
        measure(
            load_profile("population"), trials, seeds=(1, 2), quality=[dict(row) for row in quality], control_records=0
        )
        for _ in range(2)
    ]
    figures = [run.figures() for run in runs]
    assert figures[0]["data_digest"] == figures[1]["data_digest"]
    assert figures[0]["rows"] == figures[1]["rows"]
    first = figures[0]["rows"][0]
    assert (first["records"], first["candidate_recall"], first["f1"]) == (80, 0.9, 0.8)
    assert set(first["kinds"]) == {key.kind for key in load_profile("population").encoding.match_keys}


@pytest.mark.parametrize(
    "name",
    [
        "controls",
        "evidence.alignment",
        "evidence.bridges",
        "evidence.candidate_pairs",
        "on_codes.dictionary",
        "on_codes.edges",
        "on_codes.frequency",
        "on_codes.graph",
        "on_codes.keyholder",
        "on_codes.known",
        "on_codes.patterns",
        "on_codes.refinement",
        "on_codes.shape",
    ],
)
def test_every_attack_names_its_source(name: str) -> None:
    module = importlib.import_module(f"benchmarks.attacks.{name}")
    assert re.search(r"\[[A-Z][a-z]+[0-9]{4}\]", module.__doc__ or "")


def test_the_command_teaches_and_refuses() -> None:
    runner = CliRunner()
    assert "Exit status" in runner.invoke(app, ["--help"]).output
    listed = runner.invoke(app, ["--list"]).output
    assert all(name in listed for name in ATTACKS)
    assert runner.invoke(app, ["--only", "nonsense"]).exit_code == 2
    assert runner.invoke(app, ["--profile", "nonsense"]).exit_code == 2


def test_an_interrupted_run_resumes_with_the_same_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = [Trial("shape", Scenario("children", 40)), Trial("payload", Scenario("children", 40))]
    profile, path = load_profile("population"), tmp_path / "kept.jsonl"

    def run(*trials: Trial, kept: Cache | None = None) -> Run:
        return measure(profile, trials, seeds=(1, 2), control_records=0, kept=kept)

    run(trials[0], kept=Cache(path))
    resumed = run(*trials, kept=Cache(path)).figures()
    whole = run(*trials).figures()
    assert (resumed["rows"], resumed["data_digest"]) == (whole["rows"], whole["data_digest"])
    monkeypatch.setattr("benchmarks.attacks.suite.run_trial", None)  # All counts are kept, so nothing is measured.
    again = run(*trials, kept=Cache(path))
    assert again.figures()["rows"] == whole["rows"]
    other = [replace(trials[0], known=0.2), replace(trials[0], scenario=replace(trials[0].scenario, n=41))]
    for trial in other:
        with pytest.raises(TypeError):
            run(trial, kept=Cache(path))


def test_kept_counts_depend_on_all_that_the_attacks_import() -> None:
    seen, waiting = set[Path](), [ROOT / "benchmarks" / "attacks" / "trials.py"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        found = re.findall(r"^from (benchmarks\.attacks\S*) import ([\w, ]+)$", path.read_text("utf-8"), re.MULTILINE)
        for place, names in found:
            module = ROOT.joinpath(*place.split("."))
            files = [module / f"{name.strip()}.py" for name in names.split(",")]
            files = [module.with_suffix(".py")] if module.with_suffix(".py").is_file() else files
            waiting += [file for file in files if file not in seen]
    sources = [ROOT / source for source in SOURCES]
    assert len(seen) > 20
    assert [file for file in seen if not any(file == one or one in file.parents for one in sources)] == []
