"""What a reader of the linkage unit learns who has its key: before a purge, after one, and once the review is over.

The records of 5,000 children are sent to a registry, linked, and purged, by the library itself. The attacker is the
linkage unit, or somebody with its file and its key: it reads all match keys and contents, and has a list of exactly the
persons in the registry. The attack is the edge fingerprint (`edges`), the strongest one, with nobody known and with
20 %. It is run before the purge, which shows that it works; after one within the review window, which leaves what
persons share of whom a pair may be reviewed; and after one that comes when the review is over. What is left then are
the persons whom linking has wrongly taken for one: of their records nothing was purged.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.gates import SETTLED, judge_rows
from benchmarks.attacks.metrics import Tally, pool
from benchmarks.attacks.trials import SEEDS, Trial, run_trial
from benchmarks.attacks.world.view import REFERENCE_DATE, REPORTER, View, view_of
from benchmarks.keys import fixed_key_text
from benchmarks.registry_files import attached
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import StoredCodes
from linkage.linkage_unit.purge_report import REVIEW_DAYS
from linkage.pipeline import Registry
from linkage.pipeline.units import Units
from pseudonym.encode import Encoder
from pseudonym.identity.record import Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import Profile

__all__ = ["CHILDREN", "WORKS", "figures", "linked_registry", "read_view"]

CHILDREN: Final = 5_000
"""Children in the registry, as in the other trials."""

KNOWN: Final = (0.0, 0.2)
"""Shares of the registry that the attacker knows."""

_STAGES: Final = (
    ("linked edges", "before a purge", None),
    ("reviewed edges", "after one, while pairs are reviewed", REVIEW_DAYS),
    ("settled edges", "after the review", 0),
)
"""The name of each attack, when it is made, and the review window of the purge before it, in days."""

WORKS: Final = 0.01
"""Minimum share of children that must be named before the purge; otherwise the attack is broken."""


@dataclass(frozen=True)
class _Row:
    """One row of the result: the attack, when it is made, and what the attacker knows."""

    attack: str
    title: str
    known: float
    population: str = "children"
    setting: str = "closed"
    payload: bool = False


def figures(
    profile: Profile,
    *,
    children: int = CHILDREN,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Attack a registry before and after a purge, over all seeds.

    Args:
        profile: The profile.
        children: Children in the registry.
        seeds: Seeds of populations and keys.
        say: Called with a line about each step.

    Returns:
        Rows, verdicts and whether the run failed, as JSON types.
    """
    scenario = Scenario("children", children)
    tallies: dict[_Row, list[Tally]] = {}
    rates: dict[str, list[float]] = {attack: [] for attack, _, _ in _STAGES}
    codes, purged, kept = 0, dict.fromkeys(rates, 0), 0
    for seed in seeds:
        scene = Scene(scenario, profile, seed)
        with linked_registry(scene.world.records, profile, seed) as registry:
            for attack, when, review_days in _STAGES:
                if review_days is not None:
                    report = registry.purge(review_days=review_days)
                    purged[attack] += report.codes
                    kept += report.open
                # What depends on the attacker's list alone is kept.
                looked = Scene(scenario, profile, seed)
                looked.world, looked.predicted = scene.world, scene.predicted
                looked.candidate_pairs, looked.view = scene.candidate_pairs, read_view(registry, scene.world.records)
                rates[attack].append(float(looked.shares.mean()))
                codes += looked.view.key.size if attack == "linked edges" else 0
                for known in KNOWN:
                    title = f"edges, {scenario.title()}{f', {known:.0%} known' if known else ''}, {when}"
                    found, _ = run_trial(looked, Trial("edges", scenario, known=known))
                    tallies.setdefault(_Row(attack, title, known), []).append(found)
                    say(f"{title}, seed {seed}: {found.share:.2%}")
    rows = [
        asdict(row) | pool(found).figures() | {"share_rate": round(float(np.mean(rates[row.attack])), 4)}
        for row, found in tallies.items()
    ]
    verdicts = judge_rows(SETTLED, rows)
    works = min(row["re_identified"] for row in rows if row["attack"] == "linked edges") >= WORKS
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "children": children,
        "seeds": list(seeds),
        "purged_codes": round(sum(purged.values()) / codes, 6),
        "purged_at_once": round(purged["reviewed edges"] / codes, 6),
        "pairs_for_review": kept,
        "rows": rows,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "works": works,
        "failed": not works or any(verdict.missed for verdict in verdicts),
    }


@contextmanager
def linked_registry(records: Sequence[Record], profile: Profile, seed: int) -> Iterator[Registry]:
    """Yield a registry that has received and linked records of one reporter; it is removed at the end.

    Args:
        records: The records; none may be rejected.
        profile: The profile.
        seed: Selects the linkage key.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = LinkageKey.parse(fixed_key_text(f"settled {seed}"))
        encoder = Encoder(key, reporter=REPORTER, profile=profile, reference_date=REFERENCE_DATE, keep_empty=True)
        encoder.write(folder / "submission", records, sequence=1, period="2025-12")
        registry = Registry.create(folder / "registry", profile=profile)
        registry.receive(folder / "submission")
        registry.link()
        yield registry


def read_view(registry: Registry, records: Sequence[Record]) -> View:
    """Return what somebody reads who has the file of the linkage unit and its key.

    Args:
        registry: The registry.
        records: Its records, in the order that the view is to have.
    """
    with attached(registry.path) as store:
        rid_of = dict(store.execute("SELECT record_id, codes_rid FROM linked").fetchall())
    rid = np.array([rid_of[record.record_id] for record in records], np.int64)
    key = RegistryKey.load(registry.registry_key)
    with Units.open(registry.path).stores["linkage"].session(write=False) as session:
        codes = session.table("SELECT * FROM codes ORDER BY rid, kind").combine_chunks()
        stored = [codes[name].to_numpy() for name in ("key_hi", "key_lo", "batch", "number")]
        cipher = StoredCodes(session, key)
        high, _ = cipher.match_keys(*stored)
        enciphered = np.frombuffer(b"".join(codes["content"].to_pylist()), np.uint8).reshape(len(codes), -1)
        contents = cipher.contents(enciphered, *stored[2:])
    n, c = len(rid), len(codes) // len(rid)
    kind = codes["kind"].to_numpy().reshape(n, c)[0]
    order = np.searchsorted(np.unique(codes["rid"].to_numpy()), rid)
    return view_of(
        registry.settings.profile.encoding, kind, high.reshape(n, c)[order], contents.reshape(n, c, -1)[order]
    )
