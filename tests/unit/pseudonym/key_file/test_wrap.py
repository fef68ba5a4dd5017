"""A wrapped key opens with its pass phrase only, and a file cannot ask for more work than is given."""

from __future__ import annotations

import time

import pytest

from pseudonym.key_file import KeyTextError, format_line, is_wrapped, unwrap, wrap
from pseudonym.key_file.text import with_check
from pseudonym.key_file.wrap import WrongPassphrase

pytestmark = pytest.mark.whole

SECRET = bytes(range(32))
LABEL, FIELDS = "PSEUDONYM-SECRET-LINKAGE-KEY-1", ("project", "7")
OPEN = format_line(LABEL, SECRET, fields=FIELDS)
PASSPHRASE = "nine lazy owls hoot"


@pytest.fixture(scope="module")
def text() -> str:
    return wrap(LABEL, SECRET, PASSPHRASE, fields=FIELDS)


def line_of(text: str) -> str:
    (line,) = (line for line in text.splitlines() if not line.startswith("#"))
    return line


def test_a_wrapped_key_is_opened_by_its_pass_phrase_alone(text: str) -> None:
    assert unwrap(text, PASSPHRASE) == OPEN
    for wrong in ("", PASSPHRASE + " ", PASSPHRASE.upper()):
        with pytest.raises(WrongPassphrase):
            unwrap(text, wrong)


def test_the_same_key_is_never_wrapped_to_the_same_text(text: str) -> None:
    again = wrap(LABEL, SECRET, PASSPHRASE, fields=FIELDS)
    parts = [line_of(one).split(".") for one in (text, again)]
    assert parts[0][:-3] == parts[1][:-3]
    assert all(a != b for a, b in zip(parts[0][-3:], parts[1][-3:], strict=True))


def test_the_text_shows_which_key_it_is_and_nothing_of_the_secret(text: str) -> None:
    assert is_wrapped(text)
    assert not is_wrapped(OPEN)
    assert ".".join((LABEL, *FIELDS)) in text
    assert OPEN.split(".")[3] not in text


def test_a_short_pass_phrase_protects_nothing_and_is_refused() -> None:
    for short in ("", "eleven char"):
        with pytest.raises(ValueError, match="at least 12 characters"):
            wrap(LABEL, SECRET, short)
    assert is_wrapped(wrap(LABEL, SECRET, "twelve chars"))


@pytest.mark.parametrize("place", range(1, 9))
def test_whoever_alters_a_part_and_renews_the_check_digits_is_noticed(text: str, place: int) -> None:
    parts = line_of(text).split(".")[:-1]
    others = {1: "PSEUDONYM-SECRET-BODY-KEY-1", 2: "another", 3: "8", 4: "4", 5: "65537", 6: "3"}
    parts[place] = others.get(place) or parts[place][1:] + parts[place][0]
    with pytest.raises((WrongPassphrase, KeyTextError)):
        unwrap(with_check(".".join(parts)), PASSPHRASE)


@pytest.mark.parametrize(
    "cost", [("9", "65536", "4"), ("3", "262145", "4"), ("3", "9999999", "4"), ("3", "65536", "9"), ("2", "65536", "4")]
)
def test_a_file_that_asks_for_too_much_or_too_little_is_refused_at_once(text: str, cost: tuple[str, ...]) -> None:
    parts = line_of(text).split(".")[:-1]
    parts[4:7] = cost
    begun = time.perf_counter()
    with pytest.raises(KeyTextError):
        unwrap(with_check(".".join(parts)), PASSPHRASE)
    assert time.perf_counter() - begun < 0.05
