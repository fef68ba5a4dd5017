"""Agreement with the published lists of Swedish numbers, of this library and of two known packages.

The lists are those of the `personnummer` project (list, structured, interim, orgnumber, allCoords) and Skatteverket's
test numbers. Results hold counts only: disagreements are named by the rule that they concern.

Ten digits do not determine the century, and the two packages use the clock for it. Here their clock is fixed at the
reference date that ours receives.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple
from unittest import mock

from personnummer import personnummer
from stdnum.se import personnummer as stdnum

from pseudonym.errors import FieldError
from pseudonym.identity import numbers
from pseudonym.identity.numbers import KINDS
from pseudonym.identity.numbers.luhn import check_digit

__all__ = ["FILES", "Case", "cases", "compare", "own_cases"]

REFERENCE: Final = date(2026, 3, 31)

FILES: Final = {
    "list": "personnummer_meta_list.json",
    "structured": "personnummer_meta_structured.json",
    "interim": "personnummer_meta_interim.json",
    "orgnumber": "personnummer_meta_orgnumber.json",
    "allCoords": "personnummer_meta_allCoords.json",
    "test numbers": "skatteverket_testpersonnummer.csv",
}
FORMS: Final = ("integer", "long_format", "short_format", "separated_format", "separated_long")
TYPES: Final = {"ssn": "personnummer", "con": "samordningsnummer", "interim": "interim", "org": None}


class Case(NamedTuple):
    """One entry of a list.

    Attributes:
        text: The number as written in the list.
        valid: Whether it is valid according to the list.
        type: Its type in the list; None for the number of an organisation.
        sex: Its sex in the list, or None.
        about: The subject of the case, for the report.
    """

    text: str
    valid: bool
    type: str | None
    sex: str | None
    about: str


def cases(name: str, folder: Path) -> list[Case]:
    """Read the cases of one list.

    Args:
        name: A key of `FILES`.
        folder: Folder of the lists.
    """
    path = folder / FILES[name]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [_case(row["testpersonnummer"], True, "personnummer") for row in csv.DictReader(file)]
    document = json.loads(path.read_text(encoding="utf-8"))
    if name == "allCoords":
        return [_case(text, True, "samordningsnummer") for text in document]
    return list(_structured(document) if name == "structured" else _listed(document))


def _listed(document: list[dict[str, Any]]) -> Iterator[Case]:
    for entry in document:
        sex = "man" if entry.get("isMale") else "woman" if entry.get("isFemale") else None
        for form in FORMS:
            # An integer of 0 stands for a number that cannot be one.
            if entry.get(form):
                yield _case(str(entry[form]), entry["valid"], TYPES[entry["type"]], sex)


def _structured(document: dict[str, Any]) -> Iterator[Case]:
    for type_, forms in document.items():
        for answers in forms.values():
            for answer, texts in answers.items():
                for text in texts:
                    yield _case(str(text), answer == "valid", TYPES[type_])


def _case(text: str, valid: bool, type_: str | None, sex: str | None = None) -> Case:
    return Case(text, valid, type_, sex, _about(text, valid, type_))


def _about(text: str, valid: bool, type_: str | None) -> str:
    """Return the subject of a case in words, without its digits."""
    compact = "".join(character for character in text if character.isalnum())
    if type_ is None:
        return "number of an organisation"
    if " " in text:
        return f"{type_} with a space in place of the sign"
    if type_ == "interim":
        return "interim number" if valid else "letter that no interim number has"
    if not valid:
        serial = compact[-4:-1] == "000"
        return f"{type_} with serial 000" if serial else f"{type_} with a wrong check digit or date"
    if type_ == "samordningsnummer":
        return _about_coordination(compact)
    form = "ten" if len(compact) == 10 else "twelve"
    sign = "a plus sign" if "+" in text else "a hyphen" if "-" in text else "no sign"
    return f"personnummer of {form} digits with {sign}"


def _about_coordination(compact: str) -> str:
    month, day = compact[-8:-6], int(compact[-6:-4]) - 60
    unknown = [name for name, part in (("month 00", int(month)), ("day 60", day)) if part == 0]
    if unknown:
        return f"samordningsnummer with {' and '.join(unknown)}"
    if numbers.samordningsnummer.parts(compact, reference_date=REFERENCE).birth is None:
        return "samordningsnummer of a day that does not exist"
    return "samordningsnummer of a day that exists"


Judge = Callable[[str], bool]
"""A function that returns whether a text is a valid Swedish personal number."""


def _ours(text: str) -> bool:
    return numbers.is_valid(text, reference_date=REFERENCE)


class _Stopped(date):
    """A date class whose `today` is the reference date."""

    @classmethod
    def today(cls) -> _Stopped:
        """Return the reference date."""
        return cls(REFERENCE.year, REFERENCE.month, REFERENCE.day)


@contextmanager
def _stopped_clock() -> Iterator[None]:
    clock = SimpleNamespace(date=_Stopped)
    with (
        mock.patch("personnummer.personnummer._get_current_date", _Stopped.today),
        mock.patch("stdnum.se.personnummer.datetime", clock),
    ):
        yield


def _births(text: str) -> dict[str, str]:
    """Return the birth date that each package reads from a number of ten digits."""
    ours = numbers.read_number(text, reference_date=REFERENCE).birth
    found = {
        "this library": "-".join(f"{part or 0:02d}" for part in ours[:3]) if ours else "none",
        "personnummer": personnummer.parse(text).get_date().isoformat(),
        "python-stdnum": stdnum.get_birth_date(text).isoformat(),
    }
    return found


def _judges() -> dict[str, Judge]:
    def theirs(judge: Callable[[str], object]) -> Judge:
        def ask(text: str) -> bool:
            try:
                return bool(judge(text))
            except Exception as error:
                raise Failure(type(error).__name__) from None

        return ask

    return {"personnummer": theirs(personnummer.valid), "python-stdnum": theirs(stdnum.is_valid)}


class Failure(Exception):
    """A package raised an exception that is not an answer."""


def compare(folder: Path) -> dict[str, Any]:
    """Judge every case of every list with our library and the packages, and count disagreements by rule.

    Args:
        folder: Folder of the lists.

    Returns:
        Counts, of JSON types.
    """
    judges = {"this library": _ours, **_judges()}
    figures: dict[str, Any] = {"versions": {name: version(name) for name in ("personnummer", "python-stdnum")}}
    with _stopped_clock():
        figures["lists"] = {name: _judge_list(cases(name, folder), judges) for name in FILES}
        figures["own cases"] = _judge_list(own_cases(), judges)
        figures["birth in ten digits"] = {about: _births(text) for about, text in own_births().items()}
    figures["reading"] = {name: _read_list(cases(name, folder)) for name in FILES}
    return figures


def _judge_list(listed: list[Case], judges: dict[str, Judge]) -> dict[str, Any]:
    found: dict[str, Any] = {"cases": len(listed), "distinct": len({case.text for case in listed})}
    for name, judge in judges.items():
        wrong: Counter[str] = Counter()
        for case in listed:
            try:
                agrees = judge(case.text) == case.valid
                how = "takes" if not case.valid else "refuses"
            except Failure as failure:
                agrees, how = False, f"raises {failure} for"
            if not agrees:
                wrong[f"{how}: {case.about}"] += 1
        found[name] = {"agrees": len(listed) - wrong.total(), "disagrees": dict(sorted(wrong.items()))}
    return found


def _read_list(listed: list[Case]) -> dict[str, int]:
    """Count the results of tolerant reading: types, and whether sex and type agree with the list."""
    counts: Counter[str] = Counter()
    for case in listed:
        try:
            number = numbers.read_number(case.text, reference_date=REFERENCE)
        except FieldError as error:
            counts[f"absent: {error.rule}"] += 1
            continue
        counts[f"{number.type}, {number.certainty}, {'valid' if number.valid else 'text'}"] += 1
        if case.valid and number.type != case.type:
            counts["type differs from the list"] += 1
        if case.sex is not None and number.type != "other":
            parts = KINDS[number.type].parts(case.text, reference_date=REFERENCE)
            counts["sex as in the list" if parts.sex == case.sex else "sex differs from the list"] += 1
    return dict(sorted(counts.items()))


def own_births() -> dict[str, str]:
    """Make numbers of ten digits whose century depends on the reference date, 31 March 2026."""
    return {
        "hyphen, the day after the reference date": f"260401-983{check_digit('260401983')}",
        "plus, turns 100 the day after the reference date": f"260401+983{check_digit('260401983')}",
        "hyphen, the reference date": f"260331-983{check_digit('260331983')}",
        "plus, turned 100 the year before": f"251231+983{check_digit('251231983')}",
    }


def own_cases() -> list[Case]:
    """Make cases that the lists lack, from test serials (980 to 999) and computed check digits.

    Validity follows from the law and the specification: digits are ASCII, a serial is not 000, a samordningsnummer may
    have month 00 or day 60, and an interim number has one of eleven letters.
    """

    def number(nine: str, century: str = "19", sign: str = "") -> str:
        digits = "".join(character if character.isdecimal() else "1" for character in nine)
        return f"{century}{nine[:6]}{sign}{nine[6:]}{check_digit(digits)}"

    plain = number("800131983")
    wide = {place: chr(place + 0xFEE0) for place in range(0x30, 0x3A)}
    own = [
        Case(plain.translate(wide), False, None, None, "digits of full width"),
        Case(
            plain.translate({place: chr(place + 0x630) for place in range(0x30, 0x3A)}),
            False,
            None,
            None,
            "Arabic digits",
        ),
        Case(plain + "\n", False, None, None, "line feed at the end"),
        Case(f" {plain} ", False, None, None, "blanks around the number"),
        Case(number("800131983", sign=":"), False, None, None, "colon in place of the sign"),
        Case(number("800131983", sign="--"), False, None, None, "two hyphens"),
        Case(number("800131000"), False, None, None, "serial 000"),
        Case(number("800230983"), False, None, None, "30 February"),
        Case(number("000229984", "19"), False, None, None, "29 February 1900"),
        Case(number("000229984", "20"), True, None, None, "29 February 2000"),
        Case(number("000229984", "", "-"), True, None, None, "29 February 2000 in ten digits"),
        Case(number("000229984", "", "+"), False, None, None, "29 February 1900 in ten digits with a plus sign"),
        Case(number("800191983"), True, None, None, "samordningsnummer"),
        Case(number("800060983"), True, None, None, "samordningsnummer with month 00 and day 60"),
        Case(number("800291983"), True, None, None, "samordningsnummer of a day that does not exist"),
        Case(number("800131T83"), True, None, None, "interim number with its check digit"),
        Case(number("800131983")[:-1], False, None, None, "no check digit, twelve digits less one"),
        Case(number("800131983", "")[:-1], False, None, None, "no check digit, ten digits less one"),
        Case("19801331" + "9830", False, None, None, "month 13"),
        Case("165560360793", False, None, None, "number of an organisation with 16 before it"),
    ]
    if number("800131983")[-1] == "0":
        raise AssertionError("The case of the missing check digit needs one that is not 0.")
    return own
