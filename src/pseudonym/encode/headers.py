"""What a caller gives for a header, and how it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pydantic import ValidationError

from pseudonym.errors import InputError

__all__ = ["checked_header"]

_FORMS: Final = {
    "reporter": "The code of a reporter is 1 to 64 of the characters A-Z, a-z, 0-9, '.', '_' and '-'.",
    "period": "A period is written 2026 or 2026-03.",
    "sequence": "A sequence number is a whole number from 0 to 2^53 - 1.",
    "unit": "Totals count persons, cases or reports: unit is person, case or report.",
    "role": "Totals count victims or all: role is victim or all.",
    "cells": "Totals have at most 65,536 cells.",
    "complete": "A delivery is complete for a period, so it must name one.",
}
"""The form of each member that a caller gives."""


@contextmanager
def checked_header() -> Iterator[None]:
    """Name the malformed member of a header that is made in the block, and the form that it must have.

    Raises:
        InputError: `input.header`.

    Sees: neither
    """
    try:
        yield
    except ValidationError as error:
        name = str(error.errors(include_input=False)[0]["loc"][0])
        raise InputError("input.header", _FORMS.get(name, "The header is malformed."), field=name) from None
