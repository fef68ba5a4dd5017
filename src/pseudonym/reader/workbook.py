"""What a workbook (xlsx) says beside its cells: its sheets, texts and number formats, and how it counts days."""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from typing import Final

from pseudonym.errors import InputError
from pseudonym.reader.archive import End, Start, bounded, main_elements, open_part, parse
from pseudonym.reader.cells import CellFormat, cell_format

__all__ = ["MAX_SHEET_BYTES", "Sheet", "Workbook", "read_workbook", "unescape"]

RULES: Final[dict[str, str]] = {
    "input.no_such_sheet": "The workbook has no sheet of the name given.",
    "input.no_sheet": "The workbook has no sheet with cells that is not hidden; name one with --sheet.",
}

MAX_SMALL_PART_BYTES: Final = 64 << 20
"""For the parts that list sheets, formats and relations; a real one has some kilobytes."""

MAX_TEXTS_BYTES: Final = 1 << 30
"""For the shared texts: a million rows of ten different texts of a hundred characters."""

MAX_SHEET_BYTES: Final = 8 << 30
"""For one sheet: the largest that a spreadsheet can hold with ten columns takes a tenth of it."""

_RELATION: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_PACKAGE_RELATION: Final = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook.

    Attributes:
        part: Its part of the archive.
        place: Its place among the sheets, from 1.
        hidden: Whether the workbook hides it.
        n_bytes: Its size, unpacked.
        name: Its name, which may be that of a person and is never shown.
    """

    part: str
    place: int
    hidden: bool
    n_bytes: int
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Workbook:
    """What of a workbook is needed to read its sheets.

    Attributes:
        sheets: The sheets with cells, in their order.
        epoch_1904: Whether days are counted from 1904.
        texts: The shared texts that cells point to.
        formats: For each style of a cell how its numbers are shown.
    """

    sheets: tuple[Sheet, ...]
    epoch_1904: bool
    texts: list[str]
    formats: list[CellFormat]

    def choose(self, name: str | None) -> Sheet:
        """Give the sheet of a name, or the first that is not hidden.

        Raises:
            InputError: `input.no_such_sheet` or `input.no_sheet`.

        Sees: plaintext
        """
        if name is not None:
            named = [sheet for sheet in self.sheets if sheet.name.strip().casefold() == name.strip().casefold()]
            if not named:
                raise _error("input.no_such_sheet")
            return named[0]
        shown = [sheet for sheet in self.sheets if not sheet.hidden]
        if not shown:
            raise _error("input.no_sheet")
        return shown[0]


def read_workbook(archive: zipfile.ZipFile) -> Workbook:
    """Read all of a workbook but its sheets.

    Args:
        archive: The archive.

    Returns:
        The workbook; its shared texts are in memory, its sheets are not.

    Raises:
        InputError: `input.workbook` or `input.too_large`.

    Sees: plaintext
    """
    relations = _read_relations(archive, "xl/workbook.xml")
    # Sheets of charts and macros have no cells, and relations of other kinds.
    cells = {number: part for number, (kind, part) in relations.items() if kind == "worksheet"}
    sheets, epoch_1904 = _read_sheets(archive, cells)
    parts = dict(relations.values())
    texts, styles = parts.get("sharedStrings", ""), parts.get("styles", "")
    return Workbook(sheets, epoch_1904, _read_texts(archive, texts), _read_formats(archive, styles))


def unescape(text: str) -> str:
    """Give the characters that stand as `_x000D_` in a text, since XML has no place for them.

    Sees: plaintext
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _read_small(archive: zipfile.ZipFile, part: str, start: Start, end: End = lambda name: None) -> None:
    with open_part(archive, part, limit=MAX_SMALL_PART_BYTES) as stream:
        for _ in parse(stream, *bounded(start, end)):
            pass


def _read_relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Give, for each relation of a part, its kind and the part that it leads to."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == _PACKAGE_RELATION and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, posixpath.normpath(path))

    _read_small(archive, f"{folder}/_rels/{name}.rels", start)
    return found


def _read_sheets(archive: zipfile.ZipFile, relations: dict[str, str]) -> tuple[tuple[Sheet, ...], bool]:
    names = main_elements("sheet", "workbookPr")
    sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    sheets: list[Sheet] = []
    epochs: list[bool] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        if names.get(element) == "workbookPr":
            epochs.append(attributes.get("date1904", "0") in {"1", "true"})
        elif names.get(element) == "sheet":
            part = relations.get(next((attributes[key] for key in _RELATION if key in attributes), ""), "")
            if part in sizes:
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append(Sheet(part, len(sheets) + 1, hidden, sizes[part], attributes.get("name", "")))

    _read_small(archive, "xl/workbook.xml", start)
    return tuple(sheets), any(epochs)


def _read_texts(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Read the shared texts; runs of one text are joined, and how a word is pronounced is left out."""
    if part not in archive.NameToInfo:
        return []
    names = main_elements("si", "t", "rPh")
    texts: list[str] = []
    pieces: list[str] = []
    state = {"wanted": False, "aside": False}

    def start(element: str, attributes: dict[str, str]) -> None:
        name = names.get(element)
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            state["aside"] = True
        elif name == "t":
            state["wanted"] = not state["aside"]

    def end(element: str) -> None:
        name = names.get(element)
        if name == "si":
            texts.append(unescape("".join(pieces)))
        elif name == "rPh":
            state["aside"] = False
        elif name == "t":
            state["wanted"] = False

    def text(data: str) -> None:
        if state["wanted"]:
            pieces.append(data)

    with open_part(archive, part, limit=MAX_TEXTS_BYTES) as stream:
        for _ in parse(stream, *bounded(start, end), text):
            pass
    return texts


def _read_formats(archive: zipfile.ZipFile, part: str) -> list[CellFormat]:
    """Give the format of each style that a cell may have."""
    if part not in archive.NameToInfo:
        return []
    names = main_elements("numFmt", "cellXfs", "xf")
    codes: dict[str, str] = {}
    formats: list[CellFormat] = []
    inside = [False]

    def start(element: str, attributes: dict[str, str]) -> None:
        name = names.get(element)
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            number = attributes.get("numFmtId", "0")
            formats.append(cell_format(number, codes.get(number)))

    def end(element: str) -> None:
        if names.get(element) == "cellXfs":
            inside[0] = False

    _read_small(archive, part, start, end)
    return formats


def _error(rule: str) -> InputError:
    return InputError(rule, RULES[rule])
