"""Measure sealing beside encoding: the same records, in the same rounds, on the same core."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.keys import fixed_key_text
from benchmarks.speed.run import REFERENCE_DATE, Row, make_records, timed
from linkage.keys import RegistryKey, StatisticsKey, UnitKey
from pseudonym import load_profile
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.wire.sealed import open_part, seal

__all__ = ["Sealing", "measure_sealing"]

STEPS: Final = ("encode", "seal", "open_linkage", "open_statistics")


@dataclass
class Sealing:
    """The runs of one profile.

    Attributes:
        records: Records per run.
        cpu: For each step the processor seconds of each run.
        open_bytes: Length of the submission.
        sealed_bytes: Length of the sealed file.
        part_bytes: Length of each part in it.
    """

    records: int
    cpu: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    open_bytes: int = 0
    sealed_bytes: int = 0
    part_bytes: dict[str, int] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """Return medians, and the ratios to encoding and to the open file."""
        seconds = {step: statistics.median(runs) for step, runs in self.cpu.items()}
        return {
            "cpu_seconds": {step: [round(one, 4) for one in runs] for step, runs in self.cpu.items()},
            "times_encoding": {step: round(seconds[step] / seconds["encode"], 3) for step in STEPS[1:]},
            "bytes_a_record": {
                "open": round(self.open_bytes / self.records),
                "sealed": round(self.sealed_bytes / self.records),
                **{unit: round(n_bytes / self.records) for unit, n_bytes in self.part_bytes.items()},
            },
            "times_open_bytes": round(self.sealed_bytes / self.open_bytes, 4),
        }


def measure_sealing(rows: Sequence[Row], profiles: Sequence[str], *, rounds: int) -> dict[str, Sealing]:
    """Encode records into a file, seal it, and open each part of it.

    Args:
        rows: The rows to encode.
        profiles: Names of profiles.
        rounds: Runs of each profile.

    Returns:
        The runs of each profile.
    """
    records = make_records(rows)
    found = {profile: Sealing(len(records)) for profile in profiles}
    for _ in range(rounds):
        for profile, series in found.items():
            with tempfile.TemporaryDirectory() as folder:
                _run(series, records, profile, Path(folder))
    return found


def _run(series: Sealing, records: Sequence[Record], profile: str, folder: Path) -> None:
    key, body = LinkageKey.parse(fixed_key_text("speed")), BodyKey.generate()
    units: tuple[UnitKey, ...] = (RegistryKey.generate(), StatisticsKey.generate())
    plain, sealed = folder / "open", folder / "sealed"

    def encoded() -> None:
        encoder = Encoder(key, reporter="speed", profile=profile, reference_date=REFERENCE_DATE, keep_empty=True)
        encoder.write(plain, records, sequence=1, on_fault="ignore")

    def sealing() -> None:
        header = seal(
            plain, sealed, signer=body, recipients=[unit.public for unit in units], profile=load_profile(profile)
        )
        series.part_bytes = {part.unit: part.bytes for part in header.parts}

    def opening(unit: UnitKey) -> None:
        with open_part(sealed, signer=body.public, opener=unit, folder=folder):
            pass

    steps = (encoded, sealing, lambda: opening(units[0]), lambda: opening(units[1]))
    for step, run in zip(STEPS, steps, strict=True):
        series.cpu[step].append(timed(run)[0])
    series.open_bytes, series.sealed_bytes = plain.stat().st_size, sealed.stat().st_size
