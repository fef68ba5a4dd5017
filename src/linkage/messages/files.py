"""Messages as files: an archive of a header and of one Parquet table for each part, whole and for its owner only.

The header names the digest of every table, so a file that was cut or changed on its way is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from linkage.errors import ExportError, HandOverError, MessageError, NoticeError
from linkage.messages import hand_over, notice
from linkage.messages.hand_over import HandOver
from linkage.messages.notice import Notice
from pseudonym.output import Kind, OutputError, Outputs, writing
from pseudonym.unreadable import why_unreadable

__all__ = ["read_hand_over", "read_notice", "write_hand_over", "write_notice"]

NOTICE: Final = "linkage-notice/1"
HAND_OVER: Final = "linkage-hand-over/2"

_HEADER: Final = "header.json"
_MOST_HEADER: Final = 1 << 16
_FREE_BYTES: Final = 1 << 26
_MOST_RATIO: Final = 100
"""How much a table may unpack to: 64 MiB, or a hundred times its length in the file."""

_Message = TypeVar("_Message", Notice, HandOver)


def write_notice(message: Notice, path: str | Path) -> None:
    """Write a notice to a file that only its owner may read; an older notice is replaced.

    Args:
        message: The notice.
        path: The file.

    Raises:
        ExportError: The file cannot be written, or there is another kind of file at the path.
    """
    _write(path, NOTICE, message.tables, {"crowded": message.crowded, **_common(message)})


def write_hand_over(message: HandOver, path: str | Path) -> None:
    """Write a hand-over to a file that only its owner may read; an older hand-over is replaced.

    Args:
        message: The hand-over.
        path: The file.

    Raises:
        ExportError: As for `write_notice`.
    """
    _write(path, HAND_OVER, message.tables, _common(message))


def read_notice(path: str | Path) -> Notice:
    """Read a notice, and check that it is whole.

    Args:
        path: The file.

    Returns:
        The notice.

    Raises:
        NoticeError: `notice.unreadable`, `notice.not_one`, `notice.version` or `notice.damaged`.
    """
    return _read(Path(path), Notice, NOTICE, notice.TABLES, _Faults(NoticeError, "notice"))


def read_hand_over(path: str | Path) -> HandOver:
    """Read a hand-over, and check that it is whole.

    Args:
        path: The file.

    Returns:
        The hand-over.

    Raises:
        HandOverError: `hand_over.unreadable`, `hand_over.not_one`, `hand_over.version` or `hand_over.damaged`.
    """
    return _read(Path(path), HandOver, HAND_OVER, hand_over.TABLES, _Faults(HandOverError, "hand_over"))


def _common(message: Notice | HandOver) -> dict[str, Any]:
    return {"number": message.number, "made_at": message.made_at, "profile_digest": message.profile_digest}


def _write(path: str | Path, form: str, tables: Mapping[str, pa.Table], members: Mapping[str, Any]) -> None:
    kind = Kind(form.partition("/")[0].removeprefix("linkage-"), lambda file: _form_of(file) == form)
    parts = {name: _parquet(table) for name, table in tables.items()}
    described = {name: {"rows": tables[name].num_rows, "digest": _digest(part)} for name, part in parts.items()}
    header = json.dumps({"form": form, **members, "tables": described}, sort_keys=True)
    try:
        with Outputs() as outputs:
            part_path = outputs.add(path, kind)
            with writing(kind, path), zipfile.ZipFile(part_path, "w") as archive:
                archive.writestr(_HEADER, header)
                for name, part in parts.items():
                    archive.writestr(f"{name}.parquet", part)
            outputs.commit()
    except OutputError as error:
        rule = error.rule.replace("output.", "export.")
        raise ExportError(rule, error.message, hint=error.hint, path=error.path) from None


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", store_schema=False)
    return buffer.getvalue()


def _digest(part: bytes) -> str:
    return hashlib.sha256(part).hexdigest()


class _Faults:
    """The errors of one kind of message."""

    def __init__(self, error: type[MessageError], word: str) -> None:
        self._error = error
        self._word = word

    def make(self, rule: str, message: str, hint: str | None, path: Path) -> MessageError:
        return self._error(f"{self._word}.{rule}", message, hint=hint, path=path)

    def damaged(self, path: Path) -> MessageError:
        return self.make(
            "damaged", "The file is damaged; nothing was changed.", "Fetch it again, or have it made again.", path
        )


def _read(path: Path, make: type[_Message], form: str, schemas: Mapping[str, pa.Schema], faults: _Faults) -> _Message:
    try:
        with path.open("rb") as file:
            found = _form_of(file)
            _check_form(found, form, faults, path)
            file.seek(0)
            members, tables = _content(file, schemas)
        return make(**members, **tables)
    except OSError as error:
        why = why_unreadable(path, error)
        raise faults.make("unreadable", why.message, why.hint, path) from None
    except (ValueError, KeyError, TypeError, RuntimeError, EOFError, pa.ArrowException, zipfile.BadZipFile):
        raise faults.damaged(path) from None


def _form_of(file: IO[bytes]) -> str | None:
    """Return what the header of an archive says that it is; None if it has none."""
    try:
        return str(_header(zipfile.ZipFile(file))["form"])
    # What `zipfile` and `json` raise for an archive that is cut off, damaged, enciphered or compressed in another way,
    # and for a header of another form.
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, zipfile.BadZipFile):
        return None


def _header(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo(_HEADER).file_size > _MOST_HEADER:
        raise ValueError
    members = json.loads(archive.read(_HEADER))
    if not isinstance(members, dict):
        raise TypeError
    return members


def _check_form(found: str | None, form: str, faults: _Faults, path: Path) -> None:
    name = form.partition("/")[0]
    if found is None or found.partition("/")[0] != name:
        raise faults.make(
            "not_one",
            f"The file is not a {name.removeprefix('linkage-')}; nothing was changed.",
            "Check the path. The other unit makes the file.",
            path,
        )
    if found != form:
        raise faults.make(
            "version",
            "The file was made by another version of this library; nothing was changed.",
            "Use the same version at both units.",
            path,
        )


def _content(file: IO[bytes], schemas: Mapping[str, pa.Schema]) -> tuple[dict[str, Any], dict[str, pa.Table]]:
    """Return the members of the header and the tables; whatever is wrong raises one of several errors."""
    with zipfile.ZipFile(file) as archive:
        members = _header(archive)
        described = members.pop("tables")
        members.pop("form")
        _check_members(members)
        if set(archive.namelist()) != {_HEADER, *(f"{name}.parquet" for name in schemas)}:
            raise ValueError
        tables = {}
        for name, schema in schemas.items():
            part = _stored(archive, f"{name}.parquet")
            if _digest(part) != described[name]["digest"]:
                raise ValueError
            tables[name] = _table(part, schema)
    return members, tables


def _check_members(members: Mapping[str, Any]) -> None:
    for name, value in members.items():
        wanted = int if name in {"number", "crowded"} else str
        if type(value) is not wanted or (isinstance(value, int) and not 0 <= value < 1 << 53):
            raise TypeError


def _stored(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise ValueError
    return archive.read(name)


def _table(part: bytes, schema: pa.Schema) -> pa.Table:
    file = pq.ParquetFile(io.BytesIO(part))
    groups = (file.metadata.row_group(index) for index in range(file.num_row_groups))
    if sum(group.total_byte_size for group in groups) > max(_FREE_BYTES, _MOST_RATIO * len(part)):
        raise ValueError
    if file.schema_arrow.names != schema.names:
        raise ValueError
    table = file.read().cast(schema)
    table.validate(full=True)
    return table
