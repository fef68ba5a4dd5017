"""The Swedish seven-bit alphabet (SEN 85 02 00, annex B), in which å, ä and ö are written as }, { and |.

Python has no such codec, so it is registered here, by the name `iso646-se`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pseudonym.identity.reader.fields import ALIASES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["ISO646_SE", "is_seven_bit"]

ISO646_SE: Final = "iso646-se"

NAMES: Final = frozenset({"iso646_se", "iso_646_se", "sen_850200_b"})
"""How Python asks for it, in lower case with underscores."""

MIN_WORDS: Final = 3
"""Minimum number of different words such as `H}kan` that show the alphabet."""

_LETTERS: Final = {0x5B: "\u00c4", 0x5C: "\u00d6", 0x5D: "\u00c5", 0x7B: "\u00e4", 0x7C: "\u00f6", 0x7D: "\u00e5"}
_DECODING: Final = "".join(_LETTERS.get(point, chr(point)) for point in range(128)) + "\ufffe" * 128
_ENCODING: Final = codecs.charmap_build(_DECODING)

_BRACES: Final = re.compile(rb"[{}]")
_WITHIN: Final = re.compile(rb"(?<![A-Za-z])[A-Za-z]*[A-Za-z][{}][a-z]+")
_EMBEDDED: Final = re.compile(rb"(?<=[A-Za-z])[{}]|[{}](?=[a-z])")
_PAIR: Final = re.compile(rb"(?<![A-Za-z])\{[^{};,\s]*\}(?![a-z])")
_HEADER: Final = re.compile(r"[^\W\d][\w ]*")


def is_seven_bit(chunks: Iterable[bytes]) -> bool:
    """Return whether a file of ASCII certainly has this alphabet.

    It has if a header such as `f|rnamn` becomes a known one, or if several words such as `H}kan` have a brace within
    them and no brace stands elsewhere.

    Args:
        chunks: The bytes of the file, in order.
    """
    words: set[bytes] = set()
    n_braces = n_embedded = 0
    for index, chunk in enumerate(chunks):
        if index == 0 and _has_known_header(chunk.lstrip()):
            return True
        if b"{" not in chunk and b"}" not in chunk:
            continue
        if _PAIR.search(chunk):
            return False
        n_braces += len(_BRACES.findall(chunk))
        n_embedded += len(_EMBEDDED.findall(chunk))
        if len(words) < MIN_WORDS:
            words.update(_WITHIN.findall(chunk))
    return len(words) >= MIN_WORDS and n_embedded == n_braces


def _has_known_header(head: bytes) -> bool:
    line = re.split(rb"[\r\n]", head, maxsplit=1)[0]
    if not any(sign in line for sign in b"[\\]{|}"):
        return False
    text = line.decode("ascii", "replace").translate(_LETTERS)
    return any(not title.isascii() and title.casefold() in ALIASES for title in _HEADER.findall(text))


class _Decoder(codecs.IncrementalDecoder):
    """Decode byte by byte, so no state is needed."""

    def decode(self, input: ReadableBuffer, final: bool = False) -> str:
        """Return the letters of some bytes."""
        return codecs.charmap_decode(input, self.errors, _DECODING)[0]


def _find(name: str) -> codecs.CodecInfo | None:
    if name not in NAMES:
        return None
    return codecs.CodecInfo(
        name=ISO646_SE,
        encode=lambda text, errors="strict": codecs.charmap_encode(text, errors, _ENCODING),
        decode=lambda data, errors="strict": codecs.charmap_decode(data, errors, _DECODING),
        incrementaldecoder=_Decoder,
    )


codecs.register(_find)
