"""Decide whether a file is from the reporter that it names, before anything of it is stored or opened.

A sealed file is believed if the reporter is enrolled and the file is signed with a key of it that holds. An open file
is not signed, so anybody could have made it; it is accepted from reporters that are not enrolled, unless the registry
accepts enrolled ones only. The only clock that counts is that of the registry: whoever has a key can sign any date.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from linkage.errors import RefusedError
from linkage.intake.database import Database
from linkage.intake.ledger import AnyHeader
from linkage.intake.trust.enrolments import Enrolment, read_enrolments
from linkage.intake.trust.policy import enrolled_only
from pseudonym.wire import CodesHeader, TotalsHeader, WithdrawalHeader

__all__ = ["SignedHeader", "check_unsigned", "find_signer"]


class SignedHeader(Protocol):
    """What the header of a sealed file says of its sender."""

    @property
    def reporter(self) -> str:
        """Code of the reporter."""

    @property
    def signer(self) -> str:
        """Fingerprint of its public key."""


_REFUSALS: Final = {
    "sender.unknown": (
        "The file is sealed by a reporter that is not enrolled; nothing of it was opened.",
        "Enrol the reporter first: linkage enrol REGISTRY ANSWER; then receive the file again.",
    ),
    "sender.key": (
        "The file is signed with a key that was never enrolled for its reporter; nothing of it was opened.",
        "Ask the reporter by telephone. If it has a new key: linkage body replace REGISTRY ANSWER; then receive the "
        "file again.",
    ),
    "sender.suspended": (
        "The reporter is suspended; nothing of the file was opened.",
        "When the reporter may send again: linkage body resume REGISTRY REPORTER; then receive the file again.",
    ),
    "sender.replaced": (
        "The file is signed with a key that its reporter has replaced; nothing of it was opened.",
        "The reporter must encode and seal again with its present key.",
    ),
    "sender.revoked": (
        "The file is signed with a key that is revoked, whenever it was signed; nothing of it was opened.",
        "Delete it, and ask the reporter whether it sent it. It can seal again with a new key, which linkage body "
        "replace takes.",
    ),
    "sender.unsigned": (
        "The file is not signed, and the reporter that it names is enrolled, so it should be; nothing was stored.",
        "Ask the reporter whether it sent the file. If so, it must seal it, with the options --to INVITE and "
        "--body-key of pseudonym encode, withdraw or totals.",
    ),
    "sender.enrolled_only": (
        "The file is not signed, and this registry accepts signed files only; nothing was stored.",
        "Enrol the reporter, which then seals its files; or accept open ones: linkage policy REGISTRY "
        "--accept-unsigned",
    ),
    "sender.key_id": (
        "The registry has no key id or epoch yet, and where reporters are enrolled a file that is not signed cannot "
        "fix them; nothing was stored.",
        "Set both: linkage policy REGISTRY --key-id ID --epoch NUMBER; or receive a sealed file first.",
    ),
}

_OTHER: Final = (
    "It is the key of another enrolled reporter. Ask both: if one has sent for the other, it must encode and seal "
    "again under its own code."
)


def find_signer(enrolments: Iterable[Enrolment], header: SignedHeader, *, at: str) -> Enrolment:
    """Find the enrolled key with which a sealed file must be signed. The signature itself is yet to be checked.

    Args:
        enrolments: Every key that was ever enrolled, the newest of each reporter last.
        header: The header of the file.
        at: The current time.

    Returns:
        The key, which holds.

    Raises:
        RefusedError: `sender.unknown`, `sender.key`, `sender.suspended`, `sender.replaced` or
            `sender.revoked`.
    """
    every = tuple(enrolments)
    own = [one for one in every if one.reporter == header.reporter]
    if not own:
        raise _refusal("sender.unknown")
    found = next((one for one in own if one.key.fingerprint == header.signer), None)
    if found is None:
        refusal = _refusal("sender.key")
        if any(one.key.fingerprint == header.signer for one in every):
            # Only the staff is told: a receipt has no hint, and says nothing about other reporters.
            refusal.hint = _OTHER
        raise refusal
    if own[-1].state == "suspended":
        # One that was replaced and would still hold for some days does not hold either.
        raise _refusal("sender.suspended")
    if not found.holds(at):
        raise _refusal(f"sender.{found.state}")
    return found


def check_unsigned(database: Database, header: AnyHeader | CodesHeader) -> None:
    """Refuse a file that is not signed where it should be.

    Args:
        database: The registry.
        header: The header of an open file that was not received before.

    Raises:
        RefusedError: `sender.unsigned` if its reporter is, or was, enrolled, `sender.enrolled_only` if the registry
            accepts signed files only, `sender.key_id` if the file would fix key id or epoch of a registry for which
            anybody is enrolled.
    """
    if read_enrolments(database, header.reporter):
        raise _refusal("sender.unsigned")
    if enrolled_only(database):
        raise _refusal("sender.enrolled_only")
    unfixed = not database.get("key_id") or not database.get("epoch")
    if (
        unfixed
        and not isinstance(header, WithdrawalHeader | TotalsHeader)
        and database.rows("SELECT 1 FROM enrolments LIMIT 1")
    ):
        raise _refusal("sender.key_id")


def _refusal(rule: str) -> RefusedError:
    message, hint = _REFUSALS[rule]
    return RefusedError(rule, message, hint=hint)
