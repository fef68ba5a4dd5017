"""Tables that people fill in with a spreadsheet and hand back as CSV: a roster, the answers to a sample."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import RosterError, SampleError
from pseudonym.unreadable import why_unreadable

__all__ = ["MAX_BYTES", "FilledIn"]

MAX_BYTES: Final = 1 << 24
"""Room for some hundred thousand rows."""

DELIMITERS: Final = ",;\t"


@dataclass(frozen=True, slots=True)
class FilledIn:
    """A kind of table.

    Attributes:
        error: What is raised where a file cannot be read.
        name: What its rules begin with.
        called: What the file is, with an article.
        broken: The error for a line in which quotes are not closed.
    """

    error: type[RosterError] | type[SampleError]
    name: str
    called: str
    broken: Callable[[Path, int], RosterError | SampleError]

    def rows(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """Yield the first line and the cells of each row that is not empty.

        Args:
            path: A CSV file in UTF-8. Delimiters are commas, semicolons or tabs.

        Raises:
            RosterError, SampleError: `NAME.unreadable`, `NAME.encoding`, or `broken`.
        """
        text = self._text(path)
        head = text.partition("\n")[0]
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=head.count), strict=True)
        line = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error:
            raise self.broken(path, line) from None

    def _text(self, path: Path) -> str:
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            why = why_unreadable(path, error)
            raise self.error(f"{self.name}.unreadable", why.message, hint=why.hint, path=path) from None
        if len(content) > MAX_BYTES:
            raise self.error(f"{self.name}.unreadable", f"The file is too large to be {self.called}.", path=path)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self.error(
                f"{self.name}.encoding",
                f"The file, which should be {self.called}, is not in UTF-8.",
                hint="Save it as CSV UTF-8; spreadsheets offer that beside CSV.",
                path=path,
            ) from None
