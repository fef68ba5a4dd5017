"""What a table can be broken down by: items of the codebook, their groupings, columns of all records, and reporters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from linkage.counting.records import ROLES
from linkage.errors import SettingsError
from pseudonym.codebook import Codebook

__all__ = [
    "BUILT_IN",
    "COLUMN_CODES",
    "COUNT",
    "FACT_COLUMNS",
    "NOT_GIVEN",
    "SAME_TIME",
    "Dimension",
    "find_dimension",
    "in_order",
]

NOT_GIVEN: Final = "(not given)"
"""The value of an item that no record answers."""

SAME_TIME: Final = "(same time)"
"""The first reporter of somebody whom two reporters reported in the same month, or whenever dates leave it open."""

COLUMN_CODES: Final[dict[str, tuple[str, ...]]] = {
    "role": ROLES,
    "status": ("confirmed", "suspected"),
    "case_state": ("open", "closed"),
}
"""The columns that every record has, with their codes."""

FACT_COLUMNS: Final = (
    "counted",
    "of_role",
    "in_period",
    "as_of",
    "codebook",
    "attribute_rules",
    "definition",
    "figures",
    "coverage",
    "breaks",
    "range_basis",
    "use",
)
"""The columns with which every table in a file begins: what its figures are."""

COUNT: Final = "count"
"""The column of the figures."""

TAKEN: Final = frozenset({*FACT_COLUMNS, COUNT, "low", "high"})
"""Names that no column of values has: those of facts, of figures, and of the ends of their ranges."""

Kind = Literal["item", "year", "reporter", "reporters", "n_reporters", "first_reporter"]

_OTHERS: Final[dict[str, Kind]] = {
    "year": "year",
    "reporter": "reporter",
    "reporters": "reporters",
    "n_reporters": "n_reporters",
    "first_reporter": "first_reporter",
}

BUILT_IN: Final = (*COLUMN_CODES, *_OTHERS)
"""What every registry can be counted by, whatever its codebook. An item of the codebook with such a name is hidden."""

_NAME: Final = re.compile(r"[a-z0-9_]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One way of breaking a table down.

    Attributes:
        name: What it was asked for by.
        kind: `item`, also for groupings and columns; or the name of another one of `BUILT_IN`.
        item: The item whose answers are counted; empty if it is none.
        order: Its values, in the order in which they are shown; others come after them.
        labels: A label for each value that has one.
        group_of: For a grouping, the group of each code; codes in no group are counted apart.
        many: Whether a record may have several codes of the item.
    """

    name: str
    kind: Kind
    item: str = ""
    order: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    group_of: Mapping[str, str] | None = None
    many: bool = False

    @property
    def column(self) -> str:
        """The name of its column: its own, with `by_` before it if another column has that."""
        return f"by_{self.name}" if self.name in TAKEN else self.name


def find_dimension(name: str, book: Codebook | None, *, language: str = "en") -> Dimension:
    """Return a dimension by its name.

    Args:
        name: A member of `BUILT_IN`, an item of the codebook, or one of its groupings.
        book: The newest codebook, or None.
        language: `sv` or `en`, for labels.

    Raises:
        SettingsError: `table.item` if there is none.
    """
    if name in COLUMN_CODES:
        return Dimension(name=name, kind="item", item=name, order=COLUMN_CODES[name])
    if name in _OTHERS:
        return Dimension(name=name, kind=_OTHERS[name])
    if book is not None and name in book.by_name:
        item = book.by_name[name]
        labels = {code.code: code.label.sv if language == "sv" else code.label.en for code in item.codes}
        order = tuple(code.code for code in item.codes)
        return Dimension(name=name, kind="item", item=name, order=order, labels=labels, many=item.many)
    for grouping in () if book is None else book.groupings:
        if grouping.name == name and book is not None:
            item = book.by_name[grouping.item]
            groups = {one.group: one.label.sv if language == "sv" else one.label.en for one in grouping.groups}
            apart = tuple(code.code for code in item.codes if code.code not in grouping.group_of)
            labels = {code.code: code.label.sv if language == "sv" else code.label.en for code in item.codes} | groups
            order = (*groups, *(code for code in apart if code not in groups))
            many, of = item.many, grouping.group_of
            return Dimension(name=name, kind="item", item=item.name, order=order, labels=labels, group_of=of, many=many)
    raise SettingsError(
        "table.item",
        "There is no such item to count by.",
        hint="linkage codebook list names the newest codebook, pseudonym codebook show FILE its items; besides there "
        f"are {', '.join(BUILT_IN)}.",
        field=name if _NAME.fullmatch(name) else None,
    )


def in_order(values: Sequence[str], dimension: Dimension) -> list[str]:
    """Sort values as the dimension has them: its own order, then the others as text, what is not given last.

    Args:
        values: Distinct values.
        dimension: The dimension.
    """
    place = {value: number for number, value in enumerate(dimension.order)}
    last = len(place)

    def key(value: str) -> tuple[bool, bool, int, int, str]:
        number = int(value) if dimension.kind == "n_reporters" and value.isdecimal() else 0
        return value == NOT_GIVEN, value == SAME_TIME, place.get(value, last), number, value

    return sorted(values, key=key)
