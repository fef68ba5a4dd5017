"""Clustering algorithms compared on the same links [Hassanzadeh2009].

All take the log odds of this library, competition included. The baselines see links only; average link and correlation
clustering also know which pairs are not candidates and which records have different roles in one case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any, Final

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.pages import markdown_table, write_section
from benchmarks.paths import DOCS
from benchmarks.quality.data.catalogue import CATALOGUE, load
from benchmarks.quality.studies.links import Floats, Ints, Links, links_of
from linkage.linking.clusters import cluster
from linkage.linking.meeting import DEPENDENCE, meeting_strengths
from linkage.linking.odds import MAX_LOG_ODDS

__all__ = ["PAGE", "SECTION", "WAYS", "compare", "figures", "measure", "render", "write_page"]

PAGE: Final = DOCS / "explanation" / "clusters.md"
SECTION: Final = "clusterings"

PUBLIC: Final = ("febrl3", "febrl4", "febrl4-number", "essnet")
"""Data sets on which no parameter was chosen; the first is one file with duplicates."""

FORMER: Final = 2.0
"""Reach that gives every non-candidate pair log odds of -4, formerly the value for all."""

RESTARTS: Final = 20
SWEEPS: Final = 50
"""Orders of pivots that correlation clustering tries, and sweeps of its local search."""


def components(links: Links) -> Ints:
    """Connected components of the links."""
    graph = _graph(links)
    return _labels(links, nx.connected_components(graph))


def centre(links: Links) -> Ints:
    """Centre: best link first, each record is a centre or belongs to the first centre to which it is linked."""
    owner: dict[int, int] = {}
    for one, other in _best_first(links):
        for first, second in ((one, other), (other, one)):
            if owner.get(first, first) == first and second not in owner:
                owner[first] = owner[second] = first
                break
    return _of_owners(links, owner)


def merge_centre(links: Links) -> Ints:
    """Merge-centre: like centre, but two groups merge if a record is linked to both centres."""
    owner: dict[int, int] = {}
    joined = nx.utils.UnionFind(range(len(links.person)))
    for one, other in _best_first(links):
        if one not in owner and other not in owner:
            owner[one] = owner[other] = one
        for first, second in ((one, other), (other, one)):
            if owner.get(first) == first:
                owner.setdefault(second, first)
                joined.union(first, second)
    return _labels(links, joined.to_sets())


def star(links: Links) -> Ints:
    """Star: the record with the most evidence takes all records linked to it, then the same among the rest."""
    graph = _graph(links)
    weight = dict(graph.degree(weight="weight"))
    rank = _rank(links)
    owner: dict[int, int] = {}
    for record in sorted(graph, key=lambda record: (-weight[record], rank[record])):
        if record not in owner:
            owner |= dict.fromkeys([record, *(other for other in graph[record] if other not in owner)], record)
    return _of_owners(links, owner)


def louvain(links: Links) -> Ints:
    """Greedy modularity by the method of Louvain [Blondel2008], links weighted by their log odds."""
    return _labels(links, nx.community.louvain_communities(_graph(links), seed=1))


def correlation(links: Links) -> Ints:
    """Correlation clustering [Bansal2004]: most evidence inside groups, by pivots [Ailon2008] and local search."""
    search = _Search(links)
    return max((search.run(seed) for seed in range(RESTARTS)), key=lambda found: found[0])[1]


def average(links: Links, *, dependence: float = DEPENDENCE) -> Ints:
    """Average link as in this library."""
    first = _average(links, None)
    return _average(links, meeting_strengths(links.a, links.b, links.levels, first, dependence=dependence))


def average_former(links: Links) -> Ints:
    """Average link in which every non-candidate pair counts strongly and alike."""
    return _average(links, np.full(len(links.person), FORMER))


def average_even(links: Links) -> Ints:
    """Average link in which every non-candidate pair counts alike."""
    return _average(links, None)


def true_links(links: Links) -> Ints:
    """Components of the correct links: errors that remain arose before clustering."""
    right = (links.person[links.a] == links.person[links.b]) & (links.log_odds >= 0)
    return _labels(links, nx.connected_components(_graph(links, right)))


def true_candidates(links: Links) -> Ints:
    """Components of the correct candidates: errors that remain arose before pairs were weighed."""
    right = links.person[links.a] == links.person[links.b]
    return _labels(links, nx.connected_components(_graph(links, right)))


WAYS: Final[dict[str, Callable[[Links], Ints]]] = {
    "average link, by reach": average,
    "by reach, misses independent": partial(average, dependence=1.0),
    "by reach, a quarter of that": partial(average, dependence=0.25),
    "average link, -1": average_even,
    "average link, -4": average_former,
    "correlation": correlation,
    "components": components,
    "centre": centre,
    "merge-centre": merge_centre,
    "star": star,
    "Louvain": louvain,
    "true links": true_links,
    "true candidates": true_candidates,
}
"""In display order; the last two know the truth and show what was lost before clustering."""


def measure(*, seeds: int, persons: int, data: Path | None, profile: str, keep: Path | None) -> list[dict[str, Any]]:
    """Compare on synthetic reporters at three error levels, and on public data sets; see `compare`.

    Args:
        seeds: Number of seeds of synthetic data.
        persons: Number of persons that synthetic reporters meet.
        data: Folder of files that are not part of this project; without it their data sets are left out.
        profile: Name or path of a profile.
        keep: Folder that caches links.
    """
    wanted = [(f"synthetic-{level}", seed) for level in ("low", "middle", "high") for seed in range(1, seeds + 1)]
    wanted += [(name, 1) for name in PUBLIC if data is not None or not CATALOGUE[name].needs_data]

    def named() -> Iterable[tuple[str, Links]]:
        for name, seed in wanted:
            path = None if keep is None else keep / f"{name}-{Path(profile).stem}-{seed}.npz"
            dataset = load(name, seed=seed, persons=persons, data=data)
            yield name, links_of(dataset, profile=profile, seed=seed, keep=path)

    return compare(named())


def compare(named: Iterable[tuple[str, Links]]) -> list[dict[str, Any]]:
    """Cluster the links of data sets in every way.

    Returns:
        One row per data set and way, with the figures and the seconds on one core.
    """
    rows = []
    for name, links in named:
        for way, make in WAYS.items():
            began = process_time()
            labels = make(links)
            seconds = round(process_time() - began, 2)
            rows.append({"data": name, "way": way, **figures(labels, links.person), "seconds": seconds})
    return rows


def render(rows: list[dict[str, Any]]) -> str:
    """Return the table of the page: means over seeds for each data set and method.

    If all methods that do not know the truth agree, they share a row.
    """
    header = ("data", "method", "pairs: precision", "recall", "F1", "B-cubed F1", "excess of persons found")
    table = []
    frame = pd.DataFrame(rows)
    frame["excess"] = frame["persons"] / frame["true_persons"] - 1
    columns = ["pair_precision", "pair_recall", "pair_f1", "bcubed_f1", "excess"]
    for data, of_data in frame.groupby("data", sort=False):
        means = of_data.groupby("way", sort=False)[columns].mean()
        blind = ~means.index.str.startswith("true ")
        if len(means[blind].round(9).drop_duplicates()) == 1:
            means = pd.concat([means[blind].iloc[:1].rename(lambda _: "all alike"), means[~blind]])
        for way, mean in means.iterrows():
            cells = [f"{mean[column]:.4f}" for column in columns[:-1]]
            table.append([str(data), str(way), *cells, f"{mean['excess']:+.1%}"])
    return markdown_table(header, table, "llrrrrr")


def write_page(rows: list[dict[str, Any]]) -> None:
    """Write the table to the page."""
    write_section(PAGE, SECTION, render(rows))


def figures(labels: Ints, person: Ints) -> dict[str, float]:
    """Measure a clustering: pairs, B-cubed [Bagga1998], persons.

    Args:
        labels: `(n,) int64`, the clusters found.
        person: `(n,) int64`, the truth.
    """
    found, true = (np.unique(column, return_inverse=True)[1] for column in (labels, person))
    cell = np.unique(found * (true.max() + 1) + true, return_inverse=True)[1]
    n_found, n_true, n_both = (np.bincount(column) for column in (found, true, cell))
    correct = _n_pairs(n_both)
    pair = _prf(correct / max(_n_pairs(n_found), 1), correct / max(_n_pairs(n_true), 1))
    share = n_both[cell]
    cubed = _prf(float((share / n_found[found]).mean()), float((share / n_true[true]).mean()))
    named = {f"{kind}_{name}": value for kind, of in (("pair", pair), ("bcubed", cubed)) for name, value in of.items()}
    return {**named, "persons": len(n_found), "true_persons": len(n_true)}


def _n_pairs(sizes: Ints) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _prf(precision: float, recall: float) -> dict[str, float]:
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def _average(links: Links, meeting: Floats | None) -> Ints:
    return cluster(
        links.a, links.b, links.log_odds, meeting=meeting, digests=links.digests, cannot_link=links.cannot_link
    )


def _rank(links: Links) -> Ints:
    """Rank the records by digest, which breaks ties."""
    rank = np.empty(len(links.digests), np.int64)
    rank[np.lexsort(links.digests.T[::-1])] = np.arange(len(rank))
    return rank


def _graph(links: Links, chosen: NDArray[np.bool_] | None = None) -> nx.Graph:
    """Return the graph of the links, best first, or of chosen pairs."""
    chosen = links.log_odds >= 0 if chosen is None else chosen
    graph = nx.Graph()
    rank = _rank(links)
    graph.add_nodes_from(np.argsort(rank).tolist())
    order = [place for place in _order(links) if chosen[place]]
    for place in order:
        # A link at even odds is still a link, and networkx needs weights above 0.
        weight = min(max(links.log_odds[place], 1e-6), MAX_LOG_ODDS)
        graph.add_edge(int(links.a[place]), int(links.b[place]), weight=float(weight))
    return graph


def _order(links: Links) -> Ints:
    """Order the pairs by log odds, greatest first, and then by the digests of their records."""
    ends = np.sort(_rank(links)[np.column_stack([links.a, links.b])], axis=1)
    return np.lexsort((ends[:, 1], ends[:, 0], -np.minimum(links.log_odds, MAX_LOG_ODDS)))


def _best_first(links: Links) -> list[tuple[int, int]]:
    """List the links, best first, each with the record of the smaller digest first."""
    rank = _rank(links)
    ends = np.column_stack([links.a, links.b])[[place for place in _order(links) if links.log_odds[place] >= 0]]
    return [(one, other) if rank[one] < rank[other] else (other, one) for one, other in ends.tolist()]


def _labels(links: Links, groups: Iterable[Iterable[int]]) -> Ints:
    labels = np.full(len(links.person), -1, np.int64)
    for number, group in enumerate(groups):
        labels[list(group)] = number
    return labels


def _of_owners(links: Links, owner: dict[int, int]) -> Ints:
    return np.array([owner.get(record, record) for record in range(len(links.person))], np.int64)


class _Search:
    """Correlation clustering by pivots and local search, with the evidence that average link uses."""

    def __init__(self, links: Links) -> None:
        self._reach = meeting_strengths(links.a, links.b, links.levels, _average(links, None))
        self._excess: list[dict[int, float]] = [{} for _ in links.person]
        cut = np.clip(links.log_odds, -MAX_LOG_ODDS, MAX_LOG_ODDS) + self._reach[links.a] * self._reach[links.b]
        for one, other, excess in zip(links.a.tolist(), links.b.tolist(), cut.tolist(), strict=True):
            self._excess[one][other] = self._excess[other][one] = excess
        # More than any group can outweigh.
        for one, other in links.cannot_link.tolist():
            self._excess[one][other] = self._excess[other][one] = -1e6
        self._links = _graph(links)

    def run(self, seed: int) -> tuple[float, Ints]:
        """Return the evidence inside the groups, and the groups, for one order of pivots."""
        labels = np.arange(len(self._excess))
        free = set(self._links)
        for pivot in np.random.default_rng(seed).permutation(len(labels)).tolist():
            if pivot in free:
                taken = [pivot, *(other for other in self._links[pivot] if other in free)]
                labels[taken] = pivot
                free -= set(taken)
        held = np.bincount(labels, self._reach, len(labels)).astype(np.float64)
        for _ in range(SWEEPS):
            if not sum(self._move(record, labels, held) for record in range(len(labels))):
                break
        inside = sum(
            excess
            for one, row in enumerate(self._excess)
            for other, excess in row.items()
            if labels[one] == labels[other]
        )
        return inside - float((held**2).sum()), labels.copy()

    def _move(self, record: int, labels: Ints, held: Floats) -> bool:
        """Move a record to the group with the most evidence for it, or to its own group if there is none."""
        gain: defaultdict[int, float] = defaultdict(float)
        for other, excess in self._excess[record].items():
            gain[int(labels[other])] += excess
        here, reach = int(labels[record]), self._reach[record]
        held[here] -= reach
        now = gain.get(here, 0.0) - reach * held[here]
        best, most = here, now
        for group, excess in gain.items():
            if excess - reach * held[group] > most + 1e-9:
                best, most = group, excess - reach * held[group]
        if most < -1e-9:
            best = int(np.flatnonzero(held <= 1e-9)[0])
        labels[record] = best
        held[best] += reach
        return best != here
