"""Make a submission file for each way of being wrong (docs/spec.md, section 8).

A fault changes one piece of a right submission after, or before, its digests are taken: before, where the file has to
be right but for one row; after, where the file itself is wrong. Nothing else about the file changes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.vectors.cases import FINER_CODEBOOK
from tests.vectors.plain_parquet import Column
from tests.vectors.reference import content_bytes
from tests.vectors.submissions import Draft, Row, base, code_order, codebook_digest, of_many, without_codebook

__all__ = ["Fault", "faults"]


@dataclass(frozen=True)
class Fault:
    """A file that is wrong in one way. `record_id` is set where only this record, not the file, is at fault."""

    name: str
    fault: str
    draft: Draft
    record_id: str | None = None

    @property
    def finer(self) -> bool:
        """Whether the file follows the codebook that allows the day of two dates."""
        reference = self.draft.header.get("codebook")
        return isinstance(reference, dict) and reference["digest"] == codebook_digest(FINER_CODEBOOK)


def _with_header(**members: Any) -> Draft:
    draft = base()
    draft.header = {**draft.header, **members}
    return draft


def _with_withdrawal() -> Draft:
    draft = base()
    both = {"pseudonym.submission": draft.header_json(), "pseudonym.digest": draft.submission_digest()}
    draft.metadata = {**both, "pseudonym.withdrawal": draft.header_json()}
    return draft


def _without_member(member: str) -> Draft:
    draft = base()
    del draft.header[member]
    return draft


def _with_header_text(change: Callable[[str], str]) -> Draft:
    draft = base()
    draft.header_text = change(draft.header_json())
    return draft


def _header_faults() -> Iterator[tuple[str, str, Draft]]:
    digest = "0123456789abcdef" * 4
    right = base().header
    codebook = right["codebook"]
    yield "header-unknown-member", "the header has a member `note`", _with_header(note="")
    yield "header-missing-member", "the header has no member `period`", _without_member("period")
    yield "header-spec-2", "`spec` is 2", _with_header(spec=2)
    yield "header-spec-4", "`spec` is 4", _with_header(spec=4)
    yield "header-spec-text", "`spec` is text", _with_header(spec="3")
    yield "header-spec-boolean", "`spec` is true", _with_header(spec=True)
    yield "header-profile-digest", "`profile_digest` is of another profile", _with_header(profile_digest=digest)
    yield "header-profile-name", "`profile` is another name than the profile's", _with_header(profile="test-other")
    other = {**codebook, "digest": digest}
    yield "header-codebook-digest", "the codebook's digest is of another codebook", _with_header(codebook=other)
    more = {**codebook, "title": ""}
    yield "header-codebook-unknown-member", "`codebook` has a member `title`", _with_header(codebook=more)
    yield "header-codebook-null", "`codebook` is null, yet there are payload columns", _with_header(codebook=None)
    upper = right["key_id"].upper()
    yield "header-key-id-upper-case", "`key_id` is in upper case", _with_header(key_id=upper)
    yield "header-epoch-zero", "`epoch` is 0", _with_header(epoch=0)
    yield "header-epoch-too-large", "`epoch` is 1000000000", _with_header(epoch=1_000_000_000)
    yield "header-reporter-space", "`reporter` has a space", _with_header(reporter="body 1")
    yield "header-reporter-empty", "`reporter` is empty", _with_header(reporter="")
    yield "header-reporter-too-long", "`reporter` has 65 characters", _with_header(reporter="b" * 65)
    yield "header-period-month-13", "`period` is 2026-13", _with_header(period="2026-13")
    yield "header-period-day", "`period` is a day", _with_header(period="2026-03-01")
    yield "header-sequence-negative", "`sequence` is -1", _with_header(sequence=-1)
    yield "header-sequence-too-large", "`sequence` is 2^53", _with_header(sequence=2**53)
    yield "header-previous", "`previous` is no digest", _with_header(previous="first")
    yield "header-records", "`records` is one more than there are", _with_header(records=right["records"] + 1)
    yield "header-codes", "`codes` is one less than there are", _with_header(codes=right["codes"] - 1)
    yield (
        "header-nothing-to-report",
        "`nothing_to_report` is true, yet there are records",
        _with_header(nothing_to_report=True),
    )
    yield "header-nothing-to-report-number", "`nothing_to_report` is 0", _with_header(nothing_to_report=0)
    other = {**codebook, "name": "other"}
    yield "header-codebook-name", "the codebook's name is another, its digest is right", _with_header(codebook=other)
    yield from _quality_faults()
    yield "header-complete-false", "`complete` is there and false", _with_header(complete=False)
    yield (
        "header-complete-without-period",
        "`complete` is true, yet `period` is null",
        _with_header(complete=True, period=None),
    )
    yield "metadata-withdrawal", "the metadata also have `pseudonym.withdrawal`", _with_withdrawal()
    yield "header-content-digest", "`content_digest` is of other content", _with_header(content_digest=digest)
    yield "header-spaces", "the header has a space after a colon", _with_header_text(lambda t: t.replace(":", ": ", 1))
    yield (
        "header-order",
        "the first two members of the header have changed places",
        _with_header_text(_exchange_members),
    )
    yield (
        "header-number-form",
        "`sequence` is written as 7.0",
        _with_header_text(lambda t: t.replace('"sequence":7', '"sequence":7.0')),
    )
    yield (
        "header-escape",
        "a letter of the header is written as an escape",
        _with_header_text(lambda t: t.replace("body-1", r"\u0062ody-1")),
    )
    yield (
        "header-repeated-member",
        "the member `spec` stands twice",
        _with_header_text(lambda t: t.replace('"spec":3', '"spec":3,"spec":3')),
    )
    yield (
        "header-byte-order-mark",
        "the header begins with a byte order mark",
        _with_header_text(lambda t: "\ufeff" + t),
    )
    yield "header-line-feed", "the header ends with a line feed", _with_header_text(lambda t: t + "\n")
    yield "header-not-json", "the header is cut", _with_header_text(lambda t: t[:-1])
    yield "header-a-list", "the header is a list", _with_header_text(lambda t: f"[{t}]")


def _exchange_members(text: str) -> str:
    first, second, rest = text[1:].split(",", 2)
    return "{" + second + "," + first + "," + rest


def _with_digest(change: Callable[[str], str]) -> Draft:
    draft = base()
    draft.digest = change(draft.submission_digest())
    return draft


def _without_metadata(key: str) -> Draft:
    draft = base()
    both = {"pseudonym.submission": draft.header_json(), "pseudonym.digest": draft.submission_digest()}
    draft.metadata = {k: v for k, v in both.items() if k != key}
    return draft


def _altered(change: Callable[[bytes], bytes]) -> Draft:
    draft = base()
    draft.alter = change
    return draft


def _flip(data: bytes) -> bytes:
    # A byte inside the content of the last code row, found by its value.
    at = data.rindex(base().rows(1)[-1]["content"])
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _flip_text(data: bytes) -> bytes:
    at = data.index(b"suspected")
    return data[:at] + bytes([data[at] ^ 128]) + data[at + 1 :]


def _file_faults() -> Iterator[tuple[str, str, Draft]]:
    yield "metadata-missing", "the file has no metadata", replace(base(), metadata={})
    yield "metadata-header-missing", "the metadata have no header", _without_metadata("pseudonym.submission")
    yield "metadata-digest-missing", "the metadata have no submission digest", _without_metadata("pseudonym.digest")
    yield "digest-wrong", "the submission digest is another", _with_digest(lambda digest: digest[::-1])
    yield "digest-upper-case", "the submission digest is in upper case", _with_digest(str.upper)
    yield "file-empty", "the file has no bytes", _altered(lambda data: b"")
    yield "file-magic-alone", "the file is nothing but its first four bytes", _altered(lambda data: data[:4])
    yield "file-cut-in-the-middle", "the file ends in the middle", _altered(lambda data: data[: len(data) // 2])
    yield "file-cut-at-the-end", "the file lacks its last byte", _altered(lambda data: data[:-1])
    yield "file-altered-byte", "one bit of one content differs", _altered(_flip)
    yield "file-altered-byte-in-text", "one bit of one text differs, which is then not UTF-8", _altered(_flip_text)
    yield "file-not-parquet", "the file is text", _altered(lambda data: b"record_id,number\n1,2\n" * 20)


def _with_columns(change: Callable[[list[Column]], list[Column]]) -> Draft:
    draft = base()
    draft.columns = change(draft.columns)
    return draft


def _without(name: str) -> Draft:
    return _with_columns(lambda columns: [column for column in columns if column.name != name])


def _changed(name: str, **changes: Any) -> Draft:
    return _with_columns(lambda columns: [replace(c, **changes) if c.name == name else c for c in columns])


def _column_faults() -> Iterator[tuple[str, str, Draft]]:
    yield (
        "column-extra",
        "there is a column `note`",
        _with_columns(lambda columns: [*columns, Column("note", "string")]),
    )
    extra = Column("payload.zone", "string")
    yield "column-payload-unknown", "there is a payload column of no item", _with_columns(lambda c: [*c, extra])
    for name in ("status", "payload.country"):
        yield (
            f"column-missing-{name.replace('.', '-')}",
            f"there is no column `{name}`",
            _without(name),
        )
    yield "column-order", "the last two columns have changed places", _with_columns(lambda c: [*c[:-2], c[-1], c[-2]])
    yield (
        "column-repeated",
        "the column `status` stands twice",
        _with_columns(lambda c: [*c, Column("status", "string")]),
    )
    yield "column-type-kind", "`kind` is INT32 without annotation", _changed("kind", type="int32")
    yield "column-type-match-key", "`match_key` is BYTE_ARRAY", _changed("match_key", type="binary")
    yield "column-type-role", "`role` is not annotated as text", _changed("role", type="binary")
    yield "column-optional-record", "`record` is optional", _changed("record", required=False)
    n_bytes = content_bytes(base().profile["encoding"])
    longer = base()
    longer.columns = [replace(c, length=n_bytes + 8) if c.name == "content" else c for c in longer.columns]
    longer.groups = [
        [{**row, "content": row["content"] + bytes(8)} if row["table"] == 1 else row for row in group]
        for group in longer.groups
    ]
    yield "column-content-length", "contents are eight bytes longer than the profile says", longer.settle()


def _with_groups(
    change: Callable[[list[list[Row]]], list[list[Row]]], *, settle: bool = False, turns: int = 1
) -> Draft:
    draft = base(turns)
    draft.groups = change(copy.deepcopy(draft.groups))
    return draft.settle() if settle else draft


def _with_row(group: int, row: int, settle: bool = False, /, **values: Any) -> Draft:
    def change(groups: list[list[Row]]) -> list[list[Row]]:
        groups[group][row] |= values
        return groups

    return _with_groups(change, settle=settle)


def _tied(groups: list[list[Row]]) -> list[list[Row]]:
    # The records a-1 and a-2 have equal match keys of equal kind: their order is wrong in the third place only.
    rows = groups[1]
    at = next(i for i in range(len(rows)) if code_order(rows[i])[:2] == code_order(rows[i + 1])[:2])
    rows[at], rows[at + 1] = rows[at + 1], rows[at]
    return groups


def _same_id(groups: list[list[Row]]) -> list[list[Row]]:
    # All records of the turn get one id; the codes are sorted anew, since ids stand in their order.
    first = groups[0][0]["record"]
    for row in groups[0] + groups[1]:
        row["record"] = first
    groups[1].sort(key=code_order)
    return groups


def _same_text(groups: list[list[Row]]) -> list[list[Row]]:
    """Give the last record the record_id of the first; their ids on the wire stay different."""
    groups[-2][-1]["record_id"] = groups[0][0]["record_id"]
    return groups


def _same_id_in_two_turns(groups: list[list[Row]]) -> list[list[Row]]:
    old, new = groups[2][0]["record"], groups[0][0]["record"]
    for row in groups[2] + groups[3]:
        row["record"] = new if row["record"] == old else row["record"]
    groups[2].sort(key=lambda row: row["record"])
    groups[3].sort(key=code_order)
    return groups


def _group_faults() -> Iterator[tuple[str, str, Draft]]:
    yield "group-cases-unsorted", "two case rows have changed places", _with_groups(lambda g: [g[0][::-1], *g[1:]])
    yield "group-codes-unsorted", "a code group stands in reverse", _with_groups(lambda g: [g[0], g[1][::-1], *g[2:]])
    yield (
        "group-codes-unsorted-in-ties",
        "codes of equal match key and kind are not sorted by `record`",
        _with_groups(_tied),
    )
    yield (
        "group-code-among-cases",
        "a code row ends the case group",
        _with_groups(lambda g: [g[0] + g[1][:1], g[1][1:], *g[2:]]),
    )
    yield (
        "group-case-among-codes",
        "a case row begins the code group",
        _with_groups(lambda g: [g[0][:1], g[0][1:] + g[1], *g[2:]]),
    )
    yield "group-one-for-all", "cases and codes stand in one group", _with_groups(lambda g: [g[0] + g[1], *g[2:]])
    yield (
        "group-two-case-groups",
        "two case groups stand in a row",
        _with_groups(lambda g: [g[0][:1], g[0][1:], *g[1:]]),
    )
    yield (
        "group-two-code-groups",
        "two code groups stand in a row",
        _with_groups(lambda g: [g[0], g[1][:2], g[1][2:], *g[2:]]),
    )
    yield "group-codes-first", "a code group stands before its case group", _with_groups(lambda g: [g[1], g[0], *g[2:]])
    yield (
        "group-cases-without-codes",
        "the last case group has no code group",
        _with_groups(lambda g: g[:3], settle=True, turns=2),
    )
    yield (
        "group-codes-in-another-turn",
        "the code groups have changed places",
        _with_groups(lambda g: [g[0], g[3], g[2], g[1]], turns=2),
    )
    yield (
        "group-turns-crossed",
        "both case groups stand before both code groups",
        _with_groups(lambda g: [g[0], g[2], g[1], g[3]], turns=2),
    )
    yield "group-empty", "there is a turn of two empty row groups at the end", _with_groups(lambda g: [*g, [], []])
    yield "group-too-large", "a group has 8,193 records", of_many(8193)
    yield "record-id-on-the-wire-twice", "the case rows of a group have one id", _with_groups(_same_id, settle=True)
    yield (
        "record-id-on-the-wire-in-two-groups",
        "case rows of two groups have one id",
        _with_groups(_same_id_in_two_turns, settle=True, turns=2),
    )
    yield "record-id-twice", "two case rows of a group have one `record_id`", _with_groups(_same_text, settle=True)
    yield (
        "record-id-in-two-groups",
        "case rows of two groups have one `record_id`",
        _with_groups(_same_text, settle=True, turns=2),
    )
    yield (
        "code-of-unknown-record",
        "a code belongs to no record of its turn",
        _with_groups(_unknown_record, settle=True),
    )


def _unknown_record(groups: list[list[Row]]) -> list[list[Row]]:
    groups[1].append({**groups[1][0], "record": b"\xff" * 16})
    groups[1].sort(key=code_order)
    return groups


def _row_faults() -> Iterator[tuple[str, str, Draft]]:
    yield "row-table-2", "a row has `table` 2", _with_row(1, -1, table=2)
    yield "row-case-with-match-key", "a case row has a match key", _with_row(0, 0, match_key=bytes(16))
    yield "row-case-with-kind", "a case row has a kind", _with_row(0, 0, kind=0)
    yield "row-code-with-record-id", "a code row has a record_id", _with_row(1, 0, record_id="a-1")
    yield "row-code-with-payload", "a code row has a payload", _with_row(1, 0, False, **{"payload.country": "SE"})
    yield "row-code-without-kind", "a code row has no kind", _with_row(1, 0, kind=None)
    yield "row-code-without-match-key", "a code row has no match key", _with_row(1, 0, match_key=None)
    yield "row-code-without-content", "a code row has no content", _with_row(1, 0, content=None)
    yield "row-case-without-record-id", "a case row has no record_id", _with_row(0, 0, record_id=None)
    yield "row-text-too-long", "a case_id has 257 bytes", _of_record("a-1", case_id="x" * 257)
    yield "row-text-not-utf8", "a report_id is not UTF-8", _with_row(0, 0, True, report_id=b"\xff\xfe")


def _of_record(which: str, draft: Draft | None = None, /, **values: Any) -> Draft:
    """Return a submission whose digests are right, with other values in one case row."""

    def change(groups: list[list[Row]]) -> list[list[Row]]:
        for row in groups[0]:
            if row["record_id"] == which:
                row |= values
        return groups

    draft = base() if draft is None else draft
    return replace(draft, groups=change(copy.deepcopy(draft.groups))).settle()


def _days(which: str, /, **values: Any) -> Draft:
    """Return a submission that may have the day of report and outcome, with other values in one case row."""
    return _of_record(which, base(book=FINER_CODEBOOK), **values)


def _without_code(groups: list[list[Row]]) -> list[list[Row]]:
    record = next(row["record"] for row in groups[0] if row["record_id"] == "a-1")
    groups[1].remove(next(row for row in groups[1] if row["record"] == record and row["kind"] == 0))
    return groups


def _with_code_too_many(groups: list[list[Row]]) -> list[list[Row]]:
    record = next(row["record"] for row in groups[0] if row["record_id"] == "a-1")
    groups[1].append({**groups[1][0], "record": record, "kind": 0, "match_key": b"\xff" * 16})
    groups[1].sort(key=code_order)
    return groups


def _with_kind_out_of_range(groups: list[list[Row]]) -> list[list[Row]]:
    record = next(row["record"] for row in groups[0] if row["record_id"] == "a-1")
    next(row for row in groups[1] if row["record"] == record and row["kind"] == 0)["kind"] = 2
    groups[1].sort(key=code_order)
    return groups


def _quality_faults() -> Iterator[tuple[str, str, Draft]]:
    right = of_many(20).header["quality"]
    yield "header-quality-of-few", "a submission of four records has figures of quality", _with_header(quality=right)
    draft = of_many(19)
    draft.header = {**draft.header, "quality": right}
    yield "header-quality-of-nineteen", "a submission of 19 records has figures of quality", draft
    field = {"missing": 0, "unreadable": 0, "marked": 0}
    wrong: dict[str, tuple[str, Any]] = {
        "null": ("`quality` is null, yet there are 20 records", None),
        "unknown-field": ("`quality` has a field that is no identity field", {**right, "shoe_size": field}),
        "missing-field": (
            "`quality` lacks an identity field",
            {name: counts for name, counts in right.items() if name != "sex"},
        ),
        "negative": ("a count of `quality` is negative", {**right, "sex": {**field, "missing": -1}}),
        "missing-count": (
            "`quality` lacks the count `marked` of a field",
            {**right, "sex": {"missing": 0, "unreadable": 0}},
        ),
    }
    for name, (fault, quality) in wrong.items():
        draft = of_many(20)
        draft.header = {**draft.header, "quality": quality}
        yield f"header-quality-{name}", fault, draft


def _record_faults() -> Iterator[tuple[str, str, Draft, str]]:
    """Return files that are right but for one record: its name, the fault, the file, the record_id."""
    number = "8001319801"
    yield (
        "record-id-shape",
        "a record_id has the shape of a Swedish number",
        _of_record("a-1", record_id=number),
        number,
    )
    space = " a-1"
    yield "record-id-space", "a record_id begins with a space", _of_record("a-1", record_id=space), space
    long = "x" * 65
    formula, unseen = "=1+1", "a-1\u200b"
    yield "record-id-formula", "a record_id begins with =", _of_record("a-1", record_id=formula), formula
    yield "record-id-invisible", "a record_id ends with U+200B", _of_record("a-1", record_id=unseen), unseen
    yield "record-case-id-formula", "a case_id begins with @", _of_record("a-1", case_id="@1"), "a-1"
    yield "record-id-too-long", "a record_id has 65 characters", _of_record("a-1", record_id=long), long
    yield (
        "record-report-id-shape",
        "a report_id has the shape of a Swedish number",
        _of_record("a-1", report_id=number),
        "a-1",
    )
    yield "record-report-id-empty", "a report_id is the empty text", _of_record("a-1", report_id=""), "a-1"
    yield "record-case-id-control", "a case_id has a control character", _of_record("a-1", case_id="a\u0007"), "a-1"
    yield "record-role", "a role is `suspect`", _of_record("a-1", role="suspect"), "a-1"
    yield "record-status-empty", "a status is the empty text", _of_record("a-1", status=""), "a-1"
    yield "record-event-date-month", "an event_date is 2026-13", _of_record("a-1", event_date="2026-13"), "a-1"
    yield "record-event-date-form", "an event_date is 20260301", _of_record("a-1", event_date="20260301"), "a-1"
    yield (
        "record-report-date-time",
        "a report_date has a time",
        _days("a-1", report_date="2026-03-01T10:00"),
        "a-1",
    )
    yield (
        "record-payload-unknown",
        "a payload code is not in the codebook",
        _of_record("a-1", **{"payload.country": "XX"}),
        "a-1",
    )
    several: dict[str, tuple[str, str]] = {
        "several": ("payload.kind_of_case", "A B.1"),
        "order": ("payload.purpose", "p2 p10"),
        "repeated": ("payload.purpose", "p1 p1"),
        "two-spaces": ("payload.purpose", "p1  p2"),
        "comma": ("payload.purpose", "p1,p2"),
        "trailing-space": ("payload.purpose", "p1 "),
        "17-codes": ("payload.purpose", " ".join(sorted(f"p{n}" for n in range(1, 18)))),
        "one-unknown": ("payload.purpose", "p1 q1"),
    }
    for name, (column, value) in several.items():
        fault = f"the codes of {column} are '{value}'"
        yield f"record-payload-{name}", fault, _of_record("a-1", **{column: value}), "a-1"
    yield "record-status-closed", "a status is `closed`", _of_record("a-1", status="closed"), "a-1"
    yield "record-case-state", "a case_state is `confirmed`", _of_record("a-1", case_state="confirmed"), "a-1"
    yield "record-discovered-on", "a discovered_on is `2026-2`", _of_record("a-1", discovered_on="2026-2"), "a-1"
    yield "record-report-date-exists", "a report_date is 2026-02-30", _days("a-1", report_date="2026-02-30"), "a-1"
    for column in ("event_date", "report_date", "discovered_on", "outcome_date"):
        fault = f"the day of the {column} is sent without a reason for it"
        dated = _of_record("a-1", **{column: "2026-03-01"})
        yield f"record-{column.replace('_', '-')}-day", fault, dated, "a-1"
    yield (
        "record-event-date-day-beside-others",
        "the day of the event_date is sent, where only those of report_date and outcome_date have a reason",
        _days("a-1", event_date="2026-03-01"),
        "a-1",
    )
    yield (
        "record-event-date-day-without-codebook",
        "the day of the event_date is sent without a codebook",
        _of_record("a-1", without_codebook(), event_date="2026-03-01"),
        "a-1",
    )
    yield "record-outcome-date", "an outcome_date is `2026-3`", _of_record("a-1", outcome_date="2026-3"), "a-1"
    yield (
        "record-payload-expired",
        "a payload code is valid to the month before the event",
        _of_record("a-1", event_date="2026-07"),
        "a-1",
    )
    expired = {"event_date": None, "report_date": "2026-07-01"}
    yield (
        "record-payload-expired-by-report-date",
        "a payload code is valid to the day before the report",
        _days("a-1", **expired),
        "a-1",
    )
    yield (
        "record-payload-too-early",
        "a payload code is valid from the year after the event",
        _of_record("a-1", event_date="2025"),
        "a-1",
    )
    yield "record-code-missing", "a record lacks a code", _with_groups(_without_code, settle=True), "a-1"
    yield (
        "record-code-too-many",
        "a record has one code too many",
        _with_groups(_with_code_too_many, settle=True),
        "a-1",
    )
    yield (
        "record-kind-out-of-range",
        "a code has a kind number that the profile lacks",
        _with_groups(_with_kind_out_of_range, settle=True),
        "a-1",
    )


def faults() -> list[Fault]:
    """Return every file with a fault."""
    refused = [*_header_faults(), *_file_faults(), *_column_faults(), *_group_faults(), *_row_faults()]
    return [Fault(*fault) for fault in refused] + [Fault(*fault) for fault in _record_faults()]
