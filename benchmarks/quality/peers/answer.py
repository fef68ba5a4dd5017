"""What a peer gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

__all__ = ["LINK_COLUMNS", "Answer", "Kind"]

Kind = Literal["pairs", "one-to-one"]
"""Whether pairs are decided one by one, or a record has at most one partner in each other body."""

LINK_COLUMNS = ("reporter_a", "record_id_a", "reporter_b", "record_id_b", "probability", "decision")


@dataclass(frozen=True)
class Answer:
    """The links of one peer on one data set.

    Attributes:
        peer: A name of `benchmarks.quality.peers.PEERS`.
        title: The same for people.
        links: `LINK_COLUMNS`, each pair once: all pairs that a threshold worth trying could link, with the peer's own
            decision, `link` or `no link`.
        kind: See `Kind`.
        candidate_recall: Share of the true pairs that were compared, or None where all pairs are.
        seconds: `wall` and `cpu` seconds of linking, without reading and writing files.
        peak_memory_mb: The most memory that the process had.
        versions: Versions of the packages that decide.
        settings: How the peer was set up, in words.
        probabilities: Whether `probability` is one, and not a similarity.
    """

    peer: str
    title: str
    links: pd.DataFrame
    kind: Kind
    candidate_recall: float | None
    seconds: dict[str, float]
    peak_memory_mb: float
    versions: dict[str, str]
    settings: str
    probabilities: bool = True
