"""Encrypt and decrypt a part chunk by chunk, so that its length does not matter to memory.

The STREAM construction [Hoang2015]: the nonce of a chunk is its number and whether it is the last, so no chunk can be
dropped, repeated, exchanged or put at the end without its tag failing.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag

from pseudonym.errors import SubmissionError
from pseudonym.wire.sealed_header import CHUNK_BYTES, TAG_BYTES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["EncryptingFile", "decrypted"]

COUNTER_BYTES: Final = 11


class EncryptingFile(io.RawIOBase):
    """A file to be written to, from the front to the end; what reaches the file beneath is encrypted.

    Use it as a context manager. It is complete only after `finish`.
    """

    def __init__(self, file: IO[bytes], key: bytes, wrapped_key: bytes, aad: bytes) -> None:
        """Write the wrapped key.

        Args:
            file: The file beneath.
            key: 32 bytes, used for this part alone.
            wrapped_key: The key as its recipient finds it.
            aad: What every chunk is bound to.
        """
        super().__init__()
        self._file = file
        self._cipher = _cipher(key)
        self._aad = aad
        self._held = bytearray()
        self._n_chunks = 0
        self._n_plain = 0
        self._digest = hashlib.sha256()
        self.n_bytes = 0
        self._put(wrapped_key)

    def writable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return how many bytes were given to `write`."""
        return self._n_plain

    def write(self, data: ReadableBuffer, /) -> int:
        """Take bytes, and encrypt those that fill a chunk and are not the last.

        Args:
            data: Bytes, or what has a buffer.

        Returns:
            Their number.

        Raises:
            OSError: The file beneath cannot be written.
        """
        view = memoryview(data).cast("B")
        self._held += view
        self._n_plain += len(view)
        # A full chunk waits for the next byte, since it may be the last.
        n_full = (len(self._held) - 1) // CHUNK_BYTES
        for start in range(0, n_full * CHUNK_BYTES, CHUNK_BYTES):
            self._put(self._encrypt(bytes(self._held[start : start + CHUNK_BYTES]), last=False))
        if n_full > 0:
            del self._held[: n_full * CHUNK_BYTES]
        return len(view)

    def finish(self) -> str:
        """Write the last chunk.

        Returns:
            The SHA-256 of all that was written to the file beneath, 64 hexadecimal digits.

        Raises:
            OSError: The file beneath cannot be written.
        """
        self._put(self._encrypt(bytes(self._held), last=True))
        self._held.clear()
        return self._digest.hexdigest()

    def _encrypt(self, chunk: bytes, *, last: bool) -> bytes:
        nonce = _nonce(self._n_chunks, last=last)
        self._n_chunks += 1
        return self._cipher.encrypt(nonce, chunk, self._aad)

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self.n_bytes += len(data)


def decrypted(file: IO[bytes], n_bytes: int, key: bytes, aad: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Decrypt the chunks of a part.

    Args:
        file: The file, at the first chunk.
        n_bytes: Length of all chunks.
        key: 32 bytes.
        aad: What every chunk is bound to.

    Yields:
        Each chunk, encrypted and in clear. They are the part only once the last one has come.

    Raises:
        SubmissionError: `sealed.content` if a chunk is not what was encrypted under this key at this place.
        OSError: The file cannot be read.
    """
    cipher = _cipher(key)
    number = 0
    while n_bytes:
        chunk = file.read(min(n_bytes, CHUNK_BYTES + TAG_BYTES))
        n_bytes -= len(chunk)
        try:
            if not chunk:
                raise InvalidTag
            plain = cipher.decrypt(_nonce(number, last=not n_bytes), chunk, aad)
        except InvalidTag:
            raise SubmissionError(
                "sealed.content",
                "The part for this unit cannot be decrypted: it was altered, or not sealed as the specification says.",
                hint="Ask the reporter to seal and send it again.",
            ) from None
        yield chunk, plain
        number += 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(COUNTER_BYTES, "big") + bytes([last])


def _cipher(key: bytes) -> AESGCM:
    # What links never decrypts, and need not load ciphers.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
