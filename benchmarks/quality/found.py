"""The answer of a method to a data set, in one form for this library and its peers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks.quality.whole import whole

__all__ = ["HOW", "LINK_COLUMNS", "Found"]

LINK_COLUMNS: Final = ("reporter_a", "record_id_a", "reporter_b", "record_id_b", "probability", "decision")

HOW: Final = "how"
"""Key of a peer's settings in words."""

_FRAMES: Final = ("links", "persons")


@dataclass(frozen=True, eq=False)
class Found:
    """The answer of one method.

    Attributes:
        method: Name in result files.
        title: Title for readers.
        kinds: `pairs` if it decides on pairs; `one-to-one` if it gives a record at most one partner at each other
            reporter. Only figures of the same kind are compared.
        links: `LINK_COLUMNS`, each pair once; for this library `match_weight` too. A pair that is not listed was not
            found. For a peer, all pairs that any useful threshold could link, with its own decision, `link` or
            `no link`.
        persons: `reporter`, `record_id`, `person_id`, one row per record; None if only links were decided.
        probabilities: Whether `probability` is a probability and not a mere similarity.
        compared: Number of pairs compared, None if unknown.
        candidate_recall: Share of the true pairs that were compared.
        claimed: `precision` and `recall` that the method expects of itself, if any, `recall_is_bound`, and `persons`,
            the number of persons that it expects.
        seconds: Wall time of each stage.
        processor_seconds: Processor time of all stages, None if it was not measured.
        peak_memory_mb: Memory of the largest process.
        versions: Versions of the packages used.
        settings: Settings needed to repeat it.
    """

    method: str
    title: str
    kinds: tuple[str, ...]
    links: pd.DataFrame
    persons: pd.DataFrame | None = None
    probabilities: bool = True
    compared: int | None = None
    candidate_recall: float | None = None
    claimed: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    processor_seconds: float | None = None
    peak_memory_mb: float | None = None
    versions: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write the answer to a folder that appears complete or not at all.

        Args:
            folder: The folder; replaced if it exists.
        """
        with whole(folder) as out:
            for name in _FRAMES:
                frame = getattr(self, name)
                if frame is not None:
                    frame.to_parquet(out / f"{name}.parquet", index=False)
            rest = {name: value for name, value in vars(self).items() if name not in _FRAMES}
            (out / "found.json").write_text(json.dumps(rest), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Found:
        """Read what `save` wrote."""
        rest = json.loads((folder / "found.json").read_text(encoding="utf-8"))
        frames = {name: pd.read_parquet(path) for name in _FRAMES if (path := folder / f"{name}.parquet").exists()}
        return cls(**{**rest, "kinds": tuple(rest["kinds"])}, **frames)
