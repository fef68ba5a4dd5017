"""Find the records of a submission, or of one of its parts, that break a rule for single rows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.codebook import Codebook, CodebookError
from pseudonym.faults import Fault
from pseudonym.profile import Profile
from pseudonym.wire.order import code_order
from pseudonym.wire.reader import Submission, lookup
from pseudonym.wire.rows import RESERVED, day_rule, id_rule, value_rule
from pseudonym.wire.schema import PAYLOAD_PREFIX, fixed_bytes

__all__ = ["case_faults", "code_faults", "row_faults"]

_SEVERAL: Final = frozenset({"codebook.several", "codebook.too_many", "codebook.order"})


def row_faults(
    submission: Submission, *, profile: Profile, codebook: Codebook | None, first_row: int = 0
) -> list[Fault]:
    """Find the records that break a rule for single rows; the other records stand.

    Args:
        submission: A submission that `read_submission` gave.
        profile: The same profile.
        codebook: The same codebook.
        first_row: The index of the first record, if the submission is one turn of a file.

    Returns:
        The first fault of each record that has one, in the order of `submission.cases`; its row is the index of the
        record. Rules: `codes.counts`, `record_id.*`,
        `report_id.*`, `case_id.*`, `role.unknown`, `status.unknown`, `case_state.unknown`, `event_date.form`,
        `event_date.day` and those of other dates; `payload.unknown_code`, also for a code that is not valid on the date
        of the record; `payload.several` for several codes of an item that takes one, too many, or in another order.
    """
    counts_ok = _counts_ok(fixed_bytes(submission.cases["record"]), submission.codes, profile)
    rules = _CaseRules(codebook)
    faults = []
    for index, case in enumerate(submission.cases.to_pylist()):
        rule = "codes.counts" if not counts_ok[index] else rules.broken(case)
        if rule is not None:
            faults.append(Fault(first_row + index, None, rule, "rejected"))
    return faults


def case_faults(cases: pa.Table, *, codebook: Codebook | None, first_row: int = 0) -> list[Fault]:
    """Find the records of which a case row breaks a rule.

    Args:
        cases: Case rows that `open_cases` gave.
        codebook: The same codebook.
        first_row: The index of the first of them in the file.

    Returns:
        As `row_faults`, without `codes.counts`.
    """
    rules = _CaseRules(codebook)
    broken = ((index, rules.broken(case)) for index, case in enumerate(cases.to_pylist()))
    return [Fault(first_row + index, None, rule, "rejected") for index, rule in broken if rule is not None]


def code_faults(records: NDArray[np.uint8], codes: pa.Table, *, profile: Profile, first_row: int = 0) -> list[Fault]:
    """Find the records with a wrong number of codes of a kind, or with a code of an unknown kind.

    Args:
        records: `(n, 16) uint8`, the handles.
        codes: Their codes.
        profile: The profile that they follow.
        first_row: The index of the first record in the file.

    Returns:
        `codes.counts` for each of them; its row is the index of the record.
    """
    wrong = np.flatnonzero(~_counts_ok(records, codes, profile)).tolist()
    return [Fault(first_row + index, None, "codes.counts", "rejected") for index in wrong]


def _counts_ok(ids: NDArray[np.uint8], codes: pa.Table, profile: Profile) -> NDArray[np.bool_]:
    expected = np.array(profile.encoding.codes_per_kind)
    n_kinds = len(expected)
    order = code_order(ids)
    index = order[lookup(ids[order], fixed_bytes(codes["record"]))]
    kind = codes["kind"].to_numpy().astype(np.int64)
    found = np.bincount(index * (n_kinds + 1) + np.minimum(kind, n_kinds), minlength=len(ids) * (n_kinds + 1))
    table = found.reshape(len(ids), n_kinds + 1)
    return np.asarray((table == np.append(expected, 0)).all(axis=1))


class _CaseRules:
    """The rules for the case rows of one codebook, whose values are few, so each is judged once."""

    def __init__(self, codebook: Codebook | None) -> None:
        self._codebook = codebook
        self._days = frozenset[str]() if codebook is None else codebook.days
        self._items = () if codebook is None else codebook.item_names
        # Their verdicts, for as long as this turn of a file is read.
        self._reserved: dict[tuple[str, str], str | None] = {}
        self._payload: dict[tuple[str, str, str | None], str | None] = {}

    def broken(self, case: dict[str, Any]) -> str | None:
        """Return the first rule that a case row breaks, None if it breaks none."""
        broken = id_rule(case["record_id"])
        if broken is not None:
            return f"record_id.{broken}"
        for column in RESERVED:
            value = case[column]
            if value is None:
                continue
            if (column, value) not in self._reserved:
                self._reserved[column, value] = self._rule(column, value)
            if self._reserved[column, value] is not None:
                return self._reserved[column, value]
        when = case["event_date"] or case["report_date"]
        for item in self._items:
            value = case[PAYLOAD_PREFIX + item]
            if value is None:
                continue
            if (item, value, when) not in self._payload:
                self._payload[item, value, when] = self._payload_rule(item, value, when)
            if self._payload[item, value, when] is not None:
                return self._payload[item, value, when]
        return None

    def _rule(self, column: str, value: str) -> str | None:
        return value_rule(column, value) or day_rule(column, value, self._days)

    def _payload_rule(self, item: str, value: str, when: str | None) -> str | None:
        assert self._codebook is not None  # Without one there are no items.
        try:
            self._codebook.check_value(item, value, date=when)
        except CodebookError as error:
            return "payload.several" if error.rule in _SEVERAL else "payload.unknown_code"
        return None
