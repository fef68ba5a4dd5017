"""What a method found in a data set, in one form for this library and for its peers."""

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
"""Where the settings of a peer stand, in words."""

_FRAMES: Final = ("links", "persons")


@dataclass(frozen=True)
class Found:
    """The answer of one method.

    Attributes:
        method: What it is called in result files.
        title: What it is, for people.
        kinds: `pairs`, where it decides on pairs; `one-to-one`, where it gives a record at most one partner in each
            other body. Only figures of one kind are set side by side.
        links: `LINK_COLUMNS`, each pair once; of this library `match_weight` too. A pair that is not there was not
            found. Of a peer all pairs that a threshold worth trying could link, with its own decision, `link` or
            `no link`.
        persons: `reporter`, `record_id`, `person_id`, one row a record; None where only links were decided.
        probabilities: Whether `probability` is one, and not only a similarity.
        compared: Pairs compared, None where nobody counts them.
        candidate_recall: Share of the true pairs that were compared.
        claimed: `precision` and `recall` that the method itself expects, as far as it does, `recall_is_bound`, and
            `persons`, how many it expects that there are.
        seconds: Wall time of each stage.
        processor_seconds: Processor time of all stages, None where it was not taken.
        peak_memory_mb: Of the largest process.
        versions: Of the packages that did it.
        settings: Whatever one must know to do it again.
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
        """Write it to a folder that appears whole or not at all.

        Args:
            folder: The folder; replaced where it is there already.
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
