"""What the keys of a reporter have in common: they are read from a file and written to one, open or wrapped."""

from __future__ import annotations

import re
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar, Self

from pseudonym.errors import KeyFileError, concerning
from pseudonym.key_file import (
    KeyFile,
    KeyFileSizeError,
    KeyHandle,
    KeyLockedError,
    KeyTextError,
    format_key,
    parse_key,
    read_key_file,
    save_key,
    wrap,
)
from pseudonym.output import FREE_SPACE, FULL, is_full
from pseudonym.unreadable import why_unreadable

__all__ = ["StoredKey", "read_stored"]

_KEY_TEXT = re.compile(r"[A-Z]+-SECRET-[A-Z]+-KEY")


class StoredKey(KeyHandle):
    """A key of a reporter, in a file.

    Attributes:
        LABEL: The label of its line.
        NOUN: What messages call it.
        COMMENT: The lines above it in its file.
        REMEDY: What to do if a file does not hold one.
    """

    __slots__ = ()

    LABEL: ClassVar[str]
    NOUN: ClassVar[str]
    COMMENT: ClassVar[str]
    REMEDY: ClassVar[str]

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Read the text form of a key.

        Args:
            text: The content of an open key file.

        Returns:
            The key.

        Raises:
            KeyFileError: `key.form` if there is not exactly one well-formed key line of this kind, `key.check` if its
                check digits are wrong, as after a typing error.
        """

    @abstractmethod
    def _reveal(self) -> bytes:
        """Return the secret."""

    def _fields(self) -> tuple[str, ...]:
        """Return the fields of the line that are not secret."""
        return ()

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a key file.

        Args:
            path: The file. If it is wrapped, whoever `pseudonym.key_file.asking` names is asked for its pass phrase.

        Returns:
            The key.

        Raises:
            KeyFileError: `key.unreadable` if the file cannot be read, `key.too_large` if it is larger than any key
                file, `key.text` if this is the text of a key and no path, `key.wrapped` if it is under a pass phrase
                and nobody can be asked for it, `key.passphrase` if that is wrong, `key.wrapped_form` if the wrapped
                file is damaged or asks for too much, and whatever `parse` raises.

        Warns:
            KeyFileWarning: Other users of the computer can use the file.
        """
        file = read_stored(path, cls.NOUN)
        with concerning(path):
            key = cls.parse(file.text)
        file.warn_if_shared()
        return key

    @classmethod
    def _parsed(cls, text: str, *, n_fields: int = 0) -> tuple[list[str], bytes]:
        try:
            return parse_key(text, cls.LABEL, n_fields=n_fields)
        except KeyTextError as error:
            mistyped = error.mistyped
        if mistyped:
            raise KeyFileError(
                "key.check",
                f"The check digits of the {cls.NOUN} are wrong: it was not copied correctly.",
                hint="Copy the key file again.",
            )
        raise cls._not_a_key()

    @classmethod
    def _not_a_key(cls) -> KeyFileError:
        return KeyFileError("key.form", f"The file does not hold exactly one {cls.NOUN}.", hint=cls.REMEDY)

    def save(self, path: str | Path, *, passphrase: str | None = None) -> None:
        """Write the key to a new file that only its owner can read.

        Args:
            path: The file. It must not exist: a key is never overwritten.
            passphrase: The pass phrase under which it is wrapped; None for an open file.

        Raises:
            KeyFileError: `key.exists` if the file exists, `key.full` if the disk is full, `key.unwritable` if it cannot
                be written.
            ValueError: The pass phrase is shorter than `pseudonym.key_file.MIN_CHARACTERS`.
        """
        if passphrase is None:
            text = format_key(self.LABEL, self._reveal(), fields=self._fields(), comment=self.COMMENT)
        else:
            text = wrap(self.LABEL, self._reveal(), passphrase, fields=self._fields())
        with concerning(path):
            self._write(Path(path), text)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        try:
            save_key(path, text)
        except FileExistsError:
            raise KeyFileError(
                "key.exists",
                "A file already exists at this path; a key is never overwritten.",
                hint="Choose another path. If the file is an older key, reporters may still need it.",
            ) from None
        except OSError as error:
            raise _unwritable(error) from None


def read_stored(path: str | Path, noun: str) -> KeyFile:
    """Read a key file, whichever kind of key it holds.

    Args:
        path: The file.
        noun: What messages call it.

    Raises:
        KeyFileError: As for `StoredKey.load`.
    """
    if _KEY_TEXT.search(str(path)):
        # The error must not name this path.
        raise KeyFileError(
            "key.text",
            f"The text of a {noun} was given in place of the path of its file.",
            hint="Give the path of the file. In a program, read the text with parse.",
        )
    with concerning(path):
        return _read(path, noun)


def _read(path: str | Path, noun: str) -> KeyFile:
    try:
        return read_key_file(path)
    except OSError as error:
        why = why_unreadable(path, error)
        raise KeyFileError("key.unreadable", why.message, hint=why.hint) from None
    except KeyFileSizeError as error:
        raise KeyFileError("key.too_large", error.message(noun), hint=error.hint) from None
    except KeyLockedError as error:
        raise KeyFileError(f"key.{error.rule}", error.message, hint=error.hint) from None


def _unwritable(error: OSError) -> KeyFileError:
    if is_full(error):
        return KeyFileError("key.full", FULL, hint=FREE_SPACE)
    return KeyFileError(
        "key.unwritable",
        "The key file cannot be written.",
        hint="Check that the folder exists and that you may write to it.",
    )
