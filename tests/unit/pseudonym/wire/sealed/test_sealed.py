"""A sealed file opens for its units alone, each its own part, and only as its reporter signed it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pseudonym.errors import OutputError, SubmissionError
from pseudonym.wire import (
    SealedHeader,
    open_cases,
    open_codes,
    read_any_header,
    read_header,
    read_sealed_header,
    read_submission,
    read_totals,
    read_withdrawal,
)
from pseudonym.wire.sealed import open_part, verify_sealed
from pseudonym.wire.sealed_header import CHUNK_BYTES, MAGIC, TAG_BYTES, WRAPPED_KEY_BYTES, preamble
from tests.unit.codebooks import book_of
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, send, take_back
from tests.unit.pseudonym.sealing import (
    BODY,
    LINKAGE,
    OTHER_BODY,
    OTHER_LINKAGE,
    STATISTICS,
    UNITS,
    sealed_of,
)
from tests.unit.pseudonym.totals import count

BOOK = book_of("1", {"kind": (False, "A B")})
RECORDS = [Rec("a-1", 1, {"role": "victim"}, {"kind": "A"}), Rec("a-2", 2)]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    source = send(tmp_path / "open.parquet", "police", 7, RECORDS, codebook=BOOK)
    sealed_of(source, tmp_path / "sealed", codebook=BOOK)
    return tmp_path / "sealed"


def refusal(read: Callable[..., Any], *args: Any, **options: Any) -> str:
    with pytest.raises(SubmissionError) as caught:
        read(*args, **options)
    return caught.value.rule


def opened(path: Path, opener: Any = LINKAGE, signer: Any = BODY) -> bytes:
    with open_part(path, signer=signer.public, opener=opener, folder=path.parent) as part:
        return part.path.read_bytes()


def resealed(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]], signer: Any = BODY) -> Path:
    """Change the header of a sealed file and sign it again; the parts stay."""
    old = read_sealed_header(path)
    start = len(preamble(old, bytes(64)))
    new = SealedHeader.model_validate_json(SealedHeader.model_construct(**change(dict(old))).model_dump_json())
    path.write_bytes(preamble(new, signer.sign(new.signed)) + path.read_bytes()[start:])
    return path


def test_each_unit_reads_its_own_part(sealed: Path) -> None:
    whole = read_submission(sealed.with_name("open.parquet"), profile=PROFILE, codebook=BOOK)
    with open_part(sealed, signer=BODY.public, opener=LINKAGE, folder=sealed.parent) as part:
        with open_codes(part.path, profile=PROFILE) as (header, turns):
            assert [turn.codes.to_pylist() for turn in turns] == [whole.codes.to_pylist()]
        assert part.header == read_sealed_header(sealed)
        assert header.records == 2
    with (
        open_part(sealed, signer=BODY.public, opener=STATISTICS, folder=sealed.parent) as part,
        open_cases(part.path, codebook=BOOK) as (_, turns),
    ):
        assert [turn.cases.to_pylist() for turn in turns] == [whole.cases.to_pylist()]


def test_the_part_of_a_unit_is_there_for_its_owner_while_it_is_read_and_not_after(sealed: Path) -> None:
    before = sorted(sealed.parent.iterdir())
    with open_part(sealed, signer=BODY.public, opener=LINKAGE, folder=sealed.parent) as part:
        assert stat.S_IMODE(part.path.stat().st_mode) == 0o600
    assert sorted(sealed.parent.iterdir()) == before
    with pytest.raises(KeyError), open_part(sealed, signer=BODY.public, opener=LINKAGE, folder=sealed.parent):
        raise KeyError
    assert sorted(sealed.parent.iterdir()) == before


def test_what_a_killed_process_left_of_a_part_is_removed(sealed: Path) -> None:
    left = sealed.with_name(".linkage-part.0123abcd.part")
    left.write_bytes(b"left")
    opened(sealed)
    assert not left.exists()


def test_the_header_is_in_clear_and_says_no_more_than_both_units_may_know(sealed: Path) -> None:
    header, inside = read_sealed_header(sealed), read_header(sealed.with_name("open.parquet"))
    assert header == read_any_header(sealed) == verify_sealed(sealed, signer=BODY.public)
    assert (header.reporter, header.sequence, header.kind) == ("police", 7, "submission")
    assert [part.unit for part in header.parts] == ["linkage", "statistics"]
    told = sealed.read_bytes()
    for secret in (inside.digest, inside.content_digest, "2026-03", BOOK.digest, "a-1", "victim"):
        assert secret.encode() not in told


def test_nothing_of_the_rows_can_be_read_in_the_file(sealed: Path) -> None:
    told, whole = sealed.read_bytes(), read_submission(sealed.with_name("open.parquet"), profile=PROFILE, codebook=BOOK)
    values = {row[name] for row in whole.codes.to_pylist() for name in ("record", "match_key", "content")}
    assert [value for value in values if value in told] == []
    # They can where nothing is encrypted, so the search finds what there is.
    assert all(value in opened(sealed) for value in values if len(value) == 16)


def test_sealing_twice_gives_files_that_share_nothing_but_their_headers(sealed: Path) -> None:
    again = sealed.with_name("again")
    sealed_of(sealed.with_name("open.parquet"), again, codebook=BOOK)
    first, second = read_sealed_header(sealed), read_sealed_header(again)
    assert first.binding == second.binding
    assert {part.digest for part in first.parts}.isdisjoint(part.digest for part in second.parts)


def test_a_withdrawal_and_totals_are_for_the_statistics_unit_alone(tmp_path: Path) -> None:
    withdrawal, totals = (
        take_back(tmp_path / "w", "police", 8, records=["a-1"]),
        count(tmp_path / "t", "police", 9, {(): 4}),
    )
    header = sealed_of(withdrawal, tmp_path / "sealed-w", recipients=UNITS[1:])
    assert (header.kind, header.profile_digest, len(header.parts)) == ("withdrawal", None, 1)
    header = sealed_of(totals, tmp_path / "sealed-t")
    assert (header.kind, header.key_id, header.epoch, len(header.parts)) == ("totals", None, None, 1)
    for name in ("sealed-w", "sealed-t"):
        assert refusal(opened, tmp_path / name) == "sealed.other_unit"
    with open_part(tmp_path / "sealed-w", signer=BODY.public, opener=STATISTICS, folder=tmp_path) as part:
        assert read_withdrawal(part.path) == read_withdrawal(withdrawal)
    with open_part(tmp_path / "sealed-t", signer=BODY.public, opener=STATISTICS, folder=tmp_path) as part:
        assert read_totals(part.path, codebook=None) == read_totals(totals, codebook=None)


def test_nothing_to_report_is_sealed_too(tmp_path: Path) -> None:
    sealed_of(send(tmp_path / "open", "police", 7), tmp_path / "sealed")
    with (
        open_part(tmp_path / "sealed", signer=BODY.public, opener=LINKAGE, folder=tmp_path) as part,
        open_codes(part.path, profile=PROFILE) as (header, turns),
    ):
        assert (header.nothing_to_report, list(turns)) == (True, [])


@pytest.mark.whole
def test_a_part_of_many_chunks(tmp_path: Path) -> None:
    source = send(tmp_path / "open", "police", 7, crowd("police", range(4000)))
    header = sealed_of(source, tmp_path / "sealed")
    inside = opened(tmp_path / "sealed")
    n_chunks = -(-len(inside) // CHUNK_BYTES)
    assert n_chunks > 2
    assert header.parts[0].bytes == WRAPPED_KEY_BYTES + len(inside) + n_chunks * TAG_BYTES
    assert pq.read_metadata(source).num_rows - 4000 == header_rows(inside, tmp_path / "codes")


def header_rows(data: bytes, path: Path) -> int:
    path.write_bytes(data)
    return int(pq.read_metadata(path).num_rows)


# What is refused, and before anything is decrypted.


@pytest.mark.parametrize(
    ("opener", "signer", "rule"),
    [
        (OTHER_LINKAGE, BODY, "sealed.recipient"),
        (LINKAGE, OTHER_BODY, "sealed.signer"),
    ],
)
def test_other_keys_are_refused(sealed: Path, opener: Any, signer: Any, rule: str) -> None:
    assert refusal(opened, sealed, opener, signer) == rule


def test_another_reporter_cannot_take_a_file_for_its_own(sealed: Path) -> None:
    fingerprint = OTHER_BODY.public.fingerprint
    resealed(sealed, lambda members: members | {"signer": fingerprint}, OTHER_BODY)
    assert verify_sealed(sealed, signer=OTHER_BODY.public).reporter == "police"
    # The key of each part is bound to who signed.
    assert refusal(opened, sealed, signer=OTHER_BODY) == "sealed.key"


@pytest.mark.parametrize(
    "change",
    [
        {"reporter": "school"},
        {"sequence": 8},
        {"previous": "0" * 64},
        {"key_id": "0" * 32},
        {"epoch": 2},
        {"profile_digest": "0" * 64},
    ],
)
def test_every_member_of_the_header_is_bound_to_the_parts(sealed: Path, change: dict[str, Any]) -> None:
    # Whoever alters the header cannot sign it. Even the reporter itself cannot give a part another header.
    resealed(sealed, lambda members: members | change, OTHER_BODY)
    assert refusal(verify_sealed, sealed, signer=BODY.public) == "sealed.signature"
    resealed(sealed, lambda members: members)
    assert refusal(opened, sealed) == "sealed.key"


def test_a_header_inside_that_says_something_else_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    from pseudonym.wire.sealed import sealing

    right = sealing._draft

    def wrong(*args: Any) -> SealedHeader:
        return right(*args).model_copy(update={"sequence": 8})

    monkeypatch.setattr(sealing, "_draft", wrong)
    sealed_of(send(tmp_path / "open", "police", 7, RECORDS), tmp_path / "sealed")
    assert verify_sealed(tmp_path / "sealed", signer=BODY.public).sequence == 8
    assert refusal(opened, tmp_path / "sealed") == refusal(opened, tmp_path / "sealed", STATISTICS) == "sealed.differs"


def test_parts_that_changed_places_are_refused(sealed: Path) -> None:
    header, data = read_sealed_header(sealed), sealed.read_bytes()
    start = len(preamble(header, bytes(64)))
    first = start + header.parts[0].bytes
    sealed.write_bytes(data[:start] + data[first:] + data[start:first])
    assert refusal(opened, sealed) == "sealed.digest"


def test_a_part_that_is_replaced_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    # Anybody can encrypt to a unit. So the digest that the reporter signed is checked again of what is decrypted.
    from pseudonym.wire.sealed import opening

    source = send(tmp_path / "open", "police", 7, crowd("police", range(300)))
    header = sealed_of(source, tmp_path / "sealed")
    sealed_of(source, tmp_path / "other")
    start, other = len(preamble(header, bytes(64))), (tmp_path / "other").read_bytes()
    right = opening._part_of

    def replacing(sealed: Any, *args: Any) -> Any:
        found = right(sealed, *args)
        with (tmp_path / "sealed").open("r+b") as file:
            file.seek(start)
            file.write(other[start:])
        # What was read before is forgotten.
        sealed.file.seek(0, os.SEEK_END)
        sealed.file.seek(start)
        return found

    monkeypatch.setattr(opening, "_part_of", replacing)
    assert refusal(opened, tmp_path / "sealed") == "sealed.digest"


def test_a_unit_refuses_a_file_whose_part_for_the_other_is_damaged(sealed: Path) -> None:
    data = sealed.read_bytes()
    sealed.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert refusal(opened, sealed) == refusal(opened, sealed, STATISTICS) == "sealed.digest"


def test_open_and_sealed_files_are_told_apart(sealed: Path) -> None:
    plain = sealed.with_name("open.parquet")
    assert refusal(read_header, sealed) == "submission.sealed"
    assert refusal(read_sealed_header, plain) == "sealed.not_one"
    assert refusal(sealed_of, sealed, sealed.with_name("twice")) == "sealed.already"
    (sealed.parent / "empty").touch()
    assert refusal(read_sealed_header, sealed.parent / "empty") == "sealed.not_one"
    assert refusal(read_sealed_header, sealed.parent) == "submission.unreadable"
    assert refusal(read_sealed_header, sealed.parent / "none") == "submission.unreadable"


def test_a_header_that_claims_to_be_longer_than_the_file_is_not_read(tmp_path: Path) -> None:
    for length, rule in ((4097, "sealed.header"), (20_000, "sealed.length"), (2**32 - 1, "sealed.length")):
        (tmp_path / "file").write_bytes(MAGIC + length.to_bytes(4, "little") + b" " * 10_000)
        assert refusal(read_sealed_header, tmp_path / "file") == rule


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
def test_a_pipe_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(read_sealed_header, tmp_path / "pipe") == "submission.unreadable"


@pytest.mark.parametrize(
    "recipients", [(), UNITS[:1], UNITS[1:], (*UNITS, OTHER_LINKAGE.public)], ids=["none", "one", "other", "three"]
)
def test_each_unit_has_one_key(sealed: Path, recipients: Any) -> None:
    plain, out = sealed.with_name("open.parquet"), sealed.with_name("out")
    assert refusal(sealed_of, plain, out, recipients=recipients, codebook=BOOK) == "sealed.recipients"
    assert not out.exists()


def test_a_damaged_submission_is_not_sealed(sealed: Path) -> None:
    plain, out = sealed.with_name("open.parquet"), sealed.with_name("out")
    assert refusal(sealed_of, plain, out) == "submission.codebook"
    assert refusal(sealed_of, plain, out, profile=None) == "submission.profile"
    plain.write_bytes(plain.read_bytes()[:-1])
    assert refusal(sealed_of, plain, out, codebook=BOOK) == "submission.not_parquet"
    assert sorted(path.name for path in sealed.parent.iterdir()) == ["open.parquet", "sealed"]


def test_a_sealed_file_replaces_only_another(sealed: Path) -> None:
    plain = sealed.with_name("open.parquet")
    sealed_of(plain, sealed, codebook=BOOK)
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600
    with pytest.raises(OutputError) as caught:
        sealed_of(plain, plain, codebook=BOOK)
    assert caught.value.rule == "output.exists"


def test_errors_inside_name_the_sealed_file(sealed: Path) -> None:
    with (
        pytest.raises(SubmissionError) as caught,
        open_part(sealed, signer=BODY.public, opener=LINKAGE, folder=sealed.parent) as part,
    ):
        read_submission(part.path, profile=PROFILE, codebook=BOOK)
    assert (caught.value.rule, caught.value.path) == ("submission.part", sealed)


def test_a_disk_that_fails_is_not_called_a_damaged_file(sealed: Path, monkeypatch: Any) -> None:
    from pseudonym.wire.sealed import opening

    def failing(*_: Any) -> str:
        raise OSError(5, "Input/output error")

    for step in ("_digest", "decrypted"):
        with monkeypatch.context() as patched:
            patched.setattr(opening, step, failing)
            assert refusal(opened, sealed) == "submission.unreadable"


def test_a_folder_that_cannot_be_written_to(sealed: Path) -> None:
    with (
        pytest.raises(OutputError) as caught,
        open_part(sealed, signer=BODY.public, opener=LINKAGE, folder=sealed.parent / "none"),
    ):
        pass
    assert caught.value.rule == "output.unwritable"
