"""A stolen registry file and a leaked linkage key, with and without the registry key.

With the linkage key everything that a reporter computes can be computed, for every person of a register. The registry
key is to make that useless. Two attacks try what is left:

- *Contents.* Two records of one person share match keys. Where the person lacks a field, both contents hold noise
  there, which the linkage key, the record and the code determine; record ids stand in the file. Whatever a registry
  does to contents so that they can be compared without its key preserves the distances between the two noises, and
  these single out the person. The control is a registry whose contents are not enciphered, or a thief who has the
  registry key too.
- *Match keys.* Hashed match keys show which records share them. The thief computes which persons of the register would,
  MinHash bands included, and refines both graphs (`refinement`). At rest the hashes are enciphered, so that equal ones
  look different. The controls are a registry where they are not, or a thief who has the registry key too; also with a
  register of ten times as many persons, and with a registry that has replaced the match keys that two persons share
  by random ones.

Plaintexts are free of errors, and but for one row the thief knows exactly which persons the registry holds: its best
case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.gates import STOLEN, Verdict, judge_rows
from benchmarks.attacks.metrics import Claims, Tally, pool, tally
from benchmarks.attacks.trials import SEEDS, Trial, run_trial
from benchmarks.attacks.world.populations import World, make_world
from benchmarks.attacks.world.view import REFERENCE_DATE, View, fixed_registry_key
from benchmarks.keys import fixed_key_text
from linkage.linkage_unit.pads import NONCE_BYTES, CodeCipher
from pseudonym.canonical import length_prefixed
from pseudonym.encode.codes import CodeMaker, Codes
from pseudonym.identity.identities import Identity, read_identities
from pseudonym.identity.record import Record
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.profile import Profile

__all__ = ["PERSONS", "SHARED_KEYS", "WORKS", "Theft", "at_rest", "figures", "purge", "read_contents", "steal"]

PERSONS: Final = 1_000
"""Persons in the registry whose contents are read, each with a record at two reporters."""

SHARED_KEYS: Final = 5_000
"""Persons in the registry whose match keys are refined, as in the other trials of `children`."""

REGISTER: Final = 10
"""Persons in the register for each in the registry, where the thief does not know who is in it."""

LABEL: Final = "stolen"
"""Label of the leaked linkage key and of the registry key."""

REPORTERS: Final = ("police", "school")

FIELD: Final = "foreign_number"
"""The field whose noise is read: the widest one, and most persons have no such number."""

_WORD_BITS: Final = 64
_HALF: Final = 0.25
"""Noise of two records differs in half of the bits, and equal values in none: pairs below this share are not noise."""

Ints = NDArray[np.int64]
Blocks = NDArray[np.uint64]


@dataclass(frozen=True, eq=False, repr=False)
class Theft:
    """What the thief reads of two records of each of `n` persons.

    Attributes:
        names: (n,) for each person the reporter and the id of both records.
        kind: (c,) the kind of each code; which one of its kind a code is, the thief does not know.
        shared: (n, c) bool, whether both records have the match key.
        distance: (n, c) int64, bits of the field's segment in which the contents differ.
    """

    names: tuple[tuple[tuple[str, str], ...], ...]
    kind: Ints
    shared: NDArray[np.bool_]
    distance: Ints


class Foreseen(CodeMaker):
    """What the linkage key tells about noise: the seeds of a person's codes, and with a record the noise itself."""

    def __init__(self, profile: Profile, *, reporter: str = REPORTERS[0]) -> None:
        """Prepare for a profile."""
        subkeys = LinkageKey.parse(fixed_key_text(LABEL)).subkeys(profile.digest)
        super().__init__(profile.encoding, subkeys, reporter=reporter)

    def seeds(self, persons: Sequence[Sequence[Identity]]) -> tuple[Blocks, NDArray[np.bool_]]:
        """Return the seed of each code of `n` persons, (n, c, 2), and whether there is one, (n, c)."""
        identities = [identity for own in persons for identity in own]
        filled = self._filled_codes(persons, identities, self._values(identities))
        seeds = np.zeros((len(persons), self._encoding.codes_per_record, 2), np.uint64)
        known = np.zeros(seeds.shape[:2], bool)
        half = filled.digests.shape[1] // 2
        seeds[filled.record, filled.slot] = np.ascontiguousarray(filled.digests[:, half:]).view("<u8")
        known[filled.record, filled.slot] = True
        return seeds, known

    def noise(self, seeds: Blocks, name: tuple[str, str], word: int) -> NDArray[np.uint64]:
        """Return one word of the noise that a record has in codes with these seeds."""
        record = self._record_hash([length_prefixed(name[0]) + length_prefixed(name[1])]).view("<u8")
        blocks = seeds ^ record[0]
        blocks[..., 0] ^= np.uint64(word // 2)
        return np.asarray(self._noise_blocks(blocks)[..., word % 2])


def steal(
    world: World,
    profile: Profile,
    *,
    seed: int,
    enciphered: bool,
    body_key: Callable[[str], BodyKey] | None = None,
) -> Theft:
    """Encode each person for two reporters, store both records, and return what the thief reads.

    Args:
        world: The registry and the thief's register.
        profile: The profile.
        seed: Seed of the nonces.
        enciphered: Whether the contents are enciphered; if not, or if the thief has the registry key, they are plain.
        body_key: Returns the body key of a reporter, if its noise comes from one.

    Returns:
        What the thief has.
    """
    persons = [_identities(record) for record in world.records]
    ids = [record.record_id for record in world.records]
    one, other = (_maker(profile, reporter, body_key)(persons, ids) for reporter in REPORTERS)
    contents = [
        _enciphered_contents(codes, seed=2 * seed + number) if enciphered else codes.content
        for number, codes in enumerate((one, other))
    ]
    place = _segment(profile)
    mask = np.zeros(8 * profile.encoding.content_bytes, np.uint8)
    mask[place.first_bit : place.first_bit + place.n_bits] = 1
    differing = (contents[0] ^ contents[1]) & np.packbits(mask, bitorder="little")
    return Theft(
        names=tuple(tuple((reporter, record_id) for reporter in REPORTERS) for record_id in ids),
        kind=one.kind[0].astype(np.int64),
        shared=(one.match_key == other.match_key).all(axis=-1),
        distance=np.bitwise_count(differing).sum(axis=-1, dtype=np.int64),
    )


def _maker(profile: Profile, reporter: str, body_key: Callable[[str], BodyKey] | None) -> CodeMaker:
    key = LinkageKey.parse(fixed_key_text(LABEL))
    subkeys = key.subkeys(profile.digest)
    if body_key is not None:
        subkeys = subkeys.replaced(body_key(reporter).noise(key, profile.digest))
    return CodeMaker(profile.encoding, subkeys, reporter=reporter)


def _enciphered_contents(codes: Codes, *, seed: int) -> NDArray[np.uint8]:
    """Return contents as a registry with a key of its own stores them."""
    flat = codes.content.reshape(-1, codes.content.shape[-1])
    stored = CodeCipher(fixed_registry_key(LABEL)).contents(flat, *_batch(len(flat), seed))
    return stored.reshape(codes.content.shape)


def _batch(n: int, seed: int) -> tuple[NDArray[np.uint8], Ints]:
    """Return the nonces and the numbers of a batch of codes."""
    nonce = np.random.default_rng([seed, 41]).integers(0, 256, NONCE_BYTES, np.uint8)
    return np.broadcast_to(nonce, (n, NONCE_BYTES)), np.arange(n)


def _identities(record: Record) -> Sequence[Identity]:
    return read_identities(record, row=0, reference_date=REFERENCE_DATE, reporter=REPORTERS[0])[0]


def _segment(profile: Profile) -> Any:
    return next(place for place in profile.encoding.layout if place.field == FIELD)


def read_contents(theft: Theft, candidates: Sequence[Record], profile: Profile, *, rng: np.random.Generator) -> Claims:
    """Claim for each person the candidate whose noise would differ as theirs does.

    Args:
        theft: What the thief has.
        candidates: The register.
        profile: The profile.
        rng: Breaks ties.

    Returns:
        Claims; none about persons whose contents do not look like noise.
    """
    maker, place = Foreseen(profile), _segment(profile)
    words = range(place.first_bit // _WORD_BITS, -(-(place.first_bit + place.n_bits) // _WORD_BITS))
    seeds, known = maker.seeds([_identities(record) for record in candidates])
    bits = np.zeros(_WORD_BITS * (words.stop), np.uint8)
    bits[place.first_bit : place.first_bit + place.n_bits] = 1
    masks = np.packbits(bits, bitorder="little").view("<u8")
    claims = Claims.none(len(theft.names))
    ties = rng.random(len(candidates)) * 1e-3
    for row, (one, other) in enumerate(theft.names):
        shared = theft.shared[row]
        if theft.distance[row, shared].mean() < _HALF * place.n_bits:
            continue
        seen = _histogram(theft.distance[row][None], shared[None], theft.kind, place.n_bits)
        foreseen = np.zeros(known.shape, np.int64)
        for word in words:
            differing = maker.noise(seeds, one, word) ^ maker.noise(seeds, other, word)
            foreseen += np.bitwise_count(differing & masks[word])
        cost = np.abs(_histogram(foreseen, known, theft.kind, place.n_bits) - seen).sum(axis=1) + ties
        best = np.argpartition(cost, 1)[:2]
        best = best[np.argsort(cost[best])]
        claims.candidate[row], claims.confidence[row] = best[0], cost[best[1]] - cost[best[0]]
    return claims


def _histogram(distance: Ints, counted: NDArray[np.bool_], kind: Ints, n_bits: int) -> Ints:
    """Count the distances of each row by kind: (n, kinds * (n_bits + 1))."""
    n_cells = (int(kind.max()) + 1) * (n_bits + 1)
    cell = np.arange(len(distance))[:, None] * n_cells + kind * (n_bits + 1) + distance
    counts = np.bincount(cell[counted], minlength=len(distance) * n_cells)
    return np.asarray(counts.reshape(len(distance), n_cells), np.int64)


@dataclass(frozen=True)
class Row:
    """One row of the results, in the form of the other attacks' rows."""

    attack: str
    title: str
    setting: str = "closed"
    population: str = "children"
    known: float = 0.0
    payload: bool = False


CONTENTS: Final = Row("stolen contents", "contents, file and linkage key")
OPEN: Final = Row("stolen open contents", "contents, with the registry key too, or not enciphered")
KEYS: Final = Row("stolen match keys", "match keys, file and linkage key")
OPEN_KEYS: Final = Row("stolen open match keys", "match keys, with the registry key too, or not enciphered")
FEW_KEYS: Final = Row("stolen open match keys", "the same, if one in ten is in the registry", "open")
PURGED: Final = Row("purged match keys", "the same, if shared match keys are replaced")

WORKS: Final = {OPEN: 0.2, OPEN_KEYS: 0.05}
"""Minimum share of persons that must be named where nothing is enciphered; otherwise an attack is broken."""


def figures(
    profile: Profile,
    *,
    persons: int = PERSONS,
    shared_keys: int = SHARED_KEYS,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Run both attacks and the controls over all seeds.

    Args:
        profile: The profile.
        persons: Persons whose contents are read.
        shared_keys: Persons whose match keys are refined.
        seeds: Seeds of populations and nonces.
        say: Called with a line about each step.

    Returns:
        Rows, verdicts and whether the run failed, as JSON types.
    """
    counts: dict[Row, list[Tally]] = {row: [] for row in (CONTENTS, OPEN, KEYS, OPEN_KEYS, FEW_KEYS, PURGED)}
    for seed in seeds:
        world = make_world("children", persons, seed=seed)
        for row, enciphered in ((CONTENTS, True), (OPEN, False)):
            theft = steal(world, profile, seed=seed, enciphered=enciphered)
            claims = read_contents(theft, world.candidates, profile, rng=np.random.default_rng([seed, 43]))
            counts[row].append(tally(claims, world.truth, n_candidates=len(world.candidates)))
            say(f"{row.title}, seed {seed}: {counts[row][-1].share:.2%}")
        closed, open_ = Scenario("children", shared_keys), Scenario("children", shared_keys // REGISTER, REGISTER)
        shown = (
            (KEYS, closed, at_rest),
            (OPEN_KEYS, closed, _as_is),
            (FEW_KEYS, open_, _as_is),
            (PURGED, closed, purge),
        )
        for row, scenario, look in shown:
            counts[row].append(_match_keys(profile, scenario, seed, look=look))
            say(f"{row.title}, seed {seed}: {counts[row][-1].share:.2%}")
    rows = [asdict(row) | pool(tallies).figures() for row, tallies in counts.items()]
    verdicts = judge_rows(STOLEN, rows)
    works = {row.attack: pool(counts[row]).share >= least for row, least in WORKS.items()}
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "rows": rows,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "works": works,
        "failed": not all(works.values()) or any(map(_missed, verdicts)),
    }


def _missed(verdict: Verdict) -> bool:
    return verdict.missed


def _match_keys(profile: Profile, scenario: Scenario, seed: int, *, look: Callable[[View, int], View]) -> Tally:
    """Refine the graphs of match keys, all of which the linkage key predicts, without any content."""
    hidden = frozenset(range(len(profile.encoding.match_keys)))
    scene = Scene(scenario, profile, seed, public_rows=True, bare=hidden)
    scene.view = look(scene.view, seed)
    return run_trial(scene, Trial("refinement", scenario))[0]


def _as_is(view: View, _seed: int) -> View:
    return view


def at_rest(view: View, seed: int) -> View:
    """Return the view of a thief without the registry key: each match key is under a pad of its own."""
    flat = view.key.ravel().astype(np.uint64)
    halves = CodeCipher(fixed_registry_key(LABEL)).match_keys(flat, flat, *_batch(len(flat), seed))
    _, seen = np.unique(np.column_stack(halves), axis=0, return_inverse=True)
    return replace(view, key=seen.reshape(view.key.shape))


def purge(view: View, _seed: int) -> View:
    """Return the view of a registry in which each match key that two persons share is another one for each of them."""
    own = view.key.max() + 1 + np.arange(view.key.size).reshape(view.key.shape)
    return replace(view, key=np.where(view.group_size > 1, own, view.key))
