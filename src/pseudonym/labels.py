"""The version of the specification, and every label that separates one use of a hash or key from another.

A label carries the version, so nothing that two versions derive can be equal by chance of their inputs (docs/spec.md,
sections 2, 3 and 8 to 11).
"""

from __future__ import annotations

from typing import Final

__all__ = ["BODY_SUBKEYS", "LABELS", "SPEC", "SUBKEYS"]

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

BODY_SUBKEYS: Final = {
    "handle": f"pseudonym/{SPEC}/body-handle",
    "noise_block": f"pseudonym/{SPEC}/body-noise-block",
    "noise_seed": f"pseudonym/{SPEC}/body-noise-seed",
    "sign": f"pseudonym/{SPEC}/body-sign",
    "unfilled": f"pseudonym/{SPEC}/body-unfilled",
}
"""The labels of the subkeys of a body key."""

LABELS: Final = {
    "answer": f"pseudonym/{SPEC}/answer",
    "cases": f"pseudonym/{SPEC}/cases",
    "cases_content": f"pseudonym/{SPEC}/cases-content",
    "cases_record": f"pseudonym/{SPEC}/cases-record",
    "codebook": f"pseudonym/{SPEC}/codebook",
    "codes": f"pseudonym/{SPEC}/codes",
    "codes_content": f"pseudonym/{SPEC}/codes-content",
    "codes_record": f"pseudonym/{SPEC}/codes-record",
    "content": f"pseudonym/{SPEC}/content",
    "invite": f"pseudonym/{SPEC}/invite",
    "key_id": f"pseudonym/{SPEC}/key-id",
    "profile": f"pseudonym/{SPEC}/profile",
    "public_key": f"pseudonym/{SPEC}/public-key",
    "receipt": f"pseudonym/{SPEC}/receipt",
    "record": f"pseudonym/{SPEC}/record",
    "sealed": f"pseudonym/{SPEC}/sealed",
    "sealed_binding": f"pseudonym/{SPEC}/sealed-binding",
    "sealed_chunk": f"pseudonym/{SPEC}/sealed-chunk",
    "sealed_key": f"pseudonym/{SPEC}/sealed-key",
    "sealed_content": f"pseudonym/{SPEC}/sealed-content",
    "sealed_signature": f"pseudonym/{SPEC}/sealed-signature",
    "submission": f"pseudonym/{SPEC}/submission",
    "totalled": f"pseudonym/{SPEC}/totalled",
    "totals": f"pseudonym/{SPEC}/totals",
    "withdrawal": f"pseudonym/{SPEC}/withdrawal",
    "withdrawn": f"pseudonym/{SPEC}/withdrawn",
}
"""The labels of digests, of what is signed, and of the key id."""
