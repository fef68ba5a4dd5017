"""The answer: the public key of a reporter, with the invite that it answers, signed with that key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from pseudonym.enrolment.document import (
    SIGNATURE,
    SPOKEN,
    SignedDocument,
    enrolment_error,
    parse_document,
    read_document,
)
from pseudonym.enrolment.invite import Code, Invite
from pseudonym.labels import SPEC
from pseudonym.output import Kind
from pseudonym.public_keys import BodyPublicKey, BodySigner

__all__ = ["ANSWER", "Answer", "make_answer", "parse_answer", "read_answer"]

FORMAT: Final = "pseudonym-answer/1"

ANSWER: Final = Kind("answer", lambda file: f'"{FORMAT}"'.encode() in file.read(1 << 15))
"""A document that says that it is one."""

_UNSIGNED: Final = "0" * 128


class Answer(SignedDocument):
    """An answer to an invite.

    Its digest of the invite says which keys of the units the reporter has seen. So a registry that finds its own invite
    there, and compares the fingerprint of the reporter, knows that nobody has exchanged a key on either way.

    Attributes:
        reporter: Code of the reporter.
        invite: Digest of the invite.
        public_key: The public key of the reporter, as text.
        fingerprint: Its fingerprint in groups of digits.
        signature: Its signature over everything else.
    """

    KIND: ClassVar[str] = "answer"
    SIGNED_APART: ClassVar[str] = "signature"

    format: Literal["pseudonym-answer/1"]
    spec: Literal[3]
    reporter: Code
    invite: str = Field(pattern=r"^[0-9a-f]{64}$")
    public_key: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9.-]+$")]
    fingerprint: str = Field(pattern=SPOKEN)
    signature: str = Field(pattern=SIGNATURE)

    @property
    def key(self) -> BodyPublicKey:
        """The public key of the reporter."""
        return BodyPublicKey.parse(self.public_key)

    def check(self) -> None:
        """Check key, fingerprint and signature.

        Raises:
            EnrolmentError: `answer.fingerprint`.
            PublicKeyError: The public key is damaged or the signature is wrong.
        """
        key = self.key
        if key.spoken != self.fingerprint:
            raise enrolment_error(Answer, "fingerprint", field="fingerprint")
        key.verify(bytes.fromhex(self.signature), self.message)

    def check_invite(self, invite: Invite) -> None:
        """Check that this answers an invite.

        Args:
            invite: The invite.

        Raises:
            EnrolmentError: `answer.other_invite` if it answers another one, or is for another reporter.
        """
        if (self.invite, self.reporter) != (invite.digest, invite.reporter):
            raise enrolment_error(Answer, "other_invite")


def make_answer(invite: Invite, key: BodySigner) -> Answer:
    """Answer an invite.

    Args:
        invite: The invite, signed by both units.
        key: The body key of the reporter.

    Returns:
        The answer.

    Raises:
        EnrolmentError: `invite.incomplete` if a unit has not signed it.
    """
    if not invite.is_complete:
        raise enrolment_error(Invite, "incomplete", field="signatures")
    unsigned = Answer(
        format=FORMAT,
        spec=SPEC,
        reporter=invite.reporter,
        invite=invite.digest,
        public_key=key.public.text,
        fingerprint=key.public.spoken,
        signature=_UNSIGNED,
    )
    return unsigned.model_copy(update={"signature": key.sign(unsigned.message).hex()})


def parse_answer(data: bytes) -> Answer:
    """Read an answer.

    Args:
        data: The content of its file.

    Raises:
        EnrolmentError: As for `pseudonym.enrolment.document.parse_document`.
    """
    return parse_document(data, Answer)


def read_answer(path: str | Path) -> Answer:
    """Read an answer from its file.

    Args:
        path: The file.

    Raises:
        EnrolmentError: As for `parse_answer`; `answer.unreadable`.
    """
    return read_document(path, Answer)
