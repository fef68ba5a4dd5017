"""Ways to make persons of links do what their names say, and the page shows what the result file holds."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.pages import read_section
from benchmarks.quality.data.catalogue import load
from benchmarks.quality.studies import clusterings
from benchmarks.quality.studies.clusterings import PAGE, SECTION, WAYS, compare, figures, render
from benchmarks.quality.studies.links import Links
from benchmarks.quality.studies.links import links_of as read_links
from benchmarks.results import read_result


def links_of(pairs, n, *, person=None, cannot_link=()):
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    return Links(
        ends[:, 0],
        ends[:, 1],
        np.array(list(pairs.values()), np.float64),
        np.zeros((len(ends), 2), np.int8),
        # The digests stand in the order of the records.
        np.arange(n, dtype=np.uint8)[:, None],
        np.array(cannot_link, np.int64).reshape(-1, 2),
        np.arange(n) if person is None else np.array(person),
    )


def groups(way, pairs, n, **options):
    labels = WAYS[way](links_of(pairs, n, **options))
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}


def sets(*given):
    return {frozenset(group) for group in given}


CHAIN = {(0, 1): 9.0, (1, 2): 8.0, (2, 3): 7.0, (3, 4): 6.0}


class TestWays:
    def test_components_follow_every_link_and_nothing_else(self):
        assert groups("components", CHAIN | {(4, 5): -0.1}, 6) == sets(range(5), {5})

    def test_centre_gives_each_record_to_the_first_centre(self):
        # 0 is a centre and takes 1; 2 meets 1, which is none, and is then a centre of its own, for 3.
        assert groups("centre", CHAIN, 5) == sets({0, 1}, {2, 3}, {4})

    def test_merge_centre_joins_centres_that_share_a_record(self):
        pairs = {(0, 1): 9.0, (2, 3): 8.0, (1, 2): 7.0}
        assert groups("centre", pairs, 4) == sets({0, 1}, {2, 3})
        assert groups("merge-centre", pairs, 4) == sets({0, 1, 2, 3})

    def test_star_begins_with_the_record_that_has_most(self):
        # 1 has links worth 17; what is left are 3 and 4.
        assert groups("star", CHAIN, 5) == sets({0, 1, 2}, {3, 4})

    def test_correlation_weighs_what_speaks_against(self):
        pairs = {(0, 1): 9.0, (1, 2): 5.0, (0, 2): -6.0}
        assert groups("correlation", pairs, 3) == sets({0, 1}, {2})
        assert groups("correlation", pairs | {(0, 2): -4.0}, 3) == sets({0, 1, 2})
        assert groups("correlation", {(0, 1): 9.0}, 2, cannot_link=[(0, 1)]) == sets({0}, {1})

    @pytest.mark.parametrize("seed", range(4))
    def test_correlation_finds_the_best_of_all_partitions(self, seed):
        rng = np.random.default_rng(seed)
        pairs = {(a, b): rng.normal(0, 4) for a in range(6) for b in range(a + 1, 6)}

        def inside(labels):
            return sum(value for (a, b), value in pairs.items() if labels[a] == labels[b])

        best = max(inside(labels) for labels in _partitions(6))
        assert inside(WAYS["correlation"](links_of(pairs, 6))) == pytest.approx(best)

    def test_louvain_parts_what_one_link_joins(self):
        two = {(a, b): 9.0 for group in (range(4), range(4, 8)) for a in group for b in group if a < b}
        assert groups("Louvain", two | {(0, 4): 1.0}, 8) == sets(range(4), range(4, 8))

    def test_those_that_know_the_truth_keep_what_is_right(self):
        pairs, person = {(0, 1): 9.0, (1, 2): 9.0, (2, 3): -3.0}, [0, 0, 1, 1]
        assert groups("true candidates", pairs, 4, person=person) == sets({0, 1}, {2, 3})
        assert groups("true links", pairs, 4, person=person) == sets({0, 1}, {2}, {3})

    @pytest.mark.parametrize("way", WAYS)
    def test_every_record_has_a_group_and_the_order_of_pairs_does_not_matter(self, way):
        rng = np.random.default_rng(1)
        pairs = {(a, b): rng.normal(1, 4) for a in range(12) for b in range(a + 1, 12) if rng.random() < 0.4}
        person = rng.integers(0, 4, 12)
        found = groups(way, pairs, 12, person=person)
        assert sorted(record for group in found for record in group) == list(range(12))
        assert groups(way, dict(reversed(pairs.items())), 12, person=person) == found


def _partitions(n):
    """Return every partition of n records as labels."""
    if n == 0:
        yield []
        return
    for labels in _partitions(n - 1):
        for label in range(max(labels, default=-1) + 2):
            yield [*labels, label]


def test_figures_are_those_of_an_example():
    # One group of 0, 1 and 2, of whom 2 is another person, who is also 3.
    found = figures(np.array([7, 7, 7, 8]), np.array([0, 0, 1, 1]))
    assert (found["pair_precision"], found["pair_recall"]) == (pytest.approx(1 / 3), pytest.approx(1 / 2))
    assert found["bcubed_precision"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert found["bcubed_recall"] == pytest.approx((1 + 1 + 1 / 2 + 1 / 2) / 4)
    assert (found["persons"], found["true_persons"]) == (2, 2)


def test_every_way_is_measured_on_the_same_links(monkeypatch):
    monkeypatch.setattr(clusterings, "RESTARTS", 2)
    rows = compare([("one", links_of({(0, 1): 9.0}, 3, person=[0, 0, 1]))])
    assert [row["way"] for row in rows] == list(WAYS)
    assert all(row["pair_f1"] == 1 and row["persons"] == 2 for row in rows)


def test_ways_that_say_the_same_share_a_row(monkeypatch):
    monkeypatch.setattr(clusterings, "RESTARTS", 2)
    alike = render(compare([("one", links_of({(0, 1): 9.0}, 3, person=[0, 0, 1]))]))
    assert [line.split(" | ")[1] for line in alike.splitlines()[2:]] == ["all alike", "true links", "true candidates"]
    differ = render(compare([("one", links_of(CHAIN, 5, person=[0] * 5))]))
    assert len(differ.splitlines()) == 2 + len(WAYS)


def test_the_page_shows_the_result_file():
    assert read_section(PAGE, SECTION) == render(read_result("clusterings")["figures"]["rows"])


@pytest.mark.slow
def test_the_pairs_of_a_registry_are_weighed_as_its_run_weighed_them(tmp_path):
    dataset = load("febrl1", seed=1)
    found = read_links(dataset, profile="case-registry", seed=1, keep=tmp_path / "links.npz")
    assert len(found.a) == len(found.b) == len(found.log_odds) == len(found.levels)
    assert len(found.person) == len(found.digests) == len(dataset.truth)
    same = found.person[found.a] == found.person[found.b]
    assert (found.log_odds[same] > 0).mean() > 0.9 > 0.1 > (found.log_odds[~same] > 0).mean()
    again = read_links(dataset, profile="case-registry", seed=1, keep=tmp_path / "links.npz")
    assert again.log_odds.tolist() == found.log_odds.tolist()
