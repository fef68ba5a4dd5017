"""Alter sealed files in every way that needs no secret, and some that need one, and open them.

    python -m tests.faults.sealed_fuzz 12000

prints how many were refused by which rule, and the most memory that it took.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import rfc8785

from linkage.keys import UNIT_KEYS
from pseudonym.canonical import length_prefixed
from pseudonym.keyed import BodyKey
from pseudonym.wire import SubmissionError
from pseudonym.wire.sealed import open_part
from tests.faults.bombs import peak_megabytes
from tests.paths import ROOT

__all__ = ["accepted", "altered_files"]

VECTORS: Final = ROOT / "tests" / "vectors"
NAMES: Final = tuple(
    f"valid{name}" for name in ("", "-previous", "-nothing-to-report", "-withdrawal", "-totals", "-two-chunks")
)
KEYS: Final = json.loads((VECTORS / "sealed.json").read_text(encoding="utf-8"))["keys"]
REPORTER: Final = BodyKey.parse(KEYS["reporter"])
OTHER: Final = BodyKey.parse(KEYS["other_reporter"])
OPENERS: Final = {unit: key.parse(KEYS[unit]) for unit, key in UNIT_KEYS.items()}
ORIGINALS: Final = {name: (VECTORS / "sealed" / f"{name}.sealed").read_bytes() for name in NAMES}
START: Final = 20
"""Offset of the header."""

MOST_BYTES: Final = 300
"""Length of the longest range that is moved or written over."""

Change = Callable[[bytes, random.Random], bytes]


def _range(data: bytes, rng: random.Random) -> tuple[int, int]:
    # Half of all ranges are before the parts, which are most of a file and the least of its forms.
    start = rng.randrange(len(data) if rng.random() < 0.5 else min(len(data), 1300))
    return start, min(len(data), start + 1 + rng.randrange(MOST_BYTES))


def _flip(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        out[_range(data, rng)[0]] ^= 1 << rng.randrange(8)
    return bytes(out)


def _overwrite(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    filling = rng.choice([bytes(end - start), b"\xff" * (end - start), rng.randbytes(end - start)])
    return data[:start] + filling + data[end:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.choice([rng.randrange(len(data)), _range(data, rng)[0]])]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.choice([_range(data, rng)[0], len(data)])
    return data[:at] + rng.randbytes(1 + rng.randrange(64)) + data[at:]


def _remove(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:start] + data[end:]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    at = rng.choice([end, _range(data, rng)[0]])
    return data[:at] + data[start:end] + data[at:]


def _exchange(data: bytes, rng: random.Random) -> bytes:
    (a, b), (c, d) = sorted([_range(data, rng), _range(data, rng)])
    b = min(b, c)
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _splice(data: bytes, rng: random.Random) -> bytes:
    """Put the header of one file before the parts of another."""
    other = ORIGINALS[rng.choice(NAMES)]
    return rng.choice([data[: _parts_start(data)] + other[_parts_start(other) :], data + other, other[:30] + data[30:]])


def _parts_start(data: bytes) -> int:
    return START + int.from_bytes(data[16:20], "little") + 64


VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    8,
    2**53,
    2**63,
    1e300,
    "",
    "body-2",
    "0f" * 32,
    "0f" * 16,
    "linkage",
    [],
    {},
    ["x"],
)
PLAUSIBLE: Final = {
    "reporter": "body-2",
    "sequence": 8,
    "previous": "0f" * 32,
    "key_id": "0f" * 16,
    "epoch": 2,
    "profile_digest": "0f" * 32,
    "signer": OTHER.public.fingerprint,
    "kind": "totals",
}


def _with_other_values(data: bytes, rng: random.Random) -> bytes:
    """Set members of the header to values of any type, drop some, and sign it."""
    header = json.loads(data[START : _parts_start(data) - 64])
    for _ in range(rng.choice([1, 1, 2])):
        target: Any = rng.choice([header, header, *header.get("parts", [])])
        name = rng.choice([*target, "note"])
        if rng.random() < 0.2:
            target.pop(name, None)
        elif name != "parts":
            target[name] = rng.choice(VALUES)
    if rng.random() < 0.2 and "parts" in header:
        header["parts"] = rng.choice([header["parts"][::-1], header["parts"] * 2, None])
    return _signed(data, header, rng)


def _with_plausible_values(data: bytes, rng: random.Random) -> bytes:
    """Set members of the header to other values that they may have, and sign it."""
    header = json.loads(data[START : _parts_start(data) - 64])
    header |= dict(rng.sample(sorted(PLAUSIBLE.items()), rng.choice([1, 1, 2])))
    return _signed(data, header, rng)


def _with_another_part(data: bytes, rng: random.Random) -> bytes:
    """Alter the parts, and sign a header that has their digests."""
    start = _parts_start(data)
    header = json.loads(data[START : start - 64])
    parts = []
    for part in header["parts"]:
        parts.append(data[start : start + part["bytes"]])
        start += part["bytes"]
    # All of them, since a part that the reporter itself sealed and signed as it is may be taken.
    parts = [_differing(part, rng) for part in parts]
    if rng.random() < 0.2:
        parts = parts[::-1]
    for part, altered in zip(header["parts"], parts, strict=True):
        part |= {"bytes": len(altered), "digest": hashlib.sha256(altered).hexdigest()}
    return _signed(data[: _parts_start(data)] + b"".join(parts), header, rng)


def _differing(part: bytes, rng: random.Random) -> bytes:
    altered = part
    while altered == part:
        altered = rng.choice(WITHOUT_A_HEADER[:-1])(part, rng)
    return altered


def _signed(data: bytes, header: Any, rng: random.Random) -> bytes:
    """Put a header before the parts of a file, with the signature of the reporter, of another one or of neither."""
    signer = rng.choice([OTHER, REPORTER, REPORTER])
    if signer is OTHER and rng.random() < 0.5:
        header = {**header, "signer": OTHER.public.fingerprint}
    try:
        text = rfc8785.dumps(header) if rng.random() < 0.9 else json.dumps(header).encode()
    except rfc8785.CanonicalizationError:
        text = json.dumps(header).encode()
    digest = hashlib.sha256(length_prefixed("pseudonym/3/sealed", text)).digest()
    signature = signer.sign(length_prefixed("pseudonym/3/sealed-signature", digest))
    if rng.random() < 0.1:
        signature = data[_parts_start(data) - 64 : _parts_start(data)]
    return b"pseudonym-sealed" + length_prefixed(text) + signature + data[_parts_start(data) :]


CHANGES: Final[tuple[Change, ...]] = (
    _flip,
    _overwrite,
    _cut,
    _insert,
    _remove,
    _repeat,
    _exchange,
    _splice,
    _with_other_values,
    _with_plausible_values,
    _with_another_part,
)

WITHOUT_A_HEADER: Final = CHANGES[:-3]
"""What can be done to any bytes."""


def altered_files(n: int, *, seed: int = 1) -> list[tuple[str, str, bytes]]:
    """Return files that differ from a right one: the name of that, how they were altered, their bytes."""
    rng = random.Random(seed)
    made: list[tuple[str, str, bytes]] = []
    while len(made) < n:
        name, change = rng.choice(NAMES), rng.choice(CHANGES)
        data = change(ORIGINALS[name], rng)
        # A second change may make up for the first nowhere, but reaches further.
        if rng.random() < 0.2 and len(data) > _parts_start(ORIGINALS[name]):
            data = rng.choice(WITHOUT_A_HEADER)(data, rng)
        if data not in ORIGINALS.values():
            made.append((name, change.__name__, data))
    return made


def accepted(n: int, *, seed: int = 1, refused: Counter[str] | None = None) -> list[tuple[str, str]]:
    """Open altered files at both units.

    Args:
        n: How many.
        seed: Of the alterations.
        refused: Counts the rules by which they were refused.

    Returns:
        Those that a unit took all the same; any error but a refusal is raised.
    """
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sealed"
        for name, how, data in altered_files(n, seed=seed):
            path.write_bytes(data)
            for opener in OPENERS.values():
                try:
                    with open_part(path, signer=REPORTER.public, opener=opener, folder=folder):
                        taken.append((name, how))
                except SubmissionError as error:
                    if refused is not None:
                        refused[error.rule] += 1
        left = [one.name for one in Path(folder).iterdir() if one != path]
        assert not left, "a part was left behind"
    return taken


def main(n: int) -> None:
    before = peak_megabytes()
    refused: Counter[str] = Counter()
    # In batches, so that what is measured is not the altered files themselves.
    batches = [min(500, n - done) for done in range(0, n, 500)]
    taken = [one for seed, size in enumerate(batches) for one in accepted(size, seed=seed, refused=refused)]
    grown = peak_megabytes() - before
    print(json.dumps({"files": n, "accepted": taken, "refused": dict(refused.most_common()), "megabytes": grown}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
