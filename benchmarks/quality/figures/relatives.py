"""Whom errors affect: twins and siblings linked as one person, and quality by origin of name and by sex."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.quality.figures.pairs import with_truth

__all__ = ["RELATIONS", "by_group", "by_relation", "relation_of"]

RELATIONS: Final = ("twins", "siblings", "household", "protected", "strangers")
"""Two children born together; other children of a household; its other members; a person before and after a protected
change of number, whose records must not be linked; all others."""

_PROTECTED: Final = "-protected"


def by_relation(links: pd.DataFrame, truth: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Count the false links between persons of each relation, and the pairs of records there are of it.

    Args:
        links: `reporter_a`, `record_id_a`, `reporter_b`, `record_id_b`, `decision`.
        truth: With `household`, `twin` and `child`; without them the result is empty.

    Returns:
        For each of `RELATIONS` the false links and the pairs at risk; for strangers, all remaining pairs.
    """
    if not {"household", "twin", "child"} <= set(truth.columns):
        return {}
    chosen = with_truth(links[links["decision"] == "link"], truth)
    false = chosen[~chosen["correct"].to_numpy(bool)]
    found = relation_of(truth, false["place_a"].to_numpy(), false["place_b"].to_numpy())
    rows = truth.reset_index(drop=True).groupby("household").indices.values()
    pairs = np.array([pair for places in rows for pair in combinations(places, 2)], np.int64).reshape(-1, 2)
    person = pd.factorize(truth["person"])[0]
    pairs = pairs[person[pairs[:, 0]] != person[pairs[:, 1]]]
    at_risk = relation_of(truth, pairs[:, 0], pairs[:, 1])
    counts = {relation: (int((found == relation).sum()), int((at_risk == relation).sum())) for relation in RELATIONS}
    all_pairs = len(truth) * (len(truth) - 1) // 2
    return counts | {"strangers": (counts["strangers"][0], all_pairs)}


def relation_of(truth: pd.DataFrame, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the relation of pairs of records of different persons.

    Args:
        truth: See `by_relation`.
        a: (p,) rows of the truth.
        b: (p,) rows of the truth.

    Returns:
        (p,) of `RELATIONS`.
    """
    columns = {name: truth[name].to_numpy() for name in ("household", "twin", "child")}
    person = truth["person"].str.removesuffix(_PROTECTED).to_numpy()
    together = columns["household"][a] == columns["household"][b]
    children = together & columns["child"][a] & columns["child"][b]
    # A household has one pair of twins at most.
    twins = children & columns["twin"][a] & columns["twin"][b]
    same = person[a] == person[b]
    return np.select([same, twins, children, together], ["protected", "twins", "siblings", "household"], "strangers")


def by_group(links: pd.DataFrame, truth: pd.DataFrame, column: str) -> dict[str, tuple[int, int, int, int]]:
    """Count true pairs and links for each origin or sex.

    Args:
        links: See `by_relation`.
        truth: The truth; without the column the result is empty.
        column: `origin` or `sex`.

    Returns:
        For each value the true pairs of its persons, those found, the links with a record of this value, and the
        correct ones among these.
    """
    if column not in truth:
        return {}
    chosen = with_truth(links[links["decision"] == "link"], truth)
    value = truth[column].fillna("").to_numpy(str)
    sides = [value[chosen[f"place_{side}"].to_numpy()] for side in "ab"]
    correct = chosen["correct"].to_numpy(bool)
    # A person whose records disagree is counted under the first value.
    persons = truth.assign(value=value).groupby("person")["value"].agg(["first", "size"])
    total = (persons["size"] * (persons["size"] - 1) // 2).groupby(persons["first"]).sum()
    own = truth["person"].map(persons["first"]).to_numpy(str)[chosen["place_a"].to_numpy()]
    counts = {}
    for name in sorted(set(value) - {""}):
        in_link = (sides[0] == name) | (sides[1] == name)
        counts[name] = (
            int(total.get(name, 0)),
            int((correct & (own == name)).sum()),
            int(in_link.sum()),
            int((correct & in_link).sum()),
        )
    return counts
