"""Encode records: the one package where identities and the linkage key meet.

Everything that a reporter's own program needs is here:

    from pseudonym.encode import Encoder

    encoder = Encoder("linkage.key", reporter="police", codebook="case-registry")
    encoder.write("police-2026-03.parquet", "cases.xlsx", period="2026-03")  # or a data frame, or records

A batch of records follows docs/spec.md from section 4 to section 7: identities, combinations and tokens (plaintext
side), then match keys, seeds and contents (keyed side). The codes that come out mean nothing without the key.
"""

from __future__ import annotations

from pseudonym.encode.codes import Codes
from pseudonym.encode.encoder import Encoder
from pseudonym.encode.results import Batch, Encoded, FaultWarning, Report
from pseudonym.encode.sealing import Sealer
from pseudonym.encode.totals import report_totals
from pseudonym.encode.withdrawal import withdraw
from pseudonym.faults import Fault
from pseudonym.identity.record import Record

__all__ = [
    "Batch",
    "Codes",
    "Encoded",
    "Encoder",
    "Fault",
    "FaultWarning",
    "Record",
    "Report",
    "Sealer",
    "report_totals",
    "withdraw",
]
