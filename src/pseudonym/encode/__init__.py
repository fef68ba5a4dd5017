"""Encode records: the one package where identities and the linkage key meet.

Everything that a reporter's own program needs is here:

    from pseudonym.encode import Encoder, Record
    from pseudonym.keyed import LinkageKey

    encoder = Encoder(LinkageKey.load("linkage.key"), reporter="police")
    table = encoder.encode([Record(record_id="17", given_names="Asa Maria", family_names="Lindqvist")])

A batch of records follows docs/spec.md from section 4 to section 7: identities, combinations and tokens (plaintext
side), then match keys, seeds and contents (keyed side). The codes that come out mean nothing without the key.
"""

from __future__ import annotations

from pseudonym.encode.codes import Codes
from pseudonym.encode.encoder import Batch, Encoder, Report
from pseudonym.encode.totals import report_totals
from pseudonym.encode.withdrawal import withdraw
from pseudonym.faults import Fault
from pseudonym.identity.record import Record

__all__ = ["Batch", "Codes", "Encoder", "Fault", "Record", "Report", "report_totals", "withdraw"]
