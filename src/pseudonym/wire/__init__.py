"""The files that a reporter sends to the registry: submissions of codes and cases, withdrawals, and totals.

docs/spec.md, sections 8, 10 and 11, specifies them byte for byte. Neither identities nor keys pass through here: the
reporter writes finished codes, and the registry reads codes that it cannot decode.
"""

from __future__ import annotations

from pseudonym.errors import SubmissionError
from pseudonym.labels import SPEC
from pseudonym.wire.any_file import read_any_header
from pseudonym.wire.header import (
    IDENTITY_FIELDS,
    MAX_CELLS,
    QUALITY_RECORDS,
    CodebookReference,
    Header,
    Quality,
    TotalsHeader,
    WithdrawalHeader,
)
from pseudonym.wire.reader import Submission, open_submission, read_header, read_submission, row_faults
from pseudonym.wire.rows import CASE_STATES, RESERVED, ROLES, STATUSES, id_rule, value_rule
from pseudonym.wire.schema import GROUP_RECORDS, PAYLOAD_PREFIX, RECORD_BYTES, case_schema, fixed_bytes, fixed_column
from pseudonym.wire.spool import Spool
from pseudonym.wire.totals import FEW, MAX_TOTAL, Cell, Totals, is_few, read_totals, write_totals
from pseudonym.wire.withdrawal import Withdrawal, read_withdrawal, write_withdrawal
from pseudonym.wire.writer import SUBMISSION, SubmissionWriter

__all__ = [
    "CASE_STATES",
    "FEW",
    "GROUP_RECORDS",
    "IDENTITY_FIELDS",
    "MAX_CELLS",
    "MAX_TOTAL",
    "PAYLOAD_PREFIX",
    "QUALITY_RECORDS",
    "RECORD_BYTES",
    "RESERVED",
    "ROLES",
    "SPEC",
    "STATUSES",
    "SUBMISSION",
    "Cell",
    "CodebookReference",
    "Header",
    "Quality",
    "Spool",
    "Submission",
    "SubmissionError",
    "SubmissionWriter",
    "Totals",
    "TotalsHeader",
    "Withdrawal",
    "WithdrawalHeader",
    "case_schema",
    "fixed_bytes",
    "fixed_column",
    "id_rule",
    "is_few",
    "open_submission",
    "read_any_header",
    "read_header",
    "read_submission",
    "read_totals",
    "read_withdrawal",
    "row_faults",
    "value_rule",
    "write_totals",
    "write_withdrawal",
]
