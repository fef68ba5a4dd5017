"""What a new epoch costs is counted by persons, and the how-to shows the figures of the measurement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.quality.data.datasets import synthetic
from benchmarks.quality.studies.epochs import N_PERSONS, SEED, carried, table
from tests.paths import ROOT

TRUTH = pd.DataFrame(
    [
        ("a", "police"),
        ("a", "school"),
        ("b", "police"),
        ("b", "police"),
        ("c", "school"),
        ("d", "police"),
        ("d", "school"),
    ],
    columns=["person", "reporter"],
)


def test_persons_are_whole_in_part_or_gone() -> None:
    found = carried(TRUTH, np.array([True, False, True, True, False, True, True]))
    assert (found.whole, found.part, found.gone, found.seen_alone) == (0.5, 0.25, 0.25, 0.5)


def test_if_everything_is_sent_again_nothing_is_lost() -> None:
    found = carried(TRUTH, np.ones(len(TRUTH), bool))
    assert (found.whole, found.part, found.gone, found.seen_alone) == (1.0, 0.0, 0.0, 0.0)


@pytest.mark.whole
def test_the_how_to_shows_what_is_measured() -> None:
    truth = synthetic(N_PERSONS, level="middle", seed=SEED).truth
    assert table(truth) in (ROOT / "docs/how-to/keys.md").read_text(encoding="utf-8")
