"""Filters as bitarrays and as arrays of bits; the package bitarray is imported on first use only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pseudonym.classic.rules import classic_error

if TYPE_CHECKING:
    from bitarray import bitarray

__all__ = ["Filters", "bit_matrix", "filter_of_bytes", "filter_with", "filters_of", "fold_xor", "same_length"]

Filters: TypeAlias = "Sequence[bitarray] | NDArray[Any]"
"""Filters of equal length: bitarrays, or `(n, m)` zeros and ones, a row per record."""


def filter_with(positions: Iterable[int], n_bits: int) -> bitarray:
    """Return a filter in which some bits are set.

    Args:
        positions: The bits to set, from 0.
        n_bits: The length of the filter.

    Returns:
        A big-endian bitarray: bit 0 is the most significant bit of the first byte, as in clkhash.

    Raises:
        ClassicError: `classic.extra` if the package bitarray is not installed.

    Sees: neither
    """
    bits = np.zeros(n_bits, np.uint8)
    bits[list(positions)] = 1
    return filters_of(bits[None])[0]


def filters_of(bits: NDArray[Any]) -> list[bitarray]:
    """Return the rows of an array of bits as bitarrays.

    Args:
        bits: `(n, m)` zeros and ones.

    Returns:
        `n` big-endian bitarrays of `m` bits.

    Raises:
        ClassicError: `classic.extra`; `classic.bits` if it is no such array.

    Sees: neither
    """
    checked = bit_matrix(bits)
    return [filter_of_bytes(row.tobytes(), checked.shape[1]) for row in np.packbits(checked, axis=1)]


def filter_of_bytes(data: bytes, n_bits: int | None = None) -> bitarray:
    """Return the bits of bytes, most significant bit first.

    Args:
        data: The bytes.
        n_bits: The number of bits to keep; None for all.

    Raises:
        ClassicError: `classic.extra`.

    Sees: neither
    """
    try:
        from bitarray import bitarray
    except ImportError:
        raise classic_error("classic.extra") from None
    bits = bitarray(endian="big")
    bits.frombytes(data)
    return bits if n_bits is None else bits[:n_bits]


def bit_matrix(filters: Filters) -> NDArray[np.uint8]:
    """Return filters as an array.

    Args:
        filters: Bitarrays of equal length, or an array that is checked.

    Returns:
        `(n, m) uint8` of zeros and ones: a row per filter, a column per bit. Of no filters, `(0, 0)`.

    Raises:
        ClassicError: `classic.bits` if it is neither; `classic.lengths` if the lengths differ.

    Sees: neither
    """
    if isinstance(filters, np.ndarray):
        if filters.ndim != 2 or filters.dtype.kind not in "biu" or (filters.size and not _is_binary(filters)):
            raise classic_error("classic.bits")
        return np.ascontiguousarray(filters, np.uint8)
    rows = [_unpacked(one) for one in filters]
    if len({len(row) for row in rows}) > 1:
        raise classic_error("classic.lengths")
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), len(rows[0]) if rows else 0)


def _is_binary(bits: NDArray[Any]) -> bool:
    return bool(bits.min() >= 0 and bits.max() <= 1)


def _unpacked(bits: Any) -> bytes:
    """Return one byte per bit; whoever has a bitarray has the package, so it is told by its method."""
    unpack = getattr(bits, "unpack", None)
    if unpack is None:
        raise classic_error("classic.bits")
    return bytes(unpack())


def same_length(a: bitarray, b: bitarray) -> None:
    """Check that two filters can be compared.

    Raises:
        ClassicError: `classic.lengths`.

    Sees: neither
    """
    if len(a) != len(b):
        raise classic_error("classic.lengths")


def fold_xor(bits: bitarray, folds: int = 1) -> bitarray:
    """Halve a filter some times: each time the new bit is the exclusive or of two that lie half a length apart.

    A hardening [Schnell2016b]; clkhash calls it `xor_folds`.

    Args:
        bits: The filter, which stays as it is.
        folds: How many times.

    Raises:
        ClassicError: `classic.folds` if a length cannot be halved.

    Sees: neither
    """
    if folds < 0 or len(bits) % (1 << folds) or (folds and not len(bits)):
        raise classic_error("classic.folds")
    for _ in range(folds):
        half = len(bits) // 2
        bits = bits[:half] ^ bits[half:]
    return bits
