"""Repeat the latest run of linking from what is stored, write nothing, and compare with what the audit log says of it.

Equal records, cases, profile and model give equal links and persons under equal libraries. So a difference means that a
library has changed, or that somebody has changed the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from linkage.audit_log import Entry, read_entries
from linkage.errors import NotLinkedError
from linkage.keys import RegistryKey
from linkage.linkage_unit.changed import ASKED
from linkage.linkage_unit.kept import PURGED
from linkage.linkage_unit.notices import ERASED
from linkage.linkage_unit.repetition import Repetition
from linkage.linkage_unit.result import Result, stored_links
from linkage.linkage_unit.run import compute
from linkage.linkage_unit.run_digests import input_digests, libraries, result_digests, text_digest
from linkage.linkage_unit.stored_model import read_model
from linkage.progress import Progress
from linkage.store import Session
from pseudonym.profile import Profile

__all__ = ["repeat"]

_SINCE: Final = """
SELECT coalesce(max(submission), 0) FROM submissions
"""


def repeat(session: Session, profile: Profile, *, key: RegistryKey, progress: Progress) -> Repetition:
    """Repeat the latest run.

    Args:
        session: The registry, open for reading.
        profile: Its profile.
        key: Its key.
        progress: See `Progress`.

    Returns:
        What came of it.

    Raises:
        NotLinkedError: The audit log has no run of `link`.
        AuditError: `audit.content` if an entry of the log cannot be read.
    """
    entry = _last_run(session)
    told = entry.members
    last, erasures = session.rows(_SINCE)[0][0], int(session.get(ERASED, "0"))
    first = told["last_submission"] + 1
    stored = read_model(session)
    inputs = input_digests(session, key) | {"profile": text_digest(profile.to_json())}
    changed = _unequal(told["inputs"], inputs)
    model_digest = None if stored is None else text_digest(stored.model.to_json())
    if (told.get("model"), told.get("model_digest")) != (None if stored is None else stored.number, model_digest):
        changed = (*changed, "model")
    common = {
        "run": told["run"],
        "linked_at": entry.at,
        "changed": changed,
        "submissions": (first, last) if first <= last else None,
        "erasures": erasures,
        "purged": int(session.get(PURGED, "0")),
        "libraries": _unequal(told["libraries"], libraries()),
    }
    altered = _unequal(told["results"], result_digests(session))
    if changed:
        return Repetition(**common)
    result, _ = compute(
        session,
        profile,
        key=key,
        stored=None if told.get("fitted") else stored,
        progress=progress,
        whole=ASKED,
    )
    fitted = text_digest(result.model.model.to_json())
    differs = ("model",) if told.get("fitted") and fitted != model_digest else ()
    return Repetition(
        **common, differs=(*differs, *_unequal(told["results"], _again(session, result))), altered=altered
    )


def _last_run(session: Session) -> Entry:
    entries = list(read_entries(session, act="link"))
    if not entries:
        raise NotLinkedError(
            "registry.not_linked", "The records have not been linked yet.", hint="Run: linkage link REGISTRY"
        )
    return entries[-1]


def _again(session: Session, result: Result) -> dict[str, str]:
    """Return the digests of results that are not stored."""
    tables = {"repeated_links": stored_links(result), "repeated_persons": result.assignment.persons}
    with session.registered(**tables):
        return result_digests(session, links="repeated_links", persons="repeated_persons")


def _unequal(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name)))
