"""What other match keys would bring records without a date, and what they would give away.

The match keys of `case-registry` are of a number, of date and sounds, and of bands over names and date. Two records of
which one has no date meet only if their names are nearly the same. Each variant adds one kind of match key that needs
no date, or no whole one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.attacks.world.populations import make_world
from benchmarks.attacks.world.recall import records_of_frame
from benchmarks.attacks.world.variants import keys_only, with_encoding
from benchmarks.attacks.world.view import key_prints
from benchmarks.quality.data.datasets import Dataset, synthetic
from pseudonym.profile import Profile, load_profile

__all__ = ["VARIANTS", "measure_variants", "meeting"]


def _bands(bands: int, rows: int) -> dict[str, Any]:
    return {"kind": "names", "bands": bands, "rows": rows, "weights": {"name_bigram": 1}}


VARIANTS: Final[dict[str, dict[str, Any] | None]] = {
    "as it is": None,
    "15 bands of 10 rows over names": _bands(15, 10),
    "25 bands of 8 rows over names": _bands(25, 8),
    "25 bands of 6 rows over names": _bands(25, 6),
    "sounds of two names, and year": {"kind": "year_sounds", "parts": ["year", "sound_pair"], "codes": 3},
    "sounds of two names, and sex": {"kind": "sex_sounds", "parts": ["sex", "sound_pair"], "codes": 3},
    "sounds of two names": {"kind": "sounds", "parts": ["sound_pair"], "codes": 3},
}
"""The match key that each variant adds to those of the profile."""

CHILDREN: Final = 5_000
"""Records of the population for which the share rate of a profile is stated, one of each child."""


def measure_variants(
    *, persons: int, seed: int, profile: str = "case-registry", say: Callable[[str], None] = lambda text: None
) -> list[dict[str, Any]]:
    """Measure each variant on `follow_up`, and its share rate there and among children.

    Args:
        persons: Number of persons that the reporters of `follow_up` meet.
        seed: Seed of both populations.
        profile: Name of the profile.
        say: Called with a line about each variant.

    Returns:
        For each variant `met`, the share of true pairs that share a match key; `met_undated`, that of pairs of which a
        record has no birth date; `persons_if_met`, the persons found if these were the links, relative to the true
        number; `strangers`, the records of other persons that a record meets; and the share rates.
    """
    dataset = synthetic(persons, level="middle", seed=seed, kind="follow_up")
    children = make_world("children", CHILDREN, seed=seed).records
    base, rows = load_profile(profile), []
    for name, added in VARIANTS.items():
        reduced = _with(base, added)
        prints, truth, undated = _encoded(dataset, reduced)
        found = meeting(prints, truth, undated=undated)
        own = key_prints(children, reduced, "undated")
        among = meeting(own, np.arange(len(own)), undated=np.zeros(len(own), bool))
        rows.append({"variant": name, **found, "share_rate_children": among["share_rate"]})
        say(f"{rows[-1]}")
    return rows


def meeting(
    prints: NDArray[np.uint64], person: NDArray[np.int64], *, undated: NDArray[np.bool_]
) -> dict[str, float | None]:
    """Count which records share a match key.

    Args:
        prints: `(n, c) uint64`, the match keys of each record.
        person: `(n,) int64`.
        undated: `(n,) bool`, which records have no birth date.

    Returns:
        See `measure_variants`; shares of nothing are None.
    """
    n = len(person)
    _, key = np.unique(prints, return_inverse=True)
    record = np.repeat(np.arange(n), prints.shape[1])
    holds = coo_array((np.ones(len(record), np.int32), (record, key.ravel())), shape=(n, int(key.max()) + 1)).tocsr()
    shared = (holds @ holds.T).tocoo()
    a, b = shared.coords
    own, other = a < b, person[a] != person[b]
    met = own & ~other
    sizes = np.bincount(person)
    n_true = int((sizes * (sizes - 1) // 2).sum())
    dated_sizes = np.bincount(person[~undated], minlength=len(sizes))
    n_undated = n_true - int((dated_sizes * (dated_sizes - 1) // 2).sum())
    parts = connected_components(coo_array((np.ones(int(met.sum())), (a[met], b[met])), shape=(n, n)), directed=False)
    strangers = np.zeros(n, np.int64)
    np.add.at(strangers, a[other], 1)
    return {
        "met": round(float(met.sum()) / n_true, 4) if n_true else None,
        "met_undated": round(float((undated[a] | undated[b])[met].sum()) / n_undated, 4) if n_undated else None,
        "persons_if_met": round(parts[0] / int((sizes > 0).sum()) - 1, 4),
        "strangers": round(float(strangers.mean()), 2),
        "share_rate": round(float((strangers > 0).mean()), 4),
    }


def _with(profile: Profile, added: dict[str, Any] | None) -> Profile:
    if added is None:
        return keys_only(profile)
    keys = [key.model_dump(mode="json", exclude_none=True) for key in profile.encoding.match_keys]
    return keys_only(with_encoding(profile, "undated", match_keys=[*keys, added]))


def _encoded(dataset: Dataset, profile: Profile) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.bool_]]:
    truth = dataset.truth.set_index(["reporter", "record_id"])["person"]
    prints, persons, undated = [], [], []
    for reporter, frame in dataset.reporters.items():
        records = records_of_frame(frame)
        prints.append(key_prints(records, profile, "undated"))
        persons.append(truth.loc[[(reporter, record) for record in frame["record_id"]]].to_numpy())
        undated.append(frame["birth_date"].isna().to_numpy() | (frame["birth_date"] == "").to_numpy())
    return np.concatenate(prints), pd.factorize(np.concatenate(persons))[0], np.concatenate(undated)
