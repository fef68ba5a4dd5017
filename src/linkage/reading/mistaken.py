"""Identify a file that was given for a submission and is none: a case file, a key, a folder, an archive.

Case files and keys must never be at the registry, and whoever gives one by mistake should be told so. Only the
beginning of a file is read, and nothing of it is shown.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from linkage.errors import RefusedError

__all__ = ["QUESTIONED", "is_identity", "mistaken"]

QUESTIONED: Final = frozenset({"submission.unreadable", "submission.not_parquet", "submission.not_one"})
"""The rules under which a file may be something else; under all others it is a file for a registry."""

HEAD_BYTES: Final = 1 << 16
PART_BYTES: Final = 1 << 20
"""What is read of a file, and of a part of a workbook."""

HEADER_ROWS: Final = 20
"""Rows among which the header of a table is looked for, below titles and notes."""

_IDENTITY: Final = re.compile(
    r"personn|pers(?:on)?\.?_?nr|^pnr$|^ssn$|personal_identity|person_(?:och|eller)|samordn|coordination_number"
    r"|foreign_number|pass(?:port|n)"
    r"|(?:för|for|efter|etter|tilltals|familje)na[mv]n|fullständigt_namn|^[fe]?na[mv]n$"
    r"|(?:given|family|first|last|full|sur|fore|maiden)_?name|name_of_address|^names?$"
    r"|födel|fodel|f[øo]dsel|^född_|birth|^dob$"
)
"""How headers of columns that hold identities are written, with `_` for blanks and hyphens. Sex alone tells nobody."""


class _Kind(NamedTuple):
    """What a file is, and what to do about it."""

    rule: str
    message: str
    hint: str | None


_CASES: Final = _Kind(
    "submission.case_file",
    "The file seems to be a case file with identities, which must not be at the registry; nothing of it was stored.",
    "Delete it here and wherever it came by, tell its reporter, and ask for the file that pseudonym encode writes.",
)
_KEY: Final = _Kind(
    "submission.key_file",
    "The file has a secret key, which no registry may have; nothing of it was stored.",
    "Delete it here and wherever it came by, and tell whoever keeps the keys: the reporters need a new one.",
)
_OWN_KEY: Final = _Kind(
    "submission.registry_key",
    "The file is the key of a unit of the registry, not a submission.",
    "Name it with --registry-key, and only submissions after the registry.",
)
_REGISTRY: Final = _Kind(
    "submission.registry", "The file is a registry, not a submission.", "The registry is named first, once."
)
_REJECTS: Final = _Kind(
    "submission.rejects_file",
    "The file is a rejects file, which stays at its reporter; nothing of it was stored.",
    "Receive the submission that pseudonym encode wrote beside it.",
)
_EXPORT: Final = _Kind(
    "submission.export",
    "The file is an export of a registry, not a submission.",
    "Receive the files that pseudonym encode, withdraw and totals write.",
)
_ROSTER: Final = _Kind(
    "submission.roster", "The file is a roster, not a submission.", "Import it with: linkage roster import"
)
_WORKBOOK: Final = _Kind(
    "submission.workbook",
    "The file is a workbook, not a submission; nothing of it was stored.",
    "If it lists persons, delete it here, and ask its reporter for the file that pseudonym encode writes.",
)
_ARCHIVE: Final = _Kind(
    "submission.archive", "The file is an archive, not a submission.", "Unpack it and receive the submissions in it."
)
_ENCRYPTED: Final = _Kind(
    "submission.encrypted", "The file is encrypted, and so no submission yet.", "Decrypt it and receive what is in it."
)
_FOLDER: Final = _Kind(
    "submission.folder",
    "The path is a folder, not a submission.",
    "Name the files in it: linkage receive REGISTRY FOLDER/*.parquet",
)
_NO_MATCH: Final = _Kind(
    "submission.no_match", "No file matches this pattern.", "Check the folder and the ending of the names."
)
_MISSING: Final = _Kind(
    "submission.unreadable", "There is no such file.", "Check the folder and the spelling of the name."
)
_EMPTY: Final = _Kind(
    "submission.not_parquet", "The file is empty.", "It may not have been copied to its end: fetch it again."
)

_TABLES: Final[dict[tuple[str, ...], _Kind]] = {
    ("row", "field", "rule", "effect", "meaning"): _REJECTS,
    ("reporter", "record_id", "person_id"): _EXPORT,
    ("reporter_a", "record_id_a", "reporter_b", "record_id_b"): _EXPORT,
    ("reporter", "name", "kind"): _ROSTER,
}
"""How the headers of other tables begin."""

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ARCHIVES: Final = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\x00")
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_HEADS: Final = (b"-----BEGIN PGP MESSAGE", b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED")

_SECRET_KEY: Final = re.compile(r"^[A-Z]+-SECRET-[A-Z0-9-]*KEY-[0-9]+\.", re.MULTILINE)
_OWN_KEYS: Final = ("LINKAGE-SECRET-REGISTRY-KEY", "LINKAGE-SECRET-STATISTICS-KEY")
_DUCKDB: Final = slice(8, 12), b"DUCK"
_UNIT_FILES: Final = ("linkage.duckdb", "statistics.duckdb")
"""What is in the folder of a registry."""

_PATTERN_SIGNS: Final = frozenset("*?[")

_NUMBER: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{2})?[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|[678][0-9]|9[01])[-+ ]?[0-9]{4}"
    r"(?![0-9])"
)
"""A text of the form of a personnummer or samordningsnummer."""

_DELIMITERS: Final = re.compile(r"[,;\t|]")
_BLANKS: Final = re.compile(r"[\s_-]+")
_XML_TEXT: Final = re.compile(r"<(?:\w+:)?t\b[^>]*>([^<]*)<")


def mistaken(path: Path) -> RefusedError | None:
    """Identify a file that could not be opened as a submission.

    Args:
        path: The file.

    Returns:
        The error to raise; None if nothing is known of it.
    """
    kind = None
    with suppress(OSError, ValueError):
        kind = _kind(path)
    return None if kind is None else RefusedError(kind.rule, kind.message, hint=kind.hint, path=path)


def _kind(path: Path) -> _Kind | None:
    if path.is_dir():
        return _REGISTRY if any((path / name).is_file() for name in _UNIT_FILES) else _FOLDER
    if not path.exists():
        return _NO_MATCH if _PATTERN_SIGNS & set(str(path)) else _MISSING
    if not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        return _EMPTY
    place, magic = _DUCKDB
    if head[place] == magic:
        return _REGISTRY
    if head.startswith(b"PAR1"):
        return _kind_of_parquet(path)
    if head.startswith(_OLD_WORKBOOK):
        return _WORKBOOK
    if head.startswith(_ZIP):
        return _kind_of_archive(path)
    if head.startswith(_ARCHIVES):
        return _ARCHIVE
    return _ENCRYPTED if head.startswith(_ENCRYPTED_HEADS) else _kind_of_text(head)


def _kind_of_parquet(path: Path) -> _Kind | None:
    """Recognise a table of persons that some program saved as Parquet."""
    with suppress(pa.ArrowException):
        return _CASES if _has_identities(pq.read_schema(path).names) else None
    return None


def _kind_of_archive(path: Path) -> _Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            sheets = [name for name in names if name == "xl/sharedStrings.xml" or name.startswith("xl/worksheets/")]
            if not sheets:
                return _WORKBOOK if "content.xml" in names else _ARCHIVE
            return _CASES if any(_has_persons(archive, name) for name in sheets) else _WORKBOOK
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        return _ARCHIVE


def _has_persons(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as file:
        text = file.read(PART_BYTES).decode(errors="replace")
    texts = _XML_TEXT.findall(text)
    return _has_identities(texts) or any(map(_NUMBER.fullmatch, texts))


def _kind_of_text(head: bytes) -> _Kind | None:
    text = _decoded(head)
    if text is None:
        return None
    if any(label in text for label in _OWN_KEYS):
        return _OWN_KEY
    if _SECRET_KEY.search(text):
        return _KEY
    rows = [[_folded(cell) for cell in _DELIMITERS.split(line)] for line in text.splitlines()[:HEADER_ROWS]]
    for columns, kind in _TABLES.items():
        if rows and tuple(rows[0][: len(columns)]) == columns:
            return kind
    return _CASES if any(map(_has_identities, rows)) or _NUMBER.search(text) else None


def _decoded(head: bytes) -> str | None:
    """Return the beginning of a file as text; None if it is none."""
    for encoding in ("utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            text = head.decode(encoding)
            return None if "\0" in text else text
    return head.decode("latin-1") if b"\0" not in head else None


def is_identity(header: str) -> bool:
    """Return whether the header of a column says that it holds part of an identity.

    >>> is_identity("Förnamn"), is_identity("Kommunnamn")
    (True, False)
    """
    return _IDENTITY.search(_folded(header)) is not None


def _has_identities(headers: Iterable[str]) -> bool:
    return any(map(is_identity, headers))


def _folded(header: str) -> str:
    return _BLANKS.sub("_", header.strip().strip('"').strip().casefold())
