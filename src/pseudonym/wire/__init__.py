"""The files that a reporter sends to the registry: submissions of codes and cases, and withdrawals.

docs/spec.md, sections 8 and 10, specifies them byte for byte. Neither identities nor keys pass through here: the
reporter writes finished codes, and the registry reads codes that it cannot decode.
"""

from __future__ import annotations

from pseudonym.errors import SubmissionError
from pseudonym.labels import SPEC
from pseudonym.wire.header import (
    IDENTITY_FIELDS,
    QUALITY_RECORDS,
    CodebookReference,
    Header,
    Quality,
    WithdrawalHeader,
)
from pseudonym.wire.reader import Submission, open_submission, read_header, read_submission, row_faults
from pseudonym.wire.rows import CASE_STATES, RESERVED, ROLES, STATUSES, id_rule, value_rule
from pseudonym.wire.schema import GROUP_RECORDS, PAYLOAD_PREFIX, RECORD_BYTES, case_schema, fixed_bytes, fixed_column
from pseudonym.wire.spool import Spool
from pseudonym.wire.withdrawal import Withdrawal, read_any_header, read_withdrawal, write_withdrawal
from pseudonym.wire.writer import SUBMISSION, SubmissionWriter

__all__ = [
    "CASE_STATES",
    "GROUP_RECORDS",
    "IDENTITY_FIELDS",
    "PAYLOAD_PREFIX",
    "QUALITY_RECORDS",
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
    "Withdrawal",
    "WithdrawalHeader",
    "case_schema",
    "fixed_bytes",
    "fixed_column",
    "id_rule",
    "open_submission",
    "read_any_header",
    "read_header",
    "read_submission",
    "read_withdrawal",
    "row_faults",
    "value_rule",
    "write_withdrawal",
]
