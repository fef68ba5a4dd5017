"""Make the withdrawals of docs/spec.md, section 10: right ones, and ones that are wrong in one way each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.vectors.cases import KEYS, REPORTER
from tests.vectors.plain_parquet import Column, write_parquet
from tests.vectors.reference import canonical_json, key_id, lp

__all__ = ["Withdrawal", "faulty", "valid"]

Row = dict[str, Any]

COLUMNS: Final = (Column("unit", "uint8", required=True), Column("id", "string", required=True))
SALT: Final = "5a" * 32


def row(unit: int, id_: str) -> Row:
    return {"unit": unit, "id": id_}


@dataclass
class Withdrawal:
    """The pieces of a withdrawal; `late` members of the header and of the metadata are put in after the digests."""

    groups: list[list[Row]] = field(default_factory=lambda: [[row(0, "a-1"), row(0, "\u00e5-2"), row(1, "case-2")]])
    members: dict[str, Any] = field(default_factory=dict)
    columns: tuple[Column, ...] = COLUMNS
    text: Callable[[str], str] = field(default=lambda text: text)
    digest: Callable[[str], str] = field(default=lambda digest: digest)
    metadata: dict[str, str] = field(default_factory=dict)
    compressed: bool = False

    def header(self) -> str:
        _, secret, project, epoch = KEYS[0]
        rows = [one for group in self.groups for one in group]
        joined = b"".join(lp(str(one["unit"]), one["id"]) for one in rows)
        members = {
            "spec": 3,
            "key_id": key_id(secret, project, epoch),
            "epoch": epoch,
            "reporter": REPORTER,
            "period": None,
            "sequence": 8,
            "previous": None,
            "records": sum(one["unit"] == 0 for one in rows),
            "cases": sum(one["unit"] == 1 for one in rows),
            "everything": not rows,
            "salt": SALT,
            "content_digest": hashlib.sha256(lp("pseudonym/3/withdrawn", joined)).hexdigest(),
        } | self.members
        return self.text(canonical_json(members).decode())

    def header_digest(self) -> str:
        return self.digest(hashlib.sha256(lp("pseudonym/3/withdrawal", self.header())).hexdigest())

    def write(self) -> bytes:
        metadata = {"pseudonym.withdrawal": self.header(), "pseudonym.digest": self.header_digest(), **self.metadata}
        return write_parquet(list(self.columns), self.groups, metadata, compressed=self.compressed)


def valid() -> dict[str, Withdrawal]:
    """Return the withdrawals that have to be read, by file name."""
    ids = [row(0, f"{number:04x}") for number in range(8193)]
    return {
        "valid": Withdrawal(),
        "valid-snappy": Withdrawal(compressed=True),
        "valid-one-record": Withdrawal([[row(0, "a-1")]]),
        "valid-cases": Withdrawal([[row(1, "case-1"), row(1, "case-2")]]),
        "valid-everything": Withdrawal([]),
        "valid-everything-of-a-month": Withdrawal([], {"period": "2026-03"}),
        "valid-everything-of-a-year": Withdrawal([], {"period": "2026"}),
        "valid-two-groups": Withdrawal([ids[:8192], ids[8192:]]),
    }


def faulty() -> Iterator[tuple[str, str, Withdrawal]]:
    """Yield name, fault and withdrawal of each that has to be refused."""
    yield "header-unknown-member", "the header has a member `note`", Withdrawal(members={"note": ""})
    yield "header-spec", "`spec` is 2", Withdrawal(members={"spec": 2})
    yield "header-spaces", "a space follows a colon", Withdrawal(text=lambda text: text.replace(":", ": ", 1))
    yield "header-salt", "`salt` is 31 bytes", Withdrawal(members={"salt": "5a" * 31})
    yield "header-records", "`records` is one more than there are", Withdrawal(members={"records": 3})
    yield "header-cases", "`cases` is one less than there are", Withdrawal(members={"cases": 0})
    swapped = Withdrawal(members={"records": 1, "cases": 2})
    yield "header-counts-swapped", "`records` and `cases` are each other's number", swapped
    yield (
        "header-everything-and-ids",
        "`everything` is true, yet there are ids",
        Withdrawal(members={"everything": True}),
    )
    yield "header-nothing", "`everything` is false, yet there are no ids", Withdrawal([], {"everything": False})
    yield "header-period-and-ids", "there are ids and a period", Withdrawal(members={"period": "2026-03"})
    yield "header-content-digest", "`content_digest` is of other ids", Withdrawal(members={"content_digest": "0f" * 32})
    yield "digest-wrong", "the digest is another", Withdrawal(digest=lambda digest: digest[::-1])
    both = Withdrawal(metadata={"pseudonym.submission": Withdrawal().header()})
    yield "metadata-two-headers", "the metadata also have the header of a submission", both
    optional = (COLUMNS[0], Column("id", "string"))
    yield "column-optional", "the column `id` is optional", Withdrawal(columns=optional)
    more = (*COLUMNS, Column("note", "string"))
    yield "column-unknown", "there is a column `note`", Withdrawal(columns=more)
    unknown = [[row(0, "a-1"), row(2, "case-2")]]
    yield "unit-unknown", "a unit is 2", Withdrawal(unknown)
    yield "unit-unknown-counted", "a unit is 2, and counts as a case", Withdrawal(unknown, {"cases": 1})
    yield "order", "the ids are not sorted", Withdrawal([[row(0, "b-1"), row(0, "a-1")]])
    yield "order-of-units", "a case comes before a record", Withdrawal([[row(1, "case-2"), row(0, "a-1")]])
    yield "repeated", "an id is there twice", Withdrawal([[row(0, "a-1"), row(0, "a-1")]])
    yield "id-empty", "an id is the empty text", Withdrawal([[row(0, "")]])
    yield "id-too-long", "an id has 65 characters", Withdrawal([[row(0, "a" * 65)]])
    yield "id-formula", "an id begins with +", Withdrawal([[row(0, "+1")]])
    yield "id-invisible", "an id begins with a byte order mark", Withdrawal([[row(0, "\ufeffa-1")]])
    yield "id-number-like", "an id has the shape of a number", Withdrawal([[row(0, "20110713-9980")]])
    yield "group-empty", "a row group is empty", Withdrawal([[row(0, "a-1")], []])
    ids = [row(0, f"{number:04x}") for number in range(8193)]
    yield "group-too-large", "a row group has 8,193 rows", Withdrawal([ids])
