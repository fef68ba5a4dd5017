"""The files that a reporter sends to the registry: submissions of codes and cases, withdrawals, and totals.

docs/spec.md, sections 8, 10, 11, 13 and 14, specifies them byte for byte. No identity and no linkage key passes through
here: the reporter writes finished codes, and the registry reads codes that it cannot decode. Only `sealed`, which this
package does not load, holds keys of reporters and units that are handed to it.
"""

from __future__ import annotations

from pseudonym.errors import SubmissionError
from pseudonym.labels import SPEC
from pseudonym.wire.any_file import read_any_header
from pseudonym.wire.codes_again import CodeGroup, code_group, codes_again
from pseudonym.wire.groups import group_schema, make_group
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
from pseudonym.wire.order import take_rows
from pseudonym.wire.part_headers import CasesHeader, CodesHeader, header_of_parts
from pseudonym.wire.part_reader import CasesTurn, CodesTurn, open_cases, open_codes, read_part_header
from pseudonym.wire.part_writer import split_submission
from pseudonym.wire.reader import Submission, open_submission, read_header, read_submission
from pseudonym.wire.row_faults import case_faults, code_faults, row_faults
from pseudonym.wire.rows import CASE_STATES, DATES, RESERVED, ROLES, STATUSES, id_rule, to_month, value_rule
from pseudonym.wire.schema import (
    GROUP_RECORDS,
    PAYLOAD_PREFIX,
    RECORD_BYTES,
    case_schema,
    code_schema,
    fixed_bytes,
    fixed_column,
    submission_schema,
)
from pseudonym.wire.sealed_header import SEALED, SealedHeader, SealedPart, read_sealed_header
from pseudonym.wire.spool import Spool
from pseudonym.wire.totals import FEW, MAX_TOTAL, Cell, Totals, is_few, read_totals, write_totals
from pseudonym.wire.withdrawal import Withdrawal, read_withdrawal, write_withdrawal
from pseudonym.wire.writer import SUBMISSION, SubmissionWriter

__all__ = [
    "CASE_STATES",
    "DATES",
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
    "SEALED",
    "SPEC",
    "STATUSES",
    "SUBMISSION",
    "CasesHeader",
    "CasesTurn",
    "Cell",
    "CodeGroup",
    "CodebookReference",
    "CodesHeader",
    "CodesTurn",
    "Header",
    "Quality",
    "SealedHeader",
    "SealedPart",
    "Spool",
    "Submission",
    "SubmissionError",
    "SubmissionWriter",
    "Totals",
    "TotalsHeader",
    "Withdrawal",
    "WithdrawalHeader",
    "case_faults",
    "case_schema",
    "code_faults",
    "code_group",
    "code_schema",
    "codes_again",
    "fixed_bytes",
    "fixed_column",
    "group_schema",
    "header_of_parts",
    "id_rule",
    "is_few",
    "make_group",
    "open_cases",
    "open_codes",
    "open_submission",
    "read_any_header",
    "read_header",
    "read_part_header",
    "read_sealed_header",
    "read_submission",
    "read_totals",
    "read_withdrawal",
    "row_faults",
    "split_submission",
    "submission_schema",
    "take_rows",
    "to_month",
    "value_rule",
    "write_totals",
    "write_withdrawal",
]
