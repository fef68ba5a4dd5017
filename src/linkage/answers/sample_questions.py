"""The questions of a sample as a file, which only its owner may read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from linkage.answers.export import export_file
from pseudonym.output import Kind

__all__ = ["QUESTIONS_FILE", "write_questions"]

_BEGINS: Final = b"question,reporter,record_id,"

QUESTIONS_FILE: Final = Kind("file of questions", lambda file: file.read(len(_BEGINS)) == _BEGINS, ".csv")


def write_questions(text: str, path: str | Path) -> None:
    """Write questions to a file; an older file of questions is replaced, any other is not.

    Args:
        text: The questions, as `Registry.samples.questions` returns them.
        path: The file.

    Raises:
        ExportError: As for `linkage.answers.export.export_file`.
    """
    with export_file(path, QUESTIONS_FILE) as file:
        file.write(text)
