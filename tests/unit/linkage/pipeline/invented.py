"""Records of few invented persons, who meet often and in many ways, and their delivery."""

from __future__ import annotations

from typing import Final

import numpy as np

from linkage.pipeline import Registry
from tests.unit.linkage.helpers import Rec, send

__all__ = ["PERSONS", "REPORTERS", "deliver", "invented"]

REPORTERS: Final = ("a", "b", "c")
PERSONS: Final = 24


def invented(
    seed: int, n: int, *, persons: int = PERSONS, joins: float = 0.15, blurred: bool = False
) -> dict[str, list[Rec]]:
    """Invent records, some with other bits, with a key of their own, or with codes of two persons.

    Args:
        seed: Selects the records.
        n: Number of records.
        persons: Number of persons that they may be of.
        joins: Share of the records that have codes of a second person.
        blurred: Whether some have contents of their own under shared match keys, and some a code twice.

    Returns:
        The records of each reporter.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[Rec]] = {reporter: [] for reporter in REPORTERS}
    for number in range(n):
        reporter = REPORTERS[rng.integers(len(REPORTERS))]
        persona, other = rng.integers(0, persons, 2).tolist()
        flips = tuple(rng.choice(40, rng.choice([0, 0, 2, 6, 12]), replace=False).tolist())
        second = other if rng.random() < joins and other != persona else None
        values = {"case_id": f"{reporter}-{persona % 5}", "role": "victim" if persona % 2 else "accompanying_child"}
        said = values if rng.random() < 0.3 else {}
        unlike, repeats = (bool(rng.random() < 0.3), bool(rng.random() < 0.2)) if blurred else (False, False)
        own = int(rng.integers(0, 2))
        record = Rec(
            f"{reporter}-{number}", persona, said, flips=flips, own=own, joins=second, unlike=unlike, repeats=repeats
        )
        found[reporter].append(record)
    return found


def deliver(registry: Registry, sequence: int, records: dict[str, list[Rec]]) -> None:
    """Receive a file of each reporter that has records."""
    folder = registry.path.parent
    registry.receive_all(
        [send(folder / f"{name}-{sequence}.parquet", name, sequence, sent) for name, sent in records.items() if sent]
    )
