"""All assumptions in one bundle: read as one table by name, and set one by one, so that any of them can be swept.

A name is that of a field in `rates` (`typo`), of an origin (`origins.somali`), of a number of a body
(`police.contact`), or of a referral path (`school>police.share`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Final, Literal, NamedTuple, get_type_hints

from benchmarks.population.bodies import BODIES, REFERRALS, Body, Referral
from benchmarks.population.rates import ErrorRates, PopulationRates, ReportRates

__all__ = ["LEVELS", "Assumption", "Assumptions", "ErrorLevel", "errors_at"]

ErrorLevel = Literal["low", "middle", "high"]
LEVELS: Final[tuple[ErrorLevel, ...]] = ("low", "middle", "high")

# The low level has a third of the middle rates, the high level twice as much.
_FACTORS: Final = {"low": 1 / 3, "middle": 1.0, "high": 2.0}
_HIGHEST: Final = 0.9
# Which form an error takes; these do not grow with the level.
_FORMS: Final = frozenset({"hyphen_space", "day_by_one", "digits_exchanged"})
# Values that are no probabilities: they may exceed 1.
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
# Chances that become parameters of a geometric distribution, which does not end at 1.
_BELOW_ONE: Final = frozenset({"more_children"})
_PARTS: Final = ("population", "reports", "errors")
_LISTS: Final = {"bodies": "Body", "referrals": "Referral"}
_DATE_PARTS: Final = ("full", "month", "year", "none")


def errors_at(level: ErrorLevel) -> ErrorRates:
    """Return the error rates of one level: a third of the middle ones, these, or twice these, none above .9.

    Raises:
        ValueError: The level is not one of the three.
    """
    if level not in _FACTORS:
        raise ValueError("the level must be low, middle or high")
    middle = ErrorRates()
    scaled = [f.name for f in fields(middle) if f.name not in _FORMS]
    return replace(middle, **{name: min(getattr(middle, name) * _FACTORS[level], _HIGHEST) for name in scaled})


class Assumption(NamedTuple):
    """One line of the table: the name to set it by, its value, and what it is taken from."""

    name: str
    value: Any
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Everything that is assumed of people, reports, errors, bodies and the paths between them."""

    population: PopulationRates = field(default_factory=PopulationRates)
    reports: ReportRates = field(default_factory=ReportRates)
    errors: ErrorRates = field(default_factory=ErrorRates)
    bodies: tuple[Body, ...] = BODIES
    referrals: tuple[Referral, ...] = REFERRALS

    @classmethod
    def at(cls, level: ErrorLevel) -> Assumptions:
        """Return the default assumptions with the errors of one level."""
        return cls(errors=errors_at(level))

    def rows(self) -> list[Assumption]:
        """List every assumption, in the order of the modules."""
        rows = []
        for part in (self.population, self.reports, self.errors):
            hints = get_type_hints(type(part), include_extras=True)
            for f in fields(part):
                note, value = hints[f.name].__metadata__[0], getattr(part, f.name)
                if f.name == "origins":
                    rows += [Assumption(f"origins.{code}", share, note) for code, share in value]
                else:
                    rows.append(Assumption(f.name, value, note))
        for one in (*self.bodies, *self.referrals):
            rows += _numbers_of(one)
        return rows

    def values(self) -> dict[str, Any]:
        """Return the value of each name, of JSON types."""
        return {row.name: row.value.isoformat() if isinstance(row.value, date) else row.value for row in self.rows()}

    def set(self, settings: Mapping[str, str | float]) -> Assumptions:
        """Return a copy with other values, by name.

        Args:
            settings: Names and values, the values as text or as what they are.

        Returns:
            The copy; what was set holds as it stands, whatever the level of error.

        Raises:
            ValueError: A name is unknown, or a value is none that its name can have.
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
        for kind in _LISTS:
            ones = getattr(self, kind)
            for place, one in enumerate(ones):
                if one.code == owner and own in _settable(one):
                    new = (*ones[:place], _replace(one, own, value), *ones[place + 1 :])
                    return replace(self, **{kind: new})
        raise ValueError(f"there is no assumption of the name {name}")


def _settable(one: Body | Referral) -> list[str]:
    """Name the numbers of a body or path: plain ones, and the parts of a birth date by their names."""
    names = [f.name for f in fields(one) if type(getattr(one, f.name)) in (float, int)]
    return [*names, *(f"date_{part}" for part in _DATE_PARTS)] if isinstance(one, Body) else names


def _replace(one: Any, own: str, value: str | float) -> Any:
    if own.startswith("date_") and isinstance(one, Body):
        place = _DATE_PARTS.index(own.removeprefix("date_"))
        parts = list(one.date_parts)
        parts[place] = _read(own, value, 0.0)
        return replace(one, date_parts=tuple(parts))
    return replace(one, **{own: _read(own, value, getattr(one, own))})


def _numbers_of(one: Body | Referral) -> Iterable[Assumption]:
    """Describe the numbers of a body or path, with the notes of its docstring."""
    notes = _notes(type(one))
    for own in _settable(one):
        if own.startswith("date_") and isinstance(one, Body):
            value = one.date_parts[_DATE_PARTS.index(own.removeprefix("date_"))]
            yield Assumption(f"{one.code}.{own}", value, f"Guess: weight of this part ({notes['date_parts']})")
        else:
            yield Assumption(f"{one.code}.{own}", getattr(one, own), notes[own])


def _notes(cls: type) -> dict[str, str]:
    """Read the notes of a class's attributes out of its docstring."""
    notes: dict[str, str] = {}
    name = ""
    for line in (cls.__doc__ or "").partition("Attributes:")[2].splitlines():
        text = line.strip()
        if line.startswith(" " * 12) and name:
            notes[name] += f" {text}"
        elif ": " in text:
            name, _, note = text.partition(": ")
            notes[name] = note
    return notes


def _read(name: str, value: str | float, model: Any) -> Any:
    """Read a value of the type that stands there now, within the range that its name can have."""
    try:
        if isinstance(model, date):
            return date.fromisoformat(str(value))
        number = int(value) if type(model) is int and name == "years" else float(value)
    except ValueError:
        raise ValueError(f"the value of {name} cannot be read") from None
    highest = float("inf") if name in _NUMBERS else 1.0
    if not 0 <= number <= highest or (number == 1 and name in _BELOW_ONE):
        raise ValueError(f"the value of {name} must be from 0 to {'1' if highest == 1 else 'any number'}")
    return number
