"""The profiles of a sweep, built from short descriptions, and what is measured of each.

A description is a list of blocks joined by `+`: names of `BLOCKS`; `mh80x8` for 80 MinHash bands of 8 rows, with
`mh80x8w1.2.2.1` for the weights of names, date, serial and foreign number; `seg32` for name segments of 32 bits, `h2`
for two hash functions of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks.attacks.metrics import pool
from benchmarks.attacks.scenes import Place, Scene
from benchmarks.attacks.trials import Trial, run_trial
from benchmarks.attacks.variants import with_encoding
from pseudonym.profile import Profile

__all__ = ["BLOCKS", "VARIANTS", "Point", "build", "measure_point"]

BLOCKS: Final[dict[str, tuple[tuple[str, ...], int]]] = {
    "number": (("number",), 2),
    "foreign": (("foreign_number",), 2),
    "date": (("year", "month", "day"), 2),
    "date_pair": (("year", "month", "day", "sound_pair"), 3),
    "ym_pair": (("year", "month", "sound_pair"), 3),
    "md_pair": (("month", "day", "sound_pair"), 3),
    "yd_pair": (("year", "day", "sound_pair"), 3),
    "y_pair": (("year", "sound_pair"), 3),
    "pair": (("sound_pair",), 3),
    "date_sound": (("year", "month", "day", "name_sound"), 4),
    "ym_sound": (("year", "month", "name_sound"), 4),
    "md_sound": (("month", "day", "name_sound"), 4),
    "yd_sound": (("year", "day", "name_sound"), 4),
    "sex_date_sound": (("sex", "year", "month", "day", "name_sound"), 4),
}
"""Combinations by name: parts, and codes a record."""

_NARROW: Final = "number+foreign+date_pair"

VARIANTS: Final = (
    "number+foreign",
    _NARROW,
    "number+foreign+date_sound",
    "number+foreign+sex_date_sound",
    f"{_NARROW}+ym_pair+md_pair+yd_pair",
    f"{_NARROW}+date_sound",
    "number+foreign+date",
    "number+foreign+date+ym_sound+md_sound+yd_sound+pair",
    "number+foreign+mh80x8",
    "number+foreign+mh60x7",
    "number+foreign+mh60x6",
    "number+foreign+mh20x5",
    "number+foreign+mh30x4",
    f"{_NARROW}+mh80x10",
    f"{_NARROW}+mh80x8",
    f"{_NARROW}+mh80x8w1.1.1.1",
    f"{_NARROW}+mh80x8w1.3.3.1",
    f"{_NARROW}+mh80x8w1.2.4.1",
    f"{_NARROW}+mh80x8w1.4.2.1",
    f"{_NARROW}+mh80x8w2.3.3.1",
    f"{_NARROW}+mh120x8",
    f"{_NARROW}+mh160x9",
    f"{_NARROW}+mh60x7",
    f"{_NARROW}+mh60x6",
    f"{_NARROW}+ym_pair+md_pair+yd_pair+mh80x8",
    f"{_NARROW}+ym_pair+md_pair+yd_pair+mh60x6",
    f"{_NARROW}+mh80x8+seg32",
    f"{_NARROW}+mh80x8+seg128",
    f"{_NARROW}+mh80x8+h2",
)
"""The descriptions of the default sweep."""

_MINHASH: Final = re.compile(r"mh(\d+)x(\d+)(?:w(\d+)\.(\d+)\.(\d+)\.(\d+))?")
_SEGMENT: Final = re.compile(r"(seg|h)(\d+)")
_WEIGHTS: Final = ("name_bigram", "birth_date", "serial", "foreign_bigram")
_DEFAULT_WEIGHTS: Final = ("1", "2", "2", "1")
CODE_HEAD_BYTES: Final = 1 + 16
"""Kind and match key of a code."""


def build(description: str, base: Profile) -> Profile:
    """Build the profile of a description.

    Args:
        description: Blocks joined by `+`.
        base: Gives the segments and the linking tables.

    Returns:
        The profile; its name is made from the description.

    Raises:
        ValueError: A block is unknown.
    """
    keys: list[dict[str, Any]] = []
    segments = [segment.model_dump(mode="json", exclude_none=True) for segment in base.encoding.segments]
    for block in description.split("+"):
        if block in BLOCKS:
            parts, codes = BLOCKS[block]
            keys.append({"kind": block, "parts": list(parts), "codes": codes})
        elif found := _MINHASH.fullmatch(block):
            keys.append(_minhash(found))
        elif found := _SEGMENT.fullmatch(block):
            _change(segments, found)
        else:
            raise ValueError("unknown block of a profile")
    name = f"sweep-{hashlib.sha256(description.encode()).hexdigest()[:12]}"
    return with_encoding(base, name, match_keys=keys, segments=segments)


def _minhash(found: re.Match[str]) -> dict[str, Any]:
    bands, rows, *given = found.groups()
    chosen = given if given[0] is not None else _DEFAULT_WEIGHTS
    weights = {name: int(weight) for name, weight in zip(_WEIGHTS, chosen, strict=True) if int(weight)}
    return {"kind": f"minhash_{bands}_{rows}", "bands": int(bands), "rows": int(rows), "weights": weights}


def _change(segments: list[dict[str, Any]], found: re.Match[str]) -> None:
    for segment in segments:
        if segment["field"] in ("given_names", "family_names"):
            segment["bits" if found[1] == "seg" else "hashes"] = int(found[2])


@dataclass(frozen=True)
class Point:
    """One profile on one population.

    Attributes:
        profile: Its description.
        population: The population.
        numbers: Whether the records have numbers.
        codes: Codes a record.
        bytes_a_record: Their bytes.
        share_rate: Share of records that share a match key with another person.
        re_identified: Share by trial: `unseeded`, `1%`, `20%`; upper limits beside, with `upper` before.
        top_precision: Precision of the 50 boldest claims at 1 % known.
    """

    profile: str
    population: str
    numbers: bool
    codes: int
    bytes_a_record: int
    share_rate: float
    re_identified: dict[str, float]
    top_precision: float

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON types."""
        return asdict(self)


def measure_point(description: str, base: Profile, place: Place, *, seeds: Sequence[int]) -> Point:
    """Attack one profile on one population.

    Args:
        description: The profile.
        base: Gives the segments.
        place: The population; the attacker knows who is in the registry.
        seeds: Populations and keys, whose counts are added up.

    Returns:
        The point.
    """
    profile = build(description, base)
    scenes = [Scene(place, profile, seed) for seed in seeds]
    shares: dict[str, float] = {}
    precision = 0.0
    for name, attack, known in (("unseeded", "refinement", 0.0), ("1%", "known", 0.01), ("20%", "known", 0.2)):
        counts = pool([run_trial(scene, Trial(attack, place, known))[0] for scene in scenes])
        shares |= {name: round(counts.share, 5), f"upper {name}": round(counts.upper, 5)}
        precision = counts.top_precision if name == "1%" else precision
    encoding = profile.encoding
    return Point(
        profile=description,
        population=place.population,
        numbers=place.numbers,
        codes=encoding.codes_per_record,
        bytes_a_record=encoding.codes_per_record * (CODE_HEAD_BYTES + encoding.content_bytes),
        share_rate=round(sum(float(scene.shares.mean()) for scene in scenes) / len(scenes), 4),
        re_identified=shares,
        top_precision=round(precision, 3),
    )
