"""Keys, invites and answers of invented reporters and units, and tables in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from linkage.audit_log.acts import check_members
from linkage.keys import RegistryKey, StatisticsKey
from linkage.statistics_unit.tables import STATISTICS_UNIT
from linkage.store import Session
from pseudonym.codebook import Codebook
from pseudonym.enrolment import DocumentReference, Invite, make_answer, make_invite
from pseudonym.keyed import BodyKey
from pseudonym.profile import Profile
from pseudonym.public_keys import BodyPublicKey, verify_bytes_of
from pseudonym.wire.sealed import seal
from tests.unit.linkage.helpers import PROFILE

Keys = tuple[RegistryKey, StatisticsKey]
"""The keys of both units of a registry."""


class Memory(Session):
    """Some tables of a store, in memory, without a log: what would be in it is in `logged`."""

    def __init__(self, *tables: str) -> None:
        """Make the tables."""
        self.connection = duckdb.connect()
        self.logged: list[tuple[str, dict[str, Any]]] = []
        for table in tables:
            self.connection.execute(f"CREATE TABLE {table} ({STATISTICS_UNIT.tables[table]})")

    def log(self, act: str, *, at: str, **members: Any) -> None:
        """Keep an entry if a log may hold it."""
        check_members(act, members)
        self.logged.append((act, members))


def public_key(number: int) -> BodyPublicKey:
    """Return the public key of a reporter, drawn from a number."""
    return BodyPublicKey(verify_bytes_of(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)))


def invite(reporter: str, keys: Keys | None = None) -> Invite:
    """Return an invite of a registry with these keys, or with new ones."""
    signers = keys or new_keys()
    profile = DocumentReference(name=PROFILE.name, version=str(PROFILE.version), digest=PROFILE.digest)
    return make_invite(reporter, keys=signers, profile=profile)


def write_answer(path: Path, reporter: str, key: BodyKey, to: Invite | None = None) -> Path:
    """Write the answer of a reporter to an invite."""
    path.write_bytes(make_answer(to or invite(reporter), key).canonical())
    return path


def sealed(
    source: Path, key: BodyKey, keys: Keys, *, profile: Profile = PROFILE, codebook: Codebook | None = None
) -> Path:
    """Seal a file for units with these keys, and return the sealed file."""
    path = source.with_name(f"{source.name}.sealed")
    recipients = [one.public for one in keys]
    seal(source, path, signer=key, recipients=recipients, profile=profile, codebook=codebook)
    return path


def new_keys() -> Keys:
    """Draw the keys of both units."""
    return RegistryKey.generate(), StatisticsKey.generate()
