"""Who is enrolled at a registry, as programs use it: enrol, suspend, resume, replace, revoke, and what is accepted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, TypeVar

from linkage.audit_log import actor_name, read_entries
from linkage.errors import TrustError
from linkage.intake.trust import (
    Enrolment,
    Policy,
    enrol,
    read_enrolments,
    read_policy,
    replace_key,
    resume,
    revoke,
    set_policy,
    suspend,
)
from linkage.progress import now
from linkage.store import Session, Store
from pseudonym.public_keys import BodyPublicKey

__all__ = ["Enrolments", "InQuestion", "Revoked"]

_RECEIVED: Final = """
SELECT sequence, kind, period, n_records, received_at, receipt FROM submissions JOIN receipts USING (submission)
WHERE reporter = $reporter ORDER BY submission
"""

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class InQuestion:
    """A file that was received under a key after the day from which that key is revoked.

    Attributes:
        sequence: Its sequence number.
        kind: `delivery`, `complete`, `withdrawal` or `totals`.
        period: Its period, or None.
        records: Number of records in it, or that a withdrawal names.
        received_at: When it was received, in UTC.
    """

    sequence: int
    kind: str
    period: str | None
    records: int
    received_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """What `Enrolments.revoke` has ended.

    Attributes:
        keys: The keys.
        in_question: Files that were received under them from the day of the revocation on; they stay until they are
            withdrawn or replaced. None at a linkage unit on its own, which keeps no list of them.
    """

    keys: tuple[Enrolment, ...]
    in_question: tuple[InQuestion, ...] | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage body revoke --json` prints them."""
        files = None if self.in_question is None else [asdict(one) for one in self.in_question]
        return {"keys": [one.to_dict() for one in self.keys], "in_question": files}


class Enrolments:
    """The reporters that are enrolled at a registry, and what it accepts from others."""

    def __init__(self, *stores: Store) -> None:
        """Use `Registry.enrolments` instead; of both units, the store of the statistics unit is the last one."""
        self._stores = stores
        self._store = stores[-1]

    def keys(self, reporter: str | None = None) -> list[Enrolment]:
        """Return every key that was ever enrolled, by reporter, the newest last.

        Args:
            reporter: Only those of this reporter.
        """
        with self._store.session(write=False) as session:
            return read_enrolments(session, reporter)

    def enrol(self, reporter: str, key: BodyPublicKey, *, fingerprint: str, invite: str | None = None) -> Enrolment:
        """Enrol a reporter.

        Args:
            reporter: Code of the reporter.
            key: Its public key.
            fingerprint: The fingerprint that the reporter has read out, in either form.
            invite: The digest of an invite, which its answer names and this registry must have made; None if that was
                compared by other means.

        Returns:
            The enrolment.

        Raises:
            TrustError: `enrolment.fingerprint` if the fingerprint is not that of the key; `enrolment.invite` if the
                audit log has no such invite for this reporter; as for `linkage.intake.trust.enrol`.
            RegistryError: The registry cannot be opened or written.
        """
        _check_fingerprint(key, fingerprint)
        return self._change(
            lambda session: enrol(session, reporter, key, at=now(), by=actor_name()), invite=(reporter, invite)
        )

    def suspend(self, reporter: str) -> Enrolment:
        """Accept nothing of a reporter until `resume`, as `linkage.intake.trust.suspend` does."""
        return self._change(lambda session: suspend(session, reporter, at=now(), by=actor_name()))

    def resume(self, reporter: str) -> Enrolment:
        """Accept what a suspended reporter sends again, as `linkage.intake.trust.resume` does."""
        return self._change(lambda session: resume(session, reporter, at=now(), by=actor_name()))

    def replace(
        self,
        reporter: str,
        key: BodyPublicKey,
        *,
        fingerprint: str,
        until: date | None = None,
        invite: str | None = None,
    ) -> Enrolment:
        """Replace the key of a reporter.

        Args:
            reporter: Code of the reporter.
            key: Its new public key.
            fingerprint: As for `enrol`.
            until: The last day on which files signed with the old key are accepted; None to accept none from now on.
            invite: As for `enrol`.

        Returns:
            The new key.

        Raises:
            TrustError: As for `enrol`, and for `linkage.intake.trust.replace_key`.
            RegistryError: The registry cannot be opened or written.
        """
        _check_fingerprint(key, fingerprint)
        return self._change(
            lambda session: replace_key(session, reporter, key, until=until, at=now(), by=actor_name()),
            invite=(reporter, invite),
        )

    def revoke(self, reporter: str, *, on: date | None = None) -> Revoked:
        """End every key of a reporter.

        Args:
            reporter: Code of the reporter.
            on: The first day on which nothing signed with them is accepted, also a past one; by default it is at once.
                For a suspended reporter a day still to come means at once.

        Returns:
            What was ended, and which files came from that day on.

        Raises:
            TrustError: As for `linkage.intake.trust.revoke`.
            RegistryError: The registry cannot be opened or written.
        """

        def change(session: Session) -> Revoked:
            keys = revoke(session, reporter, on=on, at=now(), by=actor_name())
            if session.get("unit") == "linkage":
                return Revoked(keys=tuple(keys), in_question=None)
            return Revoked(keys=tuple(keys), in_question=tuple(_in_question(session, reporter, keys)))

        return self._change(change)

    def policy(self) -> Policy:
        """Return what the registry accepts."""
        with self._store.session(write=False) as session:
            return read_policy(session)

    def set_policy(
        self, *, enrolled_only: bool | None = None, key_id: str | None = None, epoch: int | None = None
    ) -> Policy:
        """Change what the registry accepts, at every unit that it has; what is None stays as it is.

        Args:
            enrolled_only: Whether every file must be signed by an enrolled reporter.
            key_id: The key id that submissions must have.
            epoch: The linkage epoch that they must have.

        Returns:
            What it accepts now.

        Raises:
            SettingsError: As for `linkage.intake.trust.set_policy`.
            RegistryError: The registry cannot be opened or written.
        """
        at = now()
        with ExitStack() as opened:
            for store in self._stores:
                # What one unit refuses is undone at the other. Killed between the two commits, the same call mends it.
                session = opened.enter_context(store.session(write=True))
                opened.enter_context(session.transaction())
                found = set_policy(session, signed=enrolled_only, key_id=key_id, epoch=epoch, at=at)
        return found

    def _change(self, change: Callable[[Session], _Result], *, invite: tuple[str, str | None] = ("", None)) -> _Result:
        """Make a change in a transaction, once an invite, given by its reporter and digest, was found in the log."""
        with self._store.session(write=True) as session, session.transaction():
            if invite[1] is not None:
                _check_invite(session, *invite)
            return change(session)


def _check_fingerprint(key: BodyPublicKey, given: str) -> None:
    plain = "".join(given.split()).lower()
    if plain not in {key.fingerprint, "".join(key.spoken.split())}:
        raise TrustError(
            "enrolment.fingerprint",
            "The fingerprint is not that of the key in the answer; nothing was changed.",
            hint="Call the reporter at a number that you know. If both read the same, you mistyped it; otherwise "
            "somebody has exchanged the answer.",
        )


def _check_invite(session: Session, reporter: str, digest: str | None) -> None:
    """Refuse the answer to a strange invite: its reporter would encrypt to whatever keys were in that."""
    made = ((one.members["reporter"], one.members["digest"]) for one in read_entries(session, act="invite"))
    if (reporter, digest) not in made:
        raise TrustError(
            "enrolment.invite",
            "The answer is not to an invite that this registry has made for the reporter; nothing was changed.",
            hint="Ask the reporter to answer the newest invite. If this registry made the invite before it was "
            "restored from a backup, or another one did in an earlier epoch, name it: --invite INVITE",
        )


def _in_question(session: Session, reporter: str, keys: Sequence[Enrolment]) -> list[InQuestion]:
    ended = {one.key.fingerprint: one.until for one in keys}
    found = []
    for *file, at, text in session.query(_RECEIVED, reporter=reporter):
        until = ended.get(json.loads(text)["signed_with"])
        if until is not None and at >= until:
            sequence, kind, period, records = file
            found.append(InQuestion(sequence=sequence, kind=kind, period=period, records=records, received_at=at))
    return found
