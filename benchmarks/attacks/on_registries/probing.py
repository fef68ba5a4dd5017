"""Probing by a reporter: what it learns of others' persons from what it gets back.

A reporter has the linkage key, so it can send a record of anybody. Whether the registry knows that person from others
is not its business. It sends records of persons, one in each file; half of them have been reported by others and half
have not. It keeps all that comes back: how each file was received, the exit status, its signed receipt, and both again
when the file is sent a second time and when the record is withdrawn. With half of the persons, of whom it knows the
answer, it learns which member of all this tells most, and says of the others whether they are known.

The measure is the advantage: how much more often it says so of persons who are known than of those who are not. The
control is a registry that also publishes how many persons it holds, to the last one, after each file: the number grows
only by those who were not known.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.attacks.gates import PROBING, judge_rows
from benchmarks.attacks.metrics import wilson
from benchmarks.attacks.trials import SEEDS
from benchmarks.attacks.world.populations import make_world
from benchmarks.attacks.world.view import REFERENCE_DATE
from benchmarks.keys import fixed_key_text
from linkage.errors import RefusedError
from linkage.pipeline import Registry
from pseudonym.encode import Encoder, withdraw
from pseudonym.identity.record import Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import Profile

__all__ = ["COUNTED", "PROBES", "Answers", "Counts", "advantage_limits", "figures", "guess"]

PROBES: Final = 120
"""Persons for each seed of whom the reporter sends a record; of half it knows the answer, and half are known."""

COUNTED: Final = 16
"""The same where the number of persons is published, which takes a run of linking for each."""

WORKS: Final = 0.5
"""Minimum advantage where the number of persons is published; otherwise the attack is broken."""

OTHERS: Final = ("police", "school")
PROBER: Final = "shelter"
PERIOD: Final = "2025-12"

CHANGING: Final = ("received_at", "signature", "sequence", "missing_before")
"""Members of a receipt that depend on when and in which order files were sent, which the reporter knows itself."""

Answers = Mapping[str, str]
"""All that comes back about one probe: texts and numbers by name."""


@dataclass
class Counts:
    """How often the reporter says that a person is known, of those who are and of those who are not.

    Attributes:
        present: Persons who are known.
        said_present: How many of them it says are.
        absent: Persons who are not.
        said_absent: How many of them it says are known.
    """

    present: int = 0
    said_present: int = 0
    absent: int = 0
    said_absent: int = 0

    def add(self, other: Counts) -> None:
        """Add the counts of another seed."""
        self.present += other.present
        self.said_present += other.said_present
        self.absent += other.absent
        self.said_absent += other.said_absent

    @property
    def advantage(self) -> float:
        """Return how much more often it says so of those who are known."""
        return self.said_present / max(self.present, 1) - self.said_absent / max(self.absent, 1)


def advantage_limits(counts: Counts) -> tuple[float, float]:
    """Return the limits of the 95 % interval of an advantage, from those of both shares [Newcombe1998].

    Args:
        counts: The counts.
    """
    one, other = counts.said_present / max(counts.present, 1), counts.said_absent / max(counts.absent, 1)
    (low, high), (other_low, other_high) = (
        wilson(counts.said_present, counts.present),
        wilson(counts.said_absent, counts.absent),
    )
    down = sqrt((one - low) ** 2 + (other_high - other) ** 2)
    up = sqrt((high - one) ** 2 + (other - other_low) ** 2)
    return one - other - down, one - other + up


def guess(learned: Sequence[tuple[Answers, bool]], asked: Sequence[Answers]) -> list[bool]:
    """Say of each probe whether its person is known, by the answer that told most where the truth is known.

    Args:
        learned: Probes with the truth.
        asked: Probes without.
    """
    names = sorted({name for answers, _ in learned for name in answers})
    base = np.array([known for _, known in learned])
    best, rule = 0.0, ("", frozenset[str]())
    for name in names:
        values = np.array([answers.get(name, "") for answers, _ in learned])
        # A value speaks for a known person if more of those who have it are known than of all.
        speaks = frozenset(one for one in set(values.tolist()) if base[values == one].mean() > base.mean())
        said = np.isin(values, list(speaks))
        gain = float(said[base].mean() - said[~base].mean())
        if gain > best:
            best, rule = gain, (name, speaks)
    return [answers.get(rule[0], "") in rule[1] for answers in asked]


class _Prober:
    """A reporter that sends one record at a time and keeps what comes back."""

    def __init__(self, registry: Registry, key: LinkageKey, profile: Profile, folder: Path) -> None:
        self._registry = registry
        self._key = key
        self._folder = folder
        self._encoder = _encoder(key, PROBER, profile)
        self._sequence = 0

    def probe(self, record: Record, *, counting: bool) -> Answers:
        """Send a record, send it again, and withdraw it; with `counting`, only send it and look at the number."""
        before = self._persons() if counting else 0
        answers = self._sent("new", record)
        if counting:
            return answers | {"persons": str(self._persons() - before)}
        answers |= self._sent("again", record)
        path = self._next()
        withdraw(path, self._key, reporter=PROBER, sequence=self._sequence, records=[record.record_id])
        return answers | self._back("withdrawn", path)

    def _sent(self, when: str, record: Record) -> dict[str, str]:
        path = self._next()
        self._encoder.write(path, [record], sequence=self._sequence, period=PERIOD)
        return self._back(when, path)

    def _next(self) -> Path:
        self._sequence += 1
        return self._folder / f"probe-{self._sequence}"

    def _back(self, when: str, path: Path) -> dict[str, str]:
        """Return what comes back of one file, as texts by name."""
        try:
            received = self._registry.receive(path, accept_withdrawals=True).to_dict()
        except RefusedError as error:
            return {f"{when}.refused": error.rule}
        receipt = self._registry.receipt(PROBER, sequence=self._sequence).to_dict()
        found = {f"{when}.{name}": str(value) for name, value in received.items() if name not in CHANGING}
        return found | {f"{when}.receipt.{name}": str(one) for name, one in receipt.items() if name not in CHANGING}

    def _persons(self) -> int:
        self._registry.link()
        return int(self._registry.summary().persons or 0)


def _encoder(key: LinkageKey, reporter: str, profile: Profile) -> Encoder:
    return Encoder(key, reporter=reporter, profile=profile, reference_date=REFERENCE_DATE, keep_empty=True)


def figures(
    profile: Profile,
    *,
    probes: int = PROBES,
    counted: int = COUNTED,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Probe registries over all seeds.

    Args:
        profile: The profile.
        probes: Persons for each seed.
        counted: The same where the number of persons is published.
        seeds: Seeds of persons and keys.
        say: Called with a line about each step.

    Returns:
        Rows, verdicts, the control and whether the run failed, as JSON types.
    """
    total = {"probing": Counts(), "persons published": Counts()}
    for seed in seeds:
        for attack, n in (("probing", probes), ("persons published", counted)):
            counts = probed(profile, n, seed, counting=attack != "probing")
            total[attack].add(counts)
            say(f"{attack}, seed {seed}: advantage {counts.advantage:.2f}")
    titles = ("receipts and status", "control: the number of persons is published after each file")
    rows = [_row(attack, title, counts) for title, (attack, counts) in zip(titles, total.items(), strict=True)]
    verdicts = judge_rows(PROBING, rows)
    works = {"persons published": total["persons published"].advantage >= WORKS}
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "probes": probes,
        "seeds": list(seeds),
        "rows": rows,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "works": works,
        "failed": not all(works.values()) or any(verdict.missed for verdict in verdicts),
    }


def probed(profile: Profile, n: int, seed: int, *, counting: bool) -> Counts:
    """Probe one registry, and count what the reporter says of the half of whom it does not know the answer.

    Args:
        profile: The profile.
        n: Persons of whom it sends a record.
        seed: Seed of persons and keys.
        counting: Whether the number of persons is published after each file.
    """
    world = make_world("children", 2 * n, seed=seed)
    known = np.arange(2 * n) % 2 == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = LinkageKey.parse(fixed_key_text(f"probing {seed}"))
        registry = Registry.create(folder / "registry", profile=profile)
        for reporter in OTHERS:
            theirs = [record for record, held in zip(world.records, known, strict=True) if held]
            _encoder(key, reporter, profile).write(folder / reporter, theirs, sequence=1, period=PERIOD)
            registry.receive(folder / reporter)
        prober = _Prober(registry, key, profile, folder)
        rng = np.random.default_rng([seed, 83])
        chosen = [rng.choice(np.flatnonzero(side), n // 2, replace=False) for side in (known, ~known)]
        rows = rng.permutation(np.concatenate(chosen)).tolist()
        answers = [
            prober.probe(replace(world.records[row], record_id=f"probe-{place}"), counting=counting)
            for place, row in enumerate(rows)
        ]
    truth = known[rows]
    # The first halves of both are those of whom it knows the answer.
    learn = np.zeros(len(rows), bool)
    for side in (truth, ~truth):
        learn[np.flatnonzero(side)[: int(side.sum()) // 2]] = True
    learned = [(answers[place], bool(truth[place])) for place in np.flatnonzero(learn).tolist()]
    asked = np.flatnonzero(~learn).tolist()
    said = np.array(guess(learned, [answers[place] for place in asked]))
    true = truth[asked]
    return Counts(int(true.sum()), int(said[true].sum()), int((~true).sum()), int(said[~true].sum()))


def _row(attack: str, title: str, counts: Counts) -> dict[str, Any]:
    """Return a row in the form of the other attacks' rows; what is identified there is an advantage here."""
    _, high = advantage_limits(counts)
    return {
        "attack": attack,
        "title": title,
        "population": "probes",
        "setting": "any",
        "known": 0.0,
        "payload": False,
        **asdict(counts),
        "re_identified": round(counts.advantage, 4),
        "advantage": round(counts.advantage, 4),
        "upper_limit": round(high, 4),
        "advantage_upper_limit": round(high, 4),
    }
