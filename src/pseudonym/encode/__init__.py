"""Encode records: the one package where an identity and the linkage key meet.

A batch of records goes through docs/spec.md from section 4 to section 7: identities, combinations and tokens (plaintext
side), then match keys, seeds and contents (keyed side). What comes out are codes that mean nothing without the key.
"""

from __future__ import annotations

from pseudonym.encode.codes import Codes
from pseudonym.encode.encoder import Batch, Encoder, Report
from pseudonym.faults import Fault
from pseudonym.identity.record import Record

__all__ = ["Batch", "Codes", "Encoder", "Fault", "Record", "Report"]
