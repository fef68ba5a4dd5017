"""Tables of counts, as programs ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TypedDict, Unpack

import pyarrow as pa

from linkage.counting import (
    AttributeRules,
    Comparison,
    CountBudget,
    Counted,
    Definition,
    MarginalCount,
    Overlaps,
    PersonsExpected,
    Role,
    Unit,
    load_definition,
    load_rules,
)
from linkage.pipeline.parts import Parts
from linkage.statistics_unit.bodies import read_marginal
from linkage.statistics_unit.budget import read_budget
from linkage.statistics_unit.counted import read_comparison, read_counted, read_overlaps
from linkage.statistics_unit.counting import Asked
from linkage.statistics_unit.drawn import Kept
from linkage.statistics_unit.expected import read_expected

__all__ = ["Asking", "WithCounts"]


class Asking(TypedDict, total=False):
    """What a table may be asked for.

    Attributes:
        unit: What counts once: `person` (the default), `case` or `report`, the latter two at each reporter.
        role: `victim` (the default), `accompanying_adult`, `accompanying_child` or `all`. A record without a role has
            that of the person's other records; without any, it counts as one of a victim.
        period: A year, a month, or two of them with two points between: `2024..2026`. By default all times.
        where: Filters of the form `ITEM=CODE`; several of one item are alternatives, those of several items must all
            hold. `ITEM=` stands for no answer.
        rules: The attribute rules, or their file; by default those that ship.
        definition: Who counts, or the file that says it; by default everybody.
        as_of: The records as they were at the end of this day, with the persons of the last run.
        today: The day by which figures are preliminary or final; by default the current one in UTC, or `as_of`.
        language: Of labels, `en` (the default) or `sv`.
    """

    unit: Unit
    role: Role
    period: str | int | None
    where: Sequence[str]
    rules: str | Path | AttributeRules | None
    definition: str | Path | Definition | None
    as_of: date | None
    today: date | None
    language: str


class WithCounts(Parts):
    """What a registry counts by the contents of records. All of it is for use inside: small counts are in it."""

    @cached_property
    def _kept(self) -> Kept:
        """What draws say, for tables that are counted one after the other."""
        return Kept()

    def table(self, *by: str, **asking: Unpack[Asking]) -> pa.Table:
        """Count persons, cases or reports as an Arrow table.

        Args:
            by: Items of the codebook, its groupings, or `role`, `status`, `case_state`, `year`, `reporter`,
                `reporters`, `n_reporters`, `first_reporter`.
            **asking: See `Asking`.

        Returns:
            The columns `linkage.counting.FACT_COLUMNS`, which say what the figures are; one for each item, and `count`.

        Raises:
            UnitError: `registry.unit` at a linkage unit on its own.
            NotLinkedError: Persons are counted, and `link` has never been run.
            SettingsError: As for `linkage.statistics_unit.counting.open_request`, `load_rules` and `load_definition`.
        """
        return self.counted(*by, **asking).table()

    def counted(self, *by: str, **asking: Unpack[Asking]) -> Counted:
        """Count as `table` does, and return the total, conflicts, coverage and breaks too.

        Args:
            by: As for `table`.
            **asking: See `Asking`.

        Raises:
            LinkageError: As for `table`.
        """
        asked = _asked(by, asking)
        with self._store.session(write=False) as session:
            return read_counted(session, asked, self._kept)

    def budget(self, **asking: Unpack[Asking]) -> CountBudget:
        """Return the error budget of a total: what wrong links, undecided pairs and missing joins change.

        Args:
            **asking: See `Asking`; filters make it the budget of a cell.

        Raises:
            SettingsError: `table.budget` if there are no ranges, as for cases and after a purge.
            LinkageError: As for `table`.
        """
        asked = _asked((), asking)
        with self._store.session(write=False) as session:
            return read_budget(session, asked)

    def expected_persons(self) -> PersonsExpected | None:
        """Return how many persons there are, found and expected, in every role and at all times.

        Raises:
            UnitError: `registry.unit` at a linkage unit on its own.

        Returns:
            The figures; None if `link` has never been run.
        """
        with self._store.session(write=False) as session:
            return read_expected(session, self._kept)

    def overlap(self, **asking: Unpack[Asking]) -> Overlaps:
        """Count what reporters know together, who was first, and who came back after a closed case.

        Args:
            **asking: See `Asking`; the unit is always a person.

        Raises:
            LinkageError: As for `table`.
        """
        asked = _asked((), asking)
        with self._store.session(write=False) as session:
            return read_overlaps(session, asked, self._kept)

    def bodies(self, **asking: Unpack[Asking]) -> MarginalCount:
        """Count the persons that only one reporter knows, found and with what undecided and missing links change.

        Args:
            **asking: See `Asking`; the unit is always a person.

        Raises:
            LinkageError: As for `table`.
        """
        asked = _asked((), asking)
        with self._store.session(write=False) as session:
            return read_marginal(session, asked, self._kept)

    def compare_definitions(self, *definitions: str | Path | Definition, **asking: Unpack[Asking]) -> Comparison:
        """Count by rival definitions, over the whole period and by year, and set them side by side.

        Args:
            definitions: The definitions, or their files.
            **asking: See `Asking`; `definition` makes no difference.

        Raises:
            SettingsError: As for `linkage.statistics_unit.counted.read_comparison`, `load_definition`.
            LinkageError: As for `table`.
        """
        loaded = [load_definition(one) if isinstance(one, str | Path) else one for one in definitions]
        asked = _asked((), asking)
        with self._store.session(write=False) as session:
            return read_comparison(session, asked, loaded, self._kept)


def _asked(by: Sequence[str], asking: Asking) -> Asked:
    unknown = sorted(asking.keys() - Asking.__optional_keys__)
    if unknown:
        # It would be ignored, and a filter with a mistyped name would count everybody.
        raise TypeError(f"unexpected keyword argument {unknown[0]!r}")
    rules, definition = asking.get("rules"), asking.get("definition")
    where, period = asking.get("where", ()), asking.get("period")
    if isinstance(where, str):
        raise TypeError("where takes several filters; put one in a list")
    return Asked(
        by=tuple(by),
        unit=asking.get("unit", "person"),
        role=asking.get("role", "victim"),
        # A year may be given as a number.
        period=None if period is None else str(period),
        where=tuple(where),
        rules=load_rules(rules) if isinstance(rules, str | Path) else rules,
        definition=load_definition(definition) if isinstance(definition, str | Path) else definition,
        as_of=_day("as_of", asking.get("as_of")),
        today=_day("today", asking.get("today")),
        language=asking.get("language", "en"),
    )


def _day(name: str, value: date | None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is not None and not isinstance(value, date):
        raise TypeError(f"{name} takes a datetime.date")
    return value
