"""The profiles of a sweep, built from short descriptions, and the measurements of each.

A description is a list of blocks joined by `+`:

- names of `BLOCKS`, such as `date_pair`, for combinations;
- `mh80x8` for 80 MinHash bands of 8 rows, with `mh80x8w1.2.2.1` for the weights of names, date, serial and foreign
  number, or with any weights by name, `mh80x8:name_bigram=1,birth_date=2`; several such blocks are several match keys;
- `seg32` for name segments of 32 bits, `h2` for two hash functions of them, `foreign32` and `year16` for those of
  foreign number and birth year, `half` for all filters half as long;
- `no_sex`, and so on by `FIELDS`, for contents without a field;
- `bare_exact`, `bare_minhash` and `bare_all` for codes without content. The format has no such setting, so this is
  measured by hiding contents from the attacker, and linking cannot be measured.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.metrics import Tally, pool
from benchmarks.attacks.trials import Trial, run_trial
from benchmarks.attacks.world.variants import with_encoding
from pseudonym.profile import MinHash, Profile, Weights

__all__ = [
    "BARE",
    "BLOCKS",
    "EDGE_VARIANTS",
    "FIELDS",
    "MINHASH",
    "SEGMENT",
    "VARIANTS",
    "Point",
    "bare_kinds",
    "build",
    "measure_point",
]

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
"""Combinations by name: parts, and codes per record."""

FIELDS: Final = {
    "names": ("given_names", "family_names", "name_pair"),
    "given": ("given_names", "name_pair"),
    "family": ("family_names", "name_pair"),
    "date": ("birth_year", "birth_month", "birth_day"),
    "serial": ("serial",),
    "foreign": ("foreign_number",),
    "sex": ("sex",),
}
"""Fields that contents can do without, by name."""

BARE: Final = ("bare_exact", "bare_minhash", "bare_all")
"""Blocks for codes without content."""

_NARROW: Final = "number+foreign+date_pair"

_CHOSEN: Final = f"{_NARROW}+mh75x8w3.5.0.0+mh25x7w1.5.0.0"
_NINE_ROWS: Final = f"{_NARROW}+mh90x9w3.5.0.0+mh25x7w1.5.0.0+foreign32+year16"

VARIANTS: Final = (
    "number+foreign",
    _NARROW,
    "number+foreign+date",
    "number+foreign+date+ym_sound+md_sound+yd_sound+pair",
    f"{_NARROW}+mh100x6",
    f"{_NARROW}+mh100x6w1.2.0.0",
    f"{_NARROW}+mh100x8w1.2.0.0",
    _CHOSEN,
    f"{_CHOSEN}+bare_minhash",
    "number+foreign+mh72x8w1.1.1.1",
    "number+foreign+mh72x14w1.1.0.0",
)
"""The descriptions of the default sweep."""

MINHASH: Final = re.compile(r"mh(\d+)x(\d+)(?:w(\d+(?:\.\d+){3})|:(\w+=\d+(?:,\w+=\d+)*))?")
SEGMENT: Final = re.compile(r"(seg|h|foreign|year)(\d+)|half")
_WEIGHTS: Final = ("name_bigram", "birth_date", "serial", "foreign_bigram")
"""The names of weights given by position."""

_DEFAULT_WEIGHTS: Final = "1.2.2.1"
_CLOSED: Final = {"unseeded": ("refinement", 0.0), "1%": ("known", 0.01), "20%": ("known", 0.2)}
"""Attacks of a point by the names of their figures."""

_OPEN: Final = ("1%", "20%")
"""Attacks in an open world, where `refinement` without known pairs has nothing to start from."""

_EDGES: Final = {"edges": ("edges", 0.0), "edges 20%": ("edges", 0.2)}
"""The edge fingerprint, which takes a minute for each profile, and where nearly everybody is connected far more."""

EDGE_VARIANTS: Final = (
    _CHOSEN,
    _NINE_ROWS,
    f"{_CHOSEN}+foreign32+year16",
    f"{_NARROW}+mh60x8w3.5.0.0+mh25x7w1.5.0.0",
    f"{_NARROW}+mh75x9w3.5.0.0+mh25x7w1.5.0.0",
    f"{_NARROW}+mh75x9w3.5.0.0+mh25x8w1.5.0.0",
    f"{_CHOSEN}+seg32",
    f"{_CHOSEN}+no_names",
    f"{_CHOSEN}+no_date",
    f"{_CHOSEN}+bare_all",
    "number+foreign+mh72x14w1.1.0.0",
)
"""The descriptions of the sweep with the edge fingerprint: what contents and match keys give away."""

CODE_HEAD_BYTES: Final = 1 + 16
"""Kind and match key of a code."""


def build(description: str, base: Profile) -> Profile:
    """Build the profile of a description.

    Args:
        description: Blocks joined by `+`.
        base: The profile that supplies segments and linking tables.

    Returns:
        The profile; its name is derived from the description.

    Raises:
        ValueError: A block is unknown.
    """
    keys: list[dict[str, Any]] = []
    segments = [segment.model_dump(mode="json", exclude_none=True) for segment in base.encoding.segments]
    for block in description.split("+"):
        if block in BLOCKS:
            parts, codes = BLOCKS[block]
            keys.append({"kind": block, "parts": list(parts), "codes": codes})
        elif found := MINHASH.fullmatch(block):
            keys.append({"kind": f"minhash_{len(keys)}", **_minhash(found)})
        elif found := SEGMENT.fullmatch(block):
            _change(segments, found)
        elif block.startswith("no_") and block[3:] in FIELDS:
            segments = [segment for segment in segments if segment["field"] not in FIELDS[block[3:]]]
        elif block not in BARE:
            raise ValueError("unknown block of a profile")
    # Hiding contents changes no code, so a bare profile has the name, and so the codes, of the full one.
    coded = "+".join(block for block in description.split("+") if block not in BARE)
    name = f"sweep-{hashlib.sha256(coded.encode()).hexdigest()[:12]}"
    return with_encoding(base, name, match_keys=keys, segments=segments)


def _minhash(found: re.Match[str]) -> dict[str, Any]:
    bands, rows, in_order, by_name = found.groups()
    if by_name is None:
        pairs = list(zip(_WEIGHTS, (in_order or _DEFAULT_WEIGHTS).split("."), strict=True))
    else:
        pairs = [(name, weight) for name, _, weight in (part.partition("=") for part in by_name.split(","))]
    if unknown := {name for name, _ in pairs} - set(Weights.model_fields):
        raise ValueError(f"unknown weights: {', '.join(sorted(unknown))}")
    weights = {name: int(weight) for name, weight in pairs if int(weight)}
    return {"bands": int(bands), "rows": int(rows), "weights": weights}


def bare_kinds(description: str, profile: Profile) -> frozenset[int]:
    """Return the indexes of the kinds of codes that have no content.

    Args:
        description: The description.
        profile: The profile that `build` made from it.
    """
    blocks = set(description.split("+"))
    return frozenset(
        kind
        for kind, key in enumerate(profile.encoding.match_keys)
        if "bare_all" in blocks or ("bare_minhash" if isinstance(key, MinHash) else "bare_exact") in blocks
    )


_SEGMENT_FIELDS: Final = {
    "seg": ("given_names", "family_names"),
    "h": ("given_names", "family_names"),
    "foreign": ("foreign_number",),
    "year": ("birth_year",),
}
"""Fields whose segments a block changes, by its first letters."""


def _change(segments: list[dict[str, Any]], found: re.Match[str]) -> None:
    for segment in segments:
        if found[0] == "half":
            segment["bits"] //= 2 if segment["form"] == "filter" else 1
        elif segment["field"] in _SEGMENT_FIELDS[found[1]]:
            segment["hashes" if found[1] == "h" else "bits"] = int(found[2])


@dataclass(frozen=True)
class Point:
    """One profile on one population.

    Attributes:
        profile: Its description.
        population: The population.
        numbers: Whether the records have numbers.
        codes: Codes per record.
        bytes_a_record: Bytes per record.
        share_rate: Share of records that share a match key with another person.
        re_identified: Share by trial: `unseeded`, `1%`, `20%` in a closed world, `open 1%`, `open 20%` with more
            candidates, `edges` and `edges 20%` by the edge fingerprint; upper limits have the prefix `upper`.
        top_precision: Precision of the 50 most confident claims at 1 % known, closed.
        groups: Share re-identified at 20 % known, closed, among those who share a match key, siblings, twins and
            persons born on 1 January.
    """

    profile: str
    population: str
    numbers: bool
    codes: int
    bytes_a_record: int
    share_rate: float
    re_identified: dict[str, float]
    top_precision: float
    groups: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the point as JSON types."""
        return asdict(self)


def measure_point(
    description: str,
    base: Profile,
    scenario: Scenario,
    *,
    seeds: Sequence[int],
    open_factor: float | None = None,
    edges: bool = False,
) -> Point:
    """Attack one profile on one population.

    Args:
        description: The profile.
        base: The profile that supplies segments and linking tables.
        scenario: The population; the attacker knows who is in the registry.
        seeds: Seeds of populations and keys; the counts are added up.
        open_factor: Candidates per record of the open world, or None to skip it.
        edges: Whether to measure the edge fingerprint too.

    Returns:
        The point.
    """
    profile = build(description, base)
    bare = bare_kinds(description, profile)
    scenes = [Scene(scenario, profile, seed, bare=bare) for seed in seeds]
    wanted = _CLOSED | (_EDGES if edges else {})
    counts = {name: _pooled(scenes, attack, known) for name, (attack, known) in wanted.items()}
    share_rate = sum(float(scene.shares.mean()) for scene in scenes) / len(scenes)
    if open_factor is not None:
        scenes = [Scene(replace(scenario, factor=open_factor), profile, seed, bare=bare) for seed in seeds]
        counts |= {f"open {name}": _pooled(scenes, *_CLOSED[name]) for name in _OPEN}
    encoding = profile.encoding
    return Point(
        profile=description,
        population=scenario.population,
        numbers=scenario.numbers,
        codes=encoding.codes_per_record,
        bytes_a_record=sum(
            n * (CODE_HEAD_BYTES + (0 if kind in bare else encoding.content_bytes))
            for kind, n in enumerate(encoding.codes_per_kind)
        ),
        share_rate=round(share_rate, 4),
        re_identified={name: round(tally.share, 5) for name, tally in counts.items()}
        | {f"upper {name}": round(tally.upper, 5) for name, tally in counts.items()},
        top_precision=round(counts["1%"].top_precision, 3),
        groups={name: round(hits / n, 5) for name, (n, hits) in counts["20%"].groups.items() if n},
    )


def _pooled(scenes: Sequence[Scene], attack: str, known: float) -> Tally:
    return pool([run_trial(scene, Trial(attack, scene.scenario, known))[0] for scene in scenes])
