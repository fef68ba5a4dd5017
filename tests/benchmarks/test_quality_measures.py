"""The measures are the field's: worked by hand on a few records, and wrong neighbours of them would fail."""

from __future__ import annotations

from math import log

import pandas as pd
import pytest

from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.pairs import (
    curve,
    evidence_bins,
    log_loss,
    merge_bins,
    one_to_one,
    one_to_one_pairs,
)
from benchmarks.quality.figures.persons import bcubed, groups_of, joined
from benchmarks.quality.figures.relatives import by_group, by_relation
from benchmarks.quality.figures.summary import gather, measure
from benchmarks.quality.found import Found

TRUTH = pd.DataFrame(
    [
        ("a", "1", "p", "h1", True, True, "swedish", "woman"),
        ("a", "2", "q", "h1", True, True, "swedish", "man"),
        ("b", "1", "p", "h1", True, True, "swedish", "woman"),
        ("b", "2", "q", "h1", True, True, "swedish", "man"),
        ("b", "3", "r", "h1", False, True, "swedish", "man"),
        ("c", "1", "p", "h1", True, True, "swedish", "woman"),
        ("c", "2", "p-protected", "h1", True, True, "swedish", "woman"),
        ("c", "3", "s", "h2", False, False, "thai", "woman"),
    ],
    columns=["reporter", "record_id", "person", "household", "twin", "child", "origin", "sex"],
)
LINKS = pd.DataFrame(
    [
        ("a", "1", "b", "1", 0.99, "link"),
        ("a", "1", "b", "2", 0.80, "link"),
        ("a", "2", "b", "2", 0.70, "link"),
        ("a", "2", "b", "3", 0.60, "link"),
        ("b", "1", "c", "2", 0.60, "link"),
        ("b", "2", "c", "3", 0.60, "link"),
        ("a", "2", "c", "1", 0.05, "no link"),
    ],
    columns=["reporter_a", "record_id_a", "reporter_b", "record_id_b", "probability", "decision"],
)
DATASET = Dataset("few", "Few records", {reporter: pd.DataFrame() for reporter in "abc"}, TRUTH)


def test_the_single_best_link_is_the_most_probable_of_both_records() -> None:
    kept = one_to_one(LINKS, TRUTH)
    pairs = set(zip(kept["reporter_a"] + kept["record_id_a"], kept["reporter_b"] + kept["record_id_b"], strict=True))
    # a1-b2 yields to a1-b1; then b2 is free for a2, and b3 is not. Partners in other reporters are no rivals.
    assert pairs == {("a1", "b1"), ("a2", "b2"), ("b1", "c2"), ("b2", "c3"), ("a2", "c1")}


def test_two_records_of_a_reporter_do_not_share_a_partner() -> None:
    rivals = LINKS.iloc[:2].assign(record_id_a=["1", "2"], record_id_b="1")
    assert one_to_one(rivals, TRUTH)["record_id_a"].tolist() == ["1"]


def test_equal_probabilities_are_told_apart_by_weight() -> None:
    links = LINKS.iloc[:2].assign(probability=1.0, match_weight=[20.0, 30.0])
    assert one_to_one(links, TRUTH)["record_id_b"].tolist() == ["2"]


def test_pairs_within_a_reporter_are_no_single_best_links() -> None:
    within = LINKS.iloc[:1].assign(reporter_b="a", record_id_b="2")
    assert one_to_one(within, TRUTH).empty


def test_as_many_pairs_can_be_found_one_to_one_as_the_smaller_reporter_has_records() -> None:
    truth = pd.DataFrame(
        [("a", "1", "p"), ("a", "2", "p"), ("b", "1", "p"), ("b", "2", "q"), ("c", "1", "p")],
        columns=["reporter", "record_id", "person"],
    )
    assert one_to_one_pairs(truth) == 3  # Of p one pair between each two reporters; pairs within a are none.


def test_log_loss_is_the_mean_of_the_surprise() -> None:
    links = LINKS.iloc[:2]
    assert log_loss(links, TRUTH) == pytest.approx(-(log(0.99) + log(1 - 0.80)) / 2)
    sure = links.assign(probability=[1.0, 1.0])
    assert log_loss(sure, TRUTH) == pytest.approx(-log(1e-9) / 2, rel=1e-6)
    assert log_loss(links.iloc[:0], TRUTH) is None


def test_bins_have_enough_pairs_and_lose_none() -> None:
    links = pd.concat([LINKS] * 10, ignore_index=True)
    fine = evidence_bins(links, TRUTH)
    assert sum(n for n, _, _ in fine.values()) == len(links)
    merged = merge_bins([fine, fine], least=50)
    assert all(n >= 50 for n, _, _ in merged)
    assert sum(n for n, _, _ in merged) == 2 * len(links)
    claimed = [p for _, p, _ in merged]
    assert claimed == sorted(claimed)
    assert sum(n * true for n, _, true in merged) == pytest.approx(2 * 10 * 2)
    assert merge_bins([fine], least=1000) == []


def test_the_curve_runs_down_the_thresholds() -> None:
    points = curve(LINKS, TRUTH)
    assert points[0] == (0.25, 1.0)  # Of 4 true pairs the first, and nothing else.
    assert points[-1] == (0.5, pytest.approx(2 / 7, abs=1e-5))


def test_b_cubed_counts_by_record_and_not_by_pair() -> None:
    truth = pd.DataFrame(
        [("a", str(n), person) for n, person in enumerate("ppppq")], columns=["reporter", "record_id", "person"]
    )
    persons = truth.assign(person_id=["x", "x", "y", "y", "y"]).drop(columns="person")
    figures = bcubed(groups_of(persons, LINKS.iloc[:0], truth), truth)
    assert figures["precision"] == pytest.approx((1 + 1 + 2 / 3 + 2 / 3 + 1 / 3) / 5)
    assert figures["recall"] == pytest.approx((4 * 0.5 + 1) / 5)
    pairs = joined(groups_of(persons, LINKS.iloc[:0], truth), truth)
    assert (pairs.links, pairs.precision, pairs.recall) == (4, pytest.approx(2 / 4), pytest.approx(2 / 6))


def test_without_persons_each_connected_component_is_one() -> None:
    groups = groups_of(None, LINKS, TRUTH)
    assert len(set(groups[:5])) == 1  # a1-b1, a1-b2, a2-b2, a2-b3
    assert groups[5] != groups[0]  # Its only pair is no link.
    assert groups[6] == groups[7] == groups[0]


def test_a_record_that_was_refused_is_a_person() -> None:
    persons = pd.DataFrame([("a", "1", "x"), ("b", "1", "x")], columns=["reporter", "record_id", "person_id"])
    groups = groups_of(persons, LINKS, TRUTH)
    assert groups[0] == groups[2]
    assert len(set(groups)) == len(TRUTH) - 1


def test_false_links_are_counted_by_relation() -> None:
    counts = by_relation(LINKS, TRUTH)
    assert counts["twins"] == (1, 6 + 2)  # a1-b2; the protected twin counts as one too.
    assert counts["siblings"][0] == 1  # a2-b3
    assert counts["protected"] == (1, 3)  # b1-c2
    assert counts["strangers"] == (1, 28)  # b2-c3
    assert by_relation(LINKS, TRUTH[["reporter", "record_id", "person"]]) == {}


def test_errors_are_counted_by_origin() -> None:
    counts = by_group(LINKS, TRUTH, "origin")
    assert counts == {"swedish": (4, 2, 6, 2), "thai": (0, 0, 1, 0)}
    assert by_group(LINKS, TRUTH[["reporter", "record_id", "person"]], "origin") == {}


def found(**changed: object) -> Found:
    settings = {"method": "m", "title": "M", "kinds": ("pairs", "one-to-one"), "links": LINKS, "candidate_recall": 0.75}
    return Found(**{**settings, **changed})


def test_recall_is_that_of_candidates_times_that_of_decisions() -> None:
    figures = measure(DATASET, found())
    assert figures["pairs"]["recall"] == pytest.approx(figures["candidate_recall"] * figures["decision_recall"])
    assert figures["pairs"]["recall"] == pytest.approx(2 / 4)


def test_what_is_claimed_is_set_against_the_truth() -> None:
    claimed = measure(DATASET, found(claimed={"precision": 0.9, "recall": 0.8}))["claimed"]
    assert claimed["precision_gap"] == pytest.approx(0.9 - 2 / 6)
    assert claimed["recall_gap"] == pytest.approx(0.8 - 2 / 4)
    assert measure(DATASET, found(claimed={"persons": 6}))["claimed"]["persons"] == pytest.approx(6 / 5 - 1)
    assert measure(DATASET, found(claimed={"precision": None}))["claimed"]["precision_gap"] is None, "not known"
    own = measure(DATASET, found())["claimed"]
    assert own["persons"] is None
    assert own["precision"] == pytest.approx((0.99 + 0.80 + 0.70 + 3 * 0.60) / 6)
    assert own["recall_gap"] is None


def test_figures_of_another_kind_are_not_given() -> None:
    assert measure(DATASET, found(kinds=("pairs",)))["one_to_one"] is None
    assert measure(DATASET, found(kinds=("one-to-one",)))["pairs"] is None
    one_reporter = Dataset("one", "One reporter", {"a": pd.DataFrame()}, TRUTH)
    assert measure(one_reporter, found())["one_to_one"] is None


def test_a_method_that_links_between_reporters_is_not_measured_within_them() -> None:
    within = TRUTH.assign(reporter=["a", "a", "b", "b", "b", "b", "c", "c"], record_id=list("12123456"))
    links = LINKS.iloc[:1]
    figures = measure(Dataset("d", "D", DATASET.reporters, within), found(kinds=("one-to-one",), links=links))
    assert (figures["decision_recall"], figures["persons"], figures["bcubed"], figures["sex"]) == (None, None, None, {})
    assert measure(DATASET, found(kinds=("one-to-one",)))["persons"] is not None
    assert measure(Dataset("d", "D", DATASET.reporters, within), found(links=links))["persons"] is not None


def test_scores_that_are_not_probabilities_have_no_log_loss() -> None:
    figures = measure(DATASET, found(probabilities=False))
    assert (figures["log_loss"], figures["bins"], figures["claimed"]["precision"]) == (None, {}, None)


def test_seeds_are_gathered_with_their_range_and_counts_are_added() -> None:
    runs = [measure(DATASET, found()), measure(DATASET, found(links=LINKS.iloc[:1]))]
    figures = gather(runs)
    assert figures["pairs"]["precision"] == {"mean": pytest.approx(2 / 3), "low": pytest.approx(1 / 3), "high": 1.0}
    assert figures["origin"]["swedish"] == [8, 3, 7, 3]
    assert figures["relations"]["twins"] == [1, 16]
    assert figures["claimed"]["recall"] is None
