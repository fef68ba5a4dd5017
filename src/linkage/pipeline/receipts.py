"""Receipts of a registry: read or made, and signed if the key of the statistics unit is at hand."""

from __future__ import annotations

from pathlib import Path

from linkage.answers import ReporterReceipt
from linkage.errors import RefusedError, RegistryKeyError
from linkage.pipeline.parts import Parts
from linkage.pipeline.sealing import key_to_sign
from linkage.statistics_unit.receipts import read_receipt, refusal_receipt, signed
from linkage.store import Session

__all__ = ["WithReceipts"]


class WithReceipts(Parts):
    """What a registry tells its reporters about their files."""

    def receipt(
        self, reporter: str, *, sequence: int | None = None, key_file: str | Path | None = None
    ) -> ReporterReceipt:
        """Return the receipt that goes back to a reporter for a file that was received.

        Args:
            reporter: Code of the reporter.
            sequence: Sequence number of the file; None for the one received last.
            key_file: The file of the key of the statistics unit, with which the receipt must then be signed. By default
                it is signed if the key is where it is expected and needs no pass phrase; else `why_unsigned` says why.

        Raises:
            RecordError: `receipt.unknown` if no such file was received.
            RegistryKeyError: The given file cannot be used, or `statistics_key.other`.
        """
        with self._store.session(write=False) as session:
            made = read_receipt(session, reporter, sequence)
            if key_file is not None:
                return signed(made, key_to_sign(session, Path(key_file), wanted=True))
            return self._signed(session, made)

    def refusal_receipt(self, path: str | Path, error: RefusedError) -> ReporterReceipt | None:
        """Return the receipt for a file that `receive` refused with an error; None if its header cannot be read."""
        with self._store.session(write=False) as session:
            made = refusal_receipt(session, Path(path), error)
            return None if made is None else self._signed(session, made)

    def why_unsigned(self) -> RegistryKeyError | None:
        """Return why receipts have no signature; None if the key of the statistics unit is at hand."""
        with self._store.session(write=False) as session:
            try:
                key_to_sign(session, self.statistics_key, wanted=False)
            except RegistryKeyError as error:
                return error
        return None

    def _signed(self, session: Session, receipt: ReporterReceipt) -> ReporterReceipt:
        """Sign a receipt if the key of the statistics unit is at hand."""
        try:
            return signed(receipt, key_to_sign(session, self.statistics_key, wanted=False))
        except RegistryKeyError:
            return receipt
