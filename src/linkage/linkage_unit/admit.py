"""Store the codes of a submission under handles, and keep the latest version of each record current.

What a submission brings is judged by this unit's own list: a record is new, unchanged, superseding or late by its
handle, the digest of its codes and its sequence number. Nothing of what stands beside the codes is looked at.

The codes of a superseded version are deleted: two contents of one record under one match key have the same pad, so
their XOR would reveal which fields changed. Nor is a digest of them kept in plain form, because anybody with the
linkage key could test guesses against it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.errors import RefusedError
from linkage.keys import RegistryKey
from linkage.linkage_unit.ahead import ahead
from linkage.linkage_unit.at_rest import CodeStore
from linkage.linkage_unit.crowds import warnings_about_codes
from linkage.store import Session
from pseudonym.privacy import CROWD

__all__ = ["RESTORED", "CodesIntake", "Source"]

# New records are numbered in the order of their handles, so that the same submission always gives the same numbers.
_COMPARE: Final = """
CREATE OR REPLACE TEMP TABLE incoming AS
SELECT new.*, old.submission AS came_in,
    coalesce(old.purged AND old.digest = new.digest AND old.sequence < new.sequence, false) AS restores,
    CASE
        WHEN old.rid IS NULL THEN 'new'
        WHEN old.digest = new.digest THEN 'unchanged'
        WHEN old.sequence < new.sequence THEN 'superseding'
        ELSE 'late'
    END AS effect,
    coalesce(old.rid, (SELECT value::BIGINT FROM meta WHERE key = 'next_rid') - 1
        + row_number() OVER (PARTITION BY old.rid IS NULL ORDER BY new.handle)) AS rid
FROM source AS new LEFT JOIN records AS old ON old.reporter = new.reporter AND old.handle = new.handle
"""

# An unchanged record takes the higher sequence number, so that a submission with a number between the two that arrives
# later is still recognised as late. If it was purged, it gets back its codes.
_UPDATE: Final = (
    (
        {"new"},
        """
        UPDATE meta SET value = (value::BIGINT + (SELECT count(*) FROM incoming WHERE effect = 'new'))::VARCHAR
        WHERE key = 'next_rid'
        """,
    ),
    (
        {"superseding", "unchanged"},
        "DELETE FROM codes WHERE rid IN (SELECT rid FROM incoming WHERE effect = 'superseding' OR restores)",
    ),
    (
        {"superseding"},
        "DELETE FROM kept_pairs USING incoming WHERE effect = 'superseding' AND incoming.rid IN (rid_a, rid_b)",
    ),
    (
        {"superseding", "unchanged"},
        "DELETE FROM pair_nonces WHERE rid IN (SELECT rid FROM incoming WHERE effect = 'superseding' OR restores)",
    ),
    (
        {"superseding"},
        """
        UPDATE records SET sequence = new.sequence, digest = new.digest, submission = new.submission, purged = false,
            settled = false
        FROM incoming AS new WHERE new.effect = 'superseding' AND new.rid = records.rid
        """,
    ),
    (
        {"unchanged"},
        """
        UPDATE records SET sequence = greatest(records.sequence, new.sequence), purged = purged AND NOT new.restores,
            settled = settled AND NOT new.restores
        FROM incoming AS new WHERE new.effect = 'unchanged' AND new.rid = records.rid
        """,
    ),
    (
        {"new"},
        """
        INSERT INTO records
        SELECT rid, reporter, handle, sequence, digest, submission, false, false, false
        FROM incoming WHERE effect = 'new'
        """,
    ),
)
"""Each statement after the effects of which a submission must have one; a statement without rows costs as much as
with some, and what is restored is unchanged."""

RESTORED: Final = "restored_since_run"
"""The entry of `meta` that says that purged codes have come back since the last run."""

_CHANGED: Final = """
SELECT effect IN ('superseding', 'late') OR coalesce(came_in = $number, false) FROM incoming ORDER BY index
"""


class Source(Protocol):
    """A submission that was read once and is intact; its codes are read again when they are stored."""

    @property
    def header(self) -> Any:
        """Its header."""
        ...

    @property
    def handles(self) -> pa.Array:
        """The handles of its records."""
        ...

    @property
    def code_digests(self) -> tuple[bytes, ...]:
        """The digest of the codes of each record."""
        ...

    def codes(self) -> Iterator[pa.Table]:
        """Read the codes in parts: `record`, `kind`, `match_key`, `content`."""
        ...


class CodesIntake:
    """The codes of one submission on their way into the store: judged first, and stored once nothing else refuses."""

    def __init__(
        self,
        session: Session,
        source: Source,
        *,
        key: RegistryKey,
        at: str,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Prepare.

        Args:
            session: The store of the linkage unit, open for writing unless nothing is stored.
            source: The submission.
            key: The registry key.
            at: Time of receipt.
            progress: Called with the number of codes stored and their total.
        """
        self._session = session
        self._source = source
        self._key = key
        self._at = at
        self._progress = progress
        self._good = np.zeros(0, bool)
        self._known: int | None = None
        self._number = 0

    def judge(self, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Find the records whose codes are not as this unit has them.

        Args:
            good: `(n,) bool`, which records of the submission break no rule. The others are left out.

        Returns:
            One for each good record, whether it had other codes before, or comes too late.

        Raises:
            RefusedError: `submission.sequence_used` if other codes were received under this sequence number.
        """
        self._good = good
        self._known = self._received()
        self._number = self._next_number()
        self._session.load(_COMPARE, source=self._incoming())
        rows = self._session.query(_CHANGED, number=-1 if self._known is None else self._known)
        return np.array([changed for (changed,) in rows], bool)

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of records that are new, unchanged, superseding and late, as `judge` has found them."""
        return self._counted[0]

    @property
    def _counted(self) -> tuple[dict[str, int], int]:
        """What `counts` returns, and the number of unchanged records that get back codes that were purged."""
        rows = self._session.rows("SELECT effect, count(*), count(*) FILTER (restores) FROM incoming GROUP BY effect")
        counted = {effect: n for effect, n, _ in rows}
        counts = {effect: counted.get(effect, 0) for effect in ("new", "superseding", "unchanged", "late")}
        return counts, sum(restored for *_, restored in rows)

    @property
    def known(self) -> bool:
        """Whether `judge` has found that the codes of this submission were received before."""
        return self._known is not None

    def store(self) -> tuple[str, ...]:
        """Store what `judge` has compared, in one transaction; nothing if it was received before.

        Returns:
            Constant sentences about the codes, for users.
        """
        if self._known is not None:
            return ()
        header = self._source.header
        with self._session.transaction():
            counts, restored = self._counted
            for effects, statement in _UPDATE:
                if any(counts[effect] for effect in effects):
                    self._session.run(statement)
            codes = self._store_codes()
            _fix_key_id(self._session, header)
            self._session.rows(
                "INSERT INTO submissions VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(self._number, header.reporter, header.sequence, self._sealed(bytes.fromhex(header.digest))),
                *(self._content(), int(self._good.sum()), self._at),
            )
            if counts["superseding"] or restored:
                self._session.mark_deleted()
            if restored:
                self._session.set(RESTORED, "1")
            self._session.log(
                "receive",
                at=self._at,
                kind="codes",
                reporter=header.reporter,
                sequence=header.sequence,
                records=int(self._good.sum()),
                restored=restored or None,
                **counts,
            )
            many = counts["new"] + counts["superseding"] > CROWD
            return warnings_about_codes(codes.groups) if many else ()

    def _received(self) -> int | None:
        """Return the number of this submission in the list, if it was received before."""
        header = self._source.header
        rows = self._session.rows(
            "SELECT submission, digest, content_digest FROM submissions WHERE reporter = ? AND sequence = ?",
            *(header.reporter, header.sequence),
        )
        if not rows:
            return None
        number, digest, content = rows[0]
        if digest == self._sealed(bytes.fromhex(header.digest)) or content == self._content():
            return int(number)
        raise RefusedError(
            "submission.sequence_used",
            "The reporter has already sent another submission with this sequence number.",
            hint="The reporter must encode again with a higher --sequence.",
        )

    def _next_number(self) -> int:
        return int(self._session.rows("SELECT coalesce(max(submission), 0) + 1 FROM submissions")[0][0])

    def _sealed(self, digest: bytes) -> str:
        return self._key.seal(digest).hex()

    def _content(self) -> str:
        """Return what identifies the codes of the submission, whatever their order."""
        joined = b"".join(sorted(_chosen(self._source.code_digests, self._good)))
        return self._sealed(hashlib.sha256(joined).digest())

    def _incoming(self) -> pa.Table:
        header, n = self._source.header, int(self._good.sum())
        digests = [self._key.seal(digest) for digest in _chosen(self._source.code_digests, self._good)]
        return pa.table(
            {
                "index": pa.array(np.arange(n)),
                "reporter": pa.array([header.reporter] * n, pa.string()),
                "handle": self._source.handles.filter(pa.array(self._good)).cast(pa.binary()),
                "sequence": pa.array(np.full(n, header.sequence, np.int64)),
                "submission": pa.array(np.full(n, self._number, np.int64)),
                "digest": pa.array(digests, pa.binary()),
            }
        )

    def _store_codes(self) -> CodeStore:
        """Store the codes of new, superseding and restored records, one part of the submission at a time.

        Returns:
            Where they were stored.
        """
        wanted = self._session.table(
            "SELECT handle, rid FROM incoming WHERE effect IN ('new', 'superseding') OR restores"
        )
        owner = wanted["handle"].combine_chunks().cast(self._source.handles.type)
        rids, n_done, store = wanted["rid"].to_numpy(), 0, CodeStore(self._session, self._key)
        # All parts are read even if no codes are wanted, because the file is verified as a whole.
        for part in ahead(self._source.codes()):
            n_done += part.num_rows
            index = pc.index_in(part["record"], value_set=owner)
            if index.null_count:
                part = part.filter(index.is_valid()).combine_chunks()
                index = index.drop_null()
            store.add(part.append_column("rid", pa.array(rids[index.to_numpy()], pa.int64())))
            self._progress(n_done, self._source.header.codes)
        return store


def _chosen(values: Sequence[bytes], good: NDArray[np.bool_]) -> Iterable[bytes]:
    return (value for value, chosen in zip(values, good.tolist(), strict=True) if chosen)


def _fix_key_id(session: Session, header: Any) -> None:
    """Take key id and epoch from the first submission unless they are fixed."""
    fixed = {} if session.get("epoch") else {"epoch": str(header.epoch)}
    if not session.get("key_id"):
        fixed |= {"key_id": header.key_id, "key_id_fixed_by": "first submission"}
    if fixed:
        session.set_all(fixed)
