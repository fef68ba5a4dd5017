"""Make the submission files that are right (docs/spec.md, section 8), as drafts in pieces that faults.py can change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.vectors.cases import CODEBOOK, FINER_CODEBOOK, KEYS, REPORTER, submission_profile
from tests.vectors.plain_parquet import Column, write_parquet
from tests.vectors.reading import Record
from tests.vectors.reference import (
    Keys,
    blake2b,
    canonical_json,
    codes,
    content_bytes,
    key_id,
    lp,
    profile_digest,
)
from tests.vectors.texts import REFERENCE_DATE

__all__ = [
    "CASES",
    "CASE_COLUMNS",
    "Draft",
    "Row",
    "base",
    "code_order",
    "codebook_digest",
    "of_many",
    "valid_drafts",
    "without_codebook",
]

Row = dict[str, Any]

TEXTS: Final = (
    "report_id",
    "case_id",
    "role",
    "event_date",
    "report_date",
    "status",
    "case_state",
    "discovered_on",
    "outcome_date",
)
DATES: Final = ("event_date", "report_date", "discovered_on", "outcome_date")
ITEMS: Final = tuple(sorted((item["name"] for item in CODEBOOK["items"]), key=str.encode))
CASE_COLUMNS: Final = (*TEXTS, *(f"payload.{item}" for item in ITEMS))
IDENTITY_FIELDS: Final = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")


def codebook_digest(book: dict[str, Any] = CODEBOOK) -> str:
    members = {name: value for name, value in book.items() if name != "groupings"}
    return hashlib.sha256(lp("pseudonym/3/codebook", canonical_json(members))).hexdigest()


def record_digest(case: Row, its_codes: list[Row], items: tuple[str, ...]) -> bytes:
    payload: list[str | None] = []
    for item in items:
        payload += [item, case.get(f"payload.{item}")]
    joined = b"".join(sorted(bytes([row["kind"]]) + row["match_key"] + row["content"] for row in its_codes))
    texts = [case.get(name) for name in TEXTS]
    data = lp("pseudonym/3/record", case["record_id"], *texts, str(len(items)), *payload, joined)
    return hashlib.sha256(data).digest()


@dataclass
class Draft:
    """The pieces of a submission file; whatever is left None is made from the rest when the file is written."""

    profile: dict[str, Any]
    columns: list[Column]
    groups: list[list[Row]]
    header: dict[str, Any]
    items: tuple[str, ...] = ITEMS
    header_text: str | None = None
    digest: str | None = None
    metadata: dict[str, str] | None = None
    compressed: bool = False
    alter: Callable[[bytes], bytes] = field(default=lambda data: data)

    def rows(self, table: int) -> list[Row]:
        return [row for group in self.groups for row in group if row["table"] == table]

    def record_digests(self) -> dict[str, bytes]:
        """Return the digest of each record by its record_id."""
        return dict(zip((case["record_id"] for case in self.rows(0)), self.digests_in_order(), strict=True))

    def digests_in_order(self) -> list[bytes]:
        """Return the digest of each record in the order of the case rows."""
        of_record: dict[bytes, list[Row]] = {}
        for row in self.rows(1):
            of_record.setdefault(row["record"], []).append(row)
        return [record_digest(case, of_record.get(case["record"], []), self.items) for case in self.rows(0)]

    def settle(self) -> Draft:
        """Take counts and digests of the rows as they stand, except those that are already set."""
        counts = {"records": len(self.rows(0)), "codes": len(self.rows(1))}
        self.header = {**self.header, **counts, "content_digest": self.content_digest()}
        return self

    def content_digest(self) -> str:
        joined = b"".join(sorted(self.digests_in_order()))
        return hashlib.sha256(lp("pseudonym/3/content", joined)).hexdigest()

    def header_json(self) -> str:
        return canonical_json(self.header).decode() if self.header_text is None else self.header_text

    def submission_digest(self) -> str:
        header = self.header_json()
        return hashlib.sha256(lp("pseudonym/3/submission", header)).hexdigest() if self.digest is None else self.digest

    def write(self) -> bytes:
        metadata = self.metadata
        if metadata is None:
            metadata = {"pseudonym.submission": self.header_json(), "pseudonym.digest": self.submission_digest()}
        return self.alter(write_parquet(self.columns, self.groups, metadata, compressed=self.compressed))


def submission_columns(n_bytes: int, items: tuple[str, ...]) -> list[Column]:
    texts = ("record_id", *TEXTS, *(f"payload.{item}" for item in items))
    return [
        Column("table", "uint8", required=True),
        Column("record", "fixed", 16, required=True),
        Column("kind", "uint8"),
        Column("match_key", "fixed", 16),
        Column("content", "fixed", n_bytes),
        *(Column(name, "string") for name in texts),
    ]


def code_order(row: Row) -> tuple[bytes, int, bytes, bytes]:
    return row["match_key"], row["kind"], row["record"], row["content"]


CASES: Final[tuple[tuple[Record, Row], ...]] = (
    (
        Record("a-1", None, None, "Anna", "Berg", "1980-01-31", "kvinna"),
        {
            "report_id": "rep-1",
            "case_id": "case-1",
            "role": "victim",
            "event_date": "2026-02-09",
            "report_date": "2026-03-01",
            "status": "suspected",
            "case_state": "open",
            "discovered_on": "2026-02-11",
            "payload.kind_of_case": "B.1",
            "payload.purpose": "p10 p2",
            "payload.country": "SE",
        },
    ),
    (
        # The same person again: match keys of the two records are equal, so that ties of the order are there to check.
        Record("a-2", None, None, "Anna", "Berg", "1980-01-31", "kvinna"),
        {"case_id": "case-2", "role": "accompanying_adult", "status": "confirmed", "payload.kind_of_case": "B.1"},
    ),
    (
        Record("b-1", None, None, "Erik Olof", "\u00c5s", "2011-05-05", None),
        {"case_id": "case-1", "role": "accompanying_child", "event_date": "2026", "payload.kind_of_case": "B.1"},
    ),
    (Record("b-2", sex="man"), {"case_state": "closed", "outcome_date": "2025-12-31", "payload.purpose": "p1"}),
)


def sent(case: Row, book: dict[str, Any] | None) -> Row:
    """Return a case row as it is sent: dates without their day, but those that the codebook names."""
    finer = {one["name"] for one in (book or {}).get("finer", ())}
    return {
        name: "-".join(value.split("-")[:2]) if name in DATES and name not in finer else value
        for name, value in case.items()
    }


def quality_of(records: list[Record]) -> dict[str, dict[str, int]] | None:
    """Count the fields that records lack, from twenty records on; all others of these records can be read."""
    if len(records) < 20:
        return None
    missing = {name: sum(getattr(record, name) is None for record in records) for name in IDENTITY_FIELDS}
    return {name: {"missing": n, "unreadable": 0, "marked": 0} for name, n in missing.items()}


def header_for(profile: dict[str, Any], *, book: dict[str, Any] | None = CODEBOOK) -> dict[str, Any]:
    _, secret, project, epoch = KEYS[0]
    reference = book and {"name": book["name"], "version": book["version"], "digest": codebook_digest(book)}
    return {
        "spec": 3,
        "profile": profile["name"],
        "profile_digest": profile_digest(profile),
        "codebook": reference,
        "key_id": key_id(secret, project, epoch),
        "epoch": epoch,
        "reporter": REPORTER,
        "period": "2026-03",
        "sequence": 7,
        "previous": None,
        "records": 0,
        "codes": 0,
        "nothing_to_report": False,
        "quality": quality_of([record for record, _ in CASES]),
        "content_digest": "",
    }


def handle(keys: Keys, reporter: str, record_id: str) -> bytes:
    return blake2b(128, keys.handles, lp(reporter, record_id))


def rows_of(
    record: Record, case: Row, profile: dict[str, Any], header: dict[str, Any], book: dict[str, Any] | None = CODEBOOK
) -> tuple[Row, list[Row]]:
    """Return the case row of a record as it is sent, and its code rows, for which the whole dates count."""
    keys = Keys.derive(*KEYS[0][1:], profile)
    record_bytes = handle(keys, header["reporter"], record.record_id)
    dated = replace(record, event_date=case.get("event_date"), report_date=case.get("report_date"))
    made = codes(dated, profile, keys, header["reporter"], REFERENCE_DATE)
    code_rows = [
        {"table": 1, "record": record_bytes, "kind": c.kind, "match_key": c.match_key, "content": c.content}
        for c in made
    ]
    return {"table": 0, "record": record_bytes, "record_id": record.record_id, **sent(case, book)}, code_rows


def base(turns: int = 1, book: dict[str, Any] = CODEBOOK) -> Draft:
    """Return the right submission, in one turn of four records or two turns of two."""
    profile = submission_profile()
    header = header_for(profile, book=book)
    groups: list[list[Row]] = []
    for i in range(0, len(CASES), len(CASES) // turns):
        made = [rows_of(record, case, profile, header, book) for record, case in CASES[i : i + len(CASES) // turns]]
        groups.append(sorted((case for case, _ in made), key=lambda row: row["record"]))
        groups.append(sorted((row for _, code_rows in made for row in code_rows), key=code_order))
    columns = submission_columns(content_bytes(profile["encoding"]), ITEMS)
    return Draft(profile, columns, groups, header).settle()


def empty(*, nothing_to_report: bool) -> Draft:
    draft = base()
    header = {**draft.header, "nothing_to_report": nothing_to_report, "quality": quality_of([])}
    return replace(draft, groups=[], header=header).settle()


def without_codebook() -> Draft:
    draft = base()
    columns = [column for column in draft.columns if not column.name.startswith("payload.")]
    groups = [[{k: v for k, v in row.items() if k[:8] != "payload."} for row in group] for group in draft.groups]
    header = {**header_for(draft.profile, book=None), "period": None, "previous": draft.submission_digest()}
    return replace(draft, columns=columns, groups=groups, header=header, items=()).settle()


def complete() -> Draft:
    draft = base()
    return replace(draft, header={**draft.header, "complete": True}).settle()


def of_many(n: int) -> Draft:
    """Return a submission of one group of `n` records that share one made-up code, so that it compresses well."""
    profile = submission_profile("test-tiny")
    header = header_for(profile, book=None)
    cases = [{"table": 0, "record": i.to_bytes(16, "big"), "record_id": f"{i:04x}"} for i in range(n)]
    n_bytes = content_bytes(profile["encoding"])
    same = {"table": 1, "kind": 0, "match_key": bytes(16), "content": bytes(n_bytes)}
    code_rows = [{**same, "record": case["record"]} for case in cases]
    columns = submission_columns(n_bytes, ())
    draft = Draft(profile, columns, [cases, code_rows], header, items=(), compressed=True)
    joined = b"".join(sorted(record_digest(case, [row], ()) for case, row in zip(cases, code_rows, strict=True)))
    digest = hashlib.sha256(lp("pseudonym/3/content", joined)).hexdigest()
    quality = quality_of([Record(f"{i:04x}") for i in range(n)])
    draft.header = {**header, "records": n, "codes": n, "quality": quality, "content_digest": digest}
    return draft


def valid_drafts() -> dict[str, Draft]:
    """Return the submissions that have to be read, by file name."""
    compressed = base()
    compressed.compressed = True
    other_metadata = base()
    other_metadata.metadata = {
        "made by": "somebody else",
        "pseudonym.submission": other_metadata.header_json(),
        "pseudonym.digest": other_metadata.submission_digest(),
    }
    return {
        "valid": base(),
        "valid-snappy": compressed,
        "valid-two-turns": base(2),
        "valid-other-metadata": other_metadata,
        "valid-without-codebook": without_codebook(),
        "valid-complete": complete(),
        "valid-days": base(book=FINER_CODEBOOK),
        "valid-no-records": empty(nothing_to_report=False),
        "valid-nothing-to-report": empty(nothing_to_report=True),
        "valid-19-records": of_many(19),
        "valid-20-records": of_many(20),
        "valid-8192-records-in-a-group": of_many(8192),
    }
