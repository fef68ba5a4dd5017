"""The submission: a Parquet file of codes and cases, the only file that a reporter sends to the registry.

docs/spec.md, section 8, specifies it byte for byte. Neither identities nor keys pass through here: the reporter writes
finished codes, and the registry reads codes that it cannot decode.
"""

from __future__ import annotations

from pseudonym.errors import SubmissionError
from pseudonym.wire.header import IDENTITY_FIELDS, SPEC, CodebookReference, Header, Quality
from pseudonym.wire.reader import Submission, open_submission, read_header, read_submission, row_faults
from pseudonym.wire.rows import RESERVED, ROLES, STATUSES, id_rule, value_rule
from pseudonym.wire.schema import GROUP_RECORDS, PAYLOAD_PREFIX, RECORD_BYTES, case_schema, fixed_bytes, fixed_column
from pseudonym.wire.spool import Spool
from pseudonym.wire.writer import SUBMISSION, SubmissionWriter

__all__ = [
    "GROUP_RECORDS",
    "IDENTITY_FIELDS",
    "PAYLOAD_PREFIX",
    "RECORD_BYTES",
    "RESERVED",
    "ROLES",
    "SPEC",
    "STATUSES",
    "SUBMISSION",
    "CodebookReference",
    "Header",
    "Quality",
    "Spool",
    "Submission",
    "SubmissionError",
    "SubmissionWriter",
    "case_schema",
    "fixed_bytes",
    "fixed_column",
    "id_rule",
    "open_submission",
    "read_header",
    "read_submission",
    "row_faults",
    "value_rule",
]
