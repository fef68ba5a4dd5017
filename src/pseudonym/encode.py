"""Encode records: the one module where an identity and the linkage key meet.

A batch of records goes through docs/spec.md from section 4 to section 7: facts, combinations and tokens (plaintext
side), then match keys, seeds and contents (keyed side). What comes out are arrays of codes that mean nothing without
the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ValidationError

from pseudonym.bloom import MAX_TOKENS, ContentEncoder, Ragged, SegmentTokens
from pseudonym.canonical import length_prefixed
from pseudonym.codebook import Codebook, CodebookError
from pseudonym.errors import InputError
from pseudonym.keys import LinkageKey
from pseudonym.minhash import MinHasher
from pseudonym.prf import BLOCK_BYTES, BlockPRF, counters
from pseudonym.profile import Combination, MinHash, Profile, load_profile
from pseudonym.record import IDENTITY_FIELDS, Facts, Fault, Record, read_facts, record_id_rule
from pseudonym.tokens import (
    Parts,
    combination_items,
    filter_tokens,
    minhash_tokens,
    presence,
    slot_tokens,
)
from pseudonym.wire import (
    RESERVED,
    SPEC,
    CodebookReference,
    Header,
    Quality,
    SubmissionWriter,
    fixed_column,
    value_rule,
)

__all__ = ["Batch", "Encoder", "Record", "Report"]

BATCH_RECORDS: Final = 1024
"""Records encoded together: enough to fill the bulk primitives, few enough to stay within a few tens of megabytes."""

CODE_STRIDE: Final = 65536
"""Noise blocks reserved for each code of a record; the last one is the match key of a missing code."""


_HEADER_FORMS: Final = {
    "reporter": "The code of a reporter is 1 to 64 of the characters A-Z, a-z, 0-9, '.', '_' and '-'.",
    "period": "A period is written 2026 or 2026-03.",
    "sequence": "A sequence number is a whole number from 0 to 2^53 - 1.",
}


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """The codes of `n` records, `c` codes each.

    Attributes:
        record_ids: The ids of the records, as the body has them.
        cases: For each record its id, the reserved columns, then the payload in the byte order of the items.
        kind: `(n, c) uint8`, the place of the match key in the profile.
        match_key: `(n, c, 16) uint8`.
        content: `(n, c, content_bytes) uint8`.
        faults: What was rejected, left out or marked among the records that were read for this batch.
    """

    record_ids: tuple[str, ...]
    cases: tuple[tuple[str | None, ...], ...]
    kind: NDArray[np.uint8]
    match_key: NDArray[np.uint8]
    content: NDArray[np.uint8]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the records of one input.

    Attributes:
        header: The header of the submission as written.
        faults: Everything rejected, left out or marked, in the order of the input.
    """

    header: Header
    faults: tuple[Fault, ...]

    def count(self, effect: str) -> int:
        """Count the faults of one effect: `rejected`, `left out` or `marked`.

        Sees: neither
        """
        return sum(fault.effect == effect for fault in self.faults)


class Encoder:
    """Encode the records of one body under one key and profile.

    Equal records give equal codes, in any batch, run or process: padding is derived, not drawn.
    """

    def __init__(
        self,
        key: LinkageKey,
        *,
        reporter: str,
        profile: Profile | str = "case-registry",
        codebook: Codebook | None = None,
        reference_date: date | None = None,
    ) -> None:
        """Prepare.

        Args:
            key: The linkage key.
            reporter: The code of the body, `[A-Za-z0-9._-]`, 1 to 64 characters.
            profile: A profile, or the name of one that ships.
            codebook: The codebook that the payload follows; without one no payload is accepted.
            reference_date: The day by which the century of a 10-digit number is inferred; today if not given.
        """
        self.key = key
        self.reporter = reporter
        self.profile = load_profile(profile) if isinstance(profile, str) else profile
        self.codebook = codebook
        self.reference_date = reference_date or date.today()
        self.items: tuple[str, ...] = codebook.item_names if codebook is not None else ()
        self._subkeys = key.subkeys(self.profile.digest)
        self._contents = ContentEncoder(self.profile.encoding, self._subkeys)
        self._noise_blocks = BlockPRF(self._subkeys.noise_block)
        keys = self.profile.encoding.match_keys
        self._hashers = {
            key.kind: MinHasher(self._subkeys.minhash_rows, n_rows=key.bands * key.rows)
            for key in keys
            if isinstance(key, MinHash)
        }
        starts = np.cumsum([0, *self.profile.encoding.codes_per_kind])
        self._first_code = {key.kind: int(start) for key, start in zip(keys, starts, strict=False)}

    def __repr__(self) -> str:
        """Show what is not secret."""
        return f"<Encoder {self.reporter} {self.profile.name}>"

    def encode(self, records: Iterable[Record]) -> pa.Table:
        """Encode records to a table of codes.

        Args:
            records: Records with distinct ids. A record whose id is unusable is rejected; see `batches` for its fault.

        Returns:
            `record_id`, `kind`, `match_key`, `content`, one row a code, records in the order given.

        Sees: plaintext and key
        """
        tables = [_table(batch) for batch in self.batches(records)]
        return pa.concat_tables(tables) if tables else _table(self._encode([], [], []))

    def batches(self, records: Iterable[Record | tuple[int, Record]]) -> Iterator[Batch]:
        """Encode records batch by batch, in memory that does not grow with their number.

        Args:
            records: Records, or pairs of a row number for the faults and a record. Ids must be distinct: the second
                record with an id is rejected.

        Yields:
            Batches of at most 1,024 records; the last may hold faults only.

        Sees: plaintext and key
        """
        seen: set[bytes] = set()
        numbered = ((row, item) if isinstance(item, Record) else item for row, item in enumerate(records, start=1))
        while chunk := list(islice(numbered, BATCH_RECORDS)):
            accepted, facts, faults = [], [], []
            for row, record in chunk:
                rule = self._rejected(record, seen)
                if rule is not None:
                    faults.append(Fault(row, "record_id", rule, "rejected"))
                    continue
                read, found = read_facts(record, row=row, reference_date=self.reference_date)
                case, case_faults = self._case(record, row)
                faults += [*found, *case_faults]
                facts.append(read)
                accepted.append(case)
            yield self._encode(facts, accepted, faults)

    def write(
        self,
        path: str | Path,
        records: Iterable[Record | tuple[int, Record]],
        *,
        sequence: int,
        period: str | None = None,
        previous: str | None = None,
        faults: list[Fault] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Report:
        """Encode records into a submission file.

        Args:
            path: The file; it appears under this name only when it is whole.
            records: As for `batches`.
            sequence: A number that this body has not used before and that grows from submission to submission.
            period: The period reported on, `YYYY` or `YYYY-MM`.
            previous: The digest of this body's submission before this one.
            faults: A list that faults are added to as they are found, so that they are known even if writing fails.
            progress: Called with the number of records written so far.

        Returns:
            What became of the records.

        Raises:
            InputError: `input.no_records` when no record is usable; nothing is written then. `input.header` when the
                reporter, period or sequence has a wrong form.
            OutputError: When the file cannot be written.

        Sees: plaintext and key
        """
        found: list[Fault] = [] if faults is None else faults
        quality = _QualityCounter()
        n_written = 0
        header = self._header(sequence=sequence, period=period, previous=previous)
        with SubmissionWriter(path, content_bytes=self.profile.encoding.content_bytes, items=self.items) as writer:
            for batch in self.batches(quality.watch(records)):
                found += batch.faults
                n_written += len(batch.record_ids)
                if batch.record_ids:
                    ids = self._wire_ids(batch.record_ids, sequence)
                    writer.add(ids, batch.cases, (batch.kind, batch.match_key, batch.content))
                if progress is not None:
                    progress(n_written)
            if n_written == 0:
                raise InputError("input.no_records", "The input has no usable record; an empty period is sent as such.")
            whole = header.model_copy(update={"quality": quality.figures(found)})
            return Report(header=writer.finish(whole), faults=tuple(found))

    def write_nothing(
        self, path: str | Path, *, sequence: int, period: str | None = None, previous: str | None = None
    ) -> Report:
        """Write the submission of a period in which there was nothing to report.

        Args:
            path: The file.
            sequence: As for `write`.
            period: As for `write`.
            previous: As for `write`.

        Returns:
            A report without faults.

        Raises:
            InputError: `input.header` when the reporter, period or sequence has a wrong form.
            OutputError: When the file cannot be written.

        Sees: key
        """
        header = self._header(sequence=sequence, period=period, previous=previous)
        with SubmissionWriter(path, content_bytes=self.profile.encoding.content_bytes, items=self.items) as writer:
            whole = writer.finish(header.model_copy(update={"nothing_to_report": True}))
        return Report(header=whole, faults=())

    def _header(self, *, sequence: int, period: str | None, previous: str | None) -> Header:
        book = self.codebook
        try:
            return Header(
                spec=SPEC,
                profile=self.profile.name,
                profile_digest=self.profile.digest,
                codebook=None
                if book is None
                else CodebookReference(name=book.name, version=str(book.version), digest=book.digest),
                key_id=self.key.key_id,
                epoch=self.key.epoch,
                reporter=self.reporter,
                period=period,
                sequence=sequence,
                previous=previous,
                records=0,
                codes=0,
                nothing_to_report=False,
                quality={},
                content_digest="0" * 64,
            )
        except ValidationError as error:
            name = str(error.errors(include_input=False)[0]["loc"][0])
            raise InputError(
                "input.header", _HEADER_FORMS.get(name, "The header has a wrong form."), field=name
            ) from None

    def _rejected(self, record: Record, seen: set[bytes]) -> str | None:
        rule = record_id_rule(record)
        if rule is not None:
            return rule
        # Digests keep the set small and of even size, whatever the ids are.
        digest = hashlib.blake2b(record.record_id.encode(), digest_size=16).digest()
        if digest in seen:
            return "record_id.duplicate"
        seen.add(digest)
        return None

    def _case(self, record: Record, row: int) -> tuple[tuple[str | None, ...], list[Fault]]:
        """Check what travels in the clear; a value that breaks its rule is left out."""
        faults = []
        values: list[str | None] = [record.record_id]
        for column in RESERVED:
            value = _tidy(column, getattr(record, column))
            rule = None if value is None else value_rule(column, value)
            if rule is not None:
                faults.append(Fault(row, column, rule, "left out"))
            values.append(None if rule is not None else value)
        when = values[1 + RESERVED.index("event_date")] or values[1 + RESERVED.index("report_date")]
        for item in self.items:
            value = (record.payload.get(item) or "").strip() or None
            rule = None if value is None else self._payload_rule(item, value, when)
            if rule is not None:
                faults.append(Fault(row, item, rule, "left out"))
            values.append(None if rule is not None else value)
        unknown = sorted(set(record.payload) - set(self.items))
        faults += [Fault(row, None, "payload.unknown_item", "left out") for _ in unknown]
        return tuple(values), faults

    def _payload_rule(self, item: str, value: str, when: str | None) -> str | None:
        assert self.codebook is not None, "items come from a codebook"
        try:
            self.codebook.check(item, value, date=when)
        except CodebookError as error:
            return error.rule
        return None

    def _wire_ids(self, record_ids: Sequence[str], sequence: int) -> NDArray[np.uint8]:
        """Give ids that are fresh in every submission, so that the file's order tells nothing about the body's."""
        key = self._subkeys.order.reveal()
        return _hashes(key, ((self.reporter, str(sequence), record_id) for record_id in record_ids))

    def _encode(
        self, facts: Sequence[Facts], cases: Sequence[tuple[str | None, ...]], faults: Sequence[Fault]
    ) -> Batch:
        encoding = self.profile.encoding
        if len(self._contents.tokens) > MAX_TOKENS:
            self._contents.tokens.reset()
            for hasher in self._hashers.values():
                hasher.reset()
        n, c = len(facts), encoding.codes_per_record
        record_ids = tuple(str(case[0]) for case in cases)
        noise = self._noise(record_ids)
        match_key = np.ascontiguousarray(noise[:, :, -BLOCK_BYTES:])
        content = np.ascontiguousarray(noise[:, :, : encoding.content_bytes])
        owner, slot, digests = self._match_keys(facts)
        match_key[owner, slot] = digests[:, :BLOCK_BYTES]
        seeds = np.ascontiguousarray(digests[:, BLOCK_BYTES:]).view("<u8")
        segments = [self._segment_tokens(index, facts) for index in range(len(encoding.segments))]
        content[owner, slot] = self._contents(owner, seeds, segments, content[owner, slot])
        kind = np.repeat(np.arange(len(encoding.match_keys), dtype=np.uint8), encoding.codes_per_kind)
        return Batch(
            record_ids=record_ids,
            cases=tuple(cases),
            kind=np.broadcast_to(kind, (n, c)).copy(),
            match_key=match_key,
            content=content,
            faults=tuple(faults),
        )

    def _noise(self, record_ids: Sequence[str]) -> NDArray[np.uint8]:
        """Give for every code the noise of its content, then the match key it has if it is missing."""
        encoding = self.profile.encoding
        key = self._subkeys.noise_seed.reveal()
        seeds = _hashes(key, ((self.reporter, record_id) for record_id in record_ids)).view("<u8")
        n_blocks = -(-encoding.content_bytes // BLOCK_BYTES)
        block = np.append(np.arange(n_blocks, dtype=np.uint64), np.uint64(CODE_STRIDE - 1))
        code = np.arange(encoding.codes_per_record, dtype=np.uint64) * np.uint64(CODE_STRIDE)
        blocks = seeds[:, None, None, :] ^ counters(code[:, None] + block[None])[None]
        noise = self._noise_blocks(blocks)
        return noise.view(np.uint8).reshape(len(record_ids), encoding.codes_per_record, len(block) * BLOCK_BYTES)

    def _match_keys(self, facts: Sequence[Facts]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """Give for each filled code its record, its place among the record's codes, and its 32-byte digest."""
        owner: list[int] = []
        slot: list[int] = []
        digests: list[bytes] = []
        secret = self._subkeys.match_key.reveal()
        combinations = [key for key in self.profile.encoding.match_keys if isinstance(key, Combination)]
        for index, fact in enumerate(facts):
            parts = Parts(fact)
            for key in combinations:
                first = self._first_code[key.kind]
                for place, items in enumerate(combination_items(parts, key)):
                    message = length_prefixed(key.kind, *items)
                    digests.append(hashlib.blake2b(message, key=secret, digest_size=32).digest())
                    owner.append(index)
                    slot.append(first + place)
        for banded in self.profile.encoding.match_keys:
            if isinstance(banded, MinHash):
                self._minhash_keys(banded, facts, owner, slot, digests)
        joined = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)
        return np.array(owner, np.int64), np.array(slot, np.int64), joined

    def _minhash_keys(
        self, key: MinHash, facts: Sequence[Facts], owner: list[int], slot: list[int], digests: list[bytes]
    ) -> None:
        table = self._contents.tokens
        lists = [
            [table.place(tag, text, copy=copy) for (tag, text), copy in minhash_tokens(fact, key.weights)]
            for fact in facts
        ]
        filled = [index for index, one in enumerate(lists) if one]
        if not filled:
            return
        minima = self._hashers[key.kind].minima(Ragged.of([lists[index] for index in filled]), table)
        band_bytes = key.rows * 8
        secret = self._subkeys.match_key.reveal()
        heads = [length_prefixed(key.kind, str(band)) for band in range(key.bands)]
        first = self._first_code[key.kind]
        length = band_bytes.to_bytes(4, "little")
        for index, row in zip(filled, minima, strict=True):
            data = row.tobytes()
            for band, head in enumerate(heads):
                message = head + length + data[band * band_bytes : (band + 1) * band_bytes]
                digests.append(hashlib.blake2b(message, key=secret, digest_size=32).digest())
            owner += [index] * key.bands
            slot += range(first, first + key.bands)

    def _segment_tokens(self, index: int, facts: Sequence[Facts]) -> SegmentTokens:
        segment = self.profile.encoding.segments[index]
        table = self._contents.tokens
        read = filter_tokens if segment.form == "filter" else slot_tokens
        tokens = [read(fact, segment.field) for fact in facts]
        n_blocks = -(-(segment.hashes or 1) // 8)
        blocks = tuple(
            Ragged.of([[table.place(tag, text, block=block) for tag, text in one] for one in tokens])
            for block in range(n_blocks)
        )
        shown = [
            table.place(*presence(fact, segment.field)) if one else -1 for fact, one in zip(facts, tokens, strict=True)
        ]
        return SegmentTokens(blocks=blocks, presence=np.array(shown, np.int64))


class _QualityCounter:
    """Count what the records hold while they pass."""

    def __init__(self) -> None:
        self._missing = dict.fromkeys(IDENTITY_FIELDS, 0)

    def watch(self, records: Iterable[Record | tuple[int, Record]]) -> Iterator[Record | tuple[int, Record]]:
        for item in records:
            record = item if isinstance(item, Record) else item[1]
            for name in IDENTITY_FIELDS:
                value = getattr(record, name)
                self._missing[name] += value is None or not value.strip()
            yield item

    def figures(self, faults: Sequence[Fault]) -> dict[str, Quality]:
        def count(name: str, effect: str) -> int:
            return sum(fault.field == name and fault.effect == effect for fault in faults)

        return {
            name: Quality(missing=missing, unreadable=count(name, "left out"), marked=count(name, "marked"))
            for name, missing in self._missing.items()
        }


def _tidy(column: str, value: str | None) -> str | None:
    """Bring a reserved value to its canonical spelling, so that `Accompanying child` is a role."""
    text = (value or "").strip()
    if column in {"role", "status"}:
        text = "_".join(text.lower().split())
    return text or None


def _hashes(key: bytes, messages: Iterable[tuple[str, ...]]) -> NDArray[np.uint8]:
    digests = [
        hashlib.blake2b(length_prefixed(*message), key=key, digest_size=BLOCK_BYTES).digest() for message in messages
    ]
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, BLOCK_BYTES)


def _table(batch: Batch) -> pa.Table:
    n, c = batch.kind.shape
    return pa.table(
        {
            "record_id": pa.array(np.repeat(np.array(batch.record_ids, object), c), pa.string()),
            "kind": pa.array(batch.kind.ravel()),
            "match_key": fixed_column(batch.match_key.reshape(n * c, -1)),
            "content": fixed_column(batch.content.reshape(n * c, -1)),
        }
    )
