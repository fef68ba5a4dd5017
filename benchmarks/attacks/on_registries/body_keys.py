"""What a leaked linkage key tells of noise, where it comes from the linkage key and where from the key of a reporter.

Missing codes and absent fields are noise. Derived from the linkage key, they could be computed by whoever has that key;
so a reporter that has a key of its own, its *body key*, takes them from that. Three attackers have the linkage key:

- *Told from real codes.* Whoever reads codes as they were sent, as in an open submission, tries which codes of a record
  are filled: the noise of the others follows from these, and only the right guess gives the noise that is there. It
  takes no list of persons. The linkage unit has hashed the match keys, which noise does not follow from.
- *A field of a named person.* Whoever has the registry key too finds the record of a person whose names and birth date
  it knows. It encodes them with an invented foreign number, and compares the slot that says whether there is one.
- *The distance of two noises* names persons where contents are not enciphered (`stolen`).

Where no guess fits, the first attacker says that codes are filled which somebody else has too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.metrics import Tally, pool, tally
from benchmarks.attacks.on_registries.probing import Counts, advantage_limits
from benchmarks.attacks.on_registries.stolen import LABEL, read_contents, steal
from benchmarks.attacks.trials import SEEDS
from benchmarks.attacks.world.populations import World, make_world
from benchmarks.attacks.world.view import REFERENCE_DATE, fixed_registry_key
from benchmarks.keys import fixed_key_text
from linkage.linkage_unit.rekey import rekey
from pseudonym.canonical import length_prefixed
from pseudonym.encode.codes import CODE_STRIDE, CodeMaker, Codes
from pseudonym.identity.identities import Identity, read_identities
from pseudonym.identity.record import Record
from pseudonym.key_file import format_key
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.keyed.keys import Subkeys
from pseudonym.keyed.prf import counters
from pseudonym.profile import PRESENCE_BITS, MinHash, Profile
from pseudonym.wire.order import code_order

__all__ = ["PERSONS", "WORKS", "Guesser", "body_key", "figures", "has_field", "subkeys_of", "tell"]

PERSONS: Final = 400
"""Children in each registry."""

REPORTER: Final = "police"

FIELD: Final = "foreign_number"
"""The field of a named person that is looked for: a sixth of the children have one."""

INVENTED: Final = "X0000000"
"""A foreign number that nobody has."""

WORKS: Final = 0.9
"""Minimum advantage, and share of persons named, that noise from the linkage key must give away."""

NAMED: Final = 0.2
"""Minimum share of persons named by noise from the linkage key, as in `stolen`."""

HALF: Final = 0.25
"""Noise differs in half of the bits, and equal values in none."""

BLOCK_BYTES: Final = 16

NOISES: Final = {False: "the linkage key", True: "a body key"}

SENT: Final = "codes as sent: whether a code is filled"
UNIT: Final = "codes of the linkage unit: whether a code is filled"
PRESENT: Final = "codes of the linkage unit, both keys: whether the record of a named person has a foreign number"
DISTANCES: Final = "contents that are not enciphered: persons named by the distance of two noises"

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def body_key(reporter: str) -> BodyKey:
    """Return a body key that is not secret; equal reporters have equal ones."""
    secret = hashlib.sha256(f"body {reporter}".encode()).digest()
    return BodyKey.parse(format_key(BodyKey.LABEL, secret, comment="# A public key.\n"))


def subkeys_of(profile: Profile, reporter: str, *, body: bool) -> Subkeys:
    """Return the subkeys under which a reporter encodes, with noise from its body key or from the linkage key."""
    key = LinkageKey.parse(fixed_key_text(LABEL))
    subkeys = key.subkeys(profile.digest)
    return subkeys.replaced(body_key(reporter).noise(key, profile.digest)) if body else subkeys


class Guesser(CodeMaker):
    """Tries which codes of a record are filled, with the keys from which noise is thought to come."""

    def __init__(self, profile: Profile, subkeys: Subkeys, *, reporter: str = REPORTER) -> None:
        """Prepare for a profile."""
        super().__init__(profile.encoding, subkeys, reporter=reporter)
        kinds = zip(profile.encoding.match_keys, profile.encoding.codes_per_kind, strict=True)
        slots = np.cumsum([0, *profile.encoding.codes_per_kind])
        # Bands are filled in nearly every record, and all at once.
        self._small = [
            (kind, int(slots[kind]), n) for kind, (key, n) in enumerate(kinds) if not isinstance(key, MinHash)
        ]
        self.small_slots = np.concatenate([np.arange(first, first + n) for _, first, n in self._small])

    def filled(self, record_id: str, kind: NDArray[np.uint8], keys: NDArray[np.uint8], contents: Any) -> Bools | None:
        """Return which codes of a record are filled, (c,), or None if no guess gives the noise that is there.

        Args:
            record_id: The id of the record.
            kind: (c,) the kind of each code.
            keys: (c, 16) the match keys as they were sent.
            contents: (c, bytes) the contents.
        """
        rows = np.concatenate([kind[:, None], keys, contents], axis=1)
        order = code_order(rows)
        rows, kind, keys = rows[order], kind[order], keys[order]
        names = [key.tobytes() for key in keys]
        places = [np.flatnonzero(kind == number) for number, _, _ in self._small]
        head = self._head + length_prefixed(record_id)
        choices = [list(product((True, False), repeat=len(place))) for place in places]
        guesses, messages = [], []
        for chosen in product(*choices):
            guess = np.ones(len(rows), bool)
            for place, taken in zip(places, chosen, strict=True):
                guess[place] = taken
            if not guess.all():
                guesses.append(guess)
                messages.append(head + length_prefixed(rows[guess].tobytes()))
        seeds = self._unfilled_hash(messages).view("<u8")
        for guess, seed in zip(guesses, seeds, strict=True):
            if {names[place] for place in np.flatnonzero(~guess)} == self._missing(seed, kind[guess]):
                found = np.empty(len(rows), bool)
                found[order] = guess
                return found
        return None

    def _missing(self, seed: NDArray[np.uint64], filled: NDArray[np.uint8]) -> set[bytes]:
        """Return the match keys of the missing codes, if codes of these kinds are filled."""
        slots = [
            np.arange(first + int((filled == number).sum()), first + n, dtype=np.uint64)
            for number, first, n in self._small
        ]
        last = np.concatenate(slots) * np.uint64(CODE_STRIDE) + np.uint64(CODE_STRIDE - 1)
        return {block.tobytes() for block in self._noise_blocks(seed ^ counters(last))}


def tell(codes: Codes, ids: Sequence[str], guesser: Guesser, asked: Ints) -> Bools:
    """Say of one code of each record whether it is filled.

    Args:
        codes: The codes of `n` records as they are read, in an order that says nothing.
        ids: The ids of the records.
        guesser: Tries which codes are filled.
        asked: (n,) the place of the code of each record.

    Returns:
        (n,) bool. Where no guess fits, a code is said to be filled if somebody else has its match key.
    """
    said = np.empty(len(ids), bool)
    keys = codes.match_key.reshape(-1, BLOCK_BYTES)
    _, number, times = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    shared = (times > 1)[number.ravel()].reshape(codes.kind.shape)
    for row, record_id in enumerate(ids):
        filled = guesser.filled(record_id, codes.kind[row], codes.match_key[row], codes.content[row])
        said[row] = shared[row, asked[row]] if filled is None else filled[asked[row]]
    return said


def has_field(codes: Codes, persons: Sequence[Identity], profile: Profile) -> Bools:
    """Say of records of named persons whether they have a foreign number, by both keys.

    Args:
        codes: The codes of `n` records, with the match keys as a registry compares them.
        persons: The persons, of whom the attacker knows all but foreign numbers.
        profile: The profile.

    Returns:
        (n,) bool.
    """
    # The attacker has a body key of its own; with which noise it fills what it encodes makes no difference.
    maker = CodeMaker(profile.encoding, subkeys_of(profile, "attacker", body=True), reporter="attacker")
    guessed = [[person._replace(foreign_number=INVENTED)] for person in persons]
    own = maker(guessed, [f"guess-{place}" for place in range(len(persons))])
    place = next(place for place in profile.encoding.layout if place.field == FIELD)
    bits = np.unpackbits(codes.content ^ _hashed(own).content, axis=-1, bitorder="little")
    differing = bits[..., place.presence_bit : place.presence_bit + PRESENCE_BITS].mean(axis=-1)
    met = (codes.match_key == _hashed(own).match_key).all(axis=-1)
    return np.asarray((differing * met).sum(axis=1) < HALF * np.maximum(met.sum(axis=1), 1))


def _hashed(codes: Codes) -> Codes:
    """Return codes as the linkage unit compares them: their match keys are hashed with the registry key."""
    found = rekey(fixed_registry_key(LABEL), codes.kind.ravel(), codes.match_key.reshape(-1, BLOCK_BYTES))
    keys = np.column_stack([found.key_hi, found.key_lo]).astype(">u8").view(np.uint8)
    return replace(codes, match_key=keys.reshape(codes.match_key.shape))


def _shuffled(codes: Codes, rng: np.random.Generator) -> tuple[Codes, Ints]:
    """Return the codes of each record in an order that says nothing, and that order."""
    order = rng.permuted(np.tile(np.arange(codes.kind.shape[1]), (len(codes.kind), 1)), axis=1)
    taken = Codes(
        np.take_along_axis(codes.kind, order, axis=1),
        np.take_along_axis(codes.match_key, order[..., None], axis=1),
        np.take_along_axis(codes.content, order[..., None], axis=1),
    )
    return taken, order


def figures(
    profile: Profile,
    *,
    persons: int = PERSONS,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Tell noise by a leaked linkage key, with and without body keys, over all seeds.

    Args:
        profile: The profile.
        persons: Persons in each registry.
        seeds: Seeds of populations and draws.
        say: Called with a line about each step.

    Returns:
        Rows, controls and whether the run failed, as JSON types; there are no gates.
    """
    told: dict[tuple[str, str], Counts] = {}
    named: dict[tuple[str, str], list[Tally]] = {}
    for seed in seeds:
        world = make_world("children", persons, seed=seed)
        for key, counts in _told(world, profile, seed):
            told.setdefault(key, Counts()).add(counts)
            say(f"{' '.join(key)}, seed {seed}: advantage {counts.advantage:.2f}")
        for body in (False, True):
            theft = steal(world, profile, seed=seed, enciphered=False, body_key=body_key if body else None)
            claims = read_contents(theft, world.candidates, profile, rng=np.random.default_rng([seed, 43]))
            found = tally(claims, world.truth, n_candidates=len(world.candidates))
            named.setdefault((DISTANCES, NOISES[body]), []).append(found)
            say(f"{DISTANCES}, {NOISES[body]}, seed {seed}: {found.share:.2%}")
    rows = [_advantage(*key, counts) for key, counts in told.items()]
    rows += [_row(*key) | pool(found).figures() for key, found in named.items()]
    share = {(row["attack"], row["noise"]): row["re_identified"] for row in rows}
    works = {
        "noise from the linkage key is told": share[SENT, NOISES[False]] >= WORKS,
        "noise from the linkage key names persons": share[DISTANCES, NOISES[False]] >= NAMED,
    }
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "persons": persons,
        "seeds": list(seeds),
        "rows": rows,
        "verdicts": [],
        "works": works,
        "failed": not all(works.values()),
    }


def _told(world: World, profile: Profile, seed: int) -> Iterator[tuple[tuple[str, str], Counts]]:
    """Yield how often each attacker is right, with noise from either key."""
    ids = [record.record_id for record in world.records]
    persons = [_identities(record) for record in world.records]
    either = [
        CodeMaker(profile.encoding, subkeys_of(profile, REPORTER, body=body), reporter=REPORTER)(persons, ids)
        for body in (False, True)
    ]
    # Match keys of filled codes are the same, whatever the noise.
    real = (either[0].match_key == either[1].match_key).all(axis=-1)
    guesser = Guesser(profile, subkeys_of(profile, REPORTER, body=False))
    has = np.array([own[0].foreign_number is not None for own in persons])
    for codes, noise in zip(either, NOISES.values(), strict=True):
        rng = np.random.default_rng([seed, 103])
        asked = rng.choice(guesser.small_slots, len(ids))
        mixed, order = _shuffled(codes, rng)
        place = (order == asked[:, None]).argmax(axis=1)
        truth = real[np.arange(len(ids)), asked]
        for attack, read in ((SENT, mixed), (UNIT, _hashed(mixed))):
            yield (attack, noise), _counted(tell(read, ids, guesser, place), truth)
        yield (PRESENT, noise), _counted(has_field(_hashed(codes), [own[0] for own in persons], profile), has)


def _counted(said: Bools, truth: Bools) -> Counts:
    return Counts(int(truth.sum()), int((said & truth).sum()), int((~truth).sum()), int((said & ~truth).sum()))


def _identities(record: Record) -> Sequence[Identity]:
    return read_identities(record, row=0, reference_date=REFERENCE_DATE, reporter=REPORTER)[0]


def _row(attack: str, noise: str) -> dict[str, Any]:
    """Return a row in the form of the other attacks' rows, without its figures."""
    setting = {"population": "children", "setting": "any", "known": 0.0, "payload": False}
    return {"attack": attack, "noise": noise, "title": f"{attack}, noise from {noise}", **setting}


def _advantage(attack: str, noise: str, counts: Counts) -> dict[str, Any]:
    _, high = advantage_limits(counts)
    share, limit = round(counts.advantage, 4), round(high, 4)
    return _row(attack, noise) | asdict(counts) | {"re_identified": share, "upper_limit": limit}
