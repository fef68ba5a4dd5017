"""What a caller may give by name or path: the keys, the profile, the codebook, and the file that was sent last."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from pseudonym.codebook import Codebook, load_codebook
from pseudonym.errors import InputError
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.profile import Profile, load_profile
from pseudonym.wire import read_any_header

__all__ = ["as_body_key", "as_codebook", "as_key", "as_profile", "last_day", "next_number"]

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def as_body_key(key: BodyKey | str | Path | None) -> BodyKey | None:
    """Return a body key, read from its file if it is given by path; None without one.

    Raises:
        KeyFileError: As for `BodyKey.load`.

    Sees: key
    """
    return key if key is None or isinstance(key, BodyKey) else BodyKey.load(key)


def as_key(key: LinkageKey | str | Path) -> LinkageKey:
    """Return a linkage key, read from its file if it is given by path.

    Raises:
        KeyFileError: As for `LinkageKey.load`.

    Sees: key
    """
    return key if isinstance(key, LinkageKey) else LinkageKey.load(key)


def as_profile(profile: Profile | str | Path) -> Profile:
    """Return a profile, loaded if it is given by name or path.

    Raises:
        ProfileError: As for `load_profile`.

    Sees: neither
    """
    return profile if isinstance(profile, Profile) else load_profile(profile)


def as_codebook(codebook: Codebook | str | Path | None) -> Codebook | None:
    """Return a codebook, loaded if it is given by name or path; None without one.

    Raises:
        CodebookError: As for `load_codebook`.

    Sees: neither
    """
    return codebook if codebook is None or isinstance(codebook, Codebook) else load_codebook(codebook)


def next_number(sequence: int | None, previous: str | Path | None) -> tuple[int, str | None]:
    """Return the number of a new file, by default the time in milliseconds, and the digest of the file sent last.

    Args:
        sequence: The number, or None.
        previous: The path of the file sent last, of any kind, or its digest, or None.

    Raises:
        InputError: `input.sequence` if the number is not above that of the file.
        SubmissionError: The file cannot be read.

    Sees: neither
    """
    number: Any = time.time_ns() // 1_000_000 if sequence is None else sequence
    if previous is None or _DIGEST.fullmatch(str(previous)):
        return number, None if previous is None else str(previous)
    before = read_any_header(previous)
    # What is no number is refused with the header.
    if isinstance(number, int) and number <= before.sequence:
        raise InputError(
            "input.sequence",
            "The sequence number is not higher than that of the file sent last.",
            hint="Choose a higher one, or give none: it is then the time in milliseconds.",
            field="sequence",
        )
    return number, before.digest


def last_day(period: str | None) -> date:
    """Return the day by which centuries are inferred: the last one of a period that has ended, otherwise today.

    Args:
        period: `YYYY` or `YYYY-MM`, or None.

    Raises:
        ValueError: It is nothing of the kind.

    Sees: neither
    """
    today = date.today()
    if period is None:
        return today
    year, month = int(period[:4]), int(period[5:] or 12)
    return min(date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1), today)
