"""Make the totals of docs/spec.md, section 11: right ones, and ones that are wrong in one way each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.vectors.cases import CODEBOOK, REPORTER
from tests.vectors.plain_parquet import Column, write_parquet
from tests.vectors.reference import canonical_json, lp
from tests.vectors.submissions import codebook_digest

__all__ = ["Totals", "faulty", "valid"]

SPEC: Final = 3

Row = dict[str, Any]

N: Final = Column("n", "uint32", required=True)
ITEMS: Final = ("country", "kind_of_case")
SALT: Final = "5a" * 32
MANY: Final = 8193


def row(country: str | None, kind: str | None, n: int) -> Row:
    return {"payload.country": country, "payload.kind_of_case": kind, "n": n}


def rows() -> list[Row]:
    """Return a number of all, numbers by each item, and one by both."""
    return [row(None, None, 7), row(None, "A", 4), row(None, "B.1", 3), row("SE", None, 0), row("SE", "A", 1)]


@dataclass
class Totals:
    """The pieces of totals; `late` members of the header and of the metadata are put in after the digests."""

    groups: list[list[Row]] = field(default_factory=lambda: [rows()])
    members: dict[str, Any] = field(default_factory=dict)
    items: tuple[str, ...] = ITEMS
    columns: tuple[Column, ...] | None = None
    text: Callable[[str], str] = field(default=lambda text: text)
    digest: Callable[[str], str] = field(default=lambda digest: digest)
    metadata: dict[str, str] = field(default_factory=dict)
    compressed: bool = False

    def header(self) -> str:
        cells = [one for group in self.groups for one in group]
        names = [f"payload.{item}" for item in self.items]
        joined = b"".join(lp(*(one.get(name) for name in names), str(one["n"])) for one in cells)
        members = {
            "spec": SPEC,
            "codebook": {"name": CODEBOOK["name"], "version": CODEBOOK["version"], "digest": codebook_digest()},
            "reporter": REPORTER,
            "period": "2026-03",
            "sequence": 9,
            "previous": None,
            "unit": "person",
            "role": "victim",
            "items": list(self.items),
            "cells": len(cells),
            "salt": SALT,
            "content_digest": hashlib.sha256(lp(f"pseudonym/{SPEC}/totalled", joined)).hexdigest(),
        } | self.members
        return self.text(canonical_json(members).decode())

    def header_digest(self) -> str:
        return self.digest(hashlib.sha256(lp(f"pseudonym/{SPEC}/totals", self.header())).hexdigest())

    def write(self) -> bytes:
        metadata = {"pseudonym.totals": self.header(), "pseudonym.digest": self.header_digest(), **self.metadata}
        columns = self.columns or (*(Column(f"payload.{item}", "string") for item in self.items), N)
        return write_parquet(list(columns), self.groups, metadata, compressed=self.compressed)


def valid() -> dict[str, Totals]:
    """Return the totals that have to be read, by file name."""
    return {
        "valid": Totals(),
        "valid-snappy": Totals(compressed=True),
        "valid-two-groups": Totals([rows()[:2], rows()[2:]]),
        "valid-cases": Totals(members={"unit": "case", "role": "all", "period": "2026"}),
        "valid-reports": Totals(members={"unit": "report", "previous": "0f" * 32}),
        "valid-zero": Totals([[{"n": 0}]], items=()),
        "valid-highest": Totals([[{"n": 2**32 - 1}]], items=()),
        "valid-one-code-of-many": Totals([[{"payload.purpose": "p1", "n": 2}]], items=("purpose",)),
        "valid-without-codebook": Totals([[{"n": 12}]], {"codebook": None}, items=()),
    }


def faulty() -> Iterator[tuple[str, str, Totals]]:
    """Yield name, fault and totals of each file that has to be refused."""
    yield from _of_header()
    yield from _of_columns()
    yield from _of_rows()


def _of_header() -> Iterator[tuple[str, str, Totals]]:
    yield "header-unknown-member", "the header has a member `key_id`", Totals(members={"key_id": "0" * 32})
    yield "header-spec", "`spec` is 2", Totals(members={"spec": 2})
    yield "header-spaces", "a space follows a colon", Totals(text=lambda text: text.replace(":", ": ", 1))
    yield "header-salt", "`salt` is 31 bytes", Totals(members={"salt": "5a" * 31})
    yield "header-period-null", "`period` is null", Totals(members={"period": None})
    yield "header-period", "`period` is a month 13", Totals(members={"period": "2026-13"})
    yield "header-unit", "`unit` is `record`", Totals(members={"unit": "record"})
    yield "header-role", "`role` is `accompanying_child`", Totals(members={"role": "accompanying_child"})
    yield "header-cells", "`cells` is one more than there are", Totals(members={"cells": 6})
    yield "header-no-cells", "there is no cell", Totals([])
    yield "header-too-many-cells", "`cells` is 65,537", Totals(members={"cells": 65_537})
    yield "header-items-order", "`items` are not in order", Totals(members={"items": ["kind_of_case", "country"]})
    again = Totals(members={"items": ["country", "country", "kind_of_case"]})
    yield "header-items-repeated", "an item is there twice", again
    yield "header-items-of-none", "there are items, and no codebook", Totals(members={"codebook": None})
    other = {"name": "test-codebook", "version": "2", "digest": "0f" * 32}
    yield "header-codebook", "the codebook is another", Totals(members={"codebook": other})
    yield "header-content-digest", "`content_digest` is of other rows", Totals(members={"content_digest": "0f" * 32})
    yield "digest-wrong", "the digest is another", Totals(digest=lambda digest: digest[::-1])
    both = Totals(metadata={"pseudonym.submission": Totals().header()})
    yield "metadata-two-headers", "the metadata also have the header of a submission", both
    and_withdrawal = Totals(metadata={"pseudonym.withdrawal": Totals().header()})
    yield "metadata-and-withdrawal", "the metadata also have the header of a withdrawal", and_withdrawal


def _of_columns() -> Iterator[tuple[str, str, Totals]]:
    by_item = tuple(Column(f"payload.{item}", "string") for item in ITEMS)
    yield "column-optional", "the column `n` is optional", Totals(columns=(*by_item, Column("n", "uint32")))
    required = Column("payload.country", "string", required=True)
    yield "column-required", "an item is required", Totals([[row("SE", "A", 1)]], columns=(required, by_item[1], N))
    yield "column-unknown", "there is a column `note`", Totals(columns=(*by_item, N, Column("note", "string")))
    yield "column-order", "the items are the other way round", Totals(columns=(by_item[1], by_item[0], N))
    signed = (*by_item, Column("n", "int32", required=True))
    yield "column-signed", "a number is negative", Totals([[row(None, None, -1)]], columns=signed)
    yield "column-short", "`n` has eight bits", Totals(columns=(*by_item, Column("n", "uint8", required=True)))
    unknown = [[{"payload.colour": "red", "n": 1}]]
    yield "column-of-no-item", "an item is not in the codebook", Totals(unknown, items=("colour",))


def _of_rows() -> Iterator[tuple[str, str, Totals]]:
    yield "code-unknown", "a code is not one of its item", Totals([[row("XX", None, 1)]])
    yield "code-of-other-item", "a code is one of another item", Totals([[row("A", None, 1)]])
    yield "code-empty", "a code is the empty text", Totals([[row("", None, 1)]])
    late = Totals([[row(None, "B.1", 1)]], {"period": "2026-07"})
    yield "code-expired", "a code is not valid in the period", late
    yield "code-several", "a cell has two codes", Totals([[{"payload.purpose": "p1 p2", "n": 1}]], items=("purpose",))
    yield "order", "the rows are not sorted", Totals([[row(None, "B.1", 1), row(None, "A", 1)]])
    yield "order-null", "null comes after a code", Totals([[row("SE", None, 1), row(None, "A", 1)]])
    yield "repeated", "a cell is there twice", Totals([[row("SE", "A", 1), row("SE", "A", 2)]])
    yield "group-empty", "a row group is empty", Totals([rows(), []])
    many = Totals([[row("SE", "A", 1)] * MANY])
    yield "group-too-large", "a row group has 8,193 rows", many
