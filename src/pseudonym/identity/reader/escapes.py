r"""Letters that were written as codes for another program: `&ouml;`, `&#246;`, `\u00f6`, `%C3%B6`, `=C3=B6`.

A code is put back only if no value would hold it otherwise: percent signs, for example, only if together they are UTF-8
with a letter beyond ASCII.
"""

from __future__ import annotations

import html
import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Final

from pseudonym.characters import plain

__all__ = ["rejoined", "unescape"]

ROUNDS: Final = 3
"""Maximum number of rounds: `&amp;ouml;` was written by two programs, one after the other."""

_SIGNS: Final = re.compile(r"[&\\%=<]|_x|u00|\+A")
_HEX: Final = "[0-9A-Fa-f]"

_ENTITY: Final = re.compile(r"&(?:#[0-9]{2,7};?|#[xX][0-9A-Fa-f]{2,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_CUT_ENTITY: Final = re.compile(r"&(?:#[0-9]{2,7}|#[xX][0-9A-Fa-f]{2,6}|[A-Za-z][A-Za-z0-9]{1,31})\Z")
_ENTITY_OF_LETTER: Final = re.compile(r"&[A-Za-z]{1,2}(?:grave|acute|circ|tilde|uml|ring|cedil|slash|caron|lig)(?!;)")
_TAG: Final = re.compile(r"</?(?:a|b|br|div|em|font|i|li|nobr|p|span|strong|td|tr|u|ul)(?: [^<>]*)?/?>", re.IGNORECASE)
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_UNITS: Final = re.compile(
    rf"\\U0*({_HEX}{{4,6}})(?!{_HEX})|\\u\{{({_HEX}{{2,6}})\}}|((?:[\\%]u{_HEX}{{4}})+)|_x({_HEX}{{4}})_"
)
_BARE_UNIT: Final = re.compile("u00[c-f][0-9a-f]")
_RUN: Final = re.compile(rf"((?:\\x{_HEX}{{2}})+)|((?:\\[0-3][0-7]{{2}})+)|(?:%{_HEX}{{2}})+|(?:=[0-9A-F]{{2}})+")
"""Bytes written one by one, as in a string of Python, in octal, in an address and in a letter."""

_MAIL: Final = re.compile(r"=\?[A-Za-z0-9_-]+\?[QqBb]\?[^? ]+\?=")
_SEVEN: Final = re.compile("\\+A[I-P][AEIMQUYcgkosw048](?:-|\\Z)")
"""A letter of UTF-7, up to U+00FF."""
_ASCII_LEFT: Final = re.compile(r"%[2-7][0-9A-Fa-f]")


def unescape(text: str, *, name: bool = False) -> str:
    r"""Put back the letters that are written as codes.

    Args:
        text: A value.
        name: Whether it is a name, in which `u00f6` can only be a code that lost its sign.

    Returns:
        The text, unchanged if nothing in it is certainly a code.

    >>> unescape("Bj&ouml;rk"), unescape(r"Bj\u00f6rk"), unescape("Bj%C3%B6rk")
    ('Björk', 'Björk', 'Björk')
    """
    for _ in range(ROUNDS):
        if _SIGNS.search(text) is None:
            break
        before, text = text, _once(text, name)
        if text == before:
            break
    return text


def rejoined(fields: list[str]) -> list[str]:
    """Join the fields of a line that was split at the semicolons of its codes: `Bj&ouml` and `rk`.

    Args:
        fields: The fields, of which there are too many.
    """
    whole: list[str] = []
    for field in fields:
        code = _CUT_ENTITY.search(whole[-1]) if whole else None
        if code is not None and html.unescape(f"{code[0]};") != f"{code[0]};":
            whole[-1] = f"{whole[-1]};{field}"
        else:
            whole.append(field)
    return whole


def _once(text: str, name: bool) -> str:
    if "&" in text:
        text = _ENTITY_OF_LETTER.sub(_entity, _ENTITY.sub(_entity, text))
    if "=?" in text:
        text = _MAIL.sub(_mail_word, text)
    if "<" in text:
        text = _TAG.sub(" ", _CDATA.sub(r"\1", text))
    text = _UNITS.sub(_unit, text)
    if "+A" in text:
        text = _SEVEN.sub(
            lambda match: _shown(match[0].rstrip("-").encode().decode("utf-7", "replace"), match[0]), text
        )
    if name:
        text = _BARE_UNIT.sub(lambda match: chr(int(match[0][1:], 16)), text).replace("%20", " ")
    found = _RUN.sub(_of_bytes, text)
    if found != text and "%" in text:
        # What is escaped for an address is so as a whole, its spaces and commas too.
        found = _ASCII_LEFT.sub(lambda match: chr(int(match[0][1:], 16)), found)
    return found


def _entity(match: re.Match[str]) -> str:
    code = match[0] if match[0].endswith(";") else f"{match[0]};"
    found = html.unescape(code)
    return match[0] if found == code else _shown(found, match[0])


def _mail_word(match: re.Match[str]) -> str:
    try:
        return _shown(str(make_header(decode_header(match[0]))), match[0])
    except (HeaderParseError, LookupError, ValueError):
        return match[0]


def _unit(match: re.Match[str]) -> str:
    if match[3]:
        units = b"".join(int(unit, 16).to_bytes(2, "big") for unit in re.split(r"[\\%]u", match[3])[1:])
        found = units.decode("utf-16-be", "replace")
    else:
        point = int(match[1] or match[2] or match[4], 16)
        found = chr(point) if point <= 0x10FFFF and not 0xD800 <= point < 0xE000 else "\ufffd"
    return _shown(found, match[0])


def _of_bytes(match: re.Match[str]) -> str:
    """Return the letters that bytes spell in UTF-8, or the text if they spell none beyond ASCII."""
    run = match[0]
    in_python, in_octal = match[1] is not None, match[2] is not None
    codes = re.findall("[0-7]{3}" if in_octal else f"{_HEX}{{2}}", run)
    values = bytes(int(code, 8 if in_octal else 16) for code in codes)
    try:
        found = values.decode("utf-8")
    except UnicodeDecodeError:
        # A string of Python has one such code for a letter. Other bytes that are not UTF-8 are of an unknown encoding.
        found = values.decode("latin-1") if in_python else ""
    return _shown(found, run) if any(sign > "\x7f" and sign.isalpha() for sign in found) else run


def _shown(found: str, code: str) -> str:
    """Return the letters of a code: a space for white space, nothing for invisible ones, the code for controls."""
    if found.isspace():
        return " "
    if not plain(found):
        return ""
    return found if found.isprintable() else code
