"""Find the records of a submission, or of one of its parts, that break a rule for single rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pseudonym.codebook import Codebook, CodebookError
from pseudonym.faults import Fault
from pseudonym.profile import Profile
from pseudonym.wire.reader import Submission, lookup
from pseudonym.wire.rows import RESERVED, SIMPLE_ID, day_rule, id_rule, value_rule
from pseudonym.wire.schema import PAYLOAD_PREFIX, fixed_bytes, in_one_piece

__all__ = ["case_faults", "code_faults", "row_faults"]

_NO_VALUE: Final = -1
"""The place of a value that is missing."""

_IDS: Final = ("record_id", "report_id", "case_id")

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
    rules = _FirstRules(submission.cases.num_rows)
    counts_ok = _counts_ok(fixed_bytes(submission.cases["record"]), submission.codes, profile)
    rules.add(np.where(counts_ok, _NO_VALUE, 0), ["codes.counts"])
    _add_case_rules(rules, submission.cases, codebook)
    return rules.faults(first_row)


def case_faults(cases: pa.Table, *, codebook: Codebook | None, first_row: int = 0) -> list[Fault]:
    """Find the records of which a case row breaks a rule.

    Args:
        cases: Case rows that `open_cases` gave.
        codebook: The same codebook.
        first_row: The index of the first of them in the file.

    Returns:
        As `row_faults`, without `codes.counts`.
    """
    rules = _FirstRules(cases.num_rows)
    _add_case_rules(rules, cases, codebook)
    return rules.faults(first_row)


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
    index = lookup(ids, fixed_bytes(codes["record"]))
    kind = codes["kind"].to_numpy().astype(np.int64)
    found = np.bincount(index * (n_kinds + 1) + np.minimum(kind, n_kinds), minlength=len(ids) * (n_kinds + 1))
    table = found.reshape(len(ids), n_kinds + 1)
    return np.asarray((table == np.append(expected, 0)).all(axis=1))


class _FirstRules:
    """The first rule that each record breaks, found column by column."""

    def __init__(self, n_records: int) -> None:
        self._names: list[str | None] = [None]
        self._first = np.zeros(n_records, np.int64)

    def add(self, place: NDArray[np.int64], rules: Sequence[str | None]) -> None:
        """Add what was found of a column.

        Args:
            place: `(n,) int64`, for each record the index of its value among `rules`, or `_NO_VALUE`.
            rules: For each value the rule that it breaks, or None.
        """
        if not any(rules):
            return
        names = list(dict.fromkeys([*self._names, *rules]))
        # The last one is what an index of -1 finds.
        numbers = np.array([*map(names.index, rules), 0])
        self._first = np.where(self._first == 0, numbers[place], self._first)
        self._names = names

    def faults(self, first_row: int) -> list[Fault]:
        """Return one fault for each record that breaks a rule, in their order."""
        return [
            Fault(first_row + row, None, str(self._names[self._first[row]]), "rejected")
            for row in np.flatnonzero(self._first).tolist()
        ]


def _add_case_rules(found: _FirstRules, cases: pa.Table, codebook: Codebook | None) -> None:
    """Add the rules that case rows break.

    A column has few values, and ids are nearly all simple, so each value is judged once; one of the payload once for
    each date beside it, if the item has codes that are not valid on every date.
    """
    days = frozenset[str]() if codebook is None else codebook.days
    for column in ("record_id", *RESERVED):
        values = cases[column]
        if values.null_count == len(values):
            continue
        if column in _IDS:
            simple = pc.match_substring_regex(values, f"^(?:{SIMPLE_ID})$")
            values = pc.if_else(simple, pa.scalar(None, pa.string()), values)
        place, texts = _encoded(values)
        found.add(place, [_rule(column, text, days) for text in texts])
    if codebook is None:
        return
    # An event date without a character breaks a rule of its own.
    when, known = _encoded(pc.coalesce(cases["event_date"], cases["report_date"]))
    dates = [*known, None]
    for item in codebook.item_names:
        values = cases[PAYLOAD_PREFIX + item]
        if values.null_count == len(values):
            continue
        place, texts = _encoded(values)
        if not codebook.by_name[item].is_dated:
            found.add(place, [_payload_rule(codebook, item, text, None) for text in texts])
            continue
        rows = np.flatnonzero(place != _NO_VALUE)
        # With `_NO_VALUE` for a date, the last one is taken, which is None.
        pairs, index = np.unique(place[rows] * len(dates) + when[rows] % len(dates), return_inverse=True)
        values = (divmod(pair, len(dates)) for pair in pairs.tolist())
        place[rows] = index
        found.add(place, [_payload_rule(codebook, item, texts[text], dates[date]) for text, date in values])


def _encoded(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Return for each row the index of its value among the different ones, or `_NO_VALUE`, and these."""
    found = in_one_piece(column).dictionary_encode()
    return pc.fill_null(found.indices, _NO_VALUE).to_numpy().astype(np.int64), found.dictionary.to_pylist()


def _rule(column: str, text: str, days: frozenset[str]) -> str | None:
    if column == "record_id":
        broken = id_rule(text)
        return None if broken is None else f"record_id.{broken}"
    return value_rule(column, text) or day_rule(column, text, days)


def _payload_rule(codebook: Codebook, item: str, value: str, when: str | None) -> str | None:
    try:
        codebook.check_value(item, value, date=when)
    except CodebookError as error:
        return "payload.several" if error.rule in _SEVERAL else "payload.unknown_code"
    return None
