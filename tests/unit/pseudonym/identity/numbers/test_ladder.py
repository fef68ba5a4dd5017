"""A number of the register that is written as most are is read in one step, with the same result as step by step."""

from __future__ import annotations

import random
from datetime import date

import pytest

from pseudonym.errors import FieldError
from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers import ladder
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.number import Number

TODAY = date(2026, 3, 31)


def _step_by_step(text: str, births: tuple[Birth, ...]) -> Number | None:
    try:
        return ladder._read_any(text, TODAY, None, None, births)
    except FieldError:
        return None


def _texts(seed: int) -> list[str]:
    """Return numbers of all centuries and types that are digits only, with right and wrong check digits."""
    draw = random.Random(seed)
    found = [
        "111111111111",
        "1111111111",
        "191111111111",
        "000000000000",
        "20000101-0000",
        "991231-0003",
        "20000060-0000",
    ]
    for _ in range(2000):
        year = draw.choice([*draw.choices(range(1840, 2110), k=4), draw.randrange(10000), 9900, 2200, 3200])
        day = draw.choice([*draw.choices(range(1, 29), k=4), draw.randrange(100), *draw.choices(range(59, 93), k=4)])
        head = f"{year:04d}{draw.randrange(0, 14):02d}{day:02d}"
        serial = draw.choice(["000", f"{draw.randrange(1000):03d}"])
        digit = draw.choice([check_digit(head[2:] + serial), str(draw.randrange(10))])
        long = draw.random() < 0.5
        found.append(f"{head if long else head[2:]}{draw.choice(['', '-', '+', ' '])}{serial}{digit}")
    return found


@pytest.mark.parametrize("births", [(), (Birth(1918, 2, 15),), (Birth(2007),)], ids=["undated", "to the day", "year"])
def test_a_usual_number_is_read_as_step_by_step(births: tuple[Birth, ...]) -> None:
    texts = _texts(1)
    usual = {text: found for text in texts if (found := ladder._read_usual(text, TODAY, births)) is not None}
    assert len(usual) > 100
    assert len(usual) < len(texts) - 100
    assert usual == {text: _step_by_step(text, births) for text in usual}
    assert {found.type for found in usual.values()} == {"personnummer", "samordningsnummer"}
    assert {found.birth is None for found in usual.values()} == {True, False}, "some days do not exist"
    assert {found.certainty for found in usual.values()} == {"certain", "likely"}
