"""The registry's view: rekeyed match keys and deciphered contents, and nothing else.

An attacker's simulation has the same form: it has the source code, so it can encode any plaintext with the real
`Encoder` under its own keys.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.keys import fixed_key_text
from linkage.keys import RegistryKey
from linkage.linkage_unit.rekey import rekey
from pseudonym.encode import Batch, Encoder
from pseudonym.identity.record import Record
from pseudonym.key_file import format_key, save_key
from pseudonym.keyed import LinkageKey
from pseudonym.profile import Encoding, MinHash, Profile

__all__ = ["REFERENCE_DATE", "REPORTER", "View", "fixed_registry_key", "key_prints", "observe", "view_of"]

REFERENCE_DATE: Final = date(2025, 12, 31)
"""The day by which centuries are inferred; fixed, so that a result can be measured again."""

REPORTER: Final = "reporter"
"""The code of the reporter that encodes."""

_KIND_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
"""An odd constant that mixes the kind into a match key, so that keys of two kinds never look equal."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class View:
    """The codes of `n` records, `c` codes each; the order of the codes of a kind carries no information.

    Attributes:
        encoding: The encoding of the profile.
        kind: (c,) the kind of each position.
        key: (n, c) int64; equal numbers are equal match keys of one kind.
        words: (n, c, w) uint64, the contents.
        public_rows: Whether the row functions of MinHash are known, so that all match keys can be predicted.
        bare: Kinds whose contents are hidden, as if their codes had none; supported by `known` only.
    """

    encoding: Encoding
    kind: Ints
    key: Ints
    words: NDArray[np.uint64]
    public_rows: bool = False
    bare: frozenset[int] = frozenset()

    def __len__(self) -> int:
        """Count the records."""
        return len(self.key)

    @cached_property
    def group_size(self) -> Ints:
        """The number of codes that have the match key of each code: (n, c)."""
        return np.bincount(self.key.ravel())[self.key]

    @cached_property
    def exact(self) -> NDArray[np.bool_]:
        """The positions of match keys whose equality can be predicted without the linkage key: (c,) bool."""
        banded = [isinstance(key, MinHash) and not self.public_rows for key in self.encoding.match_keys]
        return ~np.array(banded)[self.kind]

    @cached_property
    def carries(self) -> NDArray[np.bool_]:
        """The positions of codes with a visible content: (c,) bool."""
        return ~np.isin(self.kind, list(self.bare))

    def shares(self, person: Ints) -> NDArray[np.bool_]:
        """Mark the records that share a match key with a record of another person.

        Args:
            person: (n,) the person of each record.
        """
        flat = self.key.ravel()
        owner = np.repeat(person, self.key.shape[1])
        order = np.lexsort((owner, flat))
        key, who = flat[order], owner[order]
        first = np.r_[True, key[1:] != key[:-1]]
        group = np.cumsum(first) - 1
        mixed = np.zeros(group[-1] + 1, dtype=bool)
        mixed[group[1:][~first[1:] & (who[1:] != who[:-1])]] = True
        shared = np.empty(len(flat), dtype=bool)
        shared[order] = mixed[group]
        return np.asarray(shared.reshape(self.key.shape).any(axis=1))


def fixed_registry_key(label: str) -> RegistryKey:
    """Return a registry key that is not secret, read from a key file; equal labels give equal keys."""
    secret = hashlib.sha256(f"registry {label}".encode()).digest()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.key"
        save_key(path, format_key("LINKAGE-SECRET-REGISTRY-KEY-1", secret))
        return RegistryKey.load(path)


def _batches(records: Iterable[Record], profile: Profile, label: str) -> Iterator[Batch]:
    key = LinkageKey.parse(fixed_key_text(label))
    encoder = Encoder(key, reporter=REPORTER, profile=profile, reference_date=REFERENCE_DATE, keep_empty=True)
    for batch in encoder.batches(records):
        if batch.record_ids:
            yield batch


def _prints(kind: NDArray[np.integer], high: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Shorten a match key to 64 bits; some millions of keys collide once in a million runs."""
    return high ^ ((kind.astype(np.uint64) + np.uint64(1)) * _KIND_STEP)


def key_prints(records: Iterable[Record], profile: Profile, label: str) -> NDArray[np.uint64]:
    """Encode records under a key of the attacker and return only the match keys.

    Args:
        records: `n` records; none may be rejected.
        profile: The profile.
        label: Label of the attacker's key.

    Returns:
        (n, c) uint64: equal numbers are equal match keys of one kind.
    """
    found = [
        _prints(batch.codes.kind, np.ascontiguousarray(batch.codes.match_key).view("<u8")[..., 0])
        for batch in _batches(records, profile, label)
    ]
    return np.concatenate(found)


def observe(records: Sequence[Record], profile: Profile, label: str, *, registry: RegistryKey | None = None) -> View:
    """Encode records and return the codes as the registry reads them with its own key.

    Args:
        records: `n` records, at least one; none may be rejected.
        profile: The profile.
        label: Label of the linkage key.
        registry: The registry's own key; without it the match keys are as the reporter sent them, which is enough for
            a simulation, since intake preserves every equality.

    Returns:
        The view, with records in the order given.
    """
    prints, contents = [], []
    kind = np.zeros(0, np.uint8)
    for batch in _batches(records, profile, label):
        codes = batch.codes
        n, c = codes.kind.shape
        kind = codes.kind[0]
        high = np.ascontiguousarray(codes.match_key).view("<u8")[..., 0]
        if registry is not None:
            high = rekey(registry, codes.kind.ravel(), codes.match_key.reshape(n * c, 16)).key_hi.reshape(n, c)
        prints.append(high)
        contents.append(codes.content)
    return view_of(profile.encoding, kind, np.concatenate(prints), np.concatenate(contents))


def view_of(
    encoding: Encoding, kinds: NDArray[np.uint8], halves: NDArray[np.uint64], contents: NDArray[np.uint8]
) -> View:
    """Number the match keys of records, and sort the codes of each record and kind by these numbers.

    Args:
        encoding: The encoding of the profile.
        kinds: (c,), the kind of each position.
        halves: (n, c), the first half of each match key.
        contents: (n, c, bytes).
    """
    kind, prints = kinds.astype(np.int64), _prints(kinds, halves)
    _, number = np.unique(prints.ravel(), return_inverse=True)
    key = number.reshape(prints.shape).astype(np.int64)
    order = np.lexsort((key, np.broadcast_to(kind, key.shape)), axis=1)
    key = np.take_along_axis(key, order, axis=1)
    words = np.ascontiguousarray(np.take_along_axis(contents, order[..., None], axis=1)).view("<u8")
    return View(encoding, kind, key, words)
