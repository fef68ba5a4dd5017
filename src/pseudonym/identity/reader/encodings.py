"""Detect the character encoding of a file by reading all of it once.

A file is UTF-8, UTF-16, UTF-32, or in one of the older encodings of Swedish programs, mostly cp1252, the superset of
Latin-1 that Windows writes. UTF-16 and UTF-32 without a byte order mark are recognised by zero bytes at the same
positions of all characters of the header and nowhere else. A file that is partly UTF-8 and partly not was pasted
together, and no single encoding can read it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from pseudonym.errors import InputError
from pseudonym.identity.reader.eight_bit import eight_bit_encoding
from pseudonym.identity.reader.rules import refused
from pseudonym.identity.reader.seven_bit import ISO646_SE, is_seven_bit
from pseudonym.unreadable import why_unreadable

__all__ = ["Charset", "open_bytes", "read_charset"]

READ_AS: Final = {
    "cp1252": "The input is not UTF-8 and was read as cp1252 (Latin-1). Check that names with accents are right.",
    "iso8859-15": "The input is not UTF-8 and was read as ISO 8859-15, since only so all of its words are words.",
    "mac-roman": "The input is not UTF-8 and was read as Mac Roman, since only so its words are Swedish.",
    "cp850": "The input is not UTF-8 and was read as cp850 (DOS), since only so its words are Swedish.",
    ISO646_SE: "The input was read as if }, { and | were letters, as on old computers; --encoding ascii keeps them.",
    "utf-16": "The input has no byte order mark and was read as UTF-16, because its header looks like it.",
    "utf-32": "The input has no byte order mark and was read as UTF-32, because its header looks like it.",
}
"""The sentence for each encoding that was inferred."""

CHUNK_BYTES: Final = 1 << 20

HEAD_BYTES: Final = 1024
"""Number of bytes searched for signatures and zero bytes; enough to include the header."""

MIN_ZERO_SHARE: Final = 0.9
"""In UTF-16 a header in Latin letters has a zero byte in every character."""

BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # Before UTF-16, whose mark is a prefix of this one.
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

SIGNATURES: Final = (
    b"PAR1",
    b"ARROW1",
    b"%PDF",
    b"{\\rtf",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"\x28\xb5\x2f\xfd",
    b"SQLite format 3\x00",
    b"\x89PNG",
    b"\xff\xd8\xff",
)
"""First bytes of other files that people send instead of text."""

_BEYOND_ASCII: Final = re.compile("[^\x00-\x7f\udc80-\udcff]")
"""A character that was read as UTF-8; in the text searched, other bytes appear as lone surrogates."""


@dataclass(frozen=True, slots=True)
class Charset:
    """How the bytes of a file become text.

    Attributes:
        name: The name, as `open` accepts it.
        notice: A constant sentence for the user where the encoding was inferred, else None.
    """

    name: str
    notice: str | None = None


def read_charset(path: Path, *, encoding: str | None = None) -> Charset:
    """Detect the encoding of a file by reading all of it.

    Args:
        path: The file.
        encoding: The encoding to use, if it is not to be detected.

    Returns:
        An encoding in which every byte of the file can be read.

    Raises:
        InputError: `input.unreadable`, `input.not_a_file`, `input.empty`, `input.not_text`,
            `input.unknown_encoding`, or `input.encoding`, whose `row` is the line of the first unreadable byte.
    """
    with open_bytes(path) as file:
        head = file.read(HEAD_BYTES)
        if not head:
            raise refused("input.empty")
        if head.startswith(SIGNATURES):
            raise refused("input.not_text")
        if encoding is not None:
            return _insist(file, _known(encoding))
        for mark, name in BYTE_ORDER_MARKS:
            if head.startswith(mark):
                return _insist(file, name)
        wide = _wide_without_mark(head)
        if wide is not None:
            return Charset(_insist(file, wide).name, READ_AS[wide[:6]])
        line = _first_unreadable(file, "utf-8")
        if line is not None:
            return _infer(file, line)
        return Charset(ISO646_SE, READ_AS[ISO646_SE]) if is_seven_bit(_whole_lines(file)) else Charset("utf-8")


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file, with errors that tell the user what to do.

    Args:
        path: The file.

    Yields:
        The file, closed afterwards.

    Raises:
        InputError: `input.unreadable` or `input.not_a_file`.
    """
    try:
        if path.exists() and not path.is_file():
            raise _unreadable("input.not_a_file", path)
        file = path.open("rb")
    except (OSError, ValueError) as error:
        raise _unreadable("input.unreadable", path, error) from None
    with file:
        try:
            yield file
        except OSError as error:
            raise _unreadable("input.unreadable", path, error) from None


def _unreadable(rule: str, path: Path, error: Exception | None = None) -> InputError:
    why = why_unreadable(path, error)
    return InputError(rule, why.message, hint=why.hint)


def _known(encoding: str) -> str:
    # Codecs such as "hex" are not character encodings. Four zero bytes can be decoded in every character encoding.
    try:
        bytes(4).decode(encoding)
        codecs.getincrementaldecoder(encoding)
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise refused("input.unknown_encoding") from None
    return "utf-8-sig" if name == "utf-8" else name


def _insist(file: BinaryIO, name: str) -> Charset:
    line = _first_unreadable(file, name)
    if line is not None:
        raise refused("input.encoding", row=line)
    return Charset(name)


def _wide_without_mark(head: bytes) -> str | None:
    """Recognise UTF-16 and UTF-32 by zero bytes: only at the same positions of all characters of the first line."""
    for name, width, letter in (("utf-16-le", 2, 0), ("utf-16-be", 2, 1), ("utf-32-le", 4, 0), ("utf-32-be", 4, 3)):
        end = "\n".encode(name)
        first = head[: head.find(end) + width] if end in head else head[: len(head) // width * width]
        others = [first[position::width] for position in range(width) if position != letter]
        n_zeros, n_characters = sum(part.count(0) for part in others), len(first) // width
        enough = n_zeros >= 4 and n_zeros >= MIN_ZERO_SHARE * (width - 1) * n_characters
        if enough and 0 not in first[letter::width]:
            return name
    return None


def _infer(file: BinaryIO, line: int) -> Charset:
    """Read a file that is not UTF-8 in the encoding that makes words of its bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    if any(_BEYOND_ASCII.search(decoder.decode(chunk)) for chunk in _chunks(file)):
        raise refused("input.encoding", row=line)
    name = eight_bit_encoding(_whole_lines(file))
    if name is None or _first_unreadable(file, name) is not None:
        raise refused("input.encoding", row=line)
    return Charset(name, READ_AS[name])


def _first_unreadable(file: BinaryIO, name: str) -> int | None:
    """Return the line of the first byte that cannot be read, None if all can."""
    decoder = codecs.getincrementaldecoder(name)()
    lines = _LineCounter()
    for chunk in _chunks(file):
        state = decoder.getstate()
        text = _decode(decoder, chunk)
        if text is None:
            decoder.setstate(state)
            return _count_to_fault(decoder, chunk, lines)
        lines.add(text)
    return None if _decode(decoder, b"", final=True) is not None else lines.line


def _count_to_fault(decoder: codecs.IncrementalDecoder, chunk: bytes, lines: _LineCounter) -> int:
    """Read byte by byte up to the fault: slow, but needed for only one chunk of a refused file."""
    for position in range(len(chunk)):
        text = _decode(decoder, chunk[position : position + 1])
        if text is None:
            break
        lines.add(text)
    return lines.line


def _decode(decoder: codecs.IncrementalDecoder, data: bytes, *, final: bool = False) -> str | None:
    # The exception holds the bytes themselves, so it is caught here and not chained to another.
    try:
        return decoder.decode(data, final)
    except UnicodeError:
        return None


class _LineCounter:
    """Count lines that end in CR, LF or both, like the universal newlines of `open`."""

    def __init__(self) -> None:
        self.line = 1
        self._after_return = False

    def add(self, text: str) -> None:
        if not text:
            return
        self.line += text.count("\n") + text.count("\r") - text.count("\r\n")
        self.line -= self._after_return and text[0] == "\n"
        self._after_return = text[-1] == "\r"


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes in chunks that end with a line, so that no word is cut; a line longer than a chunk may be."""
    tail = b""
    for chunk in _chunks(file):
        data = tail + chunk
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1 or len(data)
        tail = data[end:]
        yield data[:end]
    yield tail
