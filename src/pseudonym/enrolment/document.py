"""What invites and answers have in common: canonical JSON of a few members, read strictly, and signed."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import rfc8785
from pydantic import BaseModel, ConfigDict, ValidationError

from pseudonym.canonical import length_prefixed
from pseudonym.documents import read_file
from pseudonym.errors import EnrolmentError, PublicKeyError
from pseudonym.json_text import first_flaw, reencode
from pseudonym.labels import LABELS
from pseudonym.unreadable import why_unreadable

__all__ = ["SIGNATURE", "SPOKEN", "SignedDocument", "enrolment_error", "parse_document", "read_document"]

MAX_BYTES: Final = 1 << 15
"""An invite has some 6,000 bytes."""

SIGNATURE: Final = r"^[0-9a-f]{128}$"
SPOKEN: Final = r"^[0-9]{5}( [0-9]{5}){5}$"

_AGAIN: Final = "Ask whoever made it to send the file again, unchanged."

_ERRORS: Final[dict[str, tuple[str, str]]] = {
    "too_large": ("The file is too large to be one.", "Check the path."),
    "json": ("The file is not JSON, or has a member twice.", "Check the path."),
    "form": ("A member is missing, unknown or out of range.", _AGAIN),
    "canonical": ("The file was edited: it is not written as its maker wrote it.", _AGAIN),
    "key": ("A public key in it is damaged.", _AGAIN),
    "fingerprint": ("A fingerprint in it is not that of the public key beside it.", _AGAIN),
    "signature": ("A signature is missing or wrong: the file was altered, or its maker does not have the key.", _AGAIN),
    "units": (
        "An invite names exactly one key for each of the two units.",
        "Name the key, or the public key, of each unit once.",
    ),
    "other_key": ("The invite names another key for this unit.", "Make a new invite with the right public key."),
    "incomplete": (
        "Only one of the two units has signed the invite.",
        "The other unit signs it with: linkage invite --countersign",
    ),
    "other_reporter": (
        "The invite is for another reporter.",
        "Ask the registry for an invite of your own, and answer it with 'pseudonym enrol'.",
    ),
    "other_profile": (
        "The invite names another profile.",
        "Encode with the profile that the registry uses, or ask it for a new invite.",
    ),
    "other_linkage_key": (
        "The invite names another linkage key or another epoch.",
        "Use the linkage key of the present epoch, or ask the registry for a new invite.",
    ),
    "other_invite": (
        "The answer is for another invite or another reporter.",
        "Ask the reporter to answer the newest invite, and compare the fingerprints by telephone.",
    ),
}
"""What is wrong with a document, and what to do about it."""


class SignedDocument(BaseModel):
    """A document that its makers sign.

    Attributes:
        KIND: What messages and labels call it.
        SIGNED_APART: The member with the signatures, which does not enter the digest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)

    KIND: ClassVar[str]
    SIGNED_APART: ClassVar[str]

    def members(self) -> dict[str, Any]:
        """Return the document as plain values."""
        return self.model_dump(mode="json", by_alias=True)

    def canonical(self) -> bytes:
        """Return the document as canonical JSON [RFC8785], as it is in its file."""
        return rfc8785.dumps(self.members())

    @property
    def message(self) -> bytes:
        """What is signed: everything but the signatures."""
        members = self.members()
        del members[self.SIGNED_APART]
        return length_prefixed(LABELS[self.KIND], rfc8785.dumps(members))

    @property
    def digest(self) -> str:
        """SHA-256 of what is signed, 64 hexadecimal digits."""
        return hashlib.sha256(self.message).hexdigest()

    @abstractmethod
    def check(self) -> None:
        """Check what the form does not say: public keys, fingerprints and signatures.

        Raises:
            EnrolmentError: One of them is wrong.
            PublicKeyError: A public key is damaged.
        """


_Form = TypeVar("_Form", bound=SignedDocument)


def parse_document(data: bytes, form: type[_Form]) -> _Form:
    """Read a document strictly.

    Args:
        data: The content of its file.
        form: Its kind.

    Returns:
        The document, whose signatures were checked with the keys that it names.

    Raises:
        EnrolmentError: `KIND.too_large`, `KIND.json`, `KIND.form` (with `field` and `allowed`), `KIND.canonical`,
            `KIND.key`, `KIND.fingerprint` or `KIND.signature`, with `invite` or `answer` for KIND.
    """
    if len(data) > MAX_BYTES:
        raise enrolment_error(form, "too_large")
    # The parsers' errors hold text of the file, which may be the wrong one, so they are not chained.
    plain = reencode(data)
    if plain is None:
        raise enrolment_error(form, "json")
    try:
        found = form.model_validate_json(plain)
    except ValidationError as error:
        flaw = first_flaw(error, form)
    else:
        return _checked(found, data)
    raise enrolment_error(form, "form", field=flaw.member, allowed=flaw.allowed)


def read_document(path: str | Path, form: type[_Form]) -> _Form:
    """Read a document from a file.

    Args:
        path: The file.
        form: Its kind.

    Raises:
        EnrolmentError: As for `parse_document`; `KIND.unreadable` if the file cannot be read. Its `path` is the file.
    """
    data = read_file(path)
    if data is None:
        why = why_unreadable(path)
        raise EnrolmentError(f"{form.KIND}.unreadable", why.message, hint=why.hint, path=Path(path))
    try:
        return parse_document(data, form)
    except EnrolmentError as error:
        error.path = Path(path)
        raise


def _checked(found: _Form, data: bytes) -> _Form:
    form = type(found)
    # Mail adds an end of line, and nothing else is forgiven.
    if found.canonical() != data.rstrip(b"\r\n"):
        raise enrolment_error(form, "canonical")
    try:
        found.check()
    except PublicKeyError as error:
        rule = "signature" if error.rule == "public_key.signature" else "key"
    else:
        return found
    raise enrolment_error(form, rule)


def enrolment_error(
    form: type[SignedDocument], rule: str, *, field: str | None = None, allowed: str | None = None
) -> EnrolmentError:
    """Return the error for what is wrong with a document, to be raised.

    Args:
        form: The kind of the document.
        rule: The end of the rule, without the kind.
        field: The member that is wrong, or None.
        allowed: What it may hold, or None.
    """
    message, hint = _ERRORS[rule]
    return EnrolmentError(f"{form.KIND}.{rule}", message, hint=hint, field=field, allowed=allowed)
