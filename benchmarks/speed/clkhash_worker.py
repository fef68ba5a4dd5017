"""Encode with clkhash on request; run by the interpreter of an environment that has it, never imported.

The first line of the standard input names a CSV file of the fields; every further line requests one run and is answered
by a line of JSON. Caches are emptied before each run, as are ours: a file is encoded once.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from typing import Any

from clkhash import bloomfilter
from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict

BITS = 1024
BITS_PER_TOKEN = 20
"""As in the profile `clk`."""

NAMES = {"type": "ngram", "n": 2}
CODES = {"type": "ngram", "n": 1, "positional": True}
COMPARISONS = {"given_names": NAMES, "family_names": NAMES, "number": CODES, "birth_date": CODES, "sex": NAMES}


def feature(field: str) -> dict[str, Any]:
    """Describe a field: bigrams for names, positional digits for numbers and dates."""
    return {
        "identifier": field,
        "format": {"type": "string", "encoding": "utf-8", "minLength": 0},
        "hashing": {
            "comparison": COMPARISONS[field],
            "strategy": {"bitsPerToken": BITS_PER_TOKEN},
            "hash": {"type": "blakeHash"},
            "missingValue": {"sentinel": ""},
        },
    }


def schema(fields: list[str]) -> Any:
    """Return the linkage schema of the fields."""
    kdf = {"type": "HKDF", "hash": "SHA256", "salt": "c2FsdA==", "info": "", "keySize": 64}
    config = {"l": BITS, "kdf": kdf}
    return from_json_dict({"version": 3, "clkConfig": config, "features": [feature(field) for field in fields]})


def main() -> None:
    """Read the file, then do one run per request."""
    with open(sys.stdin.readline().rstrip("\n"), encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        linkage_schema = schema(next(reader))
        rows = [tuple(row) for row in reader]
    for _ in sys.stdin:
        for cached in (bloomfilter._blake_encode_ngrams, bloomfilter.blake_hash_token):
            cached.cache_clear()
        wall, cpu = time.perf_counter(), time.process_time()
        # One process instead of all cores, and without the slower check of formats.
        clks = generate_clks(rows, linkage_schema, "secret", validate=False, max_workers=1)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(json.dumps({"cpu": cpu, "wall": wall, "records": len(clks)}), flush=True)


if __name__ == "__main__":
    main()
