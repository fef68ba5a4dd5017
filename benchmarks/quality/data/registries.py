"""Registries of data sets, as the measurements of persons and counts need them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from benchmarks.keys import fixed_key_text
from benchmarks.quality.data.datasets import Dataset
from linkage.pipeline import Registry
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey

__all__ = ["received"]

REFERENCE_DATE: Final = date(2026, 12, 31)
PERIOD: Final = "2026-01"


def received(dataset: Dataset, folder: Path, *, seed: int, codebook: str | None = None) -> Registry:
    """Return a registry that has received the files of all reporters, and is not linked yet.

    Args:
        dataset: The case files.
        folder: An empty folder, for submissions and registry.
        seed: Selects the public linkage key.
        codebook: Name of the codebook of the case files; None if they have no payload.
    """
    registry = Registry.create(folder / "registry", profile="case-registry", codebook=codebook)
    for reporter, frame in dataset.reporters.items():
        encoder = Encoder(
            LinkageKey.parse(fixed_key_text(f"quality {seed}")),
            reporter=reporter,
            profile="case-registry",
            codebook=codebook,
            reference_date=REFERENCE_DATE,
            keep_empty=True,
        )
        encoder.write(folder / reporter, frame, sequence=1, period=PERIOD, on_fault="ignore")
        registry.receive(folder / reporter)
    return registry
