"""The version of the specification, and every label that separates one use of a hash or key from another.

A label carries the version, so nothing that two versions derive can be equal by chance of their inputs (docs/spec.md,
sections 2, 3 and 8 to 10).
"""

from __future__ import annotations

from typing import Final

__all__ = ["LABELS", "SPEC", "SUBKEYS"]

SPEC: Final = 3
"""The version of docs/spec.md that this library writes and reads."""

SUBKEYS: Final = {
    "band": f"pseudonym/{SPEC}/band",
    "filter": f"pseudonym/{SPEC}/filter",
    "match_key": f"pseudonym/{SPEC}/match-key",
    "minhash_rows": f"pseudonym/{SPEC}/minhash-rows",
    "minhash_token": f"pseudonym/{SPEC}/minhash-token",
    "noise_block": f"pseudonym/{SPEC}/noise-block",
    "noise_seed": f"pseudonym/{SPEC}/noise-seed",
    "order": f"pseudonym/{SPEC}/order",
    "token": f"pseudonym/{SPEC}/token",
    "unfilled": f"pseudonym/{SPEC}/unfilled",
}
"""The labels of the subkeys of a linkage key, one for each use."""

LABELS: Final = {
    "codebook": f"pseudonym/{SPEC}/codebook",
    "content": f"pseudonym/{SPEC}/content",
    "key_id": f"pseudonym/{SPEC}/key-id",
    "profile": f"pseudonym/{SPEC}/profile",
    "record": f"pseudonym/{SPEC}/record",
    "submission": f"pseudonym/{SPEC}/submission",
    "withdrawal": f"pseudonym/{SPEC}/withdrawal",
    "withdrawn": f"pseudonym/{SPEC}/withdrawn",
}
"""The labels of digests and of the key id."""
