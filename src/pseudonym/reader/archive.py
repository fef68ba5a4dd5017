"""Open the archive that a workbook is, within bounds, and run its XML parts through handlers.

Read with the archive and XML readers of Python itself, chunk by chunk. A workbook comes from outside, so nothing in it
is trusted: sizes are bounded before they are unpacked, declarations of entities are refused, nesting and the length of
one tag are bounded while they are read, and no name in it is used as a path of this machine.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, Final
from xml.parsers import expat
from zlib import error as ZlibError

from pseudonym.errors import InputError

__all__ = [
    "MAX_DEPTH",
    "OLE_SIGNATURE",
    "ZIP_SIGNATURES",
    "End",
    "Start",
    "bounded",
    "damaged",
    "main_elements",
    "open_archive",
    "open_part",
    "parse",
    "refuse_ole",
]

RULES: Final[dict[str, str]] = {
    "input.workbook": "The workbook is damaged, or the file is cut. Open it, save it anew, and try again.",
    "input.encrypted": "The workbook is locked with a password. Save a copy without one.",
    "input.old_workbook": "The input is a workbook of another kind (xls, xlsb, ods). Save it as xlsx, or as CSV UTF-8.",
    "input.not_text": "The input is neither a text file nor a workbook. Save it as CSV UTF-8 or xlsx.",
    "input.too_large": "The workbook unpacks to more than a workbook of persons holds, and is not read.",
}

ZIP_SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06")
"""First bytes of an archive, which a workbook (xlsx) is."""

OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0"
"""First bytes of the older workbooks (xls), and of workbooks locked with a password."""

MAX_TOKEN_BYTES: Final = 16 << 20
"""How far the end of one tag or attribute is looked for before the part is refused, which bounds memory."""

MAX_DEPTH: Final = 64
"""Elements within elements; a workbook has about ten, and each takes memory until it ends."""

CHUNK_BYTES: Final = 1 << 16

_MAIN: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""The two editions of the standard: as all programs write, and its strict form."""

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


@contextmanager
def open_archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open the archive of a workbook.

    Args:
        file: The file, open for reading bytes.

    Yields:
        The archive.

    Raises:
        InputError: `input.workbook` when it is cut or damaged, here or while it is read; `input.encrypted`,
            `input.old_workbook` or `input.not_text` for archives that are no readable workbook.

    Sees: plaintext
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check_kind(archive)
            yield archive
    except (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, KeyError, ValueError):
        # The texts of these errors hold names of parts or worse, so none is chained.
        raise _error("input.workbook") from None


def refuse_ole(file: BinaryIO) -> InputError:
    """Give the error for a file of the older kind: locked with a password, or a workbook as before 2007.

    Args:
        file: The file, open for reading bytes.

    Sees: plaintext
    """
    file.seek(0)
    tail = b""
    locked = "EncryptedPackage".encode("utf-16-le")
    while chunk := file.read(1 << 20):
        if locked in tail + chunk:
            return _error("input.encrypted")
        tail = chunk[-len(locked) :]
    return _error("input.old_workbook")


def parse(stream: IO[bytes], start: Start, end: End, text: Callable[[str], None] | None = None) -> Iterator[int]:
    """Run an XML part through handlers, chunk by chunk.

    Args:
        stream: The part.
        start: Called with the name and the attributes of each element that begins; it must bound how deep they nest.
        end: Called with the name of each element that ends.
        text: Called with character data.

    Yields:
        The number of bytes read so far, after each chunk.

    Raises:
        InputError: `input.workbook` for XML that is broken or declares entities; `input.too_large`.

    Sees: plaintext
    """
    parser = _parser(start, end, text)
    n_read = 0
    while True:
        chunk = stream.read(CHUNK_BYTES)
        n_read += len(chunk)
        try:
            parser.Parse(chunk, not chunk)
        except expat.ExpatError:
            raise _error("input.workbook") from None
        if n_read - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
            raise _error("input.too_large")
        yield n_read
        if not chunk:
            return


def bounded(start: Start, end: End) -> tuple[Start, End]:
    """Give handlers that refuse elements nested too deep; those of a sheet count for themselves, as they must be fast.

    Args:
        start: Called when an element begins.
        end: Called when one ends.

    Sees: neither
    """
    depth = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise _error("input.workbook")
        start(name, attributes)

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name)

    return on_start, on_end


def _parser(start: Start, end: End, text: Callable[[str], None] | None) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.CharacterDataHandler = text
    return parser


def _refuse_declaration(*_: object) -> None:
    raise _error("input.workbook")


def main_elements(*names: str) -> dict[str, str]:
    """Give, for elements of a workbook, their names as the parser gives them: of both editions of the standard.

    Sees: neither
    """
    return {f"{space} {name}": name for space in _MAIN for name in names}


def open_part(archive: zipfile.ZipFile, part: str, *, limit: int) -> IO[bytes]:
    """Open a part of the archive, if it does not unpack to more than it should.

    Args:
        archive: The archive.
        part: The name of the part.
        limit: The most bytes it may unpack to.

    Raises:
        InputError: `input.too_large`, or `input.encrypted` for a part that is locked.
        KeyError: There is no such part.

    Sees: plaintext
    """
    entry = archive.getinfo(part)
    if entry.flag_bits & 1:
        raise _error("input.encrypted")
    if entry.file_size > limit:
        raise _error("input.too_large")
    return archive.open(entry)


def damaged() -> InputError:
    """Give the error for a workbook that is not what it says.

    Sees: neither
    """
    return _error("input.workbook")


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise _error("input.old_workbook")
    raise _error("input.not_text")


def _error(rule: str) -> InputError:
    return InputError(rule, RULES[rule])
