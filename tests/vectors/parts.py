"""Make the two parts of a submission (docs/spec.md, section 13): right ones, and ones with one fault each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.vectors.plain_parquet import Column, write_parquet
from tests.vectors.reference import canonical_json, content_bytes, lp
from tests.vectors.submissions import CASE_COLUMNS, ITEMS, TEXTS, Draft, Row, base, code_order, valid_drafts

__all__ = ["Part", "cases_of", "codes_of", "faulty", "valid"]

SHARED: Final = ("spec", "key_id", "epoch", "reporter", "sequence", "previous", "nothing_to_report")
OF_CODES: Final = (*SHARED, "profile", "profile_digest")
OF_CASES: Final = (*SHARED, "codebook", "period", "quality", "complete")


@dataclass
class Part:
    """The pieces of a part; `members` of the header are put in after its counts and digests are taken."""

    kind: str
    columns: list[Column]
    groups: list[list[Row]]
    header: Row
    items: tuple[str, ...]
    members: Row = field(default_factory=dict)
    text: Callable[[str], str] = field(default=lambda text: text)
    digest: Callable[[str], str] = field(default=lambda digest: digest)
    metadata: dict[str, str] = field(default_factory=dict)

    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group]

    def record_digests(self) -> list[bytes]:
        label = f"pseudonym/3/{self.kind}-record"
        if self.kind == "codes":
            of_record: dict[bytes, list[bytes]] = {}
            for row in self.rows():
                code = bytes([row["kind"]]) + row["match_key"] + row["content"]
                of_record.setdefault(row["record"], []).append(code)
            made = [lp(label, record, b"".join(sorted(codes))) for record, codes in of_record.items()]
        else:
            made = [lp(label, row["record"], *self._texts(row)) for row in self.rows()]
        return sorted(hashlib.sha256(one).digest() for one in made)

    def _texts(self, row: Row) -> list[str | None]:
        payload: list[str | None] = []
        for item in self.items:
            payload += [item, row.get(f"payload.{item}")]
        return [row.get("record_id"), *(row.get(name) for name in TEXTS), str(len(self.items)), *payload]

    def header_json(self) -> str:
        digests = self.record_digests()
        label = f"pseudonym/3/{self.kind}-content"
        members = {
            **self.header,
            "records": len(digests),
            "content_digest": hashlib.sha256(lp(label, b"".join(digests))).hexdigest(),
        }
        if self.kind == "codes":
            members["codes"] = len(self.rows())
        return self.text(canonical_json({**members, **self.members}).decode())

    def header_digest(self) -> str:
        return self.digest(hashlib.sha256(lp(f"pseudonym/3/{self.kind}", self.header_json())).hexdigest())

    def write(self) -> bytes:
        own = {f"pseudonym.{self.kind}": self.header_json(), "pseudonym.digest": self.header_digest()}
        return write_parquet(self.columns, self.groups, {**own, **self.metadata})


def _taken(draft: Draft, names: tuple[str, ...]) -> Row:
    return {name: draft.header[name] for name in names if name in draft.header}


def codes_of(draft: Draft) -> Part:
    columns = [
        Column("record", "fixed", 16, required=True),
        Column("kind", "uint8", required=True),
        Column("match_key", "fixed", 16, required=True),
        Column("content", "fixed", content_bytes(draft.profile["encoding"]), required=True),
    ]
    return Part("codes", columns, draft.groups[1::2], _taken(draft, OF_CODES), draft.items)


def cases_of(draft: Draft) -> Part:
    texts = ("record_id", *TEXTS, *(f"payload.{item}" for item in draft.items))
    columns = [Column("record", "fixed", 16, required=True), *(Column(name, "string") for name in texts)]
    return Part("cases", columns, draft.groups[0::2], _taken(draft, OF_CASES), draft.items)


def valid() -> dict[str, Part]:
    """Return the parts that have to be read, by file name."""
    drafts = valid_drafts()
    chosen = ("valid", "valid-two-turns", "valid-without-codebook", "valid-complete", "valid-nothing-to-report")
    made = {}
    for name in chosen:
        made[f"{name}-codes"] = codes_of(drafts[name])
        made[f"{name}-cases"] = cases_of(drafts[name])
    made["valid-kinds-descending-codes"] = _changed(codes_of, _kinds_descending)
    return made


def _kinds_descending(groups: list[list[Row]]) -> None:
    """Lower the kinds of later codes of a record, so that the order of the file is not that of its digest."""
    seen: set[bytes] = set()
    for row in groups[0]:
        row["kind"] = 0 if row["record"] in seen else 1
        seen.add(row["record"])
    groups[0].sort(key=code_order)


def _other_kind(groups: list[list[Row]]) -> None:
    """Give the first code of the file the other one of two kinds."""
    groups[0][0]["kind"] = 1 - groups[0][0]["kind"]


def _changed(make: Callable[[Draft], Part], change: Callable[[list[list[Row]]], None], turns: int = 1) -> Part:
    """Return a part with other rows, of which its header has the right counts and digests."""
    part = make(base(turns))
    part.groups = [[dict(row) for row in group] for group in part.groups]
    change(part.groups)
    return part


def _late(part: Part, change: Callable[[list[list[Row]]], None]) -> Part:
    """Return a part with other rows than those of which its header has counts and digests."""
    header = part.header_json()
    groups = [[dict(row) for row in group] for group in part.groups]
    change(groups)
    return replace(part, groups=groups, text=lambda _: header)


def _set(group: int, row: int, **values: Any) -> Callable[[list[list[Row]]], None]:
    def change(groups: list[list[Row]]) -> None:
        groups[group][row].update(values)
        groups[group].sort(key=code_order if "match_key" in groups[group][row] else lambda one: one["record"])

    return change


def faulty() -> Iterator[tuple[str, str, str, Part]]:
    """Yield name, fault, error and part of each that has to be refused."""
    codes, cases = codes_of(base()), cases_of(base())
    for part in (codes, cases):
        kind = part.kind
        yield f"{kind}-header-unknown-member", "the header has a member `note`", "header", _with(part, note="")
        yield f"{kind}-header-spec", "`spec` is 2", "spec", _with(part, spec=2)
        yield f"{kind}-header-records", "`records` is one too many", "counts", _with(part, records=5)
        other = "0f" * 32
        yield f"{kind}-header-content", "`content_digest` is another", "content", _with(part, content_digest=other)
        nothing = _with(part, nothing_to_report=True)
        yield f"{kind}-header-nothing", "`nothing_to_report` is true, yet there are records", "header", nothing
        spaces = replace(part, text=lambda text: text.replace(":", ": ", 1))
        yield f"{kind}-header-spaces", "a space follows a colon", "header", spaces
        yield f"{kind}-digest", "the digest is another", "digest", replace(part, digest=lambda digest: digest[::-1])
        both = replace(part, metadata={"pseudonym.submission": "{}"})
        yield f"{kind}-metadata-submission", "the metadata also have `pseudonym.submission`", "part", both
        extra = replace(part, columns=[*part.columns, Column("note", "string")])
        yield f"{kind}-column-unknown", "there is a column `note`", "columns", extra
        backwards = _late(part, lambda groups: groups[0].reverse())
        yield f"{kind}-order", "the rows are in descending order", "order", backwards
        gone = _late(part, _drop_last)
        yield f"{kind}-row-missing", "the last row is missing", "counts", gone
        empty = replace(part, groups=[*part.groups, []])
        yield f"{kind}-group-empty", "the last row group is empty", "groups", empty
    yield "codes-header-period", "the header of codes has a period", "header", _with(codes, period="2026-03")
    yield "codes-header-codes", "`codes` is one too many", "counts", _with(codes, codes=len(codes.rows()) + 1)
    table = replace(codes, columns=[Column("table", "uint8", required=True), *codes.columns])
    yield "codes-column-table", "there is a column `table`", "columns", table
    optional = [replace(column, required=column.name == "record") for column in codes.columns]
    yield "codes-column-optional", "the columns but `record` are optional", "columns", replace(codes, columns=optional)
    altered = _late(codes, _other_kind)
    yield "codes-kind", "a kind is another than in the digest", "content", altered
    two = _changed(codes_of, _set(1, 0, record=base(2).groups[1][0]["record"]), turns=2)
    yield "codes-record-in-two-groups", "a record has codes in two groups", "values", two
    many = _changed(codes_of, _of_many)
    yield "codes-8193-records", "a row group has the codes of 8,193 records", "groups", many
    yield "cases-header-profile", "the header of cases has a profile", "header", _with(cases, profile="test-submission")
    no_id = _changed(cases_of, _set(0, 0, record_id=None))
    yield "cases-without-record-id", "a record_id is null", "values", no_id
    first = base().groups[0][0]
    twice = _changed(cases_of, _set(0, 1, record_id=first["record_id"]))
    yield "cases-record-id-twice", "two rows have one record_id", "values", twice
    same = _changed(cases_of, _set(0, 1, record=first["record"]))
    yield "cases-record-twice", "two rows have one record", "values", same
    long = _changed(cases_of, _set(0, 0, case_id="x" * 257))
    yield "cases-text-too-long", "a case_id has 257 bytes", "too_large", long
    role = next(name for name in CASE_COLUMNS if name == "role")
    changed = _late(cases, _set(0, 0, **{role: "victim", "case_id": "case-9"}))
    yield "cases-case-id", "a case_id is another than in the digest", "content", changed
    short = replace(cases, columns=cases.columns[:-1])
    yield "cases-column-missing", "the column of the last item is missing", "columns", short
    assert ITEMS


def _with(part: Part, **members: Any) -> Part:
    return replace(part, members=members)


def _drop_last(groups: list[list[Row]]) -> None:
    del groups[0][-1]


def _of_many(groups: list[list[Row]]) -> None:
    row = groups[0][0]
    groups[0] = [{**row, "record": i.to_bytes(16, "big")} for i in range(8193)]
