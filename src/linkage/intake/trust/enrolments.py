"""Which reporters are enrolled, with which public keys, and what became of these: every change with its time.

A *reporter* is enrolled once; its *key* changes. A key holds from when it was enrolled until it is replaced or revoked.
Nothing else ends it, and one that has ended never holds again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from linkage.errors import TrustError
from linkage.intake.database import Database
from pseudonym.public_keys import BodyPublicKey

__all__ = ["Enrolment", "enrol", "read_enrolments", "replace_key", "resume", "revoke", "suspend"]

_READ: Final = """
SELECT act, reporter, public_key, holds_from, changed_at, changed_by FROM enrolments
WHERE reporter = coalesce($reporter, reporter) ORDER BY change
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """One key of a reporter.

    Attributes:
        reporter: Code of the reporter.
        key: Its public key.
        state: `active`, `suspended`, `replaced` or `revoked`. One that was replaced or revoked may hold until a time
            that is still to come, see `until`.
        since: When it was enrolled, in UTC.
        until: From when on nothing signed with it is accepted, in UTC, or None.
        changed_at: When it was last changed.
        changed_by: Who changed it.
    """

    reporter: str
    key: BodyPublicKey
    state: str
    since: str
    until: str | None
    changed_at: str
    changed_by: str

    def holds(self, at: str) -> bool:
        """Return whether what is signed with this key is accepted at a time, unless its reporter is suspended."""
        return self.state != "suspended" and (self.until is None or _time(at) < _time(self.until))

    def to_dict(self) -> dict[str, Any]:
        """Return plain strings, as `linkage body list --json` prints them."""
        values = asdict(self)
        del values["key"]
        return {
            "reporter": self.reporter,
            "fingerprint": self.key.fingerprint,
            "fingerprint_to_compare": self.key.spoken,
            "public_key": self.key.text,
            **values,
        }


def read_enrolments(database: Database, reporter: str | None = None) -> list[Enrolment]:
    """Read all keys that were ever enrolled.

    Args:
        database: The registry.
        reporter: Code of the reporter whose keys are read; by default all are.

    Returns:
        The keys by reporter, the newest of each last.
    """
    found: dict[tuple[str, str], Enrolment] = {}
    for act, code, text, holds_from, at, by in database.query(_READ, reporter=reporter):
        place = code, text
        changed = {"changed_at": at, "changed_by": by}
        if act == "enrol":
            found[place] = Enrolment(
                reporter=code, key=BodyPublicKey.parse(text), state="active", since=holds_from, until=None, **changed
            )
        else:
            state, ends = _EFFECTS[act]
            found[place] = replace(found[place], state=state, until=holds_from if ends else None, **changed)
    return sorted(found.values(), key=lambda one: one.reporter)


_EFFECTS: Final = {
    "suspend": ("suspended", False),
    "resume": ("active", False),
    "replace": ("replaced", True),
    "revoke": ("revoked", True),
}
"""The state of a key after an act, and whether the act ends it."""


def enrol(database: Database, reporter: str, key: BodyPublicKey, *, at: str, by: str) -> Enrolment:
    """Enrol a reporter with its first key.

    Args:
        database: The registry, open for writing, in a transaction.
        reporter: Code of the reporter.
        key: Its public key, whose fingerprint was compared.
        at: The current time.
        by: Who does it.

    Returns:
        The enrolment.

    Raises:
        TrustError: `enrolment.exists` if the reporter was enrolled before, `enrolment.key_used` if the key was.
    """
    if read_enrolments(database, reporter):
        raise TrustError(
            "enrolment.exists",
            "The reporter is enrolled already, or was; nothing was changed.",
            hint="If it has a new key: linkage body replace REGISTRY ANSWER",
        )
    _check_unused(database, key)
    _append(database, "enrol", reporter, key, holds_from=at, at=at, by=by)
    return read_enrolments(database, reporter)[-1]


def suspend(database: Database, reporter: str, *, at: str, by: str) -> Enrolment:
    """Accept nothing of a reporter until `resume`.

    Args:
        database: The registry, open for writing, in a transaction.
        reporter: Code of the reporter.
        at: The current time.
        by: Who does it.

    Returns:
        Its key, as it is now.

    Raises:
        TrustError: `enrolment.unknown` if it is not enrolled, `enrolment.state` if its key is not active.
    """
    return _turn(database, "suspend", reporter, {"active"}, at=at, by=by)


def resume(database: Database, reporter: str, *, at: str, by: str) -> Enrolment:
    """Accept what a suspended reporter sends again, also what was signed meanwhile.

    Args:
        database: The registry, open for writing, in a transaction.
        reporter: Code of the reporter.
        at: The current time.
        by: Who does it.

    Returns:
        Its key, as it is now.

    Raises:
        TrustError: `enrolment.unknown` if it is not enrolled, `enrolment.state` if it is not suspended.
    """
    return _turn(database, "resume", reporter, {"suspended"}, at=at, by=by)


def replace_key(
    database: Database, reporter: str, key: BodyPublicKey, *, until: date | None = None, at: str, by: str
) -> Enrolment:
    """Replace the key of a reporter.

    Args:
        database: The registry, open for writing, in a transaction.
        reporter: Code of the reporter.
        key: Its new public key, whose fingerprint was compared.
        until: The last day on which files signed with the old key are accepted; None to accept none from now on.
        at: The current time.
        by: Who does it.

    Returns:
        The new key.

    Raises:
        TrustError: `enrolment.unknown` if the reporter is not enrolled, `enrolment.state` if it is suspended,
            `enrolment.key_used` if the key was enrolled before, `enrolment.date` if the last day is over,
            `enrolment.until` if the old key is revoked and so cannot be accepted any longer.
    """
    last = _last(database, reporter, {"active", "revoked"})
    _check_unused(database, key)
    if until is not None and until.isoformat() < at[: len("YYYY-MM-DD")]:
        raise _error("enrolment.date")
    if until is not None and last.state != "active":
        raise _error("enrolment.until")
    if last.until is None:
        ends = at if until is None else _day_after(until)
        _append(database, "replace", reporter, last.key, holds_from=ends, at=at, by=by)
    _append(database, "enrol", reporter, key, holds_from=at, at=at, by=by)
    return read_enrolments(database, reporter)[-1]


def revoke(database: Database, reporter: str, *, on: date | None = None, at: str, by: str) -> list[Enrolment]:
    """End every key of a reporter: from a day on nothing signed with them is accepted.

    Args:
        database: The registry, open for writing, in a transaction.
        reporter: Code of the reporter.
        on: The first day on which nothing is accepted; it may be over or still to come. By default it is at once, and
            so it is for a suspended reporter if the day is still to come: nothing of it is accepted until then either.
        at: The current time.
        by: Who does it.

    Returns:
        The keys that were ended.

    Raises:
        TrustError: `enrolment.unknown` if the reporter is not enrolled, `enrolment.state` if it has no key that
            would end.
    """
    keys = read_enrolments(database, reporter)
    ends = at if on is None else _midnight(on)
    if keys and keys[-1].state == "suspended" and _time(ends) > _time(at):
        # A revoked key holds until its day, so one that waits for its day would hold again.
        ends = at
    ending = [one for one in keys if one.until is None or _time(one.until) > _time(ends)]
    if not ending:
        _last(database, reporter, frozenset())
    for one in ending:
        _append(database, "revoke", reporter, one.key, holds_from=ends, at=at, by=by)
    texts = {one.key.text for one in ending}
    return [one for one in read_enrolments(database, reporter) if one.key.text in texts]


_ERRORS: Final = {
    "enrolment.unknown": (
        "The reporter is not enrolled; nothing was changed.",
        "See: linkage body list REGISTRY",
    ),
    "enrolment.state": (
        "The key of the reporter is not in a state in which this can be done; nothing was changed.",
        "See its state with: linkage body list REGISTRY",
    ),
    "enrolment.key_used": (
        "The public key was enrolled before, of this reporter or of another one; nothing was changed.",
        "Each reporter has a key of its own, and one that has ended never holds again: ask it for the answer of a new "
        "key.",
    ),
    "enrolment.date": (
        "The last day for the old key is over; nothing was changed.",
        "Leave --until out to accept nothing signed with it from now on.",
    ),
    "enrolment.until": (
        "The old key is revoked, so nothing signed with it can be accepted any longer; nothing was changed.",
        "Leave out --until.",
    ),
}


def _turn(database: Database, act: str, reporter: str, states: Iterable[str], *, at: str, by: str) -> Enrolment:
    """Change the newest key of a reporter, which must be in one of the states, and return it as it is now."""
    _append(database, act, reporter, _last(database, reporter, states).key, holds_from=at, at=at, by=by)
    return read_enrolments(database, reporter)[-1]


def _last(database: Database, reporter: str, states: Iterable[str]) -> Enrolment:
    """Return the newest key of a reporter, which must be in one of the states."""
    keys = read_enrolments(database, reporter)
    if not keys:
        raise _error("enrolment.unknown")
    if keys[-1].state not in states:
        raise _error("enrolment.state")
    return keys[-1]


def _check_unused(database: Database, key: BodyPublicKey) -> None:
    if database.rows("SELECT 1 FROM enrolments WHERE public_key = ? LIMIT 1", key.text):
        raise _error("enrolment.key_used")


def _append(
    database: Database, act: str, reporter: str, key: BodyPublicKey, *, holds_from: str, at: str, by: str
) -> None:
    number = database.rows("SELECT coalesce(max(change), 0) + 1 FROM enrolments")[0][0]
    database.rows(
        "INSERT INTO enrolments VALUES (?, ?, ?, ?, ?, ?, ?)", number, at, by, act, reporter, key.text, holds_from
    )
    database.log(act, at=at, reporter=reporter, fingerprint=key.fingerprint, holds_from=holds_from)


def _error(rule: str) -> TrustError:
    message, hint = _ERRORS[rule]
    return TrustError(rule, message, hint=hint)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+00:00"


def _day_after(day: date) -> str:
    return _midnight(date.fromordinal(day.toordinal() + 1))
