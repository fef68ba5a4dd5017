"""The figures of the documents come from the result files, and the measures are the field's."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.pages import read_section
from benchmarks.quality.figures.pairs import best_threshold, link_figures, true_pairs
from benchmarks.quality.pages.report import README, SECTION, read, render

TRUTH = pd.DataFrame(
    [("a", "1", "p"), ("a", "2", "q"), ("b", "1", "p"), ("b", "2", "q"), ("c", "1", "p")],
    columns=["reporter", "record_id", "person"],
)
COLUMNS = ["reporter_a", "record_id_a", "reporter_b", "record_id_b", "probability", "decision"]
LINKS = pd.DataFrame(
    [
        ("a", "1", "b", "1", 0.99, "link"),
        ("a", "1", "b", "2", 0.80, "link"),
        ("a", "2", "b", "2", 0.30, "review"),
        ("a", "2", "c", "1", 0.05, "no link"),
    ],
    columns=COLUMNS,
)


def test_the_table_of_readme_is_that_of_the_result_files():
    assert read_section(README, SECTION) == render()


def test_the_floors_are_kept():
    document = read()
    assert document["commit"] != "unknown"
    floors = {"febrl4": 0.93, "febrl4-number": 0.985, "essnet": 0.93}
    for name, floor in floors.items():
        method = document["figures"]["sets"][name]["methods"]["encoded"]
        assert method["figures"]["pairs"]["f1"]["mean"] >= floor
        assert method["settings"]["profile"] == "case-registry"


def test_true_pairs_are_counted_within_and_between_reporters():
    assert true_pairs(TRUTH) == 3 + 1


def test_the_default_decision_counts_links_only():
    figures = link_figures(LINKS, TRUTH)
    assert (figures.precision, figures.recall) == (pytest.approx(1 / 2), pytest.approx(1 / 4))
    assert figures.f1 == pytest.approx(1 / 3)


def test_the_best_threshold_maximises_f1():
    figures, threshold = best_threshold(LINKS, TRUTH)
    assert threshold == pytest.approx(0.30)
    assert (figures.precision, figures.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 4))


def test_a_threshold_does_not_separate_pairs_of_equal_probability():
    tied = LINKS.assign(probability=0.5)
    figures, _ = best_threshold(tied, TRUTH)
    assert figures.links == len(tied)


def test_without_links_nothing_is_wrong_and_nothing_found():
    figures = link_figures(LINKS.iloc[:0], TRUTH)
    assert (figures.precision, figures.recall, figures.f1) == (1, 0, 0)
