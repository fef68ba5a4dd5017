"""A part of any length goes through chunk by chunk, whatever the sizes in which it is written."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from pathlib import Path

import pytest

from pseudonym.errors import SubmissionError
from pseudonym.wire.sealed.stream import EncryptingFile, decrypted
from pseudonym.wire.sealed_header import CHUNK_BYTES, TAG_BYTES

KEY, AAD, WRAPPED = bytes(range(32)), b"place", b"w" * 40
LENGTHS = (1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 1)


def noise(n_bytes: int) -> bytes:
    return hashlib.shake_128(b"noise").digest(n_bytes)


def encrypted(data: bytes, step: int) -> tuple[bytes, EncryptingFile]:
    beneath = io.BytesIO()
    file = EncryptingFile(beneath, KEY, WRAPPED, AAD)
    for start in range(0, len(data), step):
        file.write(data[start : start + step])
    assert file.tell() == len(data)
    assert file.finish() == hashlib.sha256(beneath.getvalue()).hexdigest()
    return beneath.getvalue(), file


def in_clear(data: bytes, *, key: bytes = KEY, aad: bytes = AAD, n_bytes: int | None = None) -> bytes:
    length = len(data) if n_bytes is None else n_bytes
    return b"".join(plain for _, plain in decrypted(io.BytesIO(data), length, key, aad))


@pytest.mark.parametrize("n_bytes", LENGTHS)
def test_what_is_written_in_any_steps_comes_out_as_it_was(n_bytes: int) -> None:
    data = noise(n_bytes)
    made = {encrypted(data, step)[0] for step in (997, CHUNK_BYTES, 3 * CHUNK_BYTES)}
    assert len(made) == 1
    (whole,) = made
    assert whole.startswith(WRAPPED)
    assert len(whole) == len(WRAPPED) + n_bytes + TAG_BYTES * -(-n_bytes // CHUNK_BYTES)
    assert in_clear(whole[len(WRAPPED) :]) == data


def test_the_length_that_the_header_says_is_the_one_that_was_written() -> None:
    whole, file = encrypted(noise(CHUNK_BYTES + 1), 1000)
    assert file.n_bytes == len(whole)
    assert file.writable()


@pytest.mark.parametrize("change", [{"key": bytes(32)}, {"aad": b"other"}])
def test_another_key_or_place_opens_nothing(change: dict[str, bytes]) -> None:
    whole, _ = encrypted(noise(100), 100)
    with pytest.raises(SubmissionError) as caught:
        in_clear(whole[len(WRAPPED) :], **change)
    assert caught.value.rule == "sealed.content"


def test_a_file_that_ends_early_while_it_is_read_is_refused() -> None:
    chunks = encrypted(noise(2 * CHUNK_BYTES), CHUNK_BYTES)[0][len(WRAPPED) :]
    for end in (CHUNK_BYTES + TAG_BYTES, len(chunks) - 1):
        with pytest.raises(SubmissionError) as caught:
            in_clear(chunks[:end], n_bytes=len(chunks))
        assert caught.value.rule == "sealed.content"


@pytest.mark.whole
def test_memory_does_not_grow_with_the_part(tmp_path: Path) -> None:
    block, n_blocks = noise(1 << 20), 64
    tracemalloc.start()
    try:
        with (tmp_path / "part").open("wb") as beneath:
            file = EncryptingFile(beneath, KEY, WRAPPED, AAD)
            for _ in range(n_blocks):
                file.write(block)
            file.finish()
        with (tmp_path / "part").open("rb") as source:
            source.seek(len(WRAPPED))
            n_bytes = sum(len(plain) for _, plain in decrypted(source, file.n_bytes - len(WRAPPED), KEY, AAD))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert n_bytes == n_blocks << 20
    assert peak < 4 << 20
