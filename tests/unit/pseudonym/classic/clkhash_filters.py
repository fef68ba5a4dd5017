"""Print the filters that clkhash makes of a few records, as JSON: what `clkhash_filters.json` holds.

Run by the interpreter of an environment that has clkhash 0.18.3, never imported:
`PYTHON tests/unit/pseudonym/classic/clkhash_filters.py > tests/unit/pseudonym/classic/clkhash_filters.json`
"""

from __future__ import annotations

import base64
import json
from typing import Any

from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict

FIELDS = ("given_names", "family_names", "birth_date", "sex")
ROWS = [
    ("rut elisabet", "lindqvist", "1988-03-26", "f"),
    ("bo", "ek", "", ""),
    ("åsa", "žižek", "2001-12-01", "m"),
    ("", "", "", ""),
]
SECRET, SALT, INFO = "horse staple", b"salt", b"info"

SETTINGS: dict[str, tuple[int, int, dict[str, Any], dict[str, int]]] = {
    "double": (1024, 0, {"type": "doubleHash"}, {"bitsPerToken": 30}),
    "double of an odd length": (1000, 0, {"type": "doubleHash"}, {"bitsPerFeature": 201}),
    "double-nonsingular": (8, 0, {"type": "doubleHash", "prevent_singularity": True}, {"bitsPerToken": 2}),
    "blake": (512, 0, {"type": "blakeHash"}, {"bitsPerToken": 70}),
    "blake, folded": (256, 2, {"type": "blakeHash"}, {"bitsPerFeature": 100}),
}
"""Length, folds, hashing, and the strategy of given names."""

COMPARISONS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "family_names": ({"type": "ngram", "n": 3}, {"bitsPerToken": 15}),
    "birth_date": ({"type": "ngram", "n": 1, "positional": True}, {"bitsPerFeature": 200}),
    "sex": ({"type": "exact"}, {"bitsPerToken": 33}),
}


def feature(name: str, comparison: dict[str, Any], strategy: dict[str, int], hashing: dict[str, Any]) -> dict[str, Any]:
    """Describe a field to clkhash."""
    form = {"type": "string", "encoding": "utf-8", "minLength": 0}
    rest = {"comparison": comparison, "strategy": strategy, "hash": hashing, "missingValue": {"sentinel": ""}}
    return {"identifier": name, "format": form, "hashing": rest}


def filters(length: int, folds: int, hashing: dict[str, Any], strategy: dict[str, int]) -> list[str]:
    """Return the filters in Base64."""
    comparisons = {"given_names": ({"type": "ngram", "n": 2}, strategy), **COMPARISONS}
    salt, info = (base64.b64encode(data).decode() for data in (SALT, INFO))
    kdf = {"type": "HKDF", "hash": "SHA256", "salt": salt, "info": info, "keySize": 64}
    # The member is read under this name; the documented `xorFolds` is ignored.
    config = {"l": length, "kdf": kdf, **({"xor_folds": folds} if folds else {})}
    features = [feature(name, *comparisons[name], hashing) for name in FIELDS]
    schema = from_json_dict({"version": 3, "clkConfig": config, "features": features})
    made = generate_clks(ROWS, schema, SECRET, validate=False, max_workers=1)
    return [base64.b64encode(one.tobytes()).decode() for one in made]


if __name__ == "__main__":
    print(json.dumps({name: filters(*settings) for name, settings in SETTINGS.items()}, indent=1))
