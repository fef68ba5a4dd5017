"""The folder where the codes of a run lie for a cluster, enciphered with the secret of the run."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import fs

from linkage.engines.base import Cipher, Owners
from linkage.engines.contents import contents, fixed
from linkage.engines.spark.secret import RunSecret
from linkage.errors import ClusterError

__all__ = ["Scratch"]

FILE_CODES: Final = 500_000
"""Maximum number of codes per file: tens of MB, of which a cluster reads several at once."""


class Scratch:
    """A new folder for the codes of one run.

    Args:
        place: A folder or a URL, see `Cluster.scratch`.
        secret: That of the run.
    """

    def __init__(self, place: str, secret: RunSecret) -> None:
        url = place if "://" in place else Path(place).resolve().as_uri()
        self.url = f"{url.rstrip('/')}/linkage-{secrets.token_hex(8)}"
        self.n_codes = 0
        self._secret = secret
        self._width: int | None = None
        self._system, self._folder = _opened(self.url)

    def write(
        self,
        codes: Iterable[pa.RecordBatch],
        owners: Owners | None,
        *,
        cipher: Cipher | None,
        progress: Callable[[int], None],
    ) -> None:
        """Write codes.

        Args:
            codes: As `Engine` has them.
            owners: The reporter of each record, or None.
            cipher: Takes stored codes to plain ones; None if they are stored as they are.
            progress: Called with the number of codes written.

        Raises:
            ValueError: Contents differ in length.
            ClusterError: `cluster.scratch` if the folder cannot be written.
        """
        number = 0
        for batch in codes:
            for start in range(0, batch.num_rows, FILE_CODES):
                progress(self.n_codes)
                self._write(pa.Table.from_batches([batch.slice(start, FILE_CODES)]), owners, cipher, number)
                number += 1
        progress(self.n_codes)

    def _write(self, codes: pa.Table, owners: Owners | None, cipher: Cipher | None, number: int) -> None:
        high, low = (codes[name].to_numpy() for name in ("key_hi", "key_lo"))
        plain = contents(codes, cipher)
        if plain.shape[1] != (self._width or plain.shape[1]):
            raise ValueError("contents differ in length")
        self._width = plain.shape[1]
        if cipher is not None:
            high, low = cipher.match_keys(high, low, codes["batch"].to_numpy(), codes["number"].to_numpy())
        high, low = self._secret.match_keys(high, low)
        batch, place = np.full(len(codes), number), np.arange(len(codes), dtype=np.int32)
        rid = codes["rid"].to_numpy()
        columns = {
            "rid": rid,
            "reporter": _reporters(rid, owners),
            "kind": codes["kind"].to_numpy().astype(np.int16),
            "key_hi": high,
            "key_lo": low,
            "content": fixed(self._secret.contents(plain, batch, place)).cast(pa.binary()),
            "batch": batch,
            "number": place,
        }
        try:
            self._system.create_dir(self._folder, recursive=True)
            with self._system.open_output_stream(f"{self._folder}/codes-{number:06}.parquet") as file:
                # Nothing of this can be compressed.
                pq.write_table(pa.table(columns), file, compression="none", use_dictionary=False)
        except OSError:
            raise _not_usable() from None
        self.n_codes += len(codes)

    def remove(self) -> None:
        """Remove the folder; no error if it is gone."""
        if self._system.get_file_info(self._folder).type != fs.FileType.NotFound:
            self._system.delete_dir(self._folder)


def _opened(url: str) -> tuple[fs.FileSystem, str]:
    """Return the file system of a URL, and the path in it."""
    try:
        # Spark's name for the same protocol.
        system, folder = fs.FileSystem.from_uri(url.replace("s3a://", "s3://", 1))
    except (OSError, ValueError, pa.ArrowException):
        raise _not_usable() from None
    return system, folder


def _not_usable() -> ClusterError:
    return ClusterError(
        "cluster.scratch",
        "The folder for the codes of the run cannot be written.",
        hint="It must be a folder or a URL that this computer and all workers can read and write.",
    )


def _reporters(rid: NDArray[np.int64], owners: Owners | None) -> NDArray[np.int32]:
    if owners is None:
        return np.zeros(len(rid), np.int32)
    return owners.reporter[np.searchsorted(owners.rid, rid)].astype(np.int32)
