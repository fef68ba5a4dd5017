"""Forging and replay: files that their reporter did not send, and how many of them a registry takes.

The attacker is an outsider who can read and write files on their way, or another reporter who is enrolled itself. Both
have the linkage key, the profile and what the invite says, so whatever they write looks like the real thing; what they
lack is the body key of the reporter that they want to be taken for. They alter captured files, send them again, and
make new ones. The registry accepts withdrawals and replacements without asking, which is its weakest setting.

Each kind of file is also handed to a registry where nobody is enrolled, or in the way in which its reporter hands it
in: there it must be taken, or the attempt would fail for another reason than the missing signature.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.attacks.gates import FORGING, judge_rows
from benchmarks.attacks.metrics import wilson
from benchmarks.attacks.trials import SEEDS
from benchmarks.attacks.world.populations import make_world
from benchmarks.attacks.world.view import REFERENCE_DATE
from benchmarks.keys import fixed_key_text
from benchmarks.registry_files import attached
from linkage.errors import RefusedError
from linkage.pipeline import Registry
from pseudonym.encode import Encoder, withdraw
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.profile import Profile
from pseudonym.public_keys import BodyPublicKey, BodySigner
from pseudonym.wire.sealed import seal
from pseudonym.wire.sealed_header import SIGNATURE_BYTES, SealedHeader, open_sealed, preamble

__all__ = ["KINDS", "TRIES", "World", "figures"]

TRIES: Final = 100
"""Files of each kind for each seed."""

VICTIM: Final = "police"
OTHER: Final = "school"
RECORDS: Final = 30
PERIOD: Final = "2025-12"

Rng = np.random.Generator


class World:
    """A registry, a reporter whose files are captured, and another one; all files are in one folder.

    Attributes:
        registry: The registry, where both are enrolled.
        captured: What the victim has sent, or is about to send, by what it is.
    """

    def __init__(self, folder: Path, profile: Profile, seed: int, *, enrolled: bool = True) -> None:
        """Create the registry, and let the victim send: a submission, a withdrawal, and the same submission again.

        Args:
            folder: An empty folder.
            profile: The profile.
            seed: Seed of persons and keys.
            enrolled: Whether the reporters are enrolled; if not, they send open files.
        """
        self.folder, self.profile, self.enrolled = folder, profile, enrolled
        self.key = LinkageKey.parse(fixed_key_text(f"forging {seed}"))
        self.records = make_world("children", RECORDS, seed=seed).records
        self.registry = Registry.create(folder / "registry", profile=profile, key_id=self.key.key_id)
        self.body_keys = {VICTIM: BodyKey.generate(), OTHER: BodyKey.generate()}
        self.stranger = BodyKey.generate()
        self.recipients = self.registry.invites.make(VICTIM).public_keys
        self._n = 0
        self._number = 20
        if enrolled:
            for reporter, key in self.body_keys.items():
                self.registry.enrolments.enrol(reporter, key.public, fingerprint=key.public.fingerprint)
        ids = [record.record_id for record in self.records]
        self.captured = {
            "first": self.sent(self.submission(1)),
            "withdrawal": self.sent(self.withdrawal(2, ids[:5])),
            "again": self.sent(self.submission(3)),
            # These two are on their way.
            "next": self.as_sent(self.submission(11)),
            "next withdrawal": self.as_sent(self.withdrawal(12, ids[:5])),
        }

    def path(self) -> Path:
        """Return the path of a new file."""
        self._n += 1
        return self.folder / f"file-{self._n:05d}"

    def later(self) -> int:
        """Return a sequence number that is higher than all before."""
        self._number += 1
        return self._number

    def submission(self, sequence: int, reporter: str = VICTIM) -> Path:
        """Write an open submission."""
        path = self.path()
        encoder = Encoder(
            self.key, reporter=reporter, profile=self.profile, reference_date=REFERENCE_DATE, keep_empty=True
        )
        encoder.write(path, self.records, sequence=sequence, period=PERIOD)
        return path

    def withdrawal(self, sequence: int, ids: Sequence[str]) -> Path:
        """Write an open withdrawal."""
        path = self.path()
        withdraw(path, self.key, reporter=VICTIM, sequence=sequence, records=ids)
        return path

    def seal(self, source: Path, key: BodySigner) -> Path:
        """Seal an open file with a key."""
        path = self.path()
        seal(source, path, signer=key, recipients=self.recipients, profile=self.profile)
        return path

    def as_sent(self, source: Path) -> Path:
        """Return a file as the victim sends it."""
        return self.seal(source, self.body_keys[VICTIM]) if self.enrolled else source

    def sent(self, source: Path) -> Path:
        """Let the registry receive a file of the victim."""
        path = self.as_sent(source)
        self.receive([path], must=True)
        return path

    def receive(self, paths: Sequence[Path], *, must: bool = False) -> int:
        """Hand files in, and return how many changed anything.

        Args:
            paths: The files.
            must: Whether none may be refused.
        """
        taken = 0
        for result in self.registry.receive_all(
            paths, accept_withdrawals=True, accept_replacements=True, accept_sequence=True
        ):
            if isinstance(result, RefusedError):
                if must:
                    raise result
            elif result.outcome != "already received":
                taken += 1
        return taken

    def state(self) -> list[list[Any]]:
        """Return what the registry holds of files and records."""
        tables = ("statistics.submissions", "statistics.records", "linkage.records", "linkage.codes")
        with attached(self.registry.path) as store:
            return [store.execute(f"SELECT count(*), sum(hash(t)) FROM {table} t").fetchall() for table in tables]


@dataclass(frozen=True)
class Impostor:
    """An outsider who names the victim's key as his own.

    Attributes:
        public: The victim's public key.
        key: His own key.
    """

    public: BodyPublicKey
    key: BodyKey

    def sign(self, message: bytes) -> bytes:
        """Sign with his own key."""
        return self.key.sign(message)


def _as_victim(world: World, source: Path) -> Path:
    return world.seal(source, Impostor(world.body_keys[VICTIM].public, world.stranger))


def _altered(world: World, rng: Rng, name: str) -> Path:
    """Flip bits of a captured file; half of the times before its parts, which are most of it."""
    data = bytearray(world.captured[name].read_bytes())
    with open_sealed(world.captured[name]) as sealed:
        last = len(data) if rng.random() < 0.5 else sealed.starts[0]
    for at in rng.integers(0, last, rng.choice([1, 1, 2, 8])).tolist():
        data[at] ^= 1 << int(rng.integers(8))
    return _written(world, bytes(data))


def _written(world: World, data: bytes) -> Path:
    path = world.path()
    path.write_bytes(data)
    return path


def _relabelled(world: World, rng: Rng, name: str, key: BodyKey | None = None, **members: Any) -> Path:
    """Change members of the header of a captured file, and keep its signature or sign with a key."""
    with open_sealed(world.captured[name]) as sealed:
        header, signature, start = sealed.header, sealed.signature, sealed.starts[0]
    header = SealedHeader.model_validate(header.model_dump() | members)
    parts = world.captured[name].read_bytes()[start:]
    return _written(world, preamble(header, key.sign(header.signed) if key else signature) + parts)


def _spliced(world: World, rng: Rng) -> Path:
    """Put the parts of one captured file under the header of another."""
    with open_sealed(world.captured["next"]) as new, open_sealed(world.captured["first"]) as old:
        data = preamble(new.header, new.signature)
        return _written(world, data + world.captured["first"].read_bytes()[old.starts[0] :])


def _random_signature(world: World, rng: Rng) -> Path:
    with open_sealed(world.captured["next"]) as sealed:
        header, start = sealed.header, sealed.starts[0]
    parts = world.captured["next"].read_bytes()[start:]
    return _written(world, preamble(header, rng.bytes(SIGNATURE_BYTES)) + parts)


def _some(world: World, rng: Rng) -> list[str]:
    return [world.records[row].record_id for row in rng.choice(RECORDS, 3, replace=False).tolist()]


@dataclass(frozen=True)
class Kind:
    """A kind of forged file.

    Attributes:
        title: What it is.
        make: Makes one.
        open_: Whether it is an open file, which a registry where nobody is enrolled must take.
    """

    title: str
    make: Callable[[World, Rng], Path]
    open_: bool = False


KINDS: Final = (
    Kind("captured submission, altered", lambda w, r: _altered(w, r, "next")),
    Kind("captured withdrawal, altered", lambda w, r: _altered(w, r, "next withdrawal")),
    Kind("captured submission, sent again", lambda w, r: w.captured["first"]),
    Kind("captured withdrawal, sent again", lambda w, r: w.captured["withdrawal"]),
    Kind("old submission under a new number", lambda w, r: _relabelled(w, r, "first", sequence=w.later())),
    Kind("old withdrawal under a new number", lambda w, r: _relabelled(w, r, "withdrawal", sequence=w.later())),
    Kind("parts of one file under the header of another", _spliced),
    Kind("captured submission with another signature", _random_signature),
    Kind(
        "captured submission, signed by another reporter as its own",
        lambda w, r: _relabelled(
            w, r, "next", w.body_keys[OTHER], reporter=OTHER, signer=w.body_keys[OTHER].public.fingerprint
        ),
    ),
    Kind("invented submission, not signed", lambda w, r: w.submission(w.later()), open_=True),
    Kind("invented withdrawal, not signed", lambda w, r: w.withdrawal(w.later(), _some(w, r)), open_=True),
    Kind("invented submission, signed by an outsider", lambda w, r: w.seal(w.submission(w.later()), w.stranger)),
    Kind(
        "invented withdrawal, signed by an outsider",
        lambda w, r: w.seal(w.withdrawal(w.later(), _some(w, r)), w.stranger),
    ),
    Kind("invented submission under the victim's public key", lambda w, r: _as_victim(w, w.submission(w.later()))),
    Kind(
        "invented withdrawal under the victim's public key",
        lambda w, r: _as_victim(w, w.withdrawal(w.later(), _some(w, r))),
    ),
    Kind(
        "invented submission, signed by another reporter",
        lambda w, r: w.seal(w.submission(w.later()), w.body_keys[OTHER]),
    ),
    Kind(
        "invented withdrawal, signed by another reporter",
        lambda w, r: w.seal(w.withdrawal(w.later(), _some(w, r)), w.body_keys[OTHER]),
    ),
)
"""All kinds of forged files."""


def figures(
    profile: Profile,
    *,
    tries: int = TRIES,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Hand in forged files of every kind over all seeds.

    Args:
        profile: The profile.
        tries: Files of each kind for each seed.
        seeds: Seeds of persons, keys and files.
        say: Called with a line about each step.

    Returns:
        Rows, verdicts, controls and whether the run failed, as JSON types.
    """
    taken = dict.fromkeys(KINDS, 0)
    open_taken = {kind: 0 for kind in KINDS if kind.open_}
    unchanged, sent = True, 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as name:
            world = World(_new(name, "signed"), profile, seed)
            before = world.state()
            for number, kind in enumerate(KINDS):
                rng = np.random.default_rng([seed, 73, number])
                taken[kind] += world.receive([kind.make(world, rng) for _ in range(tries)])
                say(f"{kind.title}, seed {seed}: {taken[kind]} taken so far")
            unchanged &= world.state() == before
            # What was captured on its way is still good: it was refused for what had been done to it.
            sent += world.receive([world.captured["next"], world.captured["next withdrawal"]])
            unsigned = World(_new(name, "unsigned"), profile, seed, enrolled=False)
            for number, kind in enumerate(open_taken):
                rng = np.random.default_rng([seed, 79, number])
                open_taken[kind] += sum(unsigned.receive([kind.make(unsigned, rng)]) for _ in range(CONTROLS))
    n = tries * len(seeds)
    rows = list(_rows(taken, n)) + [
        _row("nobody enrolled", kind.title, count, CONTROLS * len(seeds)) for kind, count in open_taken.items()
    ]
    verdicts = judge_rows(FORGING, rows)
    works = {
        "captured files are taken as they are": sent == 2 * len(seeds),
        "open files are taken where nobody is enrolled": all(
            count == CONTROLS * len(seeds) for count in open_taken.values()
        ),
    }
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "tries": tries,
        "seeds": list(seeds),
        "rows": rows,
        "state_unchanged": unchanged,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "works": works,
        "failed": not all(works.values()) or not unchanged or any(verdict.missed for verdict in verdicts),
    }


CONTROLS: Final = 5
"""Open files of each kind for each seed that a registry where nobody is enrolled gets."""


def _new(name: str, title: str) -> Path:
    folder = Path(name) / title
    folder.mkdir()
    return folder


def _rows(taken: dict[Kind, int], n: int) -> Iterator[dict[str, Any]]:
    for kind, count in taken.items():
        yield _row("forging", kind.title, count, n)


def _row(attack: str, title: str, taken: int, n: int) -> dict[str, Any]:
    """Return a row in the form of the other attacks' rows; what is identified there is taken here."""
    return {
        "attack": attack,
        "title": title,
        "population": "files",
        "setting": "any",
        "known": 0.0,
        "payload": False,
        "records": n,
        "taken": taken,
        "re_identified": round(taken / n, 6),
        "upper_limit": round(wilson(taken, n)[1], 6),
    }
