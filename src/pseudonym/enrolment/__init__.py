"""The two documents by which a reporter and a registry learn each other's public keys (docs/spec.md, section 12).

The registry writes an *invite*, the reporter an *answer* to it. Both are canonical JSON and signed, so nothing in them
can be altered on the way unnoticed. That they come from whom they say is known once the fingerprints have been compared
by telephone.
"""

from __future__ import annotations

from pseudonym.enrolment.answer import ANSWER, Answer, make_answer, parse_answer, read_answer
from pseudonym.enrolment.invite import (
    INVITE,
    DocumentReference,
    Invite,
    RosterEntry,
    countersign,
    make_invite,
    parse_invite,
    read_invite,
)
from pseudonym.errors import EnrolmentError

__all__ = [
    "ANSWER",
    "INVITE",
    "Answer",
    "DocumentReference",
    "EnrolmentError",
    "Invite",
    "RosterEntry",
    "countersign",
    "make_answer",
    "make_invite",
    "parse_answer",
    "parse_invite",
    "read_answer",
    "read_invite",
]
