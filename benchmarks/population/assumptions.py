"""All assumptions together: listed as one table by name and set one by one, so that any of them can be varied.

A name refers to a field of `rates` (`typo`), an origin (`origins.somali`), a number of a reporter (`police.contact`),
or a referral path (`school>police.share`).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Final, Literal, NamedTuple, TypeVar, get_type_hints

from benchmarks.population.rates import ErrorRates, PopulationRates, ReportRates
from benchmarks.population.reporters import REFERRALS, REPORTERS, Referral, Reporter

__all__ = ["LEVELS", "Assumption", "Assumptions", "ErrorLevel", "errors_at"]

ErrorLevel = Literal["low", "middle", "high"]
LEVELS: Final[tuple[ErrorLevel, ...]] = ("low", "middle", "high")

# The low level has a third of the middle rates, the high level twice the middle rates.
_FACTORS: Final = {"low": 1 / 3, "middle": 1.0, "high": 2.0}
_HIGHEST: Final = 0.9
# The form that an error takes; independent of the level.
_FORMS: Final = frozenset({"hyphen_space", "day_by_one", "digits_exchanged"})
# Values that are not probabilities and may exceed 1.
_NUMBERS: Final = frozenset(
    {"years", "per_date", "single_youngest", "single_oldest", "youngest_child", "sibling_gap_shortest"}
    | {"sibling_gap_longest", "parent_youngest", "parent_oldest", "exposure_shape", "batches", "batch_size"}
    | {
        "follow_up_days",
        "repeat_days",
        "place_concentration",
        "late_factor",
        "contact",
        "referrals",
        "follow_up",
        "delay_days",
        "errors",
    }
)
# Parameters of a geometric distribution, which would never end at 1.
_BELOW_ONE: Final = frozenset({"more_children"})
_PARTS: Final = ("population", "reports", "errors")
_DATE_PARTS: Final = ("full", "month", "year", "none")

_ReporterOrReferral = TypeVar("_ReporterOrReferral", Reporter, Referral)


def errors_at(level: ErrorLevel) -> ErrorRates:
    """Return the error rates of one level: a third of the middle rates, the middle rates, or twice them, at most 0.9.

    Raises:
        ValueError: The level is not one of the three.
    """
    if level not in _FACTORS:
        raise ValueError("the level must be low, middle or high")
    middle = ErrorRates()
    scaled = [f.name for f in fields(middle) if f.name not in _FORMS]
    return replace(middle, **{name: min(getattr(middle, name) * _FACTORS[level], _HIGHEST) for name in scaled})


class Assumption(NamedTuple):
    """One line of the table: the name by which to set it, its value, and its source."""

    name: str
    value: Any
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Everything assumed about people, reports, errors, reporters and the paths between them."""

    population: PopulationRates = field(default_factory=PopulationRates)
    reports: ReportRates = field(default_factory=ReportRates)
    errors: ErrorRates = field(default_factory=ErrorRates)
    reporters: tuple[Reporter, ...] = REPORTERS
    referrals: tuple[Referral, ...] = REFERRALS

    @classmethod
    def at(cls, level: ErrorLevel) -> Assumptions:
        """Return the default assumptions with the errors of one level."""
        return cls(errors=errors_at(level))

    def rows(self) -> list[Assumption]:
        """List every assumption in module order."""
        rows = []
        for part in (self.population, self.reports, self.errors):
            hints = get_type_hints(type(part), include_extras=True)
            for f in fields(part):
                note, value = hints[f.name].__metadata__[0], getattr(part, f.name)
                if f.name == "origins":
                    rows += [Assumption(f"origins.{code}", share, note) for code, share in value]
                else:
                    rows.append(Assumption(f.name, value, note))
        for reporter in self.reporters:
            rows += _numbers_of(reporter)
        for referral in self.referrals:
            rows += _numbers_of(referral)
        return rows

    def values(self) -> dict[str, Any]:
        """Return the value of each name as a JSON type."""
        return {row.name: row.value.isoformat() if isinstance(row.value, date) else row.value for row in self.rows()}

    def set(self, settings: Mapping[str, str | float]) -> Assumptions:
        """Return a copy with some values changed by name.

        Args:
            settings: Values by name, as text or as numbers.

        Returns:
            The copy; the level of error does not scale values set here.

        Raises:
            ValueError: A name is unknown, or a value is not valid for its name.
        """
        changed = self
        for name, value in settings.items():
            changed = changed._with(name, value)
        return changed

    def _with(self, name: str, value: str | float) -> Assumptions:
        owner, _, own = name.rpartition(".")
        if not owner:
            for part in _PARTS:
                rates = getattr(self, part)
                if name != "origins" and name in {f.name for f in fields(rates)}:
                    return replace(self, **{part: replace(rates, **{name: _read(name, value, getattr(rates, name))})})
        if owner == "origins":
            shares = dict(self.population.origins)
            if own in shares:
                shares[own] = _read(own, value, shares[own])
                return replace(self, population=replace(self.population, origins=tuple(shares.items())))
        if (reporters := _with_number(self.reporters, owner, own, value)) is not None:
            return replace(self, reporters=reporters)
        if (referrals := _with_number(self.referrals, owner, own, value)) is not None:
            return replace(self, referrals=referrals)
        raise ValueError(f"no assumption is named {name}")


def _settable(one: Reporter | Referral) -> list[str]:
    """List the settable numbers of a reporter or path: plain ones, and the parts of a birth date by name."""
    names = [f.name for f in fields(one) if type(getattr(one, f.name)) in (float, int)]
    return [*names, *(f"date_{part}" for part in _DATE_PARTS)] if isinstance(one, Reporter) else names


def _with_number(
    ones: tuple[_ReporterOrReferral, ...], code: str, own: str, value: str | float
) -> tuple[_ReporterOrReferral, ...] | None:
    """Set a number of the reporter or path with a code; return None if there is no such number."""
    for index, one in enumerate(ones):
        if one.code == code and own in _settable(one):
            changed = _replace(one, own, value)
            return tuple(changed if i == index else other for i, other in enumerate(ones))
    return None


def _replace(one: _ReporterOrReferral, own: str, value: str | float) -> _ReporterOrReferral:
    if own.startswith("date_") and isinstance(one, Reporter):
        weights = dict(zip(_DATE_PARTS, one.date_parts, strict=True))
        weights[own.removeprefix("date_")] = _read(own, value, 0.0)
        full, month, year, none = weights.values()
        return replace(one, date_parts=(full, month, year, none))
    return replace(one, **{own: _read(own, value, getattr(one, own))})


def _numbers_of(one: Reporter | Referral) -> Iterable[Assumption]:
    """Yield the numbers of a reporter or path with the notes from its docstring."""
    notes = _notes(type(one))
    for own in _settable(one):
        if own.startswith("date_") and isinstance(one, Reporter):
            value = one.date_parts[_DATE_PARTS.index(own.removeprefix("date_"))]
            yield Assumption(f"{one.code}.{own}", value, f"Guess: weight of this part ({notes['date_parts']})")
        else:
            yield Assumption(f"{one.code}.{own}", getattr(one, own), notes[own])


def _notes(cls: type) -> dict[str, str]:
    """Read the notes on a class's attributes from its docstring."""
    notes: dict[str, str] = {}
    name = ""
    # `getdoc` takes away the indentation of the source, which Python keeps in `__doc__` until 3.12.
    for line in (inspect.getdoc(cls) or "").partition("Attributes:")[2].splitlines():
        text = line.strip()
        if line.startswith(" " * 8) and name:
            notes[name] += f" {text}"
        elif ": " in text:
            name, _, note = text.partition(": ")
            notes[name] = note
    return notes


def _read(name: str, value: str | float, model: Any) -> Any:
    """Convert a value to the type of the present one, and check that it is in range for its name."""
    try:
        if isinstance(model, date):
            return date.fromisoformat(str(value))
        number = int(value) if type(model) is int and name == "years" else float(value)
    except ValueError:
        raise ValueError(f"the value of {name} is not valid") from None
    highest = float("inf") if name in _NUMBERS else 1.0
    if not 0 <= number <= highest or (number == 1 and name in _BELOW_ONE):
        raise ValueError(f"the value of {name} must be {'from 0 to 1' if highest == 1 else 'at least 0'}")
    return number
